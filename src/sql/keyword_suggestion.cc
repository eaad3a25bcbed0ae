#include "keyword_suggestion.h"

#include <string>

namespace tarn::sql {

namespace {

constexpr std::string_view kLikely[] = {
    "ALTER",     "ANALYZE",     "BETWEEN", "COLUMN",        "CREATE",   "DELETE",   "DESCRIBE",
    "DISTINCT",  "DROP",        "EXISTS",  "EXPLAIN",       "FROM",     "FULL",     "GROUP",
    "HAVING",    "INNER",       "INSERT",  "INTO",          "JOIN",     "LATERAL",  "LEFT",
    "LIKE",      "LIMIT",       "MATCHED", "MERGE",         "OFFSET",   "OPTIMIZE", "ORDER",
    "OVERWRITE", "PARTITIONED", "PIVOT",   "QUALIFY",       "REPLACE",  "RIGHT",    "SCHEMA",
    "SELECT",    "SHOW",        "TABLE",   "TBLPROPERTIES", "TRUNCATE", "UNION",    "UPDATE",
    "USING",     "VACUUM",      "VALUES",  "VIEW",          "WHERE",    "WHEN",     "WINDOW",
    "WITH"};

/// Whether at most one insertion, deletion, substitution or swap of neighbours leads from a to b.
bool IsOneEditAway(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  size_t i = 0;
  while (i < a.size() && a[i] == b[i]) ++i;
  if (a.size() < b.size()) return a.substr(i) == b.substr(i + 1);
  if (i == a.size()) return true;
  if (a.substr(i + 1) == b.substr(i + 1)) return true;
  return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] &&
         a.substr(i + 2) == b.substr(i + 2);
}

}  // namespace

std::string_view SuggestKeyword(std::string_view word) {
  if (word.size() < 3 || word.size() > 16) return {};
  std::string upper(word);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  for (std::string_view keyword : kLikely) {
    if (IsOneEditAway(upper, keyword)) return keyword;
  }
  return {};
}

}  // namespace tarn::sql
