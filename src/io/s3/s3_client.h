#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "s3/credentials.h"
#include "s3/http_client.h"
#include "s3/s3_settings.h"
#include "tarn/base/clock.h"
#include "tarn/base/request_context.h"

namespace tarn::io {

struct S3Request {
  std::string method = "GET";
  std::string bucket;
  std::string key;  ///< "" for requests to the bucket
  NamesAndValues query;
  NamesAndValues headers;
  std::string_view body;
  int64_t answer_bytes_max = int64_t{1} << 20;
  bool once = false;  ///< see HttpRequest::once
};

/// The end of a request, retries included. Either an answer that was not worth asking again, or an
/// error.
struct S3Reply {
  std::optional<HttpAnswer> answer;
  std::optional<Error> error;
  /// Some try may have been carried out although its answer wasn't a success: it was lost, or the
  /// server failed.
  bool ambiguous = false;
  bool ok() const { return answer && answer->ok(); }
  bool Is(int status) const { return answer && answer->status == status; }
};

/// How often and how patiently is asked again.
struct RetryPolicy {
  int tries_max = 7;
  int64_t first_wait_ms = 100;  ///< doubled each time; the wait is a random part of it
  int64_t wait_ms_max = 5'000;
};

/// IO_ERROR of a request.
Error IoError(std::string_view operation, std::string_view path, std::string detail);

/// Signed requests to one S3 service, asked again while that may help. Thread-safe.
class S3Client {
 public:
  /// PATH_NOT_ALLOWED for settings that can't be used.
  static Result<std::unique_ptr<S3Client>> New(const Environment& environment, Clock& clock,
                                               HttpLimits limits = {}, RetryPolicy retries = {});

  S3Reply Send(const RequestContext& ctx, const S3Request& request);
  /// The error of a reply that isn't what was hoped for: PATH_NOT_FOUND, PATH_NOT_ALLOWED, IO_ERROR
  /// or the reply's own.
  static Error ErrorOf(S3Reply reply, std::string_view operation, std::string_view path);

  const S3Settings& settings() const { return settings_; }

 private:
  S3Client(S3Settings settings, HttpLimits limits, RetryPolicy retries, Clock& clock);
  std::string RegionOf(const std::string& bucket);
  /// Takes over the region that a refusal names, if it is another one; then the request is worth
  /// another try.
  bool LearnRegion(const HttpAnswer& answer, const std::string& bucket, const std::string& used);
  Result<HttpOutcome> SendOnce(const RequestContext& ctx, const S3Request& request,
                               const AwsCredentials& credentials, const std::string& region);
  Status Wait(const RequestContext& ctx, int tries) const;

  const S3Settings settings_;
  const RetryPolicy retries_;
  Clock& clock_;
  HttpClient http_;
  std::unique_ptr<CredentialChain> credentials_;
  std::mutex mutex_;
  std::map<std::string, std::string> regions_;  // by bucket, where learned; guarded by mutex_
};

}  // namespace tarn::io
