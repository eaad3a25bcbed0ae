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

void Offer(std::string_view candidate, std::string_view typed) {
  if (candidate.size() < typed.size() || !SameName(candidate.substr(0, typed.size()), typed))
    return;
  matches.emplace_back(candidate);
}

/// Names of the catalog below what is typed before the last period.
void OfferNames(std::string_view typed) {
  std::vector<std::string> parents;
  std::string prefix;
  std::string_view rest = typed;
  for (size_t dot; (dot = rest.find('.')) != rest.npos; rest.remove_prefix(dot + 1)) {
    parents.emplace_back(rest.substr(0, dot));
    prefix += parents.back() + '.';
  }
  for (const std::string& name : completed_session->NamesUnder(parents)) {
    Offer(prefix + name, typed);
  }
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
  OfferNames(typed);
  std::sort(matches.begin(), matches.end());
  matches.erase(std::unique(matches.begin(), matches.end()), matches.end());
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
