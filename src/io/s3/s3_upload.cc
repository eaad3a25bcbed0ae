// Writing an object: one PUT, or a multipart upload.

#include <memory>
#include <utility>

#include "s3/s3_store.h"

namespace tarn::io {

namespace {

// What stays in memory per open file. With at most 10,000 parts an object has up to 80 GB.
constexpr size_t kPartBytes = 8 << 20;
constexpr size_t kPartsMax = 10'000;

class S3Upload final : public WritableFile {
 public:
  S3Upload(const RequestContext& ctx, std::shared_ptr<S3Client> client, S3Request object,
           std::string display)
      : ctx_(ctx),
        client_(std::move(client)),
        object_(std::move(object)),
        display_(std::move(display)) {}
  ~S3Upload() override { GiveUp(); }

  Status Append(std::string_view bytes) override {
    if (state_ != State::kOpen) return Done();
    size_ += static_cast<int64_t>(bytes.size());
    while (!bytes.empty()) {
      const size_t room = kPartBytes - buffer_.size();
      const std::string_view now = bytes.substr(0, room);
      buffer_ += now;
      bytes.remove_prefix(now.size());
      if (buffer_.size() < kPartBytes) break;
      if (Status sent = SendPart(); !sent.ok()) {
        GiveUp();
        return sent;
      }
    }
    return {};
  }

  Status Sync() override {
    if (state_ == State::kWhole) return {};
    if (state_ != State::kOpen) return Done();
    Status finished = upload_id_.empty() ? PutWhole() : Complete();
    if (!finished.ok()) {
      GiveUp();
      return finished;
    }
    state_ = State::kWhole;
    buffer_ = {};
    return {};
  }

  Status Close() override {
    if (state_ == State::kOpen) GiveUp();
    return {};
  }

  int64_t size() const override { return size_; }

 private:
  enum class State : uint8_t { kOpen, kWhole, kGivenUp };

  Error Done() const {
    return Failed(state_ == State::kWhole ? "an object doesn't grow once it is there"
                                          : "the upload failed or was given up");
  }
  Error Failed(std::string detail) const { return IoError("Writing", display_, std::move(detail)); }

  Status PutWhole() {
    S3Request request = object_;
    request.body = buffer_;
    S3Reply reply = client_->Send(ctx_, request);
    if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Writing", display_);
    return {};
  }

  Status SendPart() {
    if (upload_id_.empty()) TARN_TRY(Begin());
    if (etags_.size() >= kPartsMax) return Failed("it is larger than an upload can be");
    S3Request request = object_;
    request.query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_id_}};
    request.body = buffer_;
    S3Reply reply = client_->Send(ctx_, request);
    if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Writing", display_);
    std::string etag(reply.answer->Header("etag"));
    if (etag.empty()) return Failed("the server doesn't name the part that it got");
    etags_.push_back(std::move(etag));
    buffer_.clear();
    return {};
  }

  Status Begin() {
    S3Request request = object_;
    request.method = "POST";
    request.query = {{"uploads", ""}};
    S3Reply reply = client_->Send(ctx_, request);
    if (!reply.ok()) return S3Client::ErrorOf(std::move(reply), "Writing", display_);
    upload_id_ = ParseElement(reply.answer->body, "InitiateMultipartUploadResult", "UploadId");
    return upload_id_.empty() ? Status(Failed("the server begins no upload")) : Status();
  }

  Status Complete() {
    if (!buffer_.empty()) TARN_TRY(SendPart());
    const std::string body = CompleteBody(etags_);
    S3Request request = object_;
    request.method = "POST";
    request.query = {{"uploadId", upload_id_}};
    request.headers = {{"content-type", "application/xml"}};
    request.body = body;
    S3Reply reply = client_->Send(ctx_, request);
    if (reply.ok()) {
      // The answer begins before the work is done, so a failure may come with success.
      const bool whole =
          !ParseElement(reply.answer->body, "CompleteMultipartUploadResult", "ETag").empty();
      return whole ? Status() : Status(Failed(ShortRefusal(*reply.answer)));
    }
    // After a lost answer the upload is gone because it was completed.
    if (reply.ambiguous && reply.Is(404) && IsThere()) return {};
    return S3Client::ErrorOf(std::move(reply), "Writing", display_);
  }

  bool IsThere() {
    S3Request request = object_;
    request.method = "HEAD";
    const S3Reply reply = client_->Send(ctx_, request);
    const auto info = reply.ok() ? InfoOfAnswer(*reply.answer, ObjectPath()) : std::nullopt;
    return info && info->size == size_;
  }

  // Parts of an upload that nobody completes would be paid for without end.
  void GiveUp() {
    if (state_ != State::kOpen) return;
    state_ = State::kGivenUp;
    buffer_ = {};
    if (upload_id_.empty()) return;
    constexpr int64_t kPatienceUs = int64_t{30} * 1'000'000;
    RequestContext ctx = ctx_;
    ctx.cancellation = std::make_shared<CancellationToken>();
    ctx.deadline_us = ctx.clock->SteadyMicros() + kPatienceUs;
    S3Request request = object_;
    request.method = "DELETE";
    request.query = {{"uploadId", upload_id_}};
    (void)client_->Send(ctx, request);
  }

  const RequestContext ctx_;
  const std::shared_ptr<S3Client> client_;
  const S3Request object_;
  const std::string display_;
  State state_ = State::kOpen;
  std::string buffer_;
  int64_t size_ = 0;
  std::string upload_id_;
  std::vector<std::string> etags_;
};

}  // namespace

std::unique_ptr<WritableFile> NewS3Upload(const RequestContext& ctx,
                                          std::shared_ptr<S3Client> client, S3Request object,
                                          std::string display) {
  return std::make_unique<S3Upload>(ctx, std::move(client), std::move(object), std::move(display));
}

}  // namespace tarn::io
