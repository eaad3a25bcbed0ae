#include "s3/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "s3/time_text.h"
#include "tarn/base/base64.h"
#include "tarn/base/check.h"

namespace tarn::io {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Digest(const EVP_MD* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr);
  TARN_CHECK(done == 1);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string Hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  TARN_CHECK(done != nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

// Blanks at the ends don't count and those inside count once.
std::string TrimmedValue(std::string_view value) {
  std::string trimmed;
  for (const char c : value) {
    if (c == ' ' && (trimmed.empty() || trimmed.back() == ' ')) continue;
    trimmed += c;
  }
  if (trimmed.ends_with(' ')) trimmed.pop_back();
  return trimmed;
}

}  // namespace

std::string EncodeUri(std::string_view text, bool keep_slash) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash);
    if (plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 0xF];
  }
  return encoded;
}

std::string EncodedQuery(const NamesAndValues& query) {
  NamesAndValues encoded;
  for (const auto& [name, value] : query) {
    encoded.emplace_back(EncodeUri(name, false), EncodeUri(value, false));
  }
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

std::string Sha256Hex(std::string_view bytes) { return Hex(Digest(EVP_sha256(), bytes)); }

std::string Md5Base64(std::string_view bytes) { return EncodeBase64(Digest(EVP_md5(), bytes)); }

void Sign(const AwsCredentials& credentials, std::string_view region, std::string_view service,
          int64_t now_us, SignedParts& parts) {
  const std::string time = AmzDate(now_us);
  const std::string day = time.substr(0, 8);
  parts.headers.emplace_back("x-amz-date", time);
  parts.headers.emplace_back("x-amz-content-sha256", parts.payload_hash);
  if (!credentials.session_token.empty()) {
    parts.headers.emplace_back("x-amz-security-token", credentials.session_token);
  }
  NamesAndValues headers = parts.headers;
  headers.emplace_back("host", parts.host);
  std::ranges::sort(headers);
  std::string names;
  std::string canonical =
      parts.method + "\n" + parts.encoded_path + "\n" + EncodedQuery(parts.query) + "\n";
  for (const auto& [name, value] : headers) {
    canonical.append(name).append(":").append(TrimmedValue(value)).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  canonical.append("\n").append(names).append("\n").append(parts.payload_hash);

  std::string scope = day;
  scope.append("/").append(region).append("/").append(service).append("/aws4_request");
  std::string to_sign(kAlgorithm);
  to_sign.append("\n").append(time).append("\n").append(scope).append("\n");
  to_sign.append(Sha256Hex(canonical));
  std::string key = Hmac("AWS4" + credentials.secret_access_key, day);
  key = Hmac(key, region);
  key = Hmac(key, service);
  key = Hmac(key, "aws4_request");

  std::string authorization(kAlgorithm);
  authorization.append(" Credential=").append(credentials.access_key_id).append("/").append(scope);
  authorization.append(", SignedHeaders=").append(names);
  authorization.append(", Signature=").append(Hex(Hmac(key, to_sign)));
  parts.headers.emplace_back("authorization", std::move(authorization));
}

}  // namespace tarn::io
