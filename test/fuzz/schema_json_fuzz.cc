#include <cstdlib>
#include <string>

#include "driver.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/types/schema_json.h"

namespace {

using tarn::delta::Metadata;

/// A mapping is refused, or it finds every column under its own name.
void CheckMapping(Metadata metadata, const char* mode) {
  metadata.configuration["delta.columnMapping.mode"] = mode;
  const auto physical = tarn::delta::MakePhysicalSchema(metadata);
  if (!physical.ok()) return;
  if (physical->fields.size() != metadata.schema.fields.size()) std::abort();
  for (const tarn::Field& field : metadata.schema.fields) {
    const auto* found = physical->Find(field.name);
    if (found == nullptr || (found->physical_name.empty() && !field.name.empty())) std::abort();
  }
  (void)ToPhysicalSchema(*physical);
}

}  // namespace

/// A schema is refused, or what is written of it reads as the same schema.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  (void)tarn::ParseDataTypeJson(bytes);
  auto schema = tarn::ParseSchemaJson(bytes);
  if (!schema.ok()) return 0;
  const std::string text = tarn::SchemaToJson(*schema);
  const auto again = tarn::ParseSchemaJson(text);
  if (!again.ok() || tarn::SchemaToJson(*again) != text) std::abort();
  Metadata metadata;
  metadata.schema = std::move(*schema);
  for (const char* mode : {"none", "id", "name"}) CheckMapping(metadata, mode);
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  return {
      R"j({"type":"struct","fields":[{"name":"a","type":"integer","nullable":true,"metadata":{}},)j"
      R"j({"name":"b","type":{"type":"array","elementType":"string","containsNull":true},)j"
      R"j("nullable":false,"metadata":{"comment":"x","delta.columnMapping.id":1,)j"
      R"j("delta.columnMapping.physicalName":"col-1"}}]})j",
      R"j({"type":"struct","fields":[{"name":"m","type":{"type":"map","keyType":"long",)j"
      R"j("valueType":{"type":"struct","fields":[{"name":"x","type":"decimal(10,2)",)j"
      R"j("nullable":true,"metadata":{"delta.generationExpression":"y * 2"}}]},)j"
      R"j("valueContainsNull":true},"nullable":true,"metadata":{"delta.typeChanges":)j"
      R"j([{"toType":"integer","fromType":"short","fieldPath":"key"}]}}]})j",
      R"j({"type":"struct","fields":[{"name":"t","type":"timestamp_ntz","nullable":true,)j"
      R"j("metadata":{"delta.identity.start":1,"delta.identity.step":2,)j"
      R"j("delta.identity.highWaterMark":9223372036854775807,"k":[1.5,null,{"x":true}]}}]})j",
      "\"decimal(38,18)\""};
}
