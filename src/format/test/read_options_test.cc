#include "tarn/format/read_options.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tarn::format {
namespace {

TEST(CheckOptionsTest, UnknownOptionIsRefusedWithTheNearestName) {
  const Status status = CheckOptions("csv", {{"heder", "true"}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().name(), "CF_UNKNOWN_OPTION_KEYS_ERROR");
  EXPECT_EQ(status.error().hint(), "Did you mean header?");
  EXPECT_TRUE(CheckOptions("csv", {{"heder", "true"}, {"validateOptions", "false"}}).ok());
  EXPECT_TRUE(CheckOptions("csv", {{"HEADER", "true"}, {"cloudFiles.sep", ";"}}).ok());
  EXPECT_FALSE(CheckOptions("json", {{"header", "true"}}).ok());
}

TEST(CheckOptionsTest, WhatIsNotBuiltIsRefusedByName) {
  for (const char* format : {"xml", "orc", ""}) {
    const Status status = CheckOptions(format, {});
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().name(), "UNSUPPORTED_FEATURE");
  }
  EXPECT_EQ(CheckOptions("json", {{"singleVariantColumn", "v"}}).error().name(),
            "UNSUPPORTED_FEATURE");
  EXPECT_EQ(CheckOptions("csv", {{"cloudFiles.resourceTag.team", "a"}}).error().name(),
            "UNSUPPORTED_FEATURE");
  EXPECT_EQ(CheckOptions("csv", {{"locale", "de"}}).error().name(), "UNSUPPORTED_FEATURE");
}

TEST(OptionNamesTest, NamesAreSortedAndUnique) {
  for (const char* format : {"csv", "json", "text", "parquet", "binaryFile", "?"}) {
    const auto names = OptionNames(format);
    EXPECT_TRUE(std::ranges::is_sorted(names)) << format;
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << format;
  }
}

}  // namespace
}  // namespace tarn::format
