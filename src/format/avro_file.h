#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "avro_schema.h"
#include "tarn/format/byte_source.h"
#include "tarn/io/object_store.h"

namespace tarn::format {

/// Bytes of Avro's encoding. What goes beyond the end gives zeros and makes it bad.
class AvroCursor {
 public:
  AvroCursor() = default;
  explicit AvroCursor(std::string_view bytes) : rest_(bytes) {}
  bool bad() const { return bad_; }
  bool at_end() const { return rest_.empty(); }
  int64_t Long();
  std::string_view Bytes(size_t count);
  /// A length and so many bytes.
  std::string_view Text();

 private:
  std::string_view rest_;
  bool bad_ = false;
};

/// An Avro object container file, block by block. For one thread. Errors:
/// FAILED_READ_FILE.NO_HINT for damage, UNSUPPORTED_FEATURE for a codec.
class AvroFile {
 public:
  static Result<std::unique_ptr<AvroFile>> Open(std::shared_ptr<io::ReadableFile> file);
  const AvroType& schema() const { return schema_; }

  struct Block {
    int64_t records = 0;
    std::string bytes;
  };
  /// Nothing at the end of the file.
  Result<std::optional<Block>> Next();

 private:
  explicit AvroFile(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  Status ReadHeader();
  /// Makes `count` bytes stand at the head of buffer_; false if the file ends exactly here and
  /// `may_end`.
  Result<bool> Have(size_t count, bool may_end = false);
  Result<std::string_view> Take(size_t count);
  Result<int64_t> TakeLong();
  Result<std::string> Decompressed(std::string_view block) const;

  const std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  size_t at_ = 0;
  AvroType schema_;
  std::string codec_;
  std::string sync_;
};

}  // namespace tarn::format
