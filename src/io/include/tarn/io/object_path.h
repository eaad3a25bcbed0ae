#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include "tarn/base/result.h"

namespace tarn::io {

/// The name of an object or directory below a store's root: segments joined by '/', without a
/// leading or trailing '/', and never "", "." or ".." as a segment, nor a NUL byte. The empty path
/// is the root. So a value of this type can't lead out of its root by spelling (symbolic links are
/// the store's affair). Immutable value.
class ObjectPath {
 public:
  /// The root.
  ObjectPath() = default;

  /// Normalises `text`: repeated and trailing slashes and "." segments vanish. PATH_NOT_ALLOWED for
  /// "..", a NUL byte, a leading '/' and a URI scheme ("file:", "s3:"): what comes from a log, a
  /// manifest or a user is hostile.
  static Result<ObjectPath> Parse(std::string_view text);

  /// As Parse, of a path as the Delta protocol writes it in `add.path`: percent-encoded once.
  static Result<ObjectPath> ParseEncoded(std::string_view text);

  /// The path below the file system's root that an absolute path names ("/data/x" → "data/x"), for
  /// a rootless store. Resolves ".." as text. PATH_NOT_ALLOWED for a relative path or a NUL byte.
  /// A prefix "file:", "file://" or "file://localhost" is accepted and taken off (nothing is
  /// decoded).
  static Result<ObjectPath> FromAbsolute(std::string_view text);

  const std::string& str() const { return path_; }
  bool is_root() const { return path_.empty(); }
  /// The last segment; "" for the root.
  std::string_view Name() const;
  /// The path without its last segment; the root's parent is the root.
  ObjectPath Parent() const;
  /// This path extended by a name or relative path that the program itself made; checked by
  /// TARN_CHECK.
  ObjectPath operator/(std::string_view relative) const;
  /// This path extended by one segment as it stands on a disk, which may hold any byte but '/' and
  /// NUL; checked by TARN_CHECK.
  ObjectPath Child(std::string_view segment) const;
  /// This path extended by foreign text, refused as in Parse.
  Result<ObjectPath> Join(std::string_view relative) const;
  /// This path extended by `below`.
  ObjectPath Append(const ObjectPath& below) const;
  /// True if this is `ancestor` or lies below it.
  bool IsWithin(const ObjectPath& ancestor) const;
  /// The path seen from `ancestor`, which must contain it.
  ObjectPath RelativeTo(const ObjectPath& ancestor) const;
  /// Percent-encoded as Delta and Hadoop write it (java.net.URI's rules for a path).
  std::string Encoded() const;

  auto operator<=>(const ObjectPath&) const = default;

 private:
  explicit ObjectPath(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Replaces each %XX by its byte. PATH_NOT_ALLOWED for a '%' without two hexadecimal digits.
Result<std::string> PercentDecode(std::string_view text);

/// True if `text` starts with a URI scheme ("s3:", "file:", "abfss:"…; at least two characters).
bool HasScheme(std::string_view text);

}  // namespace tarn::io
