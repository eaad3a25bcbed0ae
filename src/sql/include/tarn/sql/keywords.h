#pragma once

#include <span>
#include <string_view>

namespace tarn::sql {

// Words for completion and highlighting, in upper case, each list sorted. Static storage.

/// Every word that has a meaning somewhere in the grammar.
std::span<const std::string_view> Keywords();
/// Whether the SQL standard reserves the keyword (in upper case), as sql_keywords() tells it. The
/// grammar itself reserves far fewer.
bool IsReservedInStandard(std::string_view keyword);
/// The words that a statement can begin with.
std::span<const std::string_view> StatementStarts();
/// The names of types.
std::span<const std::string_view> TypeNames();

}  // namespace tarn::sql
