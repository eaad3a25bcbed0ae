#include "tarn/delta/commit_changes.h"

#include "log_reader.h"
#include "log_segment.h"

namespace tarn::delta {

Result<CommitChanges> ReadCommitChanges(const RequestContext& ctx, const Table& table,
                                        Version version) {
  const std::string path = CommitPath(version);
  TARN_ASSIGN(std::string bytes, table.handlers().log->Read(ctx, path, kLogFileBytesMax));
  LogBlock block;
  LogBlock changed;
  LogActions actions;
  ReadWants wants;
  wants.change_files = &changed;
  TARN_TRY(ReadLogFile(std::move(bytes), table.root(), path, wants, block, actions));
  CommitChanges changes;
  if (actions.commit_info) changes.operation = actions.commit_info->operation;
  changes.changed_metadata = actions.metadata.has_value();
  for (size_t row = 0; row < block.adds(); ++row) {
    if (block.data_change[row] == 0) continue;
    changes.added.push_back({std::string(block.path[row]), block.size[row]});
  }
  changes.feed_files = changes.added.size();
  for (const Removal& removal : block.removals) {
    changes.removed_rows |= removal.data_change;
    changes.feed_files += removal.data_change ? 1 : 0;
  }
  if (changed.adds() > 0) changes.feed_files = changed.adds();
  return changes;
}

}  // namespace tarn::delta
