#include "schema_evolution.h"

#include <algorithm>

#include "nested_fields.h"
#include "tarn/types/all_nullable.h"

namespace tarn::session {

bool EvolvesSchema(const SessionState& session, bool clause) {
  if (clause) return true;
  const std::string* merges = session.Setting("spark.databricks.delta.schema.autoMerge.enabled");
  return merges != nullptr && SameName(*merges, "true");
}

namespace {

DataType WithNewFields(const DataType& type, const DataType& given, FieldRule rule) {
  if (type.id() != given.id()) return type;
  switch (type.id()) {
    case TypeId::kArray:
      return DataType::Array(WithNewFields(type.element(), given.element(), rule),
                             type.contains_null());
    case TypeId::kMap:
      return DataType::Map(WithNewFields(type.key(), given.key(), rule),
                           WithNewFields(type.value(), given.value(), rule), type.contains_null());
    case TypeId::kStruct: {
      std::vector<Field> fields = type.fields();
      const bool by_name =
          rule != FieldRule::kInsert || std::ranges::all_of(fields, [&](const Field& field) {
            return FieldNamed(given.fields(), field.name) != nullptr;
          });
      if (!by_name) return type;
      for (Field& field : fields) {
        const Field* const same = FieldNamed(given.fields(), field.name);
        if (same != nullptr) field.type = WithNewFields(field.type, same->type, rule);
      }
      for (const Field& field : given.fields()) {
        if (FieldNamed(type.fields(), field.name) != nullptr) continue;
        fields.push_back({field.name, AllNullable(field.type), true, {}});
      }
      return DataType::Struct(std::move(fields));
    }
    default:
      return type;
  }
}

}  // namespace

delta::Metadata WithNewColumns(const delta::Metadata& table,
                               const std::vector<plan::OutputColumn>& columns, FieldRule rule,
                               size_t by_position) {
  delta::Metadata merged = table;
  std::vector<Field>& fields = merged.schema.fields;
  for (size_t i = 0; i < columns.size(); ++i) {
    const int found = i < by_position ? static_cast<int>(i) : merged.schema.Find(columns[i].name);
    if (found < 0) {
      fields.push_back({columns[i].name, AllNullable(columns[i].type), true, {}});
    } else {
      DataType& type = fields[static_cast<size_t>(found)].type;
      type = WithNewFields(type, columns[i].type, rule);
    }
  }
  return merged;
}

}  // namespace tarn::session
