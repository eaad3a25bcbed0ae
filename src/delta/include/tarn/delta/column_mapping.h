#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/random.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/types/data_type.h"

namespace tarn::delta {

/// How columns of the schema are found in the data files (table property delta.columnMapping.mode).
/// Source: Delta protocol, "Column Mapping".
enum class ColumnMappingMode : uint8_t { kNone, kId, kName };

/// A column or nested field with what identifies it in data files, statistics and partition values.
struct PhysicalField {
  std::string name;                 ///< the logical name
  std::string physical_name;        ///< the name in the file, in statistics and in partition values
  std::optional<int32_t> field_id;  ///< Parquet field id, if column mapping is on
  DataType type;                    ///< with logical names
  bool nullable = true;
  /// struct: its fields; array: the element (named "element"); map: "key" and "value".
  std::vector<PhysicalField> children;
};

/// The mapping of a whole table.
struct PhysicalSchema {
  ColumnMappingMode mode = ColumnMappingMode::kNone;
  std::vector<PhysicalField> fields;

  /// A top-level column by logical name (without case), or nullptr.
  const PhysicalField* Find(std::string_view name) const;
  /// A column by the path of logical names through structs, or nullptr.
  const PhysicalField* Find(const std::vector<std::string>& path) const;
  /// The path of physical names for a path of logical names; empty if there is no such column.
  std::vector<std::string> PhysicalPath(const std::vector<std::string>& path) const;
};

/// The mapping mode of the table. DELTA_LOG_CORRUPT for an unknown mode.
Result<ColumnMappingMode> MappingModeOf(const Metadata& metadata);

/// Errors: DELTA_LOG_CORRUPT if the mapping is on and a field lacks its id or physical name, or if
/// two share one.
Result<PhysicalSchema> MakePhysicalSchema(const Metadata& metadata);

/// The type with all field names (nested ones too) replaced by their physical names: the schema of
/// new data files. Partition columns are the caller's to leave out.
DataType ToPhysicalType(const PhysicalField& field);
Schema ToPhysicalSchema(const PhysicalSchema& schema);

/// Gives every field of `metadata.schema` that has none an id and a physical name ("col-<uuid>", or
/// its own name if `keep_names`: for a table that turns mapping on later) if the mapping property
/// asks for it, and raises delta.columnMapping.maxColumnId; without mapping, removes the fields'
/// annotations. For new tables and added columns.
Status AssignColumnMapping(Metadata& metadata, IdSource& ids, bool keep_names);

/// Appends a column that files have and the table hasn't. Under column mapping its physical name is
/// its own and its id one that no table reaches.
void AppendHiddenColumn(Metadata& metadata, const std::string& name, TypeId type);

}  // namespace tarn::delta
