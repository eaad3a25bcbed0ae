#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "lease.h"
#include "tarn/base/clock.h"
#include "tarn/base/random.h"
#include "tarn/base/request_context.h"
#include "tarn/io/object_store.h"
#include "tarn/io/storage.h"
#include "tarn/meta/metastore.h"

namespace tarn::catalog {

/// How long a dropped table can be brought back.
inline constexpr int64_t kUndropMicros = 7LL * 24 * 3600 * 1'000'000;

/// What the parts of an open lake share. Thread-safe.
struct LakeState {
  std::string home;  ///< absolute, links resolved
  Clock* clock = nullptr;
  IdSource* ids = nullptr;
  std::shared_ptr<io::ObjectStore> store;  ///< of `home`
  io::Storage storage;                     ///< of everything else
  std::unique_ptr<meta::Metastore> metastore;
  std::string root_id;  ///< of the metastore's own row

  std::string LeaseFolder() const { return home + "/leases"; }
  /// The lease of this process, taken when first needed.
  Result<std::string> LeaseId();
  /// True if the lease is neither this lake's nor held by another process.
  bool LeaseIsDead(const std::string& id);

  std::mutex lease_mutex;
  std::unique_ptr<Lease> lease;  // guarded by lease_mutex
};

/// Runs `work(transaction)` in a write transaction, committed if it returns success.
template <typename Work>
Status InWrite(LakeState& state, const RequestContext& ctx, Work work) {
  TARN_ASSIGN(auto transaction, state.metastore->Begin(ctx, meta::TransactionKind::kWrite));
  TARN_TRY(work(transaction));
  return transaction.Commit();
}

/// Finishes or undoes the intents of processes that died, and removes their spill folders.
Status RecoverLake(LakeState& state, const RequestContext& ctx);

/// Lake::CollectDropped.
Result<int64_t> CollectDropped(LakeState& state, const RequestContext& ctx);

/// Removes the folder of a managed location (nothing happens for an external one), durably.
Status RemoveManagedFolder(LakeState& state, const RequestContext& ctx,
                           const std::string& location);

}  // namespace tarn::catalog
