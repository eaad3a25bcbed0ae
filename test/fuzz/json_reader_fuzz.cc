#include "driver.h"
#include "record_reading.h"

using tarn::DataType;
using tarn::Field;
using tarn::TypeId;

/// The first byte chooses the options, the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t choice = data[0];
  std::vector<std::pair<std::string, std::string>> options;
  const auto option = [&](int bit, const char* name, const char* value) {
    if ((choice >> bit & 1) != 0) options.emplace_back(name, value);
  };
  option(0, "multiLine", "true");
  option(1, "allowComments", "true");
  option(2, "allowSingleQuotes", "false");
  option(3, "allowUnquotedFieldNames", "true");
  option(4, "primitivesAsString", "true");
  option(5, "mode", "DROPMALFORMED");
  option(6, "dropFieldIfAllNull", "true");
  option(7, "prefersDecimal", "true");
  const DataType inner = DataType::Struct(
      {{"x", TypeId::kLong, true, {}}, {"y", DataType::Array(TypeId::kString), true, {}}});
  const std::vector<Field> fields = {
      {"a", TypeId::kInt, true, {}},
      {"b", DataType::Array(inner), true, {}},
      {"c", DataType::Map(TypeId::kString, TypeId::kDouble), true, {}},
      {"d", TypeId::kString, true, {}},
      {"_corrupt_record", TypeId::kString, true, {}}};
  ReadRecords("json", std::string(reinterpret_cast<const char*>(data) + 1, size - 1), options,
              fields);
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  const std::string rows =
      R"({"a":1,"b":[{"x":9007199254740993,"y":["p","\ud83d\ude00\n"]},null],"c":{"k":1.5e3},"d":{"e":[1,2]}})"
      "\n"
      R"({"a":"7","b":{},"c":[],"d":true,"a":2} )"
      "\n\n"
      R"([{"a":3},{"d":"\u0000"}])"
      "\n{\"a\":";
  std::vector<std::string> seeds;
  for (const int choice : {0, 1, 8, 16, 130, 255}) {
    seeds.push_back(static_cast<char>(choice) + rows);
  }
  return seeds;
}
