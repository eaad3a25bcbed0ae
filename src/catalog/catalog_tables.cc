// Tables: made by intent, published, changed, dropped and brought back.
#include "lake_catalog.h"
#include "locations.h"
#include "names.h"
#include "securable_rows.h"
#include "tarn/base/fault_point.h"

namespace tarn::catalog {

namespace {

Error NameTaken(const ObjectName& name) {
  return Error(Condition("TABLE_OR_VIEW_ALREADY_EXISTS"), {{"relationName", name.ToSql()}});
}

Error NoSuchRelation(const ObjectName& name) {
  return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", name.ToSql()}});
}

// What UpdateTable and PublishTable tell, put over what is known.
void ApplyContents(const TableChange& change, TableInfo* table) {
  if (change.comment) table->comment = *change.comment;
  if (change.properties) table->properties = *change.properties;
  if (change.schema) table->schema = *change.schema;
  if (change.partition_columns) table->partition_columns = *change.partition_columns;
  if (change.version) table->version = *change.version;
}

void StoreContents(const TableInfo& table, meta::SecurableRow* row) {
  row->comment = table.comment;
  row->properties = PropertiesJson(table.properties);
  row->details = DetailsOf(table);
}

std::string_view KindText(SecurableKind kind) {
  return kind == SecurableKind::kView ? "view" : "table";
}

}  // namespace

Status LakeCatalog::CheckFree(Tx& tx, const std::string& location) const {
  const auto overlap = [&](std::string with) {
    return Error(Condition("LOCATION_OVERLAP"),
                 {{"path", location}, {"securable", std::move(with)}});
  };
  if (LocationsOverlap(location, state_.home)) return overlap("the lake " + state_.home);
  TARN_ASSIGN(const auto rows, tx.ListLocated());
  for (const Row& row : rows) {
    // Dropped external tables don't hold their folder: UNDROP looks again.
    if (IsManagedLocation(*row.location) || row.dropped_us) continue;
    if (LocationsOverlap(location, *row.location)) {
      return overlap(row.kind + " " + QuoteIdentifier(row.name));
    }
  }
  TARN_ASSIGN(const auto intents, tx.ListIntents());
  for (const meta::IntentRow& intent : intents) {
    if (IsManagedLocation(intent.location)) continue;
    if (LocationsOverlap(location, intent.location)) {
      return overlap("a table that another statement is making");
    }
  }
  return {};
}

Result<PendingTable> LakeCatalog::BeginCreateTable(const RequestContext& ctx,
                                                   const TableDefinition& definition) {
  TARN_ASSIGN(const std::string name, CheckedName(definition.name.object));
  PendingTable pending{state_.ids->NewUuid(), "", definition};
  meta::IntentRow intent{pending.id, "create", pending.id, "tables/" + pending.id};
  if (definition.location) {
    TARN_ASSIGN(intent.location, ResolveLocation(*definition.location));
  }
  pending.location = AbsoluteLocation(intent.location, state_.home);
  TARN_ASSIGN(intent.lease, state_.LeaseId());
  intent.created_us = state_.clock->NowMicros();
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Row schema;
    TARN_ASSIGN(const auto taken, ObjectRow(tx, definition.name, kRelationSpace, &schema));
    if (taken) return NameTaken(definition.name);
    if (definition.location) TARN_TRY(CheckFree(tx, intent.location));
    return tx.InsertIntent(intent);
  }));
  TARN_FAULT_POINT("catalog.create_table.after_intent");
  Status made;
  if (definition.location) {
    const auto folder = state_.storage.OpenFolder(pending.location, true);
    if (!folder.ok()) made = folder.error();
  } else {
    const io::ObjectPath folder = io::ObjectPath() / intent.location;
    made = state_.store->CreateDirectories(ctx, folder);
    if (made.ok()) made = state_.store->SyncDirectories(ctx, folder);
  }
  if (!made.ok()) {
    (void)AbortTable(ctx, pending);
    return std::move(made).error();
  }
  TARN_FAULT_POINT("catalog.create_table.after_folder");
  return pending;
}

Result<TablePtr> LakeCatalog::PublishTable(const RequestContext& ctx, const PendingTable& pending,
                                           const TableChange& contents) {
  TARN_FAULT_POINT("catalog.create_table.before_publish");
  const ObjectName& name = pending.definition.name;
  TablePtr published;
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Row schema;
    TARN_ASSIGN(const auto taken, ObjectRow(tx, name, kRelationSpace, &schema));
    if (taken) return NameTaken(name);
    Row row = NewRow(ctx, "table", kRelationSpace, schema.id, FoldName(name.object));
    row.id = pending.id;
    row.location = pending.definition.location ? pending.location : "tables/" + pending.id;
    TableInfo table;
    table.type = pending.definition.location ? TableType::kExternal : TableType::kManaged;
    table.format = pending.definition.format;
    table.comment = pending.definition.comment;
    ApplyContents(contents, &table);
    StoreContents(table, &row);
    TARN_TRY(tx.Insert(row));
    TARN_TRY(tx.RemoveIntent(pending.id));
    TARN_ASSIGN(published, TableOf(row, FoldName(name.catalog), schema.name, state_.home));
    return {};
  }));
  TARN_FAULT_POINT("catalog.create_table.after_publish");
  return published;
}

Status LakeCatalog::AbortTable(const RequestContext& ctx, const PendingTable& pending) {
  // Undoing must work for a cancelled statement too.
  RequestContext undo;
  undo.principal = ctx.principal;
  undo.request_id = ctx.request_id;
  TARN_ASSIGN(const std::string lease, state_.LeaseId());
  // A publish that answered with an error may be in the metastore, or come to light after a crash.
  // So first a durable transaction takes the name away and holds the intent; then nothing refers to
  // the folder, whatever happened.
  TARN_TRY(InWrite(state_, undo, [&](Tx& tx) -> Status {
    TARN_TRY(tx.Remove(pending.id));
    TARN_TRY(tx.RemoveIntent(pending.id));
    meta::IntentRow intent{
        pending.id, "create",
        pending.id, pending.definition.location ? pending.location : "tables/" + pending.id,
        lease,      state_.clock->NowMicros()};
    return tx.InsertIntent(intent);
  }));
  TARN_FAULT_POINT("catalog.abort_table.before_folder");
  if (!pending.definition.location) {
    TARN_TRY(RemoveManagedFolder(state_, undo, "tables/" + pending.id));
  }
  TARN_FAULT_POINT("catalog.abort_table.after_folder");
  return InWrite(state_, undo, [&](Tx& tx) { return tx.RemoveIntent(pending.id); });
}

Status LakeCatalog::UpdateTable(const RequestContext& ctx, const std::string& table_id,
                                const TableChange& change) {
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(auto row, tx.FindById(table_id));
    // Dropped or purged meanwhile: there is nobody left to tell.
    if (!row || row->dropped_us) return {};
    TARN_ASSIGN(const TablePtr known, TableOf(*row, "", "", state_.home));
    if (change.version && *change.version < known->version) return {};
    TableInfo table = *known;
    ApplyContents(change, &table);
    StoreContents(table, &*row);
    Touch(ctx, &*row);
    return tx.Update(*row);
  });
}

Result<LakeCatalog::Row> LakeCatalog::RelationRow(Tx& tx, const ObjectName& name,
                                                  SecurableKind kind,
                                                  std::string_view operation) const {
  Row schema;
  Result<std::optional<Row>> row = ObjectRow(tx, name, kRelationSpace, &schema);
  if (!row.ok()) {
    const Condition condition = row.error().condition();
    if (condition == Condition("SCHEMA_NOT_FOUND") || condition == Condition("CATALOG_NOT_FOUND")) {
      return NoSuchRelation(name);
    }
    return std::move(row).error();
  }
  if (!*row) return NoSuchRelation(name);
  if ((*row)->kind != KindText(kind)) {
    const SecurableKind found =
        kind == SecurableKind::kView ? SecurableKind::kTable : SecurableKind::kView;
    std::string words(operation);
    words += ' ';
    return Error(Condition("WRONG_COMMAND_FOR_OBJECT_TYPE"),
                 {{"operation", words + std::string(NameOfKind(kind))},
                  {"requiredType", std::string(NameOfKind(kind))},
                  {"objectName", name.ToSql()},
                  {"foundType", std::string(NameOfKind(found))},
                  {"alternative", words + std::string(NameOfKind(found))}});
  }
  return **std::move(row);
}

Status LakeCatalog::AlterRelation(const RequestContext& ctx, const ObjectName& name,
                                  SecurableKind kind, const SecurableChange& change) {
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(Row row, RelationRow(tx, name, kind, "ALTER"));
    Apply(ctx, change, &row);
    return tx.Update(row);
  });
}

Status LakeCatalog::RenameRelation(const RequestContext& ctx, const ObjectName& from,
                                   const ObjectName& to, SecurableKind kind) {
  TARN_ASSIGN(const std::string name, CheckedName(to.object));
  if (!SameName(from.catalog, to.catalog)) {
    return UnsupportedFeature("Renaming a table or view into another catalog");
  }
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(Row row, RelationRow(tx, from, kind, "ALTER"));
    Row schema;
    TARN_ASSIGN(const auto taken, ObjectRow(tx, to, kRelationSpace, &schema));
    if (taken && taken->id != row.id) return NameTaken(to);
    row.parent_id = schema.id;
    row.name = row.folded_name = name;
    Touch(ctx, &row);
    return tx.Update(row);
  });
}

Status LakeCatalog::DropRelation(const RequestContext& ctx, const ObjectName& name,
                                 SecurableKind kind, bool if_exists) {
  TARN_FAULT_POINT("catalog.drop_table.before");
  bool missing = false;
  const Status dropped = InWrite(state_, ctx, [&](Tx& tx) -> Status {
    Result<Row> row = RelationRow(tx, name, kind, "DROP");
    if (!row.ok()) {
      missing = row.error().condition() == Condition("TABLE_OR_VIEW_NOT_FOUND");
      return std::move(row).error();
    }
    return DropObjectRow(ctx, tx, *std::move(row));
  });
  if (missing) {
    if (if_exists) return {};
    return RelationNotFound(ctx, name);
  }
  TARN_TRY(dropped);
  TARN_FAULT_POINT("catalog.drop_table.after");
  return {};
}

Result<TablePtr> LakeCatalog::Undrop(const RequestContext& ctx, Tx& tx, Row row) {
  TARN_ASSIGN(const auto schema, tx.FindById(row.parent_id));
  TARN_ASSIGN(const auto catalog, tx.FindById(schema ? schema->parent_id : ""));
  if (!schema || !catalog || schema->dropped_us || catalog->dropped_us) {
    return SchemaNotFound(catalog ? catalog->name : "", schema ? schema->name : "");
  }
  TARN_ASSIGN(const auto taken, tx.Find(schema->id, kRelationSpace, row.folded_name));
  if (taken) return NameTaken({catalog->name, schema->name, row.name});
  if (!IsManagedLocation(*row.location)) TARN_TRY(CheckFree(tx, *row.location));
  row.dropped_us.reset();
  row.dropped_by.reset();
  Touch(ctx, &row);
  TARN_TRY(tx.Update(row));
  return TableOf(row, catalog->name, schema->name, state_.home);
}

Result<TablePtr> LakeCatalog::UndropTable(const RequestContext& ctx, const ObjectName& name) {
  TablePtr table;
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(const Row schema, SchemaRow(tx, name.catalog, name.schema));
    TARN_ASSIGN(auto rows, tx.ListDropped(schema.id, kRelationSpace));
    const int64_t oldest = state_.clock->NowMicros() - kUndropMicros;
    for (Row& row : rows) {
      if (row.folded_name != FoldName(name.object) || *row.dropped_us < oldest) continue;
      TARN_ASSIGN(table, Undrop(ctx, tx, std::move(row)));
      return {};
    }
    return NoSuchRelation(name).WithHint(
        "No table of that name was dropped in the last 7 days; SHOW TABLES DROPPED lists them.");
  }));
  return table;
}

Result<TablePtr> LakeCatalog::UndropTableById(const RequestContext& ctx, std::string_view id) {
  TablePtr table;
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(auto row, tx.FindById(id));
    const int64_t oldest = state_.clock->NowMicros() - kUndropMicros;
    if (!row || row->kind != "table" || !row->dropped_us || *row->dropped_us < oldest) {
      return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"),
                   {{"relationName", "with id '" + std::string(id) + "'"}})
          .WithHint("SHOW TABLES DROPPED lists the tables that can be brought back.");
    }
    TARN_ASSIGN(table, Undrop(ctx, tx, *std::move(row)));
    return {};
  }));
  return table;
}

}  // namespace tarn::catalog
