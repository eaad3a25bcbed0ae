#include "csv_reader.h"

#include "csv_records.h"
#include "read_error.h"
#include "record_columns.h"
#include "text_values.h"

namespace tarn::format {

namespace {

class CsvReader final : public RecordReader {
 public:
  CsvReader(std::shared_ptr<const ReadSpec> spec, CsvOptions csv, TextValues values)
      : spec_(std::move(spec)),
        csv_(std::move(csv)),
        values_(std::move(values)),
        columns_(*spec_),
        records_(csv_, spec_->options),
        // With data to rescue, a header tells which column is which.
        by_header_(csv_.header && (columns_.has_rescued() || spec_->refuse_new_fields) &&
                   !spec_->options.Find({"enforceSchema"})) {
    for (size_t i = 0; i < columns_.targets().size(); ++i) {
      const auto& target = columns_.targets()[i];
      if (target.column >= 0 || target.scratch >= 0) read_.push_back(i);
    }
    if (read_.empty() && !columns_.wants_all() && !csv_.multi_line && !by_header_) {
      records_.SkipFields();
    }
  }

  Status Open(FilePart part) override {
    part_ = std::move(part);
    header_pending_ = csv_.header && part_.begin == 0;
    return Located(records_.Open(part_));
  }

  Result<bool> Read(ColumnBatch& batch) override {
    while (!batch.full()) {
      auto more = records_.Next();
      if (!more.ok()) return Located(std::move(more).error());
      if (!*more) return false;
      Status status = header_pending_ ? TakeHeader() : Append(batch);
      if (!status.ok()) return Located(std::move(status).error());
    }
    return true;
  }

 private:
  Status Located(Status status) const {
    if (status.ok()) return status;
    return Located(std::move(status).error());
  }

  Error Located(Error error) const {
    int64_t line = records_.line();
    if (line > 0 && part_.begin > 0) {
      const auto before = LinesBefore(part_, csv_.line_separator);
      line = before.ok() ? line + *before : 0;
    }
    return InFile(std::move(error), part_.path, line);
  }

  Status TakeHeader() {
    header_pending_ = false;
    const auto& names = records_.fields();
    if (by_header_) {
      header_.assign(names.begin(), names.end());
      target_of_.assign(names.size(), -1);
      for (size_t i = 0; i < names.size(); ++i) {
        for (size_t t = 0; t < columns_.targets().size(); ++t) {
          if (SameName(columns_.targets()[t].name, names[i])) target_of_[i] = static_cast<int>(t);
        }
      }
      return spec_->refuse_new_fields ? CheckNewFields() : Status();
    }
    return csv_.enforce_schema ? Status() : CheckHeader(names);
  }

  Status CheckNewFields() const {
    std::vector<std::string> unknown;
    for (size_t i = 0; i < header_.size(); ++i) {
      if (target_of_[i] < 0 && !header_[i].empty() && header_[i] != csv_.null_value) {
        unknown.push_back(header_[i]);
      }
    }
    return unknown.empty() ? Status() : NewFields(unknown, part_.path);
  }

  /// The header must name the schema's columns in their order.
  Status CheckHeader(const std::vector<std::string_view>& names) const {
    const auto& targets = columns_.targets();
    if (names.size() != targets.size()) {
      return ReadFailure("its header has " + std::to_string(names.size()) +
                         " columns, but the schema " + std::to_string(targets.size()));
    }
    for (size_t i = 0; i < names.size(); ++i) {
      if (SameName(names[i], targets[i].name)) continue;
      return ReadFailure("its header names column " + std::to_string(i + 1) + " " +
                         std::string(names[i]) + ", but the schema " + targets[i].name);
    }
    return {};
  }

  Status Append(ColumnBatch& batch) {
    // What breaks a limit fails in every mode.
    if (!records_.trouble().empty()) return ReadFailure(std::string(records_.trouble()));
    const auto& fields = records_.fields();
    bool malformed = false;
    if (by_header_) {
      AppendByHeader(fields, batch);
    } else {
      malformed = AppendByPosition(fields, batch);
    }
    return columns_.Finish(malformed, records_.text(), part_.path, batch);
  }

  /// True if the record is malformed.
  bool AppendByPosition(const std::vector<std::string_view>& fields, ColumnBatch& batch) {
    const auto& targets = columns_.targets();
    bool misfit = false;
    for (const size_t i : read_) {
      if (i >= fields.size()) break;  // Finish puts NULL
      misfit |= !AppendField(fields[i], targets[i], batch);
    }
    if (!columns_.rescues())
      return misfit || (columns_.wants_all() && fields.size() != targets.size());
    for (size_t i = targets.size(); i < fields.size(); ++i) {
      columns_.rescued.AddText("_c" + std::to_string(i), fields[i]);
    }
    return false;
  }

  void AppendByHeader(const std::vector<std::string_view>& fields, ColumnBatch& batch) {
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i < target_of_.size() && target_of_[i] >= 0) {
        AppendField(fields[i], columns_.targets()[static_cast<size_t>(target_of_[i])], batch);
      } else if (columns_.rescues() && !(i < header_.size() && fields[i] == csv_.null_value)) {
        columns_.rescued.AddText(i < header_.size() ? header_[i] : "_c" + std::to_string(i),
                                 fields[i]);
      }
    }
  }

  bool AppendField(std::string_view text, const RecordColumns::Target& target, ColumnBatch& batch) {
    Column* column = columns_.ColumnOf(target, batch);
    if (column == nullptr) return true;
    if (text == csv_.null_value) {
      column->AppendNull();
      return true;
    }
    if (values_.Append(text, *column)) return true;
    column->AppendNull();
    if (columns_.rescues()) columns_.rescued.AddText(target.name, text);
    return false;
  }

  const std::shared_ptr<const ReadSpec> spec_;
  const CsvOptions csv_;
  const TextValues values_;
  RecordColumns columns_;
  CsvRecords records_;
  const bool by_header_;
  std::vector<size_t> read_;  // targets whose values are needed
  FilePart part_;
  bool header_pending_ = false;
  std::vector<std::string> header_;
  std::vector<int> target_of_;  // by field of the header
};

}  // namespace

Result<std::unique_ptr<RecordReader>> NewCsvReader(std::shared_ptr<const ReadSpec> spec) {
  TARN_ASSIGN(CsvOptions csv, CsvOptions::Of(spec->options));
  TARN_ASSIGN(TextValues values, TextValues::Of(*spec));
  return std::unique_ptr<RecordReader>(
      std::make_unique<CsvReader>(std::move(spec), std::move(csv), std::move(values)));
}

}  // namespace tarn::format
