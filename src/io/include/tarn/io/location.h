#pragma once

#include <string>
#include <string_view>

#include "tarn/base/result.h"
#include "tarn/io/object_path.h"

namespace tarn::io {

/// A location says where a folder or file is: an absolute path of this machine ("/data/t"), or a
/// bucket and a key ("s3://bucket/data/t").

/// True if the location is in object storage.
bool IsRemote(std::string_view location);

/// The location that a text means, in its one spelling: "file:" is taken off, "s3a:" and "s3n:"
/// become "s3:", repeated and trailing slashes vanish, ".." is resolved as text and stays in the
/// bucket. PATH_NOT_ALLOWED for a relative path, a NUL byte, a name that no bucket can have, and
/// credentials in the text; UNSUPPORTED_FEATURE for another scheme.
Result<std::string> NormalLocation(std::string_view text);

/// What stands before the paths of the store that holds a location in its one spelling: "/" or
/// "s3://bucket/".
std::string_view RootOf(std::string_view location);

/// A location seen from its root. Errors as NormalLocation.
Result<ObjectPath> PathBelowRoot(std::string_view location);

/// A location in its one spelling as the URI that Spark shows: "file:/data/t", "s3://bucket/t".
std::string UriOf(std::string_view location);

/// The bucket's name of a remote location.
std::string_view BucketOf(std::string_view location);

}  // namespace tarn::io
