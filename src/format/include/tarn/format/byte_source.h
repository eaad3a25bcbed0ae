#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tarn/base/result.h"
#include "tarn/io/object_store.h"

namespace tarn::format {

/// Bytes in their order. For one thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills a part of `buffer`, at least one byte unless the end is reached; answers how many bytes.
  virtual Result<size_t> Read(std::span<char> buffer) = 0;
};

/// The bytes of an open file from `begin` on.
std::unique_ptr<ByteSource> BytesOf(std::shared_ptr<io::ReadableFile> file, int64_t begin = 0);

enum class Compression : uint8_t { kNone, kGzip, kBzip2, kZstd, kDeflate };

/// What the option `compression` says, else what the name's extension (.gz, .bz2, .zst, .deflate,
/// .zz) tells. INVALID_PARAMETER_VALUE for an unknown codec, UNSUPPORTED_FEATURE for snappy and
/// lz4.
Result<Compression> CompressionOf(std::string_view option, std::string_view path);

/// Decompresses on the way, all members of a file that has several. FAILED_READ_FILE.NO_HINT where
/// the stream is damaged or ends within a member.
std::unique_ptr<ByteSource> Decompress(std::unique_ptr<ByteSource> source, Compression compression);

/// Turns text of another encoding into UTF-8, what has no meaning into U+FFFD. UTF-8 (and US-ASCII)
/// passes as it is. INVALID_PARAMETER_VALUE.CHARSET for an encoding that ICU doesn't know.
Result<std::unique_ptr<ByteSource>> ToUtf8(std::unique_ptr<ByteSource> source,
                                           std::string_view encoding);

/// True if ToUtf8 leaves bytes of that encoding as they are.
bool IsUtf8(std::string_view encoding);

}  // namespace tarn::format
