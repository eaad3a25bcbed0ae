#include "scope.h"

#include <algorithm>

#include "tarn/base/edit_distance.h"

namespace tarn::analyze {

void Scope::Append(Scope&& other) {
  const int shift = static_cast<int>(relations.size());
  for (ScopeRelation& relation : other.relations) relations.push_back(std::move(relation));
  columns.reserve(columns.size() + other.columns.size());
  for (ScopeColumn& column : other.columns) {
    if (column.relation >= 0) column.relation += shift;
    columns.push_back(std::move(column));
  }
}

void Scope::Requalify(std::vector<std::string> qualifier) {
  plan::Node* scan = relations.size() == 1 ? relations[0].scan : nullptr;
  std::erase_if(columns, [](const ScopeColumn& column) { return column.qualified_only; });
  relations.clear();
  relations.push_back({std::move(qualifier), scan});
  for (ScopeColumn& column : columns) column.relation = 0;
}

bool Scope::Produces(plan::ColumnId id) const {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const ScopeColumn& column) { return column.id == id && !column.value; });
}

bool Scope::Qualifies(std::span<const sql::Identifier> qualifier, int relation) const {
  if (relation < 0) return false;
  const auto& parts = relations[static_cast<size_t>(relation)].qualifier;
  if (qualifier.size() > parts.size()) return false;
  const size_t skipped = parts.size() - qualifier.size();
  for (size_t i = 0; i < qualifier.size(); ++i) {
    if (!SameName(qualifier[i].text, parts[skipped + i])) return false;
  }
  return true;
}

ScopeMatch FindInScope(const Scope& scope, std::span<const sql::Identifier> parts) {
  const size_t qualifier_max = std::min<size_t>(3, parts.size() - 1);
  for (size_t qualifier = qualifier_max;; --qualifier) {
    ScopeMatch match;
    const std::string_view name = parts[qualifier].text;
    for (const ScopeColumn& column : scope.columns) {
      if (qualifier == 0 && column.qualified_only) continue;
      if (!SameName(column.name, name)) continue;
      if (qualifier > 0 && !scope.Qualifies(parts.first(qualifier), column.relation)) continue;
      const bool known = std::any_of(
          match.columns.begin(), match.columns.end(),
          [&](const ScopeColumn* other) { return other->id == column.id && !column.value; });
      if (!known) match.columns.push_back(&column);
    }
    if (!match.columns.empty()) {
      match.parts_used = qualifier + 1;
      return match;
    }
    if (qualifier == 0) return match;
  }
}

std::vector<std::string> NearestColumns(const Scope& scope,
                                        std::span<const sql::Identifier> parts) {
  std::string wanted;
  for (const sql::Identifier& part : parts) {
    if (!wanted.empty()) wanted += '.';
    wanted += FoldName(part.text);
  }
  struct Candidate {
    size_t distance;
    std::string shown;
  };
  // As many parts as the name has, and more only where names alone aren't unique.
  std::vector<Candidate> candidates;
  for (const ScopeColumn& column : scope.columns) {
    if (column.qualified_only || column.hidden) continue;
    std::string plain = FoldName(column.name);
    std::string shown = QuoteIdentifier(column.name);
    const bool unique =
        std::count_if(scope.columns.begin(), scope.columns.end(), [&](const ScopeColumn& other) {
          return SameName(other.name, column.name);
        }) == 1;
    if ((parts.size() > 1 || !unique) && column.relation >= 0) {
      const auto& qualifier = scope.relations[static_cast<size_t>(column.relation)].qualifier;
      if (!qualifier.empty()) {
        plain = FoldName(qualifier.back()) + "." + plain;
        shown = QuoteIdentifier(qualifier.back()) + "." + shown;
      }
    }
    candidates.push_back({EditDistance(wanted, plain), std::move(shown)});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  std::vector<std::string> names;
  for (Candidate& candidate : candidates) {
    if (names.size() == 5) break;
    if (std::find(names.begin(), names.end(), candidate.shown) == names.end()) {
      names.push_back(std::move(candidate.shown));
    }
  }
  return names;
}

}  // namespace tarn::analyze
