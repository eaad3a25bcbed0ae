#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

#include <vector>

#include "tarn/format/byte_source.h"

namespace tarn::format {

namespace {

constexpr size_t kInputBytes = 256 << 10;

Error Damaged(std::string detail) {
  return Error(Condition("FAILED_READ_FILE.NO_HINT"),
               {{"path", ""}, {"detail", "its compression is damaged: " + std::move(detail)}});
}

/// Compressed bytes that a codec takes from; refilled when they are used up.
class Input {
 public:
  explicit Input(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  /// Makes sure there are bytes, unless the end is reached.
  Status Fill() {
    if (!rest.empty() || at_end) return {};
    if (buffer_.empty()) buffer_.resize(kInputBytes);
    TARN_ASSIGN(const size_t count, source_->Read(buffer_));
    rest = std::string_view(buffer_.data(), count);
    at_end = count == 0;
    return {};
  }

  std::string_view rest;
  bool at_end = false;

 private:
  const std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
};

/// gzip and zlib; a stream of raw deflate is found by its first byte.
class ZlibBytes final : public ByteSource {
 public:
  ZlibBytes(std::unique_ptr<ByteSource> source, bool gzip)
      : input_(std::move(source)), gzip_(gzip) {}
  ~ZlibBytes() override {
    if (open_) inflateEnd(&stream_);
  }

  Result<size_t> Read(std::span<char> buffer) override {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    while (stream_.avail_out == buffer.size()) {
      TARN_TRY(input_.Fill());
      if (input_.at_end) {
        if (open_) return Damaged("it ends too early");
        return size_t{0};
      }
      if (!open_) TARN_TRY(Open());
      if (!open_) continue;
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.rest.data()));
      stream_.avail_in = static_cast<uInt>(input_.rest.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      input_.rest.remove_prefix(input_.rest.size() - stream_.avail_in);
      if (code == Z_STREAM_END) {
        inflateEnd(&stream_);
        open_ = false;
        ++members_;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return Damaged(stream_.msg != nullptr ? stream_.msg : "zlib can't read it");
      }
    }
    return buffer.size() - stream_.avail_out;
  }

 private:
  Status Open() {
    // Zeros after the last member of a gzip file are padding.
    if (gzip_ && members_ > 0 && input_.rest[0] == '\0') {
      input_.rest = {};
      return SkipPadding();
    }
    const bool raw = !gzip_ && (static_cast<unsigned char>(input_.rest[0]) & 0x0F) != 8;
    if (inflateInit2(&stream_, gzip_ ? 15 + 16 : raw ? -15 : 15) != Z_OK) {
      return Damaged("zlib can't start");
    }
    open_ = true;
    return {};
  }

  Status SkipPadding() {
    while (!input_.at_end) {
      TARN_TRY(input_.Fill());
      if (input_.rest.find_first_not_of('\0') != std::string_view::npos) {
        return Damaged("there is something after its end");
      }
      input_.rest = {};
    }
    return {};
  }

  Input input_;
  const bool gzip_;
  z_stream stream_{};
  bool open_ = false;
  size_t members_ = 0;
};

class Bzip2Bytes final : public ByteSource {
 public:
  explicit Bzip2Bytes(std::unique_ptr<ByteSource> source) : input_(std::move(source)) {}
  ~Bzip2Bytes() override {
    if (open_) BZ2_bzDecompressEnd(&stream_);
  }

  Result<size_t> Read(std::span<char> buffer) override {
    stream_.next_out = buffer.data();
    stream_.avail_out = static_cast<unsigned>(buffer.size());
    while (stream_.avail_out == buffer.size()) {
      TARN_TRY(input_.Fill());
      if (input_.at_end) {
        if (open_) return Damaged("it ends too early");
        return size_t{0};
      }
      if (!open_) {
        if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return Damaged("bzip2 can't start");
        open_ = true;
      }
      stream_.next_in = const_cast<char*>(input_.rest.data());
      stream_.avail_in = static_cast<unsigned>(input_.rest.size());
      const int code = BZ2_bzDecompress(&stream_);
      input_.rest.remove_prefix(input_.rest.size() - stream_.avail_in);
      if (code == BZ_STREAM_END) {
        BZ2_bzDecompressEnd(&stream_);
        open_ = false;
      } else if (code != BZ_OK) {
        return Damaged("bzip2 can't read it");
      }
    }
    return buffer.size() - stream_.avail_out;
  }

 private:
  Input input_;
  bz_stream stream_{};
  bool open_ = false;
};

class ZstdBytes final : public ByteSource {
 public:
  explicit ZstdBytes(std::unique_ptr<ByteSource> source)
      : input_(std::move(source)), stream_(ZSTD_createDStream()) {}
  ~ZstdBytes() override { ZSTD_freeDStream(stream_); }

  Result<size_t> Read(std::span<char> buffer) override {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    while (out.pos == 0) {
      TARN_TRY(input_.Fill());
      // Output may still be held back when all of the input was taken.
      if (input_.at_end && within_ == 0) return size_t{0};
      ZSTD_inBuffer in{input_.rest.data(), input_.rest.size(), 0};
      within_ = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(within_)) return Damaged(ZSTD_getErrorName(within_));
      input_.rest.remove_prefix(in.pos);
      if (input_.at_end && out.pos == 0 && within_ != 0) return Damaged("it ends too early");
    }
    return out.pos;
  }

 private:
  Input input_;
  ZSTD_DStream* const stream_;
  size_t within_ = 0;  // not zero: within a frame
};

}  // namespace

std::unique_ptr<ByteSource> Decompress(std::unique_ptr<ByteSource> source,
                                       Compression compression) {
  switch (compression) {
    case Compression::kNone:
      break;
    case Compression::kGzip:
      return std::make_unique<ZlibBytes>(std::move(source), true);
    case Compression::kDeflate:
      return std::make_unique<ZlibBytes>(std::move(source), false);
    case Compression::kBzip2:
      return std::make_unique<Bzip2Bytes>(std::move(source));
    case Compression::kZstd:
      return std::make_unique<ZstdBytes>(std::move(source));
  }
  return source;
}

}  // namespace tarn::format
