// Functions that take functions: DuckDB's lambdas over lists.

#include "duck/functions/collection.h"
#include "duckdb/parser/parsed_expression_iterator.hpp"

namespace tarn::engine::duck {

void Substitute(DuckExpr& expr, const std::string& name, const duckdb::ParsedExpression& by) {
  if (expr->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
    const auto& column = expr->Cast<duckdb::ColumnRefExpression>();
    if (column.IsQualified() || column.GetColumnName() != name) return;
    // An alias names the field that the expression becomes.
    const duckdb::string alias = expr->GetAlias();
    expr = by.Copy();
    expr->SetAlias(alias);
    return;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      *expr, [&](DuckExpr& child) { Substitute(child, name, by); });
}

namespace {

using duckdb::make_uniq;

/// A lambda of the plan, lowered: its parameters' names and its body.
struct Function {
  std::vector<std::string> names;
  DuckExpr body;
};

Function TakeLambda(const plan::Call& call, size_t index, DuckArgs& args) {
  Function function;
  const auto* lambda = call.args[index]->As<plan::Lambda>();
  for (const plan::Lambda::Parameter& parameter : lambda->parameters) {
    function.names.push_back("c" + std::to_string(static_cast<uint32_t>(parameter.id)));
  }
  function.body = std::move(args[index]->Cast<duckdb::LambdaExpression>().expr);
  return function;
}

DuckExpr Column(const std::string& name) { return make_uniq<duckdb::ColumnRefExpression>(name); }

DuckExpr MakeLambda(std::vector<std::string> names, DuckExpr body) {
  duckdb::vector<duckdb::string> parameters;
  for (std::string& name : names) parameters.push_back(std::move(name));
  return make_uniq<duckdb::LambdaExpression>(std::move(parameters), std::move(body));
}

DuckExpr Field(const std::string& base, int place) {
  return CallNativeOf("struct_extract_at", Column(base), Constant(duckdb::Value::BIGINT(place)));
}

/// The lambda for DuckDB, whose second parameter counts from 1 where Spark's counts from 0.
DuckExpr WithIndex(Function function) {
  if (function.names.size() == 2) {
    const std::string position = function.names[1] + "_from_one";
    DuckExpr index =
        CastNative(CallNativeOf("-", Column(position), Constant(duckdb::Value::BIGINT(1))),
                   duckdb::LogicalType::INTEGER);
    Substitute(function.body, function.names[1], *index);
    function.names[1] = position;
  }
  return MakeLambda(std::move(function.names), std::move(function.body));
}

DuckExpr NullUnless(DuckExpr condition, DuckExpr value, const DataType& type) {
  auto result = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = std::move(condition);
  check.then_expr = std::move(value);
  result->case_checks.push_back(std::move(check));
  result->else_expr = ConstantNull(type);
  return result;
}

DuckExpr IsNotNull(const DuckExpr& expr) {
  return make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_IS_NOT_NULL,
                                               expr->Copy());
}

CallTemplate ListLambda(const char* native) {
  return [native](LoweringContext&, const plan::Expr&, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
    Function function = TakeLambda(call, 1, args);
    return CallNativeOf(native, std::move(args[0]), WithIndex(std::move(function)));
  };
}

CallTemplate Quantifier(const char* kernel) {
  return [kernel](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
    Function function = TakeLambda(call, 1, args);
    DuckExpr flags =
        CallNativeOf("list_transform", std::move(args[0]), WithIndex(std::move(function)));
    return CallKernel(context, kernel, expr.type, {DataType::Array(TypeId::kBoolean)},
                      MakeArgs(std::move(flags)));
  };
}

/// list_reduce wants state and elements of one type: where they differ both become parts of a
/// struct.
DuckExpr Reduce(const plan::Call& call, DuckArgs& args) {
  Function merge = TakeLambda(call, 2, args);
  const DataType& item_type = call.args[0]->type.element();
  const DataType& state_type = call.args[1]->type;
  if (ToDuckType(item_type) == ToDuckType(state_type)) {
    return CallNativeOf("list_reduce", std::move(args[0]),
                        MakeLambda(merge.names, std::move(merge.body)), std::move(args[1]));
  }
  const std::string state = merge.names[0] + "_state";
  const std::string item = merge.names[1] + "_item";
  Substitute(merge.body, merge.names[0], *Field(state, 1));
  Substitute(merge.body, merge.names[1], *Field(item, 2));
  DuckExpr body = CallNativeOf("row", CastNative(std::move(merge.body), ToDuckType(state_type)),
                               ConstantNull(item_type));
  DuckExpr wrapped =
      CallNativeOf("list_transform", std::move(args[0]),
                   MakeLambda({item}, CallNativeOf("row", ConstantNull(state_type), Column(item))));
  DuckExpr start = CallNativeOf("row", std::move(args[1]), ConstantNull(item_type));
  DuckExpr reduced = CallNativeOf("list_reduce", std::move(wrapped),
                                  MakeLambda({state, item}, std::move(body)), std::move(start));
  return CallNativeOf("struct_extract_at", std::move(reduced), Constant(duckdb::Value::BIGINT(1)));
}

DuckExpr Aggregate(LoweringContext&, const plan::Expr& expr, const plan::Call& call,
                   DuckArgs args) {
  DuckExpr reduced = Reduce(call, args);
  if (args.size() < 4) return CastNative(std::move(reduced), ToDuckType(expr.type));
  Function finish = TakeLambda(call, 3, args);
  // Through a list of one, so that the state is computed once. A NULL array has no result.
  DuckExpr not_null = IsNotNull(reduced);
  DuckExpr finished =
      CallNativeOf("list_extract",
                   CallNativeOf("list_transform", CallNativeOf("list_value", std::move(reduced)),
                                MakeLambda(finish.names, std::move(finish.body))),
                   Constant(duckdb::Value::BIGINT(1)));
  return CastNative(std::move(finished), ToDuckType(expr.type));
}

/// Sorting by a comparator: elements are inserted one by one into the sorted list.
DuckExpr ArraySort(LoweringContext&, const plan::Expr& expr, const plan::Call& call,
                   DuckArgs args) {
  if (args.size() == 1) {
    return CallNativeOf("list_sort", std::move(args[0]), ConstantText("ASC"),
                        ConstantText("NULLS LAST"));
  }
  Function compare = TakeLambda(call, 1, args);
  const std::string sorted = compare.names[0] + "_sorted";
  const std::string added = compare.names[1] + "_added";
  const std::string each = compare.names[0] + "_each";
  // The elements of the reduced list are lists of one; the state is the sorted list.
  DuckExpr item = CallNativeOf("list_extract", Column(added), Constant(duckdb::Value::BIGINT(1)));
  Substitute(compare.body, compare.names[0], *Column(each));
  Substitute(compare.body, compare.names[1], *item);
  const auto part = [&](duckdb::ExpressionType type) -> DuckExpr {
    DuckExpr test = make_uniq<duckdb::ComparisonExpression>(type, compare.body->Copy(),
                                                            Constant(duckdb::Value::INTEGER(0)));
    return CallNativeOf("list_filter", Column(sorted), MakeLambda({each}, std::move(test)));
  };
  DuckExpr body =
      CallNativeOf("list_concat", part(duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO),
                   CallNativeOf("list_concat", Column(added),
                                part(duckdb::ExpressionType::COMPARE_GREATERTHAN)));
  DuckExpr singles = CallNativeOf("list_transform", std::move(args[0]),
                                  MakeLambda({each}, CallNativeOf("list_value", Column(each))));
  DuckExpr none = Constant(
      duckdb::Value::LIST(ToDuckType(expr.type.element()), duckdb::vector<duckdb::Value>()));
  return CallNativeOf("list_reduce", std::move(singles),
                      MakeLambda({sorted, added}, std::move(body)), std::move(none));
}

DuckExpr ZipWith(LoweringContext&, const plan::Expr& expr, const plan::Call& call, DuckArgs args) {
  Function function = TakeLambda(call, 2, args);
  const std::string pair = function.names[0] + "_pair";
  Substitute(function.body, function.names[0], *Field(pair, 1));
  Substitute(function.body, function.names[1], *Field(pair, 2));
  DuckExpr both = make_uniq<duckdb::ConjunctionExpression>(duckdb::ExpressionType::CONJUNCTION_AND,
                                                           IsNotNull(args[0]), IsNotNull(args[1]));
  DuckExpr zipped = CallNativeOf("list_zip", std::move(args[0]), std::move(args[1]));
  DuckExpr mapped = CallNativeOf("list_transform", std::move(zipped),
                                 MakeLambda({pair}, std::move(function.body)));
  return NullUnless(std::move(both), std::move(mapped), expr.type);
}

DuckExpr Entries(DuckExpr map) { return CallNativeOf("map_entries", std::move(map)); }

DuckExpr FromEntries(LoweringContext& context, const plan::Expr& expr, DuckExpr entries) {
  const DataType pair =
      DataType::Struct({{"key", expr.type.key(), false}, {"value", expr.type.value()}});
  return CallKernel(context, "map_from_entries", expr.type, {DataType::Array(pair)},
                    MakeArgs(std::move(entries)));
}

/// map_filter, transform_keys, transform_values: over the map's entries.
DuckExpr OverEntries(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                     DuckArgs args) {
  Function function = TakeLambda(call, 1, args);
  const std::string entry = function.names[0] + "_entry";
  Substitute(function.body, function.names[0], *Field(entry, 1));
  Substitute(function.body, function.names[1], *Field(entry, 2));
  const std::string_view name = call.function->name;
  if (name == "map_filter") {
    DuckExpr kept = CallNativeOf("list_filter", Entries(std::move(args[0])),
                                 MakeLambda({entry}, std::move(function.body)));
    return CallNativeOf("map_from_entries", std::move(kept));
  }
  DuckExpr key = Field(entry, 1);
  DuckExpr value = Field(entry, 2);
  (name == "transform_keys" ? key : value) = std::move(function.body);
  DuckExpr pairs =
      CallNativeOf("list_transform", Entries(std::move(args[0])),
                   MakeLambda({entry}, CallNativeOf("row", std::move(key), std::move(value))));
  return FromEntries(context, expr, std::move(pairs));
}

DuckExpr MapZipWith(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                    DuckArgs args) {
  Function function = TakeLambda(call, 2, args);
  const std::string key = function.names[0];
  for (size_t i = 0; i < 2; ++i) {
    DuckExpr value = CallNativeOf("map_extract_value", args[i]->Copy(), Column(key));
    Substitute(function.body, function.names[i + 1], *value);
  }
  const DataType keys_type = DataType::Array(expr.type.key());
  DuckExpr keys = CallKernel(context, "array_union", keys_type, {keys_type, keys_type},
                             MakeArgs(CallNativeOf("map_keys", std::move(args[0])),
                                      CallNativeOf("map_keys", std::move(args[1]))));
  DuckExpr pairs =
      CallNativeOf("list_transform", std::move(keys),
                   MakeLambda({key}, CallNativeOf("row", Column(key), std::move(function.body))));
  return FromEntries(context, expr, std::move(pairs));
}

/// true if any is, else NULL if any is, else false; and the other way round.
std::optional<bool> AnyOf(const duckdb::Value& flags, bool wanted) {
  bool null = false;
  for (const duckdb::Value& flag : ItemsOf(flags)) {
    if (flag.IsNull()) {
      null = true;
    } else if (duckdb::BooleanValue::Get(flag) == wanted) {
      return wanted;
    }
  }
  return null ? std::nullopt : std::optional(!wanted);
}

}  // namespace

void RegisterLambdas(FunctionSet& set) {
  set.Kernel("any_of_list", [](Call&, duckdb::Value flags) { return AnyOf(flags, true); });
  set.Kernel("all_of_list", [](Call&, duckdb::Value flags) { return AnyOf(flags, false); });
  set.Template("transform", ListLambda("list_transform"));
  set.Template("filter", ListLambda("list_filter"));
  set.Template("exists", Quantifier("any_of_list"));
  set.Template("forall", Quantifier("all_of_list"));
  set.Template("aggregate", Aggregate);
  set.Template("reduce", Aggregate);
  set.Template("array_sort", ArraySort);
  set.Template("zip_with", ZipWith);
  for (const char* name : {"map_filter", "transform_keys", "transform_values"})
    set.Template(name, OverEntries);
  set.Template("map_zip_with", MapZipWith);
}

}  // namespace tarn::engine::duck
