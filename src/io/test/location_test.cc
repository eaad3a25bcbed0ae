#include "tarn/io/location.h"

#include <gtest/gtest.h>

namespace tarn::io {
namespace {

std::string Normal(std::string_view text) {
  const auto location = NormalLocation(text);
  return location.ok() ? *location : std::string(location.error().name());
}

TEST(LocationTest, BucketsHaveOneSpelling) {
  EXPECT_EQ(Normal("s3://bucket/a/b"), "s3://bucket/a/b");
  EXPECT_EQ(Normal("s3a://bucket//a/./b//"), "s3://bucket/a/b");
  EXPECT_EQ(Normal("s3n://bucket"), "s3://bucket");
  EXPECT_EQ(Normal("s3://bucket/"), "s3://bucket");
  EXPECT_EQ(Normal("s3://bucket/a/../b"), "s3://bucket/b");
  EXPECT_EQ(Normal("s3://bucket/../../other/x"), "s3://bucket/other/x");
}

TEST(LocationTest, LocalPathsStayPaths) {
  EXPECT_EQ(Normal("/data/t/"), "/data/t");
  EXPECT_EQ(Normal("file:///data/t"), "/data/t");
  EXPECT_EQ(Normal("data/t"), "PATH_NOT_ALLOWED");
}

TEST(LocationTest, WhatIsNoBucketIsRefused) {
  for (const char* text : {"s3://", "s3:///a", "s3://ab/x", "s3://a..b/x", "s3://.ab/x",
                           "s3://bu cket/x", "s3://bucket%41/x"}) {
    EXPECT_EQ(Normal(text), "PATH_NOT_ALLOWED") << text;
  }
  EXPECT_EQ(Normal("gs://bucket/x"), "UNSUPPORTED_FEATURE");
  EXPECT_EQ(Normal(std::string_view("s3://bucket/a\0b", 15)), "PATH_NOT_ALLOWED");
}

TEST(LocationTest, CredentialsInALocationAreRefusedAndNotRepeated) {
  const auto location = NormalLocation("s3a://AKIAKEY:CANARY-secret@bucket/x");
  ASSERT_FALSE(location.ok());
  EXPECT_EQ(location.error().ToString().find("CANARY"), std::string::npos);
}

TEST(LocationTest, RootAndPathMakeTheLocation) {
  EXPECT_EQ(RootOf("s3://bucket/a/b"), "s3://bucket/");
  EXPECT_EQ(PathBelowRoot("s3://bucket/a/b")->str(), "a/b");
  EXPECT_EQ(BucketOf("s3://bucket/a/b"), "bucket");
  EXPECT_EQ(PathBelowRoot("s3://bucket")->str(), "");
  EXPECT_EQ(RootOf("/data/t"), "/");
  EXPECT_EQ(PathBelowRoot("/data/t")->str(), "data/t");
  EXPECT_EQ(UriOf("/data/t"), "file:/data/t");
  EXPECT_EQ(UriOf("s3://bucket/t"), "s3://bucket/t");
}

}  // namespace
}  // namespace tarn::io
