#include "query_analyzer.h"
#include "tarn/catalog/catalog.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/parser.h"

namespace tarn::analyze {

namespace {

constexpr int kRoutineDepthMax = 100;

/// Functions of the session have no schema.
std::string RoutineName(const catalog::FunctionInfo& routine) {
  return routine.name.schema.empty() ? QuoteIdentifier(routine.name.object) : routine.name.ToSql();
}

}  // namespace

Status QueryAnalyzer::CheckFunctionNotDefined(const catalog::FunctionInfo& function,
                                              const SourceRange& source) const {
  if (context_.defined_function == nullptr || !context_.defined_function->SameAs(function.name)) {
    return {};
  }
  return Error(Condition("CYCLIC_FUNCTION_REFERENCE"), {{"function", RoutineName(function)}})
      .WithPosition(source);
}

Result<catalog::FunctionPtr> QueryAnalyzer::FindRoutine(std::span<const sql::Identifier> name,
                                                        const SourceRange& source,
                                                        const Environment& env) {
  const bool of_session =
      name.size() == 1 || (name.size() == 2 && SameName(name[0].text, "session")) ||
      (name.size() == 3 && SameName(name[0].text, "system") && SameName(name[1].text, "session"));
  if (of_session && env.session_names) {
    for (const catalog::FunctionPtr& function : context_.temporary_functions) {
      if (!SameName(function->name.object, name.back().text)) continue;
      // The definition is checked by a call from outside of any view or function.
      if (env.view_depth > 0) TARN_TRY(CheckFunctionNotDefined(*function, source));
      return function;
    }
  }
  if (name.empty() || name.size() > 3 || !context_.catalog) return UnresolvedRoutine(name, source);
  catalog::ObjectName object;
  object.object = name.back().text;
  object.schema = name.size() > 1 ? name[name.size() - 2].text : env.schema;
  object.catalog = name.size() > 2 ? name[0].text : env.catalog;
  auto found =
      context_.catalog->LookupFunction(RequestFor(env), object, catalog::Purpose::kExecute);
  if (found.ok()) {
    TARN_TRY(CheckFunctionNotDefined(**found, source));
    return *found;
  }
  if (found.error().info().fault != Fault::kUser ||
      found.error().condition() == Condition("INSUFFICIENT_PERMISSIONS")) {
    return std::move(found).error().WithPosition(source);
  }
  return UnresolvedRoutine(name, source);
}

Result<std::vector<ExprPtr>> QueryAnalyzer::RoutineArguments(
    const catalog::FunctionInfo& routine, std::vector<std::pair<std::string, ExprPtr>> given,
    const SourceRange& source, const Environment& body_env) {
  const size_t count = routine.parameters.size();
  std::vector<ExprPtr> values(count);
  const auto wrong_number = [&] {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", RoutineName(routine)},
                  {"expectedNum", std::to_string(count)},
                  {"actualNum", std::to_string(given.size())}})
        .WithPosition(source);
  };
  if (given.size() > count) return wrong_number();
  for (size_t i = 0; i < given.size(); ++i) {
    size_t index = i;
    if (given[i].first.empty() && i > 0 && !given[i - 1].first.empty()) {
      return Error(Condition("UNEXPECTED_POSITIONAL_ARGUMENT"),
                   {{"routineName", RoutineName(routine)}, {"parameterName", "?"}})
          .WithPosition(source);
    }
    if (!given[i].first.empty()) {
      index = count;
      for (size_t k = 0; k < count; ++k) {
        if (SameName(routine.parameters[k].name, given[i].first)) index = k;
      }
      if (index == count) {
        return Error(Condition("UNRECOGNIZED_PARAMETER_NAME"),
                     {{"routineName", RoutineName(routine)},
                      {"argumentName", QuoteIdentifier(given[i].first)},
                      {"proposal", ""}})
            .WithPosition(source);
      }
    }
    if (values[index]) {
      return Error(Condition(
                       "DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.DOUBLE_NAMED_ARGUMENT_REFERENCE"),
                   {{"routineName", RoutineName(routine)},
                    {"parameterName", QuoteIdentifier(routine.parameters[index].name)}})
          .WithPosition(source);
    }
    values[index] = std::move(given[i].second);
  }
  for (size_t i = 0; i < count; ++i) {
    const catalog::FunctionParameter& parameter = routine.parameters[i];
    if (!values[i]) {
      if (parameter.default_sql.empty()) return wrong_number();
      TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(parameter.default_sql));
      ExprContext context;
      context.environment = &body_env;
      TARN_ASSIGN(values[i], Analyze(*parsed, context));
    }
    const DataType type = parameter.type.IsString() ? DataType(TypeId::kString) : parameter.type;
    TARN_ASSIGN(values[i], CastTo(std::move(values[i]), type, plan::CastMode::kAnsi, true, source));
  }
  return values;
}

Scope QueryAnalyzer::ParameterScope(const catalog::FunctionInfo& routine,
                                    std::vector<ExprPtr> values) {
  Scope scope;
  scope.relations.push_back({{routine.name.object}});
  for (size_t i = 0; i < values.size(); ++i) {
    ScopeColumn column;
    column.name = routine.parameters[i].name;
    column.type = values[i]->type;
    column.nullable = values[i]->nullable;
    column.relation = 0;
    kept_values_.push_back(std::move(values[i]));
    column.value = kept_values_.back().get();
    scope.columns.push_back(std::move(column));
  }
  return scope;
}

Environment QueryAnalyzer::RoutineEnvironment(const catalog::FunctionInfo& routine,
                                              const Environment& env) const {
  Environment inner;
  inner.catalog = routine.default_catalog;
  inner.schema = routine.default_schema;
  inner.view_depth = env.view_depth + 1;
  inner.query_depth = env.query_depth;
  // A function of the session has no schema, and sees what the session sees.
  inner.session_names = routine.name.schema.empty();
  inner.principal = inner.session_names ? env.principal : routine.owner;
  return inner;
}

Result<ExprPtr> QueryAnalyzer::CallRoutine(std::span<const sql::Identifier> name,
                                           const sql::Expr& expr, const sql::FunctionCall& call,
                                           const ExprContext& context) {
  const Environment& env = *context.environment;
  TARN_ASSIGN(catalog::FunctionPtr routine, FindRoutine(name, expr.source, env));
  if (routine->is_table) {
    return Error(Condition("NOT_A_SCALAR_FUNCTION"), {{"functionName", RoutineName(*routine)}})
        .WithPosition(expr.source);
  }
  if (env.view_depth >= kRoutineDepthMax) {
    return Error(Condition("VIEW_EXCEED_MAX_NESTED_DEPTH"),
                 {{"viewName", RoutineName(*routine)},
                  {"maxNestedDepth", std::to_string(kRoutineDepthMax)}})
        .WithPosition(expr.source);
  }
  std::vector<std::pair<std::string, ExprPtr>> given;
  const bool of_session = routine->name.schema.empty();
  const std::string shown_name = of_session ? routine->name.object : routine->name.ToString();
  std::string shown;
  bool named = false;
  for (const sql::FunctionArgument& arg : call.args) {
    TARN_ASSIGN(ExprPtr value, Analyze(*arg.value, context));
    shown += (given.empty() ? "" : ", ") + ShownAs(*value);
    named = named || !arg.name.empty();
    given.emplace_back(arg.name.text, std::move(value));
  }
  const Environment inner = RoutineEnvironment(*routine, env);
  TARN_ASSIGN(std::vector<ExprPtr> values,
              RoutineArguments(*routine, std::move(given), expr.source, inner));
  if (named) {
    // Named arguments show at their places, with the defaults between them.
    shown.clear();
    for (const ExprPtr& value : values) shown += (shown.empty() ? "" : ", ") + ShownAs(*value);
  }
  const Scope scope = ParameterScope(*routine, std::move(values));
  auto parsed = sql::ParseExpression(routine->body);
  if (!parsed.ok()) {
    // A body that is a query is the value of that query.
    auto query = sql::ParseQuery(routine->body);
    if (!query.ok()) return std::move(parsed).error().WithPosition(expr.source);
    parsed = sql::MakeExpr(expr.source, sql::ScalarSubquery{std::move(*query)});
  }
  ExprContext body_context;
  body_context.environment = &inner;
  body_context.scope = &scope;
  auto body = Analyze(**parsed, body_context);
  if (!body.ok()) return std::move(body).error().WithPosition(expr.source);
  ExprPtr built = std::move(*body);
  if (routine->return_type) {
    const DataType type =
        routine->return_type->IsString() ? DataType(TypeId::kString) : *routine->return_type;
    TARN_ASSIGN(built, CastTo(std::move(built), type, plan::CastMode::kAnsi, true, expr.source));
  }
  shown_[built.get()] = shown_name + "(" + shown + ")";
  built->source = expr.source;
  return built;
}

Result<Source> QueryAnalyzer::CallTableRoutine(std::span<const sql::Identifier> name,
                                               const sql::FunctionRelation& function,
                                               const SourceRange& source, const Scope* outer,
                                               const Environment& env) {
  auto found = FindRoutine(name, source, env);
  if (!found.ok()) {
    if (found.error().condition() != Condition("UNRESOLVED_ROUTINE")) {
      return std::move(found).error();
    }
    std::string shown;
    for (const sql::Identifier& part : name) {
      shown += (shown.empty() ? "" : ".") + QuoteIdentifier(part.text);
    }
    return Error(Condition("UNRESOLVABLE_TABLE_VALUED_FUNCTION"), {{"name", shown}})
        .WithPosition(source);
  }
  const catalog::FunctionInfo& routine = **found;
  if (!routine.is_table) {
    return Error(Condition("NOT_A_TABLE_FUNCTION"), {{"functionName", RoutineName(routine)}})
        .WithPosition(source);
  }
  if (env.view_depth >= kRoutineDepthMax) {
    return Error(Condition("VIEW_EXCEED_MAX_NESTED_DEPTH"),
                 {{"viewName", RoutineName(routine)},
                  {"maxNestedDepth", std::to_string(kRoutineDepthMax)}})
        .WithPosition(source);
  }
  Scope argument_scope;
  argument_scope.outer = outer;
  ExprContext context;
  context.environment = &env;
  context.scope = &argument_scope;
  std::vector<std::pair<std::string, ExprPtr>> given;
  for (const sql::FunctionArgument& arg : function.args) {
    TARN_ASSIGN(ExprPtr value, Analyze(*arg.value, context));
    given.emplace_back(arg.name.text, std::move(value));
  }
  const Environment inner = RoutineEnvironment(routine, env);
  TARN_ASSIGN(std::vector<ExprPtr> values,
              RoutineArguments(routine, std::move(given), source, inner));
  const Scope scope = ParameterScope(routine, std::move(values));
  TARN_ASSIGN(sql::QueryPtr body, sql::ParseQuery(routine.body));
  auto analyzed = AnalyzeQuery(*body, &scope, inner);
  if (!analyzed.ok()) return std::move(analyzed).error().WithPosition(source);
  Source result = std::move(*analyzed);
  result.scope.outer = nullptr;
  result.scope.Requalify({routine.name.object});
  if (routine.columns.empty()) return result;
  if (routine.columns.size() != result.node->columns.size()) {
    return Error(Condition("ASSIGNMENT_ARITY_MISMATCH"),
                 {{"numExpr", std::to_string(result.node->columns.size())},
                  {"numTarget", std::to_string(routine.columns.size())}})
        .WithPosition(source);
  }
  std::vector<plan::NamedExpr> items;
  Source renamed;
  renamed.scope.relations = result.scope.relations;
  for (size_t i = 0; i < routine.columns.size(); ++i) {
    const plan::OutputColumn& from = result.node->columns[i];
    ExprPtr value = plan::MakeColumnRef(from.id, from.name, from.type, from.nullable);
    const DataType& declared = routine.columns[i].type;
    TARN_ASSIGN(value,
                CastTo(std::move(value), declared.IsString() ? DataType(TypeId::kString) : declared,
                       plan::CastMode::kAnsi, true, source));
    const ColumnId id = NewColumn();
    SetOrigin(id, std::vector<ColumnId>{from.id});
    renamed.scope.columns.push_back({id, routine.columns[i].name, value->type, value->nullable, 0});
    items.push_back({id, routine.columns[i].name, std::move(value)});
  }
  renamed.node = MakeProject(std::move(result.node), std::move(items));
  return renamed;
}

}  // namespace tarn::analyze
