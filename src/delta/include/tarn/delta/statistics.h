#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/delta/action.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/table_properties.h"
#include "tarn/types/value.h"

namespace tarn::delta {

/// What a writer knows of one leaf column of a file.
struct ColumnStatistics {
  std::vector<std::string> physical_path;  ///< through structs only
  /// Of the column's type, in full length: cutting and rounding is done here. Leave both out if
  /// unknown, if all values are NULL, or if a float column holds a NaN whose place in the order
  /// isn't counted.
  std::optional<Value> min;
  std::optional<Value> max;
  std::optional<int64_t> null_count;
};

struct FileStatistics {
  int64_t num_records = 0;
  bool tight_bounds = true;
  /// The columns' bounds are bounds already, whose strings aren't to be cut.
  bool bounds_as_they_stand = false;
  std::vector<ColumnStatistics> columns;
};

/// The `stats` text of an add action as Spark writes it: strings cut at 32 characters (the maximum
/// made an upper bound, or left out where there is none), timestamps in milliseconds with Z (the
/// maximum rounded up), decimals and integers as numbers, binary and boolean without bounds.
std::string StatisticsToJson(const FileStatistics& statistics);

/// The columns for which statistics are to be collected, as physical paths in schema order: the
/// first delta.dataSkippingNumIndexedCols leaves (structs opened, partition columns not counted),
/// or those named by delta.dataSkippingStatsColumns; arrays and maps are leaves with a null count
/// only.
struct StatisticsColumn {
  std::vector<std::string> physical_path;
  DataType type;
  bool bounds = true;  ///< whether minimum and maximum are kept for this type
};
std::vector<StatisticsColumn> StatisticsColumns(const Metadata& metadata,
                                                const PhysicalSchema& schema,
                                                const TableProperties& properties);

/// A `stats` text with tightBounds false, as a file has it some of whose rows are deleted. What
/// isn't a JSON object stays as it is.
std::string WithLooseBounds(std::string_view stats_json);

/// numRecords of a `stats` text, if it has it.
std::optional<int64_t> NumRecordsOf(std::string_view stats_json);

}  // namespace tarn::delta
