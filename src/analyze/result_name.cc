#include <algorithm>
#include <array>

#include "query_analyzer.h"

namespace tarn::analyze {

namespace {

/// Operators shown between their operands.
std::string_view InfixOf(std::string_view function) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kInfix = {{
      {"+", "+"},
      {"-", "-"},
      {"*", "*"},
      {"/", "/"},
      {"%", "%"},
      {"div", "div"},
      {"=", "="},
      {"<", "<"},
      {"<=", "<="},
      {">", ">"},
      {">=", ">="},
      {"<=>", "<=>"},
      {"and", "AND"},
      {"or", "OR"},
      {"&", "&"},
      {"|", "|"},
      {"^", "^"},
      {"<>", "<>"},
  }};
  for (const auto& [name, shown] : kInfix) {
    if (name == function) return shown;
  }
  return {};
}

/// The comparator that array_sort has when none is given.
constexpr std::string_view kNaturalOrder =
    "lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, "
    "(IF((namedlambdavariable() IS NULL), 1, (IF((namedlambdavariable() IS NULL), -1, "
    "(IF((namedlambdavariable() < namedlambdavariable()), -1, "
    "(IF((namedlambdavariable() > namedlambdavariable()), 1, 0)))))))))), namedlambdavariable(), "
    "namedlambdavariable())";

std::string_view BoundName(plan::BoundKind kind) {
  switch (kind) {
    case plan::BoundKind::kUnboundedPreceding:
      return "UNBOUNDED PRECEDING";
    case plan::BoundKind::kPreceding:
      return "PRECEDING";
    case plan::BoundKind::kCurrentRow:
      return "CURRENT ROW";
    case plan::BoundKind::kFollowing:
      return "FOLLOWING";
    case plan::BoundKind::kUnboundedFollowing:
      return "UNBOUNDED FOLLOWING";
  }
  return {};
}

/// A decimal as Java's BigDecimal shows it: small numbers with an exponent.
std::string ShownDecimal(Int128 unscaled, int scale) {
  std::string digits = RenderDecimal(unscaled < 0 ? -unscaled : unscaled, 0);
  const int exponent = static_cast<int>(digits.size()) - 1 - scale;
  if (scale <= 0 || exponent >= -6) return RenderDecimal(unscaled, scale);
  if (digits.size() > 1) digits.insert(1, ".");
  return (unscaled < 0 ? "-" : "") + digits + "E" + std::to_string(exponent);
}

std::string ShownLiteral(const Value& value, std::string_view zone) {
  if (value.is_null()) return "NULL";
  switch (value.type().id()) {
    case TypeId::kBoolean:
      return value.boolean() ? "true" : "false";
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return std::to_string(value.integer());
    case TypeId::kFloat:
      return RenderFloat(static_cast<float>(value.real()));
    case TypeId::kDouble:
      return RenderDouble(value.real());
    case TypeId::kDecimal:
      return ShownDecimal(value.decimal(), value.type().scale());
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
      return value.text();
    default:
      return RenderAsSqlLiteral(value, zone);
  }
}

/// Writes expressions as Spark's usePrettyExpression(e).sql does.
class NameWriter {
 public:
  NameWriter(const std::unordered_map<const plan::Expr*, std::string>& shown, std::string_view zone)
      : shown_(shown), zone_(zone) {}

  void Write(const plan::Expr& expr) {
    if (auto known = shown_.find(&expr); known != shown_.end()) {
      text_ += known->second;
      return;
    }
    std::visit([&](const auto& node) { Write(expr, node); }, expr.kind);
  }

  std::string Take() { return std::move(text_); }

 private:
  void Write(const plan::Expr&, const plan::Literal& literal) {
    text_ += ShownLiteral(literal.value, zone_);
  }
  void Write(const plan::Expr&, const plan::ColumnRef& ref) { text_ += ref.name; }
  void Write(const plan::Expr& expr, const plan::Cast& cast) {
    if (cast.implicit || expr.type.IsNested()) return Write(*cast.input);
    text_ += cast.mode == plan::CastMode::kTry ? "TRY_CAST(" : "CAST(";
    Write(*cast.input);
    text_ += " AS " + expr.type.ToSql() + ")";
  }
  void Write(const plan::Expr&, const plan::Case& node) {
    text_ += "CASE";
    for (const auto& branch : node.branches) {
      text_ += " WHEN ";
      Write(*branch.condition);
      text_ += " THEN ";
      Write(*branch.result);
    }
    if (node.otherwise) {
      text_ += " ELSE ";
      Write(*node.otherwise);
    }
    text_ += " END";
  }
  void Write(const plan::Expr&, const plan::FieldAccess& access) {
    Write(*access.base);
    text_ += "." + access.base->type.fields()[static_cast<size_t>(access.index)].name;
  }
  void Write(const plan::Expr&, const plan::Lambda& lambda) {
    text_ += "lambdafunction(";
    Write(*lambda.body);
    for (size_t i = 0; i < lambda.parameters.size(); ++i) text_ += ", namedlambdavariable()";
    text_ += ")";
  }
  void Write(const plan::Expr&, const plan::Subquery& subquery) {
    switch (subquery.kind) {
      case plan::SubqueryKind::kScalar:
        text_ += "scalarsubquery()";
        return;
      case plan::SubqueryKind::kExists:
        text_ += subquery.negated ? "(NOT exists())" : "exists()";
        return;
      case plan::SubqueryKind::kIn:
        if (subquery.negated) text_ += "(NOT ";
        text_ += "(";
        if (subquery.operands.size() == 1) {
          Write(*subquery.operands[0]);
        } else {
          text_ += "named_struct(";
          for (size_t i = 0; i < subquery.operands.size(); ++i) {
            if (i) text_ += ", ";
            Write(*subquery.operands[i]);
            text_ += ", ";
            Write(*subquery.operands[i]);
          }
          text_ += ")";
        }
        text_ += " IN (listquery()))";
        if (subquery.negated) text_ += ")";
        return;
    }
  }
  void Write(const plan::Expr&, const plan::WindowCall& window) {
    WriteCall(window.call);
    text_ += " OVER (";
    WriteWindow(window);
    text_ += ")";
  }
  void Write(const plan::Expr& expr, const plan::Call& call) { WriteCall(call, &expr); }

  void WriteList(const std::vector<ExprPtr>& exprs, size_t from = 0) {
    for (size_t i = from; i < exprs.size(); ++i) {
      if (i > from) text_ += ", ";
      Write(*exprs[i]);
    }
  }

  void WriteKeys(const std::vector<plan::SortKey>& keys) {
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i) text_ += ", ";
      Write(*keys[i].expr);
      text_ += keys[i].descending ? " DESC" : " ASC";
      text_ += keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
  }

  bool WriteOperator(const plan::Call& call) {
    const std::string_view name = call.function->name;
    const auto& args = call.args;
    if (args.size() == 2) {
      const std::string_view infix = InfixOf(name);
      if (!infix.empty() && call.function->display_name.empty()) {
        text_ += "(";
        Write(*args[0]);
        text_ += " ";
        text_ += infix;
        text_ += " ";
        Write(*args[1]);
        text_ += ")";
        return true;
      }
    }
    if (name == "like" && args.size() >= 2) {
      Write(*args[0]);
      text_ += " LIKE ";
      Write(*args[1]);
      return true;
    }
    if (name == "ilike" && args.size() == 3) return WriteAs(name, call, 2);
    if (args.size() == 1) {
      if (name == "not") return Wrap("(NOT ", *args[0], ")");
      if (name == "isnull") return Wrap("(", *args[0], " IS NULL)");
      if (name == "isnotnull") return Wrap("(", *args[0], " IS NOT NULL)");
      if (name == "~") return Wrap("~", *args[0], "");
    }
    if (name == "in" && !args.empty()) {
      text_ += "(";
      Write(*args[0]);
      text_ += " IN (";
      WriteList(args, 1);
      text_ += "))";
      return true;
    }
    if (name == "if" && args.size() == 3) {
      text_ += "(IF(";
      WriteList(args);
      text_ += "))";
      return true;
    }
    return false;
  }

  /// Dates and timestamps plus or minus days or an interval.
  bool WriteDatetimeStep(const plan::Call& call) {
    const std::string_view name = call.function->name;
    if ((name != "+" && name != "-") || call.args.size() != 2) return false;
    const DataType& when = call.args[0]->type;
    const DataType& by = call.args[1]->type;
    if (!when.IsDatetime()) return false;
    if (when.Is(TypeId::kDate) && (by.IsIntegral() || by.Is(TypeId::kNull))) {
      text_ += name == "+" ? "date_add(" : "date_sub(";
      WriteList(call.args);
      text_ += ")";
      return true;
    }
    if (!by.IsInterval()) return false;
    if (when.Is(TypeId::kDate) && by.Is(TypeId::kDayTimeInterval) &&
        by.interval_end() == IntervalField::kDay) {
      text_ += "date_add(";
      Write(*call.args[0]);
      text_ += name == "+" ? ", extractansiintervaldays(" : ", (- extractansiintervaldays(";
      Write(*call.args[1]);
      text_ += name == "+" ? "))" : ")))";
      return true;
    }
    Write(*call.args[0]);
    text_ += " " + std::string(name) + " ";
    Write(*call.args[1]);
    return true;
  }

  /// Binary values as text: Spark shows the function that to_char stands for.
  bool WriteToChar(const plan::Call& call) {
    const std::string_view name = call.function->name;
    const DataType& type = call.args[0]->type;
    if (type.IsDatetime()) return WriteAs("date_format", call, 2);
    if (!type.Is(TypeId::kBinary)) return WriteAs("to_char", call, 2);
    const auto* format = call.args[1]->As<plan::Literal>();
    const std::string kind = format && !format->value.is_null() && format->value.type().IsString()
                                 ? Lower(format->value.text())
                                 : std::string();
    const bool text = kind != "hex" && kind != "base64";
    if (name == "to_varchar") return WriteAs("to_varchar", call, text ? 2 : 1);
    return text ? WriteAs("decode", call, 2) : WriteAs(kind, call, 1);
  }

  bool WriteMakeTimestamp(const plan::Call& call) {
    const std::string_view name = call.function->name;
    // Of a date and a time.
    if (call.args.size() <= 3) {
      if (name == "make_timestamp_ltz" || name == "try_make_timestamp_ltz") {
        return WriteAs("make_timestamp", call, 3);
      }
      if (name != "try_make_timestamp_ntz") return false;
      text_ += "try_make_timestamp_ntz(";
      WriteAs("make_timestamp_ntz", call, 3);
      text_ += ")";
      return true;
    }
    return name == "try_make_timestamp" && WriteAs(name, call, 6);
  }

  /// Functions that show neither their name nor all of their arguments as they were written.
  bool WriteSpecial(const plan::Call& call, const plan::Expr* expr) {
    const std::string_view name = call.function->name;
    const auto& args = call.args;
    if (name == "rank" || name == "dense_rank" || name == "percent_rank") {
      text_ += Upper(name) + "()";
      return true;
    }
    if (args.empty()) return false;
    if (name == "from_json" && expr && expr->type.Is(TypeId::kMap)) {
      text_ += "entries";
      return true;
    }
    static constexpr std::string_view kOneArgument[] = {
        "from_json",      "from_csv",      "to_json",   "to_csv",
        "schema_of_json", "schema_of_csv", "zeroifnull"};
    if (std::find(std::begin(kOneArgument), std::end(kOneArgument), name) !=
        std::end(kOneArgument)) {
      return WriteAs(name, call, 1);
    }
    if (name == "variant_get" || name == "try_variant_get") return WriteAs(name, call, 2);
    if (name == "try_to_time") {
      text_ += "try_to_time(";
      WriteAs("to_time", call, 2);
      text_ += ")";
      return true;
    }
    if ((name == "extract" || name == "datepart") && args.size() == 2) {
      text_ += std::string(name) + "(";
      Write(*args[0]);
      text_ += " FROM ";
      Write(*args[1]);
      text_ += ")";
      return true;
    }
    if (name == "to_char" || name == "to_varchar") return WriteToChar(call);
    if (name.find("make_timestamp") != name.npos) return WriteMakeTimestamp(call);
    if (name == "positive") return Wrap("(+ ", *args[0], ")");
    if (name == "log" && args.size() == 1) return Wrap("LOG(E(), ", *args[0], ")");
    if ((name == "ceil" || name == "floor") && args.size() == 2) return WriteAs(name, call, 2);
    if (name == "listagg" || name == "string_agg") {
      return WriteAs(call.order_by.empty() ? name : "listagg", call, 2);
    }
    if ((name == "trim" || name == "ltrim" || name == "rtrim" || name == "btrim") &&
        args.size() == 2) {
      return WriteTrim(call);
    }
    return WriteCollectionCall(call);
  }

  bool WriteTrim(const plan::Call& call) {
    const std::string_view name = call.function->name;
    if (name == "btrim") return false;
    text_ += name == "trim" ? "TRIM(BOTH " : name == "ltrim" ? "TRIM(LEADING " : "TRIM(TRAILING ";
    Write(*call.args[1]);
    text_ += " FROM ";
    Write(*call.args[0]);
    text_ += ")";
    return true;
  }

  bool WriteCollectionCall(const plan::Call& call) {
    const std::string_view name = call.function->name;
    const auto& args = call.args;
    if (name == "mode" && args.size() == 2) {
      const auto* flag = args[1]->As<plan::Literal>();
      if (!flag || flag->value.is_null() || !flag->value.boolean()) return WriteAs(name, call, 1);
      return Wrap("mode() WITHIN GROUP (ORDER BY ", *args[0], " DESC)");
    }
    if ((name == "aggregate" || name == "reduce") && args.size() == 3) {
      text_ += std::string(name) + "(";
      WriteList(args);
      text_ += ", lambdafunction(namedlambdavariable(), namedlambdavariable()))";
      return true;
    }
    if (name == "array_sort" && args.size() == 1) {
      return Wrap("array_sort(", *args[0], std::string(", ") + std::string(kNaturalOrder) + ")");
    }
    if (name == "array_append" || name == "array_prepend") {
      // A cast of the array is shown as its operand, also if it was written.
      const auto* cast = args[0]->As<plan::Cast>();
      text_ += std::string(name) + "(";
      Write(cast ? *cast->input : *args[0]);
      text_ += ", ";
      WriteList(args, 1);
      text_ += ")";
      return true;
    }
    return false;
  }

  /// name(the first `count` arguments).
  bool WriteAs(std::string_view name, const plan::Call& call, size_t count) {
    text_ += std::string(name) + "(";
    if (call.distinct) text_ += "DISTINCT ";
    for (size_t i = 0; i < std::min(count, call.args.size()); ++i) {
      if (i > 0) text_ += ", ";
      Write(*call.args[i]);
    }
    text_ += ")";
    return true;
  }

  bool Wrap(std::string_view before, const plan::Expr& expr, std::string_view after) {
    text_ += before;
    Write(expr);
    text_ += after;
    return true;
  }

  void WriteCall(const plan::Call& call, const plan::Expr* expr = nullptr) {
    if (!WriteDatetimeStep(call) && !WriteOperator(call) && !WriteSpecial(call, expr)) {
      const auto& display = call.function->display_name;
      text_ += display.empty() ? call.function->name : display;
      text_ += "(";
      if (call.distinct) text_ += "DISTINCT ";
      WriteList(call.args);
      text_ += ")";
    }
    if (!call.order_by.empty()) {
      text_ += " WITHIN GROUP (ORDER BY ";
      WriteKeys(call.order_by);
      text_ += ")";
    }
    if (call.filter) {
      text_ += " FILTER (WHERE ";
      Write(*call.filter);
      text_ += ")";
    }
  }

  void WriteBound(const plan::FrameBound& bound) {
    if (bound.offset) {
      Write(*bound.offset);
      text_ += " ";
    }
    text_ += BoundName(bound.kind);
  }

  void WriteWindow(const plan::WindowCall& window) {
    bool started = false;
    if (!window.partition_by.empty()) {
      text_ += "PARTITION BY ";
      WriteList(window.partition_by);
      started = true;
    }
    if (!window.order_by.empty()) {
      text_ += started ? " ORDER BY " : "ORDER BY ";
      WriteKeys(window.order_by);
      started = true;
    }
    if (!window.frame) return;
    if (started) text_ += " ";
    text_ += window.frame->unit == plan::FrameUnit::kRows ? "ROWS BETWEEN " : "RANGE BETWEEN ";
    WriteBound(window.frame->start);
    text_ += " AND ";
    WriteBound(window.frame->end);
  }

  const std::unordered_map<const plan::Expr*, std::string>& shown_;
  std::string_view zone_;
  std::string text_;
};

}  // namespace

std::string QueryAnalyzer::ShownAs(const plan::Expr& expr) const {
  NameWriter writer(shown_, context_.session_zone);
  writer.Write(expr);
  return writer.Take();
}

}  // namespace tarn::analyze
