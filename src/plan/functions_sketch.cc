#include "function_families.h"
#include "function_typing.h"

namespace tarn::plan {

namespace {

constexpr int kLgNominalEntries = 12;

/// An argument of exactly one of these types, or NULL, which takes the first.
Result<void> RequireOneOf(CallTyping& call, size_t index, const std::vector<DataType>& accepted) {
  const DataType type = call.args[index]->type;
  if (type.Is(TypeId::kNull)) return Coerce(call, index, accepted[0]);
  for (const DataType& one : accepted) {
    if (type.IsString() && one.IsString()) return {};
    if (type.id() != one.id()) continue;
    if (!type.Is(TypeId::kArray) || type.element().Is(one.element().id())) return {};
  }
  std::string required;
  for (const DataType& one : accepted) {
    required += (required.empty() ? "\"" : " or \"") + one.ToSql() + "\"";
  }
  return UnexpectedType(call, index, accepted.size() == 1 ? required : "(" + required + ")");
}

Result<void> IsSketch(CallTyping& call) {
  call.type = TypeId::kBinary;
  call.nullable = false;
  return {};
}

/// What a sketch takes as a key, in the order in which Spark tries implicit casts.
const std::vector<DataType>& KeyTypes() {
  static const std::vector<DataType> kTypes = {TypeId::kInt,
                                               TypeId::kLong,
                                               TypeId::kFloat,
                                               TypeId::kDouble,
                                               TypeId::kString,
                                               TypeId::kBinary,
                                               DataType::Array(TypeId::kInt),
                                               DataType::Array(TypeId::kLong)};
  return kTypes;
}

/// The constant at `index`, `missing` if it isn't given.
Result<void> TypeOption(CallTyping& call, size_t index, const DataType& type,
                        const Value& missing) {
  if (call.args.size() == index) {
    call.args.push_back(MakeLiteral(missing));
    return {};
  }
  return Coerce(call, index, type);
}

Result<void> TypeThetaSketchAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, KeyTypes()));
  TARN_TRY(TypeOption(call, 1, TypeId::kInt, Value::Int(kLgNominalEntries)));
  return IsSketch(call);
}

Result<void> TypeThetaUnionAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, {TypeId::kBinary}));
  TARN_TRY(TypeOption(call, 1, TypeId::kInt, Value::Int(kLgNominalEntries)));
  return IsSketch(call);
}

Result<void> TypeThetaIntersectionAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, {TypeId::kBinary}));
  return IsSketch(call);
}

Result<void> TypeHllSketchAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, {TypeId::kInt, TypeId::kLong, TypeId::kString, TypeId::kBinary}));
  TARN_TRY(TypeOption(call, 1, TypeId::kInt, Value::Int(kLgNominalEntries)));
  return IsSketch(call);
}

Result<void> TypeHllUnionAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, {TypeId::kBinary}));
  TARN_TRY(TypeOption(call, 1, TypeId::kBoolean, Value::Boolean(false)));
  return IsSketch(call);
}

/// kll_sketch_agg_…(value[, k]).
template <TypeId... kTypes>
Result<void> TypeKllSketchAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, {kTypes...}));
  if (call.args.size() > 1) {
    TARN_TRY(Coerce(call, 1, TypeId::kInt));
  }
  return IsSketch(call);
}

/// tuple_sketch_agg_…(key, summary[, lgNomEntries[, mode]]).
template <TypeId kSummary>
Result<void> TypeTupleSketchAgg(CallTyping& call) {
  const DataType& key = call.args[0]->type;
  if (key.IsNumeric() &&
      (key.Is(TypeId::kDecimal) || key.Is(TypeId::kByte) || key.Is(TypeId::kShort))) {
    TARN_TRY(Coerce(call, 0, TypeId::kDouble));
  }
  TARN_TRY(RequireOneOf(call, 0, KeyTypes()));
  TARN_TRY(Coerce(call, 1, kSummary));
  TARN_TRY(TypeOption(call, 2, TypeId::kInt, Value::Int(kLgNominalEntries)));
  TARN_TRY(TypeOption(call, 3, TypeId::kString, Value::String("sum")));
  return IsSketch(call);
}

Result<void> TypeTupleUnionAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, {TypeId::kBinary}));
  TARN_TRY(TypeOption(call, 1, TypeId::kInt, Value::Int(kLgNominalEntries)));
  TARN_TRY(TypeOption(call, 2, TypeId::kString, Value::String("sum")));
  return IsSketch(call);
}

Result<void> TypeTupleIntersectionAgg(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0, {TypeId::kBinary}));
  TARN_TRY(TypeOption(call, 1, TypeId::kString, Value::String("sum")));
  return IsSketch(call);
}

/// A number or an array of numbers without NULLs, of the type `number`; `result` is for each.
Result<void> TypeForEach(CallTyping& call, const DataType& number, const DataType& result) {
  TARN_TRY(RequireOneOf(call, 0, {TypeId::kBinary}));
  const DataType type = call.args[1]->type;
  const bool many = type.Is(TypeId::kArray);
  if (many && type.contains_null()) {
    return UnexpectedType(call, 1, "(\"" + number.ToSql() + "\" or \"ARRAY\")");
  }
  TARN_TRY(Coerce(call, 1, many ? DataType::Array(number, false) : number));
  call.type = many ? DataType::Array(result, false) : result;
  return {};
}

template <TypeId kNumber>
Result<void> TypeKllQuantile(CallTyping& call) {
  return TypeForEach(call, TypeId::kDouble, kNumber);
}

template <TypeId kNumber>
Result<void> TypeKllRank(CallTyping& call) {
  return TypeForEach(call, kNumber, TypeId::kDouble);
}

/// count_min_sketch(value, eps, confidence, seed).
Result<void> TypeCountMinSketch(CallTyping& call) {
  TARN_TRY(RequireOneOf(call, 0,
                        {TypeId::kLong, TypeId::kInt, TypeId::kShort, TypeId::kByte,
                         TypeId::kString, TypeId::kBinary}));
  TARN_TRY(Coerce(call, 1, TypeId::kDouble));
  TARN_TRY(Coerce(call, 2, TypeId::kDouble));
  TARN_TRY(RequireOneOf(call, 3, {TypeId::kInt, TypeId::kLong}));
  return IsSketch(call);
}

/// histogram_numeric(value, bins).
Result<void> TypeHistogramNumeric(CallTyping& call) {
  const DataType type = call.args[0]->type;
  if (type.Is(TypeId::kNull)) {
    TARN_TRY(Coerce(call, 0, TypeId::kDouble));
  } else if (!type.IsNumeric() && !type.Is(TypeId::kDate) && !type.Is(TypeId::kTimestamp) &&
             !type.Is(TypeId::kTimestampNtz) && !type.Is(TypeId::kYearMonthInterval) &&
             !type.Is(TypeId::kDayTimeInterval)) {
    return UnexpectedType(call, 0,
                          "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or "
                          "\"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")");
  }
  TARN_TRY(RequireOneOf(call, 1, {TypeId::kInt}));
  call.type = DataType::Array(
      DataType::Struct({{"x", call.args[0]->type, true}, {"y", TypeId::kDouble, true}}));
  call.nullable = true;
  return {};
}

/// approx_top_k(value[, k[, maxItemsTracked]]).
Result<void> TypeApproxTopK(CallTyping& call) {
  const DataType type = call.args[0]->type;
  if (type.IsNested() || type.IsInterval() || type.Is(TypeId::kBinary) ||
      type.Is(TypeId::kVariant)) {
    return Error(Condition("DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT"),
                 {{"sqlExpr", "\"" + Render(*call.args[0]) + "\""},
                  {"msg", "approx_top_k doesn't count values of " + type.ToSql()},
                  {"hint", ""}});
  }
  TARN_TRY(TypeOption(call, 1, TypeId::kInt, Value::Int(5)));
  TARN_TRY(TypeOption(call, 2, TypeId::kInt, Value::Int(10000)));
  call.type = DataType::Array(
      DataType::Struct({{"item", type, true}, {"count", TypeId::kLong, false}}), false);
  call.nullable = false;
  return {};
}

class Adder {
 public:
  explicit Adder(FunctionTable& table) : table_(table) {}
  void Aggregate(std::string_view name, Result<void> (*typing)(CallTyping&), int max) const {
    table_.Add({.name = name,
                .kind = FunctionKind::kAggregate,
                .typing = typing,
                .args_min = 1,
                .args_max = max,
                .fallible = true});
  }
  void Typed(std::string_view name, Result<void> (*typing)(CallTyping&)) const {
    table_.Add({.name = name, .typing = typing, .args_min = 2, .args_max = 2, .fallible = true});
  }
  void operator()(std::string_view name, std::string_view signatures) const {
    table_.Add({.name = name, .signatures = signatures, .fallible = true});
  }

 private:
  FunctionTable& table_;
};

void RegisterKll(const Adder& add) {
  add.Aggregate("kll_sketch_agg_bigint",
                TypeKllSketchAgg<TypeId::kLong, TypeId::kInt, TypeId::kShort, TypeId::kByte>, 2);
  add.Aggregate("kll_sketch_agg_float", TypeKllSketchAgg<TypeId::kFloat>, 2);
  add.Aggregate("kll_sketch_agg_double", TypeKllSketchAgg<TypeId::kDouble, TypeId::kFloat>, 2);
  for (const std::string_view name :
       {"kll_merge_agg_bigint", "kll_merge_agg_float", "kll_merge_agg_double"}) {
    add.Aggregate(name, TypeKllSketchAgg<TypeId::kBinary>, 2);
  }
  for (const std::string_view name :
       {"kll_sketch_merge_bigint", "kll_sketch_merge_float", "kll_sketch_merge_double"}) {
    add(name, "(binary, binary) -> binary");
  }
  for (const std::string_view name :
       {"kll_sketch_get_n_bigint", "kll_sketch_get_n_float", "kll_sketch_get_n_double"}) {
    add(name, "(binary) -> bigint");
  }
  for (const std::string_view name : {"kll_sketch_to_string_bigint", "kll_sketch_to_string_float",
                                      "kll_sketch_to_string_double"}) {
    add(name, "(binary) -> string");
  }
  add.Typed("kll_sketch_get_quantile_bigint", TypeKllQuantile<TypeId::kLong>);
  add.Typed("kll_sketch_get_quantile_float", TypeKllQuantile<TypeId::kFloat>);
  add.Typed("kll_sketch_get_quantile_double", TypeKllQuantile<TypeId::kDouble>);
  add.Typed("kll_sketch_get_rank_bigint", TypeKllRank<TypeId::kLong>);
  add.Typed("kll_sketch_get_rank_float", TypeKllRank<TypeId::kFloat>);
  add.Typed("kll_sketch_get_rank_double", TypeKllRank<TypeId::kDouble>);
}

void RegisterTuple(FunctionTable& table, const Adder& add) {
  const auto aggregate = [&](std::string_view name, Result<void> (*typing)(CallTyping&)) {
    table.Add({.name = name,
               .kind = FunctionKind::kAggregate,
               .typing = typing,
               .args_min = 2,
               .args_max = 4,
               .fallible = true});
  };
  aggregate("tuple_sketch_agg_double", TypeTupleSketchAgg<TypeId::kDouble>);
  aggregate("tuple_sketch_agg_integer", TypeTupleSketchAgg<TypeId::kInt>);
  for (const std::string_view name : {"tuple_union_agg_double", "tuple_union_agg_integer"}) {
    add.Aggregate(name, TypeTupleUnionAgg, 3);
  }
  for (const std::string_view name :
       {"tuple_intersection_agg_double", "tuple_intersection_agg_integer"}) {
    add.Aggregate(name, TypeTupleIntersectionAgg, 2);
  }
  for (const std::string_view name : {"tuple_union_double", "tuple_union_integer",
                                      "tuple_union_theta_double", "tuple_union_theta_integer"}) {
    add(name, "(binary, binary, int = 12, string = 'sum') -> binary");
  }
  for (const std::string_view name :
       {"tuple_intersection_double", "tuple_intersection_integer",
        "tuple_intersection_theta_double", "tuple_intersection_theta_integer"}) {
    add(name, "(binary, binary, string = 'sum') -> binary");
  }
  for (const std::string_view name :
       {"tuple_difference_double", "tuple_difference_integer", "tuple_difference_theta_double",
        "tuple_difference_theta_integer"}) {
    add(name, "(binary, binary) -> binary");
  }
  for (const std::string_view name :
       {"tuple_sketch_estimate_double", "tuple_sketch_estimate_integer",
        "tuple_sketch_theta_double", "tuple_sketch_theta_integer"}) {
    add(name, "(binary) -> double");
  }
  add("tuple_sketch_summary_double", "(binary, string = 'sum') -> double");
  add("tuple_sketch_summary_integer", "(binary, string = 'sum') -> bigint");
}

}  // namespace

// Sketches are BINARY values (engine/duck/functions/sketch.h).
void RegisterSketchFunctions(FunctionTable& table) {
  const Adder add(table);
  add.Aggregate("theta_sketch_agg", TypeThetaSketchAgg, 2);
  add.Aggregate("theta_union_agg", TypeThetaUnionAgg, 2);
  add.Aggregate("theta_intersection_agg", TypeThetaIntersectionAgg, 1);
  add("theta_union", "(binary, binary, int = 12) -> binary");
  add("theta_intersection", "(binary, binary) -> binary");
  add("theta_difference", "(binary, binary) -> binary");
  add("theta_sketch_estimate", "(binary) -> bigint");
  add.Aggregate("hll_sketch_agg", TypeHllSketchAgg, 2);
  add.Aggregate("hll_union_agg", TypeHllUnionAgg, 2);
  add("hll_union", "(binary, binary, boolean = false) -> binary");
  add("hll_sketch_estimate", "(binary) -> bigint");
  table.Add({.name = "count_min_sketch",
             .kind = FunctionKind::kAggregate,
             .typing = TypeCountMinSketch,
             .args_min = 4,
             .args_max = 4,
             .fallible = true});
  table.Add({.name = "histogram_numeric",
             .kind = FunctionKind::kAggregate,
             .typing = TypeHistogramNumeric,
             .args_min = 2,
             .args_max = 2,
             .fallible = true});
  add.Aggregate("approx_top_k", TypeApproxTopK, 3);
  RegisterKll(add);
  RegisterTuple(table, add);
}

}  // namespace tarn::plan
