// DuckDB's filters → predicates by which files are chosen.

#include "duck/function_registry.h"
#include "duck/parquet_scan.h"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/dynamic_filter.hpp"
#include "duckdb/planner/filter/in_filter.hpp"
#include "duckdb/planner/filter/optional_filter.hpp"
#include "duckdb/planner/filter/struct_filter.hpp"

namespace tarn::engine::duck {

namespace {

using delta::Conjunction;
using delta::Predicate;
using delta::PredicateOp;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;

// A column or a field of it.
struct Target {
  std::vector<std::string> path;
  DataType type;
};

std::optional<PredicateOp> OpOf(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL:
      return PredicateOp::kEqual;
    case ExpressionType::COMPARE_NOTEQUAL:
      return PredicateOp::kNotEqual;
    case ExpressionType::COMPARE_LESSTHAN:
      return PredicateOp::kLess;
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return PredicateOp::kLessOrEqual;
    case ExpressionType::COMPARE_GREATERTHAN:
      return PredicateOp::kGreater;
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return PredicateOp::kGreaterOrEqual;
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
      return PredicateOp::kNullSafeEqual;
    default:
      return std::nullopt;
  }
}

std::optional<Value> ValueOf(const duckdb::Value& value, const DataType& type) {
  if (value.IsNull() || value.type() != ToDuckType(type) || type.IsNested()) return std::nullopt;
  return FromDuckValue(value, type);
}

std::optional<Predicate> Compared(const Target& target, PredicateOp op,
                                  const duckdb::Value& constant) {
  std::optional<Value> value = ValueOf(constant, target.type);
  if (!value) return std::nullopt;
  return Predicate{op, target.path, {*std::move(value)}, {}};
}

std::optional<Predicate> AmongThem(const Target& target,
                                   const duckdb::vector<duckdb::Value>& constants) {
  Predicate predicate{PredicateOp::kIn, target.path, {}, {}};
  for (const duckdb::Value& constant : constants) {
    if (constant.IsNull()) continue;  // selects nothing
    std::optional<Value> value = ValueOf(constant, target.type);
    if (!value) return std::nullopt;
    predicate.values.push_back(*std::move(value));
  }
  if (predicate.values.empty()) return std::nullopt;
  return predicate;
}

// Reads bound expressions over the columns of one scan.
class ExpressionReader {
 public:
  ExpressionReader(duckdb::idx_t table_index, const duckdb::vector<duckdb::column_t>& column_ids,
                   const std::vector<ScanColumn>& columns)
      : table_index_(table_index), column_ids_(column_ids), columns_(columns) {}

  void Add(const duckdb::Expression& expr, Conjunction& conjunction) const {
    if (expr.GetExpressionType() == ExpressionType::CONJUNCTION_AND) {
      for (const auto& child : expr.Cast<duckdb::BoundConjunctionExpression>().children) {
        Add(*child, conjunction);
      }
      return;
    }
    if (expr.GetExpressionClass() == ExpressionClass::BOUND_BETWEEN) {
      return AddBetween(expr.Cast<duckdb::BoundBetweenExpression>(), conjunction);
    }
    if (std::optional<Predicate> predicate = Read(expr))
      conjunction.push_back(*std::move(predicate));
  }

 private:
  std::optional<Target> TargetOf(const duckdb::Expression& expr) const {
    if (expr.GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF) {
      const duckdb::ColumnBinding& binding = expr.Cast<duckdb::BoundColumnRefExpression>().binding;
      if (binding.table_index != table_index_ || binding.column_index >= column_ids_.size())
        return {};
      const duckdb::column_t column = column_ids_[binding.column_index];
      if (column >= columns_.size() || columns_[column].logical_name.empty()) return {};
      return Target{{columns_[column].logical_name}, columns_[column].type};
    }
    if (expr.GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) return {};
    const auto& call = expr.Cast<duckdb::BoundFunctionExpression>();
    if (call.function.name != "struct_extract_at" || call.children.size() != 2) return {};
    std::optional<Target> base = TargetOf(*call.children[0]);
    if (!base || !base->type.Is(TypeId::kStruct) ||
        call.children[1]->GetExpressionType() != ExpressionType::VALUE_CONSTANT) {
      return {};
    }
    const auto index =
        call.children[1]->Cast<duckdb::BoundConstantExpression>().value.GetValue<int64_t>() - 1;
    const std::vector<Field>& fields = base->type.fields();
    if (index < 0 || index >= static_cast<int64_t>(fields.size())) return {};
    const Field field = fields[static_cast<size_t>(index)];
    base->path.push_back(field.name);
    base->type = field.type;
    return base;
  }

  static const duckdb::Value* ConstantOf(const duckdb::Expression& expr) {
    if (expr.GetExpressionType() != ExpressionType::VALUE_CONSTANT) return nullptr;
    return &expr.Cast<duckdb::BoundConstantExpression>().value;
  }

  std::optional<Predicate> Read(const duckdb::Expression& expr) const {
    switch (expr.GetExpressionClass()) {
      case ExpressionClass::BOUND_COMPARISON:
        return ReadComparison(expr.Cast<duckdb::BoundComparisonExpression>());
      case ExpressionClass::BOUND_OPERATOR:
        return ReadOperator(expr.Cast<duckdb::BoundOperatorExpression>());
      case ExpressionClass::BOUND_CONJUNCTION:
        return ReadOr(expr.Cast<duckdb::BoundConjunctionExpression>());
      case ExpressionClass::BOUND_FUNCTION:
        return ReadPrefix(expr.Cast<duckdb::BoundFunctionExpression>());
      default:
        return std::nullopt;
    }
  }

  std::optional<Predicate> ReadComparison(const duckdb::BoundComparisonExpression& expr) const {
    const duckdb::Expression* column = expr.left.get();
    const duckdb::Value* constant = ConstantOf(*expr.right);
    ExpressionType type = expr.GetExpressionType();
    if (constant == nullptr) {
      column = expr.right.get();
      constant = ConstantOf(*expr.left);
      type = duckdb::FlipComparisonExpression(type);
    }
    const std::optional<PredicateOp> op = OpOf(type);
    if (constant == nullptr || !op) return std::nullopt;
    const std::optional<Target> target = TargetOf(*column);
    return target ? Compared(*target, *op, *constant) : std::nullopt;
  }

  std::optional<Predicate> ReadOperator(const duckdb::BoundOperatorExpression& expr) const {
    const std::optional<Target> target = TargetOf(*expr.children[0]);
    if (!target) return std::nullopt;
    switch (expr.GetExpressionType()) {
      case ExpressionType::OPERATOR_IS_NULL:
        return Predicate{PredicateOp::kIsNull, target->path, {}, {}};
      case ExpressionType::OPERATOR_IS_NOT_NULL:
        return Predicate{PredicateOp::kIsNotNull, target->path, {}, {}};
      case ExpressionType::COMPARE_IN:
        break;
      default:
        return std::nullopt;
    }
    duckdb::vector<duckdb::Value> constants;
    for (size_t i = 1; i < expr.children.size(); ++i) {
      const duckdb::Value* const constant = ConstantOf(*expr.children[i]);
      if (constant == nullptr) return std::nullopt;
      constants.push_back(*constant);
    }
    return AmongThem(*target, constants);
  }

  std::optional<Predicate> ReadOr(const duckdb::BoundConjunctionExpression& expr) const {
    if (expr.GetExpressionType() != ExpressionType::CONJUNCTION_OR) return std::nullopt;
    Predicate any;
    any.op = PredicateOp::kAny;
    for (const auto& child : expr.children) {
      Conjunction alternative;
      Add(*child, alternative);
      if (alternative.empty()) return std::nullopt;
      any.alternatives.push_back(std::move(alternative));
    }
    return any;
  }

  std::optional<Predicate> ReadPrefix(const duckdb::BoundFunctionExpression& expr) const {
    const std::string& name = expr.function.name;
    if ((name != "prefix" && name != "starts_with") || expr.children.size() != 2)
      return std::nullopt;
    const std::optional<Target> target = TargetOf(*expr.children[0]);
    const duckdb::Value* const constant = ConstantOf(*expr.children[1]);
    if (!target || constant == nullptr) return std::nullopt;
    return Compared(*target, PredicateOp::kStartsWith, *constant);
  }

  void AddBetween(const duckdb::BoundBetweenExpression& expr, Conjunction& conjunction) const {
    const std::optional<Target> target = TargetOf(*expr.input);
    if (!target) return;
    const auto add = [&](const duckdb::Expression& bound, PredicateOp op) {
      const duckdb::Value* const constant = ConstantOf(bound);
      if (constant == nullptr) return;
      if (std::optional<Predicate> predicate = Compared(*target, op, *constant)) {
        conjunction.push_back(*std::move(predicate));
      }
    };
    add(*expr.lower, expr.lower_inclusive ? PredicateOp::kGreaterOrEqual : PredicateOp::kGreater);
    add(*expr.upper, expr.upper_inclusive ? PredicateOp::kLessOrEqual : PredicateOp::kLess);
  }

  const duckdb::idx_t table_index_;
  const duckdb::vector<duckdb::column_t>& column_ids_;
  const std::vector<ScanColumn>& columns_;
};

void AddFilter(const duckdb::TableFilter& filter, const Target& target, Conjunction& conjunction,
               bool& dynamic);

void AddAlternatives(const duckdb::ConjunctionOrFilter& filter, const Target& target,
                     Conjunction& conjunction, bool& dynamic) {
  Predicate any;
  any.op = PredicateOp::kAny;
  for (const auto& child : filter.child_filters) {
    Conjunction alternative;
    AddFilter(*child, target, alternative, dynamic);
    if (alternative.empty()) return;
    any.alternatives.push_back(std::move(alternative));
  }
  conjunction.push_back(std::move(any));
}

void AddComparison(const duckdb::ConstantFilter& filter, const Target& target,
                   Conjunction& conjunction) {
  const std::optional<PredicateOp> op = OpOf(filter.comparison_type);
  if (!op) return;
  if (std::optional<Predicate> predicate = Compared(target, *op, filter.constant)) {
    conjunction.push_back(*std::move(predicate));
  }
}

void AddStructField(const duckdb::StructFilter& filter, const Target& target,
                    Conjunction& conjunction, bool& dynamic) {
  if (!target.type.Is(TypeId::kStruct) || filter.child_idx >= target.type.fields().size()) return;
  const Field& field = target.type.fields()[filter.child_idx];
  Target inner{target.path, field.type};
  inner.path.push_back(field.name);
  AddFilter(*filter.child_filter, inner, conjunction, dynamic);
}

void AddFilter(const duckdb::TableFilter& filter, const Target& target, Conjunction& conjunction,
               bool& dynamic) {
  switch (filter.filter_type) {
    case duckdb::TableFilterType::CONSTANT_COMPARISON:
      return AddComparison(filter.Cast<duckdb::ConstantFilter>(), target, conjunction);
    case duckdb::TableFilterType::IS_NULL:
      conjunction.push_back({PredicateOp::kIsNull, target.path, {}, {}});
      return;
    case duckdb::TableFilterType::IS_NOT_NULL:
      conjunction.push_back({PredicateOp::kIsNotNull, target.path, {}, {}});
      return;
    case duckdb::TableFilterType::IN_FILTER:
      if (auto predicate = AmongThem(target, filter.Cast<duckdb::InFilter>().values)) {
        conjunction.push_back(*std::move(predicate));
      }
      return;
    case duckdb::TableFilterType::CONJUNCTION_AND:
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        AddFilter(*child, target, conjunction, dynamic);
      }
      return;
    case duckdb::TableFilterType::CONJUNCTION_OR:
      return AddAlternatives(filter.Cast<duckdb::ConjunctionOrFilter>(), target, conjunction,
                             dynamic);
    case duckdb::TableFilterType::STRUCT_EXTRACT:
      return AddStructField(filter.Cast<duckdb::StructFilter>(), target, conjunction, dynamic);
    case duckdb::TableFilterType::OPTIONAL_FILTER: {
      const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
      if (child) AddFilter(*child, target, conjunction, dynamic);
      return;
    }
    case duckdb::TableFilterType::DYNAMIC_FILTER: {
      dynamic = true;
      const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
      if (!data || !data->initialized) return;
      const std::lock_guard<duckdb::mutex> lock(data->lock);
      if (data->filter) AddComparison(*data->filter, target, conjunction);
      return;
    }
    default:
      return;
  }
}

}  // namespace

Conjunction PredicatesOf(const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters,
                         duckdb::idx_t table_index,
                         const duckdb::vector<duckdb::column_t>& column_ids,
                         const std::vector<ScanColumn>& columns) {
  Conjunction conjunction;
  const ExpressionReader reader(table_index, column_ids, columns);
  for (const auto& filter : filters) reader.Add(*filter, conjunction);
  return conjunction;
}

Conjunction PredicatesOf(const duckdb::TableFilterSet& filters,
                         const duckdb::vector<duckdb::column_t>& column_ids,
                         const std::vector<ScanColumn>& columns, bool& dynamic) {
  Conjunction conjunction;
  dynamic = false;
  for (const auto& [index, filter] : filters.filters) {
    if (index >= column_ids.size() || column_ids[index] >= columns.size()) continue;
    const ScanColumn& column = columns[column_ids[index]];
    if (column.logical_name.empty()) continue;
    AddFilter(*filter, {{column.logical_name}, column.type}, conjunction, dynamic);
  }
  return conjunction;
}

}  // namespace tarn::engine::duck
