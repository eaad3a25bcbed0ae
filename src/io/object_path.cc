#include "tarn/io/object_path.h"

#include <vector>

#include "tarn/base/check.h"

namespace tarn::io {

namespace {

Error Refused(std::string_view text, std::string detail) {
  return Error(Condition("PATH_NOT_ALLOWED"),
               {{"path", std::string(text)}, {"detail", std::move(detail)}});
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Calls visit(segment) for each non-empty segment; stops at the first error.
template <typename Visit>
Status ForSegments(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const size_t slash = text.find('/');
    const std::string_view segment = text.substr(0, slash);
    if (!segment.empty()) TARN_TRY(visit(segment));
    if (slash == text.npos) break;
    text.remove_prefix(slash + 1);
  }
  return {};
}

}  // namespace

bool HasScheme(std::string_view text) {
  if (text.size() < 3 || !IsAlpha(text[0])) return false;
  for (size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i >= 2;
    if (!IsAlpha(c) && !IsDigit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  return false;
}

Result<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return Refused(text, "'%' isn't followed by two hexadecimal digits");
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

Result<ObjectPath> ObjectPath::Parse(std::string_view text) {
  if (text.starts_with('/')) return Refused(text, "it is absolute");
  // A scheme is refused only where it can act as one: before the first slash.
  if (HasScheme(text)) return Refused(text, "it has a URI scheme");
  if (text.find('\0') != text.npos) return Refused(text, "it has a NUL byte");
  std::string path;
  path.reserve(text.size());
  TARN_TRY(ForSegments(text, [&](std::string_view segment) -> Status {
    if (segment == ".") return {};
    if (segment == "..") return Refused(text, "it has a '..' segment");
    if (!path.empty()) path += '/';
    path += segment;
    return {};
  }));
  return ObjectPath(std::move(path));
}

Result<ObjectPath> ObjectPath::ParseEncoded(std::string_view text) {
  // The scheme and the leading slash are looked for in the text as written and again, by Parse, in
  // the decoded one. "file%3A" is refused as well, since nobody writes it in good faith.
  if (HasScheme(text)) return Refused(text, "it has a URI scheme");
  TARN_ASSIGN(const std::string decoded, PercentDecode(text));
  if (decoded.starts_with('/')) return Refused(text, "it is absolute");
  // A first segment such as "ts=2020-01-01 00:00" is no scheme, since '=' comes before ':'.
  return Parse(decoded);
}

Result<ObjectPath> ObjectPath::FromAbsolute(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with("file://")) {
    rest.remove_prefix(7);
    if (rest.starts_with("localhost/")) rest.remove_prefix(9);
  } else if (rest.starts_with("file:")) {
    rest.remove_prefix(5);
  }
  if (!rest.starts_with('/')) return Refused(text, "it isn't absolute");
  if (rest.find('\0') != rest.npos) return Refused(text, "it has a NUL byte");
  std::vector<std::string_view> segments;
  TARN_TRY(ForSegments(rest, [&](std::string_view segment) -> Status {
    if (segment == ".") return {};
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
    return {};
  }));
  std::string path;
  for (const std::string_view segment : segments) {
    if (!path.empty()) path += '/';
    path += segment;
  }
  return ObjectPath(std::move(path));
}

std::string_view ObjectPath::Name() const {
  const size_t slash = path_.rfind('/');
  return std::string_view(path_).substr(slash == path_.npos ? 0 : slash + 1);
}

ObjectPath ObjectPath::Parent() const {
  const size_t slash = path_.rfind('/');
  return ObjectPath(slash == path_.npos ? std::string() : path_.substr(0, slash));
}

ObjectPath ObjectPath::operator/(std::string_view relative) const {
  Result<ObjectPath> joined = Join(relative);
  TARN_CHECK(joined.ok());
  return *std::move(joined);
}

ObjectPath ObjectPath::Child(std::string_view segment) const {
  TARN_CHECK(!segment.empty() && segment != "." && segment != ".." &&
             segment.find('/') == segment.npos && segment.find('\0') == segment.npos);
  std::string path = path_;
  if (!path.empty()) path += '/';
  path += segment;
  return ObjectPath(std::move(path));
}

Result<ObjectPath> ObjectPath::Join(std::string_view relative) const {
  TARN_ASSIGN(ObjectPath below, Parse(relative));
  return Append(below);
}

ObjectPath ObjectPath::Append(const ObjectPath& below) const {
  if (path_.empty()) return below;
  if (below.path_.empty()) return *this;
  return ObjectPath(path_ + '/' + below.path_);
}

bool ObjectPath::IsWithin(const ObjectPath& ancestor) const {
  if (ancestor.path_.empty() || path_ == ancestor.path_) return true;
  return path_.size() > ancestor.path_.size() && path_.starts_with(ancestor.path_) &&
         path_[ancestor.path_.size()] == '/';
}

ObjectPath ObjectPath::RelativeTo(const ObjectPath& ancestor) const {
  TARN_CHECK(IsWithin(ancestor));
  if (ancestor.path_.empty()) return *this;
  if (path_.size() == ancestor.path_.size()) return {};
  return ObjectPath(path_.substr(ancestor.path_.size() + 1));
}

std::string ObjectPath::Encoded() const {
  // What java.net.URI leaves as it is in a path: unreserved, punctuation, '/', '@' and everything
  // outside US-ASCII.
  static constexpr std::string_view kLegal = "_-!.~'()*,;:$&+=@/";
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(path_.size());
  for (const char c : path_) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsAlpha(c) || IsDigit(c) || byte >= 0x80 || kLegal.find(c) != kLegal.npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 0xF];
    }
  }
  return encoded;
}

}  // namespace tarn::io
