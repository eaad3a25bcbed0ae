#include "csv_records.h"

#include <algorithm>

#include "tarn/base/utf8.h"

namespace tarn::format {

namespace {

bool IsBlankLine(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

std::string_view WithoutLineEnd(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

CsvRecords::CsvRecords(const CsvOptions& csv, const ReadOptions& options)
    : csv_(csv), options_(options), tokenizer_(csv), lines_(csv.line_separator) {}

Status CsvRecords::Open(const FilePart& part) {
  next_line_ = 1;
  used_ = 0;
  text_ = trouble_ = {};
  size_t skip = part.begin == 0 ? csv_.skip_rows : 0;
  if (!csv_.multi_line) {
    TARN_TRY(lines_.Open(part, options_));
    std::string_view line;
    for (; skip > 0; --skip) {
      TARN_ASSIGN(const bool more, lines_.Next(&line));
      if (!more) break;
    }
    return {};
  }
  TARN_ASSIGN(std::unique_ptr<ByteSource> source, TextOf(part, options_));
  window_.Open(std::move(source));
  TARN_TRY(window_.SkipMark());
  tokenizer_.DetectLineEnd(window_.rest());
  for (; skip > 0; --skip) {
    TARN_ASSIGN(const bool more, PassLine());
    if (!more) break;
  }
  return {};
}

Result<bool> CsvRecords::Next() { return csv_.multi_line ? NextMultiLine() : NextLine(); }

bool CsvRecords::IsIgnored(std::string_view line) const {
  if (csv_.comment != '\0' && line.starts_with(csv_.comment)) return true;
  return IsBlankLine(line);
}

Result<bool> CsvRecords::NextLine() {
  do {
    TARN_ASSIGN(const bool more, lines_.Next(&text_));
    if (!more) return false;
  } while (IsIgnored(text_));
  line_ = lines_.line_number();
  if (skip_fields_) return true;
  size_t used = 0;
  trouble_ = {};
  if (tokenizer_.Split(text_, true, &used) == CsvTokenizer::Outcome::kBroken)
    trouble_ = tokenizer_.trouble();
  return true;
}

Result<bool> CsvRecords::PassLine() {
  while (true) {
    const std::string_view rest = window_.rest();
    const size_t end = rest.find('\n');
    if (end != rest.npos) {
      window_.Skip(end + 1);
      ++next_line_;
      return true;
    }
    TARN_ASSIGN(const bool more, window_.Grow());
    if (more) continue;
    window_.Skip(window_.rest().size());
    return !rest.empty();
  }
}

Result<bool> CsvRecords::NextMultiLine() {
  window_.Skip(used_);
  used_ = 0;
  while (true) {
    if (window_.rest().empty()) {
      TARN_ASSIGN(const bool more, window_.Grow());
      if (!more) return false;
    }
    if (csv_.comment != '\0' && window_.rest()[0] == csv_.comment) {
      TARN_TRY(PassLine());
      continue;
    }
    const auto outcome = tokenizer_.Split(window_.rest(), window_.at_end(), &used_);
    if (outcome == CsvTokenizer::Outcome::kNeedsMore) {
      TARN_TRY(window_.Grow());
      continue;
    }
    trouble_ = {};
    if (outcome == CsvTokenizer::Outcome::kBroken) {
      trouble_ = tokenizer_.trouble();
      const size_t end = window_.rest().find('\n');
      used_ = end == std::string_view::npos ? window_.rest().size() : end + 1;
    }
    const std::string_view record = window_.rest().substr(0, used_);
    line_ = next_line_;
    next_line_ += std::ranges::count(record, '\n');
    if (tokenizer_.fields().empty() && trouble_.empty()) {
      // An empty line.
      window_.Skip(used_);
      continue;
    }
    text_ = WithoutLineEnd(record);
    if (!IsValidUtf8(record)) {
      repaired_.clear();
      AppendValidUtf8(record, &repaired_);
      size_t used = 0;
      tokenizer_.Split(repaired_, true, &used);
      text_ = WithoutLineEnd(repaired_);
    }
    return true;
  }
}

}  // namespace tarn::format
