#include "s3/s3_settings.h"

#include <initializer_list>

namespace tarn::io {

namespace {

Error Unusable(std::string_view text, std::string detail) {
  return Error(Condition("PATH_NOT_ALLOWED"),
               {{"path", std::string(text)}, {"detail", std::move(detail)}});
}

std::string Value(const Environment& environment, const AwsProfile& profile,
                  std::initializer_list<const char*> variables, std::string_view key) {
  for (const char* variable : variables) {
    auto given = environment(variable);
    if (given && !given->empty()) return *given;
  }
  const auto found = profile.find(key);
  return found == profile.end() ? "" : found->second;
}

bool Flag(const Environment& environment, const char* variable) {
  const std::string value = environment(variable).value_or("");
  return value == "true" || value == "TRUE" || value == "True" || value == "1";
}

}  // namespace

bool Endpoint::is_loopback() const {
  if (host.starts_with("[::1]")) return true;
  const std::string_view name = std::string_view(host).substr(0, host.find(':'));
  if (name == "localhost") return true;
  return name.starts_with("127.") && name.find_first_not_of("0123456789.") == name.npos;
}

Result<Endpoint> ParseEndpoint(std::string_view text, bool allow_http) {
  Endpoint endpoint;
  const size_t colon = text.find("://");
  endpoint.scheme = text.substr(0, colon);
  if (colon == text.npos || (endpoint.scheme != "http" && endpoint.scheme != "https")) {
    return Unusable("(the endpoint)",
                    "an endpoint is written as https://host or https://host:port");
  }
  std::string_view host = text.substr(colon + 3);
  while (host.ends_with('/')) host.remove_suffix(1);
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]_";
  if (host.empty() || host.find_first_not_of(kPlain) != host.npos) {
    return Unusable("(the endpoint)", "behind the host and port of an endpoint nothing may stand");
  }
  if (endpoint.scheme == "https" && host.ends_with(":443")) host.remove_suffix(4);
  if (endpoint.scheme == "http" && host.ends_with(":80")) host.remove_suffix(3);
  endpoint.host = host;
  if (endpoint.scheme == "http" && !allow_http && !endpoint.is_loopback()) {
    return Unusable(endpoint.url(),
                    "it isn't encrypted, and the environment doesn't say AWS_ALLOW_HTTP=true");
  }
  return endpoint;
}

std::string_view DomainOf(std::string_view region) {
  return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

bool IsRegionName(std::string_view text) {
  if (text.empty() || text.size() > 40) return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

Result<S3Settings> SettingsOf(const Environment& environment, const AwsProfile& profile) {
  S3Settings settings;
  settings.allow_http = Flag(environment, "AWS_ALLOW_HTTP");
  settings.anonymous = Flag(environment, "AWS_SKIP_SIGNATURE");
  settings.ca_bundle = Value(environment, profile, {"AWS_CA_BUNDLE"}, "ca_bundle");
  settings.region = Value(environment, profile, {"AWS_REGION", "AWS_DEFAULT_REGION"}, "region");
  settings.region_is_given = !settings.region.empty();
  if (!settings.region_is_given) settings.region = "us-east-1";
  if (!IsRegionName(settings.region)) {
    return Unusable("s3:", "the AWS region that is set is no name of a region");
  }
  const std::string endpoint =
      Value(environment, profile, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}, "endpoint_url");
  if (!endpoint.empty()) {
    TARN_ASSIGN(settings.endpoint, ParseEndpoint(endpoint, settings.allow_http));
  }
  const std::string sts =
      Value(environment, profile, {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}, "endpoint_url");
  if (!sts.empty()) {
    TARN_ASSIGN(settings.sts_endpoint, ParseEndpoint(sts, settings.allow_http));
  }
  // What isn't Amazon's seldom has a name in the DNS for each bucket.
  settings.path_style = settings.custom() && !Flag(environment, "AWS_VIRTUAL_HOSTED_STYLE_REQUEST");
  return settings;
}

}  // namespace tarn::io
