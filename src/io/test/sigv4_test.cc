#include "s3/sigv4.h"

#include <gtest/gtest.h>

namespace tarn::io {
namespace {

// The examples of "Signature Calculations for the Authorization Header" in Amazon S3's API
// reference: one key, one moment.
constexpr int64_t kMay24Us = 1'369'353'600'000'000;
const AwsCredentials kExample{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                              ""};

std::string SignatureOf(SignedParts parts) {
  parts.host = "examplebucket.s3.amazonaws.com";
  Sign(kExample, "us-east-1", "s3", kMay24Us, parts);
  const std::string& authorization = parts.headers.back().second;
  return authorization.substr(authorization.find("Signature=") + 10);
}

TEST(Sigv4Test, GetOfARange) {
  EXPECT_EQ(SignatureOf({"GET", "", "/test.txt", {}, {{"range", "bytes=0-9"}}, Sha256Hex("")}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Sigv4Test, PutOfAnObjectWhoseNameIsEncoded) {
  EXPECT_EQ(SignatureOf({"PUT",
                         "",
                         EncodeUri("/test$file.text", true),
                         {},
                         {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         Sha256Hex("Welcome to Amazon S3.")}),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(Sigv4Test, AParameterWithoutValue) {
  EXPECT_EQ(SignatureOf({"GET", "", "/", {{"lifecycle", ""}}, {}, Sha256Hex("")}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(Sigv4Test, ParametersAreSorted) {
  EXPECT_EQ(SignatureOf({"GET", "", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, Sha256Hex("")}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(Sigv4Test, ASessionTokenIsSentAndSigned) {
  SignedParts parts{"GET", "host", "/", {}, {}, Sha256Hex("")};
  AwsCredentials temporary = kExample;
  temporary.session_token = "token";
  Sign(temporary, "us-east-1", "s3", kMay24Us, parts);
  EXPECT_NE(parts.headers.back().second.find("x-amz-security-token"), std::string::npos);
  EXPECT_NE(std::find(parts.headers.begin(), parts.headers.end(),
                      std::pair<std::string, std::string>("x-amz-security-token", "token")),
            parts.headers.end());
}

TEST(Sigv4Test, EncodingLeavesOnlyWhatIsUnreserved) {
  EXPECT_EQ(EncodeUri("/a b/c+d=é~_-.", true), "/a%20b/c%2Bd%3D%C3%A9~_-.");
  EXPECT_EQ(EncodeUri("a/b", false), "a%2Fb");
}

}  // namespace
}  // namespace tarn::io
