#pragma once

#include <string>
#include <string_view>

#include "s3/aws_profile.h"
#include "tarn/base/result.h"
#include "tarn/io/storage.h"

namespace tarn::io {

/// An address without path: "https", "localhost:9000".
struct Endpoint {
  std::string scheme;
  std::string host;  ///< with its port where it isn't the scheme's own
  std::string url() const { return scheme + "://" + host; }
  bool is_loopback() const;
};

/// "http://host:9000/" as an endpoint. PATH_NOT_ALLOWED for another scheme, a path, a user, and
/// for http to another machine unless `allow_http`.
Result<Endpoint> ParseEndpoint(std::string_view text, bool allow_http);

/// Where requests go.
struct S3Settings {
  std::string region;
  bool region_is_given = false;
  Endpoint endpoint;        ///< empty: Amazon's own, by region
  Endpoint sts_endpoint;    ///< likewise
  bool path_style = false;  ///< the bucket stands in the path rather than in the host
  bool allow_http = false;  ///< AWS_ALLOW_HTTP=true: unencrypted to other machines too
  bool anonymous = false;   ///< AWS_SKIP_SIGNATURE=true: public buckets
  std::string ca_bundle;    ///< AWS_CA_BUNDLE
  bool custom() const { return !endpoint.host.empty(); }
};

Result<S3Settings> SettingsOf(const Environment& environment, const AwsProfile& profile);

/// The domain of a region's services: "amazonaws.com", in China "amazonaws.com.cn".
std::string_view DomainOf(std::string_view region);

/// True for what a region's name can be; it becomes part of a host's name.
bool IsRegionName(std::string_view text);

}  // namespace tarn::io
