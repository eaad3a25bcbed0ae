#include <utility>

#include "lake_catalog.h"
#include "names.h"
#include "securable_rows.h"
#include "tarn/catalog/pipelines.h"

namespace tarn::catalog {

namespace {

// Cache entries; enough for every table a session touches, cheap to fill again.
constexpr size_t kCachedMax = 10'000;

std::string JoinSuggestions(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

SchemaPtr InformationSchemaOf(const std::string& catalog) {
  auto info = std::make_shared<SchemaInfo>();
  info->id = "information_schema." + catalog;
  info->owner = "System user";
  info->comment = "Information schema (built in)";
  info->catalog = catalog;
  info->name = kInformationSchema;
  return info;
}

CatalogPtr SystemCatalog() {
  auto info = std::make_shared<CatalogInfo>();
  info->id = "system";
  info->owner = "System user";
  info->comment = "System catalog (built in)";
  info->name = kSystemCatalog;
  return info;
}

bool IsHidden(const RequestContext& ctx, const TableInfo& table) {
  const auto owner = PrivateTo(table.properties);
  return owner && *owner != ctx.pipeline_id;
}

}  // namespace

Error CatalogNotFound(std::string_view name) {
  return Error(Condition("CATALOG_NOT_FOUND"), {{"catalogName", QuoteIdentifier(name)}});
}

Error SchemaNotFound(std::string_view catalog, std::string_view name) {
  return Error(Condition("SCHEMA_NOT_FOUND"),
               {{"schemaName", QuoteIdentifier(catalog) + '.' + QuoteIdentifier(name)}});
}

Result<TablePtr> Catalog::LookupTable(const RequestContext& ctx, const ObjectName& name,
                                      Purpose purpose, std::string_view operation) const {
  TARN_ASSIGN(Relation relation, LookupRelation(ctx, name, purpose));
  if (auto* table = std::get_if<TablePtr>(&relation)) return std::move(*table);
  return Error(Condition("WRONG_COMMAND_FOR_OBJECT_TYPE"), {{"operation", std::string(operation)},
                                                            {"requiredType", "TABLE"},
                                                            {"objectName", name.ToSql()},
                                                            {"foundType", "VIEW"},
                                                            {"alternative", "a table"}});
}

Result<LakeCatalog::Row> LakeCatalog::CatalogRow(Tx& tx, std::string_view name) const {
  TARN_ASSIGN(auto row, tx.Find(state_.root_id, kCatalogSpace, FoldName(name)));
  if (!row) return CatalogNotFound(name);
  return *std::move(row);
}

Result<LakeCatalog::Row> LakeCatalog::SchemaRow(Tx& tx, std::string_view catalog,
                                                std::string_view name) const {
  TARN_ASSIGN(const Row parent, CatalogRow(tx, catalog));
  TARN_ASSIGN(auto row, tx.Find(parent.id, kSchemaSpace, FoldName(name)));
  if (!row) return SchemaNotFound(catalog, name);
  return *std::move(row);
}

Result<std::optional<LakeCatalog::Row>> LakeCatalog::ObjectRow(Tx& tx, const ObjectName& name,
                                                               std::string_view space,
                                                               Row* schema) const {
  TARN_ASSIGN(*schema, SchemaRow(tx, name.catalog, name.schema));
  return tx.Find(schema->id, space, FoldName(name.object));
}

template <typename Load>
Result<LakeCatalog::Cached> LakeCatalog::LookupCached(const RequestContext& ctx,
                                                      std::string_view space,
                                                      std::string_view catalog,
                                                      std::string_view schema,
                                                      std::string_view object, Load load) const {
  TARN_TRY(ctx.Check());
  std::string key(space);
  for (const std::string_view part : {catalog, schema, object}) {
    key += '\0';
    key += FoldName(part);
  }
  // What is read after this is at least as new as this generation says.
  TARN_ASSIGN(const uint64_t generation, state_.metastore->Generation());
  {
    std::lock_guard lock(mutex_);
    if (generation != generation_) {
      cached_.clear();
      generation_ = generation;
    }
    const auto found = cached_.find(key);
    if (found != cached_.end()) return found->second;
  }
  TARN_ASSIGN(auto tx, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
  TARN_ASSIGN(Cached loaded, load(tx));
  TARN_TRY(tx.Commit());
  std::lock_guard lock(mutex_);
  if (generation == generation_) {
    if (cached_.size() >= kCachedMax) cached_.clear();
    cached_[std::move(key)] = loaded;
  }
  return loaded;
}

Result<Relation> LakeCatalog::LookupRelation(const RequestContext& ctx, const ObjectName& name,
                                             Purpose purpose) const {
  Result<Cached> found = LookupCached(
      ctx, kRelationSpace, name.catalog, name.schema, name.object, [&](Tx& tx) -> Result<Cached> {
        Row schema;
        TARN_ASSIGN(const auto row, ObjectRow(tx, name, kRelationSpace, &schema));
        if (!row) return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"));
        const std::string catalog = FoldName(name.catalog);
        if (row->kind == "view") {
          TARN_ASSIGN(ViewPtr view, ViewOf(*row, catalog, schema.name));
          return Cached(std::move(view));
        }
        TARN_ASSIGN(TablePtr table, TableOf(*row, catalog, schema.name, state_.home));
        return Cached(std::move(table));
      });
  if (!found.ok()) {
    if (found.error().IsOneOf({Condition("TABLE_OR_VIEW_NOT_FOUND"), Condition("SCHEMA_NOT_FOUND"),
                               Condition("CATALOG_NOT_FOUND")})) {
      return RelationNotFound(ctx, name);
    }
    return std::move(found).error();
  }
  if (auto* view = std::get_if<ViewPtr>(&*found)) return Relation(std::move(*view));
  TablePtr table = std::get<TablePtr>(*std::move(found));
  // Whoever may not see it may still clear it away.
  if (purpose != Purpose::kDrop && IsHidden(ctx, *table)) return PrivateTable(ctx, *table);
  return Relation(std::move(table));
}

Error LakeCatalog::PrivateTable(const RequestContext& ctx, const TableInfo& table) const {
  std::string owner = PrivateTo(table.properties).value_or("");
  const auto pipelines = Pipelines(state_.home, state_.store).List(ctx);
  // Without its name the id must do.
  if (pipelines.ok()) {
    for (const PipelineEntry& pipeline : *pipelines) {
      if (pipeline.id == owner) owner = pipeline.name;
    }
  }
  return Error(Condition("PIPELINE_DATASET_PRIVATE"),
               {{"relationName", table.name.ToSql()}, {"pipeline", owner}});
}

Error LakeCatalog::RelationNotFound(const RequestContext& ctx, const ObjectName& name) const {
  Error error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", name.ToSql()}});
  std::vector<std::string> near;
  const auto look = [&]() -> Status {
    TARN_ASSIGN(auto tx, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
    std::vector<std::string> candidates;
    const auto collect = [&](const std::string& parent, std::string_view space) -> Status {
      TARN_ASSIGN(const auto rows, tx.List(parent, space));
      for (const Row& row : rows) {
        if (row.kind == "table") {
          TARN_ASSIGN(const TablePtr table, TableOf(row, "", "", state_.home));
          if (IsHidden(ctx, *table)) continue;
        }
        candidates.push_back(row.name);
      }
      return {};
    };
    // The first level that is missing is the one whose spelling is in question.
    TARN_ASSIGN(const auto catalog, tx.Find(state_.root_id, kCatalogSpace, FoldName(name.catalog)));
    if (!catalog) {
      TARN_TRY(collect(state_.root_id, kCatalogSpace));
      for (const std::string& candidate : NearestNames(name.catalog, candidates)) {
        near.push_back(ObjectName{candidate, name.schema, name.object}.ToSql());
      }
      return {};
    }
    TARN_ASSIGN(const auto schema, tx.Find(catalog->id, kSchemaSpace, FoldName(name.schema)));
    if (!schema) {
      TARN_TRY(collect(catalog->id, kSchemaSpace));
      for (const std::string& candidate : NearestNames(name.schema, candidates)) {
        near.push_back(ObjectName{catalog->name, candidate, name.object}.ToSql());
      }
      return {};
    }
    TARN_TRY(collect(schema->id, kRelationSpace));
    for (const std::string& candidate : NearestNames(name.object, candidates)) {
      near.push_back(ObjectName{catalog->name, schema->name, candidate}.ToSql());
    }
    return {};
  };
  // A failure here only costs the suggestion.
  if (!look().ok() || near.empty()) return error;
  return std::move(error).WithHint("Did you mean " + JoinSuggestions(near) + "?");
}

Result<CatalogPtr> LakeCatalog::LookupCatalog(const RequestContext& ctx, std::string_view name,
                                              Purpose purpose) const {
  if (SameName(name, kSystemCatalog)) return SystemCatalog();
  TARN_ASSIGN(Cached found,
              LookupCached(ctx, kCatalogSpace, name, "", "", [&](Tx& tx) -> Result<Cached> {
                TARN_ASSIGN(const Row row, CatalogRow(tx, name));
                TARN_ASSIGN(CatalogPtr info, CatalogOf(row));
                return Cached(std::move(info));
              }));
  return std::get<CatalogPtr>(std::move(found));
}

Result<SchemaPtr> LakeCatalog::LookupSchema(const RequestContext& ctx, std::string_view catalog,
                                            std::string_view name, Purpose purpose) const {
  if (SameName(name, kInformationSchema)) {
    TARN_ASSIGN(const CatalogPtr parent, LookupCatalog(ctx, catalog, purpose));
    return InformationSchemaOf(parent->name);
  }
  if (SameName(catalog, kSystemCatalog)) return SchemaNotFound(catalog, name);
  TARN_ASSIGN(Cached found,
              LookupCached(ctx, kSchemaSpace, catalog, name, "", [&](Tx& tx) -> Result<Cached> {
                TARN_ASSIGN(const Row row, SchemaRow(tx, catalog, name));
                TARN_ASSIGN(SchemaPtr info, SchemaOf(row, FoldName(catalog)));
                return Cached(std::move(info));
              }));
  return std::get<SchemaPtr>(std::move(found));
}

Result<VolumePtr> LakeCatalog::LookupVolume(const RequestContext& ctx, const ObjectName& name,
                                            Purpose purpose) const {
  TARN_ASSIGN(
      Cached found,
      LookupCached(ctx, kVolumeSpace, name.catalog, name.schema, name.object,
                   [&](Tx& tx) -> Result<Cached> {
                     Row schema;
                     TARN_ASSIGN(const auto row, ObjectRow(tx, name, kVolumeSpace, &schema));
                     if (!row) {
                       return Error(Condition("UC_VOLUME_NOT_FOUND"), {{"name", name.ToSql()}});
                     }
                     TARN_ASSIGN(VolumePtr volume,
                                 VolumeOf(*row, FoldName(name.catalog), schema.name, state_.home));
                     return Cached(std::move(volume));
                   }));
  return std::get<VolumePtr>(std::move(found));
}

Result<FunctionPtr> LakeCatalog::LookupFunction(const RequestContext& ctx, const ObjectName& name,
                                                Purpose purpose) const {
  const auto missing = [&] {
    return Error(Condition("ROUTINE_NOT_FOUND"), {{"routineName", name.ToSql()}});
  };
  Result<Cached> found = LookupCached(
      ctx, kFunctionSpace, name.catalog, name.schema, name.object, [&](Tx& tx) -> Result<Cached> {
        Row schema;
        TARN_ASSIGN(const auto row, ObjectRow(tx, name, kFunctionSpace, &schema));
        if (!row) return missing();
        TARN_ASSIGN(FunctionPtr function, FunctionOf(*row, FoldName(name.catalog), schema.name));
        return Cached(std::move(function));
      });
  if (found.ok()) return std::get<FunctionPtr>(*std::move(found));
  const Condition condition = found.error().condition();
  if (condition == Condition("SCHEMA_NOT_FOUND") || condition == Condition("CATALOG_NOT_FOUND")) {
    return missing();
  }
  return std::move(found).error();
}

Result<std::vector<CatalogPtr>> LakeCatalog::ListCatalogs(const RequestContext& ctx) const {
  TARN_ASSIGN(auto tx, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
  TARN_ASSIGN(const auto rows, tx.List(state_.root_id, kCatalogSpace));
  std::vector<CatalogPtr> catalogs;
  bool system_listed = false;
  const auto list_system = [&] {
    if (!std::exchange(system_listed, true)) catalogs.push_back(SystemCatalog());
  };
  for (const Row& row : rows) {
    if (row.name > kSystemCatalog) list_system();
    TARN_ASSIGN(CatalogPtr info, CatalogOf(row));
    catalogs.push_back(std::move(info));
  }
  list_system();
  return catalogs;
}

Result<std::vector<SchemaPtr>> LakeCatalog::ListSchemas(const RequestContext& ctx,
                                                        std::string_view catalog) const {
  std::vector<SchemaPtr> schemas;
  if (SameName(catalog, kSystemCatalog)) {
    schemas.push_back(InformationSchemaOf(std::string(kSystemCatalog)));
    return schemas;
  }
  TARN_ASSIGN(auto tx, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
  TARN_ASSIGN(const Row parent, CatalogRow(tx, catalog));
  TARN_ASSIGN(const auto rows, tx.List(parent.id, kSchemaSpace));
  bool information_listed = false;
  const auto list_information = [&] {
    if (!std::exchange(information_listed, true)) {
      schemas.push_back(InformationSchemaOf(parent.name));
    }
  };
  for (const Row& row : rows) {
    if (row.name > kInformationSchema) list_information();
    TARN_ASSIGN(SchemaPtr info, SchemaOf(row, parent.name));
    schemas.push_back(std::move(info));
  }
  list_information();
  return schemas;
}

template <typename Ptr, typename Make>
Result<std::vector<Ptr>> LakeCatalog::ListObjects(const RequestContext& ctx,
                                                  std::string_view catalog, std::string_view schema,
                                                  std::string_view space, std::string_view kind,
                                                  Make make) const {
  std::vector<Ptr> objects;
  if (SameName(schema, kInformationSchema)) return objects;
  TARN_ASSIGN(auto tx, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
  TARN_ASSIGN(const Row parent, SchemaRow(tx, catalog, schema));
  TARN_ASSIGN(const auto rows, tx.List(parent.id, space));
  const std::string catalog_name = FoldName(catalog);
  for (const Row& row : rows) {
    if (row.kind != kind) continue;
    TARN_ASSIGN(Ptr info, make(row, catalog_name, parent.name));
    objects.push_back(std::move(info));
  }
  return objects;
}

Result<std::vector<TablePtr>> LakeCatalog::ListTables(const RequestContext& ctx,
                                                      std::string_view catalog,
                                                      std::string_view schema) const {
  TARN_ASSIGN(auto tables,
              ListObjects<TablePtr>(ctx, catalog, schema, kRelationSpace, "table",
                                    [&](const Row& row, const std::string& catalog_name,
                                        const std::string& schema_name) {
                                      return TableOf(row, catalog_name, schema_name, state_.home);
                                    }));
  std::erase_if(tables, [&](const TablePtr& table) { return IsHidden(ctx, *table); });
  return tables;
}

Result<std::vector<ViewPtr>> LakeCatalog::ListViews(const RequestContext& ctx,
                                                    std::string_view catalog,
                                                    std::string_view schema) const {
  return ListObjects<ViewPtr>(ctx, catalog, schema, kRelationSpace, "view", ViewOf);
}

Result<std::vector<VolumePtr>> LakeCatalog::ListVolumes(const RequestContext& ctx,
                                                        std::string_view catalog,
                                                        std::string_view schema) const {
  return ListObjects<VolumePtr>(
      ctx, catalog, schema, kVolumeSpace, "volume",
      [&](const Row& row, const std::string& catalog_name, const std::string& schema_name) {
        return VolumeOf(row, catalog_name, schema_name, state_.home);
      });
}

Result<std::vector<FunctionPtr>> LakeCatalog::ListFunctions(const RequestContext& ctx,
                                                            std::string_view catalog,
                                                            std::string_view schema) const {
  return ListObjects<FunctionPtr>(ctx, catalog, schema, kFunctionSpace, "function", FunctionOf);
}

Result<std::vector<DroppedTable>> LakeCatalog::ListDroppedTables(const RequestContext& ctx,
                                                                 std::string_view catalog,
                                                                 std::string_view schema) const {
  TARN_ASSIGN(auto tx, state_.metastore->Begin(ctx, meta::TransactionKind::kRead));
  TARN_ASSIGN(const Row parent, SchemaRow(tx, catalog, schema));
  TARN_ASSIGN(const auto rows, tx.ListDropped(parent.id, kRelationSpace));
  const int64_t oldest = state_.clock->NowMicros() - kUndropMicros;
  std::vector<DroppedTable> dropped;
  for (const Row& row : rows) {
    if (*row.dropped_us < oldest) continue;
    TARN_ASSIGN(TablePtr info, TableOf(row, FoldName(catalog), parent.name, state_.home));
    dropped.push_back({std::move(info), *row.dropped_us});
  }
  return dropped;
}

}  // namespace tarn::catalog
