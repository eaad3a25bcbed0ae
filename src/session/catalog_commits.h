#pragma once

#include <memory>
#include <string>

#include "tarn/catalog/lake.h"
#include "tarn/delta/catalog_committer.h"
#include "tarn/delta/snapshot.h"

namespace tarn::session {

/// The catalog of `lake` as the arbiter over its tables' commits.
std::shared_ptr<delta::CommitCoordinator> CoordinatorOf(catalog::Lake& lake);

/// The committer of the table at `root` whose commits the catalog of `lake` arbitrates.
/// DELTA_PATH_BASED_ACCESS_TO_CATALOG_MANAGED_TABLE_BLOCKED if the lake has no such table.
Result<std::unique_ptr<delta::CatalogCommitter>> CatalogCommitterOf(catalog::Lake& lake,
                                                                    const delta::Table& table);

/// Publishes what the catalog has ratified beyond `snapshot`, so that it can be read; tells whether
/// there was anything. An error as above for a table that may only be read through its catalog;
/// nothing happens for one that isn't committed through a catalog.
Result<bool> PublishRatified(const RequestContext& context, catalog::Lake& lake,
                             const delta::Table& table, const delta::Snapshot& snapshot);

}  // namespace tarn::session
