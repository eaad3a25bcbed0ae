#include "tarn/delta/iceberg_compat.h"

#include <algorithm>
#include <iterator>

#include "file_set.h"
#include "table_switch.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/statistics.h"
#include "tarn/delta/type_widening.h"
#include "tarn/types/any_type.h"

namespace tarn::delta {

namespace {

constexpr const char* kSwitches[] = {"delta.enableIcebergCompatV1", "delta.enableIcebergCompatV2"};
constexpr const char* kMode = "delta.columnMapping.mode";
constexpr const char* kDeletionVectors = "delta.enableDeletionVectors";

using Parameters = std::vector<std::pair<std::string, std::string>>;

Error Violation(Condition condition, int version, Parameters parameters = {}) {
  parameters.emplace_back("version", std::to_string(version));
  return Error(condition, std::move(parameters));
}

/// Whether an Iceberg table of that version has no such type.
bool IsUnsupported(const DataType& type, int version) {
  if (version == 1) {
    return type.Is(TypeId::kNull) || type.Is(TypeId::kArray) || type.Is(TypeId::kMap);
  }
  return type.Is(TypeId::kNull) || type.Is(TypeId::kVariant) || type.Is(TypeId::kTime) ||
         type.IsInterval();
}

Status CheckTypes(const Metadata& metadata, int version) {
  const DataType schema = metadata.schema.AsStruct();
  std::optional<DataType> found;
  AnyType(schema, [&](const DataType& type) {
    if (IsUnsupported(type, version)) found = type;
    return found.has_value();
  });
  if (!found) return {};
  return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.UNSUPPORTED_DATA_TYPE"), version,
                   {{"dataType", found->ToSql()}, {"schema", schema.ToString()}});
}

/// Version 2 has no partitions by decimals, as Delta has it.
Status CheckPartitionTypes(const Metadata& metadata, int version) {
  if (version < 2) return {};
  for (const std::string& name : metadata.partition_columns) {
    const int column = metadata.schema.Find(name);
    if (column < 0) continue;
    const DataType& type = metadata.schema.fields[static_cast<size_t>(column)].type;
    if (!type.Is(TypeId::kDecimal)) continue;
    return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.UNSUPPORTED_PARTITION_DATA_TYPE"),
                     version, {{"dataType", type.ToSql()}, {"columnName", name}});
  }
  return {};
}

/// What Iceberg knows as a promotion of a type, too.
bool IsIcebergPromotion(const DataType& from, const DataType& to) {
  if (from.IsIntegral() && to.IsIntegral()) return true;
  if (from.Is(TypeId::kFloat) && to.Is(TypeId::kDouble)) return true;
  return from.Is(TypeId::kDecimal) && to.Is(TypeId::kDecimal) && from.scale() == to.scale();
}

Status CheckTypeChanges(const Metadata& metadata, int version) {
  for (const Field& field : metadata.schema.fields) {
    TARN_ASSIGN(const auto changes, TypeChangesOf(field));
    for (const TypeChange& change : changes) {
      if (IsIcebergPromotion(change.from, change.to)) continue;
      return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.UNSUPPORTED_TYPE_WIDENING"),
                       version,
                       {{"fieldPath", change.path},
                        {"prevType", change.from.ToSql()},
                        {"newType", change.to.ToSql()}});
    }
  }
  return {};
}

Status CheckMapping(const Metadata& metadata, int version) {
  TARN_ASSIGN(const ColumnMappingMode mode, MappingModeOf(metadata));
  if (mode != ColumnMappingMode::kNone) return {};
  return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.WRONG_REQUIRED_TABLE_PROPERTY"),
                   version, {{"key", kMode}, {"requiredValue", "name"}, {"actualValue", "none"}});
}

std::string List(const std::vector<std::string>& names) {
  std::string out = "(";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + name;
  return out + ")";
}

/// Iceberg's own writers can't replace a partition spec by another.
Status CheckPartitions(const Metadata& before, const Metadata& after, int version) {
  const auto& old_columns = before.partition_columns;
  if (old_columns.empty() || old_columns == after.partition_columns) return {};
  return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.REPLACE_TABLE_CHANGE_PARTITION_NAMES"),
                   version,
                   {{"prevPartitionSpec", List(old_columns)},
                    {"newPartitionSpec", List(after.partition_columns)}});
}

/// Those of the files that stay, and those that another writer may be about to add.
Status CheckVectors(const Snapshot& before, int version) {
  if (IsSwitchedOn(before.metadata(), kDeletionVectors)) {
    return Violation(
        Condition("DELTA_ICEBERG_COMPAT_VIOLATION.DELETION_VECTORS_SHOULD_BE_DISABLED"), version);
  }
  const bool was_compatible = IcebergCompatVersion(before.metadata()) != 0;
  if (was_compatible || !HasDeletionVectors(before.files())) return {};
  return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.DELETION_VECTORS_NOT_PURGED"),
                   version);
}

}  // namespace

int IcebergCompatVersion(const Metadata& metadata) {
  for (size_t i = 0; i < std::size(kSwitches); ++i) {
    if (IsSwitchedOn(metadata, kSwitches[i])) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool HasNestedIds(const Metadata& metadata) { return IsSwitchedOn(metadata, kSwitches[1]); }

std::map<std::string, std::string> IcebergCompatTags(int version) {
  // As Delta does it: files of version 1 have none.
  if (version < 2) return {};
  return {{"ICEBERG_COMPAT_VERSION", std::to_string(version)}};
}

void CompleteForIcebergCompat(Metadata& metadata) {
  if (IcebergCompatVersion(metadata) != 0) metadata.configuration.emplace(kMode, "name");
}

Result<Metadata> UpgradedForIcebergCompat(const Metadata& metadata, int version, IdSource& ids) {
  if (version < 1 || version > kIcebergCompatVersionMax) {
    return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.COMPAT_VERSION_NOT_SUPPORTED"),
                     version, {{"maxVersion", std::to_string(kIcebergCompatVersionMax)}});
  }
  Metadata upgraded = metadata;
  for (size_t i = 0; i < std::size(kSwitches); ++i) {
    const bool wanted = static_cast<int>(i) + 1 == version;
    if (wanted || upgraded.Property(kSwitches[i]) != nullptr) {
      upgraded.configuration[kSwitches[i]] = wanted ? "true" : "false";
    }
  }
  upgraded.configuration[kDeletionVectors] = "false";
  TARN_ASSIGN(const ColumnMappingMode mode, MappingModeOf(upgraded));
  const bool turns_on = mode == ColumnMappingMode::kNone;
  if (turns_on) upgraded.configuration[kMode] = "name";
  TARN_TRY(AssignColumnMapping(upgraded, ids, /*keep_names=*/turns_on));
  return upgraded;
}

Status CheckIcebergCompat(const Snapshot* before, const Metadata& after, bool rewritten) {
  const int version = IcebergCompatVersion(after);
  if (version == 0) return {};
  TARN_TRY(CheckMapping(after, version));
  if (std::ranges::count_if(kSwitches,
                            [&](const char* name) { return IsSwitchedOn(after, name); }) > 1) {
    return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.VERSION_MUTUAL_EXCLUSIVE"), version);
  }
  TARN_TRY(CheckTypes(after, version));
  TARN_TRY(CheckPartitionTypes(after, version));
  TARN_TRY(CheckTypeChanges(after, version));
  if (IsSwitchedOn(after, kDeletionVectors)) {
    return Violation(
        Condition("DELTA_ICEBERG_COMPAT_VIOLATION.DELETION_VECTORS_SHOULD_BE_DISABLED"), version);
  }
  if (before == nullptr) return {};
  TARN_TRY(CheckPartitions(before->metadata(), after, version));
  return rewritten ? Status() : CheckVectors(*before, version);
}

Status CheckIcebergCompat(const Metadata& metadata, const AddFile& add) {
  const int version = IcebergCompatVersion(metadata);
  if (version == 0) return {};
  if (add.deletion_vector) {
    return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.DELETION_VECTORS_NOT_PURGED"),
                     version);
  }
  if (NumRecordsOf(add.stats)) return {};
  return Violation(Condition("DELTA_ICEBERG_COMPAT_VIOLATION.MISSING_NUM_RECORDS"), version,
                   {{"path", add.path}});
}

}  // namespace tarn::delta
