#include "optimize.h"

#include <algorithm>
#include <set>

#include "generated_query.h"
#include "history_parameters.h"
#include "row_ids.h"
#include "tarn/base/fault_point.h"
#include "tarn/base/random.h"

namespace tarn::session {

namespace {

/// Files with more deleted rows than this part are written anew even if they are large.
constexpr double kDeletedPartMax = 0.05;
/// So many partitions are written side by side.
constexpr size_t kPartitionsAtOnce = 32;
/// Clustered files of one cube that have grown to so much together are left alone.
constexpr int64_t kCubeBytes = int64_t{4} << 30;
/// Bits of one column's position on the Z-order curve, and of the whole position.
constexpr size_t kColumnBitsMax = 10;
constexpr size_t kCurveBits = 60;

constexpr const char* kCubeId = "ZCUBE_ID";
constexpr const char* kCubeColumns = "ZCUBE_ZORDER_BY";
constexpr const char* kCubeCurve = "ZCUBE_ZORDER_CURVE";

struct Bin {
  std::vector<uint32_t> files;
  int64_t bytes = 0;
};

std::string PathSql(const delta::ColumnPath& path) {
  std::string sql;
  for (const std::string& part : path) sql += (sql.empty() ? "" : ".") + QuoteIdentifier(part);
  return sql;
}

class Rewrite {
 public:
  Rewrite(StatementScope& scope, const TableTarget& target,
          std::shared_ptr<const delta::Snapshot> snapshot, const RewriteOptions& options)
      : scope_(scope),
        target_(target),
        snapshot_(std::move(snapshot)),
        options_(options),
        metadata_(options.metadata.value_or(snapshot_->metadata())),
        write_(WriteTargetOf(target.root, metadata_)) {
    if (const auto tracked = delta::TrackedColumns(metadata_)) {
      write_ = WithRowIds(std::move(write_), *tracked);
      row_ids_ = KeptRowSql("rewritten_files");
    }
  }

  Result<Rewritten> Run() {
    const auto by_partition = FilesByPartition();
    std::vector<std::vector<Bin>> rounds = options_.order == FileOrder::kKeep
                                               ? SmallFileRounds(by_partition)
                                               : CurveRounds(by_partition);
    if (rounds.empty() && !options_.metadata) return std::move(result_);
    if (options_.order == FileOrder::kCluster) cube_ = SystemIds().NewUuid();
    TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope_, target_.root, snapshot_));
    if (options_.metadata) transaction.ReadWholeTable();
    const Status done = WriteAndCommit(rounds, transaction);
    if (done.ok()) return std::move(result_);
    if (done.error().condition() != Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
      RemoveUnusedFiles(scope_, target_.root, written_);
    }
    return Error(done.error());
  }

 private:
  const delta::FileSet& files() const { return snapshot_->files(); }

  /// The partition of a file as a text, different for different partitions.
  std::string PartitionOf(size_t index) const {
    std::string text;
    for (size_t k = 0; k < snapshot_->metadata().partition_columns.size(); ++k) {
      const auto value = files().partition_text(index, k);
      text += value ? std::to_string(value->size()) + ":" + std::string(*value) : "-";
    }
    return text;
  }

  std::map<std::string, std::vector<uint32_t>> FilesByPartition() {
    std::map<std::string, std::vector<uint32_t>> found;
    const auto add = [&](uint32_t i) {
      ++result_.considered;
      found[PartitionOf(i)].push_back(i);
    };
    if (options_.files) {
      for (const uint32_t i : *options_.files) add(i);
    } else {
      for (uint32_t i = 0; i < files().size(); ++i) add(i);
    }
    return found;
  }

  bool MustRewrite(size_t index) const {
    if (options_.all) return true;
    const auto* vector = files().deletion_vector(index);
    if (vector == nullptr) return false;
    if (options_.purge) return true;
    const auto records = files().num_records(index);
    return !records || static_cast<double>(vector->cardinality) >
                           kDeletedPartMax * static_cast<double>(*records);
  }

  /// Small files of one partition in bins of at most the target size, smallest first. What fills no
  /// bin with another is left alone.
  std::vector<Bin> BinsOf(std::vector<uint32_t> candidates) const {
    std::erase_if(candidates, [&](uint32_t i) {
      return files().file_size(i) >= options_.small_bytes && !MustRewrite(i);
    });
    std::vector<Bin> bins;
    if (candidates.size() < options_.files_min &&
        std::ranges::none_of(candidates, [&](uint32_t i) { return MustRewrite(i); })) {
      return bins;
    }
    std::ranges::stable_sort(candidates, {}, [&](uint32_t i) { return files().file_size(i); });
    for (const uint32_t i : candidates) {
      const int64_t size = files().file_size(i);
      if (bins.empty() || bins.back().bytes + size > write_.target_file_bytes) bins.emplace_back();
      bins.back().files.push_back(i);
      bins.back().bytes += size;
    }
    std::erase_if(
        bins, [&](const Bin& bin) { return bin.files.size() == 1 && !MustRewrite(bin.files[0]); });
    return bins;
  }

  /// Rounds of bins, each of another partition, so that each bin becomes one file.
  std::vector<std::vector<Bin>> SmallFileRounds(
      const std::map<std::string, std::vector<uint32_t>>& by_partition) {
    write_.target_file_bytes = std::max(write_.target_file_bytes, options_.small_bytes);
    std::vector<std::vector<Bin>> rounds;
    size_t open_from = 0;  // rounds before it are full
    for (const auto& [partition, candidates] : by_partition) {
      std::vector<Bin> bins = BinsOf(candidates);
      if (!bins.empty()) ++result_.partitions;
      for (size_t k = 0; k < bins.size(); ++k) {
        if (open_from + k >= rounds.size()) rounds.resize(open_from + k + 1);
        rounds[open_from + k].push_back(std::move(bins[k]));
      }
      while (open_from < rounds.size() && rounds[open_from].size() >= kPartitionsAtOnce) {
        ++open_from;
      }
    }
    // A bin's size is that of its inputs; what comes of it must not be cut.
    write_.target_file_bytes = INT64_MAX / 2;
    return rounds;
  }

  bool IsClustered(size_t index, std::map<std::string, int64_t>& cubes) const {
    std::string id;
    std::string columns;
    for (const auto& [key, value] : files().tags(index)) {
      if (key == kCubeId) id = value;
      if (key == kCubeColumns) columns = value;
    }
    if (id.empty() || columns != ColumnsJson(options_.columns)) return false;
    cubes[id] += files().file_size(index);
    return true;
  }

  /// The files to be ordered. Of a clustered table, those that no finished cube holds, if any of
  /// them isn't clustered by these columns yet.
  std::vector<std::vector<Bin>> CurveRounds(
      const std::map<std::string, std::vector<uint32_t>>& by_partition) {
    std::map<std::string, int64_t> cubes;
    std::set<uint32_t> clustered;
    if (options_.order == FileOrder::kCluster) {
      for (const auto& [partition, candidates] : by_partition) {
        for (const uint32_t i : candidates) {
          if (IsClustered(i, cubes)) clustered.insert(i);
        }
      }
    }
    std::vector<std::vector<Bin>> rounds;
    for (const auto& [partition, candidates] : by_partition) {
      Bin bin;
      bool any_new = options_.full;
      for (const uint32_t i : candidates) {
        if (!options_.full && clustered.contains(i) && CubeIsFull(i, cubes)) continue;
        any_new |= !clustered.contains(i);
        bin.files.push_back(i);
      }
      if (bin.files.empty() || !any_new) continue;
      ++result_.partitions;
      if (rounds.empty() || rounds.back().size() >= kPartitionsAtOnce) rounds.emplace_back();
      rounds.back().push_back(std::move(bin));
    }
    return rounds;
  }

  bool CubeIsFull(size_t index, const std::map<std::string, int64_t>& cubes) const {
    for (const auto& [key, value] : files().tags(index)) {
      if (key == kCubeId) return cubes.at(value) >= kCubeBytes;
    }
    return false;
  }

  /// The text of the query over `rewritten_files`.
  std::string OrderedSql() const {
    if (options_.order == FileOrder::kKeep) return "SELECT *" + row_ids_ + " FROM rewritten_files";
    std::string partitions;
    for (const std::string& name : snapshot_->metadata().partition_columns) {
      partitions += (partitions.empty() ? "" : ", ") + QuoteIdentifier(name);
    }
    const std::string leading = partitions.empty() ? "" : partitions + ", ";
    const size_t count = options_.columns.size();
    if (count == 1) {
      return "SELECT *" + row_ids_ + " FROM rewritten_files ORDER BY " + leading +
             PathSql(options_.columns[0]);
    }
    // Each column's rank in so many equal parts; their bits, taken in turn, are the curve.
    const size_t bits = std::min(kColumnBitsMax, kCurveBits / count);
    const std::string parts = std::to_string(size_t{1} << bits);
    std::string ranks;
    std::string curve;
    for (size_t k = 0; k < count; ++k) {
      const std::string rank = "`__rank" + std::to_string(k) + "`";
      ranks += ", ntile(" + parts + ") OVER (" +
               (partitions.empty() ? "" : "PARTITION BY " + partitions + " ") + "ORDER BY " +
               PathSql(options_.columns[k]) + ") - 1 AS " + rank;
      for (size_t bit = 0; bit < bits; ++bit) {
        curve += (curve.empty() ? "" : " + ") + std::string("(shiftright(") + rank + ", " +
                 std::to_string(bit) + ") & 1) * " +
                 std::to_string(int64_t{1} << (bit * count + k)) + "L";
      }
    }
    std::string columns;
    for (const Field& field : metadata_.schema.fields) {
      columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(field.name);
    }
    if (!row_ids_.empty()) {
      columns += std::string(", ") + kRowIdColumn + ", " + kRowCommitVersionColumn;
    }
    return "SELECT " + columns + " FROM (SELECT *" + row_ids_ + ranks +
           " FROM rewritten_files) ORDER BY " + leading + curve;
  }

  Status WriteRound(const std::vector<Bin>& round, delta::Transaction& transaction) {
    plan::DeltaRelation source{snapshot_, target_.root, std::vector<uint32_t>()};
    for (const Bin& bin : round) {
      source.file_subset->insert(source.file_subset->end(), bin.files.begin(), bin.files.end());
    }
    const std::vector<uint32_t> removed = *source.file_subset;
    plan::Relation relation{target_.display, snapshot_->schema(), std::move(source)};
    GeneratedQuery query(scope_);
    query.Add(OrderedSql());
    TARN_ASSIGN(const plan::Query rows, query.Analyze({{"rewritten_files", std::move(relation)}}));
    TARN_ASSIGN(engine::WriteResult written,
                scope_.rooms().engine().Write(scope_.request(), rows, write_, scope_.EngineView()));
    for (delta::AddFile& file : written.files) {
      result_.added_sizes.push_back(file.size);
      file.data_change = false;
      if (!cube_.empty()) {
        file.tags.insert({{kCubeId, cube_},
                          {kCubeColumns, ColumnsJson(options_.columns)},
                          {kCubeCurve, "zorder"}});
      }
      written_.push_back(file);
      transaction.Add(std::move(file));
    }
    for (const uint32_t i : removed) {
      transaction.ReadFile(i);
      transaction.Remove(i, false);
      result_.removed_sizes.push_back(files().file_size(i));
      if (const auto* vector = files().deletion_vector(i)) {
        ++result_.vectors_removed;
        result_.rows_purged += vector->cardinality;
      }
    }
    return {};
  }

  Status WriteAndCommit(const std::vector<std::vector<Bin>>& rounds,
                        delta::Transaction& transaction) {
    for (const std::vector<Bin>& round : rounds) TARN_TRY(WriteRound(round, transaction));
    if (options_.all && files().size() == 0) transaction.RemoveAll();
    if (options_.metadata) TARN_TRY(transaction.SetMetadata(metadata_));
    transaction.SetOperation(options_.operation, options_.parameters);
    SetMetrics(transaction);
    TARN_FAULT_POINT("optimize.before_commit");
    TARN_TRY(CommitAndPublish(scope_, target_, transaction));
    return {};
  }

  void SetMetrics(delta::Transaction& transaction) const {
    const auto sum = [](const std::vector<int64_t>& sizes) {
      int64_t total = 0;
      for (const int64_t size : sizes) total += size;
      return total;
    };
    transaction.SetMetric("numRemovedFiles", static_cast<int64_t>(result_.removed_sizes.size()));
    transaction.SetMetric("numRemovedBytes", sum(result_.removed_sizes));
    transaction.SetMetric("numAddedFiles", static_cast<int64_t>(result_.added_sizes.size()));
    transaction.SetMetric("numAddedBytes", sum(result_.added_sizes));
    transaction.SetMetric("numDeletionVectorsRemoved", result_.vectors_removed);
    std::vector<int64_t> sizes = result_.added_sizes;
    std::ranges::sort(sizes);
    const auto at = [&](size_t quarter) {
      return sizes.empty() ? 0 : sizes[(sizes.size() - 1) * quarter / 4];
    };
    transaction.SetMetric("minFileSize", at(0));
    transaction.SetMetric("p25FileSize", at(1));
    transaction.SetMetric("p50FileSize", at(2));
    transaction.SetMetric("p75FileSize", at(3));
    transaction.SetMetric("maxFileSize", at(4));
  }

  StatementScope& scope_;
  const TableTarget& target_;
  const std::shared_ptr<const delta::Snapshot> snapshot_;
  const RewriteOptions& options_;
  const delta::Metadata metadata_;  ///< as it will be
  engine::WriteTarget write_;
  std::string row_ids_;  ///< in SELECT lists, of a table with row tracking
  std::string cube_;
  std::vector<delta::AddFile> written_;
  Rewritten result_;
};

}  // namespace

std::string ColumnsJson(const std::vector<delta::ColumnPath>& columns) {
  std::vector<std::string> names;
  for (const delta::ColumnPath& path : columns) names.push_back(delta::ShownPath(path));
  return NameList(names);
}

Result<Rewritten> RewriteFiles(StatementScope& scope, const TableTarget& target,
                               const std::shared_ptr<const delta::Snapshot>& snapshot,
                               const RewriteOptions& options) {
  return Rewrite(scope, target, snapshot, options).Run();
}

}  // namespace tarn::session
