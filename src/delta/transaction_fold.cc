#include "tarn/delta/transaction_fold.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "file_set.h"
#include "snapshot_state.h"
#include "tarn/delta/file_key.h"
#include "tarn/delta/needed_files.h"
#include "transaction_state.h"

namespace tarn::delta {
namespace {

/// The rows of a segment that no segment of the same block among `others` has.
std::vector<uint32_t> RowsBeside(const FileSegment& segment,
                                 const std::vector<FileSegment>& others) {
  std::vector<uint32_t> rows(segment.size);
  for (size_t i = 0; i < segment.size; ++i) rows[i] = static_cast<uint32_t>(segment.RowOf(i));
  for (const FileSegment& other : others) {
    if (other.block != segment.block) continue;
    if (other.rows == nullptr || other.rows == segment.rows) return {};
    std::vector<uint32_t> rest;
    std::ranges::set_difference(rows, *other.rows, std::back_inserter(rest));
    rows = std::move(rest);
  }
  return rows;
}

/// The files of `files` without those that `others` shares with it. (Both may still have one of the
/// same name, where the log was read anew between them.)
std::vector<size_t> FilesBeside(const FileSet& files, const FileSet& others) {
  std::vector<size_t> out;
  for (size_t s = 0; s < files.rep().segments.size(); ++s) {
    const FileSegment& segment = files.rep().segments[s];
    size_t i = 0;
    for (const uint32_t row : RowsBeside(segment, others.rep().segments)) {
      while (segment.RowOf(i) != row) ++i;
      out.push_back(files.rep().starts[s] + i);
    }
  }
  return out;
}

std::unordered_set<std::string> KeysOf(const FileSet& files, const std::vector<size_t>& indexes) {
  std::unordered_set<std::string> keys;
  for (const size_t i : indexes) keys.insert(FileKey(files, i));
  return keys;
}

/// The files that an add needs: itself and its deletion vector's.
void NameFiles(const AddFile& add, const std::string& root, std::set<std::string>& names) {
  names.insert(add.path);
  if (!add.deletion_vector) return;
  const auto vector = DeletionVectorFile(*add.deletion_vector, root);
  if (vector.ok() && *vector) names.insert(**vector);
}

}  // namespace

TransactionFold::TransactionFold(Handlers handlers, std::shared_ptr<const Snapshot> base,
                                 std::string txn_id)
    : handlers_(handlers), whole_(std::move(handlers), std::move(base)) {
  whole_.state_->txn_id = std::move(txn_id);
}

void TransactionFold::Add(const Transaction& change) {
  const Transaction::State& one = *change.state_;
  Transaction::State& all = *whole_.state_;
  const auto merge = [](auto& into, const auto& from) { into.insert(from.begin(), from.end()); };
  all.reads.predicates.insert(all.reads.predicates.end(), one.reads.predicates.begin(),
                              one.reads.predicates.end());
  all.reads.whole_table |= one.reads.whole_table;
  merge(all.reads.read_paths, one.reads.read_paths);
  merge(all.reads.app_ids, one.reads.app_ids);
  merge(all.reads.domains, one.reads.domains);
  changes_metadata_ |= one.new_metadata.has_value();
  // Predicates of columns that the base doesn't have can't be checked against its winners.
  if (changes_metadata_ && !all.reads.predicates.empty()) all.reads.whole_table = true;
  for (const std::string& path : one.reads.removed_paths) {
    keeps_row_ids_ |= TrackedColumns(one.metadata()) && !base()->files().Find(path);
  }
  all.change_files.insert(all.change_files.end(), one.change_files.begin(), one.change_files.end());
  // Only what stands alone keeps its kind: of several, the whole decides.
  const bool first = operations_.empty();
  all.kind = first ? one.kind : std::nullopt;
  all.removes_all = first && one.removes_all;
  all.info = one.info;
  all.writes_checksum = one.writes_checksum;
  operations_.push_back(one.info.operation);
  for (const auto& [name, value] : one.info.operation_metrics) {
    metrics_[name] += std::strtoll(value.c_str(), nullptr, 10);
  }

  const FileSet& before = one.snapshot()->files();
  for (const AddFile& add : one.adds) {
    std::set<std::string> names;
    std::set<std::string> known;
    NameFiles(add, one.reads.table_root, names);
    // What stood there before was written by an earlier change, which has named it, or by others.
    if (one.reads.removed_paths.contains(add.path)) {
      NameFiles(before.ToAdd(*before.Find(add.path)), one.reads.table_root, known);
    }
    std::ranges::set_difference(names, known, std::inserter(written_, written_.end()));
  }
  for (const AddFile& file : one.change_files) written_.insert(file.path);
}

void TransactionFold::ReplaceChangeFiles(std::vector<AddFile> files) {
  for (const AddFile& file : files) written_.insert(file.path);
  rearranges_ = files.empty();
  whole_.state_->change_files = std::move(files);
}

bool TransactionFold::needs_change_files() const {
  return base()->properties().change_data_feed && changes() > 1 &&
         !whole_.state_->change_files.empty();
}

bool TransactionFold::EndsWhereItBegan(const Transaction& whole) {
  const Transaction::State& state = *whole.state_;
  return state.adds.empty() && state.removes.empty() && state.change_files.empty() &&
         state.transactions.empty() && state.domains.empty() && !state.new_metadata &&
         !state.new_protocol;
}

Transaction TransactionFold::Finish(const Snapshot& last) const {
  Transaction whole(handlers_, base());
  *whole.state_ = *whole_.state_;
  FoldFiles(last, whole);
  FoldOthers(last, whole);
  Describe(whole);
  return whole;
}

void TransactionFold::FoldFiles(const Snapshot& last, Transaction& whole) const {
  const FileSet& before = base()->files();
  const FileSet& after = last.files();
  const std::vector<size_t> old_files = FilesBeside(before, after);
  const std::vector<size_t> new_files = FilesBeside(after, before);
  const auto stay = KeysOf(after, new_files);
  const auto were = KeysOf(before, old_files);
  std::unordered_set<std::string_view> old_paths;
  for (const size_t i : old_files) {
    old_paths.insert(before.path(i));
    if (!stay.contains(FileKey(before, i))) whole.Remove(i, !rearranges_);
  }
  for (const size_t i : new_files) {
    if (were.contains(FileKey(after, i))) continue;
    AddFile add = after.ToAdd(i);
    add.data_change = !rearranges_;
    if (!old_paths.contains(add.path)) {
      // Given anew, unless rows of it stand elsewhere with what was given.
      add.default_row_commit_version.reset();
      if (!keeps_row_ids_) add.base_row_id.reset();
    }
    whole.Add(std::move(add));
  }
  if (!keeps_row_ids_) return;
  whole.state_->reads.alone = true;
  const auto ids = last.domains().find(kRowTrackingDomain);
  if (ids != last.domains().end()) whole.ReserveRowIds(RowIdHighWaterMark(ids->second));
}

void TransactionFold::FoldOthers(const Snapshot& last, Transaction& whole) const {
  Transaction::State& state = *whole.state_;
  if (changes_metadata_) state.new_metadata = last.metadata();
  if (last.protocol() != base()->protocol()) state.new_protocol = last.protocol();
  if (state.new_metadata) state.reads.isolation = last.properties().isolation;
  for (const auto& [app_id, txn] : last.transactions()) {
    if (base()->TransactionVersion(app_id) == txn.version) continue;
    whole.SetTransactionVersion(app_id, txn.version);
  }
  for (const auto& [name, domain] : last.domains()) {
    const auto old = base()->domains().find(name);
    const bool same =
        old != base()->domains().end() && old->second.configuration == domain.configuration;
    if (!same && name != kRowTrackingDomain) whole.SetDomainMetadata(domain);
  }
  for (const auto& [name, domain] : base()->domains()) {
    if (!last.domains().contains(name)) {
      whole.SetDomainMetadata({name, domain.configuration, /*removed=*/true});
    }
  }
}

/// One statement is told as itself, several as a transaction of theirs.
void TransactionFold::Describe(Transaction& whole) const {
  if (operations_.size() <= 1) return;
  whole.SetOperation("TRANSACTION", {{"operations", nlohmann::json(operations_).dump()}});
  whole.state_->info.operation_metrics.clear();
  for (const auto& [name, value] : metrics_) whole.SetMetric(name, value);
}

std::set<std::string> TransactionFold::WrittenFiles(const Transaction* kept) const {
  if (kept == nullptr) return written_;
  std::set<std::string> needed;
  for (const AddFile& add : kept->state_->adds) {
    NameFiles(add, base()->table_root(), needed);
  }
  for (const AddFile& file : kept->state_->change_files) needed.insert(file.path);
  std::set<std::string> out;
  std::ranges::set_difference(written_, needed, std::inserter(out, out.end()));
  return out;
}

}  // namespace tarn::delta
