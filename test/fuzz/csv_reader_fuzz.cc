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
  option(0, "header", "true");
  option(1, "multiLine", "true");
  option(2, "inferSchema", "true");
  option(3, "mode", "DROPMALFORMED");
  option(4, "escape", "\"");
  option(5, "comment", "#");
  option(6, "ignoreLeadingWhiteSpace", "true");
  option(7, "nullValue", "NA");
  const std::vector<Field> fields = {{"a", TypeId::kInt, true, {}},
                                     {"b", DataType::Decimal(9, 2), true, {}},
                                     {"c", TypeId::kTimestamp, true, {}},
                                     {"d", TypeId::kString, true, {}},
                                     {"_corrupt_record", TypeId::kString, true, {}}};
  ReadRecords("csv", std::string(reinterpret_cast<const char*>(data) + 1, size - 1), options,
              fields);
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  const std::string rows =
      "a,b,c,d\r\n1,2.50,2024-01-01 10:00:00,\"x, \"\"y\"\"\nz\"\n# no\n-7,NA,,  k \n\n,,,\"open";
  std::vector<std::string> seeds;
  for (const int choice : {0, 1, 3, 7, 21, 255}) {
    seeds.push_back(static_cast<char>(choice) + rows);
  }
  return seeds;
}
