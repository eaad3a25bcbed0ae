#include "clone.h"

#include <map>
#include <set>

#include "table_commit.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/drop_feature.h"
#include "tarn/delta/file_key.h"
#include "tarn/delta/needed_files.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/io/local_object_store.h"
#include "tarn/io/location.h"
#include "time_travel.h"

namespace tarn::session {

namespace {

constexpr size_t kCopyBytes = size_t{4} << 20;

/// Brings an origin's files into the folder of a clone: as copies, or, shallow, as second names.
class Copier {
 public:
  Copier(StatementScope& scope, std::shared_ptr<io::ObjectStore> from,
         std::shared_ptr<io::ObjectStore> to, std::unique_ptr<io::SharedFiles> shared,
         std::vector<delta::AddFile>& written)
      : scope_(scope),
        from_(std::move(from)),
        to_(std::move(to)),
        shared_(std::move(shared)),
        written_(written) {}

  /// Brings a file unless it is there in full. `size` is what the log says; absent: nothing.
  /// Answers whether it was copied.
  Result<bool> Bring(const std::string& name, std::optional<int64_t> size) {
    TARN_TRY(scope_.request().Check());
    TARN_ASSIGN(const io::ObjectPath path, io::ObjectPath::Parse(name));
    if (const auto there = to_->Stat(scope_.request(), path); there.ok()) {
      int64_t whole = size.value_or(0);
      if (!size) {
        TARN_ASSIGN(const io::ObjectInfo original, from_->Stat(scope_.request(), path));
        whole = original.size;
      }
      if (there->size == whole) return false;
      // Left by a clone that was killed: nothing refers to it.
      TARN_TRY(to_->Delete(scope_.request(), path));
    }
    delta::AddFile brought;
    brought.path = name;
    if (shared_) {
      TARN_TRY(Share(path, size));
      written_.push_back(std::move(brought));
    } else {
      written_.push_back(std::move(brought));
      TARN_TRY(Copy(path, size));
    }
    directories_.insert(path.Parent());
    return shared_ == nullptr;
  }

  Status Sync() {
    if (shared_) {
      TARN_ASSIGN(const bool all, shared_->Sync(scope_.request()));
      if (all) return {};
    }
    for (const io::ObjectPath& directory : directories_) {
      TARN_TRY(to_->SyncDirectories(scope_.request(), directory));
    }
    return {};
  }

 private:
  Status Copy(const io::ObjectPath& path, std::optional<int64_t> size) {
    TARN_ASSIGN(auto in, from_->Open(scope_.request(), path));
    TARN_ASSIGN(auto out, to_->Create(scope_.request(), path));
    std::vector<char> buffer(kCopyBytes);
    for (int64_t offset = 0;;) {
      TARN_ASSIGN(const size_t count, in->Read(offset, buffer));
      if (count == 0) break;
      TARN_TRY(out->Append(std::string_view(buffer.data(), count)));
      offset += static_cast<int64_t>(count);
      TARN_TRY(scope_.request().Check());
    }
    TARN_TRY(CheckSize(path, out->size(), size));
    TARN_FAULT_POINT("clone.before_sync");
    TARN_TRY(out->Sync());
    return out->Close();
  }

  Status Share(const io::ObjectPath& path, std::optional<int64_t> size) {
    TARN_ASSIGN(const io::ObjectInfo original, from_->Stat(scope_.request(), path));
    TARN_TRY(CheckSize(path, original.size, size));
    TARN_TRY(to_->CreateDirectories(scope_.request(), path.Parent()));
    TARN_FAULT_POINT("clone.before_share");
    TARN_ASSIGN(const bool shared, shared_->Share(scope_.request(), path));
    if (shared) return {};
    return UnsupportedFeature("SHALLOW CLONE where " + to_->Display(io::ObjectPath()) +
                              " can't share files with " + from_->Display(io::ObjectPath()) +
                              " (another file system, or none with hard links; DEEP CLONE copies)");
  }

  Status CheckSize(const io::ObjectPath& path, int64_t found, std::optional<int64_t> size) const {
    if (!size || found == *size) return {};
    return Error(Condition("DELTA_LOG_CORRUPT"),
                 {{"table", from_->Display(io::ObjectPath())},
                  {"file", path.str()},
                  {"detail", "the file has " + std::to_string(found) + " bytes, but the log says " +
                                 std::to_string(*size)}});
  }

  StatementScope& scope_;
  std::shared_ptr<io::ObjectStore> from_;
  std::shared_ptr<io::ObjectStore> to_;
  std::unique_ptr<io::SharedFiles> shared_;  ///< of a shallow clone
  std::vector<delta::AddFile>& written_;
  std::set<io::ObjectPath> directories_;
};

Result<Copier> OpenCopier(StatementScope& scope, const CloneOrigin& origin, const std::string& root,
                          std::vector<delta::AddFile>& written) {
  TARN_ASSIGN(auto from, scope.rooms().lake().OpenStore(scope.request(), origin.table.root));
  TARN_ASSIGN(auto to, scope.rooms().lake().OpenStore(scope.request(), root));
  std::unique_ptr<io::SharedFiles> shared;
  if (origin.shallow) {
    if (io::IsRemote(origin.table.root) || io::IsRemote(root)) {
      return UnsupportedFeature("SHALLOW CLONE in a bucket (DEEP CLONE copies)");
    }
    TARN_ASSIGN(shared, io::OpenSharedFiles(origin.table.root, root));
  }
  return Copier(scope, std::move(from), std::move(to), std::move(shared), written);
}

}  // namespace

Result<CloneOrigin> FindCloneOrigin(StatementScope& scope, const sql::CloneSource& source) {
  CloneOrigin origin;
  origin.shallow = source.shallow;
  TARN_ASSIGN(origin.table, scope.FindTable(source.table, catalog::Purpose::kRead, "CLONE"));
  analyze::TimeTravel version;
  if (source.time_travel) {
    TARN_ASSIGN(version, SettleTimeTravel(scope, *source.time_travel));
  }
  auto snapshot = scope.OpenSnapshot(scope.request(), origin.table.root, version);
  if (!snapshot.ok()) return std::move(snapshot).error().WithDefaultPosition(source.table.source);
  origin.snapshot = *std::move(snapshot);
  return origin;
}

delta::Metadata CloneMetadata(const delta::Snapshot& origin) {
  delta::Metadata metadata = origin.metadata();
  metadata.id.clear();
  metadata.created_time_ms.reset();
  // What these say of versions is true of the origin's.
  for (const char* property :
       {delta::kProtectionProperty, "delta.inCommitTimestampEnablementVersion",
        "delta.inCommitTimestampEnablementTimestamp"}) {
    metadata.configuration.erase(property);
  }
  if (origin.protocol().writer_version >= 7) {
    for (const std::string& feature : delta::FeaturesOf(origin.protocol())) {
      if (feature == "checkpointProtection") continue;
      metadata.configuration["delta.feature." + feature] = "supported";
    }
  }
  return metadata;
}

Result<Cloned> CloneFiles(StatementScope& scope, const CloneOrigin& origin, const std::string& root,
                          const delta::Snapshot* existing, delta::Transaction& transaction,
                          std::vector<delta::AddFile>& written) {
  const delta::FileSet& files = origin.snapshot->files();
  TARN_TRY(files.LoadStatistics(scope.request()));
  TARN_ASSIGN(Copier copier, OpenCopier(scope, origin, root, written));
  Cloned cloned;
  cloned.origin_bytes = files.total_size();
  cloned.origin_files = static_cast<int64_t>(files.size());
  std::map<std::string, size_t> before;
  for (size_t i = 0; existing != nullptr && i < existing->files().size(); ++i) {
    before[delta::FileKey(existing->files(), i)] = i;
  }
  for (size_t i = 0; i < files.size(); ++i) {
    const auto known = before.find(delta::FileKey(files, i));
    if (known != before.end() && existing->files().file_size(known->second) == files.file_size(i)) {
      const size_t index = known->second;
      before.erase(known);
      const bool same_ids = existing->files().base_row_id(index) == files.base_row_id(i) &&
                            existing->files().default_row_commit_version(index) ==
                                files.default_row_commit_version(i);
      if (same_ids || !delta::TrackedColumns(origin.snapshot->metadata())) continue;
      // The rows are there under other ids.
      delta::AddFile renumbered = files.ToAdd(i);
      renumbered.data_change = false;
      transaction.ReadFile(index);
      transaction.Add(std::move(renumbered));
      continue;
    }
    TARN_ASSIGN(const bool copied, copier.Bring(std::string(files.path(i)), files.file_size(i)));
    if (const auto* vector = files.deletion_vector(i)) {
      TARN_ASSIGN(auto file, delta::DeletionVectorFile(*vector, origin.table.root));
      if (file) TARN_TRY(copier.Bring(*file, std::nullopt));
    }
    delta::AddFile add = files.ToAdd(i);
    cloned.copied_files += copied ? 1 : 0;
    cloned.copied_bytes += copied ? add.size : 0;
    transaction.Add(std::move(add));
  }
  TARN_TRY(copier.Sync());
  for (const auto& [key, index] : before) {
    ++cloned.removed_files;
    cloned.removed_bytes += existing->files().file_size(index);
    transaction.Remove(index);
  }
  for (const auto& [name, domain] : origin.snapshot->domains()) {
    if (name == delta::kRowTrackingDomain) {
      transaction.ReserveRowIds(delta::RowIdHighWaterMark(domain));
    } else {
      transaction.SetDomainMetadata(domain);
    }
  }
  transaction.SetOperation("CLONE", {{"source", origin.table.display},
                                     {"sourceVersion", std::to_string(origin.snapshot->version())},
                                     {"isShallow", origin.shallow ? "true" : "false"}});
  transaction.SetMetric("sourceTableSize", cloned.origin_bytes);
  transaction.SetMetric("sourceNumOfFiles", cloned.origin_files);
  transaction.SetMetric("numRemovedFiles", cloned.removed_files);
  transaction.SetMetric("numCopiedFiles", cloned.copied_files);
  transaction.SetMetric("removedFilesSize", cloned.removed_bytes);
  transaction.SetMetric("copiedFilesSize", cloned.copied_bytes);
  return cloned;
}

Answer CloneAnswer(const Cloned& cloned) {
  return CountsAnswer({{"source_table_size", cloned.origin_bytes},
                       {"source_num_of_files", cloned.origin_files},
                       {"num_removed_files", cloned.removed_files},
                       {"num_copied_files", cloned.copied_files},
                       {"removed_files_size", cloned.removed_bytes},
                       {"copied_files_size", cloned.copied_bytes}});
}

}  // namespace tarn::session
