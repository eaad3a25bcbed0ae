#include <utility>

#include "sql_writer.h"
#include "tarn/sql/printer.h"
#include "tarn/types/data_type.h"

namespace tarn::sql {

namespace {

constexpr int kOrLevel = 1;
constexpr int kAndLevel = 2;
constexpr int kNotLevel = 3;
constexpr int kPredicateLevel = 4;
constexpr int kComparisonLevel = 5;
constexpr int kUnaryLevel = 12;
constexpr int kPrimaryLevel = 13;

int BindingOf(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kOr:
      return kOrLevel;
    case BinaryOperator::kAnd:
      return kAndLevel;
    case BinaryOperator::kBitOr:
      return 6;
    case BinaryOperator::kBitXor:
      return 7;
    case BinaryOperator::kBitAnd:
      return 8;
    case BinaryOperator::kShiftLeft:
    case BinaryOperator::kShiftRight:
    case BinaryOperator::kShiftRightUnsigned:
      return 9;
    case BinaryOperator::kConcat:
    case BinaryOperator::kAdd:
    case BinaryOperator::kSubtract:
      return 10;
    case BinaryOperator::kMultiply:
    case BinaryOperator::kDivide:
    case BinaryOperator::kIntegralDivide:
    case BinaryOperator::kModulo:
      return 11;
    default:
      return kComparisonLevel;
  }
}

}  // namespace

int BindingOf(const Expr& expr) {
  if (const auto* binary = expr.As<Binary>()) return BindingOf(binary->op);
  if (const auto* unary = expr.As<Unary>()) {
    return unary->op == UnaryOperator::kNot ? kNotLevel : kUnaryLevel;
  }
  if (expr.As<Between>() || expr.As<In>() || expr.As<Like>() || expr.As<Is>() ||
      expr.As<IsDistinctFrom>()) {
    return kPredicateLevel;
  }
  if (expr.As<Lambda>() || expr.As<TableArgument>()) return 0;
  if (const auto* literal = expr.As<Literal>()) {
    // -1[0] and -1::INT belong to the literal, but 1 - -1 reads better in parentheses.
    const bool negative = !literal->text.empty() && literal->text[0] == '-' &&
                          literal->kind >= LiteralKind::kInt &&
                          literal->kind <= LiteralKind::kFloat;
    return negative ? kUnaryLevel : kPrimaryLevel;
  }
  return kPrimaryLevel;
}

struct ExprPrinter {
  SqlWriter& w;

  void operator()(const Literal& n) const { w.WriteLiteral(n); }
  void operator()(const IntervalLiteral& n) const { w.WriteInterval(n); }
  void operator()(const Name& n) const { w.PutParts(n.parts); }
  void operator()(const Star& n) const {
    if (!n.qualifier.empty()) {
      w.PutParts(n.qualifier);
      w.Put(".");
    }
    w.Put("*");
    if (!n.except.empty()) {
      w.Put(" EXCEPT ");
      w.PutPartsList(n.except);
    }
    if (n.replace.empty()) return;
    w.Put(" REPLACE (");
    for (size_t i = 0; i < n.replace.size(); ++i) {
      if (i > 0) w.Put(", ");
      w.Write(*n.replace[i].value);
      w.Put(" AS ");
      w.PutName(n.replace[i].name);
    }
    w.Put(")");
  }
  void operator()(const FunctionCall& n) const { w.Call(n); }
  void operator()(const Unary& n) const {
    if (n.op == UnaryOperator::kNot) {
      w.Put("NOT ");
      w.Operand(*n.operand, kNotLevel + 1);
      return;
    }
    w.Put(ToSql(n.op));
    // A number right behind a minus would become part of it.
    w.Operand(*n.operand, n.operand->As<Literal>() ? kPrimaryLevel + 1 : kPrimaryLevel);
  }
  void operator()(const Binary& n) const {
    const int level = BindingOf(n.op);
    // Chains of AND and OR are rebalanced when read, so their parts keep their parentheses.
    const bool logical = level <= kAndLevel;
    w.Operand(*n.left, logical ? level + 1 : level);
    w.Put(" ");
    w.Put(ToSql(n.op));
    w.Put(" ");
    w.Operand(*n.right, level + 1);
  }
  void operator()(const Between& n) const {
    w.Operand(*n.operand, kComparisonLevel);
    w.Put(n.negated ? " NOT BETWEEN " : " BETWEEN ");
    w.Operand(*n.low, kComparisonLevel);
    w.Put(" AND ");
    w.Operand(*n.high, kComparisonLevel);
  }
  void operator()(const In& n) const {
    w.Operand(*n.operand, kComparisonLevel);
    w.Put(n.negated ? " NOT IN (" : " IN (");
    if (n.query) {
      w.Write(*n.query);
    } else {
      w.Exprs(n.list);
    }
    w.Put(")");
  }
  void operator()(const Like& n) const {
    static constexpr const char* kWords[] = {"LIKE", "ILIKE", "RLIKE"};
    w.Operand(*n.operand, kComparisonLevel);
    w.Put(n.negated ? " NOT " : " ");
    w.Put(kWords[static_cast<size_t>(n.kind)]);
    if (n.quantifier != Quantifier::kNone) {
      w.Put(n.quantifier == Quantifier::kAny ? " ANY (" : " ALL (");
      w.Exprs(n.patterns);
      w.Put(")");
      return;
    }
    w.Put(" ");
    w.Operand(*n.patterns[0], kComparisonLevel);
    if (n.escape) {
      w.Put(" ESCAPE ");
      w.PutString(*n.escape);
    }
  }
  void operator()(const Is& n) const {
    static constexpr const char* kWords[] = {"NULL", "TRUE", "FALSE", "UNKNOWN"};
    w.Operand(*n.operand, kComparisonLevel);
    w.Put(n.negated ? " IS NOT " : " IS ");
    w.Put(kWords[static_cast<size_t>(n.kind)]);
  }
  void operator()(const IsDistinctFrom& n) const {
    w.Operand(*n.left, kComparisonLevel);
    w.Put(n.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
    w.Operand(*n.right, kComparisonLevel);
  }
  void operator()(const Case& n) const {
    w.Put("CASE");
    if (n.operand) {
      w.Put(" ");
      w.Write(*n.operand);
    }
    for (const CaseBranch& branch : n.branches) {
      w.Put(" WHEN ");
      w.Write(*branch.when);
      w.Put(" THEN ");
      w.Write(*branch.then);
    }
    if (n.otherwise) {
      w.Put(" ELSE ");
      w.Write(*n.otherwise);
    }
    w.Put(" END");
  }
  void operator()(const Cast& n) const {
    if (n.colons) {
      w.Primary(*n.operand);
      w.Put(n.is_try ? " ?:: " : "::");
      w.PutType(n.type);
      return;
    }
    w.Put(n.is_try ? "TRY_CAST(" : "CAST(");
    w.Write(*n.operand);
    w.Put(" AS ");
    w.PutType(n.type);
    w.Put(")");
  }
  void operator()(const Subscript& n) const {
    // a:b[0] would be one path.
    const bool wrap = n.base->As<JsonPath>() != nullptr;
    if (wrap) w.Put("(");
    w.Primary(*n.base);
    w.Put(wrap ? ")[" : "[");
    w.Operand(*n.index, kComparisonLevel);
    w.Put("]");
  }
  void operator()(const FieldAccess& n) const {
    // (a).b is the field of a column in parentheses; a.b would be a name.
    const bool wrap = n.base->As<Name>() != nullptr || n.base->As<IdentifierClause>() != nullptr ||
                      n.base->As<JsonPath>() != nullptr || n.base->As<Collate>() != nullptr;
    if (wrap) w.Put("(");
    wrap ? w.Write(*n.base) : w.Primary(*n.base);
    if (wrap) w.Put(")");
    w.Put(".");
    w.PutName(n.field);
  }
  void operator()(const JsonPath& n) const { w.WriteJsonPath(n); }
  void operator()(const Lambda& n) const {
    if (n.parameters.size() == 1) {
      w.PutName(n.parameters[0]);
    } else {
      w.PutNames(n.parameters);
    }
    w.Put(" -> ");
    w.Write(*n.body);
  }
  void operator()(const Exists& n) const {
    w.Put("EXISTS (");
    w.Write(*n.query);
    w.Put(")");
  }
  void operator()(const ScalarSubquery& n) const {
    w.Put("(");
    w.Write(*n.query);
    w.Put(")");
  }
  void operator()(const StructConstructor& n) const {
    w.Put(n.is_row ? "(" : "STRUCT(");
    w.NamedList(n.items);
    w.Put(")");
  }
  void operator()(const Parameter& n) const {
    if (n.ordinal >= 0) {
      w.Put("?");
      return;
    }
    w.Put(":");
    w.PutName(n.name);
  }
  void operator()(const IdentifierClause& n) const {
    w.Put("IDENTIFIER(");
    w.Write(*n.expr);
    w.Put(")");
    if (n.parts.empty()) return;
    w.Put(".");
    w.PutParts(n.parts);
  }
  void operator()(const Collate& n) const {
    w.Primary(*n.operand);
    w.Put(" COLLATE ");
    w.PutObject(n.collation);
  }
  void operator()(const TableArgument& n) const {
    w.Put("TABLE(");
    if (n.query) {
      w.Write(*n.query);
    } else {
      w.PutObject(n.table);
    }
    w.Put(")");
    if (n.single_partition) w.Put(" WITH SINGLE PARTITION");
    if (!n.partition_by.empty()) {
      w.Put(" PARTITION BY (");
      w.Exprs(n.partition_by);
      w.Put(")");
    }
    if (n.order_by.empty()) return;
    w.Put(" ORDER BY (");
    w.SortItems(n.order_by);
    w.Put(")");
  }
};

void SqlWriter::Write(const Expr& expr) { std::visit(ExprPrinter{*this}, expr.node); }

void SqlWriter::Operand(const Expr& expr, int level) {
  if (BindingOf(expr) >= level) {
    Write(expr);
    return;
  }
  Put("(");
  Write(expr);
  Put(")");
}

void SqlWriter::Primary(const Expr& expr) { Operand(expr, kPrimaryLevel); }

void SqlWriter::Exprs(const std::vector<ExprPtr>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) Put(", ");
    Write(*list[i]);
  }
}

void SqlWriter::Named(const NamedExpr& item) {
  Write(*item.expr);
  if (item.aliases.empty()) return;
  Put(" AS ");
  if (item.aliases.size() == 1) {
    PutName(item.aliases[0]);
  } else {
    PutNames(item.aliases);
  }
}

void SqlWriter::NamedList(const std::vector<NamedExpr>& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) Put(", ");
    Named(items[i]);
  }
}

void SqlWriter::SortItems(const std::vector<SortItem>& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) Put(", ");
    Write(*items[i].expr);
    if (items[i].descending) Put(" DESC");
    if (items[i].nulls_first) Put(*items[i].nulls_first ? " NULLS FIRST" : " NULLS LAST");
  }
}

void SqlWriter::WriteLiteral(const Literal& literal) {
  static constexpr const char* kTyped[] = {"DATE ", "TIME ", "TIMESTAMP ", "TIMESTAMP_LTZ ",
                                           "TIMESTAMP_NTZ "};
  switch (literal.kind) {
    case LiteralKind::kNull:
      return Put("NULL");
    case LiteralKind::kBoolean:
      return Put(literal.boolean ? "TRUE" : "FALSE");
    case LiteralKind::kInt:
      return Put(literal.text);
    case LiteralKind::kBigInt:
      return Put(literal.text + "L");
    case LiteralKind::kSmallInt:
      return Put(literal.text + "S");
    case LiteralKind::kTinyInt:
      return Put(literal.text + "Y");
    case LiteralKind::kDecimal:
      return Put(literal.text + "BD");
    case LiteralKind::kDouble:
      return Put(literal.text + "D");
    case LiteralKind::kFloat:
      return Put(literal.text + "F");
    case LiteralKind::kString:
      return PutString(literal.text);
    case LiteralKind::kBinary: {
      static constexpr char kDigits[] = "0123456789ABCDEF";
      Put("X'");
      for (unsigned char byte : literal.text) {
        out_.push_back(kDigits[byte >> 4]);
        out_.push_back(kDigits[byte & 15]);
      }
      return Put("'");
    }
    default:
      Put(kTyped[static_cast<size_t>(literal.kind) - static_cast<size_t>(LiteralKind::kDate)]);
      PutString(literal.text);
  }
}

void SqlWriter::WriteInterval(const IntervalLiteral& interval) {
  Put("INTERVAL ");
  if (interval.terms.empty()) return PutString(interval.text);
  for (size_t i = 0; i < interval.terms.size(); ++i) {
    const IntervalTerm& term = interval.terms[i];
    if (i > 0) Put(" ");
    if (term.quoted) {
      PutString(term.value);
    } else {
      Put(term.value);
    }
    Put(" ");
    Put(ToSql(term.unit));
    if (term.to) {
      Put(" TO ");
      Put(ToSql(*term.to));
    }
  }
}

void SqlWriter::WriteJsonPath(const JsonPath& path) {
  Primary(*path.base);
  Put(":");
  for (size_t i = 0; i < path.steps.size(); ++i) {
    const JsonStep& step = path.steps[i];
    switch (step.kind) {
      case JsonStepKind::kIndex:
        Put("[" + std::to_string(step.index) + "]");
        break;
      case JsonStepKind::kWildcard:
        Put("[*]");
        break;
      case JsonStepKind::kField:
        if (step.exact_case) {
          Put("[");
          PutString(step.field);
          Put("]");
        } else {
          if (i > 0) Put(".");
          Put(step.field);
        }
        break;
    }
  }
}

bool SqlWriter::SpecialCall(const FunctionCall& call) {
  const auto arg = [&](size_t i) -> const Expr& { return *call.args[i].value; };
  const auto text = [&](size_t i) {
    const auto* literal = arg(i).As<Literal>();
    return literal != nullptr ? std::string_view(literal->text) : std::string_view();
  };
  switch (call.form) {
    case CallForm::kPlain:
      return false;
    case CallForm::kExtract:
      Put("EXTRACT(");
      Put(QuoteIfNeeded(text(0)));
      Put(" FROM ");
      Operand(arg(1), kComparisonLevel);
      break;
    case CallForm::kSubstring:
      PutName(call.name.last());
      Put("(");
      Write(arg(0));
      Put(" FROM ");
      Operand(arg(1), kComparisonLevel);
      if (call.args.size() > 2) {
        Put(" FOR ");
        Operand(arg(2), kComparisonLevel);
      }
      break;
    case CallForm::kPosition:
      Put("POSITION(");
      Operand(arg(0), kComparisonLevel);
      Put(" IN ");
      Operand(arg(1), kComparisonLevel);
      break;
    case CallForm::kOverlay:
      Put("OVERLAY(");
      Write(arg(0));
      Put(" PLACING ");
      Operand(arg(1), kComparisonLevel);
      Put(" FROM ");
      Operand(arg(2), kComparisonLevel);
      if (call.args.size() > 3) {
        Put(" FOR ");
        Operand(arg(3), kComparisonLevel);
      }
      break;
    case CallForm::kTrimBoth:
    case CallForm::kTrimLeading:
    case CallForm::kTrimTrailing:
      Put(call.form == CallForm::kTrimBoth      ? "TRIM(BOTH "
          : call.form == CallForm::kTrimLeading ? "TRIM(LEADING "
                                                : "TRIM(TRAILING ");
      if (call.args.size() > 1) {
        Operand(arg(1), kComparisonLevel);
        Put(" ");
      }
      Put("FROM ");
      Operand(arg(0), kComparisonLevel);
      break;
    case CallForm::kUnitFirst:
      PutName(call.name.last());
      Put("(");
      Put(text(0));
      Put(", ");
      Operand(arg(1), kComparisonLevel);
      Put(", ");
      Operand(arg(2), kComparisonLevel);
      break;
  }
  Put(")");
  return true;
}

void SqlWriter::Arguments(const std::vector<FunctionArgument>& args) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) Put(", ");
    if (!args[i].name.empty()) {
      PutName(args[i].name);
      Put(" => ");
    }
    Write(*args[i].value);
  }
}

void SqlWriter::Call(const FunctionCall& call) {
  if (!SpecialCall(call)) {
    PutFunction(call.name);
    Put(call.distinct ? "(DISTINCT " : "(");
    Arguments(call.args);
    Put(")");
  }
  if (!call.within_group.empty()) {
    Put(" WITHIN GROUP (ORDER BY ");
    SortItems(call.within_group);
    Put(")");
  }
  if (call.filter) {
    Put(" FILTER (WHERE ");
    Write(*call.filter);
    Put(")");
  }
  if (call.nulls == NullTreatment::kIgnore) Put(" IGNORE NULLS");
  if (call.nulls == NullTreatment::kRespect) Put(" RESPECT NULLS");
  if (!call.over) return;
  Put(" OVER ");
  Window(*call.over);
}

void SqlWriter::Window(const WindowReference& window) {
  if (!window.spec) return PutName(window.name);
  const WindowSpec& spec = *window.spec;
  Put("(");
  const char* blank = "";
  if (!spec.partition_by.empty()) {
    Put("PARTITION BY ");
    Exprs(spec.partition_by);
    blank = " ";
  }
  if (!spec.order_by.empty()) {
    Put(blank);
    Put("ORDER BY ");
    SortItems(spec.order_by);
    blank = " ";
  }
  if (spec.frame) {
    Put(blank);
    Put(spec.frame->unit == FrameUnit::kRows ? "ROWS " : "RANGE ");
    if (spec.frame->end) Put("BETWEEN ");
    Bound(spec.frame->start);
    if (spec.frame->end) {
      Put(" AND ");
      Bound(*spec.frame->end);
    }
  }
  Put(")");
}

void SqlWriter::Bound(const FrameBound& bound) {
  switch (bound.kind) {
    case FrameBoundKind::kUnboundedPreceding:
      return Put("UNBOUNDED PRECEDING");
    case FrameBoundKind::kUnboundedFollowing:
      return Put("UNBOUNDED FOLLOWING");
    case FrameBoundKind::kCurrentRow:
      return Put("CURRENT ROW");
    default:
      // Parenthesised intervals would read the same; their own form is the usual one.
      if (bound.offset->As<IntervalLiteral>()) {
        Write(*bound.offset);
      } else {
        Operand(*bound.offset, kComparisonLevel);
      }
      Put(bound.kind == FrameBoundKind::kPreceding ? " PRECEDING" : " FOLLOWING");
  }
}

}  // namespace tarn::sql
