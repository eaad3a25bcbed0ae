#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tarn/delta/catalog_committer.h"

namespace tarn::delta::test {

/// A catalog in memory, which can be told to fail.
class MemoryCoordinator : public CommitCoordinator {
 public:
  Result<LogPut> Ratify(const RequestContext&, const std::vector<StagedCommit>& commits) override {
    if (refuses) return Error(Condition("METASTORE_BUSY"), {{"path", "metastore"}});
    for (const StagedCommit& commit : commits) {
      const auto newest = newest_.find(commit.table_id);
      if (newest != newest_.end() && newest->second.version >= commit.version) {
        return LogPut::kExists;
      }
    }
    for (const StagedCommit& commit : commits) newest_[commit.table_id] = commit;
    const bool silent = std::exchange(silent_once, false);
    return silent ? LogPut::kUnknown : LogPut::kCreated;
  }
  Result<std::optional<StagedCommit>> Newest(const RequestContext&,
                                             const std::string& table_id) override {
    const auto newest = newest_.find(table_id);
    if (newest == newest_.end()) return std::optional<StagedCommit>();
    return std::optional(newest->second);
  }

  bool refuses = false;
  bool silent_once = false;  ///< does its work once, but doesn't tell

 private:
  std::map<std::string, StagedCommit> newest_;
};

}  // namespace tarn::delta::test
