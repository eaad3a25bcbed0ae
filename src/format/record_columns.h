#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "csv_options.h"
#include "rescued_data.h"
#include "tarn/format/record_reader.h"

namespace tarn::format {

/// Where the parts of a record go: the batch's columns for the fields of the files, and those for
/// records and values that don't fit. One record is open at a time. For one thread.
class RecordColumns {
 public:
  explicit RecordColumns(const ReadSpec& spec);

  /// A field of the files.
  struct Target {
    std::string name;
    int column = -1;   ///< of the batch; -1 if it isn't wanted
    int scratch = -1;  ///< of `scratch`, for a field that isn't wanted but must be checked
  };
  /// In the files' order, without the columns for corrupt records and rescued data.
  const std::vector<Target>& targets() const { return targets_; }
  /// All fields are wanted, so that a record with too few or too many is malformed. With fewer,
  /// Spark doesn't look at the number.
  bool wants_all() const { return wants_all_; }
  bool rescues() const { return rescued_ >= 0; }
  /// There is a column for rescued data, wanted or not.
  bool has_rescued() const { return has_rescued_; }
  /// The column that values of a field go to; null if they aren't needed.
  Column* ColumnOf(const Target& target, ColumnBatch& batch);

  /// Ends a record whose values stand in the batch's columns, all NULL where a column has none yet.
  /// `malformed` decides by the mode: the row stays with its text in the column for corrupt
  /// records, goes, or the read fails.
  Status Finish(bool malformed, std::string_view record, std::string_view path, ColumnBatch& batch);

  RescuedData rescued;
  std::vector<Column> scratch;

 private:
  const ParseMode mode_;
  std::vector<Target> targets_;
  int corrupt_ = -1;
  int rescued_ = -1;
  bool has_rescued_ = false;
  bool wants_all_ = true;
};

}  // namespace tarn::format
