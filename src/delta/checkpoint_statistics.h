#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stats_reader.h"
#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"

namespace tarn::delta {

class StatsStruct;

/// The statistics of one leaf column for all files of a checkpoint, as they stand in the texts.
class LeafColumn {
 public:
  void Append(const LeafStatistics& leaf);
  /// Valid as long as the column.
  LeafStatistics Row(size_t row) const;
  size_t bytes() const;

 private:
  std::optional<std::string_view> TextAt(size_t slot) const;

  std::string text_;
  std::vector<uint64_t> ends_;  ///< per row: of the minimum, of the maximum
  std::vector<uint8_t> known_;  ///< per row: bit 0 minimum, bit 1 maximum
  std::vector<int64_t> null_counts_;
};

/// The statistics of the files that a checkpoint adds. They are most of a checkpoint, and many
/// statements need none: so they are read from its Parquet files when they are first asked for, and
/// then kept compressed. JSON texts (`stats`) are taken where there are any, and texts made from
/// structs (`stats_parsed`) of the files that have none. Files are known by their place among the
/// adds; that a checkpoint was written again in another order is noticed by the paths. Thread-safe.
class CheckpointStatistics {
 public:
  /// `files`: the Parquet files that give the adds, in their order. `paths`: of the adds, decoded;
  /// the owner of the views owns this, too.
  /// `metadata`: that of the checkpoint, by which structs are understood; without it they aren't.
  CheckpointStatistics(Handlers handlers, std::string table_root, std::vector<std::string> files,
                       const std::vector<std::string_view>& paths,
                       std::optional<Metadata> metadata);
  ~CheckpointStatistics();

  /// Reads them unless they were read. Without it, what can't be read counts as unknown.
  Status Load(const RequestContext& ctx) const;

  /// The JSON text of a file; empty if there is none.
  std::string Text(size_t row) const;
  std::optional<int64_t> NumRecords(size_t row) const;
  /// A leaf by its physical path; nullptr if nothing is known of any file.
  std::shared_ptr<const LeafColumn> Column(const std::vector<std::string>& path) const;

 private:
  struct Chunk {
    size_t first_row = 0;
    std::vector<uint32_t> ends;  ///< of its rows within the text
    std::string compressed;
  };
  struct CachedColumn {
    std::vector<std::string> path;
    std::shared_ptr<const LeafColumn> column;
  };
  class Loader;
  /// What one reading of the files gives.
  struct Loaded {
    std::vector<Chunk> chunks;
    std::vector<int64_t> num_records;  ///< -1: unknown
    bool from_structs = false;         ///< whether any file's text was made
  };

  /// Whether they are there; tries once.
  bool Ready() const;
  Status LoadLocked(const RequestContext& ctx) const;
  /// `structs`: makes texts of the files that have none; may be null.
  Result<Loaded> ReadFiles(const RequestContext& ctx, const StatsStruct* structs) const;
  const Chunk& ChunkOf(size_t row) const;
  static void Inflate(const Chunk& chunk, std::string& text);

  const Handlers handlers_;
  const std::string root_;
  const std::vector<std::string> files_;
  const std::vector<std::string_view>& paths_;
  const std::optional<Metadata> metadata_;

  mutable std::mutex mutex_;
  mutable bool tried_ = false;                   ///< guarded by mutex_
  mutable std::atomic<bool> is_loaded_ = false;  ///< set last: loaded_ is fixed then
  mutable Loaded loaded_;
  mutable const Chunk* inflated_ = nullptr;  ///< guarded by mutex_
  mutable std::string inflated_text_;        ///< guarded by mutex_
  mutable std::list<CachedColumn> columns_;  ///< guarded by mutex_; the last used first
};

}  // namespace tarn::delta
