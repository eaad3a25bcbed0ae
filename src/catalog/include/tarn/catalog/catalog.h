#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/catalog/securable.h"

namespace tarn::catalog {

/// What a CREATE does when the name is taken.
enum class IfTaken : uint8_t { kFail, kKeep /* IF NOT EXISTS */, kReplace /* OR REPLACE */ };

struct CatalogDefinition {
  std::string name;
  std::string comment;
  Properties properties;
};

struct SchemaDefinition {
  std::string catalog;
  std::string name;
  std::string comment;
  Properties properties;
};

struct TableDefinition {
  ObjectName name;
  std::string format = "delta";
  /// Set: an external table in that folder (absolute path or file: URI). Unset: a managed table.
  std::optional<std::string> location;
  std::string comment;
};

/// A table in the making: it has an identity and a folder, and no name that others see yet. Made by
/// BeginCreateTable; ends in PublishTable or AbortTable, or is undone when its process has died.
struct PendingTable {
  std::string id;        ///< UUID
  std::string location;  ///< absolute path; the folder exists (made durable if the catalog made it)
  TableDefinition definition;
};

/// What an ALTER or a commit changes of what the catalog shows; unset members stay.
struct TableChange {
  std::optional<std::string> comment;
  std::optional<Properties> properties;  ///< all of them
  std::optional<Schema> schema;
  std::optional<std::vector<std::string>> partition_columns;
  std::optional<int64_t>
      version;  ///< a change that tells an older version than the catalog has is dropped
};

/// What ALTER … changes of any securable; unset members stay.
struct SecurableChange {
  std::optional<std::string> comment;
  std::optional<std::string> owner;
  std::optional<Properties> properties;  ///< all of them
};

/// A table that was dropped and can still be brought back.
struct DroppedTable {
  TablePtr table;
  int64_t dropped_us = 0;
};

/// The names of a lake and what they stand for: three levels, compared without regard to case and
/// kept in lower case, as Unity Catalog does. Every look-up says who asks
/// (RequestContext::principal) and what for. Thread-safe; several processes may use one lake.
///
/// Errors of look-ups: TABLE_OR_VIEW_NOT_FOUND (with "did you mean"), SCHEMA_NOT_FOUND,
/// CATALOG_NOT_FOUND, ROUTINE_NOT_FOUND, UC_VOLUME_NOT_FOUND; of creates: …_ALREADY_EXISTS,
/// LOCATION_OVERLAP, INVALID_SCHEMA_OR_RELATION_NAME; WRONG_COMMAND_FOR_OBJECT_TYPE where a table
/// is asked for and a view found, or the reverse.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Look-ups.
  virtual Result<Relation> LookupRelation(const RequestContext& ctx, const ObjectName& name,
                                          Purpose purpose) const = 0;
  /// As LookupRelation, of a table; a view is WRONG_COMMAND_FOR_OBJECT_TYPE, naming `operation`.
  Result<TablePtr> LookupTable(const RequestContext& ctx, const ObjectName& name, Purpose purpose,
                               std::string_view operation) const;
  virtual Result<CatalogPtr> LookupCatalog(const RequestContext& ctx, std::string_view name,
                                           Purpose purpose) const = 0;
  virtual Result<SchemaPtr> LookupSchema(const RequestContext& ctx, std::string_view catalog,
                                         std::string_view name, Purpose purpose) const = 0;
  virtual Result<VolumePtr> LookupVolume(const RequestContext& ctx, const ObjectName& name,
                                         Purpose purpose) const = 0;
  virtual Result<FunctionPtr> LookupFunction(const RequestContext& ctx, const ObjectName& name,
                                             Purpose purpose) const = 0;

  // Lists, sorted by name. A missing catalog or schema is its error.
  virtual Result<std::vector<CatalogPtr>> ListCatalogs(const RequestContext& ctx) const = 0;
  /// `information_schema`, which every catalog has, is among them.
  virtual Result<std::vector<SchemaPtr>> ListSchemas(const RequestContext& ctx,
                                                     std::string_view catalog) const = 0;
  virtual Result<std::vector<TablePtr>> ListTables(const RequestContext& ctx,
                                                   std::string_view catalog,
                                                   std::string_view schema) const = 0;
  virtual Result<std::vector<ViewPtr>> ListViews(const RequestContext& ctx,
                                                 std::string_view catalog,
                                                 std::string_view schema) const = 0;
  virtual Result<std::vector<VolumePtr>> ListVolumes(const RequestContext& ctx,
                                                     std::string_view catalog,
                                                     std::string_view schema) const = 0;
  virtual Result<std::vector<FunctionPtr>> ListFunctions(const RequestContext& ctx,
                                                         std::string_view catalog,
                                                         std::string_view schema) const = 0;
  /// Tables of the schema that UNDROP can bring back, newest drop first.
  virtual Result<std::vector<DroppedTable>> ListDroppedTables(const RequestContext& ctx,
                                                              std::string_view catalog,
                                                              std::string_view schema) const = 0;

  // Catalogs and schemas. `false` from a Create means that the name was taken and `if_taken` is
  // kKeep.
  virtual Result<bool> CreateCatalog(const RequestContext& ctx, const CatalogDefinition& definition,
                                     IfTaken if_taken) = 0;
  /// Without `cascade` the catalog may have no schema but an empty `default` (CATALOG_NOT_EMPTY).
  virtual Status DropCatalog(const RequestContext& ctx, std::string_view name, bool if_exists,
                             bool cascade) = 0;
  virtual Status AlterCatalog(const RequestContext& ctx, std::string_view name,
                              const SecurableChange& change) = 0;
  virtual Result<bool> CreateSchema(const RequestContext& ctx, const SchemaDefinition& definition,
                                    IfTaken if_taken) = 0;
  /// Without `cascade` the schema must be empty (SCHEMA_NOT_EMPTY).
  virtual Status DropSchema(const RequestContext& ctx, std::string_view catalog,
                            std::string_view name, bool if_exists, bool cascade) = 0;
  virtual Status AlterSchema(const RequestContext& ctx, std::string_view catalog,
                             std::string_view name, const SecurableChange& change) = 0;

  // Tables. Creating: Begin makes the folder and an intent; the caller writes the table's log;
  // Publish gives it its name. Replacing a table keeps its folder and is a commit plus UpdateTable.
  /// TABLE_OR_VIEW_ALREADY_EXISTS if the name is taken (look it up first for IF NOT EXISTS).
  virtual Result<PendingTable> BeginCreateTable(const RequestContext& ctx,
                                                const TableDefinition& definition) = 0;
  /// TABLE_OR_VIEW_ALREADY_EXISTS if another took the name meanwhile; the table is still pending
  /// then.
  virtual Result<TablePtr> PublishTable(const RequestContext& ctx, const PendingTable& pending,
                                        const TableChange& contents) = 0;
  /// Removes the folder of a managed table and forgets the intent. What stands in an external
  /// folder stays.
  virtual Status AbortTable(const RequestContext& ctx, const PendingTable& pending) = 0;
  /// Tells the catalog what the table's log now says; no right to alter is needed beyond the write.
  virtual Status UpdateTable(const RequestContext& ctx, const std::string& table_id,
                             const TableChange& change) = 0;
  /// Owner, for ALTER TABLE/VIEW … OWNER TO; comment and properties of views.
  virtual Status AlterRelation(const RequestContext& ctx, const ObjectName& name,
                               SecurableKind kind, const SecurableChange& change) = 0;
  /// Within one catalog and, for Databricks, also to another schema of it.
  virtual Status RenameRelation(const RequestContext& ctx, const ObjectName& from,
                                const ObjectName& to, SecurableKind kind) = 0;
  /// `kind` is kTable or kView, as the statement says. Files stay for UNDROP; those of external
  /// tables are never touched.
  virtual Status DropRelation(const RequestContext& ctx, const ObjectName& name, SecurableKind kind,
                              bool if_exists) = 0;
  /// The table of that name that was dropped last (or the one with that id), within its seven days.
  virtual Result<TablePtr> UndropTable(const RequestContext& ctx, const ObjectName& name) = 0;
  virtual Result<TablePtr> UndropTableById(const RequestContext& ctx, std::string_view id) = 0;

  // Views, volumes, functions. id, owner and times are set by the catalog.
  virtual Result<bool> CreateView(const RequestContext& ctx, const ViewInfo& view,
                                  IfTaken if_taken) = 0;
  /// An empty location means a managed volume.
  virtual Result<bool> CreateVolume(const RequestContext& ctx, const VolumeInfo& volume,
                                    IfTaken if_taken) = 0;
  virtual Status DropVolume(const RequestContext& ctx, const ObjectName& name, bool if_exists) = 0;
  virtual Status AlterVolume(const RequestContext& ctx, const ObjectName& name,
                             const SecurableChange& change) = 0;
  virtual Result<bool> CreateFunction(const RequestContext& ctx, const FunctionInfo& function,
                                      IfTaken if_taken) = 0;
  virtual Status DropFunction(const RequestContext& ctx, const ObjectName& name,
                              bool if_exists) = 0;
};

}  // namespace tarn::catalog
