#include "tarn/session/rows_stream.h"

namespace tarn::session {

RowsStream::RowsStream(Columns columns, Rows rows, std::string zone)
    : rows_(std::move(rows)), zone_(std::move(zone)) {
  for (auto& [name, type] : columns) {
    columns_.push_back({{}, std::move(name), std::move(type), true});
  }
  stats_.rows_produced = static_cast<int64_t>(rows_.size());
}

Result<std::vector<std::vector<Value>>> RowsStream::Next() { return std::exchange(rows_, {}); }

Result<std::vector<std::vector<std::optional<std::string>>>> RowsStream::NextRendered() {
  std::vector<std::vector<std::optional<std::string>>> rendered;
  for (const std::vector<Value>& row : std::exchange(rows_, {})) {
    auto& cells = rendered.emplace_back();
    for (const Value& value : row) {
      cells.push_back(value.is_null() ? std::nullopt : std::optional(RenderAsString(value, zone_)));
    }
  }
  return rendered;
}

}  // namespace tarn::session
