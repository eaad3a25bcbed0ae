#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "tarn/catalog/statement_history.h"
#include "tarn/meta/database.h"

namespace tarn::catalog {

/// The history in `history.db`, opened at the first use. Thread-safe.
class StatementLog : public StatementHistory {
 public:
  explicit StatementLog(std::string path) : path_(std::move(path)) {}
  Status Record(const RequestContext& ctx, const StatementRecord& record) override;
  Result<std::vector<StatementRecord>> List(const RequestContext& ctx,
                                            const HistoryFilter& filter) override;

  static constexpr int64_t kRowsMax = 10'000;

 private:
  Status OpenIfNeeded();  // with mutex_ held

  const std::string path_;
  std::mutex mutex_;                          // guards everything below
  std::unique_ptr<meta::Database> database_;  // outlives the statements
  std::optional<meta::Statement> insert_;
  std::optional<meta::Statement> trim_;
};

}  // namespace tarn::catalog
