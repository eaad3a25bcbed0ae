#include "tarn/delta/column_mapping.h"

#include <charconv>
#include <set>

#include "json_text.h"
#include "log_reader.h"
#include "nested_ids.h"
#include "tarn/base/json_string.h"
#include "tarn/delta/iceberg_compat.h"

namespace tarn::delta {
namespace {

constexpr std::string_view kIdKey = "delta.columnMapping.id";
constexpr std::string_view kPhysicalNameKey = "delta.columnMapping.physicalName";
constexpr const char* kModeProperty = "delta.columnMapping.mode";
constexpr const char* kMaxIdProperty = "delta.columnMapping.maxColumnId";
constexpr int64_t kFirstHiddenId = 2'147'483'000;

Error Corrupt(std::string detail) { return LogCorrupt("the table", "metaData", std::move(detail)); }

std::optional<int32_t> ParseId(std::string_view json) {
  int32_t id = 0;
  const auto [end, failure] = std::from_chars(json.data(), json.data() + json.size(), id);
  if (failure != std::errc() || end != json.data() + json.size() || id < 0) return std::nullopt;
  return id;
}

std::optional<std::string> ParseText(std::string_view json) {
  std::string text;
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  if (!UnescapeJson(json.substr(1, json.size() - 2), text)) return std::nullopt;
  return text;
}

class Mapper {
 public:
  explicit Mapper(ColumnMappingMode mode) : mode_(mode) {}

  Result<std::vector<PhysicalField>> Fields(const std::vector<Field>& fields) {
    std::vector<PhysicalField> out;
    std::set<std::string, std::less<>> names;
    out.reserve(fields.size());
    for (const Field& field : fields) {
      TARN_ASSIGN(PhysicalField mapped, Map(field));
      if (!names.insert(mapped.physical_name).second) {
        return Corrupt("two columns have the physical name " + mapped.physical_name);
      }
      out.push_back(std::move(mapped));
    }
    return out;
  }

 private:
  Result<PhysicalField> Map(const Field& field) {
    PhysicalField out;
    out.name = field.name;
    out.physical_name = field.name;
    out.type = field.type;
    out.nullable = field.nullable;
    if (mode_ != ColumnMappingMode::kNone) {
      const auto id = ParseId(field.Metadata(kIdKey));
      auto name = ParseText(field.Metadata(kPhysicalNameKey));
      if (!id || !name || name->empty()) {
        return Corrupt("column " + field.name + " has no id or physical name of column mapping");
      }
      if (!ids_.insert(*id).second) {
        return Corrupt("two columns have the column mapping id " + std::to_string(*id));
      }
      out.field_id = id;
      out.physical_name = std::move(*name);
    }
    Nested nested{{}, out.physical_name};
    if (mode_ != ColumnMappingMode::kNone) {
      auto ids = ParseNestedIds(field.Metadata(kNestedIdsKey));
      if (!ids) return Corrupt("column " + field.name + " has malformed nested ids");
      nested.ids = std::move(*ids);
    }
    TARN_ASSIGN(out.children, Children(field.type, nested));
    return out;
  }

  /// The ids within a field, and where in it we are.
  struct Nested {
    NestedIds ids;
    std::string path;
  };

  Result<std::vector<PhysicalField>> Children(const DataType& type, Nested& nested) {
    std::vector<PhysicalField> out;
    if (type.Is(TypeId::kStruct)) return Fields(type.fields());
    if (type.Is(TypeId::kArray)) {
      TARN_ASSIGN(PhysicalField element,
                  Part("element", type.element(), type.contains_null(), nested));
      out.push_back(std::move(element));
    } else if (type.Is(TypeId::kMap)) {
      TARN_ASSIGN(PhysicalField key, Part("key", type.key(), false, nested));
      TARN_ASSIGN(PhysicalField value, Part("value", type.value(), type.contains_null(), nested));
      out.push_back(std::move(key));
      out.push_back(std::move(value));
    }
    return out;
  }

  Result<PhysicalField> Part(std::string name, const DataType& type, bool nullable,
                             Nested& nested) {
    const size_t parent = nested.path.size();
    nested.path += "." + name;
    PhysicalField part;
    if (const auto id = nested.ids.find(nested.path); id != nested.ids.end()) {
      part.field_id = id->second;
    }
    part.name = part.physical_name = std::move(name);
    part.type = type;
    part.nullable = nullable;
    TARN_ASSIGN(part.children, Children(type, nested));
    nested.path.resize(parent);
    return part;
  }

  ColumnMappingMode mode_;
  std::set<int32_t> ids_;
};

/// Rewrites every field of a schema, nested ones after their parents.
template <typename Visit>
DataType RewriteFields(const DataType& type, Visit& visit) {
  switch (type.id()) {
    case TypeId::kStruct: {
      std::vector<Field> fields = type.fields();
      for (Field& field : fields) {
        visit(field);
        field.type = RewriteFields(field.type, visit);
      }
      return DataType::Struct(std::move(fields));
    }
    case TypeId::kArray:
      return DataType::Array(RewriteFields(type.element(), visit), type.contains_null());
    case TypeId::kMap:
      return DataType::Map(RewriteFields(type.key(), visit), RewriteFields(type.value(), visit),
                           type.contains_null());
    default:
      return type;
  }
}

NestedIds NestedIdsOf(const Field& field) {
  return ParseNestedIds(field.Metadata(kNestedIdsKey)).value_or(NestedIds());
}

/// Gives ids to the elements, keys and values within a field that have none.
void AssignNestedIds(Field& field, int64_t& max_id) {
  const NestedIds before = NestedIdsOf(field);
  NestedIds ids;
  const std::string name = ParseText(field.Metadata(kPhysicalNameKey)).value_or(field.name);
  for (const std::string& path : NestedIdPaths(name, field.type)) {
    const auto known = before.find(path);
    ids[path] = known != before.end() ? known->second : static_cast<int32_t>(++max_id);
  }
  if (!ids.empty()) field.SetMetadata(std::string(kNestedIdsKey), ToJson(ids));
}

void RemoveAnnotations(Field& field) {
  std::erase_if(field.metadata,
                [](const auto& entry) { return entry.first.starts_with("delta.columnMapping."); });
}

}  // namespace

const PhysicalField* PhysicalSchema::Find(std::string_view name) const {
  for (const PhysicalField& field : fields) {
    if (SameName(field.name, name)) return &field;
  }
  return nullptr;
}

const PhysicalField* PhysicalSchema::Find(const std::vector<std::string>& path) const {
  const std::vector<PhysicalField>* level = &fields;
  const PhysicalField* found = nullptr;
  for (const std::string& name : path) {
    if (found != nullptr && !found->type.Is(TypeId::kStruct)) return nullptr;
    found = nullptr;
    for (const PhysicalField& field : *level) {
      if (SameName(field.name, name)) found = &field;
    }
    if (found == nullptr) return nullptr;
    level = &found->children;
  }
  return found;
}

std::vector<std::string> PhysicalSchema::PhysicalPath(const std::vector<std::string>& path) const {
  std::vector<std::string> out;
  std::vector<std::string> prefix;
  for (const std::string& name : path) {
    prefix.push_back(name);
    const PhysicalField* field = Find(prefix);
    if (field == nullptr) return {};
    out.push_back(field->physical_name);
  }
  return out;
}

Result<ColumnMappingMode> MappingModeOf(const Metadata& metadata) {
  const std::string* mode = metadata.Property(kModeProperty);
  if (mode == nullptr || *mode == "none") return ColumnMappingMode::kNone;
  if (*mode == "name") return ColumnMappingMode::kName;
  if (*mode == "id") return ColumnMappingMode::kId;
  return Corrupt("unknown column mapping mode " + *mode);
}

Result<PhysicalSchema> MakePhysicalSchema(const Metadata& metadata) {
  PhysicalSchema schema;
  TARN_ASSIGN(schema.mode, MappingModeOf(metadata));
  TARN_ASSIGN(schema.fields, Mapper(schema.mode).Fields(metadata.schema.fields));
  return schema;
}

DataType ToPhysicalType(const PhysicalField& field) {
  switch (field.type.id()) {
    case TypeId::kStruct: {
      std::vector<Field> fields;
      for (const PhysicalField& child : field.children) {
        fields.push_back({child.physical_name, ToPhysicalType(child), child.nullable, {}});
      }
      return DataType::Struct(std::move(fields));
    }
    case TypeId::kArray:
      return DataType::Array(ToPhysicalType(field.children[0]), field.type.contains_null());
    case TypeId::kMap:
      return DataType::Map(ToPhysicalType(field.children[0]), ToPhysicalType(field.children[1]),
                           field.type.contains_null());
    default:
      return field.type;
  }
}

Schema ToPhysicalSchema(const PhysicalSchema& schema) {
  Schema out;
  for (const PhysicalField& field : schema.fields) {
    out.fields.push_back({field.physical_name, ToPhysicalType(field), field.nullable, {}});
  }
  return out;
}

Status AssignColumnMapping(Metadata& metadata, IdSource& ids, bool keep_names) {
  TARN_ASSIGN(const ColumnMappingMode mode, MappingModeOf(metadata));
  const DataType schema = metadata.schema.AsStruct();
  if (mode == ColumnMappingMode::kNone) {
    metadata.schema.fields = RewriteFields(schema, RemoveAnnotations).fields();
    return {};
  }
  int64_t max_id = 0;
  if (const std::string* known = metadata.Property(kMaxIdProperty)) {
    max_id = ParseId(*known).value_or(0);
  }
  auto find_max = [&](Field& field) {
    max_id = std::max<int64_t>(max_id, ParseId(field.Metadata(kIdKey)).value_or(0));
    for (const auto& [path, id] : NestedIdsOf(field)) max_id = std::max<int64_t>(max_id, id);
  };
  RewriteFields(schema, find_max);
  auto assign = [&](Field& field) {
    if (!ParseId(field.Metadata(kIdKey))) {
      field.SetMetadata(std::string(kIdKey), std::to_string(++max_id));
    }
    if (!ParseText(field.Metadata(kPhysicalNameKey))) {
      std::string json;
      AppendJsonString(keep_names ? field.name : "col-" + ids.NewUuid(), &json);
      field.SetMetadata(std::string(kPhysicalNameKey), std::move(json));
    }
  };
  DataType assigned = RewriteFields(schema, assign);
  if (HasNestedIds(metadata)) {
    auto assign_nested = [&](Field& field) { AssignNestedIds(field, max_id); };
    assigned = RewriteFields(assigned, assign_nested);
  }
  if (max_id > INT32_MAX) {
    return LogCorrupt("the table", "metaData",
                      "its column mapping has no ids left for new columns");
  }
  metadata.schema.fields = assigned.fields();
  metadata.configuration[kMaxIdProperty] = std::to_string(max_id);
  return {};
}

void AppendHiddenColumn(Metadata& metadata, const std::string& name, TypeId type) {
  Field field{name, type, true, {}};
  const std::string* mode = metadata.Property(kModeProperty);
  if (mode != nullptr && *mode != "none") {
    const int64_t id = kFirstHiddenId + static_cast<int64_t>(metadata.schema.fields.size());
    field.SetMetadata(std::string(kIdKey), std::to_string(id));
    std::string json;
    AppendJsonString(name, &json);
    field.SetMetadata(std::string(kPhysicalNameKey), std::move(json));
  }
  metadata.schema.fields.push_back(std::move(field));
}

}  // namespace tarn::delta
