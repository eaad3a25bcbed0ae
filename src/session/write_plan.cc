#include "write_plan.h"

#include <algorithm>

#include "assignment.h"
#include "tarn/plan/cast_mismatch.h"
#include "tarn/plan/coercion.h"
#include "tarn/plan/function.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"

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

/// Greatest column id below a node, and whether each run of it gives the same.
struct GreatestId {
  uint32_t greatest = 0;
  bool deterministic = true;

  void See(plan::ColumnId id) { greatest = std::max(greatest, static_cast<uint32_t>(id)); }

  void Visit(const plan::Node& node) {
    for (const plan::OutputColumn& column : node.columns) See(column.id);
    std::visit([this](const auto& kind) { Inside(kind); }, node.kind);
  }
  void Visit(const plan::NodePtr& node) {
    if (node) Visit(*node);
  }
  void Visit(const ExprPtr& expr) {
    if (!expr) return;
    std::visit([this](const auto& kind) { Inside(kind); }, expr->kind);
  }
  void Visit(const std::vector<ExprPtr>& exprs) {
    for (const ExprPtr& expr : exprs) Visit(expr);
  }
  void Visit(const std::vector<plan::NamedExpr>& items) {
    for (const plan::NamedExpr& item : items) {
      See(item.id);
      Visit(item.expr);
    }
  }
  void Visit(const std::vector<plan::SortKey>& keys) {
    for (const plan::SortKey& key : keys) Visit(key.expr);
  }

  void Inside(const plan::Literal&) {}
  void Inside(const plan::ColumnRef& x) { See(x.id); }
  void Inside(const plan::Call& x) {
    deterministic &= x.function->deterministic;
    Visit(x.args);
    Visit(x.filter);
    Visit(x.order_by);
  }
  void Inside(const plan::Cast& x) { Visit(x.input); }
  void Inside(const plan::Case& x) {
    for (const auto& branch : x.branches) {
      Visit(branch.condition);
      Visit(branch.result);
    }
    Visit(x.otherwise);
  }
  void Inside(const plan::FieldAccess& x) { Visit(x.base); }
  void Inside(const plan::Lambda& x) {
    for (const auto& parameter : x.parameters) See(parameter.id);
    Visit(x.body);
  }
  void Inside(const plan::Subquery& x) {
    Visit(x.query);
    Visit(x.operands);
  }
  void Inside(const plan::WindowCall& x) {
    Inside(x.call);
    Visit(x.partition_by);
    Visit(x.order_by);
  }
  void Inside(const plan::Scan&) {}
  void Inside(const plan::CteScan&) {}
  void Inside(const plan::Values& x) {
    for (const auto& row : x.rows) Visit(row);
  }
  void Inside(const plan::Project& x) {
    Visit(x.input);
    Visit(x.items);
  }
  void Inside(const plan::Filter& x) {
    Visit(x.input);
    Visit(x.condition);
  }
  void Inside(const plan::Join& x) {
    Visit(x.left);
    Visit(x.right);
    Visit(x.condition);
  }
  void Inside(const plan::Aggregate& x) {
    Visit(x.input);
    Visit(x.groups);
    Visit(x.aggregates);
    if (x.grouping_id) See(*x.grouping_id);
  }
  void Inside(const plan::Window& x) {
    Visit(x.input);
    Visit(x.calls);
  }
  void Inside(const plan::Sort& x) {
    Visit(x.input);
    Visit(x.keys);
  }
  void Inside(const plan::Limit& x) { Visit(x.input); }
  void Inside(const plan::Distinct& x) { Visit(x.input); }
  void Inside(const plan::SetOperation& x) {
    Visit(x.left);
    Visit(x.right);
  }
  void Inside(const plan::Generate& x) {
    Visit(x.input);
    Visit(x.generator);
    for (const plan::OutputColumn& column : x.produced) See(column.id);
  }
  void Inside(const plan::Sample& x) { Visit(x.input); }
  void Inside(const plan::Check& x) {
    Visit(x.input);
    Visit(x.conditions);
  }
  void Inside(const plan::With& x) {
    for (const auto& definition : x.definitions) {
      Visit(definition.query);
      Visit(definition.recursive_part);
    }
    Visit(x.input);
  }
};

/// Builds the nodes on top of a query, one after the other.
class PlanExtension {
 public:
  explicit PlanExtension(plan::Query query)
      : query_(std::move(query)), next_(static_cast<uint32_t>(FirstFreeColumn(query_))) {}

  const std::vector<plan::OutputColumn>& columns() const { return query_.root->columns; }
  plan::ColumnId NewId() { return plan::ColumnId{next_++}; }
  plan::ColumnId next() const { return plan::ColumnId{next_}; }

  ExprPtr Ref(size_t index) const {
    const plan::OutputColumn& column = columns()[index];
    return plan::MakeColumnRef(column.id, column.name, column.type, column.nullable);
  }

  /// Replaces the columns by these expressions.
  void Project(std::vector<std::pair<std::string, ExprPtr>> items) {
    auto node = std::make_unique<plan::Node>();
    plan::Project project;
    for (auto& [name, expr] : items) {
      const plan::ColumnId id = NewId();
      node->columns.push_back({id, name, expr->type, expr->nullable});
      project.items.push_back({id, std::move(name), std::move(expr)});
    }
    project.input = std::move(query_.root);
    node->kind = std::move(project);
    query_.root = std::move(node);
  }

  /// A column behind the others that numbers the rows from 1; its index.
  size_t AppendRowNumber() {
    auto node = std::make_unique<plan::Node>();
    node->columns = columns();
    plan::Expr expr;
    plan::WindowCall call;
    call.call.function = plan::FindFunction("row_number");
    expr.type = TypeId::kInt;
    expr.nullable = false;
    expr.kind = std::move(call);
    const plan::ColumnId id = NewId();
    node->columns.push_back({id, "__row_number", expr.type, false});
    plan::Window window;
    window.calls.push_back({id, "__row_number", std::make_unique<plan::Expr>(std::move(expr))});
    window.input = std::move(query_.root);
    node->kind = std::move(window);
    query_.root = std::move(node);
    return columns().size() - 1;
  }

  /// From now on Filter asks nothing of rows for which this boolean column isn't true.
  void ExemptUnless(size_t column) { guards_.push_back(column); }

  void Filter(ExprPtr condition) {
    if (!guards_.empty()) {
      auto guarded = std::make_unique<plan::Expr>();
      guarded->type = TypeId::kBoolean;
      plan::Case choice;
      for (const size_t guard : guards_) {
        plan::Case::Branch branch;
        branch.condition = Untrue(Ref(guard));
        branch.result = plan::MakeLiteral(Value::Boolean(true));
        choice.branches.push_back(std::move(branch));
      }
      choice.otherwise = std::move(condition);
      guarded->kind = std::move(choice);
      condition = std::move(guarded);
    }
    auto node = std::make_unique<plan::Node>();
    node->columns = columns();
    plan::Filter filter{std::move(query_.root), std::move(condition)};
    node->kind = std::move(filter);
    query_.root = std::move(node);
  }

  plan::Query Take() { return std::move(query_); }

 private:
  static ExprPtr Untrue(ExprPtr flag) {
    auto result = std::make_unique<plan::Expr>();
    result->type = TypeId::kBoolean;
    result->nullable = false;
    plan::Case choice;
    choice.branches.push_back({std::move(flag), plan::MakeLiteral(Value::Boolean(false))});
    choice.otherwise = plan::MakeLiteral(Value::Boolean(true));
    result->kind = std::move(choice);
    return result;
  }

  plan::Query query_;
  uint32_t next_;
  std::vector<size_t> guards_;
};

/// A failure with that condition, as an expression.
Result<ExprPtr> Raise(std::string_view error,
                      std::vector<std::pair<std::string, std::string>> parameters) {
  std::vector<ExprPtr> entries;
  for (auto& [key, value] : parameters) {
    entries.push_back(plan::MakeLiteral(Value::String(key)));
    entries.push_back(plan::MakeLiteral(Value::String(value)));
  }
  TARN_ASSIGN(ExprPtr map, plan::BuildCall("map", std::move(entries)));
  std::vector<ExprPtr> arguments;
  arguments.push_back(plan::MakeLiteral(Value::String(std::string(error))));
  arguments.push_back(std::move(map));
  return plan::BuildCall("raise_error", std::move(arguments));
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
Result<ExprPtr> StoreAs(ExprPtr value, const Field& field) {
  if (value->type == field.type) return value;
  if (!plan::CanStoreAssign(value->type, field.type)) {
    return plan::CastMismatch(value->type, field.type, plan::CastMode::kAnsi, Render(*value))
        .WithPosition(value->source);
  }
  if (!MayOverflow(value->type, field.type)) return plan::MakeCast(std::move(value), field.type);
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

/// The expression that enforces `condition`: true, or a failure with the given condition.
Result<ExprPtr> Enforced(ExprPtr condition, std::string_view error,
                         std::vector<std::pair<std::string, std::string>> parameters) {
  TARN_ASSIGN(ExprPtr raise, Raise(error, std::move(parameters)));
  auto expr = std::make_unique<plan::Expr>();
  expr->type = TypeId::kBoolean;
  plan::Case choice;
  choice.branches.push_back({std::move(condition), plan::MakeLiteral(Value::Boolean(true))});
  choice.otherwise = plan::MakeCast(std::move(raise), TypeId::kBoolean);
  expr->kind = std::move(choice);
  return expr;
}

Result<ExprPtr> AnalyzeText(StatementScope& scope, const std::string& text,
                            const PlanExtension& extension) {
  TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(text));
  return analyze::AnalyzeOverColumns(scope.request(), scope.AnalyzerView(), extension.columns(),
                                     *parsed, extension.next());
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
                      const Schema& schema, const delta::TableConstraints& constraints) {
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const Field& field = schema.fields[i];
    ExprPtr value;
    if (match[i]) {
      value = extension.Ref(*match[i]);
    } else {
      TARN_ASSIGN(value, MissingValue(scope, field, constraints));
    }
    TARN_ASSIGN(value, StoreAs(std::move(value), field));
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
      TARN_ASSIGN(value, StoreAs(std::move(value), field));
    }
    items.emplace_back(field.name, std::move(value));
  }
  extension.Project(std::move(items));
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const auto* generated = ExpressionFor(constraints.generated, schema.fields[i].name);
    if (!generated || !match[i]) continue;
    TARN_ASSIGN(ExprPtr computed, AnalyzeText(scope, generated->sql, extension));
    TARN_ASSIGN(computed, StoreAs(std::move(computed), schema.fields[i]));
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

/// A path of a NOT NULL field as an expression over the columns; struct fields by index.
Result<ExprPtr> FieldByPath(const PlanExtension& extension, const Schema& schema,
                            const std::vector<std::string>& path) {
  const int column = schema.Find(path[0]);
  if (column < 0) return InternalError("no column " + path[0]);
  ExprPtr expr = extension.Ref(static_cast<size_t>(column));
  for (size_t depth = 1; depth < path.size(); ++depth) {
    const std::vector<Field>& fields = expr->type.fields();
    for (size_t i = 0; i < fields.size(); ++i) {
      if (!SameName(fields[i].name, path[depth])) continue;
      auto access = std::make_unique<plan::Expr>();
      access->type = fields[i].type;
      access->kind = plan::FieldAccess{std::move(expr), static_cast<int>(i)};
      expr = std::move(access);
      break;
    }
  }
  return expr;
}

Status EnforceNotNull(PlanExtension& extension, const Schema& schema,
                      const delta::TableConstraints& constraints) {
  for (const std::vector<std::string>& path : constraints.not_null) {
    TARN_ASSIGN(ExprPtr field, FieldByPath(extension, schema, path));
    if (path.size() == 1 && !field->nullable) continue;
    std::vector<ExprPtr> operands;
    operands.push_back(std::move(field));
    TARN_ASSIGN(ExprPtr present, plan::BuildCall("isnotnull", std::move(operands)));
    if (path.size() > 1) {
      // A nested field counts only where its parents are there.
      TARN_ASSIGN(ExprPtr parent, FieldByPath(extension, schema, {path.begin(), path.end() - 1}));
      std::vector<ExprPtr> inner;
      inner.push_back(std::move(parent));
      TARN_ASSIGN(ExprPtr absent, plan::BuildCall("isnull", std::move(inner)));
      std::vector<ExprPtr> either;
      either.push_back(std::move(absent));
      either.push_back(std::move(present));
      TARN_ASSIGN(present, plan::BuildCall("or", std::move(either)));
    }
    std::string name;
    for (const std::string& part : path) name += (name.empty() ? "" : ".") + part;
    TARN_ASSIGN(ExprPtr enforced, Enforced(std::move(present), "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
                                           {{"columnName", name}}));
    extension.Filter(std::move(enforced));
  }
  return {};
}

/// Declared lengths of char and varchar columns.
Status EnforceLengths(PlanExtension& extension, const Schema& schema) {
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const std::string_view json = schema.fields[i].Metadata("__CHAR_VARCHAR_TYPE_STRING");
    const size_t open = json.find('(');
    if (open == json.npos) continue;
    const int length = std::atoi(std::string(json.substr(open + 1)).c_str());
    std::vector<ExprPtr> operands;
    operands.push_back(extension.Ref(i));
    TARN_ASSIGN(ExprPtr actual, plan::BuildCall("length", std::move(operands)));
    std::vector<ExprPtr> sides;
    sides.push_back(std::move(actual));
    sides.push_back(plan::MakeLiteral(Value::Int(length)));
    TARN_ASSIGN(ExprPtr short_enough, plan::BuildCall("<=", std::move(sides)));
    std::vector<ExprPtr> null_test;
    null_test.push_back(extension.Ref(i));
    TARN_ASSIGN(ExprPtr absent, plan::BuildCall("isnull", std::move(null_test)));
    std::vector<ExprPtr> either;
    either.push_back(std::move(absent));
    either.push_back(std::move(short_enough));
    TARN_ASSIGN(ExprPtr condition, plan::BuildCall("or", std::move(either)));
    TARN_ASSIGN(ExprPtr enforced, Enforced(std::move(condition), "EXCEED_LIMIT_LENGTH",
                                           {{"limit", std::to_string(length)}}));
    extension.Filter(std::move(enforced));
  }
  return {};
}

Status EnforceChecks(StatementScope& scope, PlanExtension& extension,
                     const delta::TableConstraints& constraints) {
  const auto enforce = [&](const std::string& name, const std::string& text) -> Status {
    TARN_ASSIGN(ExprPtr condition, AnalyzeText(scope, text, extension));
    TARN_ASSIGN(ExprPtr enforced, Enforced(plan::MakeCast(std::move(condition), TypeId::kBoolean),
                                           "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
                                           {{"constraintName", name}, {"expression", text}}));
    extension.Filter(std::move(enforced));
    return {};
  };
  for (const delta::CheckConstraint& check : constraints.checks) {
    TARN_TRY(enforce(check.name, check.sql));
  }
  for (const delta::ColumnExpression& invariant : constraints.invariants) {
    TARN_TRY(enforce(invariant.column, invariant.sql));
  }
  return {};
}

/// A boolean column behind the table's own for each expectation.
Status AppendExpectations(StatementScope& scope, PlanExtension& extension,
                          const std::vector<Expectation>& expectations) {
  if (expectations.empty()) return {};
  const size_t first = extension.columns().size();
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < first; ++i) {
    items.emplace_back(extension.columns()[i].name, extension.Ref(i));
  }
  for (const Expectation& expectation : expectations) {
    auto condition = AnalyzeText(scope, expectation.condition, extension);
    if (!condition.ok()) return std::move(condition).error().WithPosition(expectation.source);
    TARN_TRY(RequireCondition(**condition, expectation));
    items.emplace_back("__expectation_" + expectation.name, std::move(*condition));
  }
  extension.Project(std::move(items));
  for (size_t i = 0; i < expectations.size(); ++i) {
    if (expectations[i].on_violation == engine::OnViolation::kDropRow) {
      extension.ExemptUnless(first + i);
    }
  }
  return {};
}

}  // namespace

Status RequireCondition(const plan::Expr& analysed, const Expectation& expectation) {
  if (analysed.type.Is(TypeId::kBoolean)) return {};
  return Error(Condition("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"),
               {{"sqlExpr", "\"" + expectation.condition + "\""},
                {"type", "\"" + analysed.type.ToSql() + "\""}})
      .WithPosition(expectation.source);
}

Result<plan::Query> EnforceReplaceWhere(StatementScope& scope, plan::Query query,
                                        const std::string& condition) {
  PlanExtension extension(std::move(query));
  TARN_ASSIGN(ExprPtr analysed, AnalyzeText(scope, condition, extension));
  TARN_ASSIGN(ExprPtr enforced,
              Enforced(plan::MakeCast(std::move(analysed), TypeId::kBoolean),
                       "DELTA_REPLACE_WHERE_MISMATCH", {{"replaceWhere", condition}}));
  extension.Filter(std::move(enforced));
  return extension.Take();
}

plan::Query WithTextColumn(plan::Query query, const std::string& name, std::string text) {
  PlanExtension extension(std::move(query));
  std::vector<std::pair<std::string, ExprPtr>> items;
  for (size_t i = 0; i < extension.columns().size(); ++i) {
    items.emplace_back(extension.columns()[i].name, extension.Ref(i));
  }
  items.emplace_back(name, plan::MakeLiteral(Value::String(std::move(text))));
  extension.Project(std::move(items));
  return extension.Take();
}

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

plan::ColumnId FirstFreeColumn(const plan::Query& query) {
  GreatestId ids;
  ids.Visit(*query.root);
  return plan::ColumnId{ids.greatest + 1};
}

Status RequireDeterministic(const plan::Query& query, const SourceRange& source,
                            std::string_view expression) {
  GreatestId all;
  all.Visit(*query.root);
  if (all.deterministic) return {};
  return Error(Condition("INVALID_NON_DETERMINISTIC_EXPRESSIONS"),
               {{"sqlExprs", "\"" + std::string(expression) + "\""}})
      .WithPosition(source);
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
  TARN_TRY(ProjectColumns(scope, extension, match, table.schema, constraints));
  TARN_TRY(NumberRows(extension, match, table.schema, constraints));
  TARN_TRY(GenerateColumns(scope, extension, match, table.schema, constraints, table_name));
  TARN_TRY(AppendExpectations(scope, extension, expectations));
  TARN_TRY(EnforceNotNull(extension, table.schema, constraints));
  TARN_TRY(EnforceLengths(extension, table.schema));
  TARN_TRY(EnforceChecks(scope, extension, constraints));
  return extension.Take();
}

}  // namespace tarn::session
