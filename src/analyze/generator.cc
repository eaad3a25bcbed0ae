#include "query_analyzer.h"
#include "tarn/sql/printer.h"
#include "tree.h"

namespace tarn::analyze {

Result<std::vector<plan::OutputColumn>> QueryAnalyzer::GeneratedColumns(const plan::Expr& generator,
                                                                        bool outer) {
  std::vector<plan::OutputColumn> columns;
  if (!generator.type.Is(TypeId::kStruct)) {
    columns.push_back({NewColumn(), "col", generator.type, true});
    return columns;
  }
  for (const Field& field : generator.type.fields()) {
    columns.push_back({NewColumn(), field.name, field.type, field.nullable || outer});
  }
  return columns;
}

Source QueryAnalyzer::GenerateOver(Source input, ExprPtr generator,
                                   std::vector<plan::OutputColumn> produced, bool outer) {
  auto columns = input.node->columns;
  for (const plan::OutputColumn& column : produced) {
    SetOrigin(column.id, *generator);
    columns.push_back(column);
  }
  plan::Generate node;
  node.input = std::move(input.node);
  node.generator = std::move(generator);
  node.produced = std::move(produced);
  node.outer = outer;
  input.node = MakeNode(std::move(node), std::move(columns));
  return input;
}

Result<Source> QueryAnalyzer::ApplyLateralView(Source source, const sql::LateralView& view,
                                               const Environment& env) {
  sql::FunctionCall call;
  call.name.parts = view.function.parts;
  call.name.source = view.function.source;
  ExprContext context;
  context.environment = &env;
  context.scope = &source.scope;
  context.allow_generators = true;
  context.clause = "LATERAL VIEW";
  const plan::FunctionSpec* function =
      view.function.parts.empty() ? nullptr : plan::FindFunction(view.function.last().text);
  if (!function) {
    return Error(Condition("ROUTINE_NOT_FOUND"), {{"routineName", sql::ToSql(view.function)}})
        .WithPosition(view.source);
  }
  if (function->kind != plan::FunctionKind::kGenerator) {
    return Error(Condition("UNSUPPORTED_GENERATOR.NOT_GENERATOR"),
                 {{"functionName", QuoteIdentifier(function->name)}, {"classCanonicalName", ""}})
        .WithPosition(view.source);
  }
  TARN_ASSIGN(std::vector<ExprPtr> args, AnalyzeArguments(view.args, context));
  TARN_ASSIGN(ExprPtr generator,
              plan::BuildCall(*function, std::move(args), view.source, context_.session_zone));
  const bool outer = view.outer || function->name.ends_with("_outer");
  TARN_ASSIGN(auto produced, GeneratedColumns(*generator, outer));
  if (!view.columns.empty()) {
    if (view.columns.size() != produced.size()) {
      return Error(Condition("UDTF_ALIAS_NUMBER_MISMATCH"),
                   {{"aliasesSize", std::to_string(produced.size())},
                    {"aliasesNames", view.columns[0].text}})
          .WithPosition(view.source);
    }
    for (size_t i = 0; i < produced.size(); ++i) produced[i].name = view.columns[i].text;
  }
  Scope scope = std::move(source.scope);
  const int relation = static_cast<int>(scope.relations.size());
  if (!view.table.empty()) scope.relations.push_back({{view.table.text}});
  for (const plan::OutputColumn& column : produced) {
    scope.columns.push_back(
        {column.id, column.name, column.type, column.nullable, view.table.empty() ? -1 : relation});
  }
  Source result = GenerateOver(std::move(source), std::move(generator), std::move(produced), outer);
  result.scope = std::move(scope);
  return result;
}

}  // namespace tarn::analyze
