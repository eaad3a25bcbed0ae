// Columns of char(n): read with n characters, and compared as if the other side had as many.
// Source: Spark, spark.sql.readSideCharPadding and the rule that pads comparisons.

#include <algorithm>

#include "query_analyzer.h"
#include "tarn/analyze/declared_strings.h"
#include "tarn/sql/parser.h"

namespace tarn::analyze {

namespace {

int CodePoints(std::string_view text) {
  return static_cast<int>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Status QueryAnalyzer::PadColumns(const Schema& schema, Source* source) {
  std::vector<std::optional<DataType>> declared;
  for (const Field& field : schema.fields) {
    declared.push_back(DeclaredType(field));
    if (declared.back() && !HoldsChar(*declared.back())) declared.back().reset();
    if (declared.back()) TARN_TRY(CheckCharLengths(*declared.back()));
  }
  if (std::ranges::none_of(declared, [](const auto& type) { return type.has_value(); })) return {};
  const Scope stored = source->scope;
  ExprContext context;
  context.environment = &environment_;
  context.scope = &stored;
  std::vector<plan::NamedExpr> items;
  for (size_t i = 0; i < stored.columns.size(); ++i) {
    ScopeColumn& column = source->scope.columns[i];
    if (i >= declared.size() || !declared[i]) {
      items.push_back({column.id, column.name, RefTo(column, column.name, {})});
      continue;
    }
    const std::string text = PaddedText(*declared[i], QuoteIdentifier(column.name));
    TARN_ASSIGN(const sql::ExprPtr parsed, sql::ParseExpression(text));
    TARN_ASSIGN(ExprPtr padded, Analyze(*parsed, context));
    const ColumnId id = NewColumn();
    SetOrigin(id, std::vector<ColumnId>{column.id});
    if (declared[i]->Is(TypeId::kChar)) {
      origins_[static_cast<size_t>(id)].char_length = declared[i]->length();
    }
    column.id = id;
    items.push_back({id, column.name, plan::MakeCast(std::move(padded), column.type)});
  }
  source->node = MakeProject(std::move(source->node), std::move(items));
  for (ScopeRelation& relation : source->scope.relations) {
    if (relation.scan) relation.scan = source->node.get();
  }
  return {};
}

std::optional<int> QueryAnalyzer::CharLength(const plan::Expr& expr) const {
  const auto* ref = expr.As<plan::ColumnRef>();
  if (!ref) return std::nullopt;
  return origins_[static_cast<size_t>(ref->id)].char_length;
}

Status QueryAnalyzer::PadComparison(std::vector<ExprPtr>* operands) {
  const bool any =
      std::ranges::any_of(*operands, [&](const ExprPtr& x) { return CharLength(*x).has_value(); });
  if (!any) return {};
  // What isn't a column of char(n) must be a string that is known now.
  std::vector<int> lengths;
  for (const ExprPtr& operand : *operands) {
    if (!operand->type.IsString()) return {};
    if (const auto length = CharLength(*operand)) {
      lengths.push_back(*length);
      continue;
    }
    TARN_ASSIGN(const auto value, EvaluateConstant(*operand));
    if (!value || value->is_null()) return {};
    lengths.push_back(CodePoints(value->text()));
  }
  const int longest = std::ranges::max(lengths);
  for (size_t i = 0; i < operands->size(); ++i) {
    if (lengths[i] == longest) continue;
    ExprPtr& operand = (*operands)[i];
    const SourceRange source = operand->source;
    std::string shown = ShownAs(*operand);
    std::vector<ExprPtr> args;
    args.push_back(std::move(operand));
    args.push_back(plan::MakeLiteral(Value::Int(longest)));
    args.push_back(plan::MakeLiteral(Value::String(" ")));
    TARN_ASSIGN(operand, Build("rpad", std::move(args), source));
    shown_[operand.get()] = std::move(shown);
  }
  return {};
}

}  // namespace tarn::analyze
