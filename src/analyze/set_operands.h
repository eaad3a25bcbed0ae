#pragma once

#include "query_analyzer.h"
#include "tarn/types/any_type.h"

namespace tarn::analyze {

/// UNSUPPORTED_FEATURE.SET_OPERATION_ON_… for a column of a set operation or DISTINCT whose values
/// can't be compared.
inline Status RequireSetOperand(const std::string& column, const DataType& type) {
  const auto holds = [&](TypeId id) {
    return AnyType(type, [id](const DataType& part) { return part.Is(id); });
  };
  if (!holds(TypeId::kMap) && !holds(TypeId::kVariant)) return {};
  const Condition condition = holds(TypeId::kMap)
                                  ? Condition("UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE")
                                  : Condition("UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE");
  return Error(condition,
               {{"colName", QuoteIdentifier(column)}, {"dataType", Quoted(type.ToSql())}});
}

}  // namespace tarn::analyze
