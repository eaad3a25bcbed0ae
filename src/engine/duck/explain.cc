#include "duck/explain.h"

#include "duckdb/parser/statement/explain_statement.hpp"

namespace tarn::engine::duck {

namespace {

std::string FilesLine(const ScanBinding& scan, bool analyze) {
  const ScanCounters& counters = *scan.counters;
  std::string line =
      "Files of " + scan.relation + ": " + std::to_string(counters.files_total) + " in the table";
  const auto add = [&](const std::atomic<int64_t>& count, const char* why) {
    if (count > 0) line += ", " + std::to_string(count) + " pruned by " + why;
  };
  add(counters.pruned_by_partition, "partition values");
  add(counters.pruned_by_statistics, "statistics");
  add(counters.pruned_at_run_time, "filters made while running");
  if (analyze) {
    line += ", " + std::to_string(counters.files_read) + " read";
  } else {
    line += ", " + std::to_string(counters.files_total - counters.pruned()) + " to read";
  }
  return line + "\n";
}

}  // namespace

Result<std::string> ExplainQuery(Statement& statement, const plan::Query& query, bool analyze) {
  TARN_TRY(statement.Enter());
  TARN_ASSIGN(auto select, statement.Lower(query));
  TARN_TRY(statement.Run(duckdb::make_uniq<duckdb::ExplainStatement>(
      std::move(select),
      analyze ? duckdb::ExplainType::EXPLAIN_ANALYZE : duckdb::ExplainType::EXPLAIN_STANDARD)));
  std::string text;
  while (true) {
    TARN_ASSIGN(const auto chunk, statement.Fetch());
    if (!chunk) break;
    for (size_t row = 0; row < chunk->size(); ++row)
      text += chunk->GetValue(1, row).ToString() + "\n";
  }
  for (const auto& scan : statement.state().scans) text += FilesLine(*scan, analyze);
  return text;
}

}  // namespace tarn::engine::duck
