#include "duck/functions/casting.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::make_uniq;

/// The part of a kernel's name that says a type.
std::string KindOf(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return "boolean";
    case TypeId::kByte:
      return "tinyint";
    case TypeId::kShort:
      return "smallint";
    case TypeId::kInt:
      return "int";
    case TypeId::kLong:
      return "bigint";
    case TypeId::kFloat:
      return "float";
    case TypeId::kDouble:
      return "double";
    case TypeId::kDecimal:
      return "decimal";
    case TypeId::kBinary:
      return "binary";
    case TypeId::kDate:
      return "date";
    case TypeId::kTime:
      return "time";
    case TypeId::kTimestamp:
      return "timestamp";
    case TypeId::kTimestampNtz:
      return "timestamp_ntz";
    case TypeId::kYearMonthInterval:
      return "ym";
    case TypeId::kDayTimeInterval:
      return "dt";
    case TypeId::kCalendarInterval:
      return "calendar";
    case TypeId::kVariant:
      return "variant";
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kStruct:
      return "nested";
    default:
      return "text";
  }
}

int IntegralRank(const DataType& type) { return static_cast<int>(type.id()); }

bool DecimalHolds(const DataType& to, int integral_digits, int scale) {
  return to.scale() >= scale && to.precision() - to.scale() >= integral_digits;
}

int DigitsOf(const DataType& integral) {
  switch (integral.id()) {
    case TypeId::kByte:
      return 3;
    case TypeId::kShort:
      return 5;
    case TypeId::kInt:
      return 10;
    default:
      return 19;
  }
}

/// Whether DuckDB's own cast gives Spark's result and can't fail.
bool NativeDoes(const DataType& from, const DataType& to) {
  if (from.Is(TypeId::kNull)) return true;
  if (from.IsString() && to.IsString()) return true;
  if (from.IsIntegral() && to.IsIntegral()) return IntegralRank(from) <= IntegralRank(to);
  if (from.IsIntegral() && to.IsFractional()) return true;
  if (from.Is(TypeId::kFloat) && to.Is(TypeId::kDouble)) return true;
  if (from.id() == to.id() && !from.IsNested() && !from.IsInterval() && !from.Is(TypeId::kDecimal))
    return true;
  if (from.Is(TypeId::kBoolean)) return to.IsIntegral() || to.IsFractional();
  if (from.IsIntegral() && to.Is(TypeId::kBoolean)) return true;
  if (from.IsIntegral() && to.Is(TypeId::kDecimal)) return DecimalHolds(to, DigitsOf(from), 0);
  if (from.Is(TypeId::kDecimal) && to.Is(TypeId::kDecimal)) {
    return DecimalHolds(to, from.precision() - from.scale(), from.scale());
  }
  return false;
}

class CastLowering {
 public:
  CastLowering(LoweringContext& context, plan::CastMode mode, bool by_name = false)
      : context_(context), mode_(mode), by_name_(by_name) {}

  DuckExpr Lower(DuckExpr input, const DataType& from, const DataType& to) {
    if (from == to) return input;
    if (NativeDoes(from, to)) {
      if (from.IsString() && to.IsString()) return input;
      return CastNative(std::move(input), ToDuckType(to));
    }
    if (from.IsNested() && from.id() == to.id()) return Nested(std::move(input), from, to);
    if (from.Is(TypeId::kVariant) && !to.IsString()) {
      // A variant that isn't the type becomes it through its text.
      DuckExpr text = Kernel("cast_variant_text", std::move(input), from, TypeId::kString);
      return Lower(std::move(text), TypeId::kString, to);
    }
    if (to.Is(TypeId::kVariant)) return Kernel("cast_variant", std::move(input), from, to);
    if (to.Is(TypeId::kBinary)) return CallNativeOf("encode", std::move(input));
    return Atomic(std::move(input), from, to);
  }

 private:
  DuckExpr Kernel(const std::string& name, DuckExpr input, const DataType& from,
                  const DataType& to) {
    return CallKernel(context_, name, to, {from}, MakeArgs(std::move(input)),
                      mode_ == plan::CastMode::kTry ? "try" : "");
  }

  DuckExpr Via(DuckExpr input, const DataType& from, const DataType& middle, const DataType& to) {
    return Lower(Lower(std::move(input), from, middle), middle, to);
  }

  DuckExpr Atomic(DuckExpr input, const DataType& from, const DataType& to) {
    std::string source = KindOf(from);
    std::string target = KindOf(to);
    const bool small = from.IsIntegral() && !from.Is(TypeId::kLong);
    if (to.IsString()) {
      if (small) {
        input = CastNative(std::move(input), LogicalType::BIGINT);
        source = "bigint";
      }
      return Kernel("cast_" + source + "_text", std::move(input), from, to);
    }
    if (from.IsString()) return Kernel("cast_text_" + target, std::move(input), from, to);
    if (from.IsInterval()) return FromInterval(std::move(input), from, to);
    if (to.IsInterval()) {
      if (from.Is(TypeId::kDecimal))
        return Kernel("cast_decimal_" + target, std::move(input), from, to);
      return Via(std::move(input), from, DataType::Decimal(20, 0), to);
    }
    if (from.Is(TypeId::kBoolean) && to.Is(TypeId::kDecimal)) {
      return Via(std::move(input), from, TypeId::kInt, to);
    }
    if (to.Is(TypeId::kDecimal) && (from.Is(TypeId::kTimestamp) || from.Is(TypeId::kTime))) {
      return Kernel("cast_micros_decimal", std::move(input), from, to);
    }
    if (from.Is(TypeId::kTime)) return Via(std::move(input), from, DataType::Decimal(14, 6), to);
    if (from.Is(TypeId::kTimestamp) && to.Is(TypeId::kFloat)) {
      return Via(std::move(input), from, TypeId::kDouble, to);
    }
    // The kernels take the widest type of each family.
    if (small) {
      input = CastNative(std::move(input), LogicalType::BIGINT);
      source = "bigint";
    } else if (from.Is(TypeId::kFloat)) {
      input = CastNative(std::move(input), LogicalType::DOUBLE);
      source = "double";
    }
    return Kernel("cast_" + source + "_" + target, std::move(input), from, to);
  }

  DuckExpr FromInterval(DuckExpr input, const DataType& from, const DataType& to) {
    const bool months = from.Is(TypeId::kYearMonthInterval);
    if (from.id() == to.id())
      return Kernel(months ? "cast_ym_ym" : "cast_dt_dt", std::move(input), from, to);
    if (months) {
      DuckExpr count = Kernel("cast_ym_bigint", std::move(input), from, TypeId::kLong);
      return Lower(std::move(count), TypeId::kLong, to);
    }
    const DataType middle = DataType::Decimal(20, 6);
    return Lower(Kernel("cast_dt_decimal", std::move(input), from, middle), middle, to);
  }

  DuckExpr Nested(DuckExpr input, const DataType& from, const DataType& to) {
    if (from.EquivalentTo(to)) return Renamed(std::move(input), from, to);
    const std::string name = "cast_item" + std::to_string(depth_++);
    DuckExpr result;
    if (from.Is(TypeId::kArray)) {
      DuckExpr item = Lower(Column(name), from.element(), to.element());
      result = ForEach(std::move(input), name, std::move(item));
    } else if (from.Is(TypeId::kMap)) {
      DuckExpr key =
          Lower(CallNativeOf("struct_extract_at", Column(name), Position(0)), from.key(), to.key());
      DuckExpr value = Lower(CallNativeOf("struct_extract_at", Column(name), Position(1)),
                             from.value(), to.value());
      DuckExpr pair = CallNativeOf("row", std::move(key), std::move(value));
      result = CallNativeOf(
          "map_from_entries",
          ForEach(CallNativeOf("map_entries", std::move(input)), name, std::move(pair)));
    } else {
      result = Struct(std::move(input), from, to);
    }
    --depth_;
    return CastNative(std::move(result), ToDuckType(to));
  }

  /// Structs differ in the case of their names only: DuckDB's cast by name does.
  DuckExpr Renamed(DuckExpr input, const DataType& from, const DataType& to) {
    if (ToDuckType(from) == ToDuckType(to)) return input;
    return CastNative(std::move(input), ToDuckType(to));
  }

  DuckExpr Struct(DuckExpr input, const DataType& from, const DataType& to) {
    DuckArgs fields;
    const std::vector<std::optional<size_t>> places = PlacesOf(from.fields(), to.fields());
    for (size_t i = 0; i < to.fields().size(); ++i) {
      const DataType& type = to.fields()[i].type;
      DuckExpr field =
          places[i] ? Lower(CallNativeOf("struct_extract_at", input->Copy(), Position(*places[i])),
                            from.fields()[*places[i]].type, type)
                    : ConstantNull(type);
      field->SetAlias(to.fields()[i].name);
      fields.push_back(std::move(field));
    }
    auto result = make_uniq<duckdb::CaseExpression>();
    duckdb::CaseCheck check;
    check.when_expr = make_uniq<duckdb::OperatorExpression>(
        duckdb::ExpressionType::OPERATOR_IS_NOT_NULL, std::move(input));
    check.then_expr = CallNative("struct_pack", std::move(fields));
    result->case_checks.push_back(std::move(check));
    result->else_expr = ConstantNull(to);
    return result;
  }

  /// Where each field of a struct comes from. By name as __store_as has it, else by position.
  std::vector<std::optional<size_t>> PlacesOf(const std::vector<Field>& from,
                                              const std::vector<Field>& to) const {
    std::vector<std::optional<size_t>> places(to.size());
    size_t found = 0;
    for (size_t i = 0; by_name_ && i < to.size(); ++i) {
      const auto named = std::ranges::find_if(
          from, [&](const Field& field) { return SameName(field.name, to[i].name); });
      if (named == from.end()) continue;
      places[i] = static_cast<size_t>(named - from.begin());
      ++found;
    }
    if (found == to.size() || from.size() < to.size()) return places;
    for (size_t i = 0; i < to.size(); ++i) places[i] = i;
    return places;
  }

  static DuckExpr Position(size_t index) {
    return Constant(duckdb::Value::BIGINT(static_cast<int64_t>(index) + 1));
  }

  static DuckExpr Column(const std::string& name) {
    return make_uniq<duckdb::ColumnRefExpression>(name);
  }

  static DuckExpr ForEach(DuckExpr list, const std::string& name, DuckExpr item) {
    duckdb::vector<duckdb::string> parameters = {name};
    return CallNativeOf(
        "list_transform", std::move(list),
        make_uniq<duckdb::LambdaExpression>(std::move(parameters), std::move(item)));
  }

  LoweringContext& context_;
  plan::CastMode mode_;
  bool by_name_;  ///< how fields of structs find each other
  int depth_ = 0;
};

}  // namespace

DuckExpr LowerCast(LoweringContext& context, DuckExpr input, const DataType& from,
                   const DataType& to, plan::CastMode mode) {
  return CastLowering(context, mode).Lower(std::move(input), from, to);
}

void RegisterCastKernels(FunctionSet& set) {
  RegisterTextCasts(set);
  RegisterNumberCasts(set);
  RegisterTimeCasts(set);
  set.registry().SetCast(LowerCast);
  set.Template("__store_as",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 return CastLowering(context, plan::CastMode::kAnsi, true)
                     .Lower(std::move(args[0]), call.args[0]->type, expr.type);
               });
  // Functions named as types: their typing made the argument a cast already.
  for (const char* name : {"boolean", "tinyint", "smallint", "int", "bigint", "float", "double",
                           "decimal", "string", "binary", "date", "time", "timestamp"}) {
    set.Template(name,
                 [](LoweringContext&, const plan::Expr&, const plan::Call&,
                    DuckArgs args) -> DuckExpr { return std::move(args[0]); });
  }
}

}  // namespace tarn::engine::duck
