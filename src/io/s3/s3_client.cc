#include "s3/s3_client.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "s3/s3_answers.h"
#include "tarn/base/random.h"

namespace tarn::io {

namespace {

/// Whether asking again may help, and whether this try may have been carried out.
struct Verdict {
  bool again = false;
  bool ambiguous = false;
};

Verdict JudgeAnswer(const HttpAnswer& answer, const std::string& code) {
  if (answer.status == 501) return {};
  if (answer.status >= 500) return {true, true};
  // "Slow down" in its other dress; a body that came too slowly; another writer at this moment.
  const bool again = answer.status == 429 || code == "RequestTimeout" || code == "SlowDown" ||
                     code == "ConditionalRequestConflict" || code == "OperationAborted";
  return {again, false};
}

// A server may repeat what it was told.
void Mask(const std::string& secret, std::string& text) {
  if (secret.empty()) return;
  for (size_t at = text.find(secret); at != text.npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "***");
  }
}

bool IsExpired(const std::string& code) {
  return code == "ExpiredToken" || code == "ExpiredTokenException" ||
         code == "TokenRefreshRequired";
}

}  // namespace

Error IoError(std::string_view operation, std::string_view path, std::string detail) {
  return Error(Condition("IO_ERROR"), {{"operation", std::string(operation)},
                                       {"path", std::string(path)},
                                       {"detail", std::move(detail)}});
}

S3Client::S3Client(S3Settings settings, HttpLimits limits, RetryPolicy retries, Clock& clock)
    : settings_(std::move(settings)), retries_(retries), clock_(clock), http_(std::move(limits)) {}

Result<std::unique_ptr<S3Client>> S3Client::New(const Environment& environment, Clock& clock,
                                                HttpLimits limits, RetryPolicy retries) {
  TARN_ASSIGN(AwsProfile profile, LoadProfile(environment));
  TARN_ASSIGN(S3Settings settings, SettingsOf(environment, profile));
  limits.ca_bundle = settings.ca_bundle;
  std::unique_ptr<S3Client> client(new S3Client(settings, std::move(limits), retries, clock));
  client->credentials_ = std::make_unique<CredentialChain>(
      environment, std::move(profile), std::move(settings), client->http_, clock);
  return client;
}

std::string S3Client::RegionOf(const std::string& bucket) {
  const std::lock_guard lock(mutex_);
  const auto learned = regions_.find(bucket);
  return learned == regions_.end() ? settings_.region : learned->second;
}

bool S3Client::LearnRegion(const HttpAnswer& answer, const std::string& bucket,
                           const std::string& used) {
  const std::string found(answer.Header("x-amz-bucket-region"));
  const bool elsewhere = answer.status == 301 || answer.status == 307 || answer.status == 400;
  if (!elsewhere || settings_.custom() || found == used || !IsRegionName(found)) return false;
  const std::lock_guard lock(mutex_);
  regions_[bucket] = found;
  return true;
}

Result<HttpOutcome> S3Client::SendOnce(const RequestContext& ctx, const S3Request& request,
                                       const AwsCredentials& credentials,
                                       const std::string& region) {
  Endpoint endpoint = settings_.endpoint;
  if (!settings_.custom()) {
    endpoint = {"https", "s3." + region + "." + std::string(DomainOf(region))};
  }
  // A certificate is good for one label before the domain.
  const bool in_path = settings_.path_style ||
                       (!settings_.custom() && request.bucket.find('.') != std::string::npos);
  std::string path = in_path ? "/" + request.bucket : "";
  if (!in_path) endpoint.host = request.bucket + "." + endpoint.host;
  if (!request.key.empty() || !in_path) path += "/" + request.key;
  SignedParts parts;
  parts.method = request.method;
  parts.host = endpoint.host;
  parts.encoded_path = EncodeUri(path, true);
  parts.query = request.query;
  parts.headers = request.headers;
  parts.payload_hash = Sha256Hex(request.body);
  if (!settings_.anonymous) Sign(credentials, region, "s3", clock_.NowMicros(), parts);
  HttpRequest http;
  http.method = request.method;
  http.url = endpoint.url() + parts.encoded_path;
  if (!request.query.empty()) http.url += "?" + EncodedQuery(request.query);
  http.headers = std::move(parts.headers);
  http.body = request.body;
  http.answer_bytes_max = request.answer_bytes_max;
  http.once = request.once;
  http.without_proxy = endpoint.is_loopback();
  return http_.Send(ctx, http);
}

Status S3Client::Wait(const RequestContext& ctx, int tries) const {
  constexpr int64_t kStepMs = 50;
  const int64_t most_ms =
      std::min(retries_.wait_ms_max, retries_.first_wait_ms << std::min(tries, 10));
  int64_t left_ms =
      1 + static_cast<int64_t>(
              Random(SystemEntropy()).Below(static_cast<uint64_t>(std::max<int64_t>(most_ms, 1))));
  while (left_ms > 0) {
    TARN_TRY(ctx.Check());
    const int64_t step_ms = std::min(left_ms, kStepMs);
    std::this_thread::sleep_for(std::chrono::milliseconds(step_ms));
    left_ms -= step_ms;
  }
  return ctx.Check();
}

S3Reply S3Client::Send(const RequestContext& ctx, const S3Request& request) {
  S3Reply reply;
  bool renewed = false;
  for (int tries = 0;; ++tries) {
    AwsCredentials credentials;
    if (!settings_.anonymous) {
      auto found = credentials_->Get(ctx);
      if (!found.ok()) {
        reply.error = std::move(found).error();
        return reply;
      }
      credentials = *std::move(found);
    }
    const std::string region = RegionOf(request.bucket);
    auto sent = SendOnce(ctx, request, credentials, region);
    if (!sent.ok()) {
      reply.error = std::move(sent).error();
      return reply;
    }
    bool again = sent->retryable;
    if (sent->answer) {
      if (!sent->answer->ok()) {
        Mask(credentials.secret_access_key, sent->answer->body);
        Mask(credentials.session_token, sent->answer->body);
      }
      const auto refusal = sent->answer->ok() ? std::nullopt : ParseRefusal(sent->answer->body);
      const std::string code = refusal ? refusal->code : "";
      const Verdict verdict = JudgeAnswer(*sent->answer, code);
      reply.ambiguous |= verdict.ambiguous;
      again = verdict.again || LearnRegion(*sent->answer, request.bucket, region);
      if (IsExpired(code) && !renewed) {
        credentials_->Forget(credentials);
        renewed = again = true;
      }
      reply.answer = std::move(sent->answer);
      reply.error.reset();
    } else {
      reply.ambiguous |= sent->may_have_arrived;
      reply.answer.reset();
      const Status stopped = ctx.Check();
      reply.error = stopped.ok() ? IoError("A request", "s3://" + request.bucket, sent->failure)
                                 : stopped.error();
      if (!stopped.ok()) return reply;
    }
    if (!again || tries + 1 >= retries_.tries_max) return reply;
    if (const Status waited = Wait(ctx, tries); !waited.ok()) {
      reply.answer.reset();
      reply.error = waited.error();
      return reply;
    }
  }
}

Error S3Client::ErrorOf(S3Reply reply, std::string_view operation, std::string_view path) {
  if (reply.error) {
    const bool own = reply.error->condition() != Condition("IO_ERROR");
    if (own) return *std::move(reply.error);
    return IoError(operation, path, std::string(reply.error->parameter("detail")));
  }
  const HttpAnswer& answer = *reply.answer;
  const auto refusal = ParseRefusal(answer.body);
  if (answer.status == 404) {
    Error error(Condition("PATH_NOT_FOUND"), {{"path", std::string(path)}});
    if (!refusal || refusal->code != "NoSuchBucket") return error;
    return std::move(error).WithHint("There is no such bucket.");
  }
  if (answer.status == 401 || answer.status == 403) {
    return Error(Condition("PATH_NOT_ALLOWED"),
                 {{"path", std::string(path)}, {"detail", ShortRefusal(answer)}});
  }
  return IoError(operation, path, ShortRefusal(answer));
}

}  // namespace tarn::io
