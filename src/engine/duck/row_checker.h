#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "duck/duckdb_headers.h"
#include "tarn/engine/engine.h"

namespace tarn::engine::duck {

/// Counts what checks say of rows and takes out those that they drop. The checks' boolean columns
/// follow `columns` others. For one thread.
class RowChecker {
 public:
  /// The checks outlive it.
  RowChecker(const std::vector<RowCheck>& checks, size_t columns)
      : checks_(checks), columns_(columns), counts_(checks.size()) {}

  /// EXPECTATION_VIOLATION for a row that a check doesn't let pass.
  Status Apply(duckdb::DataChunk& chunk);

  const std::vector<CheckCount>& counts() const { return counts_; }
  int64_t dropped() const { return dropped_; }

 private:
  void Keep(const std::vector<bool>& kept, duckdb::DataChunk& chunk);
  Error Violated(const RowCheck& check, duckdb::DataChunk& chunk, duckdb::idx_t row) const;

  const std::vector<RowCheck>& checks_;
  const size_t columns_;
  std::vector<CheckCount> counts_;
  int64_t dropped_ = 0;
};

/// A plan::Check of a statement that runs; our table function finds it by its number. Thread-safe.
struct CheckBinding {
  explicit CheckBinding(const std::vector<RowCheck>& of)
      : checks(of), passed(of.size()), failed(of.size()) {}

  const std::vector<RowCheck> checks;
  std::vector<std::atomic<int64_t>> passed;
  std::vector<std::atomic<int64_t>> failed;
  std::atomic<int64_t> dropped{0};
};

/// The function's name; its arguments are a table, whose last columns are the checks', and the
/// check's number in the statement.
inline constexpr const char* kCheckFunction = "tarn_check";

void RegisterCheck(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
