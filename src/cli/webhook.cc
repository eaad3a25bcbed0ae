#include "webhook.h"

#include <curl/curl.h>

#include <memory>

namespace tarn::cli {

namespace {

constexpr long kTimeoutMs = 10'000;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// The address without user, password and query, which may be secrets.
std::string Shown(const std::string& url) {
  std::string shown = url.substr(0, url.find_first_of("?#"));
  const size_t begin = shown.find("://");
  const size_t at = begin == shown.npos ? shown.npos : shown.find('@', begin);
  if (at != shown.npos && at < shown.find('/', begin + 3)) {
    shown = shown.substr(0, begin + 3) + shown.substr(at + 1);
  }
  return shown;
}

Error Failed(const std::string& url, std::string detail) {
  return Error(Condition("WEBHOOK_FAILED"), {{"url", Shown(url)}, {"detail", std::move(detail)}});
}

/// The answer's text is of no use.
size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

}  // namespace

Status PostJson(const std::string& url, const std::string& json) {
  const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  if (!curl) return Failed(url, "the HTTP client can't start");
  const std::unique_ptr<curl_slist, CurlDeleter> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"));
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, json.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Discard);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return Failed(url, curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return {};
  return Failed(url, "the answer was " + std::to_string(status));
}

}  // namespace tarn::cli
