#include "tarn/base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "tarn/base/result.h"

namespace tarn {
namespace {

TEST(ErrorTable, NamesAreUniqueAndFoundByName) {
  std::set<std::string_view> names;
  for (const ConditionInfo& info : AllConditions()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(info.sqlstate.size(), 5u) << info.name;
    const std::optional<Condition> found = ConditionByName(info.name);
    ASSERT_TRUE(found.has_value()) << info.name;
    EXPECT_EQ(&InfoOf(*found), &info);
  }
}

TEST(Error, FillsItsParametersIntoMessageAndHint) {
  const Error error(Condition("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
                    {{"objectName", "`a`"}, {"proposal", "`b`, `c`"}});
  EXPECT_EQ(error.message(), "No column, variable or parameter named `a` is in scope.");
  EXPECT_EQ(error.hint(), "Did you mean one of `b`, `c`?");
  EXPECT_EQ(error.name(), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
}

TEST(Error, DefaultPositionDoesNotReplaceAKnownOne) {
  Error error = Error(Condition("DIVIDE_BY_ZERO")).WithPosition({3, 4, 1, 4});
  error = std::move(error).WithDefaultPosition({9, 10, 2, 1});
  EXPECT_EQ(error.position().line, 1u);
}

Result<int> Half(int n) {
  if (n % 2 != 0) return InternalError("odd");
  return n / 2;
}

Status Quarter(int n, int* out) {
  TARN_ASSIGN(int half, Half(n));
  TARN_ASSIGN(*out, Half(half));
  return {};
}

TEST(Result, TryPropagatesTheError) {
  int out = 0;
  EXPECT_TRUE(Quarter(8, &out).ok());
  EXPECT_EQ(out, 2);
  EXPECT_EQ(Quarter(6, &out).error().condition(), Condition("INTERNAL_ERROR"));
}

}  // namespace
}  // namespace tarn
