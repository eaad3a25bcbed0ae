#include "tarn/delta/table_properties.h"

#include <cctype>
#include <charconv>

namespace tarn::delta {
namespace {

enum class PropertyKind : uint8_t {
  kText,
  kBool,
  kInt,
  kPositive,
  kBytes,
  kInterval,
  kIsolation,
  kMapping,
  kPolicy
};

struct KnownProperty {
  std::string_view name;
  PropertyKind kind;
};

constexpr KnownProperty kKnown[] = {
    {"delta.appendOnly", PropertyKind::kBool},
    {"delta.autoOptimize.autoCompact", PropertyKind::kText},
    {"delta.autoOptimize.optimizeWrite", PropertyKind::kBool},
    {"delta.checkpoint.writeStatsAsJson", PropertyKind::kBool},
    {"delta.checkpoint.writeStatsAsStruct", PropertyKind::kBool},
    {"delta.checkpointInterval", PropertyKind::kPositive},
    {"delta.checkpointPolicy", PropertyKind::kPolicy},
    {"delta.checkpointRetentionDuration", PropertyKind::kInterval},
    {"delta.columnMapping.maxColumnId", PropertyKind::kInt},
    {"delta.columnMapping.mode", PropertyKind::kMapping},
    {"delta.compatibility.symlinkFormatManifest.enabled", PropertyKind::kBool},
    {"delta.dataSkippingNumIndexedCols", PropertyKind::kInt},
    {"delta.dataSkippingStatsColumns", PropertyKind::kText},
    {"delta.deletedFileRetentionDuration", PropertyKind::kInterval},
    {"delta.dropFeatureTruncateHistory.retentionDuration", PropertyKind::kInterval},
    {"delta.enableChangeDataFeed", PropertyKind::kBool},
    {"delta.enableDeletionVectors", PropertyKind::kBool},
    {"delta.enableExpiredLogCleanup", PropertyKind::kBool},
    {"delta.enableFullRetentionRollback", PropertyKind::kBool},
    {"delta.enableIcebergCompatV1", PropertyKind::kBool},
    {"delta.enableIcebergCompatV2", PropertyKind::kBool},
    {"delta.enableInCommitTimestamps", PropertyKind::kBool},
    {"delta.enableRowTracking", PropertyKind::kBool},
    {"delta.enableTypeWidening", PropertyKind::kBool},
    {"delta.enableVariantShredding", PropertyKind::kBool},
    {"delta.inCommitTimestampEnablementTimestamp", PropertyKind::kInt},
    {"delta.inCommitTimestampEnablementVersion", PropertyKind::kInt},
    {"delta.isolationLevel", PropertyKind::kIsolation},
    {"delta.logRetentionDuration", PropertyKind::kInterval},
    {"delta.minReaderVersion", PropertyKind::kInt},
    {"delta.minWriterVersion", PropertyKind::kInt},
    {"delta.parquet.compression.codec", PropertyKind::kText},
    {"delta.parquet.format.version", PropertyKind::kText},
    {"delta.randomPrefixLength", PropertyKind::kPositive},
    {"delta.randomizeFilePrefixes", PropertyKind::kBool},
    {"delta.sampleRetentionDuration", PropertyKind::kInterval},
    {"delta.requireCheckpointProtectionBeforeVersion", PropertyKind::kInt},
    {"delta.rowTrackingSuspended", PropertyKind::kBool},
    {"delta.setTransactionRetentionDuration", PropertyKind::kInterval},
    {"delta.targetFileSize", PropertyKind::kBytes},
    {"delta.tuneFileSizesForRewrites", PropertyKind::kBool},
    {"delta.universalFormat.enabledFormats", PropertyKind::kText},
    {"delta.universalFormat.iceberg.atomicConversion.supported", PropertyKind::kBool},
    {"tarn.logCompactionInterval", PropertyKind::kInt},
};

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::optional<bool> ParseBool(std::string_view text) {
  const std::string lower = Lower(text);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Splits "a, `b,c`.d" at its top-level commas; blanks around the parts are dropped.
std::vector<std::string> SplitColumns(std::string_view text) {
  std::vector<std::string> out;
  std::string part;
  bool quoted = false;
  const auto flush = [&] {
    const size_t begin = part.find_first_not_of(' ');
    if (begin != std::string::npos) {
      out.push_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
    }
    part.clear();
  };
  for (const char c : text) {
    if (c == '`') quoted = !quoted;
    if (c == ',' && !quoted) {
      flush();
    } else {
      part.push_back(c);
    }
  }
  flush();
  return out;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// What is wrong with a value, or nullptr.
const char* Complaint(PropertyKind kind, const std::string& value) {
  const auto number = ParseInt(value);
  switch (kind) {
    case PropertyKind::kText:
      return nullptr;
    case PropertyKind::kBool:
      return ParseBool(value) ? nullptr : "it must be true or false";
    case PropertyKind::kInt:
      return number && *number >= -1 ? nullptr : "it must be an integer of at least -1";
    case PropertyKind::kPositive:
      return number && *number > 0 ? nullptr : "it must be a positive integer";
    case PropertyKind::kBytes: {
      const auto bytes = ParseByteSize(value);
      return bytes && *bytes > 0 ? nullptr : "it must be a size such as 128mb";
    }
    case PropertyKind::kInterval:
      return ParseIntervalMs(value) ? nullptr : "it must be an interval such as interval 7 days";
    case PropertyKind::kIsolation:
      return value == "Serializable" || value == "WriteSerializable"
                 ? nullptr
                 : "it must be Serializable or WriteSerializable";
    case PropertyKind::kMapping:
      return value == "none" || value == "name" || value == "id" ? nullptr
                                                                 : "it must be none, name or id";
    case PropertyKind::kPolicy:
      return value == "classic" || value == "v2" ? nullptr : "it must be classic or v2";
  }
  return nullptr;
}

}  // namespace

std::optional<int64_t> ParseByteSize(std::string_view text) {
  text = Trim(text);
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  const auto number = ParseInt(text.substr(0, digits));
  if (!number) return std::nullopt;
  const std::string unit = Lower(Trim(text.substr(digits)));
  int shift = 0;
  if (unit == "k" || unit == "kb") {
    shift = 10;
  } else if (unit == "m" || unit == "mb") {
    shift = 20;
  } else if (unit == "g" || unit == "gb") {
    shift = 30;
  } else if (unit == "t" || unit == "tb") {
    shift = 40;
  } else if (!unit.empty() && unit != "b") {
    return std::nullopt;
  }
  if (*number > (INT64_MAX >> shift)) return std::nullopt;
  return *number << shift;
}

std::optional<int64_t> ParseIntervalMs(std::string_view text) {
  std::string lower = Lower(Trim(text));
  std::string_view rest = lower;
  if (rest.starts_with("interval ")) rest.remove_prefix(9);
  int64_t total = 0;
  bool any = false;
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"week", int64_t{7} * 24 * 3600 * 1000},
      {"day", int64_t{24} * 3600 * 1000},
      {"hour", int64_t{3600} * 1000},
      {"minute", 60'000},
      {"second", 1000},
      {"millisecond", 1},
  };
  while (true) {
    rest = Trim(rest);
    if (rest.empty()) break;
    const size_t blank = rest.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const auto number = ParseInt(rest.substr(0, blank));
    rest = Trim(rest.substr(blank));
    std::string_view unit = rest.substr(0, rest.find(' '));
    rest.remove_prefix(unit.size());
    if (unit.size() > 1 && unit.back() == 's') unit.remove_suffix(1);
    int64_t scale = 0;
    for (const auto& [name, ms] : kUnits) {
      if (unit == name) scale = ms;
    }
    if (!number || scale == 0 || *number < 0 || *number > 100'000'000) return std::nullopt;
    total += *number * scale;
    any = true;
  }
  return any ? std::optional(total) : std::nullopt;
}

Result<TableProperties> ReadTableProperties(const Metadata& metadata) {
  TableProperties out;
  const auto flag = [&](const char* key, bool& target) {
    const std::string* text = metadata.Property(key);
    if (text != nullptr) target = ParseBool(*text).value_or(target);
  };
  const auto interval = [&](const char* key, int64_t& target) {
    const std::string* text = metadata.Property(key);
    if (text != nullptr) target = ParseIntervalMs(*text).value_or(target);
  };
  flag("delta.appendOnly", out.append_only);
  flag("delta.enableChangeDataFeed", out.change_data_feed);
  flag("delta.enableDeletionVectors", out.deletion_vectors);
  flag("delta.enableInCommitTimestamps", out.in_commit_timestamps);
  flag("delta.enableRowTracking", out.row_tracking);
  flag("delta.enableExpiredLogCleanup", out.log_cleanup);
  flag("delta.checkpoint.writeStatsAsJson", out.checkpoint_stats_as_json);
  out.checkpoint_stats_as_struct = !out.checkpoint_stats_as_json;
  flag("delta.checkpoint.writeStatsAsStruct", out.checkpoint_stats_as_struct);
  interval("delta.deletedFileRetentionDuration", out.deleted_file_retention_ms);
  interval("delta.logRetentionDuration", out.log_retention_ms);
  interval("delta.setTransactionRetentionDuration", out.set_transaction_retention_ms);
  if (const auto* text = metadata.Property("delta.checkpointPolicy")) {
    out.checkpoint_v2 = *text == "v2";
  }
  if (const auto* text = metadata.Property("delta.checkpointInterval")) {
    const auto number = ParseInt(*text);
    if (number && *number > 0) out.checkpoint_interval = *number;
  }
  if (const auto* text = metadata.Property("delta.targetFileSize")) {
    const auto bytes = ParseByteSize(*text);
    if (bytes && *bytes > 0) out.target_file_size = *bytes;
  }
  if (const auto* text = metadata.Property("delta.dataSkippingNumIndexedCols")) {
    const auto number = ParseInt(*text);
    if (number && *number >= -1 && *number <= INT32_MAX) {
      out.data_skipping_num_indexed_cols = static_cast<int32_t>(*number);
    }
  }
  if (const auto* text = metadata.Property("delta.dataSkippingStatsColumns")) {
    out.data_skipping_columns = SplitColumns(*text);
  }
  if (const auto* text = metadata.Property("delta.parquet.compression.codec")) {
    out.compression_codec = Lower(*text);
  }
  if (const auto* text = metadata.Property("delta.isolationLevel")) {
    if (*text == "Serializable") out.isolation = IsolationLevel::kSerializable;
  }
  TARN_ASSIGN(out.column_mapping, MappingModeOf(metadata));
  return out;
}

Status ValidateTableProperties(const Metadata& metadata) {
  for (const auto& [key, value] : metadata.configuration) {
    if (!(key.starts_with("delta.") || key.starts_with("tarn.")) ||
        key.starts_with("delta.constraints.") || key.starts_with("delta.feature.") ||
        key.starts_with("delta.rowTracking.")) {
      continue;
    }
    const KnownProperty* known = nullptr;
    for (const KnownProperty& candidate : kKnown) {
      if (candidate.name == key) known = &candidate;
    }
    if (known == nullptr) {
      return Error(Condition("DELTA_UNKNOWN_CONFIGURATION"), {{"config", key}});
    }
    if (const char* detail = Complaint(known->kind, value)) {
      return Error(Condition("INVALID_PARAMETER_VALUE"),
                   {{"value", value}, {"parameter", key}, {"detail", detail}});
    }
  }
  return {};
}

}  // namespace tarn::delta
