#include <gtest/gtest.h>

#include "reading.h"

namespace tarn::format {
namespace {

const std::vector<Field> kTwo = {{"a", TypeId::kInt}, {"b", TypeId::kString}};

std::vector<Field> WithText(const char* name) {
  std::vector<Field> fields = kTwo;
  fields.push_back({name, TypeId::kString});
  return fields;
}

TEST(CsvReaderTest, PartsOfAFileHaveEachLineOnce) {
  Reading reading;
  std::string content, wanted;
  for (int i = 0; i < 200; ++i) {
    content += std::to_string(i) + ",x" + (i % 3 == 0 ? "\r\n" : i % 3 == 1 ? "\n" : "\r");
    wanted += (i ? ";" : "") + std::to_string(i) + ",x";
  }
  for (const int64_t size : {1, 2, 3, 7, 50, 5000}) {
    std::vector<FilePart> parts;
    for (int64_t begin = 0; begin < static_cast<int64_t>(content.size()); begin += size) {
      FilePart part = reading.Part(content);
      part.begin = begin;
      part.end = begin + size;
      parts.push_back(std::move(part));
    }
    EXPECT_EQ(Reading::RowsOf(Reading::Spec("csv", {}, kTwo), std::move(parts)), wanted) << size;
  }
}

TEST(CsvReaderTest, FailFastNamesFileAndLine) {
  Reading reading;
  const std::string error = reading.Rows("csv", "1,x\n\nq,y\n", kTwo, {{"mode", "FAILFAST"}});
  EXPECT_NE(error.find("/f"), std::string::npos) << error;
  EXPECT_NE(error.find("line 3"), std::string::npos) << error;
  EXPECT_NE(error.find("q,y"), std::string::npos) << error;
}

TEST(CsvReaderTest, RescuedDataKeepsWhatDoesNotFit) {
  Reading reading;
  const Options options = {{"rescuedDataColumn", "_rescued_data"}};
  EXPECT_EQ(reading.Rows("csv", "1,x\nq,y\n1,x,z\n", WithText("_rescued_data"), options),
            R"(1,x,-;-,y,{"a":"q","_file_path":"/f"};1,x,{"_c2":"z","_file_path":"/f"})");
}

TEST(CsvReaderTest, RescueFindsColumnsByTheHeader) {
  Reading reading;
  const Options options = {{"rescuedDataColumn", "_rescued_data"}, {"header", "true"}};
  EXPECT_EQ(reading.Rows("csv", "b,n,a\nx,9,1\ny,,2\n", WithText("_rescued_data"), options),
            R"(1,x,{"n":"9","_file_path":"/f"};2,y,-)");
}

TEST(CsvReaderTest, SkippedRowsComeBeforeTheHeader) {
  Reading reading;
  EXPECT_EQ(
      reading.Rows("csv", "junk\nmore\na,b\n1,x\n", kTwo, {{"skipRows", "2"}, {"header", "true"}}),
      "1,x");
}

TEST(CsvReaderTest, QuotedFieldAcrossWindowsIsWhole) {
  Reading reading;
  const std::string big(600 << 10, 'y');
  EXPECT_EQ(
      reading.Rows("csv", "1,\"" + big + "\n" + big + "\"\n2,z\n", kTwo, {{"multiLine", "true"}}),
      "1," + big + "\n" + big + ";2,z");
}

TEST(CsvReaderTest, UnwantedColumnsCostNothingButTheLine) {
  Reading reading;
  auto spec = Reading::Spec("csv", {{"mode", "DROPMALFORMED"}}, kTwo);
  spec->wanted = {1};
  EXPECT_EQ(Reading::RowsOf(spec, {reading.Part("q,x\n1\n2,y,z\n")}), "x;-;y");
}

TEST(CsvReaderTest, BadOptionsAreNamed) {
  Reading reading;
  for (const auto& [name, value] : Options{{"quote", "ab"},
                                           {"header", "maybe"},
                                           {"sep", ""},
                                           {"maxColumns", "x"},
                                           {"unescapedQuoteHandling", "x"},
                                           {"compression", "rar"}}) {
    const std::string error = reading.Rows("csv", "", kTwo, {{name, value}});
    EXPECT_NE(error.find("INVALID_PARAMETER_VALUE"), std::string::npos) << name << ": " << error;
  }
}

}  // namespace
}  // namespace tarn::format
