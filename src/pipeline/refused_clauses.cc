#include "refused_clauses.h"

#include <algorithm>

namespace tarn::pipeline {

namespace {

/// Where a clause that is known by its text alone stands; the statement's name where it doesn't.
SourceRange PlaceOf(const std::string& text, const std::string& clause) {
  const size_t begin = text.find(clause);
  if (begin == text.npos) return {};
  SourceRange range;
  range.begin = static_cast<uint32_t>(begin);
  range.end = static_cast<uint32_t>(begin + clause.size());
  const auto at = text.begin() + static_cast<long>(begin);
  range.line = 1 + static_cast<uint32_t>(std::count(text.begin(), at, '\n'));
  const size_t line = text.rfind('\n', begin);
  range.column = static_cast<uint32_t>(begin - (line == text.npos ? 0 : line + 1)) + 1;
  return range;
}

/// "SCHEDULE EVERY 1 HOUR" is SCHEDULE, "TRIGGER ON UPDATE" is TRIGGER ON UPDATE.
std::string ScheduleName(const std::string& schedule) {
  return SameName(schedule.substr(0, 7), "trigger") ? "TRIGGER ON UPDATE" : "SCHEDULE";
}

}  // namespace

std::vector<Error> RefusedClauses(const DatasetDefinition& dataset) {
  std::vector<Error> refused;
  const auto refuse = [&](std::string feature, const SourceRange& place) {
    refused.push_back(UnsupportedFeature(std::move(feature), place));
  };
  if (dataset.kind == DatasetKind::kView && !dataset.expectations.empty()) {
    refuse("an expectation on a view of the catalog", dataset.expectations[0].source);
  }
  for (const sql::ColumnDefinition& column : *dataset.columns) {
    if (column.mask) refuse("MASK", column.mask->function.source);
    if (!column.tags.empty()) refuse("TAGS of a column", column.source);
  }
  const sql::TableClauses& clauses = *dataset.clauses;
  const std::string& text = dataset.statement->text;
  if (clauses.row_filter) refuse("WITH ROW FILTER", clauses.row_filter->function.source);
  if (!clauses.tags.empty()) refuse("WITH TAGS", {});
  if (!clauses.schedule.empty()) {
    refuse(ScheduleName(clauses.schedule), PlaceOf(text, clauses.schedule));
  }
  if (clauses.location)
    refuse("LOCATION of a pipeline's dataset", PlaceOf(text, *clauses.location));
  if (clauses.default_collation) refuse("DEFAULT COLLATION of a pipeline's dataset", {});
  const auto& provider = clauses.provider;
  if (!provider.empty() && !SameName(provider.parts[0].text, "delta")) {
    refuse("USING " + provider.parts[0].text, provider.source);
  }
  for (const std::string& clause : clauses.unsupported) refuse(clause, PlaceOf(text, clause));
  return refused;
}

}  // namespace tarn::pipeline
