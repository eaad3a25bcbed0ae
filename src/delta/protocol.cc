#include "tarn/delta/protocol.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "feature.h"
#include "table_switch.h"
#include "tarn/delta/change_feed.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/constraints.h"
#include "tarn/delta/partition_value.h"
#include "tarn/delta/table_properties.h"
#include "tarn/types/any_type.h"
#include "tarn/types/list_depth.h"

namespace tarn::delta {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string Join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += ", ";
    out += part;
  }
  return out;
}

bool HasType(const Schema& schema, TypeId id) {
  return AnyType(schema.AsStruct(), [&](const DataType& type) { return type.Is(id); });
}

bool CanWrite(std::string_view name) {
  const Feature* feature = FindFeature(name);
  return feature != nullptr && feature->write == WriteSupport::kYes;
}

bool HasColumnMetadata(const Metadata& metadata, std::string_view key) {
  return std::any_of(metadata.schema.fields.begin(), metadata.schema.fields.end(),
                     [&](const Field& field) { return !field.Metadata(key).empty(); });
}

/// The features that the metadata can't do without.
std::set<std::string> RequiredFeatures(const Metadata& metadata) {
  std::set<std::string> out;
  const std::pair<const char*, const char*> kByProperty[] = {
      {"delta.appendOnly", "appendOnly"},
      {"delta.enableChangeDataFeed", "changeDataFeed"},
      {"delta.enableDeletionVectors", "deletionVectors"},
      {"delta.enableInCommitTimestamps", "inCommitTimestamp"},
      {"delta.enableRowTracking", "rowTracking"},
      {"delta.enableTypeWidening", "typeWidening"},
      // As Delta 4.4 does it, and as its kernels know it.
      {"delta.enableVariantShredding", "variantShredding-preview"},
      {"delta.enableIcebergCompatV1", "icebergCompatV1"},
      {"delta.enableIcebergCompatV2", "icebergCompatV2"},
  };
  for (const auto& [property, feature] : kByProperty) {
    if (IsSwitchedOn(metadata, property)) out.insert(feature);
  }
  const std::pair<const char*, const char*> kByColumn[] = {
      {"delta.invariants", "invariants"},
      {"delta.generationExpression", "generatedColumns"},
      {"delta.identity.start", "identityColumns"},
      {"CURRENT_DEFAULT", "allowColumnDefaults"},
      {"delta.typeChanges", "typeWidening"},
  };
  for (const auto& [key, feature] : kByColumn) {
    if (HasColumnMetadata(metadata, key)) out.insert(feature);
  }
  for (const auto& [key, value] : metadata.configuration) {
    if (key.starts_with("delta.constraints.")) out.insert("checkConstraints");
  }
  const std::string* mode = metadata.Property("delta.columnMapping.mode");
  if (mode != nullptr && *mode != "none") out.insert("columnMapping");
  const std::string* policy = metadata.Property("delta.checkpointPolicy");
  if (policy != nullptr && *policy == "v2") out.insert("v2Checkpoint");
  if (HasType(metadata.schema, TypeId::kTimestampNtz)) out.insert("timestampNtz");
  if (HasType(metadata.schema, TypeId::kVariant)) out.insert("variantType");
  return out;
}

struct Asked {
  std::set<std::string> features;
  int32_t reader_version = 0;
  int32_t writer_version = 0;
};

Result<int32_t> AskedVersion(const std::string& key, const std::string& value, int32_t max) {
  int32_t number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure != std::errc() || end != value.data() + value.size() || number < 1 || number > max) {
    return Error(Condition("INVALID_PARAMETER_VALUE"),
                 {{"value", value},
                  {"parameter", key},
                  {"detail", "it must be an integer from 1 to " + std::to_string(max)}});
  }
  return number;
}

/// Takes the properties that ask for protocol versions and features out of the metadata.
Result<Asked> TakeAsked(Metadata& metadata) {
  Asked asked;
  constexpr std::string_view kPrefix = "delta.feature.";
  for (auto it = metadata.configuration.begin(); it != metadata.configuration.end();) {
    const auto& [key, value] = *it;
    if (key == "delta.minReaderVersion") {
      TARN_ASSIGN(asked.reader_version, AskedVersion(key, value, kReaderVersionMax));
    } else if (key == "delta.minWriterVersion") {
      TARN_ASSIGN(asked.writer_version, AskedVersion(key, value, kWriterVersionMax));
    } else if (key.starts_with(kPrefix)) {
      if (!SameName(value, "supported") && !SameName(value, "enabled")) {
        return Error(Condition("INVALID_PARAMETER_VALUE"),
                     {{"value", value}, {"parameter", key}, {"detail", "it must be supported"}});
      }
      asked.features.insert(key.substr(kPrefix.size()));
    } else {
      ++it;
      continue;
    }
    it = metadata.configuration.erase(it);
  }
  return asked;
}

Error UnsupportedForRead(std::string_view table, const std::vector<std::string>& features) {
  return Error(Condition("DELTA_UNSUPPORTED_FEATURES_FOR_READ"),
               {{"table", std::string(table)}, {"unsupported", Join(features)}});
}

Error UnsupportedForWrite(std::string_view table, const std::vector<std::string>& features) {
  return Error(Condition("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE"),
               {{"table", std::string(table)}, {"unsupported", Join(features)}});
}

/// Delta protocol, "Catalog-managed tables": they have in-commit timestamps.
Status RequireInCommitTimestamps(Metadata& metadata) {
  constexpr const char* kProperty = "delta.enableInCommitTimestamps";
  const auto [at, is_new] = metadata.configuration.emplace(kProperty, "true");
  if (is_new || IsSwitchedOn(metadata, kProperty)) return {};
  return Error(
      Condition("INVALID_PARAMETER_VALUE"),
      {{"value", at->second},
       {"parameter", kProperty},
       {"detail", "the table has the feature catalogManaged, which needs in-commit timestamps"}});
}

/// A protocol of legacy versions, if all features have one.
std::optional<Protocol> LegacyProtocol(const std::set<std::string>& features, Protocol least) {
  if (least.writer_version >= kWriterVersionMax || least.reader_version >= kReaderVersionMax) {
    return std::nullopt;
  }
  for (const std::string& name : features) {
    const Feature* feature = FindFeature(name);
    if (feature->legacy_writer == kNotLegacy) return std::nullopt;
    least.writer_version = std::max(least.writer_version, feature->legacy_writer);
    if (feature->reader)
      least.reader_version = std::max(least.reader_version, feature->legacy_reader);
  }
  return least;
}

}  // namespace

bool SupportsFeature(const Protocol& protocol, std::string_view feature) {
  if (Contains(protocol.writer_features, feature) || Contains(protocol.reader_features, feature)) {
    return true;
  }
  const Feature* known = FindFeature(feature);
  return known != nullptr && known->legacy_writer != kNotLegacy &&
         protocol.writer_version < kWriterVersionMax &&
         protocol.writer_version >= known->legacy_writer;
}

bool IsCatalogCommitted(const Protocol& protocol) {
  return SupportsFeature(protocol, "catalogManaged") || SupportsFeature(protocol, kCatalogCommits);
}

std::vector<std::string> FeaturesOf(const Protocol& protocol) {
  std::set<std::string> out(protocol.writer_features.begin(), protocol.writer_features.end());
  out.insert(protocol.reader_features.begin(), protocol.reader_features.end());
  for (const Feature& feature : AllFeatures()) {
    if (SupportsFeature(protocol, feature.name)) out.emplace(feature.name);
  }
  return {out.begin(), out.end()};
}

Status CheckReadable(const Protocol& protocol, std::string_view table) {
  std::vector<std::string> unknown;
  if (protocol.reader_version < 1 || protocol.reader_version > kReaderVersionMax) {
    unknown.push_back("reader version " + std::to_string(protocol.reader_version));
  }
  for (const std::string& name : protocol.reader_features) {
    const Feature* feature = FindFeature(name);
    if (feature == nullptr || !feature->reader) unknown.push_back(name);
  }
  if (unknown.empty()) return {};
  return UnsupportedForRead(table, unknown);
}

Status CheckWritable(const Protocol& protocol, const Metadata& metadata, WriteKind kind,
                     std::string_view table) {
  TARN_TRY(CheckReadable(protocol, table));
  std::vector<std::string> unsupported;
  if (protocol.writer_version < 1 || protocol.writer_version > kWriterVersionMax) {
    unsupported.push_back("writer version " + std::to_string(protocol.writer_version));
  }
  for (const std::string& name : FeaturesOf(protocol)) {
    if (!CanWrite(name)) unsupported.push_back(name);
  }
  if (metadata.provider != "parquet") unsupported.push_back("format " + metadata.provider);
  if (!unsupported.empty()) return UnsupportedForWrite(table, unsupported);
  const bool removes = kind == WriteKind::kRewrite || kind == WriteKind::kReplace;
  if (removes && SupportsFeature(protocol, "appendOnly") &&
      IsSwitchedOn(metadata, "delta.appendOnly")) {
    return Error(Condition("DELTA_CANNOT_MODIFY_APPEND_ONLY"), {{"table", std::string(table)}});
  }
  return {};
}

Result<Protocol> ProtocolFor(Metadata& metadata, const std::optional<Protocol>& current,
                             std::string_view table) {
  TARN_ASSIGN(const Asked asked, TakeAsked(metadata));
  const bool managed = asked.features.contains("catalogManaged") ||
                       (current && SupportsFeature(*current, "catalogManaged"));
  if (managed) TARN_TRY(RequireInCommitTimestamps(metadata));
  std::set<std::string> features = RequiredFeatures(metadata);
  if (managed) features.insert("vacuumProtocolCheck");
  features.insert(asked.features.begin(), asked.features.end());
  // Delta protocol: both keep what they know in a domain.
  if (features.contains("rowTracking") || features.contains("clustering")) {
    features.insert("domainMetadata");
  }
  if (features.contains("icebergCompatV1") || features.contains("icebergCompatV2")) {
    features.insert("columnMapping");
  }
  std::vector<std::string> unsupported;
  for (const std::string& name : features) {
    if (!CanWrite(name)) unsupported.push_back(name);
  }
  if (!unsupported.empty()) return UnsupportedForWrite(table, unsupported);

  Protocol least = current.value_or(Protocol());
  const bool has_all =
      current && std::all_of(features.begin(), features.end(), [&](const std::string& name) {
        return SupportsFeature(*current, name);
      });
  if (has_all && asked.reader_version <= least.reader_version &&
      asked.writer_version <= least.writer_version) {
    return least;
  }
  const std::vector<std::string> implied = FeaturesOf(least);
  least.reader_version = std::max(least.reader_version, asked.reader_version);
  least.writer_version = std::max(least.writer_version, asked.writer_version);
  // A feature asked for by name is listed by name.
  if (asked.features.empty()) {
    if (auto legacy = LegacyProtocol(features, least)) return *legacy;
  }
  features.insert(implied.begin(), implied.end());
  return FeatureProtocol(features, least);
}

namespace {

/// Names of one level of the schema.
Status ValidateLevel(const std::vector<Field>& fields, bool mapped) {
  std::set<std::string> names;
  for (const Field& field : fields) {
    if (!names.insert(FoldName(field.name)).second) {
      return Error(Condition("COLUMN_ALREADY_EXISTS"), {{"columnName", field.name}});
    }
    if (!mapped && field.name.find_first_of(" ,;{}()\n\t=") != std::string::npos) {
      return Error(Condition("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES"),
                   {{"columnName", field.name}});
    }
  }
  return {};
}

Status ValidateFields(const Schema& schema, bool mapped) {
  Status status;
  AnyType(schema.AsStruct(), [&](const DataType& type) {
    if (type.Is(TypeId::kStruct)) status = ValidateLevel(type.fields(), mapped);
    return !status.ok();
  });
  return status;
}

}  // namespace

Status ValidateMetadata(const Metadata& metadata) {
  const std::vector<Field>& fields = metadata.schema.fields;
  TARN_ASSIGN(const ColumnMappingMode mode, MappingModeOf(metadata));
  TARN_TRY(ValidateFields(metadata.schema, mode != ColumnMappingMode::kNone));
  if (IsSwitchedOn(metadata, "delta.enableChangeDataFeed")) {
    for (const char* name : {kChangeTypeColumn, kCommitVersionColumn, kCommitTimestampColumn}) {
      if (metadata.schema.Find(name) < 0) continue;
      return Error(Condition("DELTA_TABLE_ALREADY_CONTAINS_CDC_COLUMNS"), {{"columnName", name}});
    }
  }
  for (const Field& field : fields) {
    const auto not_stored = [](const DataType& type) {
      return type.Is(TypeId::kNull) || type.Is(TypeId::kTime) || type.IsInterval();
    };
    if (AnyType(field.type, not_stored)) {
      return Error(Condition("DELTA_UNSUPPORTED_DATA_TYPES"),
                   {{"dataTypeList", field.name + ": " + field.type.ToSql()}});
    }
    TARN_TRY(CheckListDepth(field.type, field.name));
  }
  std::set<int> partitions;
  for (const std::string& name : metadata.partition_columns) {
    const int index = metadata.schema.Find(name);
    if (index < 0) {
      return Error(Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"), {{"objectName", name}});
    }
    if (!CanPartitionBy(fields[index].type)) {
      return Error(Condition("DELTA_INVALID_PARTITION_COLUMN_TYPE"),
                   {{"name", name}, {"dataType", fields[index].type.ToSql()}});
    }
    if (IsIdentityColumn(fields[index])) {
      return Error(Condition("DELTA_IDENTITY_COLUMNS_PARTITION_NOT_SUPPORTED"),
                   {{"colName", name}});
    }
    if (!partitions.insert(index).second) {
      return Error(Condition("COLUMN_ALREADY_EXISTS"), {{"columnName", name}});
    }
  }
  if (!fields.empty() && partitions.size() == fields.size()) {
    return Error(Condition("DELTA_NON_PARTITION_COLUMN_ABSENT"), {});
  }
  return {};
}

}  // namespace tarn::delta
