#include <algorithm>
#include <set>

#include "statements.h"
#include "table_definition.h"
#include "tarn/analyze/declared_strings.h"
#include "tarn/delta/partition_value.h"
#include "tarn/plan/function.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

using Texts = std::vector<std::vector<std::string>>;

/// SHOW's patterns: '*' is any text, '|' separates alternatives, letter case doesn't matter.
bool MatchesOne(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*' || pattern[0] == '%') {
    for (size_t skip = 0; skip <= name.size(); ++skip) {
      if (MatchesOne(name.substr(skip), pattern.substr(1))) return true;
    }
    return false;
  }
  if (name.empty() || name[0] != pattern[0]) return false;
  return MatchesOne(name.substr(1), pattern.substr(1));
}

bool Matches(const std::string& name, const std::optional<std::string>& like) {
  if (!like) return true;
  const std::string folded = FoldName(name);
  const std::string folded_pattern = FoldName(*like);
  std::string_view rest = folded_pattern;
  while (true) {
    const size_t bar = rest.find('|');
    if (MatchesOne(folded, rest.substr(0, bar))) return true;
    if (bar == rest.npos) return false;
    rest.remove_prefix(bar + 1);
  }
}

Result<Answer> ShowCatalogs(StatementScope& scope, const sql::Show& statement) {
  TARN_ASSIGN(auto catalogs, scope.rooms().catalog().ListCatalogs(scope.request()));
  Texts rows;
  for (const auto& info : catalogs) {
    if (Matches(info->name, statement.like)) rows.push_back({info->name});
  }
  return StringRows({"catalog"}, rows);
}

Result<Answer> ShowSchemas(StatementScope& scope, const sql::Show& statement) {
  std::string catalog = scope.session().current_catalog;
  if (!statement.in.empty()) {
    TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.in));
    catalog = parts.back();
  }
  auto schemas = scope.rooms().catalog().ListSchemas(scope.request(), catalog);
  if (!schemas.ok()) return std::move(schemas).error().WithDefaultPosition(statement.in.source);
  Texts rows;
  for (const auto& info : *schemas) {
    if (Matches(info->name, statement.like)) rows.push_back({info->name});
  }
  return StringRows({"databaseName"}, rows);
}

RowsStream::Columns TableListColumns(const char* name_column) {
  return {{"database", TypeId::kString},
          {name_column, TypeId::kString},
          {"isTemporary", TypeId::kBoolean}};
}

Result<Answer> ShowTables(StatementScope& scope, const sql::Show& statement, bool views_only) {
  TARN_ASSIGN(auto schema, scope.QualifiedSchema(statement.in));
  catalog::Catalog& catalog = scope.rooms().catalog();
  std::vector<std::pair<std::string, std::string>> names;
  if (!views_only) {
    auto tables = catalog.ListTables(scope.request(), schema.first, schema.second);
    if (!tables.ok()) return std::move(tables).error().WithDefaultPosition(statement.in.source);
    for (const auto& table : *tables) names.emplace_back(table->name.schema, table->name.object);
  }
  auto views = catalog.ListViews(scope.request(), schema.first, schema.second);
  if (!views.ok()) return std::move(views).error().WithDefaultPosition(statement.in.source);
  for (const auto& view : *views) names.emplace_back(view->name.schema, view->name.object);
  std::sort(names.begin(), names.end());
  RowsStream::Rows rows;
  for (const auto& [database, name] : names) {
    if (!Matches(name, statement.like)) continue;
    rows.push_back({Value::String(database), Value::String(name), Value::Boolean(false)});
  }
  for (const analyze::TemporaryView& view : scope.session().temporary_views) {
    if (!Matches(view.name, statement.like)) continue;
    rows.push_back({Value::String(""), Value::String(view.name), Value::Boolean(true)});
  }
  return Answer(std::make_unique<RowsStream>(
      TableListColumns(views_only ? "viewName" : "tableName"), std::move(rows)));
}

Result<Answer> ShowDroppedTables(StatementScope& scope, const sql::Show& statement) {
  TARN_ASSIGN(auto schema, scope.QualifiedSchema(statement.in));
  TARN_ASSIGN(auto dropped, scope.rooms().catalog().ListDroppedTables(scope.request(), schema.first,
                                                                      schema.second));
  RowsStream::Rows rows;
  for (const catalog::DroppedTable& entry : dropped) {
    const catalog::TableInfo& table = *entry.table;
    rows.push_back({Value::String(table.name.catalog), Value::String(table.name.schema),
                    Value::String(table.name.object), Value::String(table.id),
                    Value::String(TableTypeName(table)),
                    Value::Of(TypeId::kTimestamp, entry.dropped_us), Value::String(table.owner)});
  }
  return Answer(std::make_unique<RowsStream>(RowsStream::Columns{{"catalogName", TypeId::kString},
                                                                 {"schemaName", TypeId::kString},
                                                                 {"tableName", TypeId::kString},
                                                                 {"tableId", TypeId::kString},
                                                                 {"tableType", TypeId::kString},
                                                                 {"deletedAt", TypeId::kTimestamp},
                                                                 {"owner", TypeId::kString}},
                                             std::move(rows), scope.session().session_zone));
}

Result<Answer> ShowVolumes(StatementScope& scope, const sql::Show& statement) {
  TARN_ASSIGN(auto schema, scope.QualifiedSchema(statement.in));
  TARN_ASSIGN(auto volumes,
              scope.rooms().catalog().ListVolumes(scope.request(), schema.first, schema.second));
  Texts rows;
  for (const auto& volume : volumes) {
    if (Matches(volume->name.object, statement.like)) {
      rows.push_back({volume->name.schema, volume->name.object});
    }
  }
  return StringRows({"database", "volume_name"}, rows);
}

Result<Answer> ShowFunctions(StatementScope& scope, const sql::Show& statement) {
  Texts rows;
  if (statement.scope != "USER") {
    for (const std::string_view name : plan::FunctionNames()) {
      if (Matches(std::string(name), statement.like)) rows.push_back({std::string(name)});
    }
  }
  if (statement.scope != "SYSTEM") {
    TARN_ASSIGN(auto schema, scope.QualifiedSchema(statement.in));
    TARN_ASSIGN(auto functions, scope.rooms().catalog().ListFunctions(scope.request(), schema.first,
                                                                      schema.second));
    for (const auto& function : functions) {
      if (Matches(function->name.object, statement.like)) {
        rows.push_back({function->name.ToString()});
      }
    }
  }
  return StringRows({"function"}, rows);
}

/// The columns of a table or view, by the storage where there is one.
Result<Schema> ColumnsOf(StatementScope& scope, const sql::ObjectName& name) {
  TARN_ASSIGN(catalog::ObjectName qualified, scope.QualifiedName(name));
  auto relation = scope.rooms().catalog().LookupRelation(scope.request(), qualified,
                                                         catalog::Purpose::kDescribe);
  if (!relation.ok()) return std::move(relation).error().WithDefaultPosition(name.source);
  if (const auto* table = std::get_if<catalog::TablePtr>(&*relation)) {
    TARN_ASSIGN(auto snapshot, scope.PinLatest((*table)->location));
    return snapshot->schema();
  }
  Schema schema;
  for (const catalog::ViewColumn& column : std::get<catalog::ViewPtr>(*relation)->columns) {
    schema.fields.push_back({column.name, column.type, column.nullable, {}});
  }
  return schema;
}

Result<Answer> ShowColumns(StatementScope& scope, const sql::Show& statement) {
  sql::ObjectName name;
  for (const sql::Identifier& part : statement.in.parts) name.parts.push_back(part);
  for (const sql::Identifier& part : statement.name.parts) name.parts.push_back(part);
  name.source = statement.name.source;
  TARN_ASSIGN(Schema schema, ColumnsOf(scope, name));
  Texts rows;
  for (const Field& field : schema.fields) rows.push_back({field.name});
  return StringRows({"col_name"}, rows);
}

Result<Answer> ShowTableProperties(StatementScope& scope, const sql::Show& statement) {
  TARN_ASSIGN(TableTarget target,
              scope.FindTable(statement.name, catalog::Purpose::kDescribe, "SHOW TBLPROPERTIES"));
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  Texts rows;
  for (const auto& [key, value] : snapshot->metadata().configuration) {
    if (statement.property_key.empty() || statement.property_key == key)
      rows.push_back({key, value});
  }
  rows.push_back({"delta.minReaderVersion", std::to_string(snapshot->protocol().reader_version)});
  rows.push_back({"delta.minWriterVersion", std::to_string(snapshot->protocol().writer_version)});
  if (!statement.property_key.empty()) {
    std::erase_if(rows, [&](const auto& row) { return row[0] != statement.property_key; });
    if (rows.empty()) {
      rows.push_back(
          {statement.property_key,
           "Table " + target.display + " does not have property: " + statement.property_key});
    }
  }
  return StringRows({"key", "value"}, rows);
}

Result<Answer> ShowPartitions(StatementScope& scope, const sql::Show& statement) {
  TARN_ASSIGN(TableTarget target,
              scope.FindTable(statement.name, catalog::Purpose::kDescribe, "SHOW PARTITIONS"));
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  const std::vector<std::string>& columns = snapshot->metadata().partition_columns;
  if (columns.empty()) {
    return Error(Condition("INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY"),
                 {{"name", target.display}})
        .WithPosition(statement.name.source);
  }
  // By the log's own texts, which order and compare as they are.
  std::set<std::vector<std::optional<std::string>>> partitions;
  for (size_t i = 0; i < snapshot->files().size(); ++i) {
    std::vector<std::optional<std::string>> texts;
    for (size_t k = 0; k < columns.size(); ++k) {
      const auto text = snapshot->files().partition_text(i, k);
      texts.push_back(text ? std::optional<std::string>(*text) : std::nullopt);
    }
    partitions.insert(std::move(texts));
  }
  RowsStream::Columns shown;
  for (const std::string& column : columns) {
    const int index = snapshot->schema().Find(column);
    if (index < 0) return InternalError("no partition column " + column);
    shown.emplace_back(column, snapshot->schema().fields[static_cast<size_t>(index)].type);
  }
  TARN_ASSIGN(const std::shared_ptr<const TimeZone> zone,
              FindTimeZone(scope.session().session_zone));
  RowsStream::Rows rows;
  for (const auto& texts : partitions) {
    auto& row = rows.emplace_back();
    for (size_t k = 0; k < columns.size(); ++k) {
      TARN_ASSIGN(Value value,
                  delta::ParsePartitionValue(texts[k], shown[k].second, *zone, target.display));
      row.push_back(std::move(value));
    }
  }
  return Answer(std::make_unique<RowsStream>(std::move(shown), std::move(rows),
                                             scope.session().session_zone));
}

std::string ColumnClause(const Field& field) {
  const DataType type = analyze::DeclaredType(field).value_or(field.type);
  std::string text = QuoteIfNeeded(field.name) + " " + type.ToSql();
  if (!field.nullable) text += " NOT NULL";
  if (const std::string comment = field.Comment(); !comment.empty()) {
    text += " COMMENT " + sql::QuoteString(comment);
  }
  return text;
}

Result<Answer> ShowCreateTable(StatementScope& scope, const sql::Show& statement) {
  TARN_ASSIGN(catalog::ObjectName qualified, scope.QualifiedName(statement.name));
  auto relation = scope.rooms().catalog().LookupRelation(scope.request(), qualified,
                                                         catalog::Purpose::kDescribe);
  if (!relation.ok()) return std::move(relation).error().WithDefaultPosition(statement.name.source);
  if (const auto* view = std::get_if<catalog::ViewPtr>(&*relation)) {
    std::string text = "CREATE VIEW " + (*view)->name.ToString() + " (";
    for (size_t i = 0; i < (*view)->columns.size(); ++i) {
      text += (i ? ",\n  " : "\n  ") + QuoteIfNeeded((*view)->columns[i].name);
    }
    return StringRows({"createtab_stmt"}, {{text + ")\nAS " + (*view)->text + "\n"}});
  }
  const catalog::TableInfo& table = *std::get<catalog::TablePtr>(*relation);
  TARN_ASSIGN(auto snapshot, scope.PinLatest(table.location));
  std::string text = "CREATE TABLE " + table.name.ToString() + " (";
  for (size_t i = 0; i < snapshot->schema().fields.size(); ++i) {
    text += (i ? ",\n  " : "\n  ") + ColumnClause(snapshot->schema().fields[i]);
  }
  text += ")\nUSING delta\n";
  const auto& partitions = snapshot->metadata().partition_columns;
  for (size_t i = 0; i < partitions.size(); ++i) {
    text += (i ? ", " : "PARTITIONED BY (") + QuoteIfNeeded(partitions[i]);
  }
  if (!partitions.empty()) text += ")\n";
  if (!snapshot->metadata().description.empty()) {
    text += "COMMENT " + sql::QuoteString(snapshot->metadata().description) + "\n";
  }
  if (table.type == catalog::TableType::kExternal) {
    text += "LOCATION " + sql::QuoteString(table.location) + "\n";
  }
  bool first = true;
  for (const auto& [key, value] : snapshot->metadata().configuration) {
    text += (first ? "TBLPROPERTIES (\n  " : ",\n  ") + sql::QuoteString(key) + " = " +
            sql::QuoteString(value);
    first = false;
  }
  if (!first) text += ")\n";
  return StringRows({"createtab_stmt"}, {{text}});
}

}  // namespace

Result<Answer> RunShow(StatementScope& scope, const sql::Show& statement) {
  switch (statement.kind) {
    case sql::ShowKind::kCatalogs:
      return ShowCatalogs(scope, statement);
    case sql::ShowKind::kSchemas:
      return ShowSchemas(scope, statement);
    case sql::ShowKind::kTables:
      return ShowTables(scope, statement, false);
    case sql::ShowKind::kViews:
      return ShowTables(scope, statement, true);
    case sql::ShowKind::kTablesDropped:
      return ShowDroppedTables(scope, statement);
    case sql::ShowKind::kVolumes:
      return ShowVolumes(scope, statement);
    case sql::ShowKind::kFunctions:
      return ShowFunctions(scope, statement);
    case sql::ShowKind::kColumns:
      return ShowColumns(scope, statement);
    case sql::ShowKind::kTableProperties:
      return ShowTableProperties(scope, statement);
    case sql::ShowKind::kPartitions:
      return ShowPartitions(scope, statement);
    case sql::ShowKind::kCreateTable:
      return ShowCreateTable(scope, statement);
    case sql::ShowKind::kCurrentSchema:
      return StringRows({"catalog", "namespace"},
                        {{scope.session().current_catalog, scope.session().current_schema}});
    default:
      return UnsupportedFeature("This form of SHOW", statement.name.source);
  }
}

}  // namespace tarn::session
