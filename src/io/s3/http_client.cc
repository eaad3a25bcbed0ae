#include "s3/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>

#include "tarn/base/parse_number.h"

namespace tarn::io {

namespace {

constexpr size_t kHeaderBytesMax = 64 << 10;
constexpr size_t kRefusalBytesMax = 64 << 10;
constexpr auto kPollEvery = std::chrono::milliseconds(50);

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// What libcurl's callbacks write to.
struct Transfer {
  const RequestContext* ctx = nullptr;
  int64_t body_bytes_max = 0;
  HttpAnswer answer;
  size_t header_bytes = 0;
  std::string trouble;  // why a callback gave up
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kHeaderBytesMax) {
    transfer.trouble =
        "the answer's headers are longer than " + std::to_string(kHeaderBytesMax) + " bytes";
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    // Also after "100 Continue": only the last one counts.
    transfer.answer = {};
    const size_t blank = line.find(' ');
    const auto status =
        blank == line.npos ? std::nullopt : ParseNumber<int>(line.substr(blank + 1, 3));
    transfer.answer.status = status.value_or(0);
  } else if (const size_t colon = line.find(':'); colon != line.npos) {
    transfer.answer.headers.emplace_back(Lower(line.substr(0, colon)),
                                         std::string(Trimmed(line.substr(colon + 1))));
  }
  return size * count;
}

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string& body = transfer.answer.body;
  size_t bytes = size * count;
  if (!transfer.answer.ok()) {
    const size_t room = kRefusalBytesMax - std::min(kRefusalBytesMax, body.size());
    body.append(data, std::min(room, bytes));
    // The rest isn't worth its time: what came tells enough.
    return room > bytes ? bytes : 0;
  }
  if (static_cast<int64_t>(body.size() + bytes) > transfer.body_bytes_max) {
    transfer.trouble = "the answer is longer than the " + std::to_string(transfer.body_bytes_max) +
                       " bytes that were asked for";
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->ctx->Check().ok() ? 0 : 1;
}

HeaderList ListOf(const HttpRequest& request) {
  HeaderList list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return;
    (void)list.release();
    list.reset(longer);
  };
  for (const auto& [name, value] : request.headers) {
    // libcurl takes an empty value for "don't send it" unless it ends in a semicolon.
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  // What libcurl would add by itself.
  add("Expect:");
  add("Content-Type:");
  add("Accept:");
  return list;
}

void SetMethod(CURL* curl, const HttpRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                     request.body.data() == nullptr ? "" : request.body.data());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void SetTimes(CURL* curl, const RequestContext& ctx, const HttpRequest& request,
              const HttpLimits& limits) {
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, limits.connect_ms);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, limits.stall_s);
  // Whoever sends a byte now and then isn't waited for without end.
  constexpr int64_t kPatienceMs = 120'000;
  constexpr int64_t kSlowestBytesPerMs = 32;
  const int64_t bytes = request.answer_bytes_max + static_cast<int64_t>(request.body.size());
  int64_t most_ms = kPatienceMs + bytes / kSlowestBytesPerMs;
  if (request.timeout_ms > 0) most_ms = request.timeout_ms;
  if (ctx.deadline_us != std::numeric_limits<int64_t>::max()) {
    const int64_t left_ms = (ctx.deadline_us - ctx.clock->SteadyMicros()) / 1000;
    most_ms = std::min(most_ms, std::max<int64_t>(left_ms, 1));
  }
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(most_ms));
}

void Prepare(CURL* curl, const RequestContext& ctx, const HttpRequest& request,
             const HttpLimits& limits, const curl_slist* headers, Transfer& transfer) {
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXCONNECTS, 4L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  if (request.once) curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  if (request.without_proxy) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  if (!limits.ca_bundle.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, limits.ca_bundle.c_str());
  }
  SetMethod(curl, request);
  SetTimes(curl, ctx, request, limits);
}

// A body that ends with its connection may be cut off, and libcurl takes a length that it can't
// read for none.
bool IsWhole(const HttpAnswer& answer, const HttpRequest& request) {
  const bool has_body = request.method != "HEAD" && answer.status != 204;
  if (!answer.ok() || !has_body) return true;
  if (Lower(answer.Header("transfer-encoding")) == "chunked") return true;
  return ParseNumber<size_t>(answer.Header("content-length")) == answer.body.size();
}

HttpOutcome OutcomeOf(CURLcode code, const HttpRequest& request, Transfer& transfer) {
  HttpOutcome outcome;
  const bool refused = transfer.answer.status >= 300;
  // A refusal whose text was cut off is an answer all the same.
  if (code == CURLE_OK || (refused && code == CURLE_WRITE_ERROR && transfer.trouble.empty())) {
    if (IsWhole(transfer.answer, request)) {
      outcome.answer = std::move(transfer.answer);
      return outcome;
    }
    transfer.trouble = "the answer doesn't tell its length";
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      outcome.retryable = true;
      break;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      break;
    case CURLE_SSL_CONNECT_ERROR:
      outcome.retryable = true;
      break;
    default:
      outcome.may_have_arrived = true;
      outcome.retryable = transfer.trouble.empty();
  }
  outcome.failure = transfer.trouble.empty() ? curl_easy_strerror(code) : transfer.trouble;
  return outcome;
}

}  // namespace

std::string_view HttpAnswer::Header(std::string_view name) const {
  for (const auto& [found, value] : headers) {
    if (found == name) return value;
  }
  return {};
}

HttpClient::~HttpClient() {
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

Result<void*> HttpClient::Take(const RequestContext& ctx) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) return InternalError("libcurl doesn't start");
  std::unique_lock lock(mutex_);
  while (taken_ >= limits_.connections_max) {
    returned_.wait_for(lock, kPollEvery);
    TARN_TRY(ctx.Check());
  }
  ++taken_;
  if (!idle_.empty()) {
    void* const handle = idle_.back();
    idle_.pop_back();
    return handle;
  }
  void* const handle = curl_easy_init();
  if (handle == nullptr) {
    --taken_;
    return InternalError("libcurl gives no handle");
  }
  return handle;
}

void HttpClient::GiveBack(void* handle) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(handle);
    --taken_;
  }
  returned_.notify_one();
}

Result<HttpOutcome> HttpClient::Send(const RequestContext& ctx, const HttpRequest& request) {
  TARN_TRY(ctx.Check());
  TARN_ASSIGN(void* const handle, Take(ctx));
  Transfer transfer;
  transfer.ctx = &ctx;
  transfer.body_bytes_max = request.answer_bytes_max;
  const HeaderList headers = ListOf(request);
  Prepare(handle, ctx, request, limits_, headers.get(), transfer);
  const CURLcode code = curl_easy_perform(handle);
  HttpOutcome outcome = OutcomeOf(code, request, transfer);
  GiveBack(handle);
  return outcome;
}

}  // namespace tarn::io
