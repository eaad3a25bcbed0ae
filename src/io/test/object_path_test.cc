#include "tarn/io/object_path.h"

#include <gtest/gtest.h>

namespace tarn::io {
namespace {

Condition RefusalOf(const Result<ObjectPath>& path) {
  return path.ok() ? Condition("INTERNAL_ERROR") : path.error().condition();
}

TEST(ObjectPath, ParseNormalises) {
  EXPECT_EQ(ObjectPath::Parse("a//b/./c/")->str(), "a/b/c");
  EXPECT_TRUE(ObjectPath::Parse("")->is_root());
  EXPECT_TRUE(ObjectPath::Parse("./")->is_root());
  EXPECT_EQ(ObjectPath::Parse("p=a b/x..y")->str(), "p=a b/x..y");
}

TEST(ObjectPath, WaysOutOfTheRootAreRefused) {
  for (const std::string_view text :
       {"..", "a/../b", "a/..", "/etc/passwd", "//host/share", "file:/etc/passwd",
        "file:///etc/passwd", "s3://b/t", "S3a://b/t", "abfss://c@a/t"}) {
    EXPECT_EQ(RefusalOf(ObjectPath::Parse(text)), Condition("PATH_NOT_ALLOWED")) << text;
    EXPECT_EQ(RefusalOf(ObjectPath::ParseEncoded(text)), Condition("PATH_NOT_ALLOWED")) << text;
    EXPECT_EQ(RefusalOf(ObjectPath().Join(text)), Condition("PATH_NOT_ALLOWED")) << text;
  }
  EXPECT_EQ(RefusalOf(ObjectPath::Parse(std::string_view("a\0b", 3))),
            Condition("PATH_NOT_ALLOWED"));
}

TEST(ObjectPath, EncodedWaysOutAreRefused) {
  for (const std::string_view text : {"%2e%2e/x", "a/%2E%2E/b", "%2Fetc/passwd", "file%3A/etc",
                                      "a%00b", "a%2f..%2fb", "a%", "a%2", "a%zz"}) {
    EXPECT_EQ(RefusalOf(ObjectPath::ParseEncoded(text)), Condition("PATH_NOT_ALLOWED")) << text;
  }
  // Decoded once only: this is a file with a percent sign in its name.
  EXPECT_EQ(ObjectPath::ParseEncoded("%252e%252e/x")->str(), "%2e%2e/x");
}

TEST(ObjectPath, ColonsInsideNamesAreNoSchemes) {
  EXPECT_EQ(ObjectPath::ParseEncoded("ts=2020-01-01%2000:00/f")->str(), "ts=2020-01-01 00:00/f");
  EXPECT_EQ(ObjectPath().Child("log:1").str(), "log:1");
}

TEST(ObjectPath, EncodesAsJavaDoes) {
  EXPECT_EQ(ObjectPath::Parse("p=a b%/ü#?[x]")->Encoded(), "p=a%20b%25/ü%23%3F%5Bx%5D");
  EXPECT_EQ(ObjectPath::ParseEncoded(ObjectPath::Parse("a%20+b\"c")->Encoded())->str(),
            "a%20+b\"c");
}

TEST(ObjectPath, FromAbsoluteResolvesDotsAsText) {
  EXPECT_EQ(ObjectPath::FromAbsolute("/a/../b/./c")->str(), "b/c");
  EXPECT_EQ(ObjectPath::FromAbsolute("file:///data/x")->str(), "data/x");
  EXPECT_EQ(ObjectPath::FromAbsolute("file:/data/x")->str(), "data/x");
  EXPECT_TRUE(ObjectPath::FromAbsolute("/../..")->is_root());
  EXPECT_FALSE(ObjectPath::FromAbsolute("data/x").ok());
  EXPECT_FALSE(ObjectPath::FromAbsolute("file://host/x").ok());
}

TEST(ObjectPath, KnowsItsRelations) {
  const ObjectPath path = *ObjectPath::Parse("a/b/c");
  EXPECT_EQ(path.Name(), "c");
  EXPECT_EQ(path.Parent().str(), "a/b");
  EXPECT_TRUE(path.IsWithin(*ObjectPath::Parse("a/b")));
  EXPECT_FALSE(path.IsWithin(*ObjectPath::Parse("a/bc")));
  EXPECT_FALSE(ObjectPath::Parse("a/bc")->IsWithin(*ObjectPath::Parse("a/b")));
  EXPECT_EQ(path.RelativeTo(*ObjectPath::Parse("a")).str(), "b/c");
  EXPECT_EQ((ObjectPath() / "x").str(), "x");
}

}  // namespace
}  // namespace tarn::io
