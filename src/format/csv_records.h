#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "csv_tokenizer.h"
#include "line_reader.h"

namespace tarn::format {

/// The records of a part of a CSV file, without comments, empty lines and skipped rows. The header
/// is the first of them. For one thread.
class CsvRecords {
 public:
  CsvRecords(const CsvOptions& csv, const ReadOptions& options);

  Status Open(const FilePart& part);
  /// Moves to the next record; false at the end of the part.
  Result<bool> Next();

  /// Of the record: fields that are null by lack of text are CsvOptions::null_value. Valid until
  /// Next.
  const std::vector<std::string_view>& fields() const { return tokenizer_.fields(); }
  std::string_view text() const { return text_; }
  /// Set if the record breaks a limit of the options; it has no fields then.
  std::string_view trouble() const { return trouble_; }
  /// The line on which it begins, from 1, counted within the part.
  int64_t line() const { return line_; }
  /// Only the lines are told apart; fields() is empty.
  void SkipFields() { skip_fields_ = true; }

 private:
  Result<bool> NextLine();
  Result<bool> NextMultiLine();
  bool IsIgnored(std::string_view line) const;
  /// Passes the line at the window's start.
  Result<bool> PassLine();

  const CsvOptions csv_;
  const ReadOptions options_;
  CsvTokenizer tokenizer_;
  LineReader lines_;
  Window window_;  // of multi-line text
  std::string repaired_;
  std::string_view text_;
  std::string_view trouble_;
  int64_t line_ = 0;
  int64_t next_line_ = 1;
  size_t used_ = 0;
  bool skip_fields_ = false;
};

}  // namespace tarn::format
