#include <string>
#include <string_view>
#include <vector>

#include "driver.h"
#include "s3/aws_profile.h"
#include "s3/credentials.h"
#include "s3/s3_answers.h"
#include "s3/time_text.h"

/// What servers and shared files say: each parser takes the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string why;
  (void)tarn::io::ParseListPage(text, "t/", &why);
  (void)tarn::io::ParseRefusal(text);
  (void)tarn::io::ParseDeleteAnswer(text);
  (void)tarn::io::ParseElement(text, "CopyObjectResult", "ETag");
  (void)tarn::io::ParseStsAnswer(text);
  (void)tarn::io::ParseCredentialsJson(text);
  (void)tarn::io::ParseProfile(text, "work", true);
  (void)tarn::io::ParseIsoTime(text);
  (void)tarn::io::ParseHttpDate(text);
  (void)tarn::io::ParseEndpoint(text, false);
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  return {
      "<?xml version=\"1.0\"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true"
      "</IsTruncated><NextContinuationToken>x</NextContinuationToken><Contents><Key>t/a%20b+c</Key>"
      "<Size>7</Size><LastModified>2026-11-27T06:38:32.123Z</LastModified></Contents>"
      "<CommonPrefixes><Prefix>t/d/</Prefix></CommonPrefixes></ListBucketResult>",
      "<Error><Code>NoSuchKey</Code><Message>no &lt;key&gt;</Message></Error>",
      "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
      "<AccessKeyId>a</AccessKeyId><SecretAccessKey>s</SecretAccessKey><Expiration>"
      "2026-11-27T07:38:32Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
      "</AssumeRoleWithWebIdentityResponse>",
      R"({"AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"2026-11-27T07:38:32Z"})",
      "[profile work]\nregion = eu-west-1\n# x\ns3 =\n  a = b\n[default]\nx=y\n",
      "http://127.0.0.1:9000/",
      "Fri, 27 Nov 2026 06:38:32 GMT",
  };
}
