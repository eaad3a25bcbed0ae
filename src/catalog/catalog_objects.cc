// Views, volumes and functions.
#include "lake_catalog.h"
#include "locations.h"
#include "names.h"
#include "securable_rows.h"
#include "tarn/base/fault_point.h"
#include "tarn/io/location.h"

namespace tarn::catalog {

template <typename Info>
Result<bool> LakeCatalog::CreateRowObject(const RequestContext& ctx, const Info& info,
                                          std::string_view kind, std::string_view space,
                                          Condition taken, const char* parameter,
                                          IfTaken if_taken) {
  TARN_ASSIGN(const std::string name, CheckedName(info.name.object));
  bool created = false;
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Row schema;
    TARN_ASSIGN(const auto existing, ObjectRow(tx, info.name, space, &schema));
    if (existing && if_taken == IfTaken::kKeep) return {};
    // A view never replaces a table, nor the reverse.
    if (existing && (if_taken == IfTaken::kFail || existing->kind != kind)) {
      return Error(taken, {{parameter, info.name.ToSql()}});
    }
    Row row = existing ? *existing : NewRow(ctx, kind, space, schema.id, name);
    row.comment = info.comment;
    row.properties = PropertiesJson(info.properties);
    row.details = DetailsOf(info);
    Touch(ctx, &row);
    created = true;
    return existing ? tx.Update(row) : tx.Insert(row);
  }));
  return created;
}

Result<bool> LakeCatalog::CreateView(const RequestContext& ctx, const ViewInfo& view,
                                     IfTaken if_taken) {
  return CreateRowObject(ctx, view, "view", kRelationSpace,
                         Condition("TABLE_OR_VIEW_ALREADY_EXISTS"), "relationName", if_taken);
}

Result<bool> LakeCatalog::CreateFunction(const RequestContext& ctx, const FunctionInfo& function,
                                         IfTaken if_taken) {
  return CreateRowObject(ctx, function, "function", kFunctionSpace,
                         Condition("ROUTINE_ALREADY_EXISTS"), "routineName", if_taken);
}

Status LakeCatalog::DropFunction(const RequestContext& ctx, const ObjectName& name,
                                 bool if_exists) {
  const auto missing = [&]() -> Status {
    if (if_exists) return {};
    return Error(Condition("ROUTINE_NOT_FOUND"), {{"routineName", name.ToSql()}});
  };
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Row schema;
    Result<std::optional<Row>> row = ObjectRow(tx, name, kFunctionSpace, &schema);
    if (!row.ok()) {
      const Condition condition = row.error().condition();
      if (condition == Condition("SCHEMA_NOT_FOUND") ||
          condition == Condition("CATALOG_NOT_FOUND")) {
        return missing();
      }
      return std::move(row).error();
    }
    return *row ? tx.Remove((*row)->id) : missing();
  });
}

Result<bool> LakeCatalog::CreateVolume(const RequestContext& ctx, const VolumeInfo& volume,
                                       IfTaken if_taken) {
  TARN_ASSIGN(const std::string name, CheckedName(volume.name.object));
  const bool managed = volume.location.empty();
  const std::string id = state_.ids->NewUuid();
  meta::IntentRow intent{id, "create", id, "volumes/" + id};
  if (!managed) {
    TARN_ASSIGN(intent.location, ResolveLocation(volume.location));
    if (io::IsRemote(intent.location)) return UnsupportedFeature("A volume at an s3: location");
  }
  TARN_ASSIGN(intent.lease, state_.LeaseId());
  intent.created_us = state_.clock->NowMicros();
  bool kept = false;
  const auto check = [&](Tx& tx, Row* schema) -> Status {
    TARN_ASSIGN(const auto existing, ObjectRow(tx, volume.name, kVolumeSpace, schema));
    kept = existing && if_taken == IfTaken::kKeep;
    if (!existing || kept) return {};
    return Error(Condition("VOLUME_ALREADY_EXISTS"), {{"name", volume.name.ToSql()}});
  };
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Row schema;
    TARN_TRY(check(tx, &schema));
    if (kept) return {};
    if (!managed) TARN_TRY(CheckFree(tx, intent.location));
    return tx.InsertIntent(intent);
  }));
  if (kept) return false;
  TARN_FAULT_POINT("catalog.create_volume.after_intent");
  const auto make = [&]() -> Status {
    if (managed) {
      const io::ObjectPath folder = io::ObjectPath() / intent.location;
      TARN_TRY(state_.store->CreateDirectories(ctx, folder));
      TARN_TRY(state_.store->SyncDirectories(ctx, folder));
    }
    TARN_FAULT_POINT("catalog.create_volume.after_folder");
    return InWrite(state_, ctx, [&](Tx& tx) -> Status {
      Row schema;
      TARN_TRY(check(tx, &schema));
      TARN_TRY(tx.RemoveIntent(intent.id));
      if (kept) return {};
      Row row = NewRow(ctx, "volume", kVolumeSpace, schema.id, name);
      row.id = id;
      row.comment = volume.comment;
      row.location = intent.location;
      row.details = DetailsOf(volume);
      return tx.Insert(row);
    });
  };
  const Status made = make();
  if (!made.ok() || kept) {
    RequestContext undo;
    undo.principal = ctx.principal;
    // As in AbortTable: the name goes for certain before the folder does.
    TARN_TRY(InWrite(state_, undo, [&](Tx& tx) -> Status {
      TARN_TRY(tx.Remove(id));
      TARN_TRY(tx.RemoveIntent(id));
      return tx.InsertIntent(intent);
    }));
    TARN_TRY(RemoveManagedFolder(state_, undo, intent.location));
    TARN_TRY(InWrite(state_, undo, [&](Tx& tx) { return tx.RemoveIntent(id); }));
    TARN_TRY(made);
  }
  return !kept;
}

Status LakeCatalog::DropVolume(const RequestContext& ctx, const ObjectName& name, bool if_exists) {
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Row schema;
    Result<std::optional<Row>> row = ObjectRow(tx, name, kVolumeSpace, &schema);
    if (row.ok() && *row) return DropObjectRow(ctx, tx, **std::move(row));
    if (if_exists) return {};
    return Error(Condition("UC_VOLUME_NOT_FOUND"), {{"name", name.ToSql()}});
  });
}

Status LakeCatalog::AlterVolume(const RequestContext& ctx, const ObjectName& name,
                                const SecurableChange& change) {
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Row schema;
    TARN_ASSIGN(auto row, ObjectRow(tx, name, kVolumeSpace, &schema));
    if (!row) return Error(Condition("UC_VOLUME_NOT_FOUND"), {{"name", name.ToSql()}});
    Apply(ctx, change, &*row);
    return tx.Update(*row);
  });
}

}  // namespace tarn::catalog
