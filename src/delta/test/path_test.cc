#include "tarn/delta/path.h"

#include <gtest/gtest.h>

namespace tarn::delta {
namespace {

std::string Decoded(std::string_view path, std::string_view root = "/lake/t") {
  auto result = DecodeLogPath(path, root);
  if (!result.ok()) {
    EXPECT_EQ(result.error().condition(), Condition("DELTA_PATH_OUTSIDE_TABLE"));
    return "<refused>";
  }
  return *result;
}

TEST(DecodeLogPath, DecodesRelativePathsOnce) {
  EXPECT_EQ(Decoded("part-0.parquet"), "part-0.parquet");
  EXPECT_EQ(Decoded("a=1/b=x%20y/f.parquet"), "a=1/b=x y/f.parquet");
  EXPECT_EQ(Decoded("a=x%253Ay/f"), "a=x%3Ay/f");
  EXPECT_EQ(Decoded("a=%C3%A9/f"), "a=é/f");
  EXPECT_EQ(Decoded("a=12:30/f"), "a=12:30/f");
  EXPECT_EQ(Decoded("a..b/...c/f"), "a..b/...c/f");
}

TEST(DecodeLogPath, AcceptsAbsolutePathsOnlyBelowTheTable) {
  EXPECT_EQ(Decoded("/lake/t/a/f"), "a/f");
  EXPECT_EQ(Decoded("file:/lake/t/a/f"), "a/f");
  EXPECT_EQ(Decoded("file:///lake/t/a/f"), "a/f");
  EXPECT_EQ(Decoded("s3://b/t/f", "s3://b/t"), "f");
  EXPECT_EQ(Decoded("/lake/t2/f"), "<refused>");
  EXPECT_EQ(Decoded("/lake/t"), "<refused>");
  EXPECT_EQ(Decoded("/lake/t/"), "<refused>");
  EXPECT_EQ(Decoded("/lake/t/../u/f"), "<refused>");
  EXPECT_EQ(Decoded("s3://b/t2/f", "s3://b/t"), "<refused>");
  EXPECT_EQ(Decoded("/lake/t/f", ""), "<refused>");
}

TEST(DecodeLogPath, RefusesWaysOut) {
  for (const char* path : {"",
                           "..",
                           "../f",
                           "a/../f",
                           "a/..",
                           "%2e%2e/f",
                           "a/%2E%2E/f",
                           "..%2Ff",
                           "/etc/passwd",
                           "%2Fetc/passwd",
                           "//etc/passwd",
                           "file:///etc/passwd",
                           "file:/etc/passwd",
                           "file%3A///etc/passwd",
                           "FILE:///etc/passwd",
                           "http://x/f",
                           "s3a://b/f",
                           "C:/x",
                           "c:f",
                           "a\\f",
                           "a%5C..%5Cf",
                           "a%00f",
                           "a%0Af",
                           "a//f",
                           "./f",
                           "a/./f",
                           "a/",
                           "f%",
                           "f%2",
                           "f%zz",
                           "f?x",
                           "f#x"}) {
    EXPECT_EQ(Decoded(path), "<refused>") << path;
  }
  EXPECT_EQ(Decoded(std::string("a\0f", 3)), "<refused>");
}

TEST(EncodeLogPath, IsInverted) {
  for (const char* path :
       {"a=1/part.parquet", "a=x%3Ay/f", "a b/ü/f", "q?#%[]{}|^`\"<>/f", "a=12:30/f", "a+b/f"}) {
    EXPECT_EQ(Decoded(EncodeLogPath(path)), path);
  }
  EXPECT_EQ(EncodeLogPath("a=x y/b=1%3A2/f.parquet"), "a=x%20y/b=1%253A2/f.parquet");
}

TEST(PartitionDirectory, EscapesAsHive) {
  EXPECT_EQ(PartitionDirectory({{"a", "1"}, {"b", "x/y=z:é 1"}, {"c", std::nullopt}, {"d", ""}}),
            "a=1/b=x%2Fy%3Dz%3Aé 1/c=__HIVE_DEFAULT_PARTITION__/d=__HIVE_DEFAULT_PARTITION__");
  EXPECT_EQ(PartitionDirectory({}), "");
}

}  // namespace
}  // namespace tarn::delta
