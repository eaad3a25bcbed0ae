#include "query_analyzer.h"
#include "tarn/plan/cast_mismatch.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"

namespace tarn::analyze {

namespace {

std::string_view FunctionFor(sql::BinaryOperator op) {
  switch (op) {
    case sql::BinaryOperator::kOr:
      return "or";
    case sql::BinaryOperator::kAnd:
      return "and";
    case sql::BinaryOperator::kEqual:
    case sql::BinaryOperator::kNotEqual:
      return "=";
    case sql::BinaryOperator::kNullSafeEqual:
      return "<=>";
    case sql::BinaryOperator::kLess:
      return "<";
    case sql::BinaryOperator::kLessEqual:
      return "<=";
    case sql::BinaryOperator::kGreater:
      return ">";
    case sql::BinaryOperator::kGreaterEqual:
      return ">=";
    case sql::BinaryOperator::kBitOr:
      return "|";
    case sql::BinaryOperator::kBitXor:
      return "^";
    case sql::BinaryOperator::kBitAnd:
      return "&";
    case sql::BinaryOperator::kShiftLeft:
      return "<<";
    case sql::BinaryOperator::kShiftRight:
      return ">>";
    case sql::BinaryOperator::kShiftRightUnsigned:
      return ">>>";
    case sql::BinaryOperator::kConcat:
      return "concat";
    case sql::BinaryOperator::kAdd:
      return "+";
    case sql::BinaryOperator::kSubtract:
      return "-";
    case sql::BinaryOperator::kMultiply:
      return "*";
    case sql::BinaryOperator::kDivide:
      return "/";
    case sql::BinaryOperator::kIntegralDivide:
      return "div";
    case sql::BinaryOperator::kModulo:
      return "%";
  }
  return {};
}

bool IsComparison(sql::BinaryOperator op) {
  switch (op) {
    case sql::BinaryOperator::kEqual:
    case sql::BinaryOperator::kNotEqual:
    case sql::BinaryOperator::kNullSafeEqual:
    case sql::BinaryOperator::kLess:
    case sql::BinaryOperator::kLessEqual:
    case sql::BinaryOperator::kGreater:
    case sql::BinaryOperator::kGreaterEqual:
      return true;
    default:
      return false;
  }
}

/// AND and OR take booleans, strings and NULLs.
Status CheckLogic(const QueryAnalyzer& analyzer, bool is_and, const plan::Expr& left,
                  const plan::Expr& right, const SourceRange& source) {
  const auto fits = [](const DataType& type) {
    return type.Is(TypeId::kBoolean) || type.IsString() || type.Is(TypeId::kNull);
  };
  if (fits(left.type) && fits(right.type)) return Status();
  const std::string shown =
      "(" + analyzer.ShownAs(left) + (is_and ? " AND " : " OR ") + analyzer.ShownAs(right) + ")";
  if (left.type == right.type) {
    return Error(Condition("DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE"),
                 {{"sqlExpr", Quoted(shown)},
                  {"inputType", "\"BOOLEAN\""},
                  {"actualDataType", Quoted(left.type.ToSql())}})
        .WithPosition(source);
  }
  return Error(Condition("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES"),
               {{"sqlExpr", Quoted(shown)},
                {"left", Quoted(left.type.ToSql())},
                {"right", Quoted(right.type.ToSql())}})
      .WithPosition(source);
}

}  // namespace

Result<ExprPtr> QueryAnalyzer::AnalyzeBinary(const sql::Expr& expr, const sql::Binary& binary,
                                             const ExprContext& context) {
  std::vector<ExprPtr> args;
  TARN_ASSIGN(ExprPtr left, Analyze(*binary.left, context));
  TARN_ASSIGN(ExprPtr right, Analyze(*binary.right, context));
  const bool shift = binary.op == sql::BinaryOperator::kShiftLeft ||
                     binary.op == sql::BinaryOperator::kShiftRight ||
                     binary.op == sql::BinaryOperator::kShiftRightUnsigned;
  const std::string_view function = FunctionFor(binary.op);
  std::string shown;
  if (shift) {
    shown = "(" + ShownAs(*left) + " " + std::string(function) + " " + ShownAs(*right) + ")";
  }
  if (binary.op == sql::BinaryOperator::kAnd || binary.op == sql::BinaryOperator::kOr) {
    TARN_TRY(CheckLogic(*this, binary.op == sql::BinaryOperator::kAnd, *left, *right, expr.source));
  }
  args.push_back(std::move(left));
  args.push_back(std::move(right));
  if (IsComparison(binary.op)) TARN_TRY(PadComparison(&args));
  TARN_ASSIGN(ExprPtr built, Build(function, std::move(args), expr.source));
  if (shift) shown_[built.get()] = std::move(shown);
  if (binary.op != sql::BinaryOperator::kNotEqual) return built;
  std::vector<ExprPtr> negated;
  negated.push_back(std::move(built));
  return Build("not", std::move(negated), expr.source);
}

Result<ExprPtr> QueryAnalyzer::AnalyzeIn(const sql::Expr& expr, const sql::In& in,
                                         const ExprContext& context) {
  std::vector<ExprPtr> args;
  TARN_ASSIGN(ExprPtr operand, Analyze(*in.operand, context));
  args.push_back(std::move(operand));
  for (const auto& item : in.list) {
    TARN_ASSIGN(ExprPtr value, Analyze(*item, context));
    args.push_back(std::move(value));
  }
  std::vector<DataType> types;
  for (const ExprPtr& arg : args) types.push_back(arg->type);
  const auto common = plan::CommonType(types);
  if (!common) {
    std::string shown;
    for (const DataType& type : types) {
      shown += (shown.empty() ? "" : ", ") + Quoted(type.ToSql());
    }
    std::string sql = "(" + ShownAs(*args[0]) + " IN (";
    for (size_t i = 1; i < args.size(); ++i) sql += (i > 1 ? ", " : "") + ShownAs(*args[i]);
    return Error(Condition("DATATYPE_MISMATCH.DATA_DIFF_TYPES"),
                 {{"sqlExpr", Quoted(sql + "))")}, {"functionName", "`in`"}, {"dataType", shown}})
        .WithPosition(expr.source);
  }
  TARN_TRY(PadComparison(&args));
  for (ExprPtr& arg : args) arg = plan::MakeCast(std::move(arg), *common);
  TARN_ASSIGN(ExprPtr found, Build("in", std::move(args), expr.source));
  if (!in.negated) return found;
  std::vector<ExprPtr> negated;
  negated.push_back(std::move(found));
  return Build("not", std::move(negated), expr.source);
}

Result<ExprPtr> QueryAnalyzer::AnalyzeLike(const sql::Expr& expr, const sql::Like& like,
                                           const ExprContext& context) {
  const std::string_view function = like.kind == sql::LikeKind::kLike    ? "like"
                                    : like.kind == sql::LikeKind::kILike ? "ilike"
                                                                         : "rlike";
  TARN_ASSIGN(ExprPtr operand, Analyze(*like.operand, context));
  bool literals = true;
  ExprPtr result;
  for (const auto& item : like.patterns) {
    std::vector<ExprPtr> args;
    args.push_back(plan::Clone(*operand));
    TARN_ASSIGN(ExprPtr pattern, Analyze(*item, context));
    literals = literals && IsConstant(*pattern);
    const std::string pattern_shown = ShownAs(*pattern);
    const std::string operand_shown = ShownAs(*operand);
    args.push_back(std::move(pattern));
    if (like.escape) args.push_back(plan::MakeLiteral(Value::String(*like.escape), expr.source));
    TARN_ASSIGN(ExprPtr match, Build(function, std::move(args), expr.source));
    if (like.kind == sql::LikeKind::kRLike) {
      shown_[match.get()] = "RLIKE(" + operand_shown + ", " + pattern_shown + ")";
    } else if (like.kind == sql::LikeKind::kILike) {
      shown_[match.get()] = "ilike(" + operand_shown + ", " + pattern_shown + ")";
    } else {
      shown_[match.get()] =
          operand_shown + " LIKE " + pattern_shown +
          (like.escape && *like.escape != "\\" ? " ESCAPE '" + *like.escape + "'" : "");
    }
    if (like.quantifier != sql::Quantifier::kNone) {
      if (like.negated) {
        std::vector<ExprPtr> inner;
        inner.push_back(std::move(match));
        TARN_ASSIGN(match, Build("not", std::move(inner), expr.source));
      }
    }
    if (!result) {
      result = std::move(match);
      continue;
    }
    std::vector<ExprPtr> both;
    both.push_back(std::move(result));
    both.push_back(std::move(match));
    TARN_ASSIGN(result, Build(like.quantifier == sql::Quantifier::kAll ? "and" : "or",
                              std::move(both), expr.source));
  }
  if (like.quantifier != sql::Quantifier::kNone) {
    if (!literals) return result;
    // Constant patterns are part of the operator, which shows without them.
    const bool all = like.quantifier == sql::Quantifier::kAll;
    const char* name =
        like.negated ? (all ? "notlikeall" : "notlikeany") : (all ? "likeall" : "likeany");
    const bool fold = like.kind == sql::LikeKind::kILike;
    shown_[result.get()] =
        name + ((fold ? "(lower(" : "(") + ShownAs(*operand)) + (fold ? "))" : ")");
    return result;
  }
  if (!like.negated) return result;
  std::vector<ExprPtr> negated;
  negated.push_back(std::move(result));
  return Build("not", std::move(negated), expr.source);
}

Result<ExprPtr> QueryAnalyzer::AnalyzeCase(const sql::Expr& expr, const sql::Case& node,
                                           const ExprContext& context) {
  ExprPtr operand;
  if (node.operand) {
    TARN_ASSIGN(operand, Analyze(*node.operand, context));
  }
  plan::Case result;
  std::vector<DataType> types;
  for (const sql::CaseBranch& branch : node.branches) {
    plan::Case::Branch built;
    if (operand) {
      TARN_ASSIGN(ExprPtr value, Analyze(*branch.when, context));
      std::vector<ExprPtr> args;
      args.push_back(plan::Clone(*operand));
      args.push_back(std::move(value));
      const std::string shown = "(" + ShownAs(*operand) + " = " + ShownAs(*args[1]) + ")";
      TARN_TRY(PadComparison(&args));
      TARN_ASSIGN(built.condition, Build("=", std::move(args), branch.when->source));
      shown_[built.condition.get()] = shown;
    } else {
      TARN_ASSIGN(built.condition, Analyze(*branch.when, context));
      // CASE coerces no condition, not even a bare NULL.
      if (!built.condition->type.Is(TypeId::kBoolean)) {
        return Error(Condition("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
                     {{"sqlExpr", Quoted("CASE WHEN " + ShownAs(*built.condition) + " …")},
                      {"paramIndex", "first"},
                      {"requiredType", "\"BOOLEAN\""},
                      {"inputSql", Quoted(ShownAs(*built.condition))},
                      {"inputType", Quoted(built.condition->type.ToSql())}})
            .WithPosition(branch.when->source);
      }
    }
    TARN_ASSIGN(built.result, Analyze(*branch.then, context));
    types.push_back(built.result->type);
    result.branches.push_back(std::move(built));
  }
  bool nullable = !node.otherwise;
  if (node.otherwise) {
    TARN_ASSIGN(result.otherwise, Analyze(*node.otherwise, context));
    types.push_back(result.otherwise->type);
    nullable = result.otherwise->nullable;
  }
  const auto common = plan::CommonType(types);
  if (!common) {
    std::string shown;
    for (const DataType& type : types) shown += (shown.empty() ? "" : ", ") + Quoted(type.ToSql());
    return Error(Condition("DATATYPE_MISMATCH.DATA_DIFF_TYPES"),
                 {{"sqlExpr", Quoted(sql::ToSql(expr))},
                  {"functionName", "`casewhen`"},
                  {"dataType", "[" + shown + "]"}})
        .WithPosition(expr.source);
  }
  for (auto& branch : result.branches) {
    nullable = nullable || branch.result->nullable;
    branch.result = plan::MakeCast(std::move(branch.result), *common);
  }
  if (result.otherwise) result.otherwise = plan::MakeCast(std::move(result.otherwise), *common);
  auto built = std::make_unique<plan::Expr>();
  built->type = *common;
  built->nullable = nullable;
  built->source = expr.source;
  built->kind = std::move(result);
  return built;
}

Result<ExprPtr> QueryAnalyzer::CastTo(ExprPtr input, const DataType& type, plan::CastMode mode,
                                      bool implicit, const SourceRange& source) {
  if (!plan::CanCast(input->type, type, mode == plan::CastMode::kTry)) {
    return plan::CastMismatch(input->type, type, mode, ShownAs(*input)).WithPosition(source);
  }
  return plan::MakeCast(std::move(input), type, mode, implicit);
}

Result<ExprPtr> QueryAnalyzer::AnalyzeCast(const sql::Expr& expr, const sql::Cast& cast,
                                           const ExprContext& context) {
  TARN_ASSIGN(ExprPtr operand, Analyze(*cast.operand, context));
  const plan::CastMode mode = cast.is_try ? plan::CastMode::kTry : plan::CastMode::kAnsi;
  DataType type = cast.type;
  // char(n) and varchar(n) are declarations; their values are strings.
  if (type.IsString()) type = TypeId::kString;
  TARN_ASSIGN(ExprPtr built, CastTo(std::move(operand), type, mode, false, expr.source));
  built->source = expr.source;
  return built;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeJsonPath(const sql::Expr& expr, const sql::JsonPath& path,
                                               const ExprContext& context) {
  TARN_ASSIGN(ExprPtr base, Analyze(*path.base, context));
  std::string text = "$";
  for (const sql::JsonStep& step : path.steps) {
    switch (step.kind) {
      case sql::JsonStepKind::kField:
        text += step.exact_case ? "['" + step.field + "']" : "." + step.field;
        break;
      case sql::JsonStepKind::kIndex:
        text += "[" + std::to_string(step.index) + "]";
        break;
      case sql::JsonStepKind::kWildcard:
        text += "[*]";
        break;
    }
  }
  const sql::JsonStep& last = path.steps.back();
  std::vector<ExprPtr> args;
  const bool variant = base->type.Is(TypeId::kVariant);
  args.push_back(std::move(base));
  args.push_back(plan::MakeLiteral(Value::String(text), expr.source));
  if (variant && !plan::FindFunction("variant_get")) {
    return UnsupportedFeature("A path into a VARIANT", expr.source);
  }
  if (variant) args.push_back(plan::MakeLiteral(Value::String("variant"), expr.source));
  TARN_ASSIGN(ExprPtr built,
              Build(variant ? "variant_get" : "get_json_object", std::move(args), expr.source));
  if (last.kind == sql::JsonStepKind::kField) shown_[built.get()] = last.field;
  return built;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeStruct(const sql::Expr& expr,
                                             const sql::StructConstructor& node,
                                             const ExprContext& context) {
  std::vector<ExprPtr> args;
  std::string shown;
  int number = 0;
  const auto add = [&](std::string name, ExprPtr value) {
    shown += (shown.empty() ? "" : ", ") +
             (node.is_row ? name + ", " + ShownAs(*value) : ShownAs(*value));
    args.push_back(plan::MakeLiteral(Value::String(std::move(name)), expr.source));
    args.push_back(std::move(value));
  };
  for (const sql::NamedExpr& item : node.items) {
    if (const auto* star = item.expr->As<sql::Star>()) {
      TARN_ASSIGN(auto columns, ExpandStar(*star, item.expr->source, context));
      for (StarColumn& column : columns) {
        ++number;
        add(column.name, std::move(column.expr));
      }
      continue;
    }
    ++number;
    TARN_ASSIGN(ExprPtr value, Analyze(*item.expr, context));
    std::string name = "col" + std::to_string(number);
    if (!item.aliases.empty()) {
      name = item.aliases[0].text;
      const std::string value_shown = ShownAs(*value);
      add(name, std::move(value));
      if (!node.is_row) shown += " AS " + name;
      continue;
    }
    if (const auto* named = item.expr->As<sql::Name>()) {
      name = named->parts.back().text;
    } else if (const auto* access = item.expr->As<sql::FieldAccess>()) {
      name = access->field.text;
    } else if (const auto* subscript = item.expr->As<sql::Subscript>();
               subscript && value->As<plan::FieldAccess>()) {
      name = ShownAs(*value);
    }
    add(std::move(name), std::move(value));
  }
  TARN_ASSIGN(ExprPtr built, Build("named_struct", std::move(args), expr.source));
  shown_[built.get()] = (node.is_row ? "named_struct(" : "struct(") + shown + ")";
  return built;
}

Result<ExprPtr> QueryAnalyzer::AnalyzeParameter(const sql::Expr& expr,
                                                const sql::Parameter& parameter) {
  if (parameter.name.empty()) {
    const auto index = static_cast<size_t>(parameter.ordinal);
    if (index < context_.positional_parameters.size()) {
      return plan::MakeLiteral(context_.positional_parameters[index], expr.source);
    }
    return Error(Condition("UNBOUND_SQL_PARAMETER"), {{"name", "?"}})
        .WithPosition(expr.source)
        .WithHint("Give its value with EXECUTE IMMEDIATE … USING, or name it: :name.");
  }
  for (const auto& [name, value] : context_.named_parameters) {
    if (SameName(name, parameter.name.text)) return plan::MakeLiteral(value, expr.source);
  }
  return Error(Condition("UNBOUND_SQL_PARAMETER"), {{"name", parameter.name.text}})
      .WithPosition(expr.source);
}

namespace {

Status CheckExcept(const sql::Star& star) {
  for (size_t i = 0; i < star.except.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (sql::ToSql(star.except[i]) != sql::ToSql(star.except[k])) continue;
      return Error(Condition("EXCEPT_OVERLAPPING_COLUMNS"),
                   {{"columns", sql::ToSql(star.except[i])}})
          .WithPosition(star.except[i][0].source);
    }
  }
  return Status();
}

}  // namespace

Result<std::vector<QueryAnalyzer::StarColumn>> QueryAnalyzer::ExpandStar(
    const sql::Star& star, const SourceRange& source, const ExprContext& context) {
  TARN_TRY(CheckExcept(star));
  std::vector<StarColumn> columns;
  const Scope* scope = context.scope;
  if (!scope || (scope->columns.empty() && scope->relations.empty())) {
    if (star.qualifier.empty()) {
      return Error(Condition("INVALID_USAGE_OF_STAR_OR_REGEX"),
                   {{"elem", "'*'"}, {"prettyName", "query"}})
          .WithPosition(source);
    }
    scope = nullptr;
  }
  bool expanded = star.qualifier.empty();
  if (scope) {
    // t.* has the columns that USING hid first, as Spark does.
    for (const bool hidden : {true, false}) {
      if (hidden && star.qualifier.empty()) continue;
      for (const ScopeColumn& column : scope->columns) {
        if (column.qualified_only != hidden || column.hidden) continue;
        if (!star.qualifier.empty() && !scope->Qualifies(star.qualifier, column.relation)) continue;
        expanded = true;
        columns.push_back({column.name, RefTo(column, column.name, source), column.relation});
      }
    }
    if (!expanded) {
      for (size_t i = 0; i < scope->relations.size(); ++i) {
        expanded = expanded || scope->Qualifies(star.qualifier, static_cast<int>(i));
      }
    }
  }
  if (!expanded) {
    // struct.*
    auto base = ResolveName(star.qualifier, source, context);
    if (base.ok() && (*base)->type.Is(TypeId::kStruct)) {
      const DataType type = (*base)->type;
      for (const Field& field : type.fields()) {
        const sql::Identifier name{.text = field.name};
        TARN_ASSIGN(ExprPtr value, AccessField(plan::Clone(**base), name, source));
        columns.push_back({field.name, std::move(value), -1});
      }
    } else {
      std::string known;
      if (scope) {
        for (const ScopeColumn& column : scope->columns) {
          known += (known.empty() ? "" : ", ") + QuoteIdentifier(column.name);
        }
      }
      return Error(Condition("CANNOT_RESOLVE_STAR_EXPAND"),
                   {{"targetString", sql::ToSql(star.qualifier)}, {"columns", known}})
          .WithPosition(source);
    }
  }
  for (const auto& name : star.except) {
    // The last parts that aren't fields name the column.
    size_t found = columns.size();
    size_t used = 0;
    for (size_t part = 0; part < name.size() && found == columns.size(); ++part) {
      for (size_t i = 0; i < columns.size(); ++i) {
        if (!SameName(columns[i].name, name[part].text)) continue;
        if (part > 0 && columns[i].relation >= 0 &&
            !scope->Qualifies(std::span(name).first(part), columns[i].relation)) {
          continue;
        }
        found = i;
        used = part + 1;
        break;
      }
    }
    if (found == columns.size()) {
      std::string known;
      for (const StarColumn& column : columns) {
        known += (known.empty() ? "" : ", ") + QuoteIdentifier(column.name);
      }
      return Error(Condition("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
                   {{"objectName", sql::ToSql(name)}, {"proposal", known}})
          .WithPosition(name[0].source);
    }
    if (used < name.size()) {
      // EXCEPT (s.field): the struct without that field.
      ExprPtr base = std::move(columns[found].expr);
      std::vector<ExprPtr> args;
      const DataType type = base->type;
      if (!type.Is(TypeId::kStruct)) return UnsupportedFeature("EXCEPT of a nested field", source);
      for (const Field& field : type.fields()) {
        if (SameName(field.name, name[used].text)) continue;
        sql::Identifier part;
        part.text = field.name;
        args.push_back(plan::MakeLiteral(Value::String(field.name), source));
        TARN_ASSIGN(ExprPtr value, AccessField(plan::Clone(*base), part, source));
        args.push_back(std::move(value));
      }
      TARN_ASSIGN(columns[found].expr, Build("named_struct", std::move(args), source));
      continue;
    }
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(found));
  }
  for (const sql::StarReplacement& replacement : star.replace) {
    bool replaced = false;
    for (StarColumn& column : columns) {
      if (!SameName(column.name, replacement.name.text)) continue;
      TARN_ASSIGN(column.expr, Analyze(*replacement.value, context));
      column.relation = -1;
      replaced = true;
    }
    if (!replaced) {
      return UnresolvedColumn(std::span(&replacement.name, 1), replacement.name.source, context);
    }
  }
  return columns;
}

}  // namespace tarn::analyze
