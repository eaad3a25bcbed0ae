#include "tarn/delta/row_tracking.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "table_switch.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/statistics.h"
#include "tarn/delta/table_properties.h"

namespace tarn::delta {

namespace {

constexpr const char* kEnable = "delta.enableRowTracking";
constexpr const char* kSuspended = "delta.rowTrackingSuspended";
constexpr const char* kRowIdName = "delta.rowTracking.materializedRowIdColumnName";
constexpr const char* kRowCommitVersionName =
    "delta.rowTracking.materializedRowCommitVersionColumnName";
constexpr const char* kHighWaterMark = "rowIdHighWaterMark";

}  // namespace

std::optional<RowTrackingColumns> TrackedColumns(const Metadata& metadata) {
  const std::string* row_id = metadata.Property(kRowIdName);
  const std::string* version = metadata.Property(kRowCommitVersionName);
  if (!IsSwitchedOn(metadata, kEnable) || row_id == nullptr || version == nullptr)
    return std::nullopt;
  return RowTrackingColumns{*row_id, *version};
}

Metadata WithRowTracking(const Metadata& table, const RowTrackingColumns& columns) {
  Metadata metadata = table;
  AppendHiddenColumn(metadata, columns.row_id, TypeId::kLong);
  AppendHiddenColumn(metadata, columns.row_commit_version, TypeId::kLong);
  return metadata;
}

bool AssignsRowIds(const Protocol& protocol, const Metadata& metadata) {
  return SupportsFeature(protocol, "rowTracking") && !IsSwitchedOn(metadata, kSuspended);
}

Status NameRowTrackingColumns(Metadata& metadata, const Metadata* before, IdSource& ids) {
  if (!IsSwitchedOn(metadata, kEnable)) return {};
  if (IsSwitchedOn(metadata, kSuspended)) {
    return Error(Condition("DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION"),
                 {{"property1", kEnable}, {"property2", kSuspended}});
  }
  const auto name = [&](const char* property, const char* prefix) {
    if (metadata.Property(property) != nullptr) return;
    const std::string* known = before == nullptr ? nullptr : before->Property(property);
    metadata.configuration[property] = known != nullptr ? *known : prefix + ids.NewUuid();
  };
  name(kRowIdName, "_row-id-col-");
  name(kRowCommitVersionName, "_row-commit-version-col-");
  return {};
}

int64_t RowIdHighWaterMark(const DomainMetadata& domain) {
  const auto json = nlohmann::json::parse(domain.configuration, nullptr, false);
  if (!json.is_object()) return -1;
  const auto mark = json.find(kHighWaterMark);
  if (mark == json.end() || !mark->is_number_integer()) return -1;
  return std::clamp<int64_t>(mark->get<int64_t>(), -1, INT64_MAX - 1);
}

DomainMetadata RowTrackingDomain(int64_t high_water_mark) {
  return {kRowTrackingDomain,
          "{\"" + std::string(kHighWaterMark) + "\":" + std::to_string(high_water_mark) + "}",
          false};
}

void AssignRowIds(AddFile& add, Version version, int64_t& high_water_mark) {
  if (!add.default_row_commit_version) add.default_row_commit_version = version;
  if (add.base_row_id) return;
  add.base_row_id = high_water_mark + 1;
  // A foreign log's numbers may be anything.
  const int64_t records = NumRecordsOf(add.stats).value_or(0);
  if (__builtin_add_overflow(high_water_mark, records, &high_water_mark)) {
    high_water_mark = INT64_MAX - 1;
  }
}

}  // namespace tarn::delta
