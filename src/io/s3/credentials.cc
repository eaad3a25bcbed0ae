#include "s3/credentials.h"

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "s3/s3_answers.h"
#include "s3/time_text.h"

namespace tarn::io {

namespace {

// Renewed this long before they expire, so that what is on its way then still gets through.
constexpr int64_t kRenewBeforeUs = int64_t{5} * 60 * 1'000'000;
constexpr int64_t kTryAgainAfterUs = int64_t{10} * 1'000'000;
constexpr int64_t kAgentTimeoutMs = 5'000;
constexpr int64_t kAnswerBytesMax = 64 << 10;

Error Missing(std::string detail) {
  return Error(Condition("PATH_NOT_ALLOWED"), {{"path", "s3:"}, {"detail", std::move(detail)}})
      .WithHint(
          "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; for public buckets "
          "AWS_SKIP_SIGNATURE=true.");
}

std::string Trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

}  // namespace

AwsCredentials ParseCredentialsJson(std::string_view text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  const auto field = [&](const char* name) {
    const bool there = json.is_object() && json.contains(name) && json[name].is_string();
    return there ? json[name].get<std::string>() : std::string();
  };
  AwsCredentials found{field("AccessKeyId"), field("SecretAccessKey"), field("Token")};
  if (found.empty() || found.secret_access_key.empty()) return {};
  if (const auto expires = ParseIsoTime(field("Expiration"))) found.expires_us = *expires;
  return found;
}

AwsCredentials ParseStsAnswer(std::string_view text) {
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size())) return {};
  const pugi::xml_node node = document.child("AssumeRoleWithWebIdentityResponse")
                                  .child("AssumeRoleWithWebIdentityResult")
                                  .child("Credentials");
  AwsCredentials found{node.child_value("AccessKeyId"), node.child_value("SecretAccessKey"),
                       node.child_value("SessionToken")};
  if (found.empty() || found.secret_access_key.empty()) return {};
  if (const auto expires = ParseIsoTime(node.child_value("Expiration"))) {
    found.expires_us = *expires;
  }
  return found;
}

CredentialChain::CredentialChain(Environment environment, AwsProfile profile, S3Settings settings,
                                 HttpClient& http, Clock& clock)
    : environment_(std::move(environment)),
      profile_(std::move(profile)),
      settings_(std::move(settings)),
      http_(http),
      clock_(clock) {}

std::string CredentialChain::Variable(const std::string& name) const {
  return environment_(name).value_or("");
}

Result<AwsCredentials> CredentialChain::Get(const RequestContext& ctx) {
  const std::lock_guard lock(mutex_);
  const int64_t now_us = clock_.NowMicros();
  const bool fresh = !known_.empty() && (known_.expires_us - kRenewBeforeUs > now_us ||
                                         (known_.expires_us > now_us && next_try_us_ > now_us));
  if (fresh) return known_;
  auto found = Find(ctx);
  if (found.ok()) {
    known_ = *std::move(found);
    next_try_us_ = now_us + kTryAgainAfterUs;
    return known_;
  }
  if (known_.empty() || known_.expires_us <= now_us) return std::move(found).error();
  next_try_us_ = now_us + kTryAgainAfterUs;
  return known_;
}

void CredentialChain::Forget(const AwsCredentials& refused) {
  const std::lock_guard lock(mutex_);
  if (known_.access_key_id == refused.access_key_id &&
      known_.session_token == refused.session_token) {
    known_ = {};
  }
}

Result<AwsCredentials> CredentialChain::Find(const RequestContext& ctx) {
  AwsCredentials found = FromEnvironment();
  if (!found.empty()) return found;
  const std::string token_file = Variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  const std::string role = Variable("AWS_ROLE_ARN");
  if (!token_file.empty() && !role.empty()) return FromWebIdentity(ctx, token_file, role);
  TARN_ASSIGN(found, FromProfile());
  if (!found.empty()) return found;
  const bool in_container = !Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() ||
                            !Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI").empty();
  if (in_container) return FromContainer(ctx);
  if (Variable("AWS_EC2_METADATA_DISABLED") == "true") {
    return Missing("no AWS credentials are set");
  }
  auto instance = FromInstance(ctx);
  if (instance.ok()) return instance;
  TARN_TRY(ctx.Check());
  return Missing("no AWS credentials are set, and this machine has no instance metadata");
}

AwsCredentials CredentialChain::FromEnvironment() const {
  AwsCredentials found{Variable("AWS_ACCESS_KEY_ID"), Variable("AWS_SECRET_ACCESS_KEY"),
                       Variable("AWS_SESSION_TOKEN")};
  return found.secret_access_key.empty() ? AwsCredentials{} : found;
}

Result<AwsCredentials> CredentialChain::FromProfile() const {
  const auto field = [&](std::string_view key) {
    const auto found = profile_.find(key);
    return found == profile_.end() ? std::string() : found->second;
  };
  AwsCredentials found{field("aws_access_key_id"), field("aws_secret_access_key"),
                       field("aws_session_token")};
  for (const char* key : {"role_arn", "credential_process", "sso_session", "sso_start_url"}) {
    if (!field(key).empty()) {
      return UnsupportedFeature("An AWS profile with " + std::string(key));
    }
  }
  return found.secret_access_key.empty() ? AwsCredentials{} : found;
}

Result<std::string> CredentialChain::Fetch(const RequestContext& ctx, const HttpRequest& request,
                                           const std::string& whom) {
  TARN_ASSIGN(HttpOutcome outcome, http_.Send(ctx, request));
  TARN_TRY(ctx.Check());
  if (!outcome.answer) return Missing(whom + " can't be reached: " + outcome.failure);
  if (outcome.answer->ok()) return std::move(outcome.answer->body);
  // Only the code: the rest of the text may repeat the token.
  const auto refusal = ParseRefusal(outcome.answer->body);
  return Missing(whom + " refuses them: " + (refusal ? refusal->code + " " : "") + "(HTTP " +
                 std::to_string(outcome.answer->status) + ")");
}

Result<AwsCredentials> CredentialChain::FromWebIdentity(const RequestContext& ctx,
                                                        const std::string& token_file,
                                                        const std::string& role) {
  const std::string token = Trimmed(ReadSmallFile(token_file));
  if (token.empty()) {
    return Missing("the file that AWS_WEB_IDENTITY_TOKEN_FILE names is missing or empty");
  }
  std::string session = Variable("AWS_ROLE_SESSION_NAME");
  if (session.empty()) session = "tarn";
  const std::string body = EncodedQuery({{"Action", "AssumeRoleWithWebIdentity"},
                                         {"Version", "2011-06-15"},
                                         {"RoleArn", role},
                                         {"RoleSessionName", session},
                                         {"WebIdentityToken", token}});
  const std::string url =
      settings_.sts_endpoint.host.empty()
          ? "https://sts." + settings_.region + "." + std::string(DomainOf(settings_.region))
          : settings_.sts_endpoint.url();
  HttpRequest request;
  request.method = "POST";
  request.url = url + "/";
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  request.body = body;
  request.answer_bytes_max = kAnswerBytesMax;
  TARN_ASSIGN(const std::string answer, Fetch(ctx, request, "AWS's token service"));
  AwsCredentials found = ParseStsAnswer(answer);
  if (found.empty()) return Missing("AWS's token service answers without credentials");
  return found;
}

Result<AwsCredentials> CredentialChain::FromContainer(const RequestContext& ctx) {
  HttpRequest request;
  request.answer_bytes_max = kAnswerBytesMax;
  request.timeout_ms = kAgentTimeoutMs;
  request.without_proxy = true;
  const std::string relative = Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (!relative.empty()) {
    request.url = "http://169.254.170.2" + relative;
    if (!relative.starts_with('/')) return Missing("the container's address for them is no path");
  } else {
    const std::string full = Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const size_t path = full.find('/', full.find("://") == full.npos ? 0 : full.find("://") + 3);
    TARN_ASSIGN(const Endpoint endpoint, ParseEndpoint(full.substr(0, path), true));
    const bool known_host = endpoint.host == "169.254.170.2" || endpoint.host == "169.254.170.23" ||
                            endpoint.host == "[fd00:ec2::23]" || endpoint.is_loopback();
    if (endpoint.scheme == "http" && !known_host) {
      return Missing("the container's address for them is neither encrypted nor on this machine");
    }
    request.url = endpoint.url() + (path == full.npos ? "/" : full.substr(path));
  }
  std::string token = Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  const std::string token_file = Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!token_file.empty()) token = Trimmed(ReadSmallFile(token_file));
  if (token.find_first_of("\r\n") != token.npos) return Missing("the container's token is damaged");
  if (!token.empty()) request.headers = {{"authorization", token}};
  TARN_ASSIGN(const std::string answer, Fetch(ctx, request, "the container's agent"));
  AwsCredentials found = ParseCredentialsJson(answer);
  if (found.empty()) return Missing("the container's agent answers without credentials");
  return found;
}

Result<AwsCredentials> CredentialChain::FromInstance(const RequestContext& ctx) {
  std::string base = Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (base.empty()) base = "http://169.254.169.254";
  while (base.ends_with('/')) base.pop_back();
  HttpRequest request;
  request.answer_bytes_max = kAnswerBytesMax;
  request.timeout_ms = 1'000;
  request.without_proxy = true;
  request.method = "PUT";
  request.url = base + "/latest/api/token";
  request.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "300"}};
  const std::string whom = "the instance's metadata";
  TARN_ASSIGN(const std::string token, Fetch(ctx, request, whom));
  if (token.find_first_of("\r\n") != token.npos) return Missing("the instance's token is damaged");
  request.method = "GET";
  request.headers = {{"x-aws-ec2-metadata-token", token}};
  const std::string roles = base + "/latest/meta-data/iam/security-credentials/";
  request.url = roles;
  TARN_ASSIGN(std::string role, Fetch(ctx, request, whom));
  role = role.substr(0, role.find('\n'));
  request.url = roles + EncodeUri(role, false);
  TARN_ASSIGN(const std::string answer, Fetch(ctx, request, whom));
  AwsCredentials found = ParseCredentialsJson(answer);
  if (found.empty()) return Missing("the instance's metadata has no credentials");
  return found;
}

}  // namespace tarn::io
