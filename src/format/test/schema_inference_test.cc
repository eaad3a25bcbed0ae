#include <gtest/gtest.h>

#include "reading.h"

namespace tarn::format {
namespace {

TEST(SchemaInferenceTest, CsvFilesMergeByTheirHeadersWhenDataIsRescued) {
  Reading reading;
  EXPECT_EQ(reading.Inferred("csv", {"a,b\n1,x\n", "b,c,a\ny,2.5,3000000000\n"},
                             {{"header", "true"}, {"rescuedDataColumn", "_rescued_data"}}),
            "struct<a:bigint,b:string,c:double>");
}

TEST(SchemaInferenceTest, ColumnsStayTextWhereTypesAreNotInferred) {
  Reading reading;
  EXPECT_EQ(reading.Inferred("csv", {"1,2\n"}, {{"inferColumnTypes", "false"}}),
            "struct<_c0:string,_c1:string>");
  EXPECT_EQ(reading.Inferred("json", {R"({"a":1,"b":{"c":2}})"}, {{"inferColumnTypes", "false"}}),
            "struct<a:string,b:string>");
}

TEST(SchemaInferenceTest, JsonFilesMerge) {
  Reading reading;
  EXPECT_EQ(
      reading.Inferred("json", {R"({"a":1,"s":{"x":1}})", R"({"a":1.5,"s":{"y":["q"]},"b":true})"}),
      "struct<a:double,b:boolean,s:struct<x:bigint,y:array<string>>>");
}

TEST(SchemaInferenceTest, SampleTakesAFraction) {
  Reading reading;
  std::string content = "1\n";
  for (int i = 0; i < 98; ++i) content += "2\n";
  content += "x\n";
  EXPECT_EQ(reading.Inferred("csv", {content}, {{"samplingRatio", "0.1"}}), "struct<_c0:int>");
  EXPECT_EQ(reading.Inferred("csv", {content}), "struct<_c0:string>");
}

}  // namespace
}  // namespace tarn::format
