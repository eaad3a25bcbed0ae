#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tarn/engine/engine.h"

namespace tarn::session {

/// Rows made without an engine (commands' answers), as a stream.
class RowsStream : public engine::ResultStream {
 public:
  using Columns = std::vector<std::pair<std::string, DataType>>;
  using Rows = std::vector<std::vector<Value>>;

  /// `zone` is what timestamps are rendered in.
  explicit RowsStream(Columns columns = {}, Rows rows = {}, std::string zone = "UTC");

  const std::vector<plan::OutputColumn>& columns() const override { return columns_; }
  Result<std::vector<std::vector<Value>>> Next() override;
  Result<std::vector<std::vector<std::optional<std::string>>>> NextRendered() override;
  engine::ExecutionStats Stats() const override { return stats_; }

  void SetStats(const engine::ExecutionStats& stats) { stats_ = stats; }

 private:
  std::vector<plan::OutputColumn> columns_;
  Rows rows_;
  std::string zone_;
  engine::ExecutionStats stats_;
};

}  // namespace tarn::session
