#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/types/data_type.h"

namespace tarn::session {

// What the history tells of a statement's arguments (`operationParameters`), in the forms that
// Delta's DeltaOperations.scala gives them: lists and objects are the text of their JSON.

/// `["…"]` of a condition's SQL, `[]` of none.
std::string ConditionList(std::string_view sql);
/// `["a","b"]`
std::string NameList(const std::vector<std::string>& names);
/// `{"key":"value"}`
std::string PropertyObject(const std::map<std::string, std::string>& properties);
/// `{"name":"a.b","type":"integer","nullable":true,"metadata":{}}` of a column or a field of one,
/// by its whole name. A struct, an array and a map are told by these words only.
std::string ColumnObject(std::string_view name, const Field& field);

}  // namespace tarn::session
