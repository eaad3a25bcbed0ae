#include "statements.h"
#include "table_commit.h"
#include "tarn/plan/coercion.h"
#include "tarn/plan/expr.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"
#include "tarn/types/datetime.h"

namespace tarn::session {

namespace {

constexpr std::string_view kTimeZoneKey = "spark.sql.session.timeZone";

bool IsTimeZoneKey(std::string_view key) {
  return SameName(key, kTimeZoneKey) || SameName(key, "timezone");
}

Result<Answer> SetZone(SessionState& session, const std::string& zone, const SourceRange& source) {
  auto found = FindTimeZone(zone);
  if (!found.ok()) {
    return Error(Condition("INVALID_CONF_VALUE.TIME_ZONE"),
                 {{"confName", std::string(kTimeZoneKey)}, {"confValue", "'" + zone + "'"}})
        .WithPosition(source);
  }
  session.session_zone = (*found)->name();
  session.settings[std::string(kTimeZoneKey)] = zone;
  return StringRows({"key", "value"}, {{std::string(kTimeZoneKey), zone}});
}

/// Settings whose other values would change the meaning of statements in ways Tarn doesn't have.
Status CheckSetting(const std::string& key, const std::string& value) {
  struct Fixed {
    std::string_view key;
    std::string_view value;
  };
  static constexpr Fixed kFixed[] = {{"spark.sql.ansi.enabled", "true"},
                                     {"ansi_mode", "true"},
                                     {"spark.sql.storeAssignmentPolicy", "ansi"},
                                     {"spark.sql.caseSensitive", "false"}};
  for (const Fixed& fixed : kFixed) {
    if (SameName(fixed.key, key) && !SameName(fixed.value, value)) {
      return UnsupportedFeature(key + " = " + value);
    }
  }
  if (key == kWriteChecksumSetting && !SameName(value, "true") && !SameName(value, "false")) {
    return Error(Condition("INVALID_CONF_VALUE.TYPE_MISMATCH"),
                 {{"confName", key}, {"confValue", "'" + value + "'"}, {"confType", "BOOLEAN"}});
  }
  return {};
}

analyze::Variable* FindVariable(SessionState& session, std::string_view name) {
  for (analyze::Variable& variable : session.variables) {
    if (SameName(variable.name, name)) return &variable;
  }
  return nullptr;
}

/// The last part of session.x, system.session.x or x.
Result<std::string> VariableName(StatementScope& scope, const sql::ObjectName& name) {
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(name));
  const bool in_session =
      parts.size() == 1 || (parts.size() == 2 && SameName(parts[0], "session")) ||
      (parts.size() == 3 && SameName(parts[0], "system") && SameName(parts[1], "session"));
  if (!in_session) {
    return Error(Condition("UNRESOLVED_VARIABLE"), {{"variableName", sql::ToSql(name)}})
        .WithPosition(name.source);
  }
  return parts.back();
}

/// A value converted to a variable's type, by the engine.
Result<Value> Assigned(StatementScope& scope, const Value& value, const DataType& type) {
  if (value.is_null()) return Value::Null(type);
  if (value.type() == type) return value;
  const std::string text = "CAST(" + RenderAsSqlLiteral(value, scope.session().session_zone) +
                           " AS " + type.ToSql() + ")";
  TARN_ASSIGN(sql::ExprPtr converted, sql::ParseExpression(text));
  return scope.Evaluate(*converted);
}

Result<Value> ConvertTo(StatementScope& scope, const sql::Expr& expr, const DataType& type) {
  TARN_ASSIGN(Value value, scope.Evaluate(expr));
  auto result = Assigned(scope, value, type);
  if (!result.ok()) return std::move(result).error().WithPosition(expr.source);
  return result;
}

Result<Value> DefaultOf(StatementScope& scope, const analyze::Variable& variable) {
  if (variable.default_sql.empty()) return Value::Null(variable.value.type());
  TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(variable.default_sql));
  return ConvertTo(scope, *parsed, variable.value.type());
}

Status CheckArity(size_t columns, size_t targets) {
  if (columns == targets) return {};
  return Error(Condition("ASSIGNMENT_ARITY_MISMATCH"),
               {{"numExpr", std::to_string(columns)}, {"numTarget", std::to_string(targets)}});
}

}  // namespace

Result<Answer> RunUse(StatementScope& scope, const sql::Use& statement) {
  SessionState& session = scope.session();
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  catalog::Catalog& catalog = scope.rooms().catalog();
  if (statement.kind == sql::ObjectKind::kCatalog && parts.size() == 1) {
    auto found = catalog.LookupCatalog(scope.request(), parts[0], catalog::Purpose::kDescribe);
    if (!found.ok()) return std::move(found).error().WithDefaultPosition(statement.name.source);
    session.current_catalog = (*found)->name;
    session.current_schema = "default";
    return NothingToShow();
  }
  TARN_ASSIGN(auto qualified, scope.QualifiedSchema(statement.name));
  auto found = catalog.LookupSchema(scope.request(), qualified.first, qualified.second,
                                    catalog::Purpose::kDescribe);
  if (!found.ok()) {
    // Without a kind, a catalog of that name is meant too.
    if (statement.kind == sql::ObjectKind::kUnspecified && parts.size() == 1) {
      auto as_catalog =
          catalog.LookupCatalog(scope.request(), parts[0], catalog::Purpose::kDescribe);
      if (as_catalog.ok()) {
        session.current_catalog = (*as_catalog)->name;
        session.current_schema = "default";
        return NothingToShow();
      }
    }
    return std::move(found).error().WithDefaultPosition(statement.name.source);
  }
  session.current_catalog = (*found)->catalog;
  session.current_schema = (*found)->name;
  return NothingToShow();
}

Status ApplySetting(SessionState& session, const std::string& key, const std::string& value) {
  if (IsTimeZoneKey(key)) {
    TARN_TRY(SetZone(session, value, {}));
    return {};
  }
  TARN_TRY(CheckSetting(key, value));
  session.settings[key] = value;
  return {};
}

Result<Answer> RunSet(StatementScope& scope, const sql::SetConfiguration& statement) {
  SessionState& session = scope.session();
  std::vector<std::vector<std::string>> rows;
  if (statement.key.empty()) {
    for (const auto& [key, value] : session.settings) rows.push_back({key, value});
    return StringRows({"key", "value"}, rows);
  }
  if (!statement.value) {
    const auto found = session.settings.find(statement.key);
    std::string value = found != session.settings.end() ? found->second : "<undefined>";
    if (IsTimeZoneKey(statement.key)) value = session.session_zone;
    return StringRows({"key", "value"}, {{statement.key, value}});
  }
  if (IsTimeZoneKey(statement.key)) return SetZone(session, *statement.value, {});
  TARN_TRY(ApplySetting(session, statement.key, *statement.value));
  return StringRows({"key", "value"}, {{statement.key, *statement.value}});
}

Result<Answer> RunReset(StatementScope& scope, const sql::ResetConfiguration& statement) {
  SessionState& session = scope.session();
  if (statement.key.empty() || IsTimeZoneKey(statement.key)) session.session_zone = "UTC";
  if (statement.key.empty()) {
    session.settings.clear();
  } else {
    session.settings.erase(statement.key);
  }
  return NothingToShow();
}

Result<Answer> RunSetTimeZone(StatementScope& scope, const sql::SetTimeZone& statement) {
  if (statement.local) {
    return SetZone(scope.session(), scope.session().options.local_zone, {});
  }
  TARN_ASSIGN(Value value, scope.Evaluate(*statement.zone));
  std::string zone;
  if (value.type().IsString() && !value.is_null()) {
    zone = value.text();
  } else if (value.type().Is(TypeId::kDayTimeInterval) && !value.is_null()) {
    const int64_t minutes = value.integer() / kMicrosPerMinute;
    char offset[16];
    std::snprintf(offset, sizeof offset, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                  static_cast<int>(std::abs(minutes) / 60),
                  static_cast<int>(std::abs(minutes) % 60));
    zone = offset;
  } else {
    return Error(Condition("INVALID_CONF_VALUE.TIME_ZONE"),
                 {{"confName", std::string(kTimeZoneKey)},
                  {"confValue", sql::ToSql(*statement.zone)}})
        .WithPosition(statement.zone->source);
  }
  return SetZone(scope.session(), zone, statement.zone->source);
}

Result<Answer> RunDeclareVariable(StatementScope& scope, const sql::DeclareVariable& statement) {
  SessionState& session = scope.session();
  for (const sql::ObjectName& object : statement.names) {
    TARN_ASSIGN(std::string name, VariableName(scope, object));
    analyze::Variable* existing = FindVariable(session, name);
    if (existing && !statement.or_replace) {
      return Error(Condition("VARIABLE_ALREADY_EXISTS"), {{"variableName", QuoteIdentifier(name)}})
          .WithPosition(object.source);
    }
    Value value = Value::Null(statement.type.value_or(DataType()));
    if (statement.default_value) {
      if (statement.type) {
        TARN_ASSIGN(value, ConvertTo(scope, *statement.default_value, *statement.type));
      } else {
        TARN_ASSIGN(value, scope.Evaluate(*statement.default_value));
      }
    }
    std::string text = statement.default_value ? sql::ToSql(*statement.default_value) : "";
    if (existing) {
      existing->value = std::move(value);
      existing->default_sql = std::move(text);
    } else {
      session.variables.push_back({name, std::move(value), std::move(text)});
    }
  }
  return NothingToShow();
}

Result<Answer> RunSetVariable(StatementScope& scope, const sql::SetVariable& statement) {
  SessionState& session = scope.session();
  const auto target = [&](const std::string& name,
                          const SourceRange& source) -> Result<analyze::Variable*> {
    analyze::Variable* variable = FindVariable(session, name);
    if (variable) return variable;
    return Error(Condition("UNRESOLVED_VARIABLE"), {{"variableName", QuoteIdentifier(name)}})
        .WithPosition(source);
  };
  std::vector<std::pair<analyze::Variable*, Value>> changes;
  const auto check_once = [&](const analyze::Variable* variable,
                              const SourceRange& source) -> Status {
    for (const auto& change : changes) {
      if (change.first != variable) continue;
      return Error(Condition("DUPLICATE_ASSIGNMENTS"),
                   {{"nameList", QuoteIdentifier(variable->name)}})
          .WithPosition(source);
    }
    return {};
  };
  for (const sql::Assignment& assignment : statement.assignments) {
    TARN_ASSIGN(analyze::Variable * variable,
                target(assignment.column.back().text, assignment.source));
    TARN_TRY(check_once(variable, assignment.source));
    if (sql::IsDefaultKeyword(*assignment.value)) {
      TARN_ASSIGN(Value value, DefaultOf(scope, *variable));
      changes.emplace_back(variable, std::move(value));
      continue;
    }
    TARN_ASSIGN(Value value, ConvertTo(scope, *assignment.value, variable->value.type()));
    changes.emplace_back(variable, std::move(value));
  }
  if (statement.query) {
    TARN_ASSIGN(plan::Query query,
                analyze::AnalyzeQuery(scope.request(), scope.AnalyzerView(), *statement.query));
    TARN_TRY(CheckArity(query.root->columns.size(), statement.targets.size()));
    TARN_ASSIGN(auto rows,
                scope.rooms().engine().Execute(scope.request(), query, scope.EngineView()));
    TARN_ASSIGN(auto batch, rows->Next());
    if (batch.size() > 1) {
      return Error(Condition("ROW_SUBQUERY_TOO_MANY_ROWS")).WithPosition(statement.query->source);
    }
    for (size_t i = 0; i < statement.targets.size(); ++i) {
      TARN_ASSIGN(std::string name, VariableName(scope, statement.targets[i]));
      TARN_ASSIGN(analyze::Variable * variable, target(name, statement.targets[i].source));
      TARN_TRY(check_once(variable, statement.targets[i].source));
      TARN_ASSIGN(Value value,
                  Assigned(scope, batch.empty() ? Value() : batch[0][i], variable->value.type()));
      changes.emplace_back(variable, std::move(value));
    }
  }
  for (auto& [variable, value] : changes) variable->value = std::move(value);
  return NothingToShow();
}

Result<Answer> RunExecuteImmediate(StatementScope& scope, const sql::ExecuteImmediate& statement) {
  const SourceRange& at = statement.statement->source;
  TARN_ASSIGN(Value text, scope.Evaluate(*statement.statement));
  if (!text.type().IsString()) {
    return Error(Condition("INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE"),
                 {{"exprType", "\"" + text.type().ToSql() + "\""}})
        .WithPosition(at);
  }
  if (text.is_null()) {
    return Error(Condition("NULL_QUERY_STRING_EXECUTE_IMMEDIATE"),
                 {{"varName", std::string(sql::Slice(scope.text(), at))}})
        .WithPosition(at);
  }
  Parameters parameters;
  for (const sql::NamedExpr& argument : statement.using_args) {
    TARN_ASSIGN(Value value, scope.Evaluate(*argument.expr));
    if (argument.aliases.empty()) {
      parameters.positional.push_back(std::move(value));
    } else {
      parameters.named.emplace_back(argument.aliases[0].text, std::move(value));
    }
  }
  // What is wrong inside stands in another text than the user's: the position leads to its origin.
  auto inner = sql::ParseStatement(text.text());
  if (!inner.ok()) return std::move(inner).error().WithPosition(at);
  StatementScope inner_scope(scope.request(), scope.session(), parameters, text.text());
  auto run = RunStatement(inner_scope, *inner);
  if (!run.ok()) return std::move(run).error().WithPosition(at);
  Answer answer = std::move(*run);
  if (statement.into.empty()) {
    // The rows may refer to the inner scope, so they are read here.
    return ReadToEnd(scope, std::move(answer));
  }
  TARN_TRY(CheckArity(answer->columns().size(), statement.into.size()));
  TARN_ASSIGN(auto batch, answer->Next());
  if (batch.size() > 1) return Error(Condition("ROW_SUBQUERY_TOO_MANY_ROWS")).WithPosition(at);
  for (size_t i = 0; i < statement.into.size(); ++i) {
    TARN_ASSIGN(std::string name, VariableName(scope, statement.into[i]));
    analyze::Variable* variable = FindVariable(scope.session(), name);
    if (!variable) {
      return Error(Condition("UNRESOLVED_VARIABLE"), {{"variableName", QuoteIdentifier(name)}})
          .WithPosition(statement.into[i].source);
    }
    TARN_ASSIGN(variable->value,
                Assigned(scope, batch.empty() ? Value() : batch[0][i], variable->value.type()));
  }
  return NothingToShow();
}

}  // namespace tarn::session
