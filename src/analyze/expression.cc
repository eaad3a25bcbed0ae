#include "query_analyzer.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/parser.h"
#include "tree.h"

namespace tarn::analyze {

Result<ExprPtr> QueryAnalyzer::Build(std::string_view function, std::vector<ExprPtr> args,
                                     const SourceRange& source) {
  return plan::BuildCall(function, std::move(args), source, context_.session_zone);
}

namespace {

std::vector<ExprPtr> Args(ExprPtr a) {
  std::vector<ExprPtr> args;
  args.push_back(std::move(a));
  return args;
}

std::vector<ExprPtr> Args(ExprPtr a, ExprPtr b) {
  std::vector<ExprPtr> args = Args(std::move(a));
  args.push_back(std::move(b));
  return args;
}

}  // namespace

/// One method per kind of expression in the syntax tree.
struct QueryAnalyzer::Visitor {
  QueryAnalyzer& self;
  const sql::Expr& expr;
  const ExprContext& context;

  Result<ExprPtr> operator()(const sql::Literal& node) {
    return self.AnalyzeLiteral(node, expr.source);
  }
  Result<ExprPtr> operator()(const sql::IntervalLiteral& node) {
    return self.AnalyzeInterval(node, expr.source);
  }
  Result<ExprPtr> operator()(const sql::Name& node) {
    return self.ResolveName(node.parts, expr.source, context);
  }
  Result<ExprPtr> operator()(const sql::Star&) {
    return Error(Condition("INVALID_USAGE_OF_STAR_OR_REGEX"),
                 {{"elem", "'*'"}, {"prettyName", "expression"}})
        .WithPosition(expr.source);
  }
  Result<ExprPtr> operator()(const sql::FunctionCall& node) {
    return self.AnalyzeCall(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Unary& node) {
    TARN_ASSIGN(ExprPtr operand, self.Analyze(*node.operand, context));
    switch (node.op) {
      case sql::UnaryOperator::kMinus: {
        const std::string shown = "(- " + self.ShownAs(*operand) + ")";
        TARN_ASSIGN(ExprPtr built, self.Build("negative", Args(std::move(operand)), expr.source));
        self.shown_[built.get()] = shown;
        return built;
      }
      case sql::UnaryOperator::kPlus: {
        const std::string shown = "(+ " + self.ShownAs(*operand) + ")";
        TARN_ASSIGN(ExprPtr built, self.Build("positive", Args(std::move(operand)), expr.source));
        self.shown_[built.get()] = shown;
        return built;
      }
      case sql::UnaryOperator::kBitNot:
        return self.Build("~", Args(std::move(operand)), expr.source);
      case sql::UnaryOperator::kNot:
        return self.Build("not", Args(std::move(operand)), expr.source);
    }
    TARN_UNREACHABLE();
  }
  Result<ExprPtr> operator()(const sql::Binary& node) {
    return self.AnalyzeBinary(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Between& node) {
    TARN_ASSIGN(ExprPtr operand, self.Analyze(*node.operand, context));
    TARN_ASSIGN(ExprPtr low, self.Analyze(*node.low, context));
    TARN_ASSIGN(ExprPtr high, self.Analyze(*node.high, context));
    std::string shown = "between(" + self.ShownAs(*operand) + ", " + self.ShownAs(*low) + ", " +
                        self.ShownAs(*high) + ")";
    ExprPtr again = plan::Clone(*operand);
    TARN_ASSIGN(ExprPtr from,
                self.Build(">=", Args(std::move(operand), std::move(low)), expr.source));
    TARN_ASSIGN(ExprPtr to, self.Build("<=", Args(std::move(again), std::move(high)), expr.source));
    TARN_ASSIGN(ExprPtr both, self.Build("and", Args(std::move(from), std::move(to)), expr.source));
    if (node.negated) {
      TARN_ASSIGN(both, self.Build("not", Args(std::move(both)), expr.source));
      shown = "(NOT " + shown + ")";
    }
    self.shown_[both.get()] = std::move(shown);
    return both;
  }
  Result<ExprPtr> operator()(const sql::In& node) {
    if (node.query) return self.AnalyzeInSubquery(expr, node, context);
    return self.AnalyzeIn(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Like& node) {
    return self.AnalyzeLike(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Is& node) {
    TARN_ASSIGN(ExprPtr operand, self.Analyze(*node.operand, context));
    if (node.kind == sql::IsKind::kNull || node.kind == sql::IsKind::kUnknown) {
      std::string shown;
      if (node.kind == sql::IsKind::kUnknown && !operand->type.Is(TypeId::kNull)) {
        TARN_ASSIGN(operand, self.CastTo(std::move(operand), TypeId::kBoolean,
                                         plan::CastMode::kAnsi, true, expr.source));
        shown = "(" + self.ShownAs(*operand) + (node.negated ? " IS NOT UNKNOWN)" : " IS UNKNOWN)");
      }
      TARN_ASSIGN(ExprPtr test, self.Build(node.negated ? "isnotnull" : "isnull",
                                           Args(std::move(operand)), expr.source));
      if (!shown.empty()) self.shown_[test.get()] = std::move(shown);
      return test;
    }
    const bool wanted = node.kind == sql::IsKind::kTrue;
    ExprPtr literal = plan::MakeLiteral(Value::Boolean(wanted), expr.source);
    TARN_ASSIGN(ExprPtr same,
                self.Build("<=>", Args(std::move(operand), std::move(literal)), expr.source));
    if (!node.negated) return same;
    return self.Build("not", Args(std::move(same)), expr.source);
  }
  Result<ExprPtr> operator()(const sql::IsDistinctFrom& node) {
    TARN_ASSIGN(ExprPtr left, self.Analyze(*node.left, context));
    TARN_ASSIGN(ExprPtr right, self.Analyze(*node.right, context));
    TARN_ASSIGN(ExprPtr same,
                self.Build("<=>", Args(std::move(left), std::move(right)), expr.source));
    if (node.negated) return same;
    return self.Build("not", Args(std::move(same)), expr.source);
  }
  Result<ExprPtr> operator()(const sql::Case& node) {
    return self.AnalyzeCase(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Cast& node) {
    return self.AnalyzeCast(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Subscript& node) {
    TARN_ASSIGN(ExprPtr base, self.Analyze(*node.base, context));
    TARN_ASSIGN(ExprPtr index, self.Analyze(*node.index, context));
    return self.AccessElement(std::move(base), std::move(index), expr.source);
  }
  Result<ExprPtr> operator()(const sql::FieldAccess& node) {
    TARN_ASSIGN(ExprPtr base, self.Analyze(*node.base, context));
    return self.AccessField(std::move(base), node.field, expr.source);
  }
  Result<ExprPtr> operator()(const sql::JsonPath& node) {
    return self.AnalyzeJsonPath(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Lambda&) {
    return Error(Condition("INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION"),
                 {{"class", "expression"}})
        .WithPosition(expr.source);
  }
  Result<ExprPtr> operator()(const sql::Exists& node) {
    return self.AnalyzeExists(expr, *node.query, context);
  }
  Result<ExprPtr> operator()(const sql::ScalarSubquery& node) {
    return self.AnalyzeScalarSubquery(expr, *node.query, context);
  }
  Result<ExprPtr> operator()(const sql::StructConstructor& node) {
    return self.AnalyzeStruct(expr, node, context);
  }
  Result<ExprPtr> operator()(const sql::Parameter& node) {
    return self.AnalyzeParameter(expr, node);
  }
  Result<ExprPtr> operator()(const sql::IdentifierClause& node) {
    sql::ObjectName name;
    TARN_ASSIGN(ExprPtr text, self.Analyze(*node.expr, context));
    if (!text->type.IsString()) {
      return Error(Condition("NOT_A_CONSTANT_STRING.WRONG_TYPE"),
                   {{"name", "IDENTIFIER"},
                    {"expr", Quoted(self.ShownAs(*text))},
                    {"dataType", Quoted(text->type.ToSql())}})
          .WithPosition(expr.source);
    }
    TARN_ASSIGN(const auto value, self.EvaluateConstant(*text));
    if (!value || value->is_null()) {
      return Error(Condition("NOT_A_CONSTANT_STRING.NOT_CONSTANT"),
                   {{"name", "IDENTIFIER"}, {"expr", Quoted(self.ShownAs(*text))}})
          .WithPosition(expr.source);
    }
    TARN_ASSIGN(auto parts, sql::ParseMultipartName(value->text()));
    for (const sql::Identifier& part : node.parts) parts.push_back(part);
    return self.ResolveName(parts, expr.source, context);
  }
  Result<ExprPtr> operator()(const sql::Collate&) {
    return UnsupportedFeature("COLLATE", expr.source);
  }
  Result<ExprPtr> operator()(const sql::TableArgument&) {
    return UnsupportedFeature("TABLE arguments of functions", expr.source);
  }
};

Result<std::optional<Value>> QueryAnalyzer::EvaluateConstant(const plan::Expr& expr) const {
  if (auto value = FoldConstant(expr, context_.session_zone)) return value;
  if (!IsConstant(expr) || HasSubquery(expr) || !context_.relations) return std::optional<Value>();
  return context_.relations->EvaluateConstant(expr);
}

Result<ExprPtr> QueryAnalyzer::Analyze(const sql::Expr& expr, const ExprContext& context) {
  // A generator is a whole item of a select list.
  if (context.allow_generators && !expr.As<sql::FunctionCall>()) {
    ExprContext inner = context;
    inner.allow_generators = false;
    return Analyze(expr, inner);
  }
  Visitor visitor{*this, expr, context};
  auto result = std::visit(visitor, expr.node);
  if (!result.ok()) return std::move(result).error().WithDefaultPosition(expr.source);
  return result;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeCondition(const sql::Expr& expr, const ExprContext& context) {
  TARN_ASSIGN(ExprPtr condition, Analyze(expr, context));
  if (condition->type.Is(TypeId::kBoolean)) return condition;
  const std::string shown = Quoted(ShownAs(*condition));
  const std::string type = Quoted(condition->type.ToSql());
  if (context.clause == "ON") {
    return Error(Condition("JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE"),
                 {{"joinCondition", shown}, {"conditionType", type}})
        .WithPosition(expr.source);
  }
  if (context.clause == "FILTER") {
    return Error(Condition("INVALID_AGGREGATE_FILTER.NOT_BOOLEAN"), {{"filterExpr", shown}})
        .WithPosition(expr.source);
  }
  return Error(Condition("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"),
               {{"sqlExpr", shown}, {"filter", shown}, {"type", type}})
      .WithPosition(expr.source);
}

}  // namespace tarn::analyze
