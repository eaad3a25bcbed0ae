#pragma once

#include <string>
#include <string_view>

#include "tarn/base/result.h"
#include "tarn/catalog/securable.h"
#include "tarn/meta/metastore.h"

namespace tarn::catalog {

/// The names of the metastore's kinds and spaces.
inline constexpr std::string_view kCatalogSpace = "catalog";
inline constexpr std::string_view kSchemaSpace = "schema";
inline constexpr std::string_view kRelationSpace = "relation";
inline constexpr std::string_view kVolumeSpace = "volume";
inline constexpr std::string_view kFunctionSpace = "function";

/// Rows to securables. `home` makes managed locations absolute. METASTORE_ERROR if `details` or
/// `properties` isn't what docs/formats/metastore.md says.
Result<CatalogPtr> CatalogOf(const meta::SecurableRow& row);
Result<SchemaPtr> SchemaOf(const meta::SecurableRow& row, const std::string& catalog);
Result<TablePtr> TableOf(const meta::SecurableRow& row, const std::string& catalog,
                         const std::string& schema, const std::string& home);
Result<ViewPtr> ViewOf(const meta::SecurableRow& row, const std::string& catalog,
                       const std::string& schema);
Result<VolumePtr> VolumeOf(const meta::SecurableRow& row, const std::string& catalog,
                           const std::string& schema, const std::string& home);
Result<FunctionPtr> FunctionOf(const meta::SecurableRow& row, const std::string& catalog,
                               const std::string& schema);

/// Securables to the JSON of their rows.
std::string PropertiesJson(const Properties& properties);
std::string DetailsOf(const TableInfo& table);
std::string DetailsOf(const ViewInfo& view);
std::string DetailsOf(const VolumeInfo& volume);
std::string DetailsOf(const FunctionInfo& function);

/// True for a location that is stored relative to the lake.
bool IsManagedLocation(std::string_view location);
/// The absolute path of a stored location.
std::string AbsoluteLocation(std::string_view location, const std::string& home);

}  // namespace tarn::catalog
