// table_changes: the change data feed of a Delta table.

#include "query_analyzer.h"
#include "tarn/catalog/catalog.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/parser.h"

namespace tarn::analyze {

Result<std::string> QueryAnalyzer::DeltaRoot(const std::string& text, const SourceRange& source,
                                             const Environment& env) {
  TARN_ASSIGN(const std::vector<sql::Identifier> parts, sql::ParseMultipartName(text));
  const RequestContext request = RequestFor(env);
  if (parts.size() == 2 && SameName(parts[0].text, "delta")) {
    return context_.relations->ResolvePath(request, parts[1].text);
  }
  TARN_ASSIGN(const std::vector<std::string> full, CompletedName(parts, source, env));
  TARN_ASSIGN(const catalog::TablePtr table,
              context_.catalog->LookupTable(request, {full[0], full[1], full[2]},
                                            catalog::Purpose::kRead, "table_changes"));
  if (!SameName(table->format, "delta")) {
    return UnsupportedFeature("table_changes of a table of the format " + table->format, source);
  }
  return table->location;
}

Result<Source> QueryAnalyzer::TableChanges(std::string name, const sql::FunctionRelation& function,
                                           const SourceRange& source, const Environment& env) {
  if (!context_.relations) return InternalError("no source of relations");
  if (function.args.size() < 2 || function.args.size() > 3) {
    return Error(Condition("WRONG_NUM_ARGS.WITHOUT_SUGGESTION"),
                 {{"functionName", QuoteIdentifier(name)},
                  {"expectedNum", "[2, 3]"},
                  {"actualNum", std::to_string(function.args.size())}})
        .WithPosition(source);
  }
  const SourceRange& table = function.args[0].value->source;
  TARN_ASSIGN(const std::string text, ConstantText(*function.args[0].value, name, env));
  auto root = name == "table_changes" ? DeltaRoot(text, table, env)
                                      : context_.relations->ResolvePath(RequestFor(env), text);
  if (!root.ok()) return std::move(root).error().WithPosition(table);
  std::vector<TimeTravel> range;
  for (size_t i = 1; i < function.args.size(); ++i) {
    TARN_ASSIGN(const TimeTravel bound, SettleChangesBound(*function.args[i].value, env));
    range.push_back(bound);
  }
  auto opened = context_.relations->OpenChanges(
      RequestFor(env), *root, range[0], range.size() > 1 ? std::optional(range[1]) : std::nullopt);
  if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(source);
  for (plan::Relation& relation : *opened) relation.name = text;
  return ScanOfAll(*std::move(opened), {std::move(name)}, source);
}

/// A number is a version; a text or timestamp is an instant.
Result<TimeTravel> QueryAnalyzer::SettleChangesBound(const sql::Expr& expr,
                                                     const Environment& env) {
  ExprContext context;
  context.environment = &env;
  TARN_ASSIGN(ExprPtr value, Analyze(expr, context));
  const bool version = value->type.IsNumeric();
  const std::string shown = ShownAs(*value);
  TARN_ASSIGN(value, CastTo(std::move(value), version ? TypeId::kLong : TypeId::kTimestamp,
                            plan::CastMode::kAnsi, true, expr.source));
  const auto folded = FoldConstant(*value, context_.session_zone);
  if (!folded || folded->is_null()) {
    return Error(Condition("INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT"), {{"expr", Quoted(shown)}})
        .WithPosition(expr.source);
  }
  TimeTravel settled;
  (version ? settled.version : settled.timestamp_us) = folded->integer();
  return settled;
}

}  // namespace tarn::analyze
