#include "information_schema.h"

#include <functional>

#include "table_definition.h"

namespace tarn::session {

namespace {

using Row = std::vector<Value>;
using Rows = std::vector<Row>;

Value Text(std::string_view text) { return Value::String(std::string(text)); }
Value TextOrNull(std::string_view text) {
  return text.empty() ? Value::Null(TypeId::kString) : Text(text);
}
Value Time(int64_t micros) { return Value::Of(TypeId::kTimestamp, micros); }
Value YesNo(bool yes) { return Text(yes ? "YES" : "NO"); }
Value Number(int64_t number) { return Value::Int(static_cast<int32_t>(number)); }

/// Walks the catalogs and schemas that a table of information_schema shows: all of them in the
/// catalog `system`, else those of its own catalog.
class SchemaWalk {
 public:
  SchemaWalk(const RequestContext& context, Instance::Rooms& rooms, std::string_view catalog)
      : context_(context), catalog_(rooms.catalog()), only_(catalog) {}

  Status Catalogs(const std::function<Status(const catalog::CatalogInfo&)>& visit) {
    TARN_ASSIGN(auto catalogs, catalog_.ListCatalogs(context_));
    for (const catalog::CatalogPtr& info : catalogs) {
      if (SameName(only_, "system") || SameName(info->name, only_)) TARN_TRY(visit(*info));
    }
    return {};
  }

  Status Schemas(const std::function<Status(const catalog::SchemaInfo&)>& visit) {
    return Catalogs([&](const catalog::CatalogInfo& info) -> Status {
      TARN_ASSIGN(auto schemas, catalog_.ListSchemas(context_, info.name));
      for (const catalog::SchemaPtr& schema : schemas) TARN_TRY(visit(*schema));
      return {};
    });
  }

  Status Tables(const std::function<Status(const catalog::TableInfo&)>& visit) {
    return Schemas([&](const catalog::SchemaInfo& schema) -> Status {
      if (SameName(schema.name, "information_schema")) return {};
      TARN_ASSIGN(auto tables, catalog_.ListTables(context_, schema.catalog, schema.name));
      for (const catalog::TablePtr& table : tables) TARN_TRY(visit(*table));
      return {};
    });
  }

  Status Views(const std::function<Status(const catalog::ViewInfo&)>& visit) {
    return Schemas([&](const catalog::SchemaInfo& schema) -> Status {
      if (SameName(schema.name, "information_schema")) return {};
      TARN_ASSIGN(auto views, catalog_.ListViews(context_, schema.catalog, schema.name));
      for (const catalog::ViewPtr& view : views) TARN_TRY(visit(*view));
      return {};
    });
  }

  Status Volumes(const std::function<Status(const catalog::VolumeInfo&)>& visit) {
    return Schemas([&](const catalog::SchemaInfo& schema) -> Status {
      if (SameName(schema.name, "information_schema")) return {};
      TARN_ASSIGN(auto volumes, catalog_.ListVolumes(context_, schema.catalog, schema.name));
      for (const catalog::VolumePtr& volume : volumes) TARN_TRY(visit(*volume));
      return {};
    });
  }

  Status Functions(const std::function<Status(const catalog::FunctionInfo&)>& visit) {
    return Schemas([&](const catalog::SchemaInfo& schema) -> Status {
      if (SameName(schema.name, "information_schema")) return {};
      TARN_ASSIGN(auto functions, catalog_.ListFunctions(context_, schema.catalog, schema.name));
      for (const catalog::FunctionPtr& function : functions) TARN_TRY(visit(*function));
      return {};
    });
  }

 private:
  const RequestContext& context_;
  catalog::Catalog& catalog_;
  std::string only_;
};

const char* TypeName(catalog::TableType type) {
  return type == catalog::TableType::kManaged ? "MANAGED" : "EXTERNAL";
}

Status FillCatalogs(SchemaWalk& walk, Rows& rows) {
  return walk.Catalogs([&](const catalog::CatalogInfo& info) -> Status {
    rows.push_back({Text(info.name), Text(info.owner), TextOrNull(info.comment),
                    Time(info.created_us), Text(info.created_by), Time(info.updated_us),
                    Text(info.updated_by)});
    return {};
  });
}

Status FillSchemata(SchemaWalk& walk, Rows& rows) {
  return walk.Schemas([&](const catalog::SchemaInfo& info) -> Status {
    rows.push_back({Text(info.catalog), Text(info.name), Text(info.owner), TextOrNull(info.comment),
                    Time(info.created_us), Text(info.created_by), Time(info.updated_us),
                    Text(info.updated_by)});
    return {};
  });
}

Row TableRow(const catalog::ObjectName& name, const catalog::Securable& info,
             const std::string& type, bool insertable, std::string_view format,
             std::string_view location) {
  return {
      Text(name.catalog),    Text(name.schema),     Text(name.object),     Text(type),
      YesNo(insertable),     Text("PERMANENT"),     Text(info.owner),      TextOrNull(info.comment),
      Time(info.created_us), Text(info.created_by), Time(info.updated_us), Text(info.updated_by),
      TextOrNull(format),    TextOrNull(location)};
}

Status FillTables(SchemaWalk& walk, Rows& rows) {
  TARN_TRY(walk.Tables([&](const catalog::TableInfo& info) -> Status {
    rows.push_back(TableRow(info.name, info, TableTypeName(info), true, "DELTA", info.location));
    return {};
  }));
  return walk.Views([&](const catalog::ViewInfo& info) -> Status {
    rows.push_back(TableRow(info.name, info, "VIEW", false, "", ""));
    return {};
  });
}

Status FillViews(SchemaWalk& walk, Rows& rows) {
  return walk.Views([&](const catalog::ViewInfo& info) -> Status {
    rows.push_back({Text(info.name.catalog), Text(info.name.schema), Text(info.name.object),
                    Text(info.text), Text("NONE"), YesNo(false), YesNo(false), YesNo(false)});
    return {};
  });
}

Row ColumnRow(const catalog::ObjectName& name, const std::string& column, size_t position,
              const DataType& type, bool nullable, std::string_view comment,
              const Value& partition_index) {
  const bool decimal = type.Is(TypeId::kDecimal);
  std::string data_type = type.ToSql();
  if (decimal) data_type = "DECIMAL";
  return {Text(name.catalog),
          Text(name.schema),
          Text(name.object),
          Text(column),
          Number(static_cast<int64_t>(position)),
          Value::Null(TypeId::kString),
          YesNo(nullable),
          Text(type.ToString()),
          Text(data_type),
          decimal ? Number(type.precision()) : Value::Null(TypeId::kInt),
          decimal ? Number(type.scale()) : Value::Null(TypeId::kInt),
          partition_index,
          TextOrNull(comment)};
}

Status FillColumns(SchemaWalk& walk, Rows& rows) {
  TARN_TRY(walk.Tables([&](const catalog::TableInfo& info) -> Status {
    for (size_t i = 0; i < info.schema.fields.size(); ++i) {
      const Field& field = info.schema.fields[i];
      Value partition_index = Value::Null(TypeId::kInt);
      for (size_t k = 0; k < info.partition_columns.size(); ++k) {
        if (SameName(info.partition_columns[k], field.name)) {
          partition_index = Number(static_cast<int64_t>(k));
        }
      }
      rows.push_back(ColumnRow(info.name, field.name, i, field.type, field.nullable,
                               field.Comment(), partition_index));
    }
    return {};
  }));
  return walk.Views([&](const catalog::ViewInfo& info) -> Status {
    for (size_t i = 0; i < info.columns.size(); ++i) {
      const catalog::ViewColumn& column = info.columns[i];
      rows.push_back(ColumnRow(info.name, column.name, i, column.type, column.nullable,
                               column.comment, Value::Null(TypeId::kInt)));
    }
    return {};
  });
}

Status FillVolumes(SchemaWalk& walk, Rows& rows) {
  return walk.Volumes([&](const catalog::VolumeInfo& info) -> Status {
    rows.push_back({Text(info.name.catalog), Text(info.name.schema), Text(info.name.object),
                    Text(TypeName(info.type)), Text(info.owner), TextOrNull(info.comment),
                    Text(info.location), Time(info.created_us), Text(info.created_by),
                    Time(info.updated_us), Text(info.updated_by)});
    return {};
  });
}

Status FillRoutines(SchemaWalk& walk, Rows& rows) {
  return walk.Functions([&](const catalog::FunctionInfo& info) -> Status {
    rows.push_back({Text(info.name.catalog), Text(info.name.schema), Text(info.name.object),
                    Text("FUNCTION"),
                    Text(info.is_table      ? "TABLE"
                         : info.return_type ? info.return_type->ToSql()
                                            : ""),
                    Text("SQL"), Text(info.body), YesNo(info.deterministic), Text(info.owner),
                    TextOrNull(info.comment), Time(info.created_us)});
    return {};
  });
}

struct SystemTable {
  std::string_view name;
  std::vector<Field> fields;
  Status (*fill)(SchemaWalk&, Rows&);
};

Field String(const char* name) { return {name, TypeId::kString, true, {}}; }
Field Integer(const char* name) { return {name, TypeId::kInt, true, {}}; }
Field Timestamp(const char* name) { return {name, TypeId::kTimestamp, true, {}}; }

const std::vector<SystemTable>& SystemTables() {
  static const std::vector<SystemTable> kTables = {
      {"catalogs",
       {String("catalog_name"), String("catalog_owner"), String("comment"), Timestamp("created"),
        String("created_by"), Timestamp("last_altered"), String("last_altered_by")},
       FillCatalogs},
      {"schemata",
       {String("catalog_name"), String("schema_name"), String("schema_owner"), String("comment"),
        Timestamp("created"), String("created_by"), Timestamp("last_altered"),
        String("last_altered_by")},
       FillSchemata},
      {"tables",
       {String("table_catalog"), String("table_schema"), String("table_name"), String("table_type"),
        String("is_insertable_into"), String("commit_action"), String("table_owner"),
        String("comment"), Timestamp("created"), String("created_by"), Timestamp("last_altered"),
        String("last_altered_by"), String("data_source_format"), String("storage_path")},
       FillTables},
      {"views",
       {String("table_catalog"), String("table_schema"), String("table_name"),
        String("view_definition"), String("check_option"), String("is_updatable"),
        String("is_insertable_into"), String("is_materialized")},
       FillViews},
      {"columns",
       {String("table_catalog"), String("table_schema"), String("table_name"),
        String("column_name"), Integer("ordinal_position"), String("column_default"),
        String("is_nullable"), String("full_data_type"), String("data_type"),
        Integer("numeric_precision"), Integer("numeric_scale"), Integer("partition_index"),
        String("comment")},
       FillColumns},
      {"volumes",
       {String("volume_catalog"), String("volume_schema"), String("volume_name"),
        String("volume_type"), String("volume_owner"), String("comment"),
        String("storage_location"), Timestamp("created"), String("created_by"),
        Timestamp("last_altered"), String("last_altered_by")},
       FillVolumes},
      {"routines",
       {String("routine_catalog"), String("routine_schema"), String("routine_name"),
        String("routine_type"), String("full_data_type"), String("routine_body"),
        String("routine_definition"), String("is_deterministic"), String("routine_owner"),
        String("comment"), Timestamp("created")},
       FillRoutines},
  };
  return kTables;
}

}  // namespace

Result<plan::Relation> InformationSchemaTable(const RequestContext& context, Instance::Rooms& rooms,
                                              std::string_view catalog, std::string_view schema,
                                              std::string_view name) {
  const std::string qualified =
      std::string(catalog) + "." + std::string(schema) + "." + std::string(name);
  if (SameName(schema, "information_schema")) {
    for (const SystemTable& table : SystemTables()) {
      if (!SameName(table.name, name)) continue;
      SchemaWalk walk(context, rooms, catalog);
      auto rows = std::make_shared<Rows>();
      TARN_TRY(table.fill(walk, *rows));
      return plan::Relation{qualified, Schema{table.fields}, plan::RowsRelation{std::move(rows)}};
    }
  }
  return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", qualified}});
}

}  // namespace tarn::session
