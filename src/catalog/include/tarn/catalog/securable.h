#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tarn/types/data_type.h"

namespace tarn::catalog {

/// What a look-up is for; rights are checked and audited by it.
enum class Purpose : uint8_t { kRead, kWrite, kDescribe, kCreate, kAlter, kDrop, kExecute };

enum class SecurableKind : uint8_t { kCatalog, kSchema, kTable, kView, kVolume, kFunction };

/// "TABLE", "VIEW", … as SQL names them.
std::string_view NameOfKind(SecurableKind kind);

/// The three-level name of a table, view, volume or function, as the user wrote it or as it was
/// created. Compared without regard to case.
struct ObjectName {
  std::string catalog;
  std::string schema;
  std::string object;

  /// "`main`.`default`.`t`", as messages show it.
  std::string ToSql() const;
  /// "main.default.t", with backticks only where a part needs them.
  std::string ToString() const;
  bool SameAs(const ObjectName& other) const;
};

using Properties = std::map<std::string, std::string>;

/// What every securable has.
struct Securable {
  std::string id;  ///< UUID; stays through renames
  std::string owner;
  std::string comment;
  int64_t created_us = 0;  ///< microseconds since 1970
  std::string created_by;
  int64_t updated_us = 0;
  std::string updated_by;
  Properties properties;
};

struct CatalogInfo : Securable {
  std::string name;
};

struct SchemaInfo : Securable {
  std::string catalog;
  std::string name;
};

enum class TableType : uint8_t { kManaged, kExternal };

/// A table. Its storage (Delta's log) is the truth about columns and properties; what stands here
/// is what the catalog was last told, for SHOW and information_schema.
struct TableInfo : Securable {
  ObjectName name;
  TableType type = TableType::kManaged;
  std::string format = "delta";
  std::string location;  ///< absolute path of the table's folder
  Schema schema;
  std::vector<std::string> partition_columns;
  int64_t version = -1;  ///< of the Delta log, when `schema` was last told
};

struct ViewColumn {
  std::string name;
  DataType type;
  bool nullable = true;
  std::string comment;
};

/// A view: its text is analysed where it is used, under the settings it was made with.
struct ViewInfo : Securable {
  ObjectName name;
  std::string text;                 ///< the query, as written
  std::vector<ViewColumn> columns;  ///< result columns at creation, under the view's own names
  std::string default_catalog;      ///< for names in `text`
  std::string default_schema;
  Properties settings;  ///< session settings that its meaning depends on, at creation
};

struct VolumeInfo : Securable {
  ObjectName name;
  TableType type = TableType::kManaged;
  std::string location;  ///< absolute path of the volume's folder
};

struct FunctionParameter {
  std::string name;
  DataType type;
  std::string default_sql;  ///< text of the DEFAULT expression, or ""
  std::string comment;
};

/// A SQL function; its body is an expression, or a query for a table function.
struct FunctionInfo : Securable {
  ObjectName name;
  std::vector<FunctionParameter> parameters;
  bool is_table = false;
  std::optional<DataType> return_type;     ///< of a scalar function; unset: as the body has it
  std::vector<FunctionParameter> columns;  ///< of a table function
  std::string body;
  bool deterministic = true;
  bool contains_sql = true;  ///< CONTAINS SQL rather than READS SQL DATA
  std::string default_catalog;
  std::string default_schema;
};

using TablePtr = std::shared_ptr<const TableInfo>;
using ViewPtr = std::shared_ptr<const ViewInfo>;
using VolumePtr = std::shared_ptr<const VolumeInfo>;
using FunctionPtr = std::shared_ptr<const FunctionInfo>;
using CatalogPtr = std::shared_ptr<const CatalogInfo>;
using SchemaPtr = std::shared_ptr<const SchemaInfo>;

/// What FROM can name.
using Relation = std::variant<TablePtr, ViewPtr>;

}  // namespace tarn::catalog
