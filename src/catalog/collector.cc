#include <vector>

#include "lake_state.h"
#include "securable_rows.h"
#include "tarn/base/fault_point.h"

namespace tarn::catalog {

namespace {

Status PurgeRow(LakeState& state, const RequestContext& ctx, const meta::SecurableRow& row) {
  const bool has_folder = row.location && IsManagedLocation(*row.location);
  meta::IntentRow intent{row.id, "purge", row.id, row.location.value_or("")};
  TARN_ASSIGN(intent.lease, state.LeaseId());
  intent.created_us = state.clock->NowMicros();
  bool still_dropped = false;
  TARN_TRY(InWrite(state, ctx, [&](meta::Transaction& tx) -> Status {
    TARN_ASSIGN(const auto now, tx.FindById(row.id));
    still_dropped = now && now->dropped_us == row.dropped_us;
    if (!still_dropped) return {};
    // Objects of a dropped schema or catalog that were dropped later keep it alive.
    if (row.kind == "schema" || row.kind == "catalog") {
      const Result<bool> removed = tx.RemoveIfChildless(row.id);
      return removed.ok() ? Status() : Status(removed.error());
    }
    TARN_TRY(tx.Remove(row.id));
    return has_folder ? tx.InsertIntent(intent) : Status();
  }));
  if (!still_dropped || !has_folder) return {};
  TARN_FAULT_POINT("catalog.purge.after_intent");
  TARN_TRY(RemoveManagedFolder(state, ctx, *row.location));
  TARN_FAULT_POINT("catalog.purge.after_folder");
  return InWrite(state, ctx, [&](meta::Transaction& tx) { return tx.RemoveIntent(intent.id); });
}

}  // namespace

Result<int64_t> CollectDropped(LakeState& state, const RequestContext& ctx) {
  TARN_TRY(RecoverLake(state, ctx));
  std::vector<meta::SecurableRow> rows;
  {
    TARN_ASSIGN(auto read, state.metastore->Begin(ctx, meta::TransactionKind::kRead));
    TARN_ASSIGN(rows, read.ListDroppedBefore(state.clock->NowMicros() - kUndropMicros));
  }
  int64_t removed = 0;
  for (const meta::SecurableRow& row : rows) {
    TARN_TRY(PurgeRow(state, ctx, row));
    ++removed;
  }
  return removed;
}

}  // namespace tarn::catalog
