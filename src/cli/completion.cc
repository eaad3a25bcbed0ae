#include "completion.h"

#include <editline/readline.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>
#include <vector>

#include "tarn/plan/function.h"
#include "tarn/types/data_type.h"

namespace tarn::cli {

namespace {

constexpr const char* kKeywords[] = {
    "ALL",     "ALTER",   "AND",     "ANTI",   "AS",      "BETWEEN",  "BY",        "CASE",
    "CAST",    "CATALOG", "CREATE",  "CROSS",  "DELETE",  "DESCRIBE", "DISTINCT",  "DROP",
    "ELSE",    "END",     "EXCEPT",  "EXISTS", "EXPLAIN", "FALSE",    "FROM",      "FULL",
    "GROUP",   "HAVING",  "HISTORY", "IN",     "INNER",   "INSERT",   "INTERSECT", "INTO",
    "IS",      "JOIN",    "LATERAL", "LEFT",   "LIKE",    "LIMIT",    "MERGE",     "NOT",
    "NULL",    "ON",      "OR",      "ORDER",  "OUTER",   "OVER",     "OVERWRITE", "PARTITION",
    "QUALIFY", "REPLACE", "RIGHT",   "SCHEMA", "SCHEMAS", "SELECT",   "SEMI",      "SET",
    "SHOW",    "TABLE",   "TABLES",  "THEN",   "TRUE",    "UNION",    "UPDATE",    "USE",
    "USING",   "VALUES",  "VERSION", "VIEW",   "WHEN",    "WHERE",    "WITH"};

session::Session* completed_session = nullptr;
std::vector<std::string> matches;
size_t next_match = 0;

/// The first column of a SHOW statement's rows; nothing on an error.
std::vector<std::string> Names(const char* statement, size_t column) {
  std::vector<std::string> names;
  auto result = completed_session->Execute(completed_session->NewContext(), statement);
  if (!result.ok()) return names;
  while (true) {
    auto batch = result->rows->NextRendered();
    if (!batch.ok() || batch->empty()) return names;
    for (const auto& row : *batch) {
      if (column < row.size() && row[column]) names.push_back(QuoteIfNeeded(*row[column]));
    }
  }
}

void Offer(std::string_view candidate, std::string_view typed) {
  if (candidate.size() < typed.size() || !SameName(candidate.substr(0, typed.size()), typed))
    return;
  matches.emplace_back(candidate);
}

void Collect(std::string_view typed) {
  matches.clear();
  const bool lower = !typed.empty() && std::islower(static_cast<unsigned char>(typed[0]));
  for (const char* keyword : kKeywords) {
    std::string word = keyword;
    if (lower) std::transform(word.begin(), word.end(), word.begin(), ::tolower);
    Offer(word, typed);
  }
  if (!typed.empty()) {
    for (const std::string_view name : plan::FunctionNames()) Offer(name, typed);
  }
  for (const std::string& name : Names("SHOW TABLES", 1)) Offer(name, typed);
  for (const std::string& name : Names("SHOW SCHEMAS", 0)) Offer(name, typed);
  for (const std::string& name : Names("SHOW CATALOGS", 0)) Offer(name, typed);
}

char* NextCandidate(const char* text, int state) {
  if (state == 0) {
    Collect(text);
    next_match = 0;
  }
  return next_match < matches.size() ? strdup(matches[next_match++].c_str()) : nullptr;
}

char** Complete(const char* text, int, int) {
  rl_attempted_completion_over = 1;
  return rl_completion_matches(text, NextCandidate);
}

}  // namespace

void InstallCompletion(session::Session& session) {
  completed_session = &session;
  rl_attempted_completion_function = Complete;
}

}  // namespace tarn::cli
