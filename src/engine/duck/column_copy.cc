#include "duck/column_copy.h"

#include <cstring>

namespace tarn::engine::duck {

namespace {

using duckdb::FlatVector;
using duckdb::PhysicalType;
using format::Column;
using format::Storage;

template <typename To, typename From>
void CopyNumbers(const std::vector<From>& from, size_t begin, size_t count, duckdb::Vector& out,
                 size_t at) {
  To* const to = FlatVector::GetData<To>(out) + at;
  const From* const values = from.data() + begin;
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<To>(values[i]);
}

template <typename From>
void CopyIntegers(const std::vector<From>& from, size_t begin, size_t count, duckdb::Vector& out,
                  size_t at) {
  switch (out.GetType().InternalType()) {
    case PhysicalType::BOOL:
      return CopyNumbers<bool>(from, begin, count, out, at);
    case PhysicalType::INT8:
      return CopyNumbers<int8_t>(from, begin, count, out, at);
    case PhysicalType::INT16:
      return CopyNumbers<int16_t>(from, begin, count, out, at);
    case PhysicalType::INT32:
      return CopyNumbers<int32_t>(from, begin, count, out, at);
    case PhysicalType::INT64:
      return CopyNumbers<int64_t>(from, begin, count, out, at);
    default:
      throw duckdb::InternalException("a column of integers has the type %s",
                                      out.GetType().ToString());
  }
}

void CopyDecimals(const Column& column, size_t begin, size_t count, duckdb::Vector& out,
                  size_t at) {
  if (out.GetType().InternalType() != PhysicalType::INT128)
    return CopyIntegers(column.decimals, begin, count, out, at);
  auto* const to = FlatVector::GetData<duckdb::hugeint_t>(out) + at;
  for (size_t i = 0; i < count; ++i) {
    const Int128 value = column.decimals[begin + i];
    to[i].lower = static_cast<uint64_t>(value);
    to[i].upper = static_cast<int64_t>(value >> 64);
  }
}

void CopyTexts(const Column& column, size_t begin, size_t count, duckdb::Vector& out, size_t at) {
  auto* const to = FlatVector::GetData<duckdb::string_t>(out) + at;
  for (size_t i = 0; i < count; ++i) {
    if (column.IsNull(begin + i)) continue;
    const std::string_view text = column.Text(begin + i);
    to[i] = duckdb::StringVector::AddStringOrBlob(out, text.data(), text.size());
  }
}

void CopyLists(const Column& column, size_t begin, size_t count, duckdb::Vector& out, size_t at) {
  if (count == 0) return;
  const size_t first = begin == 0 ? 0 : column.ends[begin - 1];
  const size_t total = column.ends[begin + count - 1] - first;
  const size_t before = duckdb::ListVector::GetListSize(out);
  duckdb::ListVector::Reserve(out, before + total);
  auto* const entries = FlatVector::GetData<duckdb::list_entry_t>(out) + at;
  for (size_t i = 0; i < count; ++i) {
    const size_t row = begin + i;
    const size_t from = row == 0 ? 0 : column.ends[row - 1];
    entries[i] = {before + from - first, column.ends[row] - from};
  }
  duckdb::Vector& elements = duckdb::ListVector::GetEntry(out);
  if (column.type().Is(TypeId::kArray)) {
    CopyColumn(column.children[0], first, total, elements, before);
  } else {
    auto& parts = duckdb::StructVector::GetEntries(elements);
    CopyColumn(column.children[0], first, total, *parts[0], before);
    CopyColumn(column.children[1], first, total, *parts[1], before);
  }
  duckdb::ListVector::SetListSize(out, before + total);
}

}  // namespace

void CopyColumn(const Column& column, size_t begin, size_t count, duckdb::Vector& out, size_t at) {
  if (count > 0 && std::memchr(column.valid.data() + begin, 0, count) != nullptr) {
    duckdb::ValidityMask& validity = FlatVector::Validity(out);
    for (size_t i = 0; i < count; ++i) {
      if (column.IsNull(begin + i)) validity.SetInvalid(at + i);
    }
  }
  switch (column.storage()) {
    case Storage::kInteger:
      CopyIntegers(column.integers, begin, count, out, at);
      return;
    case Storage::kReal:
      if (column.type().Is(TypeId::kFloat)) {
        CopyNumbers<float>(column.reals, begin, count, out, at);
      } else {
        CopyNumbers<double>(column.reals, begin, count, out, at);
      }
      return;
    case Storage::kDecimal:
      CopyDecimals(column, begin, count, out, at);
      return;
    case Storage::kText:
      CopyTexts(column, begin, count, out, at);
      return;
    case Storage::kList:
      CopyLists(column, begin, count, out, at);
      return;
    case Storage::kStruct: {
      auto& parts = duckdb::StructVector::GetEntries(out);
      // DuckDB has no struct without fields: that one has a field of ours.
      for (size_t i = 0; i < column.children.size(); ++i)
        CopyColumn(column.children[i], begin, count, *parts[i], at);
      return;
    }
  }
}

}  // namespace tarn::engine::duck
