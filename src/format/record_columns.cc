#include "record_columns.h"

#include <algorithm>

#include "read_error.h"

namespace tarn::format {

RecordColumns::RecordColumns(const ReadSpec& spec) : mode_(ModeOf(spec.options)) {
  const std::string corrupt = spec.options.Text("columnNameOfCorruptRecord", "_corrupt_record");
  const std::string rescued_name = spec.options.Text("rescuedDataColumn");
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const Field& field = spec.fields[i];
    const auto wanted = std::ranges::find(spec.wanted, i);
    const int column =
        wanted == spec.wanted.end() ? -1 : static_cast<int>(wanted - spec.wanted.begin());
    if (SameName(field.name, corrupt)) {
      corrupt_ = column;
    } else if (!rescued_name.empty() && SameName(field.name, rescued_name)) {
      rescued_ = column;
      has_rescued_ = true;
    } else {
      targets_.push_back({field.name, column, -1});
      wants_all_ &= column >= 0;
    }
  }
  if (rescued_ < 0) return;
  // What doesn't fit shows only by trying.
  size_t at = 0;
  for (const Field& field : spec.fields) {
    if (at == targets_.size() || field.name != targets_[at].name) continue;
    Target& target = targets_[at++];
    if (target.column >= 0) continue;
    target.scratch = static_cast<int>(scratch.size());
    scratch.emplace_back(field.type);
  }
}

Column* RecordColumns::ColumnOf(const Target& target, ColumnBatch& batch) {
  if (target.column >= 0) return &batch.columns[static_cast<size_t>(target.column)];
  if (target.scratch >= 0) return &scratch[static_cast<size_t>(target.scratch)];
  return nullptr;
}

Status RecordColumns::Finish(bool malformed, std::string_view record, std::string_view path,
                             ColumnBatch& batch) {
  const size_t row = batch.rows;
  for (Column& column : scratch) column.Clear();
  if (malformed && mode_ != ParseMode::kPermissive) {
    rescued.Clear();
    batch.Truncate(row);
    if (mode_ == ParseMode::kFailFast) return MalformedRecord(record, "");
    return {};
  }
  if (corrupt_ >= 0) {
    Column& column = batch.columns[static_cast<size_t>(corrupt_)];
    if (malformed) {
      column.AppendText(record);
    } else {
      column.AppendNull();
    }
  }
  if (rescued_ >= 0) {
    Column& column = batch.columns[static_cast<size_t>(rescued_)];
    if (rescued.empty()) {
      column.AppendNull();
    } else {
      column.AppendText(rescued.Finish(path));
    }
    rescued.Clear();
  }
  for (const Target& target : targets_) {
    if (target.column < 0) continue;
    Column& column = batch.columns[static_cast<size_t>(target.column)];
    if (column.rows() == row) column.AppendNull();
  }
  ++batch.rows;
  return {};
}

}  // namespace tarn::format
