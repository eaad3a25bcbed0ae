#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "lake_state.h"
#include "tarn/catalog/catalog.h"

namespace tarn::catalog {

/// The catalog over a lake's metastore and storage. Thread-safe.
class LakeCatalog : public Catalog {
 public:
  explicit LakeCatalog(LakeState& state) : state_(state) {}

  Result<Relation> LookupRelation(const RequestContext& ctx, const ObjectName& name,
                                  Purpose purpose) const override;
  Result<CatalogPtr> LookupCatalog(const RequestContext& ctx, std::string_view name,
                                   Purpose purpose) const override;
  Result<SchemaPtr> LookupSchema(const RequestContext& ctx, std::string_view catalog,
                                 std::string_view name, Purpose purpose) const override;
  Result<VolumePtr> LookupVolume(const RequestContext& ctx, const ObjectName& name,
                                 Purpose purpose) const override;
  Result<FunctionPtr> LookupFunction(const RequestContext& ctx, const ObjectName& name,
                                     Purpose purpose) const override;

  Result<std::vector<CatalogPtr>> ListCatalogs(const RequestContext& ctx) const override;
  Result<std::vector<SchemaPtr>> ListSchemas(const RequestContext& ctx,
                                             std::string_view catalog) const override;
  Result<std::vector<TablePtr>> ListTables(const RequestContext& ctx, std::string_view catalog,
                                           std::string_view schema) const override;
  Result<std::vector<ViewPtr>> ListViews(const RequestContext& ctx, std::string_view catalog,
                                         std::string_view schema) const override;
  Result<std::vector<VolumePtr>> ListVolumes(const RequestContext& ctx, std::string_view catalog,
                                             std::string_view schema) const override;
  Result<std::vector<FunctionPtr>> ListFunctions(const RequestContext& ctx,
                                                 std::string_view catalog,
                                                 std::string_view schema) const override;
  Result<std::vector<DroppedTable>> ListDroppedTables(const RequestContext& ctx,
                                                      std::string_view catalog,
                                                      std::string_view schema) const override;

  Result<bool> CreateCatalog(const RequestContext& ctx, const CatalogDefinition& definition,
                             IfTaken if_taken) override;
  Status DropCatalog(const RequestContext& ctx, std::string_view name, bool if_exists,
                     bool cascade) override;
  Status AlterCatalog(const RequestContext& ctx, std::string_view name,
                      const SecurableChange& change) override;
  Result<bool> CreateSchema(const RequestContext& ctx, const SchemaDefinition& definition,
                            IfTaken if_taken) override;
  Status DropSchema(const RequestContext& ctx, std::string_view catalog, std::string_view name,
                    bool if_exists, bool cascade) override;
  Status AlterSchema(const RequestContext& ctx, std::string_view catalog, std::string_view name,
                     const SecurableChange& change) override;

  Result<PendingTable> BeginCreateTable(const RequestContext& ctx,
                                        const TableDefinition& definition) override;
  Result<TablePtr> PublishTable(const RequestContext& ctx, const PendingTable& pending,
                                const TableChange& contents) override;
  Status AbortTable(const RequestContext& ctx, const PendingTable& pending) override;
  Status UpdateTable(const RequestContext& ctx, const std::string& table_id,
                     const TableChange& change) override;
  Status AlterRelation(const RequestContext& ctx, const ObjectName& name, SecurableKind kind,
                       const SecurableChange& change) override;
  Status RenameRelation(const RequestContext& ctx, const ObjectName& from, const ObjectName& to,
                        SecurableKind kind) override;
  Status DropRelation(const RequestContext& ctx, const ObjectName& name, SecurableKind kind,
                      bool if_exists) override;
  Result<TablePtr> UndropTable(const RequestContext& ctx, const ObjectName& name) override;
  Result<TablePtr> UndropTableById(const RequestContext& ctx, std::string_view id) override;

  Result<bool> CreateView(const RequestContext& ctx, const ViewInfo& view,
                          IfTaken if_taken) override;
  Result<bool> CreateVolume(const RequestContext& ctx, const VolumeInfo& volume,
                            IfTaken if_taken) override;
  Status DropVolume(const RequestContext& ctx, const ObjectName& name, bool if_exists) override;
  Status AlterVolume(const RequestContext& ctx, const ObjectName& name,
                     const SecurableChange& change) override;
  Result<bool> CreateFunction(const RequestContext& ctx, const FunctionInfo& function,
                              IfTaken if_taken) override;
  Status DropFunction(const RequestContext& ctx, const ObjectName& name, bool if_exists) override;

 private:
  using Row = meta::SecurableRow;
  using Tx = meta::Transaction;
  using Cached = std::variant<CatalogPtr, SchemaPtr, TablePtr, ViewPtr, VolumePtr, FunctionPtr>;

  // Rows by name, in a transaction; missing ones are the conditions of look-ups.
  Result<Row> CatalogRow(Tx& tx, std::string_view name) const;
  Result<Row> SchemaRow(Tx& tx, std::string_view catalog, std::string_view name) const;
  /// The row of a relation, volume or function, or none. `*schema` becomes its schema's row.
  Result<std::optional<Row>> ObjectRow(Tx& tx, const ObjectName& name, std::string_view space,
                                       Row* schema) const;
  Result<Row> RelationRow(Tx& tx, const ObjectName& name, SecurableKind kind,
                          std::string_view operation) const;

  /// Looks `name` up in the cache, or by `load(transaction)` and puts it there.
  template <typename Load>
  Result<Cached> LookupCached(const RequestContext& ctx, std::string_view space,
                              std::string_view catalog, std::string_view schema,
                              std::string_view object, Load load) const;
  /// The objects of one space of a schema, made by `make(row, catalog, schema, home)`.
  template <typename Ptr, typename Make>
  Result<std::vector<Ptr>> ListObjects(const RequestContext& ctx, std::string_view catalog,
                                       std::string_view schema, std::string_view space,
                                       std::string_view kind, Make make) const;
  /// PIPELINE_DATASET_PRIVATE with the name of its pipeline.
  Error PrivateTable(const RequestContext& ctx, const TableInfo& table) const;
  Error RelationNotFound(const RequestContext& ctx, const ObjectName& name) const;

  /// A new row with id, owner and times filled in.
  Row NewRow(const RequestContext& ctx, std::string_view kind, std::string_view space,
             const std::string& parent_id, const std::string& folded_name) const;
  void Touch(const RequestContext& ctx, Row* row) const;
  void Apply(const RequestContext& ctx, const SecurableChange& change, Row* row) const;
  Status InsertDefaultSchema(const RequestContext& ctx, Tx& tx, const std::string& catalog_id);
  Status DropObjectRow(const RequestContext& ctx, Tx& tx, Row row);
  Status DropSchemaRow(const RequestContext& ctx, Tx& tx, Row row);
  Result<TablePtr> Undrop(const RequestContext& ctx, Tx& tx, Row row);
  /// LOCATION_OVERLAP if a securable or an intent uses a folder around or inside `location`.
  Status CheckFree(Tx& tx, const std::string& location) const;
  template <typename Info>
  Result<bool> CreateRowObject(const RequestContext& ctx, const Info& info, std::string_view kind,
                               std::string_view space, Condition taken, const char* parameter,
                               IfTaken if_taken);

  LakeState& state_;
  mutable std::mutex mutex_;
  mutable uint64_t generation_ = 0;                         // guarded by mutex_
  mutable std::unordered_map<std::string, Cached> cached_;  // guarded by mutex_; of generation_
};

/// Makes the rows that every lake has from the start: the metastore, `main`, `main.default`.
Status BootstrapMetastore(LakeState& state, const RequestContext& ctx);

/// Names that every lake has without rows.
inline constexpr std::string_view kInformationSchema = "information_schema";
inline constexpr std::string_view kSystemCatalog = "system";

Error CatalogNotFound(std::string_view name);
Error SchemaNotFound(std::string_view catalog, std::string_view name);

}  // namespace tarn::catalog
