#include "duck/order_key.h"

#include <algorithm>

namespace tarn::engine::duck {

using duckdb::ExpressionType;
using duckdb::make_uniq;

namespace {

DuckExpr KeyOf(DuckExpr value, const DataType& type, int depth);

/// Puts the key of a part into `parts`, behind a flag that tells NULLs from other values: no NULL
/// is left to decide an order.
void AddPart(DuckArgs& parts, DuckExpr value, const DataType& type, bool nullable, int depth) {
  if (nullable) {
    parts.push_back(
        make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NOT_NULL, value->Copy()));
  }
  parts.push_back(KeyOf(std::move(value), type, depth));
}

DuckExpr KeyOfArray(DuckExpr value, const DataType& type, int depth) {
  const std::string item = "order_item" + std::to_string(depth);
  DuckArgs parts;
  AddPart(parts, make_uniq<duckdb::ColumnRefExpression>(item), type.element(), type.contains_null(),
          depth + 1);
  duckdb::vector<duckdb::string> names = {item};
  return CallNativeOf(
      "list_transform", std::move(value),
      make_uniq<duckdb::LambdaExpression>(std::move(names), CallNative("row", std::move(parts))));
}

DuckExpr KeyOfStruct(DuckExpr value, const DataType& type, int depth) {
  DuckArgs parts;
  for (size_t i = 0; i < type.fields().size(); ++i) {
    DuckExpr field = CallNativeOf("struct_extract_at", value->Copy(),
                                  Constant(duckdb::Value::BIGINT(static_cast<int64_t>(i) + 1)));
    AddPart(parts, std::move(field), type.fields()[i].type, type.fields()[i].nullable, depth);
  }
  auto result = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr =
      make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NOT_NULL, std::move(value));
  check.then_expr = CallNative("row", std::move(parts));
  result->case_checks.push_back(std::move(check));
  result->else_expr = Constant(duckdb::Value());
  return result;
}

DuckExpr KeyOf(DuckExpr value, const DataType& type, int depth) {
  if (!NeedsOrderKey(type)) return value;
  return type.Is(TypeId::kArray) ? KeyOfArray(std::move(value), type, depth)
                                 : KeyOfStruct(std::move(value), type, depth);
}

}  // namespace

bool NeedsOrderKey(const DataType& type) {
  if (type.Is(TypeId::kArray)) return type.contains_null() || NeedsOrderKey(type.element());
  if (!type.Is(TypeId::kStruct)) return false;
  return std::any_of(type.fields().begin(), type.fields().end(), [](const Field& field) {
    return field.nullable || NeedsOrderKey(field.type);
  });
}

DuckExpr OrderKey(DuckExpr value, const DataType& type) { return KeyOf(std::move(value), type, 0); }

}  // namespace tarn::engine::duck
