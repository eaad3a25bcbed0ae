#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tarn/delta/transaction.h"

namespace tarn::delta {

/// Several changes of a table, each upon the one before, on their way to be one: what they read is
/// gathered, and what they did is the difference between the snapshots before and after them. A
/// file that one of them added and another removed was never there. For one thread.
class TransactionFold {
 public:
  /// `txn_id`: of the whole, in each table's commit that it makes.
  TransactionFold(Handlers handlers, std::shared_ptr<const Snapshot> base, std::string txn_id);

  const std::shared_ptr<const Snapshot>& base() const { return whole_.snapshot(); }
  size_t changes() const { return operations_.size(); }
  /// Takes a change that was put in a PendingLog.
  void Add(const Transaction& change);
  /// As if one of the changes had read all files.
  void ReadWholeTable() { whole_.ReadWholeTable(); }
  /// Other change files than those of the changes taken so far, which tell the same as a whole. If
  /// there are none, rows were only moved from file to file.
  void ReplaceChangeFiles(std::vector<AddFile> files);
  /// Whether what the changes say in change files may not be all of the change, or say more.
  bool needs_change_files() const;

  /// One transaction upon the base that does what all changes did; `last` is the snapshot after
  /// them. Row ids stay as they were given out if a later change has written them down elsewhere:
  /// then nobody else may commit before it.
  Transaction Finish(const Snapshot& last) const;
  /// Whether such a transaction does nothing.
  static bool EndsWhereItBegan(const Transaction& whole);

  /// The files that the changes wrote, relative to the table's root; without those that `kept`
  /// refers to, if it is given.
  std::set<std::string> WrittenFiles(const Transaction* kept) const;

 private:
  void FoldFiles(const Snapshot& last, Transaction& whole) const;
  void FoldOthers(const Snapshot& last, Transaction& whole) const;
  void Describe(Transaction& whole) const;

  Handlers handlers_;
  Transaction whole_;  ///< what was read and what it is called; not what was done
  std::vector<std::string> operations_;
  std::map<std::string, int64_t> metrics_;
  std::set<std::string> written_;
  bool changes_metadata_ = false;
  bool rearranges_ = false;
  bool keeps_row_ids_ = false;  ///< a change took rows along that another had added
};

}  // namespace tarn::delta
