// Catalogs and schemas, and what every change of a row has in common.
#include "lake_catalog.h"
#include "names.h"
#include "securable_rows.h"

namespace tarn::catalog {

namespace {

constexpr char kDefaultSchema[] = "default";
constexpr char kMainCatalog[] = "main";

Error BuiltIn(std::string_view operation, std::string_view name) {
  return Error(Condition("BUILT_IN_CATALOG"),
               {{"operation", std::string(operation)}, {"name", QuoteIdentifier(name)}});
}

std::string SchemaSql(std::string_view catalog, std::string_view name) {
  return QuoteIdentifier(catalog) + '.' + QuoteIdentifier(name);
}

}  // namespace

LakeCatalog::Row LakeCatalog::NewRow(const RequestContext& ctx, std::string_view kind,
                                     std::string_view space, const std::string& parent_id,
                                     const std::string& folded_name) const {
  Row row;
  row.id = state_.ids->NewUuid();
  row.kind = kind;
  row.parent_id = parent_id;
  row.space = space;
  row.name = folded_name;
  row.folded_name = folded_name;
  row.owner = ctx.principal;
  row.created_us = state_.clock->NowMicros();
  row.created_by = ctx.principal;
  row.updated_us = row.created_us;
  row.updated_by = ctx.principal;
  return row;
}

void LakeCatalog::Touch(const RequestContext& ctx, Row* row) const {
  row->updated_us = state_.clock->NowMicros();
  row->updated_by = ctx.principal;
}

void LakeCatalog::Apply(const RequestContext& ctx, const SecurableChange& change, Row* row) const {
  if (change.comment) row->comment = *change.comment;
  if (change.owner) row->owner = *change.owner;
  if (change.properties) row->properties = PropertiesJson(*change.properties);
  Touch(ctx, row);
}

Status LakeCatalog::InsertDefaultSchema(const RequestContext& ctx, Tx& tx,
                                        const std::string& catalog_id) {
  Row schema = NewRow(ctx, "schema", kSchemaSpace, catalog_id, kDefaultSchema);
  schema.comment = "Default schema";
  return tx.Insert(schema);
}

Status BootstrapMetastore(LakeState& state, const RequestContext& ctx) {
  const auto find_root = [&](meta::Transaction& tx) -> Status {
    // The root row's id is fixed, so that processes that make a lake at once agree on it.
    TARN_ASSIGN(const auto root, tx.FindById("metastore"));
    state.root_id = root ? root->id : "";
    return {};
  };
  {
    TARN_ASSIGN(auto read, state.metastore->Begin(ctx, meta::TransactionKind::kRead));
    TARN_TRY(find_root(read));
  }
  if (!state.root_id.empty()) return {};
  return InWrite(state, ctx, [&](meta::Transaction& tx) -> Status {
    TARN_TRY(find_root(tx));
    if (!state.root_id.empty()) return {};
    const auto row = [&](const char* kind, std::string id, std::string parent, std::string name) {
      meta::SecurableRow made;
      made.id = std::move(id);
      made.kind = kind;
      made.parent_id = std::move(parent);
      made.space = kind;
      made.name = name;
      made.folded_name = std::move(name);
      made.owner = made.created_by = made.updated_by = ctx.principal;
      made.created_us = made.updated_us = state.clock->NowMicros();
      return made;
    };
    TARN_TRY(tx.Insert(row("metastore", "metastore", "", "metastore")));
    const std::string main_id = state.ids->NewUuid();
    meta::SecurableRow main = row("catalog", main_id, "metastore", kMainCatalog);
    main.comment = "Main catalog";
    TARN_TRY(tx.Insert(main));
    meta::SecurableRow schema = row("schema", state.ids->NewUuid(), main_id, kDefaultSchema);
    schema.comment = "Default schema";
    TARN_TRY(tx.Insert(schema));
    state.root_id = "metastore";
    return {};
  });
}

Result<bool> LakeCatalog::CreateCatalog(const RequestContext& ctx,
                                        const CatalogDefinition& definition, IfTaken if_taken) {
  TARN_ASSIGN(const std::string name, CheckedName(definition.name));
  if (name == kSystemCatalog) return BuiltIn("CREATE CATALOG", name);
  bool created = false;
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(const auto taken, tx.Find(state_.root_id, kCatalogSpace, name));
    if (taken) {
      if (if_taken == IfTaken::kKeep) return {};
      return Error(Condition("CATALOG_ALREADY_EXISTS"), {{"catalogName", QuoteIdentifier(name)}});
    }
    Row row = NewRow(ctx, "catalog", kCatalogSpace, state_.root_id, name);
    row.comment = definition.comment;
    row.properties = PropertiesJson(definition.properties);
    TARN_TRY(tx.Insert(row));
    created = true;
    return InsertDefaultSchema(ctx, tx, row.id);
  }));
  return created;
}

Status LakeCatalog::DropCatalog(const RequestContext& ctx, std::string_view name, bool if_exists,
                                bool cascade) {
  // Every session starts in the catalog main.
  if (SameName(name, kSystemCatalog) || SameName(name, kMainCatalog)) {
    return BuiltIn("DROP CATALOG", name);
  }
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(auto row, tx.Find(state_.root_id, kCatalogSpace, FoldName(name)));
    if (!row) return if_exists ? Status() : CatalogNotFound(name);
    TARN_ASSIGN(auto schemas, tx.List(row->id, kSchemaSpace));
    for (Row& schema : schemas) {
      TARN_ASSIGN(const bool occupied, tx.HasChildren(schema.id));
      if (!cascade && (occupied || schema.name != kDefaultSchema)) {
        return Error(Condition("CATALOG_NOT_EMPTY"), {{"catalogName", QuoteIdentifier(name)}});
      }
      TARN_TRY(DropSchemaRow(ctx, tx, std::move(schema)));
    }
    row->dropped_us = state_.clock->NowMicros();
    row->dropped_by = ctx.principal;
    return tx.Update(*row);
  });
}

Status LakeCatalog::AlterCatalog(const RequestContext& ctx, std::string_view name,
                                 const SecurableChange& change) {
  if (SameName(name, kSystemCatalog)) return BuiltIn("ALTER CATALOG", name);
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(Row row, CatalogRow(tx, name));
    Apply(ctx, change, &row);
    return tx.Update(row);
  });
}

Result<bool> LakeCatalog::CreateSchema(const RequestContext& ctx,
                                       const SchemaDefinition& definition, IfTaken if_taken) {
  TARN_ASSIGN(const std::string name, CheckedName(definition.name));
  if (SameName(definition.catalog, kSystemCatalog)) return BuiltIn("CREATE SCHEMA", kSystemCatalog);
  bool created = false;
  TARN_TRY(InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(const Row parent, CatalogRow(tx, definition.catalog));
    TARN_ASSIGN(const auto taken, tx.Find(parent.id, kSchemaSpace, name));
    if (taken || name == kInformationSchema) {
      if (if_taken == IfTaken::kKeep) return {};
      return Error(Condition("SCHEMA_ALREADY_EXISTS"),
                   {{"schemaName", SchemaSql(parent.name, name)}});
    }
    Row row = NewRow(ctx, "schema", kSchemaSpace, parent.id, name);
    row.comment = definition.comment;
    row.properties = PropertiesJson(definition.properties);
    created = true;
    return tx.Insert(row);
  }));
  return created;
}

Status LakeCatalog::DropSchema(const RequestContext& ctx, std::string_view catalog,
                               std::string_view name, bool if_exists, bool cascade) {
  if (SameName(name, kInformationSchema)) return BuiltIn("DROP SCHEMA", name);
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(const Row parent, CatalogRow(tx, catalog));
    TARN_ASSIGN(auto row, tx.Find(parent.id, kSchemaSpace, FoldName(name)));
    if (!row) return if_exists ? Status() : SchemaNotFound(catalog, name);
    TARN_ASSIGN(const bool occupied, tx.HasChildren(row->id));
    if (occupied && !cascade) {
      return Error(Condition("SCHEMA_NOT_EMPTY"), {{"schemaName", SchemaSql(catalog, name)}});
    }
    return DropSchemaRow(ctx, tx, *std::move(row));
  });
}

Status LakeCatalog::AlterSchema(const RequestContext& ctx, std::string_view catalog,
                                std::string_view name, const SecurableChange& change) {
  if (SameName(name, kInformationSchema)) return BuiltIn("ALTER SCHEMA", name);
  return InWrite(state_, ctx, [&](Tx& tx) -> Status {
    TARN_ASSIGN(Row row, SchemaRow(tx, catalog, name));
    Apply(ctx, change, &row);
    return tx.Update(row);
  });
}

Status LakeCatalog::DropSchemaRow(const RequestContext& ctx, Tx& tx, Row row) {
  for (const std::string_view space : {kRelationSpace, kVolumeSpace, kFunctionSpace}) {
    TARN_ASSIGN(auto children, tx.List(row.id, space));
    for (Row& child : children) TARN_TRY(DropObjectRow(ctx, tx, std::move(child)));
  }
  // The row stays as the parent of what was dropped in it; the collector removes it in the end.
  row.dropped_us = state_.clock->NowMicros();
  row.dropped_by = ctx.principal;
  return tx.Update(row);
}

Status LakeCatalog::DropObjectRow(const RequestContext& ctx, Tx& tx, Row row) {
  if (!row.location) return tx.Remove(row.id);
  row.dropped_us = state_.clock->NowMicros();
  row.dropped_by = ctx.principal;
  return tx.Update(row);
}

}  // namespace tarn::catalog
