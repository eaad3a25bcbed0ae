#include "lake_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "securable_rows.h"
#include "tarn/base/fault_point.h"
#include "tarn/io/local_object_store.h"

namespace tarn::catalog {

namespace {

constexpr char kVersionFile[] = "VERSION";
constexpr char kMetastoreFile[] = "metastore.db";
constexpr std::string_view kVersionPrefix = "tarn lake ";

}  // namespace

std::string VersionText() {
  return std::string(kVersionPrefix) + std::to_string(LakeFolder::kLayoutVersion) + "\n";
}

Result<std::unique_ptr<Lake>> Lake::Open(const RequestContext& ctx, const std::string& home,
                                         const LakeOptions& options) {
  return LakeFolder::Open(ctx, home, options);
}

Result<std::unique_ptr<Lake>> LakeFolder::Open(const RequestContext& ctx, const std::string& home,
                                               const LakeOptions& options) {
  std::unique_ptr<LakeFolder> lake(new LakeFolder());
  LakeState& state = lake->state_;
  state.clock = options.clock;
  state.ids = options.ids;
  state.storage = options.storage;
  TARN_ASSIGN(auto store, io::OpenLocalStore(home, io::LinkPolicy::kBeneath, !options.must_exist));
  state.store = std::move(store);
  std::error_code code;
  state.home = std::filesystem::canonical(home, code).string();
  if (code) return Error(Condition("PATH_NOT_FOUND"), {{"path", home}});

  bool found = false;
  TARN_TRY(lake->CheckVersion(ctx, &found));
  if (!found) {
    if (options.must_exist)
      return Error(Condition("PATH_NOT_FOUND"), {{"path", home + "/VERSION"}});
    TARN_TRY(lake->MakeLayout(ctx));
  } else {
    TARN_TRY(lake->CheckMetastoreIsThere(ctx));
  }
  TARN_ASSIGN(state.metastore, meta::Metastore::Open(state.home + "/" + kMetastoreFile));
  TARN_TRY(BootstrapMetastore(state, ctx));
  // Written last: a folder with VERSION has all the rest.
  if (!found) TARN_TRY(state.store->Put(ctx, io::ObjectPath() / kVersionFile, VersionText()));
  TARN_TRY(RecoverLake(state, ctx));
  lake->catalog_ = std::make_unique<LakeCatalog>(state);
  lake->table_commits_ = std::make_unique<TableCommits>(state);
  lake->history_ = std::make_unique<StatementLog>(state.home + "/history.db");
  lake->pipelines_ = std::make_unique<Pipelines>(state.home, state.store);
  lake->secrets_ = std::make_unique<Secrets>(state.home, state.store, options.secrets_key);
  return std::unique_ptr<Lake>(std::move(lake));
}

LakeFolder::~LakeFolder() {
  if (state_.lease) {
    const io::ObjectPath spill = io::ObjectPath() / "spill" / state_.lease->id();
    (void)state_.store->DeleteTree(RequestContext(), spill);
  }
}

Status LakeFolder::CheckVersion(const RequestContext& ctx, bool* found) {
  const Result<std::string> text =
      state_.store->ReadAll(ctx, io::ObjectPath() / kVersionFile, 1024);
  if (!text.ok()) {
    *found = false;
    if (text.error().condition() == Condition("PATH_NOT_FOUND")) return {};
    return text.error();
  }
  *found = true;
  int64_t version = -1;
  std::string_view rest = *text;
  if (rest.starts_with(kVersionPrefix)) {
    rest.remove_prefix(kVersionPrefix.size());
    std::from_chars(rest.data(), rest.data() + rest.size(), version);
  }
  if (version < 1) {
    return Error(Condition("METASTORE_ERROR"),
                 {{"path", state_.home}, {"detail", "its VERSION file isn't one of Tarn"}});
  }
  if (version > kLayoutVersion) {
    return Error(Condition("LAKE_VERSION_TOO_NEW"),
                 {{"path", state_.home},
                  {"found", std::to_string(version)},
                  {"supported", std::to_string(kLayoutVersion)}});
  }
  return {};
}

Status LakeFolder::CheckMetastoreIsThere(const RequestContext& ctx) {
  const auto info = state_.store->Stat(ctx, io::ObjectPath() / kMetastoreFile);
  if (info.ok() && info->size > 0) return {};
  if (!info.ok() && info.error().condition() != Condition("PATH_NOT_FOUND")) return info.error();
  return Error(Condition("METASTORE_ERROR"), {{"path", state_.home + "/" + kMetastoreFile},
                                              {"detail", info.ok() ? "it is empty" : "it is gone"}})
      .WithHint(
          "The tables' files are still in the lake's folder. Put the metastore back from a "
          "backup; nothing is written over it.");
}

Status LakeFolder::MakeLayout(const RequestContext& ctx) {
  for (const char* folder : {"tables", "volumes", "leases", "spill"}) {
    TARN_TRY(state_.store->CreateDirectories(ctx, io::ObjectPath() / folder));
  }
  // What queries spill and who runs is nobody else's business.
  for (const char* folder : {"/leases", "/spill"}) {
    chmod((state_.home + folder).c_str(), 0700);
  }
  return state_.store->SyncDirectories(ctx, {});
}

Result<std::string> LakeFolder::SpillFolder(const RequestContext& ctx) {
  TARN_TRY(ctx.Check());
  TARN_ASSIGN(const std::string lease, state_.LeaseId());
  std::string folder = state_.home + "/spill/" + lease;
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return Error(Condition("IO_ERROR"),
                 {{"operation", "Making the spill folder"},
                  {"path", folder},
                  {"detail", std::error_code(errno, std::generic_category()).message()}});
  }
  return folder;
}

Result<std::shared_ptr<io::ObjectStore>> LakeFolder::OpenStore(const RequestContext& ctx,
                                                               const std::string& location) {
  TARN_TRY(ctx.Check());
  return state_.storage.OpenFolder(location);
}

Result<int64_t> LakeFolder::CollectDropped(const RequestContext& ctx) {
  return catalog::CollectDropped(state_, ctx);
}

}  // namespace tarn::catalog
