#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "s3/sigv4.h"
#include "tarn/base/request_context.h"
#include "tarn/base/result.h"

namespace tarn::io {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  NamesAndValues headers;
  std::string_view body;  ///< for PUT and POST
  /// A longer answer is a failure (that of a refusal is cut off instead).
  int64_t answer_bytes_max = int64_t{1} << 20;
  /// Over a connection of its own. A kept one may die after the server has done the work, and the
  /// library then sends the request once more by itself.
  bool once = false;
  int64_t timeout_ms = 0;  ///< for all of it; 0: as long as bytes keep coming
  bool without_proxy = false;
};

struct HttpAnswer {
  int status = 0;
  NamesAndValues headers;  ///< names in lower case
  std::string body;
  bool ok() const { return status >= 200 && status < 300; }
  /// The value of a header, or "".
  std::string_view Header(std::string_view name) const;
};

/// What became of a request.
struct HttpOutcome {
  std::optional<HttpAnswer> answer;
  std::string failure;            ///< why there is no answer
  bool may_have_arrived = false;  ///< without an answer: the server may have done what was asked
  bool retryable = false;         ///< without an answer: it may be asked again
};

struct HttpLimits {
  int connections_max = 32;  ///< at work at once; more requests wait
  long connect_ms = 5'000;
  long stall_s = 60;      ///< without a byte
  std::string ca_bundle;  ///< a file of certificates; "": the system's
};

/// Sends requests by libcurl. Redirects aren't followed: a signature is for one host, and an
/// answer's address is foreign text. Thread-safe.
class HttpClient {
 public:
  explicit HttpClient(HttpLimits limits = {}) : limits_(std::move(limits)) {}
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// One try. An Error is only that of RequestContext::Check before anything was sent.
  Result<HttpOutcome> Send(const RequestContext& ctx, const HttpRequest& request);

 private:
  Result<void*> Take(const RequestContext& ctx);
  void GiveBack(void* handle);

  const HttpLimits limits_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<void*> idle_;  // guarded by mutex_; handles of libcurl with their open connections
  int taken_ = 0;            // guarded by mutex_
};

}  // namespace tarn::io
