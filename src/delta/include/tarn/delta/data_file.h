#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/types/datetime.h"
#include "tarn/types/value.h"

namespace tarn::delta {

/// The live files of a snapshot, columnar and compact: hundreds of thousands are cheap to hold and
/// to walk by index. Views stay valid as long as the snapshot. Immutable, thread-safe.
class FileSet {
 public:
  size_t size() const;
  /// Bytes of all files together.
  int64_t total_size() const;

  /// Relative to the table's root, decoded and checked.
  std::string_view path(size_t i) const;
  int64_t file_size(size_t i) const;
  int64_t modification_time_ms(size_t i) const;

  /// The partition value of the k-th partition column of the metadata as stored; nullopt is NULL.
  std::optional<std::string_view> partition_text(size_t i, size_t k) const;
  /// The same, typed; `zone` is for timestamps written without one.
  Result<Value> partition_value(size_t i, size_t k, const TimeZone& zone) const;

  /// The statistics of a checkpoint's files are read when they are first asked for; then this makes
  /// sure that they are there, without it, what can't be read counts as unknown. Errors: those of
  /// reading a log.
  Status LoadStatistics(const RequestContext& ctx) const;
  /// The statistics as JSON text; empty if there are none.
  std::string stats(size_t i) const;
  /// numRecords of the statistics.
  std::optional<int64_t> num_records(size_t i) const;
  /// nullptr if no row of the file is deleted.
  const DeletionVectorDescriptor* deletion_vector(size_t i) const;
  std::optional<int64_t> base_row_id(size_t i) const;
  std::optional<int64_t> default_row_commit_version(size_t i) const;
  std::vector<std::pair<std::string, std::string>> tags(size_t i) const;

  /// The file as an add action (partition values by physical name).
  AddFile ToAdd(size_t i) const;
  /// The action that removes the file.
  RemoveFile ToRemove(size_t i) const;

  /// The index of the file with that path (and that deletion vector), if it is live. The first call
  /// builds an index.
  std::optional<size_t> Find(std::string_view path) const;

  struct Rep;
  explicit FileSet(std::shared_ptr<const Rep> rep);
  ~FileSet();
  const Rep& rep() const { return *rep_; }

 private:
  std::shared_ptr<const Rep> rep_;
};

}  // namespace tarn::delta
