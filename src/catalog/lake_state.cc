#include "lake_state.h"

#include <vector>

#include "securable_rows.h"
#include "tarn/base/fault_point.h"

namespace tarn::catalog {

Result<std::string> LakeState::LeaseId() {
  std::lock_guard lock(lease_mutex);
  if (!lease) {
    TARN_ASSIGN(lease, Lease::Take(LeaseFolder(), *ids));
  }
  return lease->id();
}

bool LakeState::LeaseIsDead(const std::string& id) {
  {
    std::lock_guard lock(lease_mutex);
    if (lease && lease->id() == id) return false;
  }
  return Lease::IsDead(LeaseFolder(), id);
}

Status RemoveManagedFolder(LakeState& state, const RequestContext& ctx,
                           const std::string& location) {
  if (!IsManagedLocation(location)) return {};
  TARN_ASSIGN(const io::ObjectPath folder, io::ObjectPath::Parse(location));
  // Only ever a folder below tables/ or volumes/, whatever the row says.
  const std::string& parent = folder.Parent().str();
  if (parent != "tables" && parent != "volumes") {
    return Error(Condition("METASTORE_ERROR"),
                 {{"path", "metastore.db"}, {"detail", "it names a strange folder: " + location}});
  }
  TARN_TRY(state.store->DeleteTree(ctx, folder));
  return state.store->SyncDirectories(ctx, folder.Parent());
}

namespace {

Status RecoverIntents(LakeState& state, const RequestContext& ctx) {
  std::vector<meta::IntentRow> intents;
  {
    TARN_ASSIGN(auto read, state.metastore->Begin(ctx, meta::TransactionKind::kRead));
    TARN_ASSIGN(intents, read.ListIntents());
  }
  for (const meta::IntentRow& intent : intents) {
    if (!state.LeaseIsDead(intent.lease)) continue;
    // "create" is undone and "purge" finished by the same act: the folder goes, then the intent.
    TARN_TRY(RemoveManagedFolder(state, ctx, intent.location));
    TARN_FAULT_POINT("catalog.recovery.after_folder");
    TARN_TRY(InWrite(state, ctx,
                     [&](meta::Transaction& write) { return write.RemoveIntent(intent.id); }));
  }
  return {};
}

Status SweepLeases(LakeState& state, const RequestContext& ctx) {
  for (const char* folder : {"leases", "spill"}) {
    const io::ObjectPath path = io::ObjectPath().Child(folder);
    TARN_ASSIGN(const auto found, state.store->ListAll(ctx, path, {.directories = true}));
    for (const io::ObjectInfo& info : found) {
      const std::string id(info.path.Name());
      if (state.LeaseIsDead(id) && info.is_directory) {
        TARN_TRY(state.store->DeleteTree(ctx, info.path));
      }
    }
  }
  return {};
}

}  // namespace

Status RecoverLake(LakeState& state, const RequestContext& ctx) {
  TARN_TRY(RecoverIntents(state, ctx));
  return SweepLeases(state, ctx);
}

}  // namespace tarn::catalog
