#include "tarn/delta/needed_files.h"

#include <set>

#include "checkpoint_reader.h"
#include "log_reader.h"
#include "snapshot_state.h"
#include "tarn/delta/file_key.h"
#include "tarn/delta/path.h"
#include "vector_file.h"

namespace tarn::delta {

Result<std::vector<RemoveFile>> TombstonesSince(const RequestContext& ctx, const Handlers& handlers,
                                                const Snapshot& snapshot, int64_t oldest_ms) {
  const SnapshotState& state = snapshot.state();
  std::vector<RemoveFile> out;
  std::set<std::string> seen;
  const auto take = [&](const LogBlock& block, const Removal& removal) {
    // As Delta counts: what was removed just then has had its time.
    if (removal.deletion_timestamp_ms <= oldest_ms) return;
    RemoveFile remove;
    remove.path = removal.path;
    remove.deletion_timestamp_ms = removal.deletion_timestamp_ms;
    if (removal.size >= 0) remove.size = removal.size;
    const DeletionVectorDescriptor* vector = block.DeletionVectorOf(removal);
    if (vector != nullptr) remove.deletion_vector = *vector;
    if (!seen.insert(FileKey(remove.path, vector)).second) return;
    // A file that was added again is live.
    if (const auto live = snapshot.files().Find(remove.path)) {
      if (SameDeletionVector(snapshot.files().deletion_vector(*live), vector)) return;
    }
    out.push_back(std::move(remove));
  };
  for (const TombstoneRef& tombstone : state.tombstones)
    take(*tombstone.block, tombstone.removal());
  if (state.checkpoint) {
    LogActions actions;
    CheckpointWants wants;
    wants.adds = false;
    wants.removes = true;
    auto block = ReadCheckpoint(ctx, handlers, state.root, *state.checkpoint, wants, actions);
    // Log clean-up keeps checkpoints for longer than files have to be remembered.
    if (!block.ok() && block.error().condition() == Condition("PATH_NOT_FOUND")) return out;
    if (!block.ok()) return std::move(block).error();
    for (const Removal& removal : (*block)->removals) take(**block, removal);
  }
  return out;
}

Result<std::optional<std::string>> DeletionVectorFile(const DeletionVectorDescriptor& descriptor,
                                                      std::string_view table_root) {
  if (descriptor.storage_type == 'i') return std::optional<std::string>();
  std::string log_path = descriptor.path_or_inline;
  if (descriptor.storage_type == 'u') {
    auto relative = VectorFilePath(log_path);
    if (!relative) {
      return LogCorrupt(table_root, "deletion vector", "the file name isn't Z85 of a UUID");
    }
    log_path = std::move(*relative);
  } else if (descriptor.storage_type != 'p') {
    return LogCorrupt(table_root, "deletion vector",
                      std::string("unknown storage type ") + descriptor.storage_type);
  }
  TARN_ASSIGN(std::string path, DecodeLogPath(log_path, table_root));
  return std::optional(std::move(path));
}

Result<std::unordered_set<std::string>> NeededFiles(const RequestContext& ctx,
                                                    const Handlers& handlers,
                                                    const Snapshot& snapshot, int64_t oldest_ms) {
  std::unordered_set<std::string> needed;
  const auto need = [&](std::string_view path, const DeletionVectorDescriptor* vector) -> Status {
    needed.emplace(path);
    if (vector == nullptr) return {};
    TARN_ASSIGN(auto file, DeletionVectorFile(*vector, snapshot.table_root()));
    if (file) needed.insert(std::move(*file));
    return {};
  };
  const FileSet& files = snapshot.files();
  for (size_t i = 0; i < files.size(); ++i) {
    TARN_TRY(need(files.path(i), files.deletion_vector(i)));
  }
  TARN_ASSIGN(const auto tombstones, TombstonesSince(ctx, handlers, snapshot, oldest_ms));
  for (const RemoveFile& removed : tombstones) {
    TARN_TRY(need(removed.path, removed.deletion_vector ? &*removed.deletion_vector : nullptr));
  }
  return needed;
}

}  // namespace tarn::delta
