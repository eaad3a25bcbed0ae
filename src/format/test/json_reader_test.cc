#include <gtest/gtest.h>

#include "reading.h"

namespace tarn::format {
namespace {

const std::vector<Field> kTwo = {{"a", TypeId::kInt}, {"b", TypeId::kString}};

TEST(JsonReaderTest, RescuedDataKeepsUnknownMembersAndMisfits) {
  Reading reading;
  std::vector<Field> fields = kTwo;
  fields.push_back({"s", DataType::Struct({{"x", TypeId::kInt}})});
  fields.push_back({"_rescued_data", TypeId::kString});
  const Options options = {{"rescuedDataColumn", "_rescued_data"}};
  EXPECT_EQ(reading.Rows("json", R"({"a":"q","b":"x","n":[1, 2],"s":{"x":"bad","y":1}})", fields,
                         options),
            R"(-,x,{-},{"a":"q","n":[1, 2],"s":{"x":"bad","y":1},"_file_path":"/f"})");
  EXPECT_EQ(reading.Rows("json", R"({"A":1})", fields, options),
            R"(-,-,-,{"A":1,"_file_path":"/f"})");
  EXPECT_EQ(
      reading.Rows("json", R"({"A":1})", fields,
                   {{"rescuedDataColumn", "_rescued_data"}, {"readerCaseSensitive", "false"}}),
      "1,-,-,-");
}

TEST(JsonReaderTest, RescueSeesColumnsThatAreNotWanted) {
  Reading reading;
  std::vector<Field> fields = kTwo;
  fields.push_back({"_rescued_data", TypeId::kString});
  auto spec = Reading::Spec("json", {{"rescuedDataColumn", "_rescued_data"}}, fields);
  spec->wanted = {2, 1};
  EXPECT_EQ(Reading::RowsOf(spec, {reading.Part(R"({"a":"q","b":"x"})")}),
            R"({"a":"q","_file_path":"/f"},x)");
}

TEST(JsonReaderTest, ArrayLargerThanABatchIsRowsInOrder) {
  Reading reading;
  std::string content = "[", wanted;
  for (int i = 0; i < 5000; ++i) {
    content += (i ? "," : "") + std::string("{\"a\":") + std::to_string(i) + "}";
    wanted += (i ? ";" : "") + std::to_string(i) + ",-";
  }
  EXPECT_EQ(reading.Rows("json", content + "]", kTwo, {{"multiLine", "true"}}), wanted);
  EXPECT_EQ(reading.Rows("json", content, kTwo, {{"multiLine", "true"}}), "-,-");
}

TEST(JsonReaderTest, DeepNestingIsMalformed) {
  Reading reading;
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(reading.Rows("json", "{\"b\":" + deep + "}\n{\"b\":\"x\"}\n", kTwo), "-,-;-,x");
}

TEST(JsonReaderTest, VariantKeepsItsJson) {
  Reading reading;
  EXPECT_EQ(
      reading.Rows("json", R"({"v": {"x" : [1, 2.50, "\u00e9"]}})", {{"v", TypeId::kVariant}}),
      R"({"x":[1,2.50,"é"]})");
}

}  // namespace
}  // namespace tarn::format
