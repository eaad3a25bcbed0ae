#include "tarn/base/json_string.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

TEST(JsonString, QuotesTheEmptyText) { EXPECT_EQ(JsonString(""), "\"\""); }

TEST(JsonString, EscapesQuotesBackslashesAndEveryControlCharacter) {
  EXPECT_EQ(JsonString("a\"b\\c/"), R"("a\"b\\c/")");
  EXPECT_EQ(JsonString("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(JsonString(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001F\x7f\"");
}

TEST(JsonString, KeepsLettersBeyondAscii) {
  EXPECT_EQ(JsonString("grüße 日本 😀"), "\"grüße 日本 😀\"");
}

TEST(JsonString, ReplacesIllFormedSequences) {
  EXPECT_EQ(JsonString("a\xFF"
                       "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  // A sequence cut off by an escape or by the end is one replacement.
  EXPECT_EQ(JsonString("\xE2\x82\n"), "\"\xEF\xBF\xBD\\n\"");
  EXPECT_EQ(JsonString("\xE2\x82"), "\"\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace tarn
