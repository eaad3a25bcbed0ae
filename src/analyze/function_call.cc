#include <algorithm>

#include "query_analyzer.h"
#include "select_builder.h"
#include "tarn/plan/coercion.h"
#include "tarn/plan/refused_function.h"
#include "tarn/sql/parser.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

/// Functions that are casts: int(x), string(x), …
std::optional<DataType> CastFunction(std::string_view name) {
  static constexpr std::pair<std::string_view, TypeId> kCasts[] = {
      {"boolean", TypeId::kBoolean},     {"tinyint", TypeId::kByte},
      {"smallint", TypeId::kShort},      {"int", TypeId::kInt},
      {"bigint", TypeId::kLong},         {"float", TypeId::kFloat},
      {"double", TypeId::kDouble},       {"decimal", TypeId::kDecimal},
      {"date", TypeId::kDate},           {"binary", TypeId::kBinary},
      {"timestamp", TypeId::kTimestamp}, {"string", TypeId::kString}};
  for (const auto& [cast, type] : kCasts) {
    if (SameName(cast, name)) return DataType(type);
  }
  return std::nullopt;
}

/// Aliases that results show under the function's own name, not as written.
bool ShowsOwnName(std::string_view written) {
  static constexpr std::string_view kNames[] = {"random", "array_agg", "to_varchar", "now",
                                                "user",   "sha",       "getdate",    "curdate"};
  return std::find(std::begin(kNames), std::end(kNames), written) != std::end(kNames);
}

/// The function that a call with a syntax of its own means; otherwise the written name.
std::string_view FunctionOfForm(const sql::FunctionCall& call, std::string_view written) {
  switch (call.form) {
    case sql::CallForm::kSubstring:
      return "substring";
    case sql::CallForm::kPosition:
      return "locate";
    case sql::CallForm::kTrimLeading:
      return "ltrim";
    case sql::CallForm::kTrimTrailing:
      return "rtrim";
    default:
      return written;
  }
}

/// trim(set, text) and its like, as plain calls, have the text last; the function has it first.
bool TakesTextLast(std::string_view function, const sql::FunctionCall& call) {
  return call.form == sql::CallForm::kPlain && call.args.size() == 2 &&
         (function == "trim" || function == "ltrim" || function == "rtrim");
}

/// Functions whose last, boolean argument says that NULLs are skipped, and their other arguments.
std::optional<size_t> IgnoreNullsArgument(std::string_view name) {
  if (name == "first" || name == "last" || name == "any_value" || name == "first_value" ||
      name == "last_value") {
    return 1;
  }
  if (name == "nth_value") return 2;
  if (name == "lead" || name == "lag") return 3;
  return std::nullopt;
}

/// Aggregates whose key of WITHIN GROUP is their first argument.
bool TakesKeyAsArgument(std::string_view name) {
  return name == "mode" || name == "percentile_cont" || name == "percentile_disc";
}

Error UnsupportedSyntax(std::string_view function, std::string_view syntax,
                        const SourceRange& source) {
  return Error(Condition("INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX"),
               {{"prettyName", QuoteIdentifier(function)}, {"syntax", Quoted(syntax)}})
      .WithPosition(source);
}

/// Refuses what the function's kind doesn't take: OVER, DISTINCT, FILTER, a place among other
/// expressions.
Status CheckSyntax(const plan::FunctionSpec& function, std::string_view written,
                   const sql::Expr& expr, const sql::FunctionCall& call,
                   const ExprContext& context) {
  const bool windowed = call.over != nullptr;
  if (function.kind == plan::FunctionKind::kWindow && !windowed) {
    return Error(Condition("WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE"),
                 {{"funcName", Quoted(Lower(written) + "()")}})
        .WithPosition(expr.source);
  }
  if (function.kind == plan::FunctionKind::kScalar) {
    if (windowed) {
      return Error(Condition("UNSUPPORTED_EXPR_FOR_WINDOW"),
                   {{"sqlExpr", Quoted(Lower(written) + "(…)")}})
          .WithPosition(expr.source);
    }
    if (call.distinct) return UnsupportedSyntax(function.name, "DISTINCT", expr.source);
    if (call.filter) return UnsupportedSyntax(function.name, "FILTER CLAUSE", expr.source);
  }
  if (function.kind == plan::FunctionKind::kGenerator && !context.allow_generators) {
    const bool outside = !context.clause.empty() && context.clause != "SELECT";
    return Error(outside ? Condition("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT")
                         : Condition("UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS"),
                 {{"expression", Quoted(Lower(written) + "(…)")},
                  {"plan", std::string(context.clause)}})
        .WithPosition(expr.source);
  }
  return {};
}

bool IsStarOnly(const sql::FunctionCall& call) {
  const sql::Star* star = call.args.size() == 1 ? call.args[0].value->As<sql::Star>() : nullptr;
  return star && star->qualifier.empty() && star->except.empty() && star->replace.empty();
}

/// A built-in function whose arguments may be given by name.
struct NamedParameters {
  std::string_view function;
  struct Parameter {
    std::string_view name;
    std::string_view default_sql;  ///< empty: required
  };
  std::vector<Parameter> parameters;
};

const NamedParameters* FindNamedParameters(std::string_view function) {
  static const std::vector<NamedParameters> kFunctions = {
      {"mask",
       {{"str", ""},
        {"upperChar", "'X'"},
        {"lowerChar", "'x'"},
        {"digitChar", "'n'"},
        {"otherChar", "NULL"}}},
      {"explode", {{"collection", ""}}},
      {"explode_outer", {{"collection", ""}}},
      {"posexplode", {{"collection", ""}}},
      {"posexplode_outer", {{"collection", ""}}},
      {"inline", {{"input", ""}}},
      {"inline_outer", {{"input", ""}}},
      {"rand", {{"seed", "NULL"}}},
      {"randn", {{"seed", "NULL"}}},
  };
  for (const NamedParameters& known : kFunctions) {
    if (known.function == function) return &known;
  }
  return nullptr;
}

/// The arguments at their places, those given by name among them; `kept` holds parsed defaults.
Result<std::vector<const sql::Expr*>> PlaceArguments(const plan::FunctionSpec& function,
                                                     const sql::FunctionCall& call,
                                                     std::deque<sql::ExprPtr>& kept,
                                                     const SourceRange& source) {
  const std::string shown = QuoteIdentifier(function.name);
  const NamedParameters* named = FindNamedParameters(function.name);
  if (!named) {
    return Error(Condition("NAMED_PARAMETERS_NOT_SUPPORTED"), {{"functionName", shown}})
        .WithPosition(source);
  }
  const auto& parameters = named->parameters;
  std::vector<const sql::Expr*> placed(parameters.size());
  bool by_name = false;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const sql::FunctionArgument& arg = call.args[i];
    size_t place = i;
    if (!arg.name.empty()) {
      by_name = true;
      place = 0;
      while (place < parameters.size() && !SameName(parameters[place].name, arg.name.text)) ++place;
      if (place == parameters.size()) {
        return Error(Condition("UNRECOGNIZED_PARAMETER_NAME"),
                     {{"routineName", shown},
                      {"argumentName", QuoteIdentifier(arg.name.text)},
                      {"proposal", QuoteIdentifier(parameters[0].name)}})
            .WithPosition(arg.value->source);
      }
    } else if (by_name) {
      return Error(Condition("UNEXPECTED_POSITIONAL_ARGUMENT"),
                   {{"routineName", shown}, {"parameterName", "`" + std::to_string(i) + "`"}})
          .WithPosition(arg.value->source);
    }
    if (place >= placed.size()) {
      return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                   {{"functionName", shown},
                    {"expectedNum", std::to_string(parameters.size())},
                    {"actualNum", std::to_string(call.args.size())}})
          .WithPosition(source);
    }
    if (placed[place]) {
      return Error(Condition("DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.DOUBLE_NAMED_ARGUMENT_"
                             "REFERENCE"),
                   {{"routineName", shown},
                    {"parameterName", QuoteIdentifier(parameters[place].name)}})
          .WithPosition(arg.value->source);
    }
    placed[place] = arg.value.get();
  }
  for (size_t i = 0; i < placed.size(); ++i) {
    if (placed[i]) continue;
    if (parameters[i].default_sql.empty()) {
      return Error(Condition("REQUIRED_PARAMETER_NOT_FOUND"),
                   {{"routineName", shown},
                    {"parameterName", QuoteIdentifier(parameters[i].name)},
                    {"index", std::to_string(i)}})
          .WithPosition(source);
    }
    TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(std::string(parameters[i].default_sql)));
    kept.push_back(std::move(parsed));
    placed[i] = kept.back().get();
  }
  return placed;
}

Status CheckCount(const sql::FunctionCall& call, const SourceRange& source) {
  if (call.args.empty()) {
    return Error(Condition("WRONG_NUM_ARGS.WITH_SUGGESTION"),
                 {{"functionName", "`count`"}, {"expectedNum", "> 0"}, {"actualNum", "0"}})
        .WithPosition(source);
  }
  const auto* star = call.args.size() == 1 ? call.args[0].value->As<sql::Star>() : nullptr;
  if (!star || star->qualifier.size() != 1) return Status();
  return Error(Condition("INVALID_USAGE_OF_STAR_WITH_TABLE_IDENTIFIER_IN_COUNT"),
               {{"tableName", star->qualifier[0].text}})
      .WithPosition(source);
}

Result<ExprPtr> PlaceTimeWindow(ExprPtr call, const ExprContext& context) {
  if (context.time_windows) return context.time_windows->TimeWindowColumn(std::move(call));
  return UnsupportedFeature("The function window in the clause " + std::string(context.clause),
                            call->source);
}

}  // namespace

Error QueryAnalyzer::UnresolvedRoutine(std::span<const sql::Identifier> name,
                                       const SourceRange& source) const {
  if (auto refused = plan::RefusedFunction(name.back().text); refused && name.size() == 1) {
    return std::move(*refused).WithPosition(source);
  }
  std::string shown;
  for (const sql::Identifier& part : name) {
    shown += (shown.empty() ? "" : ".") + QuoteIdentifier(part.text);
  }
  std::string proposal;
  for (const std::string& near : plan::SuggestFunctions(name.back().text)) {
    proposal += (proposal.empty() ? "" : ", ") + near;
  }
  Error error(Condition("UNRESOLVED_ROUTINE"), {{"routineName", shown}, {"proposal", proposal}});
  if (proposal.empty()) {
    return std::move(error)
        .WithHint("SHOW FUNCTIONS lists the functions there are.")
        .WithPosition(source);
  }
  return std::move(error).WithPosition(source);
}

void QueryAnalyzer::ShowWrittenName(const plan::Expr& built, std::string_view written) {
  const auto* call = built.As<plan::Call>();
  const std::string name = Lower(written);
  if (!call || call->function->name == name || ShowsOwnName(name)) return;
  // RLIKE and its aliases show in capitals.
  std::string shown = (call->function->name == "rlike" ? Upper(written) : name) + "(";
  if (call->distinct) shown += "DISTINCT ";
  for (size_t i = 0; i < call->args.size(); ++i) {
    shown += (i ? ", " : "") + ShownAs(*call->args[i]);
  }
  shown_[&built] = shown + ")";
}

Result<std::vector<ExprPtr>> QueryAnalyzer::AnalyzeArguments(
    const std::vector<sql::FunctionArgument>& args, const ExprContext& context) {
  std::vector<ExprPtr> built;
  built.reserve(args.size());
  for (const sql::FunctionArgument& arg : args) {
    if (const auto* star = arg.value->As<sql::Star>()) {
      TARN_ASSIGN(auto columns, ExpandStar(*star, arg.value->source, context));
      for (StarColumn& column : columns) built.push_back(std::move(column.expr));
      continue;
    }
    TARN_ASSIGN(ExprPtr value, Analyze(*arg.value, context));
    built.push_back(std::move(value));
  }
  return built;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeCall(const sql::Expr& expr, const sql::FunctionCall& call,
                                           const ExprContext& context) {
  TARN_ASSIGN(std::vector<sql::Identifier> name, NameParts(call.name, *context.environment));
  size_t skip = 0;
  if (name.size() > 1 && SameName(name[0].text, "system") && SameName(name[1].text, "builtin")) {
    skip = 2;
  } else if (name.size() > 1 && SameName(name[0].text, "builtin")) {
    skip = 1;
  }
  if (name.size() - skip == 1) {
    const std::string& written = name.back().text;
    if (auto type = CastFunction(written)) {
      if (call.args.size() != 1) {
        return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                     {{"functionName", QuoteIdentifier(Lower(written))},
                      {"expectedNum", "1"},
                      {"actualNum", std::to_string(call.args.size())}})
            .WithPosition(expr.source);
      }
      TARN_ASSIGN(ExprPtr operand, Analyze(*call.args[0].value, context));
      return CastTo(std::move(operand), *type, plan::CastMode::kAnsi, true, expr.source);
    }
    const std::string lower = Lower(written);
    if (lower == "grouping" || lower == "grouping_id") {
      return AnalyzeGrouping(lower, expr, call, context);
    }
    if (call.args.empty()) {
      const Environment& env = *context.environment;
      std::optional<std::string> value;
      if (lower == "current_catalog") value = env.catalog;
      if (lower == "current_database" || lower == "current_schema") value = env.schema;
      if (value) {
        ExprPtr literal = plan::MakeLiteral(Value::String(*value), expr.source);
        shown_[literal.get()] = lower == "current_database" ? "current_schema()" : lower + "()";
        return literal;
      }
    }
    const std::string_view meant = FunctionOfForm(call, written);
    const plan::FunctionSpec* const function = plan::FindFunction(meant);
    // Those with underscores are for generated queries.
    if (function != nullptr && (context_.row_identity || !meant.starts_with("__"))) {
      return AnalyzeBuiltIn(*function, meant, expr, call, context);
    }
  }
  return CallRoutine(std::span(name).subspan(skip), expr, call, context);
}

Result<ExprPtr> QueryAnalyzer::AnalyzeGrouping(std::string_view name, const sql::Expr& expr,
                                               const sql::FunctionCall& call,
                                               const ExprContext& context) {
  // Stand-ins that the SELECT replaces by bits of its grouping id; no engine sees them. Like
  // aggregates they are computed by the grouping and can't stand above it.
  static const plan::FunctionSpec kGrouping{.name = "grouping",
                                            .kind = plan::FunctionKind::kAggregate};
  static const plan::FunctionSpec kGroupingId{.name = "grouping_id",
                                              .kind = plan::FunctionKind::kAggregate};
  const bool one = name == "grouping";
  if (one && call.args.size() != 1) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", "`grouping`"},
                  {"expectedNum", "1"},
                  {"actualNum", std::to_string(call.args.size())}})
        .WithPosition(expr.source);
  }
  if (!context.allow_aggregates || context.in_aggregate) {
    return Error(Condition("UNSUPPORTED_GROUPING_EXPRESSION")).WithPosition(expr.source);
  }
  ExprContext inner = context;
  inner.allow_windows = false;
  TARN_ASSIGN(std::vector<ExprPtr> args, AnalyzeArguments(call.args, inner));
  return plan::MakeCall(one ? &kGrouping : &kGroupingId, std::move(args),
                        one ? TypeId::kByte : TypeId::kLong, false, expr.source);
}

Result<ExprPtr> QueryAnalyzer::AnalyzeBuiltIn(const plan::FunctionSpec& function,
                                              std::string_view written, const sql::Expr& expr,
                                              const sql::FunctionCall& call,
                                              const ExprContext& context) {
  TARN_TRY(CheckSyntax(function, written, expr, call, context));
  const bool windowed = call.over != nullptr;
  const bool aggregate = function.kind == plan::FunctionKind::kAggregate;
  ExprContext inner = context;
  inner.allow_generators = false;
  inner.in_window = context.in_window || windowed;
  if (aggregate && !windowed) {
    if (context.in_aggregate && context.allow_aggregates) {
      return Error(Condition("NESTED_AGGREGATE_FUNCTION")).WithPosition(expr.source);
    }
    inner.in_aggregate = true;
    inner.allow_windows = false;
  }
  std::vector<ExprPtr> args;
  if (function.name == "count") TARN_TRY(CheckCount(call, expr.source));
  if (function.name == "count" && IsStarOnly(call) && !call.distinct) {
    args.push_back(plan::MakeLiteral(Value::Int(1), expr.source));
  } else if (std::ranges::any_of(call.args, [](const auto& arg) { return !arg.name.empty(); })) {
    TARN_ASSIGN(auto placed, PlaceArguments(function, call, kept_exprs_, expr.source));
    for (const sql::Expr* arg : placed) {
      TARN_ASSIGN(ExprPtr value, Analyze(*arg, inner));
      args.push_back(std::move(value));
    }
  } else if (std::any_of(call.args.begin(), call.args.end(),
                         [](const auto& arg) { return arg.value->template As<sql::Lambda>(); })) {
    TARN_ASSIGN(args, AnalyzeLambdaArguments(function, call, inner));
  } else {
    TARN_ASSIGN(args, AnalyzeArguments(call.args, inner));
  }
  if (TakesTextLast(function.name, call) && args.size() == 2) std::swap(args[0], args[1]);
  bool ignore_nulls = call.nulls == sql::NullTreatment::kIgnore;
  if (const auto position = IgnoreNullsArgument(Lower(written));
      position && args.size() == *position + 1) {
    const auto* literal = args.back()->As<plan::Literal>();
    if (literal && literal->value.type().Is(TypeId::kBoolean) && !literal->value.is_null()) {
      ignore_nulls = literal->value.boolean();
      args.pop_back();
    }
  }
  std::vector<plan::SortKey> order_by;
  for (const sql::SortItem& item : call.within_group) {
    TARN_ASSIGN(plan::SortKey key, AnalyzeSortItem(item, inner));
    order_by.push_back(std::move(key));
  }
  std::string ordered_shown;
  if (!order_by.empty() && TakesKeyAsArgument(function.name)) {
    ordered_shown = Lower(written) + "(";
    for (size_t i = 0; i < args.size(); ++i) ordered_shown += (i ? ", " : "") + ShownAs(*args[i]);
    ordered_shown += ") WITHIN GROUP (ORDER BY " + ShownAs(*order_by[0].expr);
    // Spark's mode keeps the smallest of a descending order, and says so.
    if (order_by[0].descending != (function.name == "mode")) ordered_shown += " DESC";
    ordered_shown += ")";
    args.insert(args.begin(), plan::Clone(*order_by[0].expr));
    if (!order_by[0].descending) order_by.clear();
  }
  TARN_ASSIGN(ExprPtr built,
              plan::BuildCall(function, std::move(args), expr.source, context_.session_zone));
  if (auto* node = built->As<plan::Call>()) {
    node->distinct = call.distinct;
    node->ignore_nulls = ignore_nulls;
    node->order_by = std::move(order_by);
    if (call.filter) {
      ExprContext filter_context = inner;
      filter_context.clause = "FILTER";
      TARN_ASSIGN(node->filter, AnalyzeCondition(*call.filter, filter_context));
    }
    if (!ordered_shown.empty()) {
      if (node->filter) ordered_shown += " FILTER (WHERE " + ShownAs(*node->filter) + ")";
      shown_[built.get()] = std::move(ordered_shown);
    } else if (node->order_by.empty() && !node->filter) {
      ShowWrittenName(*built, written);
    }
  }
  if (function.name == "window") return PlaceTimeWindow(std::move(built), context);
  if (windowed) return AnalyzeWindow(std::move(built), expr, *call.over, context);
  if (aggregate) return FinishAggregate(std::move(built), expr, call, context);
  return built;
}

/// An aggregate's columns are those of its own query: where it may stand, Spark takes no others.
Result<ExprPtr> QueryAnalyzer::CheckAggregateColumns(ExprPtr built, const ExprContext& context) {
  bool outer = false;
  bool own = false;
  auto look = [&](const plan::ColumnRef& ref) {
    if (!context.scope) return;
    own = own || context.scope->Produces(ref.id);
    for (const Scope* scope = context.scope->outer; scope; scope = scope->outer) {
      outer = outer || scope->Produces(ref.id);
    }
  };
  ForEachColumnRef(*built, look);
  if (!outer) return built;
  const Condition mixed(
      "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.AGGREGATE_FUNCTION_MIXED_OUTER_LOCAL_REFERENCES");
  const Condition foreign("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE");
  return Error(own ? mixed : foreign, {{"function", ShownAs(*built)}}).WithPosition(built->source);
}

Result<ExprPtr> QueryAnalyzer::FinishAggregate(ExprPtr built, const sql::Expr& expr,
                                               const sql::FunctionCall& call,
                                               const ExprContext& context) {
  if (context.allow_aggregates) return CheckAggregateColumns(std::move(built), context);
  // An aggregate over columns of the enclosing query alone belongs to that query.
  bool outer = false;
  bool own = false;
  auto look = [&](const plan::ColumnRef& ref) {
    (context.scope && context.scope->Produces(ref.id) ? own : outer) = true;
  };
  ForEachColumnRef(*built, look);
  if (outer && !own) return built;
  const std::string shown = Quoted(ShownAs(*built));
  if (context.clause == "WHERE") {
    return Error(Condition("INVALID_WHERE_CONDITION"),
                 {{"condition", shown}, {"expressionList", ShownAs(*built)}})
        .WithPosition(expr.source);
  }
  if (context.clause == "GROUP BY") {
    return Error(Condition("GROUP_BY_AGGREGATE"), {{"sqlExpr", ShownAs(*built)}})
        .WithPosition(expr.source);
  }
  if (context.in_aggregate) {
    return Error(Condition("NESTED_AGGREGATE_FUNCTION")).WithPosition(expr.source);
  }
  return Error(Condition("UNSUPPORTED_EXPR_FOR_OPERATOR"), {{"invalidExprSqls", shown}})
      .WithPosition(expr.source);
}

Result<std::vector<ExprPtr>> QueryAnalyzer::AnalyzeLambdaArguments(
    const plan::FunctionSpec& function, const sql::FunctionCall& call, const ExprContext& context) {
  std::vector<ExprPtr> args(call.args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    if (call.args[i].value->As<sql::Lambda>()) continue;
    TARN_ASSIGN(args[i], Analyze(*call.args[i].value, context));
  }
  // Fold functions know the accumulator's type from their start value; a lambda that widens it is
  // analysed again with the wider type.
  for (size_t i = 0; i < args.size(); ++i) {
    const auto* lambda = call.args[i].value->As<sql::Lambda>();
    if (!lambda) continue;
    auto types = plan::LambdaParameterTypes(function, args, i, lambda->parameters.size());
    if (!types) {
      return Error(Condition("INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH"),
                   {{"expectedNumArgs", "1"},
                    {"actualNumArgs", std::to_string(lambda->parameters.size())}})
          .WithPosition(call.args[i].value->source);
    }
    TARN_ASSIGN(args[i], AnalyzeLambda(*call.args[i].value, *types, context));
  }
  // A fold goes on with what its lambda returns.
  const bool fold = function.name == "aggregate" || function.name == "reduce";
  if (fold && args.size() > 2 && !args[2]->type.EquivalentTo(args[1]->type)) {
    return Error(Condition("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
                 {{"sqlExpr", "\"" + std::string(function.name) + "\""},
                  {"paramIndex", "third"},
                  {"requiredType", "\"" + args[1]->type.ToSql() + "\""},
                  {"inputSql", "\"" + plan::Render(*args[2]) + "\""},
                  {"inputType", "\"" + args[2]->type.ToSql() + "\""}})
        .WithPosition(call.args[2].value->source);
  }
  return args;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeLambda(const sql::Expr& expr,
                                             std::span<const plan::LambdaParameterType> types,
                                             const ExprContext& context) {
  const auto& lambda = *expr.As<sql::Lambda>();
  plan::Lambda built;
  for (size_t i = 0; i < lambda.parameters.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (SameName(lambda.parameters[i].text, lambda.parameters[k].text)) {
        return Error(Condition("INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES"),
                     {{"args", QuoteIdentifier(lambda.parameters[i].text)},
                      {"caseSensitiveConfig", "spark.sql.caseSensitive"}})
            .WithPosition(expr.source);
      }
    }
    built.parameters.push_back(
        {NewColumn(), lambda.parameters[i].text, types[i].type, types[i].nullable});
  }
  LambdaFrame frame{context.lambdas, &built.parameters};
  ExprContext inner = context;
  inner.lambdas = &frame;
  TARN_ASSIGN(built.body, Analyze(*lambda.body, inner));
  if (HasSubquery(*built.body)) {
    return Error(Condition("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.HIGHER_ORDER_FUNCTION"))
        .WithPosition(lambda.body->source);
  }
  auto node = std::make_unique<plan::Expr>();
  node->type = built.body->type;
  node->nullable = built.body->nullable;
  node->source = expr.source;
  node->kind = std::move(built);
  return node;
}

}  // namespace tarn::analyze
