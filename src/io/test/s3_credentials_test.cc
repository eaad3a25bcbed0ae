#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "fake_http_server.h"
#include "s3/credentials.h"
#include "s3/s3_store.h"

namespace tarn::io {
namespace {

constexpr char kSecret[] = "CANARY-secret";

class CredentialsTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tarn_aws_test_XXXXXX";
    folder_ = mkdtemp(name);
    variables_["HOME"] = folder_;
    variables_["AWS_EC2_METADATA_DISABLED"] = "true";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }
  Environment environment() {
    return [variables = variables_](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }
  /// The chain with the settings as they are now.
  CredentialChain& Chain() {
    auto profile = LoadProfile(environment());
    EXPECT_TRUE(profile.ok());
    auto settings = SettingsOf(environment(), *profile);
    EXPECT_TRUE(settings.ok());
    chain_ = std::make_unique<CredentialChain>(environment(), *profile, *settings, http_, clock_);
    return *chain_;
  }
  std::string KeyOf(CredentialChain& chain) {
    const auto found = chain.Get(ctx_);
    return found.ok() ? found->access_key_id : std::string(found.error().name());
  }
  static std::string Json(const std::string& key, const std::string& expires) {
    return R"({"AccessKeyId":")" + key + R"(","SecretAccessKey":")" + kSecret +
           R"(","Token":"token","Expiration":")" + expires + R"("})";
  }

  std::string folder_;
  std::map<std::string, std::string> variables_;
  RequestContext ctx_;
  HttpClient http_;
  ManualClock clock_{1'795'761'512'000'000};  // 2026-11-27T06:38:32Z
  std::unique_ptr<CredentialChain> chain_;
};

TEST_F(CredentialsTest, TheEnvironmentComesFirst) {
  Write(".aws/credentials", "[default]\naws_access_key_id = P\naws_secret_access_key = s\n");
  EXPECT_EQ(KeyOf(Chain()), "P");
  variables_["AWS_ACCESS_KEY_ID"] = "E";
  variables_["AWS_SECRET_ACCESS_KEY"] = kSecret;
  EXPECT_EQ(KeyOf(Chain()), "E");
}

TEST_F(CredentialsTest, ProfilesAreChosenByName) {
  Write(".aws/credentials",
        "# a comment\n[default]\naws_access_key_id=D\naws_secret_access_key=s\n"
        "[work]\naws_access_key_id = W\naws_secret_access_key = s=/+\naws_session_token = t\n");
  Write(".aws/config",
        "[default]\nregion = eu-west-1\n[profile work]\nregion=eu-north-1\ns3 =\n  x = y\n");
  EXPECT_EQ(KeyOf(Chain()), "D");
  variables_["AWS_PROFILE"] = "work";
  EXPECT_EQ(KeyOf(Chain()), "W");
  EXPECT_EQ(chain_->Get(ctx_)->secret_access_key, "s=/+");
  EXPECT_EQ(SettingsOf(environment(), *LoadProfile(environment()))->region, "eu-north-1");
  variables_["AWS_PROFILE"] = "nobody";
  EXPECT_EQ(LoadProfile(environment()).error().name(), "PATH_NOT_ALLOWED");
}

TEST_F(CredentialsTest, WhatAProfileAsksForAndIsNotDoneIsRefusedByName) {
  Write(".aws/config", "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = y\n");
  EXPECT_EQ(KeyOf(Chain()), "UNSUPPORTED_FEATURE");
}

TEST_F(CredentialsTest, NoneAreAnErrorWithAHint) {
  const auto found = Chain().Get(ctx_);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().name(), "PATH_NOT_ALLOWED");
  EXPECT_NE(found.error().hint().find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST_F(CredentialsTest, AContainersAgentIsAskedWithItsTokenAndAgainBeforeTheyExpire) {
  std::string answer = Json("C1", "2026-11-27T07:38:32Z");
  FakeHttpServer agent([&](const FakeRequest& request) {
    return request.Header("authorization") == "Bearer x" ? FakeHttpServer::Answer(200, answer)
                                                         : FakeHttpServer::Answer(403, "");
  });
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.url() + "/creds?a=b";
  EXPECT_EQ(KeyOf(Chain()), "PATH_NOT_ALLOWED");
  Write("token", "Bearer x\n");
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder_ + "/token";
  CredentialChain& chain = Chain();
  EXPECT_EQ(KeyOf(chain), "C1");
  EXPECT_EQ(agent.requests().back().target, "/creds?a=b");
  answer = Json("C2", "2026-11-27T08:38:32Z");
  clock_.Advance(int64_t{50} * 60 * 1'000'000);
  EXPECT_EQ(KeyOf(chain), "C1");
  clock_.Advance(int64_t{6} * 60 * 1'000'000);
  EXPECT_EQ(KeyOf(chain), "C2");
  // The agent fails: the old ones serve until they expire.
  answer = "{}";
  clock_.Advance(int64_t{58} * 60 * 1'000'000);
  EXPECT_EQ(KeyOf(chain), "C2");
  clock_.Advance(int64_t{10} * 60 * 1'000'000);
  EXPECT_EQ(KeyOf(chain), "PATH_NOT_ALLOWED");
}

TEST_F(CredentialsTest, AContainersAddressMustBeLocalOrEncrypted) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/creds";
  EXPECT_EQ(KeyOf(Chain()), "PATH_NOT_ALLOWED");
}

TEST_F(CredentialsTest, InstanceMetadataNeedsItsSession) {
  FakeHttpServer metadata([&](const FakeRequest& request) {
    if (request.method == "PUT" && request.target == "/latest/api/token") {
      return FakeHttpServer::Answer(200, "session");
    }
    if (request.Header("x-aws-ec2-metadata-token") != "session") {
      return FakeHttpServer::Answer(401, "");
    }
    return request.target.ends_with("/role")
               ? FakeHttpServer::Answer(200, Json("I", "2026-11-27T12:00:00Z"))
               : FakeHttpServer::Answer(200, "role\n");
  });
  variables_.erase("AWS_EC2_METADATA_DISABLED");
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.url() + "/";
  EXPECT_EQ(KeyOf(Chain()), "I");
}

TEST_F(CredentialsTest, AWebIdentityIsExchanged) {
  FakeHttpServer sts([&](const FakeRequest& request) {
    const bool right =
        request.body.find("WebIdentityToken=jwt%2B1") != std::string::npos &&
        request.body.find("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr") != std::string::npos;
    if (!right) return FakeHttpServer::Answer(400, "<ErrorResponse/>");
    return FakeHttpServer::Answer(
        200,
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
        "<AccessKeyId>W</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        "<SessionToken>t</SessionToken><Expiration>2026-11-27T07:38:32Z</Expiration>"
        "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>");
  });
  Write("jwt", "jwt+1\n");
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder_ + "/jwt";
  variables_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
  variables_["AWS_ENDPOINT_URL_STS"] = sts.url();
  EXPECT_EQ(KeyOf(Chain()), "W");
  EXPECT_EQ(chain_->Get(ctx_)->session_token, "t");
}

TEST_F(CredentialsTest, AnswersThatAreNoneGiveNone) {
  for (const char* text : {"", "{", "[]", "{\"AccessKeyId\":1}", "{\"AccessKeyId\":\"a\"}"}) {
    EXPECT_TRUE(ParseCredentialsJson(text).empty()) << text;
    EXPECT_TRUE(ParseStsAnswer(text).empty()) << text;
  }
}

TEST_F(CredentialsTest, HttpGoesToThisMachineOnly) {
  EXPECT_TRUE(ParseEndpoint("http://localhost:9000/", false).ok());
  EXPECT_TRUE(ParseEndpoint("http://[::1]:9000", false).ok());
  EXPECT_TRUE(ParseEndpoint("https://minio.example", false).ok());
  EXPECT_TRUE(ParseEndpoint("http://minio.example", true).ok());
  for (const char* text : {"http://minio.example", "http://127.evil.example", "ftp://127.0.0.1",
                           "https://user:CANARY@host", "https://host/path", "https://", "host",
                           "http://localhost.evil.example"}) {
    const auto endpoint = ParseEndpoint(text, false);
    ASSERT_FALSE(endpoint.ok()) << text;
    EXPECT_EQ(endpoint.error().ToString().find("CANARY"), std::string::npos);
  }
}

TEST_F(CredentialsTest, NoErrorShowsASecret) {
  // The server repeats all that it was told.
  FakeHttpServer server([](const FakeRequest& request) {
    std::string told;
    for (const auto& [name, value] : request.headers) told += name + ": " + value + "\n";
    return FakeHttpServer::Answer(
        403, "<Error><Code>SignatureDoesNotMatch</Code><Message>" + told + "</Message></Error>");
  });
  variables_["AWS_ACCESS_KEY_ID"] = "AKIAKEY";
  variables_["AWS_SECRET_ACCESS_KEY"] = kSecret;
  variables_["AWS_SESSION_TOKEN"] = "CANARY-token";
  variables_["AWS_ENDPOINT_URL"] = server.url();
  auto client = S3Client::New(environment(), SystemClock());
  ASSERT_TRUE(client.ok());
  S3Store store(*std::move(client), "bucket");
  const auto text = store.ReadAll(ctx_, *ObjectPath::Parse("a"), 100);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().ToString().find("CANARY"), std::string::npos) << text.error().ToString();
}

}  // namespace
}  // namespace tarn::io
