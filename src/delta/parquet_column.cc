#include "parquet_column.h"

#include "number_text.h"

namespace tarn::delta {

ParquetColumn EmptyColumn(const DataType& type) {
  ParquetColumn column;
  column.type = type;
  switch (type.id()) {
    case TypeId::kStruct:
      for (const Field& field : type.fields()) column.children.push_back(EmptyColumn(field.type));
      break;
    case TypeId::kArray:
      column.offsets.push_back(0);
      column.children.push_back(EmptyColumn(type.element()));
      break;
    case TypeId::kMap:
      column.offsets.push_back(0);
      column.children.push_back(EmptyColumn(type.key()));
      column.children.push_back(EmptyColumn(type.value()));
      break;
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kDecimal:
      column.offsets.push_back(0);
      break;
    default:
      break;
  }
  return column;
}

void AppendNull(ParquetColumn& column) {
  column.valid.push_back(0);
  if (column.type.Is(TypeId::kStruct)) {
    for (ParquetColumn& child : column.children) AppendNull(child);
  } else if (!column.offsets.empty()) {
    column.offsets.push_back(column.offsets.back());
  } else if (column.type.IsFractional()) {
    column.reals.push_back(0);
  } else {
    column.integers.push_back(0);
  }
}

void AppendInt(ParquetColumn& column, int64_t value) {
  column.valid.push_back(1);
  column.integers.push_back(value);
}

void AppendText(ParquetColumn& column, std::string_view value) {
  column.valid.push_back(1);
  column.bytes += value;
  column.offsets.push_back(column.bytes.size());
}

void AppendValue(ParquetColumn& column, const Value& value) {
  if (value.is_null()) return AppendNull(column);
  switch (column.type.id()) {
    case TypeId::kFloat:
    case TypeId::kDouble:
      column.valid.push_back(1);
      column.reals.push_back(value.real());
      return;
    case TypeId::kDecimal:
      return AppendText(column, RenderDecimal(value.decimal(), column.type.scale()));
    case TypeId::kString:
    case TypeId::kBinary:
      return AppendText(column, value.text());
    case TypeId::kBoolean:
      return AppendInt(column, value.boolean() ? 1 : 0);
    default:
      return AppendInt(column, value.integer());
  }
}

std::optional<Value> ValueAt(const ParquetColumn& column, size_t row) {
  if (column.IsNull(row)) return std::nullopt;
  switch (column.type.id()) {
    case TypeId::kBoolean:
      return Value::Boolean(column.integers[row] != 0);
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
      return Value::Of(column.type, column.integers[row]);
    case TypeId::kFloat:
    case TypeId::kDouble:
      return Value::Of(column.type, column.reals[row]);
    case TypeId::kDecimal: {
      const auto number =
          ParseDecimalText(column.Text(row), column.type.precision(), column.type.scale());
      if (!number) return std::nullopt;
      return Value::Of(column.type, *number);
    }
    case TypeId::kString:
      return Value::Of(column.type, std::string(column.Text(row)));
    default:
      return std::nullopt;
  }
}

}  // namespace tarn::delta
