#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "s3/http_client.h"
#include "s3/s3_settings.h"
#include "s3/sigv4.h"
#include "tarn/base/request_context.h"

namespace tarn::io {

/// Finds credentials where AWS's own tools do, in their order: the environment, a web identity
/// token (exchanged at STS), the profile, the container's agent, the instance's metadata (IMDSv2).
/// Those that expire are renewed before they do; while that fails, the old ones serve as long as
/// they are good. Thread-safe.
class CredentialChain {
 public:
  CredentialChain(Environment environment, AwsProfile profile, S3Settings settings,
                  HttpClient& http, Clock& clock);

  /// PATH_NOT_ALLOWED if there are none.
  Result<AwsCredentials> Get(const RequestContext& ctx);
  /// The server says that these are no longer good.
  void Forget(const AwsCredentials& refused);

 private:
  Result<AwsCredentials> Find(const RequestContext& ctx);
  AwsCredentials FromEnvironment() const;
  Result<AwsCredentials> FromProfile() const;
  Result<AwsCredentials> FromWebIdentity(const RequestContext& ctx, const std::string& token_file,
                                         const std::string& role);
  Result<AwsCredentials> FromContainer(const RequestContext& ctx);
  Result<AwsCredentials> FromInstance(const RequestContext& ctx);
  std::string Variable(const std::string& name) const;
  /// The text of a successful answer.
  Result<std::string> Fetch(const RequestContext& ctx, const HttpRequest& request,
                            const std::string& whom);

  const Environment environment_;
  const AwsProfile profile_;
  const S3Settings settings_;
  HttpClient& http_;
  Clock& clock_;
  std::mutex mutex_;
  AwsCredentials known_;     // guarded by mutex_
  int64_t next_try_us_ = 0;  // guarded by mutex_
};

/// The JSON of a container's agent and of the instance's metadata. Empty if it is none.
AwsCredentials ParseCredentialsJson(std::string_view text);
/// The XML of AssumeRoleWithWebIdentity. Empty if it is none.
AwsCredentials ParseStsAnswer(std::string_view text);

}  // namespace tarn::io
