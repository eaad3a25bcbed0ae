#include "table_definition.h"

#include <algorithm>

#include "assignment.h"
#include "tarn/analyze/analyzer.h"
#include "tarn/analyze/declared_strings.h"
#include "tarn/base/json_string.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

Status CheckFresh(const Schema& schema, const std::string& name, const SourceRange& source) {
  if (schema.Find(name) < 0) return {};
  return Error(Condition("COLUMN_ALREADY_EXISTS"),
               {{"columnName", QuoteIdentifier(FoldName(name))}})
      .WithPosition(source);
}

Status AddConstraints(StatementScope& scope, const std::vector<sql::Constraint>& constraints,
                      DefinedColumns& defined) {
  for (const sql::Constraint& constraint : constraints) {
    // Keys are informational in Databricks: nothing enforces them.
    if (constraint.kind == sql::ConstraintKind::kPrimaryKey ||
        constraint.kind == sql::ConstraintKind::kForeignKey) {
      continue;
    }
    if (constraint.kind != sql::ConstraintKind::kCheck) {
      return UnsupportedFeature(
          constraint.kind == sql::ConstraintKind::kUnique ? "UNIQUE" : "EXPECT", constraint.source);
    }
    std::string name = constraint.name.text;
    if (name.empty()) name = "check_" + std::to_string(defined.checks.size() + 1);
    defined.checks.emplace_back(name,
                                std::string(sql::Slice(scope.text(), constraint.check->source)));
  }
  return {};
}

Status DefineIdentity(const sql::ColumnDefinition& column, Field& field) {
  const auto refuse = [&](Condition condition) {
    return Error(condition, {{"colName", QuoteIdentifier(field.name)},
                             {"dataType", "\"" + field.type.ToSql() + "\""}})
        .WithPosition(column.source);
  };
  if (!field.type.Is(TypeId::kLong)) {
    return refuse(Condition("DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE"));
  }
  if (column.generated_as || column.default_value) {
    return refuse(Condition("DELTA_IDENTITY_COLUMNS_WITH_GENERATED_EXPRESSION"));
  }
  if (column.identity->increment == 0) {
    return refuse(Condition("DELTA_IDENTITY_COLUMNS_ILLEGAL_STEP"));
  }
  field.SetMetadata("delta.identity.start", std::to_string(column.identity->start.value_or(1)));
  field.SetMetadata("delta.identity.step", std::to_string(column.identity->increment.value_or(1)));
  field.SetMetadata("delta.identity.allowExplicitInsert",
                    column.identity->always ? "false" : "true");
  return {};
}

}  // namespace

Result<Field> DefineColumn(StatementScope& scope, const sql::ColumnDefinition& column) {
  Field field;
  field.name = column.name.back().text;
  if (!column.type) {
    return Error(Condition("PARSE_SYNTAX_ERROR"),
                 {{"error", QuoteIdentifier(field.name)}, {"detail", "the column needs a type"}})
        .WithPosition(column.source);
  }
  field.type = *column.type;
  if (Status fits = analyze::CheckCharLengths(field.type); !fits.ok()) {
    return std::move(fits).error().WithPosition(column.source);
  }
  analyze::StoreDeclaration(field);
  field.nullable = !column.not_null;
  for (const sql::Constraint& constraint : column.constraints) {
    if (constraint.kind == sql::ConstraintKind::kPrimaryKey) field.nullable = false;
  }
  if (column.mask) return UnsupportedFeature("MASK", column.source);
  if (column.identity) TARN_TRY(DefineIdentity(column, field));
  if (column.comment) field.SetComment(*column.comment);
  if (column.generated_as) {
    field.SetMetadata("delta.generationExpression",
                      JsonString(sql::Slice(scope.text(), column.generated_as->source)));
  }
  if (column.default_value) {
    TARN_TRY(analyze::AnalyzeDefault(scope.request(), scope.AnalyzerView(), field.name,
                                     *column.default_value));
    const std::string text = JsonString(sql::Slice(scope.text(), column.default_value->source));
    field.SetMetadata("CURRENT_DEFAULT", text);
    field.SetMetadata("EXISTS_DEFAULT", text);
  }
  return field;
}

Result<DefinedColumns> DefineColumns(StatementScope& scope, const sql::CreateTable& statement) {
  DefinedColumns defined;
  if (statement.query && statement.has_columns && !statement.columns[0].type) {
    return UnsupportedFeature("a list of column names before AS", statement.columns[0].source);
  }
  for (const sql::ColumnDefinition& column : statement.columns) {
    TARN_TRY(CheckFresh(defined.schema, column.name.back().text, column.source));
    TARN_ASSIGN(Field field, DefineColumn(scope, column));
    defined.schema.fields.push_back(std::move(field));
    TARN_TRY(AddConstraints(scope, column.constraints, defined));
  }
  TARN_TRY(AddConstraints(scope, statement.constraints, defined));
  return defined;
}

Result<Schema> SchemaOfQuery(const plan::Query& query, const SourceRange& source) {
  Schema schema;
  for (const plan::OutputColumn& column : query.root->columns) {
    TARN_TRY(CheckFresh(schema, column.name, source));
    schema.fields.push_back({column.name, column.type, true, {}});
  }
  return schema;
}

Status DefinePartitions(const std::vector<sql::PartitionField>& fields, delta::Metadata& metadata) {
  for (const sql::PartitionField& field : fields) {
    if (!field.transform.empty()) {
      return UnsupportedFeature("PARTITIONED BY " + field.transform.text + "(…)", field.source);
    }
    int index = metadata.schema.Find(field.column.text);
    if (field.type) {
      if (index >= 0) {
        return Error(Condition("COLUMN_ALREADY_EXISTS"),
                     {{"columnName", QuoteIdentifier(field.column.text)}})
            .WithPosition(field.source);
      }
      metadata.schema.fields.push_back({field.column.text, *field.type, true, {}});
      index = static_cast<int>(metadata.schema.fields.size()) - 1;
    }
    if (index < 0) {
      return NoSuchColumn({field.column}, metadata.schema);
    }
    metadata.partition_columns.push_back(metadata.schema.fields[static_cast<size_t>(index)].name);
  }
  return {};
}

Result<std::vector<delta::ColumnPath>> ColumnPaths(
    const Schema& schema, const std::vector<std::vector<sql::Identifier>>& names) {
  static const std::vector<Field> kNoFields;
  std::vector<delta::ColumnPath> columns;
  for (const std::vector<sql::Identifier>& name : names) {
    delta::ColumnPath& path = columns.emplace_back();
    const std::vector<Field>* fields = &schema.fields;
    for (const sql::Identifier& part : name) {
      const auto found = std::ranges::find_if(
          *fields, [&](const Field& field) { return SameName(field.name, part.text); });
      if (found == fields->end()) {
        return Error(Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"),
                     {{"objectName", QuoteIdentifier(part.text)}})
            .WithPosition(part.source);
      }
      path.push_back(found->name);
      fields = found->type.Is(TypeId::kStruct) ? &found->type.fields() : &kNoFields;
    }
  }
  return columns;
}

void RequireClustering(delta::Metadata& metadata) {
  metadata.configuration["delta.feature.clustering"] = "supported";
  metadata.configuration["delta.feature.domainMetadata"] = "supported";
}

Status RefuseWriterProperties(const std::vector<sql::Property>& properties) {
  for (const sql::Property& property : properties) {
    if (!property.key.starts_with(delta::kRowTrackingPrefix)) continue;
    return Error(Condition("DELTA_UNKNOWN_CONFIGURATION"), {{"config", property.key}})
        .WithPosition(property.source);
  }
  return {};
}

std::string TableTypeName(const catalog::TableInfo& table) {
  const auto found = table.properties.find(catalog::kDatasetTypeProperty);
  if (found != table.properties.end()) return found->second;
  return table.type == catalog::TableType::kManaged ? "MANAGED" : "EXTERNAL";
}

}  // namespace tarn::session
