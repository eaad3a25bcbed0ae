// Reading an object by ranges.

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>

#include "s3/s3_store.h"
#include "tarn/base/parse_number.h"

namespace tarn::io {

namespace {

// Read together with the first look at an object: the footer of most Parquet files, and the whole
// of small files.
constexpr int64_t kTailBytes = 64 << 10;
// Small reads come in pieces of this size, of which a few are kept.
constexpr int64_t kBlockBytes = 1 << 20;
constexpr size_t kBlocksKept = 4;
// Larger reads are asked for in requests of this size.
constexpr int64_t kRangeBytesMax = 8 << 20;

struct Block {
  int64_t begin = 0;
  std::shared_ptr<const std::string> bytes;
  int64_t end() const { return begin + static_cast<int64_t>(bytes->size()); }
};

class S3Object final : public ReadableFile {
 public:
  S3Object(const RequestContext& ctx, std::shared_ptr<S3Client> client, S3Request request,
           std::string display)
      : ctx_(ctx),
        client_(std::move(client)),
        request_(std::move(request)),
        display_(std::move(display)) {}

  /// The object's end, and with it its size.
  Status Open(const ObjectPath& path) {
    S3Request request = request_;
    request.headers = {{"range", "bytes=-" + std::to_string(kTailBytes)}};
    request.answer_bytes_max = kTailBytes;
    S3Reply reply = client_->Send(ctx_, request);
    // There is no range of nothing.
    if (reply.Is(416)) return OpenEmpty(path);
    if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Opening", display_);
    const auto info = InfoOfAnswer(*reply.answer, path);
    if (!info) return Broken("the answer doesn't tell the object's size");
    info_ = *info;
    tail_.begin = 0;
    if (reply.Is(206)) {
      // "bytes 100-199/200"
      const std::string_view range = reply.answer->Header("content-range");
      const auto size =
          ParseNumber<int64_t>(range.substr(std::min(range.size(), range.find('/') + 1)));
      if (!size || *size < info_.size) return Broken("the answer doesn't tell the object's size");
      tail_.begin = *size - info_.size;
      info_.size = *size;
    }
    etag_ = reply.answer->Header("etag");
    tail_.bytes = std::make_shared<const std::string>(std::move(reply.answer->body));
    if (tail_.end() != info_.size) return Broken("the answer is cut off");
    return {};
  }

  const ObjectInfo& info() const override { return info_; }

  Result<size_t> Read(int64_t offset, std::span<char> buffer) override {
    if (offset < 0 || offset >= info_.size) return size_t{0};
    const int64_t end = std::min(info_.size, offset + static_cast<int64_t>(buffer.size()));
    for (int64_t at = offset; at < end;) {
      TARN_ASSIGN(const Block block, BlockAt(at, end));
      const int64_t until = std::min(end, block.end());
      std::memcpy(buffer.data() + (at - offset), block.bytes->data() + (at - block.begin),
                  static_cast<size_t>(until - at));
      at = until;
    }
    return static_cast<size_t>(end - offset);
  }

 private:
  Error Broken(std::string detail) const { return IoError("Reading", display_, std::move(detail)); }

  Status OpenEmpty(const ObjectPath& path) {
    S3Request request = request_;
    request.method = "HEAD";
    S3Reply reply = client_->Send(ctx_, request);
    if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Opening", display_);
    const auto info = InfoOfAnswer(*reply.answer, path);
    if (!info || info->size != 0) return Broken("the server reads no ranges");
    info_ = *info;
    tail_ = {0, std::make_shared<const std::string>()};
    return {};
  }

  /// Bytes with that of `at` among them; `end` is where the caller's wish ends.
  Result<Block> BlockAt(int64_t at, int64_t end) {
    if (at >= tail_.begin) return tail_;
    {
      const std::lock_guard lock(mutex_);
      for (const Block& block : blocks_) {
        if (block.begin <= at && at < block.end()) return block;
      }
    }
    const bool small = end - at < kBlockBytes;
    const int64_t wanted = std::min(small ? at + kBlockBytes : end, at + kRangeBytesMax);
    TARN_ASSIGN(Block block, Fetch(at, std::min(wanted, tail_.begin)));
    if (!small) return block;
    const std::lock_guard lock(mutex_);
    if (blocks_.size() >= kBlocksKept) blocks_.pop_front();
    blocks_.push_back(block);
    return block;
  }

  Result<Block> Fetch(int64_t begin, int64_t end) const {
    S3Request request = request_;
    request.headers = {{"range", "bytes=" + std::to_string(begin) + "-" + std::to_string(end - 1)}};
    if (!etag_.empty()) request.headers.emplace_back("if-match", etag_);
    request.answer_bytes_max = end - begin;
    S3Reply reply = client_->Send(ctx_, request);
    if (reply.Is(412)) return Broken("the object was changed while it was read");
    if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Reading", display_);
    const std::string range =
        "bytes " + std::to_string(begin) + "-" + std::to_string(end - 1) + "/";
    const bool as_asked = reply.Is(206) &&
                          reply.answer->Header("content-range").starts_with(range) &&
                          static_cast<int64_t>(reply.answer->body.size()) == end - begin;
    if (!as_asked) return Broken("the server answers with other bytes than those asked for");
    return Block{begin, std::make_shared<const std::string>(std::move(reply.answer->body))};
  }

  const RequestContext ctx_;
  const std::shared_ptr<S3Client> client_;
  const S3Request request_;
  const std::string display_;
  ObjectInfo info_;
  std::string etag_;
  Block tail_;
  std::mutex mutex_;
  std::deque<Block> blocks_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<ReadableFile>> OpenS3Object(const RequestContext& ctx,
                                                   std::shared_ptr<S3Client> client,
                                                   const S3Request& object, const ObjectPath& path,
                                                   std::string display) {
  auto file = std::make_unique<S3Object>(ctx, std::move(client), object, std::move(display));
  TARN_TRY(file->Open(path));
  return std::unique_ptr<ReadableFile>(std::move(file));
}

}  // namespace tarn::io
