#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parquet_column.h"
#include "stats_reader.h"
#include "tarn/delta/statistics.h"

namespace tarn::delta {

/// The column `stats_parsed` of checkpoints: the statistics of a file as a struct. Everything but
/// checkpoints has them as JSON text, so this goes both ways. For one thread.
/// Source: Delta protocol, "Checkpoint Schema" and "Per-file Statistics".
class StatsStruct {
 public:
  /// `leaves`: in schema order.
  explicit StatsStruct(std::vector<StatisticsColumn> leaves);

  /// numRecords, minValues, maxValues, nullCount, tightBounds; without what has no leaves.
  const DataType& type() const { return type_; }

  /// The `stats` text of a row of such a column; "" where it doesn't know the number of rows.
  /// Bounds stay as they are; one that JSON can't tell is left out.
  std::string TextOf(const ParquetColumn& column, size_t row) const;

  /// Appends the statistics of a text; NULL where it doesn't tell the number of rows.
  void Append(std::string_view stats, ParquetColumn& column);

 private:
  struct Leaf {
    StatisticsColumn column;
    std::vector<size_t> bounds_path;  ///< of children within minValues and maxValues
    std::vector<size_t> counts_path;  ///< within nullCount
  };
  void AppendSection(size_t field, ParquetColumn& column);

  std::vector<Leaf> leaves_;
  StatsReader reader_;
  DataType type_;
  int min_ = -1;  ///< places among the fields; -1: there is none
  int max_ = -1;
  int null_count_ = -1;
  int tight_ = -1;
};

/// All leaves that files may have statistics of, whatever the table's properties say now.
std::vector<StatisticsColumn> AllStatisticsColumns(const Metadata& metadata,
                                                   const PhysicalSchema& schema);

}  // namespace tarn::delta
