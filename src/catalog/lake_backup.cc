// Backups and check-ups: what reads the whole lake.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "lake_folder.h"
#include "securable_rows.h"
#include "tarn/io/local_object_store.h"

namespace tarn::catalog {

namespace {

constexpr size_t kCopyBytes = 1 << 20;

// Copies folders between two stores; every file is synced.
class FolderCopy {
 public:
  FolderCopy(const RequestContext& ctx, io::ObjectStore& from, io::ObjectStore& to,
             BackupReport* report)
      : ctx_(ctx), from_(from), to_(to), report_(report), buffer_(kCopyBytes) {}

  /// The log's names are read first and its files copied last: whatever they mention is there by
  /// then.
  Status Copy(const io::ObjectPath& folder) {
    const io::ObjectPath log = folder / "_delta_log";
    TARN_ASSIGN(const auto log_files, from_.ListAll(ctx_, log, {.recursive = true}));
    TARN_ASSIGN(const auto all, from_.ListAll(ctx_, folder, {.recursive = true}));
    TARN_TRY(to_.CreateDirectories(ctx_, folder));
    std::set<io::ObjectPath> directories{folder};
    for (const io::ObjectInfo& file : all) {
      if (!file.path.IsWithin(log)) TARN_TRY(CopyFile(file, &directories));
    }
    for (const io::ObjectInfo& file : log_files) TARN_TRY(CopyFile(file, &directories));
    for (const io::ObjectPath& directory : directories) {
      TARN_TRY(to_.SyncDirectories(ctx_, directory));
    }
    return {};
  }

 private:
  Status CopyFile(const io::ObjectInfo& info, std::set<io::ObjectPath>* directories) {
    Result<std::unique_ptr<io::ReadableFile>> source = from_.Open(ctx_, info.path);
    if (!source.ok()) {
      // Vacuumed or cleaned up since it was listed: no version that is kept needs it.
      if (source.error().condition() == Condition("PATH_NOT_FOUND")) return {};
      return std::move(source).error();
    }
    TARN_ASSIGN(auto target, to_.Create(ctx_, info.path));
    int64_t offset = 0;
    while (true) {
      TARN_TRY(ctx_.Check());
      TARN_ASSIGN(const size_t count, (*source)->Read(offset, buffer_));
      if (count == 0) break;
      TARN_TRY(target->Append({buffer_.data(), count}));
      offset += static_cast<int64_t>(count);
    }
    TARN_TRY(target->Sync());
    TARN_TRY(target->Close());
    for (io::ObjectPath at = info.path.Parent(); directories->insert(at).second; at = at.Parent()) {
    }
    ++report_->files;
    report_->bytes += offset;
    return {};
  }

  const RequestContext& ctx_;
  io::ObjectStore& from_;
  io::ObjectStore& to_;
  BackupReport* report_;
  std::vector<char> buffer_;
};

}  // namespace

Result<BackupReport> LakeFolder::Backup(const RequestContext& ctx, const std::string& target) {
  TARN_ASSIGN(const std::shared_ptr<io::ObjectStore> to,
              io::OpenLocalStore(target, io::LinkPolicy::kBeneath, true));
  TARN_ASSIGN(const auto present, to->ListAll(ctx, {}, {.directories = true}));
  if (!present.empty()) return Error(Condition("PATH_ALREADY_EXISTS"), {{"path", target}});
  // Tables and the checkpoints of what writes them must agree: no update runs meanwhile.
  std::vector<std::unique_ptr<UpdateLease>> updates;
  TARN_ASSIGN(const std::vector<PipelineEntry> pipelines, pipelines_->List(ctx));
  for (const PipelineEntry& pipeline : pipelines) {
    TARN_ASSIGN(updates.emplace_back(), pipelines_->BeginUpdate(ctx, pipeline, "tarn backup"));
  }
  BackupReport report;
  for (const char* folder : {"tables", "volumes", "leases", "spill"}) {
    TARN_TRY(to->CreateDirectories(ctx, io::ObjectPath() / folder));
  }
  const std::string database = to->Display(io::ObjectPath() / "metastore.db");
  TARN_TRY(state_.metastore->BackupTo(database));
  std::vector<meta::SecurableRow> rows;
  {
    TARN_ASSIGN(const auto copied, meta::Metastore::Open(database));
    TARN_ASSIGN(auto read, copied->Begin(ctx, meta::TransactionKind::kRead));
    TARN_ASSIGN(rows, read.ListLocated());
  }
  FolderCopy copy(ctx, *state_.store, *to, &report);
  for (const meta::SecurableRow& row : rows) {
    if (!IsManagedLocation(*row.location)) {
      if (!row.dropped_us) report.external.push_back(*row.location);
      continue;
    }
    TARN_ASSIGN(const io::ObjectPath folder, io::ObjectPath::Parse(*row.location));
    TARN_TRY(copy.Copy(folder));
    ++(row.kind == "volume" ? report.volumes : report.tables);
  }
  if (!pipelines.empty()) TARN_TRY(copy.Copy(io::ObjectPath() / "pipelines"));
  const io::ObjectPath secrets = io::ObjectPath() / "secrets";
  TARN_ASSIGN(const auto secret_files, state_.store->ListAll(ctx, secrets, {.directories = true}));
  if (!secret_files.empty()) {
    TARN_TRY(to->CreateDirectories(ctx, secrets));
    const std::string folder = to->Display(secrets);
    // Closed before the key is in it.
    if (chmod(folder.c_str(), 0700) != 0) {
      return Error(
          Condition("IO_ERROR"),
          {{"operation", "Setting the mode"}, {"path", folder}, {"detail", std::strerror(errno)}});
    }
    TARN_TRY(copy.Copy(secrets));
    chmod((folder + "/key").c_str(), 0600);
  }
  // Written last: a backup that was cut short isn't a lake.
  TARN_TRY(to->Put(ctx, io::ObjectPath() / "VERSION", VersionText()));
  return report;
}

Result<std::vector<LakeFinding>> LakeFolder::CheckUp(const RequestContext& ctx) {
  std::vector<LakeFinding> findings;
  TARN_ASSIGN(const std::string integrity, state_.metastore->CheckIntegrity());
  findings.push_back({integrity == "ok", "metastore",
                      integrity == "ok" ? "The metastore is sound." : "Damaged: " + integrity});
  // Folders before rows, so that what is made meanwhile doesn't look left over.
  std::vector<io::ObjectInfo> folders;
  for (const char* parent : {"tables", "volumes"}) {
    TARN_ASSIGN(const auto found,
                state_.store->ListAll(ctx, io::ObjectPath() / parent, {.directories = true}));
    folders.insert(folders.end(), found.begin(), found.end());
  }
  std::vector<meta::SecurableRow> rows;
  std::vector<meta::IntentRow> intents;
  {
    TARN_ASSIGN(auto read, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
    TARN_ASSIGN(rows, read.ListLocated());
    TARN_ASSIGN(intents, read.ListIntents());
  }
  std::set<std::string> known;
  for (const meta::IntentRow& intent : intents) known.insert(intent.location);
  int64_t checked = 0;
  for (const meta::SecurableRow& row : rows) {
    known.insert(*row.location);
    if (row.dropped_us) continue;
    ++checked;
    const std::string path = AbsoluteLocation(*row.location, state_.home);
    const auto store = state_.storage.OpenFolder(path);
    if (!store.ok()) {
      findings.push_back({false, row.kind + " " + row.name, store.error().message()});
    } else if (row.kind == "table") {
      const auto log = (*store)->ListAll(ctx, io::ObjectPath() / "_delta_log");
      if (!log.ok()) {
        findings.push_back({false, "table " + row.name, log.error().message()});
      } else if (log->empty()) {
        findings.push_back({false, "table " + row.name, "There is no Delta log in " + path + "."});
      }
    }
  }
  for (const io::ObjectInfo& folder : folders) {
    if (known.contains(folder.path.str())) continue;
    findings.push_back(
        {false, "storage",
         "Nothing in the metastore refers to " + state_.store->Display(folder.path) + "."});
  }
  if (findings.size() == 1) {
    findings.push_back({true, "storage",
                        "All " + std::to_string(checked) +
                            " tables and volumes have their folders, and no folder is left over."});
  }
  return findings;
}

}  // namespace tarn::catalog
