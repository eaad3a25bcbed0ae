#include "tarn/delta/drop_feature.h"

#include <algorithm>
#include <cstdlib>

#include "feature.h"
#include "file_set.h"
#include "log_reader.h"
#include "log_segment.h"
#include "table_switch.h"
#include "tarn/delta/clustering.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/delta/type_widening.h"

namespace tarn::delta {

namespace {

/// The table properties that go with a feature.
struct FeatureProperty {
  std::string_view feature;
  const char* property;
};
constexpr FeatureProperty kProperties[] = {
    {"checkpointProtection", kProtectionProperty},
    {"columnMapping", "delta.columnMapping.mode"},
    {"columnMapping", "delta.columnMapping.maxColumnId"},
    {"deletionVectors", "delta.enableDeletionVectors"},
    {"inCommitTimestamp", "delta.enableInCommitTimestamps"},
    {"inCommitTimestamp", "delta.inCommitTimestampEnablementVersion"},
    {"inCommitTimestamp", "delta.inCommitTimestampEnablementTimestamp"},
    {"rowTracking", "delta.enableRowTracking"},
    {"rowTracking", "delta.rowTrackingSuspended"},
    {"rowTracking", "delta.rowTracking.materializedRowIdColumnName"},
    {"rowTracking", "delta.rowTracking.materializedRowCommitVersionColumnName"},
    {"typeWidening", "delta.enableTypeWidening"},
    {"v2Checkpoint", "delta.checkpointPolicy"},
};

/// A feature, and another that can't be without it.
constexpr std::pair<std::string_view, const char*> kDependents[] = {
    {"columnMapping", "icebergCompatV1"},    {"columnMapping", "icebergCompatV2"},
    {"domainMetadata", "clustering"},        {"domainMetadata", "rowTracking"},
    {"inCommitTimestamp", "catalogManaged"}, {"vacuumProtocolCheck", "catalogManaged"},
};

/// Removes the metadata of all fields, nested ones too, whose key begins so.
void EraseMetadata(Field& field, std::string_view prefix);

DataType WithoutMetadata(const DataType& type, std::string_view prefix) {
  switch (type.id()) {
    case TypeId::kStruct: {
      std::vector<Field> fields = type.fields();
      for (Field& field : fields) EraseMetadata(field, prefix);
      return DataType::Struct(std::move(fields));
    }
    case TypeId::kArray:
      return DataType::Array(WithoutMetadata(type.element(), prefix), type.contains_null());
    case TypeId::kMap:
      return DataType::Map(WithoutMetadata(type.key(), prefix),
                           WithoutMetadata(type.value(), prefix), type.contains_null());
    default:
      return type;
  }
}

void EraseMetadata(Field& field, std::string_view prefix) {
  std::erase_if(field.metadata, [&](const auto& entry) {
    return std::string_view(entry.first).starts_with(prefix);
  });
  field.type = WithoutMetadata(field.type, prefix);
}

Error FeatureError(Condition condition, const std::string& feature) {
  return Error(condition, {{"feature", feature}});
}

Status CheckConstraintsAreGone(const TableConstraints& constraints) {
  std::string names;
  for (const CheckConstraint& check : constraints.checks) {
    names += (names.empty() ? "" : ", ") + check.name;
  }
  if (names.empty()) return {};
  return Error(Condition("DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE"), {{"constraints", names}});
}

bool IsNameMapped(const Metadata& metadata) {
  const auto mode = MappingModeOf(metadata);
  return mode.ok() && *mode != ColumnMappingMode::kNone;
}

/// Whether a version with this metadata uses a feature that readers must know.
bool MetadataUses(const Metadata& metadata, std::string_view feature) {
  if (feature == "columnMapping") return IsNameMapped(metadata);
  if (feature == "typeWidening") {
    return AllowsTypeWidening(metadata) || std::ranges::any_of(metadata.schema.fields, WasWidened);
  }
  if (feature == "deletionVectors") return IsSwitchedOn(metadata, "delta.enableDeletionVectors");
  if (feature != "v2Checkpoint") return false;
  const std::string* policy = metadata.Property("delta.checkpointPolicy");
  return policy != nullptr && *policy == "v2";
}

}  // namespace

Status CheckDroppable(const Snapshot& snapshot, const std::string& feature, bool truncate_history) {
  if (feature.starts_with("delta.")) {
    return Error(Condition("DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY"),
                 {{"property", feature}});
  }
  const Feature* known = FindFeature(feature);
  if (known == nullptr) {
    return FeatureError(Condition("DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE"), feature);
  }
  if (known->drop == Drop::kNever) {
    return FeatureError(Condition("DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE"), feature);
  }
  if (!SupportsFeature(snapshot.protocol(), feature)) {
    return FeatureError(Condition("DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT"), feature);
  }
  const bool protection = feature == "checkpointProtection";
  if (truncate_history && !known->reader && !protection) {
    return Error(Condition("DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED"));
  }
  if (protection && !truncate_history) {
    return Error(
        Condition("DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION"));
  }
  for (const auto& [needed, dependent] : kDependents) {
    if (feature != needed || !SupportsFeature(snapshot.protocol(), dependent)) continue;
    return Error(Condition("DELTA_FEATURE_DROP_DEPENDENT_FEATURE"),
                 {{"feature", feature}, {"dependentFeatures", dependent}});
  }
  if (feature == "checkConstraints") return CheckConstraintsAreGone(snapshot.constraints());
  return {};
}

bool IsReaderFeature(std::string_view feature) {
  const Feature* known = FindFeature(feature);
  return known != nullptr && known->reader;
}

Metadata WithoutTraces(const Metadata& metadata, std::string_view feature) {
  Metadata without = metadata;
  for (const auto& [of, property] : kProperties) {
    if (of == feature) without.configuration.erase(property);
  }
  const std::string_view prefix = feature == "columnMapping"  ? "delta.columnMapping."
                                  : feature == "typeWidening" ? "delta.typeChanges"
                                                              : "";
  if (!prefix.empty()) {
    for (Field& field : without.schema.fields) EraseMetadata(field, prefix);
  }
  return without;
}

FileTraces FileTracesOf(const Snapshot& snapshot, std::string_view feature) {
  if (snapshot.files().size() == 0) return FileTraces::kNone;
  if (feature == "deletionVectors") {
    return HasDeletionVectors(snapshot.files()) ? FileTraces::kDeletedRows : FileTraces::kNone;
  }
  if (feature == "columnMapping") {
    return IsNameMapped(snapshot.metadata()) ? FileTraces::kAllFiles : FileTraces::kNone;
  }
  if (feature == "typeWidening") {
    return std::ranges::any_of(snapshot.schema().fields, WasWidened) ? FileTraces::kAllFiles
                                                                     : FileTraces::kNone;
  }
  return feature == "rowTracking" ? FileTraces::kRowIds : FileTraces::kNone;
}

Protocol WithoutFeature(const Protocol& protocol, std::string_view feature) {
  const std::vector<std::string> all = FeaturesOf(protocol);
  std::set<std::string> left(all.begin(), all.end());
  left.erase(std::string(feature));
  const bool legacy = std::ranges::all_of(left, [](const std::string& name) {
    const Feature* known = FindFeature(name);
    return known != nullptr && known->legacy_writer != kNotLegacy;
  });
  for (int32_t writer = 1; legacy && writer < kWriterVersionMax; ++writer) {
    Protocol candidate;
    candidate.writer_version = writer;
    candidate.reader_version = left.contains("columnMapping") ? 2 : 1;
    const std::vector<std::string> implied = FeaturesOf(candidate);
    if (std::ranges::equal(implied, left)) return candidate;
  }
  Protocol least;
  least.reader_version = left.contains("columnMapping") ? 2 : 1;
  return FeatureProtocol(left, least);
}

Protocol WithProtection(const Protocol& protocol) {
  const std::vector<std::string> all = FeaturesOf(protocol);
  std::set<std::string> features(all.begin(), all.end());
  features.insert("checkpointProtection");
  return FeatureProtocol(features, protocol);
}

Result<bool> HistoryUses(const RequestContext& ctx, const Table& table, const Snapshot& latest,
                         std::string_view feature) {
  TARN_ASSIGN(const Version earliest, table.EarliestVersion(ctx));
  if (feature == "checkpointProtection") {
    const std::string* before = latest.metadata().Property(kProtectionProperty);
    return before != nullptr && earliest < std::strtoll(before->c_str(), nullptr, 10);
  }
  TARN_ASSIGN(const auto first, table.AtVersion(ctx, earliest));
  if (MetadataUses(first->metadata(), feature)) return true;
  if (feature == "deletionVectors" && HasDeletionVectors(first->files())) return true;
  for (Version version = earliest + 1; version <= latest.version(); ++version) {
    TARN_TRY(ctx.Check());
    const std::string path = CommitPath(version);
    TARN_ASSIGN(std::string bytes, table.handlers().log->Read(ctx, path, kLogFileBytesMax));
    LogBlock block;
    LogActions actions;
    TARN_TRY(ReadLogFile(std::move(bytes), table.root(), path, ReadWants(), block, actions));
    if (actions.metadata && MetadataUses(*actions.metadata, feature)) return true;
    if (feature == "deletionVectors" && !block.deletion_vectors.empty()) return true;
  }
  return false;
}

}  // namespace tarn::delta
