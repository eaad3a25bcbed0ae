#include "tarn/format/column_batch.h"

#include "tarn/base/check.h"

namespace tarn::format {

Storage StorageOf(const DataType& type) {
  switch (type.id()) {
    case TypeId::kFloat:
    case TypeId::kDouble:
      return Storage::kReal;
    case TypeId::kDecimal:
      return Storage::kDecimal;
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary:
    case TypeId::kVariant:
      return Storage::kText;
    case TypeId::kArray:
    case TypeId::kMap:
      return Storage::kList;
    case TypeId::kStruct:
      return Storage::kStruct;
    default:
      return Storage::kInteger;
  }
}

Column::Column(DataType column_type) : type_(std::move(column_type)), storage_(StorageOf(type_)) {
  valid.reserve(kBatchRows);
  switch (storage_) {
    case Storage::kInteger:
      integers.reserve(kBatchRows);
      break;
    case Storage::kReal:
      reals.reserve(kBatchRows);
      break;
    case Storage::kDecimal:
      decimals.reserve(kBatchRows);
      break;
    case Storage::kText:
      ends.reserve(kBatchRows);
      break;
    case Storage::kList:
      if (type_.Is(TypeId::kArray)) {
        children.emplace_back(type_.element());
      } else {
        children.emplace_back(type_.key());
        children.emplace_back(type_.value());
      }
      break;
    case Storage::kStruct:
      for (const Field& field : type_.fields()) children.emplace_back(field.type);
      break;
  }
}

void Column::AppendNull() {
  valid.push_back(0);
  switch (storage_) {
    case Storage::kInteger:
      integers.push_back(0);
      break;
    case Storage::kReal:
      reals.push_back(0);
      break;
    case Storage::kDecimal:
      decimals.push_back(0);
      break;
    case Storage::kText:
      ends.push_back(static_cast<uint32_t>(bytes.size()));
      break;
    case Storage::kList:
      ends.push_back(static_cast<uint32_t>(children[0].rows()));
      break;
    case Storage::kStruct:
      for (Column& child : children) child.AppendNull();
      break;
  }
}

void Column::AppendNested() {
  valid.push_back(1);
  if (storage_ == Storage::kList) {
    ends.push_back(static_cast<uint32_t>(children[0].rows()));
    return;
  }
  for (const Column& child : children) TARN_CHECK(child.rows() == valid.size());
}

void Column::Truncate(size_t row_count) {
  if (valid.size() > row_count) valid.resize(row_count);
  const size_t kept = valid.size();
  switch (storage_) {
    case Storage::kInteger:
      integers.resize(kept);
      break;
    case Storage::kReal:
      reals.resize(kept);
      break;
    case Storage::kDecimal:
      decimals.resize(kept);
      break;
    case Storage::kText:
      ends.resize(kept);
      bytes.resize(kept == 0 ? 0 : ends.back());
      break;
    case Storage::kList:
      ends.resize(kept);
      for (Column& child : children) child.Truncate(kept == 0 ? 0 : ends.back());
      break;
    case Storage::kStruct:
      for (Column& child : children) child.Truncate(kept);
      break;
  }
}

size_t Column::text_bytes() const {
  size_t sum = bytes.size();
  for (const Column& child : children) sum += child.text_bytes();
  return sum;
}

void ColumnBatch::Clear() {
  for (Column& column : columns) column.Clear();
  rows = 0;
}

void ColumnBatch::Truncate(size_t row_count) {
  for (Column& column : columns) column.Truncate(row_count);
  rows = row_count;
}

bool ColumnBatch::full() const {
  if (rows >= kBatchRows) return true;
  size_t sum = 0;
  for (const Column& column : columns) sum += column.bytes.size();
  return sum >= kBatchBytes;
}

}  // namespace tarn::format
