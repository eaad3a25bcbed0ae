#pragma once

#include <string_view>

#include "rooms.h"
#include "tarn/plan/relation.h"

namespace tarn::session {

/// The rows of <catalog>.information_schema.<name> (Databricks' columns) or of another system
/// table, as the principal may see them. TABLE_OR_VIEW_NOT_FOUND for one there isn't.
Result<plan::Relation> InformationSchemaTable(const RequestContext& context, Instance::Rooms& rooms,
                                              std::string_view catalog, std::string_view schema,
                                              std::string_view name);

}  // namespace tarn::session
