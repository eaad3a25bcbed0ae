#include "write_plan.h"

#include <algorithm>

#include "assignment.h"
#include "tarn/plan/coercion.h"
#include "tarn/plan/function.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"
#include "write_checks.h"

namespace tarn::session {

namespace {

using plan::ExprPtr;

/// The data has another number of columns than the statement lists.
Error ColumnCountMismatch(std::string_view table, size_t wanted, size_t given,
                          const SourceRange& source) {
  return Error(given < wanted ? Condition("INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS")
                              : Condition("INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS"),
               {{"tableName", std::string(table)},
                {"tableColumns", std::to_string(wanted)},
                {"dataColumns", std::to_string(given)}})
      .WithPosition(source);
}

/// The data has another number of columns than the table.
Error TableColumnsMismatch(std::string_view name, const Schema& table, size_t given,
                           const SourceRange& source) {
  const size_t wanted = table.fields.size();
  if (given > wanted) {
    return Error(Condition("DELTA_METADATA_MISMATCH"),
                 {{"detail", std::string(name) + " has " + std::to_string(wanted) +
                                 " columns, and the data has " + std::to_string(given)}})
        .WithPosition(source);
  }
  return Error(Condition("DELTA_INSERT_COLUMN_ARITY_MISMATCH"),
               {{"tableName", std::string(name)},
                {"columnName", QuoteIdentifier(table.fields[given].name)},
                {"numColumns", std::to_string(wanted)},
                {"insertColumns", std::to_string(given)}})
      .WithPosition(source);
}

Result<ExprPtr> Test(std::string_view function, ExprPtr operand) {
  std::vector<ExprPtr> operands;
  operands.push_back(std::move(operand));
  return plan::BuildCall(function, std::move(operands));
}

/// Whether storing may overflow: targets of whole numbers and decimals that don't hold every value
/// of the source. Texts fail as malformed, not as too large.
bool MayOverflow(const DataType& from, const DataType& to) {
  if (from.IsString() || from.Is(TypeId::kNull) || from.Is(TypeId::kBoolean)) return false;
  if (to.IsIntegral()) return !from.IsIntegral() || from.id() > to.id();
  if (!to.Is(TypeId::kDecimal)) return false;
  const DataType source = from.IsIntegral() ? plan::DecimalFor(from) : from;
  return !source.Is(TypeId::kDecimal) || source.scale() > to.scale() ||
         source.precision() - source.scale() > to.precision() - to.scale();
}

/// `value` as it is stored in a column: checked cast, or why it can't be.
Result<ExprPtr> StoreAs(ExprPtr value, const Field& field, std::string_view table) {
  if (value->type == field.type) return value;
  if (auto status = CheckStorable(value->type, field, FieldRule::kInsert, table, Render(*value));
      !status.ok()) {
    return std::move(status).error().WithPosition(value->source);
  }
  if (!MayOverflow(value->type, field.type)) return StoredValue(std::move(value), field.type);
  const std::string source_type = "\"" + value->type.ToSql() + "\"";
  ExprPtr stored = plan::MakeCast(plan::Clone(*value), field.type, plan::CastMode::kTry);
  TARN_ASSIGN(ExprPtr lost, Test("isnull", plan::Clone(*stored)));
  TARN_ASSIGN(ExprPtr given, Test("isnotnull", std::move(value)));
  std::vector<ExprPtr> both;
  both.push_back(std::move(lost));
  both.push_back(std::move(given));
  plan::Case choice;
  TARN_ASSIGN(ExprPtr overflow, plan::BuildCall("and", std::move(both)));
  TARN_ASSIGN(ExprPtr raise, Raise("CAST_OVERFLOW_IN_TABLE_INSERT",
                                   {{"sourceType", source_type},
                                    {"targetType", "\"" + field.type.ToSql() + "\""},
                                    {"columnName", QuoteIdentifier(field.name)}}));
  choice.branches.push_back({std::move(overflow), plan::MakeCast(std::move(raise), field.type)});
  auto expr = std::make_unique<plan::Expr>();
  expr->type = field.type;
  expr->nullable = true;
  expr->source = stored->source;
  choice.otherwise = std::move(stored);
  expr->kind = std::move(choice);
  return expr;
}

const delta::ColumnExpression* ExpressionFor(const std::vector<delta::ColumnExpression>& all,
                                             std::string_view column) {
  for (const delta::ColumnExpression& expression : all) {
    if (SameName(expression.column, column)) return &expression;
  }
  return nullptr;
}

/// The value of a column that the statement gives no value for.
Result<ExprPtr> MissingValue(StatementScope& scope, const Field& field,
                             const delta::TableConstraints& constraints) {
  if (const auto* text = ExpressionFor(constraints.defaults, field.name)) {
    TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(text->sql));
    auto value =
        analyze::AnalyzeDefault(scope.request(), scope.AnalyzerView(), field.name, *parsed);
    // Positions in the stored text mean nothing in the statement's.
    if (!value.ok()) return std::move(value).error().WithPosition({});
    return value;
  }
  return plan::MakeLiteral(Value::Null(field.type));
}

/// First step: the columns of the table in order, generated ones still NULL.
Status ProjectColumns(StatementScope& scope, PlanExtension& extension, const ColumnMatch& match,
                      const Schema& schema, const delta::TableConstraints& constraints,
                      std::string_view table) {
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const Field& field = schema.fields[i];
    ExprPtr value;
    if (match[i]) {
      value = extension.Ref(*match[i]);
    } else {
      TARN_ASSIGN(value, MissingValue(scope, field, constraints));
    }
    TARN_ASSIGN(value, StoreAs(std::move(value), field, table));
    items.emplace_back(field.name, std::move(value));
  }
  extension.Project(std::move(items));
  return {};
}

/// Numbers for the identity columns that were not given.
Status NumberRows(PlanExtension& extension, const ColumnMatch& match, const Schema& schema,
                  const delta::TableConstraints& constraints) {
  std::vector<std::pair<size_t, const delta::IdentityColumn*>> numbered;
  for (const delta::IdentityColumn& identity : constraints.identity) {
    const int index = schema.Find(identity.column);
    if (index >= 0 && !match[static_cast<size_t>(index)]) {
      numbered.emplace_back(static_cast<size_t>(index), &identity);
    }
  }
  if (numbered.empty()) return {};
  const size_t number = extension.AppendRowNumber();
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    items.emplace_back(schema.fields[i].name, extension.Ref(i));
  }
  for (const auto& [index, identity] : numbered) {
    // An overflow is an error, as everywhere.
    std::vector<ExprPtr> factors;
    factors.push_back(extension.Ref(number));
    factors.push_back(plan::MakeLiteral(Value::Long(identity->step)));
    std::vector<ExprPtr> terms;
    TARN_ASSIGN(ExprPtr product, plan::BuildCall("*", std::move(factors)));
    terms.push_back(std::move(product));
    terms.push_back(plan::MakeLiteral(Value::Long(identity->Last())));
    TARN_ASSIGN(items[index].second, plan::BuildCall("+", std::move(terms)));
  }
  extension.Project(std::move(items));
  return {};
}

/// Second step: generated columns that were not given are computed; given ones must equal their
/// expression.
Status GenerateColumns(StatementScope& scope, PlanExtension& extension, const ColumnMatch& match,
                       const Schema& schema, const delta::TableConstraints& constraints,
                       std::string_view table) {
  if (constraints.generated.empty()) return {};
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const Field& field = schema.fields[i];
    ExprPtr value = extension.Ref(i);
    const auto* generated = ExpressionFor(constraints.generated, field.name);
    if (generated && !match[i]) {
      TARN_ASSIGN(value, AnalyzeText(scope, generated->sql, extension));
      TARN_ASSIGN(value, StoreAs(std::move(value), field, table));
    }
    items.emplace_back(field.name, std::move(value));
  }
  extension.Project(std::move(items));
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const auto* generated = ExpressionFor(constraints.generated, schema.fields[i].name);
    if (!generated || !match[i]) continue;
    TARN_ASSIGN(ExprPtr computed, AnalyzeText(scope, generated->sql, extension));
    TARN_ASSIGN(computed, StoreAs(std::move(computed), schema.fields[i], table));
    std::vector<ExprPtr> sides;
    sides.push_back(extension.Ref(i));
    sides.push_back(std::move(computed));
    TARN_ASSIGN(ExprPtr same, plan::BuildCall("<=>", std::move(sides)));
    TARN_ASSIGN(ExprPtr enforced, Enforced(std::move(same), "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
                                           {{"constraintName", "Generated Column"},
                                            {"expression", QuoteIdentifier(schema.fields[i].name) +
                                                               " <=> " + generated->sql}}));
    extension.Filter(std::move(enforced));
  }
  return {};
}

}  // namespace

Status RefuseIdentityValues(const ColumnMatch& match, const delta::Metadata& table,
                            const delta::TableConstraints& constraints, const SourceRange& source) {
  for (const delta::IdentityColumn& identity : constraints.identity) {
    const int index = table.schema.Find(identity.column);
    if (identity.allow_explicit_insert || index < 0 || !match[static_cast<size_t>(index)]) continue;
    return Error(Condition("DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED"),
                 {{"colName", QuoteIdentifier(identity.column)}})
        .WithPosition(source);
  }
  return {};
}

Status AdvanceIdentity(delta::Transaction& transaction, const ColumnMatch& match, int64_t rows) {
  TARN_ASSIGN(const delta::TableConstraints constraints,
              delta::ConstraintsOf(transaction.metadata()));
  if (rows == 0 || constraints.identity.empty()) return {};
  delta::Metadata metadata = transaction.metadata();
  bool changed = false;
  for (const delta::IdentityColumn& identity : constraints.identity) {
    const int index = metadata.schema.Find(identity.column);
    if (index < 0 || match[static_cast<size_t>(index)]) continue;
    metadata.schema.fields[static_cast<size_t>(index)].SetMetadata(
        "delta.identity.highWaterMark", std::to_string(identity.Last() + identity.step * rows));
    changed = true;
  }
  return changed ? transaction.SetMetadata(std::move(metadata)) : Status();
}

Result<ColumnMatch> MatchByPosition(const plan::Query& query, const Schema& table,
                                    const std::vector<std::vector<sql::Identifier>>& names,
                                    std::string_view table_name, const SourceRange& source) {
  const size_t given = query.root->columns.size();
  ColumnMatch match(table.fields.size());
  if (names.empty()) {
    if (given != table.fields.size()) {
      return TableColumnsMismatch(table_name, table, given, source);
    }
    for (size_t i = 0; i < given; ++i) match[i] = i;
    return match;
  }
  if (given != names.size()) return ColumnCountMismatch(table_name, names.size(), given, source);
  for (size_t i = 0; i < names.size(); ++i) {
    const sql::Identifier& name = names[i].back();
    const int column = names[i].size() == 1 ? table.Find(name.text) : -1;
    if (column < 0) {
      return NoSuchColumn(names[i], table);
    }
    if (match[static_cast<size_t>(column)]) {
      return Error(Condition("COLUMN_ALREADY_EXISTS"), {{"columnName", QuoteIdentifier(name.text)}})
          .WithPosition(name.source);
    }
    match[static_cast<size_t>(column)] = i;
  }
  return match;
}

Result<ColumnMatch> MatchByName(const plan::Query& query, const Schema& table,
                                std::string_view table_name, const SourceRange& source) {
  ColumnMatch match(table.fields.size());
  for (size_t i = 0; i < query.root->columns.size(); ++i) {
    const std::string& name = query.root->columns[i].name;
    const int column = table.Find(name);
    if (column < 0) {
      return Error(
                 Condition("INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS"),
                 {{"tableName", std::string(table_name)}, {"extraColumns", QuoteIdentifier(name)}})
          .WithPosition(source);
    }
    if (match[static_cast<size_t>(column)]) {
      return Error(Condition("AMBIGUOUS_REFERENCE"),
                   {{"name", QuoteIdentifier(name)}, {"candidates", QuoteIdentifier(name)}})
          .WithPosition(source);
    }
    match[static_cast<size_t>(column)] = i;
  }
  return match;
}

Result<plan::Query> ConformToTable(StatementScope& scope, plan::Query query,
                                   const ColumnMatch& match, const delta::Metadata& table,
                                   const delta::TableConstraints& constraints,
                                   std::string_view table_name,
                                   const std::vector<Expectation>& expectations) {
  PlanExtension extension(std::move(query));
  TARN_TRY(ProjectColumns(scope, extension, match, table.schema, constraints, table_name));
  TARN_TRY(NumberRows(extension, match, table.schema, constraints));
  TARN_TRY(GenerateColumns(scope, extension, match, table.schema, constraints, table_name));
  TARN_TRY(AppendExpectations(scope, extension, expectations));
  TARN_TRY(EnforceNotNull(extension, table.schema, constraints));
  TARN_TRY(EnforceLengths(scope, extension, table.schema));
  TARN_TRY(EnforceChecks(scope, extension, constraints));
  return extension.Take();
}

}  // namespace tarn::session
