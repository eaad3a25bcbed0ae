#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"

namespace tarn::catalog {

/// A statement that ended.
struct StatementRecord {
  std::string id;  ///< UUID
  std::string principal;
  std::string text;
  std::string kind;       ///< "SELECT", "CREATE TABLE", …
  std::string condition;  ///< of its error; "" if it succeeded
  std::string message;    ///< of its error
  int64_t started_us = 0;
  int64_t duration_us = 0;
  int64_t rows = 0;  ///< returned, or written
  int64_t files_read = 0;
  int64_t files_pruned = 0;
  int64_t bytes_read = 0;
  int64_t peak_memory_bytes = 0;
};

struct HistoryFilter {
  int64_t limit = 100;
  std::optional<std::string> text_contains;  ///< without regard to case
  bool failed_only = false;
};

/// The statements a lake has run: the last 10,000, in a file of its own. Not synced at each
/// statement: a power cut may lose the latest. Thread-safe, and among processes.
class StatementHistory {
 public:
  virtual ~StatementHistory() = default;
  virtual Status Record(const RequestContext& ctx, const StatementRecord& record) = 0;
  /// Newest first.
  virtual Result<std::vector<StatementRecord>> List(const RequestContext& ctx,
                                                    const HistoryFilter& filter) = 0;
};

}  // namespace tarn::catalog
