#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tarn/base/result.h"
#include "tarn/io/storage.h"

namespace tarn::io {

/// One profile of the shared files: `key = value`, keys in lower case.
using AwsProfile = std::map<std::string, std::string, std::less<>>;

/// The settings of one section of an INI file as AWS's tools write it; what isn't understood is
/// passed over. `prefixed`: sections but [default] are called "profile NAME" (~/.aws/config).
AwsProfile ParseProfile(std::string_view text, std::string_view name, bool prefixed);

/// The profile that AWS_PROFILE names ("default" without it), from AWS_CONFIG_FILE and
/// AWS_SHARED_CREDENTIALS_FILE or those in ~/.aws; what the credentials file says wins.
/// PATH_NOT_ALLOWED if AWS_PROFILE names one that isn't there.
Result<AwsProfile> LoadProfile(const Environment& environment);

/// The whole file, "" if it isn't there or longer than a MiB.
std::string ReadSmallFile(const std::string& path);

}  // namespace tarn::io
