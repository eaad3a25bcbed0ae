#include <algorithm>

#include "assignment.h"
#include "statements.h"
#include "table_definition.h"
#include "tarn/delta/protocol.h"
#include "tarn/plan/function.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

using catalog::Purpose;
using Texts = std::vector<std::vector<std::string>>;

Value TextOrNull(const std::string& text) {
  return text.empty() ? Value::Null(TypeId::kString) : Value::String(text);
}

/// Rows of (col_name, data_type, comment).
class Description {
 public:
  void Column(const std::string& name, const DataType& type, const std::string& comment) {
    rows_.push_back({Value::String(name), Value::String(type.ToString()), TextOrNull(comment)});
  }
  void Line(const std::string& name, const std::string& value, const std::string& comment = "") {
    rows_.push_back({Value::String(name), Value::String(value), Value::String(comment)});
  }
  Answer Take() {
    return std::make_unique<RowsStream>(RowsStream::Columns{{"col_name", TypeId::kString},
                                                            {"data_type", TypeId::kString},
                                                            {"comment", TypeId::kString}},
                                        std::move(rows_));
  }

 private:
  RowsStream::Rows rows_;
};

std::string RenderTime(int64_t micros, const std::string& zone) {
  return RenderAsString(Value::Of(TypeId::kTimestamp, micros), zone);
}

std::string RenderProperties(const std::map<std::string, std::string>& properties) {
  std::string text = "[";
  for (const auto& [key, value] : properties) {
    if (text.size() > 1) text += ",";
    text += key + "=" + value;
  }
  return text + "]";
}

void DescribePartitions(const delta::Metadata& metadata, Description& description) {
  if (metadata.partition_columns.empty()) return;
  description.Line("# Partition Information", "");
  description.Line("# col_name", "data_type", "comment");
  for (const std::string& name : metadata.partition_columns) {
    const int index = metadata.schema.Find(name);
    if (index < 0) continue;
    const Field& field = metadata.schema.fields[static_cast<size_t>(index)];
    description.Column(field.name, field.type, field.Comment());
  }
}

void DescribeStorage(StatementScope& scope, const catalog::TableInfo& table,
                     const delta::Snapshot& snapshot, Description& description) {
  const std::string& zone = scope.session().session_zone;
  description.Line("", "");
  description.Line("# Detailed Table Information", "");
  description.Line("Catalog", table.name.catalog);
  description.Line("Database", table.name.schema);
  description.Line("Table", table.name.object);
  description.Line("Created Time", RenderTime(table.created_us, zone));
  description.Line("Created By", table.created_by);
  description.Line("Type", TableTypeName(table));
  if (!snapshot.metadata().description.empty()) {
    description.Line("Comment", snapshot.metadata().description);
  }
  description.Line("Location", table.location);
  description.Line("Provider", "delta");
  description.Line("Owner", table.owner);
  auto properties = snapshot.metadata().configuration;
  properties["delta.minReaderVersion"] = std::to_string(snapshot.protocol().reader_version);
  properties["delta.minWriterVersion"] = std::to_string(snapshot.protocol().writer_version);
  description.Line("Table Properties", RenderProperties(properties));
}

Result<Answer> DescribeView(StatementScope& scope, const sql::Describe& statement,
                            const catalog::ViewInfo& view) {
  Description description;
  for (const catalog::ViewColumn& column : view.columns) {
    description.Column(column.name, column.type, column.comment);
  }
  if (statement.extended) {
    description.Line("", "");
    description.Line("# Detailed Table Information", "");
    description.Line("Catalog", view.name.catalog);
    description.Line("Database", view.name.schema);
    description.Line("Table", view.name.object);
    description.Line("Created Time", RenderTime(view.created_us, scope.session().session_zone));
    description.Line("Type", "VIEW");
    description.Line("View Text", view.text);
    description.Line("View Catalog and Namespace", QuoteIfNeeded(view.default_catalog) + "." +
                                                       QuoteIfNeeded(view.default_schema));
    description.Line("Owner", view.owner);
  }
  return description.Take();
}

Result<Answer> DescribeOneColumn(const sql::Describe& statement, const Schema& schema) {
  const int index = schema.Find(statement.column[0].text);
  if (index < 0 || statement.column.size() > 1) {
    return NoSuchColumn(statement.column, schema);
  }
  const Field& field = schema.fields[static_cast<size_t>(index)];
  const std::string comment = field.Comment();
  return StringRows({"info_name", "info_value"}, {{"col_name", field.name},
                                                  {"data_type", field.type.ToString()},
                                                  {"comment", comment.empty() ? "NULL" : comment}});
}

Result<Answer> DescribeTable(StatementScope& scope, const sql::Describe& statement) {
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  if (parts.size() == 1) {
    for (const analyze::TemporaryView& view : scope.session().temporary_views) {
      if (!SameName(view.name, parts[0])) continue;
      return RunStatementText(scope, "DESCRIBE QUERY SELECT * FROM " + QuoteIdentifier(view.name));
    }
  }
  const bool by_path =
      parts.size() == 2 && SameName(parts[0], "delta") && parts[1].find('/') != std::string::npos;
  catalog::TablePtr table;
  if (!by_path) {
    TARN_ASSIGN(catalog::ObjectName qualified, scope.QualifiedName(statement.name));
    auto relation =
        scope.rooms().catalog().LookupRelation(scope.request(), qualified, Purpose::kDescribe);
    if (!relation.ok()) {
      return std::move(relation).error().WithDefaultPosition(statement.name.source);
    }
    if (const auto* view = std::get_if<catalog::ViewPtr>(&*relation)) {
      return DescribeView(scope, statement, **view);
    }
    table = std::get<catalog::TablePtr>(*relation);
  }
  std::string root = table ? table->location : "";
  if (by_path) {
    TARN_ASSIGN(TableTarget target,
                scope.FindTable(statement.name, Purpose::kDescribe, "DESCRIBE"));
    root = target.root;
  }
  TARN_ASSIGN(auto snapshot, scope.PinLatest(root));
  if (!statement.column.empty()) return DescribeOneColumn(statement, snapshot->schema());
  Description description;
  for (const Field& field : snapshot->schema().fields) {
    description.Column(field.name, field.type, field.Comment());
  }
  DescribePartitions(snapshot->metadata(), description);
  if (statement.extended && table) DescribeStorage(scope, *table, *snapshot, description);
  return description.Take();
}

/// DESCRIBE HISTORY and DETAIL.
Result<Answer> DescribeDelta(StatementScope& scope, bool history, const sql::Describe& statement) {
  TARN_ASSIGN(plan::Relation facts,
              scope.OpenDescription(scope.request(), history, statement.name));
  RowsStream::Columns columns;
  for (const Field& field : facts.schema.fields) columns.emplace_back(field.name, field.type);
  RowsStream::Rows rows = *std::get<plan::RowsRelation>(facts.source).rows;
  if (statement.limit && static_cast<uint64_t>(*statement.limit) < rows.size()) {
    rows.resize(static_cast<size_t>(*statement.limit));
  }
  return Answer(std::make_unique<RowsStream>(std::move(columns), std::move(rows),
                                             scope.session().session_zone));
}

Result<Answer> DescribeQuery(StatementScope& scope, const sql::Describe& statement) {
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
  Description description;
  for (const plan::OutputColumn& column : query.root->columns) {
    description.Column(column.name, column.type, "");
  }
  return description.Take();
}

Result<Answer> DescribeCatalog(StatementScope& scope, const sql::Describe& statement) {
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  TARN_ASSIGN(catalog::CatalogPtr info, scope.rooms().catalog().LookupCatalog(
                                            scope.request(), parts.back(), Purpose::kDescribe));
  Texts rows = {{"Catalog Name", info->name}, {"Comment", info->comment}, {"Owner", info->owner}};
  if (statement.extended) {
    const std::string& zone = scope.session().session_zone;
    rows.push_back({"Created By", info->created_by});
    rows.push_back({"Created At", RenderTime(info->created_us, zone)});
    rows.push_back({"Updated By", info->updated_by});
    rows.push_back({"Updated At", RenderTime(info->updated_us, zone)});
  }
  return StringRows({"info_name", "info_value"}, rows);
}

Result<Answer> DescribeSchema(StatementScope& scope, const sql::Describe& statement) {
  TARN_ASSIGN(auto name, scope.QualifiedSchema(statement.name));
  auto found = scope.rooms().catalog().LookupSchema(scope.request(), name.first, name.second,
                                                    Purpose::kDescribe);
  if (!found.ok()) return std::move(found).error().WithDefaultPosition(statement.name.source);
  const catalog::SchemaInfo& info = **found;
  Texts rows = {{"Catalog Name", info.catalog},
                {"Namespace Name", info.name},
                {"Comment", info.comment},
                {"Owner", info.owner}};
  if (statement.extended) rows.push_back({"Properties", RenderProperties(info.properties)});
  return StringRows({"database_description_item", "database_description_value"}, rows);
}

Result<Answer> DescribeFunction(StatementScope& scope, const sql::Describe& statement) {
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  Texts rows;
  if (const plan::FunctionSpec* builtin = plan::FindFunction(parts.back());
      builtin && parts.size() == 1) {
    rows.push_back({"Function: " + std::string(builtin->name)});
    if (!builtin->signatures.empty()) {
      rows.push_back({"Usage: " + std::string(builtin->name) + std::string(builtin->signatures)});
    }
    return StringRows({"function_desc"}, rows);
  }
  TARN_ASSIGN(catalog::ObjectName qualified, scope.QualifiedName(statement.name));
  auto found =
      scope.rooms().catalog().LookupFunction(scope.request(), qualified, Purpose::kDescribe);
  if (!found.ok()) return std::move(found).error().WithDefaultPosition(statement.name.source);
  const catalog::FunctionInfo& info = **found;
  rows.push_back({"Function: " + info.name.ToString()});
  rows.push_back({std::string("Type: ") + (info.is_table ? "TABLE" : "SCALAR")});
  for (const catalog::FunctionParameter& parameter : info.parameters) {
    rows.push_back({"Input: " + parameter.name + " " + parameter.type.ToSql()});
  }
  if (info.return_type) rows.push_back({"Returns: " + info.return_type->ToSql()});
  if (!info.comment.empty()) rows.push_back({"Comment: " + info.comment});
  if (statement.extended) rows.push_back({"Body: " + info.body});
  return StringRows({"function_desc"}, rows);
}

Result<Answer> DescribeVolume(StatementScope& scope, const sql::Describe& statement) {
  TARN_ASSIGN(catalog::ObjectName name, scope.QualifiedName(statement.name));
  auto found = scope.rooms().catalog().LookupVolume(scope.request(), name, Purpose::kDescribe);
  if (!found.ok()) return std::move(found).error().WithDefaultPosition(statement.name.source);
  const catalog::VolumeInfo& info = **found;
  return StringRows(
      {"name", "catalog", "database", "owner", "storageLocation", "volume_type", "comment"},
      {{info.name.object, info.name.catalog, info.name.schema, info.owner, info.location,
        info.type == catalog::TableType::kManaged ? "MANAGED" : "EXTERNAL", info.comment}});
}

}  // namespace

Result<Answer> RunDescribe(StatementScope& scope, const sql::Describe& statement) {
  if (statement.as_json) return UnsupportedFeature("DESCRIBE … AS JSON", statement.name.source);
  switch (statement.kind) {
    case sql::DescribeKind::kTable:
      return DescribeTable(scope, statement);
    case sql::DescribeKind::kHistory:
      return DescribeDelta(scope, true, statement);
    case sql::DescribeKind::kDetail:
      return DescribeDelta(scope, false, statement);
    case sql::DescribeKind::kQuery:
      return DescribeQuery(scope, statement);
    case sql::DescribeKind::kCatalog:
      return DescribeCatalog(scope, statement);
    case sql::DescribeKind::kSchema:
      return DescribeSchema(scope, statement);
    case sql::DescribeKind::kFunction:
      return DescribeFunction(scope, statement);
    case sql::DescribeKind::kVolume:
      return DescribeVolume(scope, statement);
    default:
      return UnsupportedFeature("This form of DESCRIBE", statement.name.source);
  }
}

}  // namespace tarn::session
