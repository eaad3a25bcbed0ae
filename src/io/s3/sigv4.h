#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::io {

/// Who asks. Nothing in the program prints one of these.
struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;                                 ///< of temporary ones
  int64_t expires_us = std::numeric_limits<int64_t>::max();  ///< since 1970
  bool empty() const { return access_key_id.empty(); }
};

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

/// Everything of a request that a signature covers.
struct SignedParts {
  std::string method;
  std::string host;
  std::string encoded_path;  ///< EncodeUri of the path, with its leading slash
  NamesAndValues query;      ///< decoded
  NamesAndValues headers;    ///< names in lower case, without Host; Sign adds to them
  std::string payload_hash;  ///< Sha256Hex of the body
};

/// RFC 3986 as AWS wants it: all but unreserved characters, and '/' unless `keep_slash`, become
/// %XX.
std::string EncodeUri(std::string_view text, bool keep_slash);
/// "a=1&b=" sorted by encoded name, as it is signed and as it stands in the address.
std::string EncodedQuery(const NamesAndValues& query);
/// In lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);
/// Base64 of the MD5, as the header Content-MD5 wants it (a checksum, not a protection).
std::string Md5Base64(std::string_view bytes);

/// Adds x-amz-date, x-amz-content-sha256, x-amz-security-token and Authorization: AWS Signature
/// Version 4 over all the headers there are and the host.
void Sign(const AwsCredentials& credentials, std::string_view region, std::string_view service,
          int64_t now_us, SignedParts& parts);

}  // namespace tarn::io
