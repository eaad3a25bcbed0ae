#include "duck/file_types.h"

#include "duckdb/common/string_util.hpp"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;

// Decimal digits that every value of an integer type fits; 0 for other types.
int DigitsOf(LogicalTypeId type) {
  switch (type) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::UTINYINT:
      return 3;
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::USMALLINT:
      return 5;
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::UINTEGER:
      return 10;
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UBIGINT:
      return 20;
    case LogicalTypeId::HUGEINT:
      return 38;
    default:
      return 0;
  }
}

bool IsTimestamp(LogicalTypeId type) {
  return type == LogicalTypeId::TIMESTAMP || type == LogicalTypeId::TIMESTAMP_TZ ||
         type == LogicalTypeId::TIMESTAMP_SEC || type == LogicalTypeId::TIMESTAMP_MS ||
         type == LogicalTypeId::TIMESTAMP_NS;
}

bool FitsDecimal(const LogicalType& found, const LogicalType& wanted) {
  const int scale = duckdb::DecimalType::GetScale(wanted);
  const int whole = duckdb::DecimalType::GetWidth(wanted) - scale;
  if (found.id() != LogicalTypeId::DECIMAL) {
    const int digits = DigitsOf(found.id());
    return digits > 0 && whole >= digits;
  }
  const int found_scale = duckdb::DecimalType::GetScale(found);
  return scale >= found_scale && whole >= duckdb::DecimalType::GetWidth(found) - found_scale;
}

// Types that Spark doesn't have are shown as text where nothing else is known of them.
bool ShownAsText(LogicalTypeId type) {
  return DigitsOf(type) == 0 && !IsTimestamp(type) && type != LogicalTypeId::BLOB &&
         type != LogicalTypeId::BOOLEAN && type != LogicalTypeId::FLOAT &&
         type != LogicalTypeId::DOUBLE && type != LogicalTypeId::DECIMAL &&
         type != LogicalTypeId::DATE && type != LogicalTypeId::TIME &&
         type != LogicalTypeId::STRUCT && type != LogicalTypeId::LIST && type != LogicalTypeId::MAP;
}

bool CanReadScalarAs(const LogicalType& found, const LogicalType& wanted) {
  if (wanted.id() == LogicalTypeId::DECIMAL) return FitsDecimal(found, wanted);
  if (found.id() == wanted.id()) return true;
  switch (wanted.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
      return DigitsOf(found.id()) > 0;
    case LogicalTypeId::DOUBLE:
      return found.id() == LogicalTypeId::FLOAT || found.id() == LogicalTypeId::TINYINT ||
             found.id() == LogicalTypeId::SMALLINT || found.id() == LogicalTypeId::INTEGER;
    case LogicalTypeId::TIMESTAMP:
      return IsTimestamp(found.id()) || found.id() == LogicalTypeId::DATE;
    case LogicalTypeId::TIMESTAMP_TZ:
      return IsTimestamp(found.id());
    case LogicalTypeId::VARCHAR:
      return ShownAsText(found.id());
    default:
      return false;
  }
}

// The children of a map: its key and its value, which some files have within one more group.
const duckdb::vector<MultiFileColumnDefinition>& EntryOf(const MultiFileColumnDefinition& map) {
  return map.children.size() == 1 ? map.children[0].children : map.children;
}

}  // namespace

const MultiFileColumnDefinition* FindColumn(
    const duckdb::vector<MultiFileColumnDefinition>& columns,
    const MultiFileColumnDefinition& wanted) {
  const std::string name = wanted.identifier.IsNull() ? wanted.name : wanted.identifier.ToString();
  for (const MultiFileColumnDefinition& column : columns) {
    if (duckdb::StringUtil::CIEquals(column.name, name)) return &column;
  }
  return nullptr;
}

bool CanReadAs(const MultiFileColumnDefinition& found, const MultiFileColumnDefinition& wanted) {
  switch (wanted.type.id()) {
    case LogicalTypeId::STRUCT: {
      if (found.type.id() != LogicalTypeId::STRUCT) return false;
      for (const MultiFileColumnDefinition& child : wanted.children) {
        const MultiFileColumnDefinition* field = FindColumn(found.children, child);
        if (field != nullptr && !CanReadAs(*field, child)) return false;
      }
      return true;
    }
    case LogicalTypeId::LIST:
      if (found.type.id() != LogicalTypeId::LIST) return false;
      return found.children.size() != 1 || wanted.children.size() != 1 ||
             CanReadAs(found.children[0], wanted.children[0]);
    case LogicalTypeId::MAP: {
      if (found.type.id() != LogicalTypeId::MAP) return false;
      const auto& parts = EntryOf(wanted);
      const auto& found_parts = EntryOf(found);
      for (size_t i = 0; i < parts.size() && i < found_parts.size(); ++i) {
        if (!CanReadAs(found_parts[i], parts[i])) return false;
      }
      return true;
    }
    default:
      return CanReadScalarAs(found.type, wanted.type);
  }
}

}  // namespace tarn::engine::duck
