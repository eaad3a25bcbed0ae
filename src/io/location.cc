#include "tarn/io/location.h"

#include <array>

namespace tarn::io {

namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::array<std::string_view, 3> kSpellings = {"s3://", "s3a://", "s3n://"};

Error Refused(std::string_view shown, std::string detail) {
  return Error(Condition("PATH_NOT_ALLOWED"),
               {{"path", std::string(shown)}, {"detail", std::move(detail)}});
}

// What S3 has ever allowed as a name, older ones with capitals and '_' too.
bool IsBucketName(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '-' && c != '.' && c != '_') return false;
  }
  return name.front() != '.' && name.front() != '-' && name.find("..") == name.npos;
}

struct BucketAndKey {
  std::string_view bucket;
  std::string_view key;  // with its leading slash, or empty
};

Result<BucketAndKey> Split(std::string_view rest) {
  const size_t slash = rest.find('/');
  BucketAndKey parts{rest.substr(0, slash), slash == rest.npos ? "" : rest.substr(slash)};
  if (parts.bucket.find('@') != rest.npos) {
    return Refused("(a location with credentials)",
                   "credentials come from the environment or a profile, never from a path");
  }
  if (!IsBucketName(parts.bucket)) {
    return Refused(std::string(kScheme) + std::string(parts.bucket), "that is no name of a bucket");
  }
  return parts;
}

}  // namespace

bool IsRemote(std::string_view location) { return location.starts_with(kScheme); }

Result<std::string> NormalLocation(std::string_view text) {
  for (const std::string_view scheme : kSpellings) {
    if (!text.starts_with(scheme)) continue;
    TARN_ASSIGN(const BucketAndKey parts, Split(text.substr(scheme.size())));
    TARN_ASSIGN(const ObjectPath key, ObjectPath::FromAbsolute("/" + std::string(parts.key)));
    std::string location = std::string(kScheme) + std::string(parts.bucket);
    if (!key.is_root()) location += "/" + key.str();
    return location;
  }
  if (HasScheme(text) && !text.starts_with("file:")) {
    return UnsupportedFeature("Storage at " + std::string(text.substr(0, text.find(':'))) +
                              ": locations");
  }
  TARN_ASSIGN(const ObjectPath path, ObjectPath::FromAbsolute(text));
  return "/" + path.str();
}

std::string_view RootOf(std::string_view location) {
  if (!IsRemote(location)) return "/";
  const size_t slash = location.find('/', kScheme.size());
  return slash == location.npos ? location : location.substr(0, slash + 1);
}

Result<ObjectPath> PathBelowRoot(std::string_view location) {
  if (!IsRemote(location)) return ObjectPath::FromAbsolute(location);
  TARN_ASSIGN(const BucketAndKey parts, Split(location.substr(kScheme.size())));
  return ObjectPath::FromAbsolute("/" + std::string(parts.key));
}

std::string UriOf(std::string_view location) {
  return (IsRemote(location) ? "" : "file:") + std::string(location);
}

std::string_view BucketOf(std::string_view location) {
  location.remove_prefix(kScheme.size());
  return location.substr(0, location.find('/'));
}

}  // namespace tarn::io
