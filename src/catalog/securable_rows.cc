#include "securable_rows.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "tarn/io/location.h"
#include "tarn/types/schema_json.h"

namespace tarn::catalog {

namespace {

using Json = nlohmann::json;

Error Damaged(const meta::SecurableRow& row) {
  return Error(Condition("METASTORE_ERROR"),
               {{"path", "metastore.db"},
                {"detail", "the entry of " + row.kind + " " + row.name + " is damaged"}});
}

/// Reads members of one object; remembers whether anything had the wrong type.
class Members {
 public:
  explicit Members(const std::string& text)
      : json_(Json::parse(text, nullptr, /*allow_exceptions=*/false)) {
    sound_ = json_.is_object();
  }
  explicit Members(Json json) : json_(std::move(json)) { sound_ = json_.is_object(); }

  std::string Text(const char* key) { return Get<std::string>(key, &Json::is_string); }
  bool Flag(const char* key) { return Get<bool>(key, &Json::is_boolean); }
  int64_t Number(const char* key, int64_t missing) {
    return Has(key) ? Get<int64_t>(key, &Json::is_number_integer) : missing;
  }
  bool Has(const char* key) const { return sound_ && json_.contains(key); }
  Json Array(const char* key) {
    if (!Has(key)) return Json::array();
    if (!json_[key].is_array()) sound_ = false;
    return sound_ ? json_[key] : Json::array();
  }
  Properties Object(const char* key) {
    Properties found;
    if (!Has(key)) return found;
    Members members(json_[key]);
    return members.AllText(&sound_);
  }
  Properties AllText(bool* sound) {
    Properties found;
    if (!sound_) *sound = false;
    for (const auto& [key, value] : json_.items()) {
      if (!value.is_string()) {
        *sound = false;
        continue;
      }
      found[key] = value.get<std::string>();
    }
    return found;
  }
  DataType Type(const char* key) {
    Result<DataType> type = ParseDataTypeJson(Text(key));
    if (type.ok()) return *type;
    sound_ = false;
    return {};
  }
  bool sound() const { return sound_; }
  void Damage() { sound_ = false; }

 private:
  template <typename T>
  T Get(const char* key, bool (Json::*is)() const noexcept) {
    if (!Has(key)) return T{};
    if (!(json_[key].*is)()) {
      sound_ = false;
      return T{};
    }
    return json_[key].get<T>();
  }

  Json json_;
  bool sound_ = true;
};

template <typename Info>
bool FillCommon(const meta::SecurableRow& row, Info* info) {
  info->id = row.id;
  info->owner = row.owner;
  info->comment = row.comment;
  info->created_us = row.created_us;
  info->created_by = row.created_by;
  info->updated_us = row.updated_us;
  info->updated_by = row.updated_by;
  bool sound = true;
  info->properties = Members(row.properties).AllText(&sound);
  return sound;
}

std::vector<FunctionParameter> ParametersOf(Members& members, const char* key) {
  std::vector<FunctionParameter> parameters;
  for (const Json& item : members.Array(key)) {
    Members one(item);
    FunctionParameter parameter;
    parameter.name = one.Text("name");
    parameter.type = one.Type("type");
    parameter.default_sql = one.Text("default");
    parameter.comment = one.Text("comment");
    if (!one.sound()) members.Damage();
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

Json JsonOf(const std::vector<FunctionParameter>& parameters) {
  Json array = Json::array();
  for (const FunctionParameter& parameter : parameters) {
    array.push_back(Json{{"name", parameter.name},
                         {"type", DataTypeToJson(parameter.type)},
                         {"default", parameter.default_sql},
                         {"comment", parameter.comment}});
  }
  return array;
}

// Text that isn't UTF-8 is stored with replacement characters rather than refused here.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* NameOfType(TableType type) {
  return type == TableType::kManaged ? "MANAGED" : "EXTERNAL";
}

TableType TypeOf(const meta::SecurableRow& row) {
  return IsManagedLocation(row.location.value_or("")) ? TableType::kManaged : TableType::kExternal;
}

}  // namespace

bool IsManagedLocation(std::string_view location) {
  return !location.starts_with('/') && !io::IsRemote(location);
}

std::string AbsoluteLocation(std::string_view location, const std::string& home) {
  if (!IsManagedLocation(location)) return std::string(location);
  return home + '/' + std::string(location);
}

std::string PropertiesJson(const Properties& properties) { return Dump(Json(properties)); }

Result<CatalogPtr> CatalogOf(const meta::SecurableRow& row) {
  auto info = std::make_shared<CatalogInfo>();
  if (!FillCommon(row, info.get())) return Damaged(row);
  info->name = row.name;
  return CatalogPtr(std::move(info));
}

Result<SchemaPtr> SchemaOf(const meta::SecurableRow& row, const std::string& catalog) {
  auto info = std::make_shared<SchemaInfo>();
  if (!FillCommon(row, info.get())) return Damaged(row);
  info->catalog = catalog;
  info->name = row.name;
  return SchemaPtr(std::move(info));
}

Result<TablePtr> TableOf(const meta::SecurableRow& row, const std::string& catalog,
                         const std::string& schema, const std::string& home) {
  auto info = std::make_shared<TableInfo>();
  if (!FillCommon(row, info.get())) return Damaged(row);
  info->name = {catalog, schema, row.name};
  info->type = TypeOf(row);
  info->location = AbsoluteLocation(row.location.value_or(""), home);
  Members details(row.details);
  info->format = details.Text("format");
  info->version = details.Number("version", -1);
  for (const Json& column : details.Array("partitionColumns")) {
    if (!column.is_string()) return Damaged(row);
    info->partition_columns.push_back(column.get<std::string>());
  }
  if (details.Has("schema")) {
    Result<Schema> columns = ParseSchemaJson(details.Text("schema"));
    if (!columns.ok()) return Damaged(row);
    info->schema = *std::move(columns);
  }
  if (!details.sound()) return Damaged(row);
  return TablePtr(std::move(info));
}

std::string DetailsOf(const TableInfo& table) {
  return Dump(Json{{"type", NameOfType(table.type)},
                   {"format", table.format},
                   {"schema", SchemaToJson(table.schema)},
                   {"partitionColumns", table.partition_columns},
                   {"version", table.version}});
}

Result<ViewPtr> ViewOf(const meta::SecurableRow& row, const std::string& catalog,
                       const std::string& schema) {
  auto info = std::make_shared<ViewInfo>();
  if (!FillCommon(row, info.get())) return Damaged(row);
  info->name = {catalog, schema, row.name};
  Members details(row.details);
  info->text = details.Text("text");
  info->default_catalog = details.Text("defaultCatalog");
  info->default_schema = details.Text("defaultSchema");
  info->settings = details.Object("settings");
  for (const Json& item : details.Array("columns")) {
    Members one(item);
    info->columns.push_back(
        {one.Text("name"), one.Type("type"), one.Flag("nullable"), one.Text("comment")});
    if (!one.sound()) return Damaged(row);
  }
  if (!details.sound()) return Damaged(row);
  return ViewPtr(std::move(info));
}

std::string DetailsOf(const ViewInfo& view) {
  Json columns = Json::array();
  for (const ViewColumn& column : view.columns) {
    columns.push_back(Json{{"name", column.name},
                           {"type", DataTypeToJson(column.type)},
                           {"nullable", column.nullable},
                           {"comment", column.comment}});
  }
  return Dump(Json{{"text", view.text},
                   {"columns", columns},
                   {"defaultCatalog", view.default_catalog},
                   {"defaultSchema", view.default_schema},
                   {"settings", view.settings}});
}

Result<VolumePtr> VolumeOf(const meta::SecurableRow& row, const std::string& catalog,
                           const std::string& schema, const std::string& home) {
  auto info = std::make_shared<VolumeInfo>();
  if (!FillCommon(row, info.get())) return Damaged(row);
  info->name = {catalog, schema, row.name};
  info->type = TypeOf(row);
  info->location = AbsoluteLocation(row.location.value_or(""), home);
  return VolumePtr(std::move(info));
}

std::string DetailsOf(const VolumeInfo& volume) {
  return Dump(Json{{"type", NameOfType(volume.type)}});
}

Result<FunctionPtr> FunctionOf(const meta::SecurableRow& row, const std::string& catalog,
                               const std::string& schema) {
  auto info = std::make_shared<FunctionInfo>();
  if (!FillCommon(row, info.get())) return Damaged(row);
  info->name = {catalog, schema, row.name};
  Members details(row.details);
  info->parameters = ParametersOf(details, "parameters");
  info->columns = ParametersOf(details, "columns");
  info->is_table = details.Flag("isTable");
  if (details.Has("returnType")) info->return_type = details.Type("returnType");
  info->body = details.Text("body");
  info->deterministic = details.Flag("deterministic");
  info->contains_sql = details.Flag("containsSql");
  info->default_catalog = details.Text("defaultCatalog");
  info->default_schema = details.Text("defaultSchema");
  if (!details.sound()) return Damaged(row);
  return FunctionPtr(std::move(info));
}

std::string DetailsOf(const FunctionInfo& function) {
  Json details{{"parameters", JsonOf(function.parameters)},
               {"columns", JsonOf(function.columns)},
               {"isTable", function.is_table},
               {"body", function.body},
               {"deterministic", function.deterministic},
               {"containsSql", function.contains_sql},
               {"defaultCatalog", function.default_catalog},
               {"defaultSchema", function.default_schema}};
  if (function.return_type) details["returnType"] = DataTypeToJson(*function.return_type);
  return Dump(details);
}

}  // namespace tarn::catalog
