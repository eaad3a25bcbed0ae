#include "s3/s3_answers.h"

#include <gtest/gtest.h>

#include "s3/time_text.h"

namespace tarn::io {
namespace {

std::string Page(const std::string& inner) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>" +
         inner + "</ListBucketResult>";
}

std::string Object(const std::string& key, const std::string& size = "7") {
  return "<Contents><Key>" + key + "</Key><LastModified>2026-11-27T06:38:32.123Z</LastModified>" +
         "<Size>" + size + "</Size></Contents>";
}

std::string WhyNot(const std::string& xml, std::string_view prefix = "t/") {
  std::string why = "it is a page";
  (void)ParseListPage(xml, prefix, &why);
  return why;
}

TEST(S3AnswersTest, APageOfKeys) {
  std::string why;
  const auto page = ParseListPage(
      Page("<IsTruncated>true</IsTruncated><NextContinuationToken>on&amp;on</"
           "NextContinuationToken>" +
           Object("t/a%20b+c%2B%C3%A9") + "<CommonPrefixes><Prefix>t/d/</Prefix></CommonPrefixes>"),
      "t/", &why);
  ASSERT_TRUE(page) << why;
  ASSERT_EQ(page->objects.size(), 1u);
  EXPECT_EQ(page->objects[0].key, "t/a b c+é");
  EXPECT_EQ(page->objects[0].size, 7);
  // Whole seconds, as HEAD has them.
  EXPECT_EQ(page->objects[0].modified_us, 1'795'761'512'000'000);
  EXPECT_EQ(page->prefixes, std::vector<std::string>{"t/d/"});
  EXPECT_EQ(page->next, "on&on");
}

TEST(S3AnswersTest, WhatIsNoPageIsRefused) {
  EXPECT_NE(WhyNot(""), "it is a page");
  EXPECT_NE(WhyNot("<ListBucketResult>"), "it is a page");
  EXPECT_NE(WhyNot("<html>Welcome</html>"), "it is a page");
  EXPECT_NE(WhyNot(Page(Object("elsewhere/a"))), "it is a page");
  EXPECT_NE(WhyNot(Page(Object("t/a", "-1"))), "it is a page");
  EXPECT_NE(WhyNot(Page(Object("t/a", "99999999999999999999"))), "it is a page");
  EXPECT_NE(WhyNot(Page(Object("t/%zz"))), "it is a page");
  EXPECT_NE(WhyNot(Page("<IsTruncated>true</IsTruncated>")), "it is a page");
  EXPECT_NE(WhyNot(Page("<CommonPrefixes><Prefix>t/</Prefix></CommonPrefixes>")), "it is a page");
}

TEST(S3AnswersTest, EntitiesOfItsOwnAreNotExpanded) {
  std::string bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string("<!ENTITY ") + c + " \"";
    for (int i = 0; i < 10; ++i) bomb += std::string("&") + static_cast<char>(c - 1) + ";";
    bomb += "\">";
  }
  bomb += "]>" + std::string("<Error><Code>&j;</Code><Message>m</Message></Error>");
  const auto refusal = ParseRefusal(bomb);
  ASSERT_TRUE(refusal);
  EXPECT_LT(refusal->code.size(), 10u);
}

TEST(S3AnswersTest, DeepNestingIsNoDanger) {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
  EXPECT_FALSE(ParseRefusal(deep));
  std::string closed = deep;
  for (int i = 0; i < 1'000'000; ++i) closed += "</a>";
  EXPECT_FALSE(ParseRefusal(closed));
}

TEST(S3AnswersTest, ARefusalIsOneShortLine) {
  HttpAnswer answer;
  answer.status = 403;
  answer.body = "<Error><Code>AccessDenied</Code><Message>no\nway" + std::string(5000, 'x') +
                "</Message></Error>";
  const std::string text = ShortRefusal(answer);
  EXPECT_TRUE(text.starts_with("AccessDenied: no way")) << text;
  EXPECT_LT(text.size(), 400u);
  answer.body = "\xff\xfe";
  EXPECT_EQ(ShortRefusal(answer), "HTTP 403");
}

TEST(S3AnswersTest, KeysAreEscapedWhereTheyAreDeleted) {
  EXPECT_NE(DeleteBody({"a<&>b"}).find("<Key>a&lt;&amp;&gt;b</Key>"), std::string::npos);
  EXPECT_FALSE(ParseDeleteAnswer("<DeleteResult/>"));
  EXPECT_EQ(ParseDeleteAnswer("<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code></Error>"
                              "</DeleteResult>")
                ->code,
            "AccessDenied");
  EXPECT_TRUE(ParseDeleteAnswer("garbage <"));
}

TEST(S3AnswersTest, TimesAreReadAndWritten) {
  EXPECT_EQ(ParseIsoTime("2026-11-27T06:38:32.123Z"), 1'795'761'512'123'000);
  EXPECT_EQ(ParseIsoTime("2026-11-27T06:38:32Z"), 1'795'761'512'000'000);
  for (const char* text :
       {"", "2026-11-27", "2026-13-27T06:38:32Z", "2026-11-27T24:38:32Z", "2026-11-27T06:38:32",
        "2026-11-27T06:38:32.1x3Z", "2026-02-30T06:38:32Z", "2026-11-27 06:38:32Z"}) {
    EXPECT_FALSE(ParseIsoTime(text)) << text;
  }
  EXPECT_EQ(AmzDate(1'795'761'512'123'000), "20261127T063832Z");
  EXPECT_EQ(ParseHttpDate("Fri, 27 Nov 2026 06:38:32 GMT"), 1'795'761'512'000'000);
  EXPECT_EQ(ParseHttpDate("yesterday"), 0);
  EXPECT_EQ(ParseHttpDate("Fri, 27 Nov 20262026 06:38:32 GMT"), 0);
}

TEST(S3AnswersTest, PartsOfAnUploadAreNumbered) {
  EXPECT_NE(CompleteBody({"\"a\"", "\"b\""})
                .find("<Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag></Part>"),
            std::string::npos);
  EXPECT_EQ(ParseElement("<R><UploadId>id</UploadId></R>", "R", "UploadId"), "id");
  EXPECT_EQ(ParseElement("<R>", "R", "UploadId"), "");
}

}  // namespace
}  // namespace tarn::io
