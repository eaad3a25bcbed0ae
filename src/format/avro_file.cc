#include "avro_file.h"

#include <zlib.h>

#include <algorithm>

#include "read_error.h"
#include "snappy.h"
#include "tarn/format/record_reader.h"

namespace tarn::format {

namespace {

constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kSyncBytes = 16;
constexpr size_t kMetadataBytesMax = 16 << 20;

Error Truncated() { return ReadFailure("it ends too early"); }

class MemoryBytes final : public ByteSource {
 public:
  explicit MemoryBytes(std::string_view bytes) : rest_(bytes) {}
  Result<size_t> Read(std::span<char> buffer) override {
    const size_t count = std::min(buffer.size(), rest_.size());
    std::copy_n(rest_.data(), count, buffer.data());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

Result<std::string> InflateRaw(std::string_view block) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) return InternalError("zlib can't start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
  stream.avail_in = static_cast<uInt>(block.size());
  std::string out;
  int code = Z_OK;
  while (code == Z_OK && out.size() <= kRecordBytesMax) {
    const size_t before = out.size();
    out.resize(before + std::max<size_t>(4 * block.size(), 64 << 10));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(out.size() - before);
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (code == Z_OK && stream.avail_in == 0 && stream.avail_out > 0) break;
  }
  inflateEnd(&stream);
  if (code != Z_STREAM_END) return ReadFailure("its compression (deflate) is damaged");
  return out;
}

Result<std::string> ReadWhole(std::unique_ptr<ByteSource> source) {
  std::string out;
  while (out.size() <= kRecordBytesMax) {
    const size_t before = out.size();
    out.resize(before + kReadBytes);
    TARN_ASSIGN(const size_t count, source->Read(std::span(out).subspan(before)));
    out.resize(before + count);
    if (count == 0) return out;
  }
  return ReadFailure("a block is larger than a record may be");
}

}  // namespace

int64_t AvroCursor::Long() {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0)
      return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  bad_ = true;
  return 0;
}

std::string_view AvroCursor::Bytes(size_t count) {
  if (count > rest_.size()) {
    bad_ = true;
    rest_ = {};
    return {};
  }
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

std::string_view AvroCursor::Text() {
  const int64_t length = Long();
  if (length < 0) bad_ = true;
  return bad_ ? std::string_view() : Bytes(static_cast<size_t>(length));
}

Result<std::unique_ptr<AvroFile>> AvroFile::Open(std::shared_ptr<io::ReadableFile> file) {
  std::unique_ptr<AvroFile> avro(new AvroFile(BytesOf(std::move(file))));
  TARN_TRY(avro->ReadHeader());
  return avro;
}

Result<bool> AvroFile::Have(size_t count, bool may_end) {
  if (buffer_.size() - at_ >= count) return true;
  buffer_.erase(0, at_);
  at_ = 0;
  while (buffer_.size() < count) {
    const size_t before = buffer_.size();
    buffer_.resize(before + std::max(kReadBytes, count - before));
    TARN_ASSIGN(const size_t read, source_->Read(std::span(buffer_).subspan(before)));
    buffer_.resize(before + read);
    if (read > 0) continue;
    if (may_end && before == 0) return false;
    return Truncated();
  }
  return true;
}

Result<std::string_view> AvroFile::Take(size_t count) {
  TARN_TRY(Have(count));
  const std::string_view bytes = std::string_view(buffer_).substr(at_, count);
  at_ += count;
  return bytes;
}

Result<int64_t> AvroFile::TakeLong() {
  std::string bytes;
  do {
    TARN_ASSIGN(const std::string_view next, Take(1));
    bytes += next;
  } while ((static_cast<unsigned char>(bytes.back()) & 0x80) != 0 && bytes.size() < 10);
  AvroCursor cursor(bytes);
  return cursor.Long();
}

Status AvroFile::ReadHeader() {
  TARN_ASSIGN(const std::string_view magic, Take(4));
  if (magic != std::string_view("Obj\x01", 4)) return ReadFailure("it isn't an Avro file");
  std::string json;
  while (true) {
    TARN_ASSIGN(int64_t entries, TakeLong());
    if (entries == 0) break;
    if (entries < 0) {
      entries = -entries;
      TARN_TRY(TakeLong());
    }
    for (int64_t i = 0; i < entries; ++i) {
      std::string pair[2];
      for (std::string& part : pair) {
        TARN_ASSIGN(const int64_t length, TakeLong());
        if (length < 0 || length > static_cast<int64_t>(kMetadataBytesMax)) {
          return ReadFailure("its header is damaged");
        }
        TARN_ASSIGN(const std::string_view text, Take(static_cast<size_t>(length)));
        part = text;
      }
      if (pair[0] == "avro.schema") json = pair[1];
      if (pair[0] == "avro.codec") codec_ = pair[1];
    }
  }
  TARN_ASSIGN(const std::string_view sync, Take(kSyncBytes));
  sync_ = sync;
  TARN_ASSIGN(schema_, ParseAvroSchema(json));
  if (schema_.kind == AvroKind::kRecord) return {};
  return ReadFailure("its schema isn't a record");
}

Result<std::optional<AvroFile::Block>> AvroFile::Next() {
  TARN_ASSIGN(const bool more, Have(1, true));
  if (!more) return std::optional<Block>();
  Block block;
  TARN_ASSIGN(block.records, TakeLong());
  TARN_ASSIGN(const int64_t size, TakeLong());
  if (block.records < 0 || size < 0 || size > static_cast<int64_t>(kRecordBytesMax)) {
    return ReadFailure("a block's head is damaged");
  }
  TARN_ASSIGN(const std::string_view bytes, Take(static_cast<size_t>(size)));
  TARN_ASSIGN(block.bytes, Decompressed(bytes));
  TARN_ASSIGN(const std::string_view sync, Take(kSyncBytes));
  if (sync != sync_) return ReadFailure("a block doesn't end where it should");
  return std::optional(std::move(block));
}

Result<std::string> AvroFile::Decompressed(std::string_view block) const {
  if (codec_.empty() || codec_ == "null") return std::string(block);
  if (codec_ == "deflate") return InflateRaw(block);
  if (codec_ == "snappy") {
    // Four bytes of a checksum of what comes out follow.
    if (block.size() < 4) return Truncated();
    TARN_ASSIGN(std::string out,
                DecompressSnappy(block.substr(0, block.size() - 4), kRecordBytesMax));
    uint32_t wanted = 0;
    for (const char c : block.substr(block.size() - 4)) {
      wanted = wanted << 8 | static_cast<unsigned char>(c);
    }
    const auto found = static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(out.size())));
    if (found != wanted) return ReadFailure("a block's checksum is wrong");
    return out;
  }
  if (codec_ == "bzip2" || codec_ == "zstandard") {
    return ReadWhole(Decompress(std::make_unique<MemoryBytes>(block),
                                codec_ == "bzip2" ? Compression::kBzip2 : Compression::kZstd));
  }
  return UnsupportedFeature("The codec " + codec_ + " of Avro files");
}

}  // namespace tarn::format
