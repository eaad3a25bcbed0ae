#include "tarn/types/schema_json.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

TEST(SchemaJson, WritesWhatItReads) {
  const std::string json =
      R"({"type":"struct","fields":[)"
      R"({"name":"id","type":"long","nullable":false,"metadata":{"delta.columnMapping.id":1,)"
      R"("comment":"the \"key\""}},)"
      R"j({"name":"d","type":"decimal(10,2)","nullable":true,"metadata":{}},)j"
      R"({"name":"l","type":{"type":"array","elementType":{"type":"struct","fields":[)"
      R"({"name":"é","type":"timestamp_ntz","nullable":true,"metadata":{}}]},"containsNull":false},)"
      R"("nullable":true,"metadata":{}},)"
      R"({"name":"m","type":{"type":"map","keyType":"string","valueType":"short",)"
      R"("valueContainsNull":true},"nullable":true,"metadata":{}},)"
      R"({"name":"i","type":"interval day to second","nullable":true,"metadata":{}}]})";
  auto schema = ParseSchemaJson(json);
  ASSERT_TRUE(schema.ok()) << schema.error().ToString();
  EXPECT_EQ(SchemaToJson(*schema), json);
  EXPECT_EQ(schema->fields[0].Comment(), "the \"key\"");
  EXPECT_EQ(schema->fields[0].Metadata("delta.columnMapping.id"), "1");
  EXPECT_EQ(schema->AsStruct().ToString(),
            "struct<id:bigint,d:decimal(10,2),l:array<struct<é:timestamp_ntz>>,"
            "m:map<string,smallint>,i:interval day to second>");
}

TEST(SchemaJson, RefusesWhatIsNoSchema) {
  for (const char* json : {"", "{", "[]", "\"long\"", R"({"type":"struct"})",
                           R"({"type":"struct","fields":[{"name":"a"}]})",
                           R"j({"type":"struct","fields":[{"name":"a","type":"decimal(39,0)"}]})j",
                           R"({"type":"struct","fields":[{"name":"a","type":"unicorn"}]})"}) {
    const auto schema = ParseSchemaJson(json);
    ASSERT_FALSE(schema.ok()) << json;
    EXPECT_EQ(schema.error().condition(), Condition("DELTA_LOG_CORRUPT"));
  }
}

TEST(SchemaJson, RefusesNestingThatWouldExhaustTheStack) {
  std::string json;
  for (int i = 0; i < 100000; ++i) json += R"({"type":"array","elementType":)";
  EXPECT_FALSE(ParseDataTypeJson(json).ok());
}

TEST(SchemaJson, CommentsAreQuotedAsJson) {
  Field field;
  field.SetComment("a \"b\"\n");
  EXPECT_EQ(field.Metadata("comment"), R"("a \"b\"\n")");
  EXPECT_EQ(field.Comment(), "a \"b\"\n");
}

}  // namespace
}  // namespace tarn
