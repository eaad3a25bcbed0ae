#include "tarn/format/byte_source.h"

#include "tarn/types/data_type.h"

namespace tarn::format {

namespace {

class FileBytes final : public ByteSource {
 public:
  FileBytes(std::shared_ptr<io::ReadableFile> file, int64_t begin)
      : file_(std::move(file)), at_(begin) {}

  Result<size_t> Read(std::span<char> buffer) override {
    // A short read is the end, so no second call is needed to see it.
    if (at_ >= file_->info().size) return size_t{0};
    TARN_ASSIGN(const size_t count, file_->Read(at_, buffer));
    at_ += static_cast<int64_t>(count);
    return count;
  }

 private:
  const std::shared_ptr<io::ReadableFile> file_;
  int64_t at_;
};

}  // namespace

std::unique_ptr<ByteSource> BytesOf(std::shared_ptr<io::ReadableFile> file, int64_t begin) {
  return std::make_unique<FileBytes>(std::move(file), begin);
}

Result<Compression> CompressionOf(std::string_view option, std::string_view path) {
  const std::string codec = FoldName(option);
  if (codec.empty()) {
    if (path.ends_with(".gz") || path.ends_with(".gzip")) return Compression::kGzip;
    if (path.ends_with(".bz2")) return Compression::kBzip2;
    if (path.ends_with(".zst") || path.ends_with(".zstd")) return Compression::kZstd;
    if (path.ends_with(".deflate") || path.ends_with(".zz")) return Compression::kDeflate;
    return Compression::kNone;
  }
  if (codec == "none" || codec == "uncompressed") return Compression::kNone;
  if (codec == "gzip" || codec == "gz") return Compression::kGzip;
  if (codec == "bzip2" || codec == "bz2") return Compression::kBzip2;
  if (codec == "zstd" || codec == "zst" || codec == "zstandard") return Compression::kZstd;
  if (codec == "deflate" || codec == "zlib") return Compression::kDeflate;
  if (codec == "snappy" || codec == "lz4") {
    return UnsupportedFeature("The compression " + codec + " of text files");
  }
  return Error(Condition("INVALID_PARAMETER_VALUE"),
               {{"parameter", "compression"},
                {"value", std::string(option)},
                {"detail", "it must be none, gzip, bzip2, zstd or deflate"}});
}

}  // namespace tarn::format
