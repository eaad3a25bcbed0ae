#include "csv_tokenizer.h"

#include <cstring>

namespace tarn::format {

CsvTokenizer::CsvTokenizer(CsvOptions options)
    : options_(std::move(options)),
      separator_(options_.separator[0]),
      separator_size_(options_.separator.size()) {
  if (!options_.line_separator.empty()) line_end_ = options_.line_separator;
}

bool CsvTokenizer::MatchesSeparator(const char* p) const {
  return std::string_view(p, static_cast<size_t>(end_ - p)).starts_with(options_.separator);
}

void CsvTokenizer::DetectLineEnd(std::string_view text) {
  if (!options_.line_separator.empty()) return;
  const size_t at = text.find_first_of("\r\n");
  if (at == text.npos || text[at] == '\n') {
    line_end_ = "\n";
  } else {
    line_end_ = text.substr(at).starts_with("\r\n") ? "\r\n" : "\r";
  }
}

size_t CsvTokenizer::LineEndAt(const char* p) const {
  if (!options_.multi_line) return 0;
  if (*p == line_end_[0] &&
      std::string_view(p, static_cast<size_t>(end_ - p)).starts_with(line_end_))
    return line_end_.size();
  return *p == '\n' ? 1 : 0;
}

CsvTokenizer::Outcome CsvTokenizer::Split(std::string_view text, bool whole, size_t* used) {
  fields_.clear();
  kept_.clear();
  at_ = text.data();
  end_ = text.data() + text.size();
  whole_ = whole || !options_.multi_line;
  if (at_ != end_ && LineEndAt(at_) > 0) {
    *used = LineEndAt(at_);
    return Outcome::kRecord;
  }
  while (true) {
    field_begin_ = at_;
    if (options_.trim_leading) {
      while (at_ != end_ && IsBlank(*at_) && !AtSeparator(at_) && LineEndAt(at_) == 0) ++at_;
    }
    const bool quoted = at_ != end_ && *at_ == options_.quote && options_.quote != '\0';
    const Step step = quoted ? QuotedField() : UnquotedField();
    if (step == Step::kNextField) continue;
    if (step == Step::kNeedsMore) return Outcome::kNeedsMore;
    if (step == Step::kBroken) return Outcome::kBroken;
    *used = static_cast<size_t>(at_ - text.data());
    return Outcome::kRecord;
  }
}

CsvTokenizer::Step CsvTokenizer::AddField(std::string_view value) {
  if (fields_.size() >= options_.columns_max) {
    trouble_ = "it has more than maxColumns columns";
    return Step::kBroken;
  }
  if (value.size() > options_.chars_per_column_max) {
    trouble_ = "a value is longer than maxCharsPerColumn";
    return Step::kBroken;
  }
  fields_.push_back(value);
  return Step::kNextField;
}

/// `p` stands where a field ends.
CsvTokenizer::Step CsvTokenizer::AfterField(const char* p) {
  if (p == end_) {
    at_ = p;
    return whole_ ? Step::kEndOfRecord : Step::kNeedsMore;
  }
  if (const size_t size = LineEndAt(p); size > 0) {
    at_ = p + size;
    return Step::kEndOfRecord;
  }
  at_ = p + separator_size_;
  return Step::kNextField;
}

CsvTokenizer::Step CsvTokenizer::UnquotedField() {
  const char* p = at_;
  if (options_.multi_line) {
    while (p != end_ && !AtSeparator(p) && LineEndAt(p) == 0) ++p;
    if (p == end_ && !whole_) return Step::kNeedsMore;
  } else {
    while (p != end_ && !AtSeparator(p)) ++p;
  }
  const char* value_end = p;
  if (options_.trim_trailing) {
    while (value_end != at_ && IsBlank(value_end[-1])) --value_end;
  }
  const std::string_view value(at_, static_cast<size_t>(value_end - at_));
  const Step added = AddField(value.empty() ? std::string_view(options_.null_value) : value);
  return added == Step::kBroken ? added : AfterField(p);
}

/// Line ends within quotes become \n, unless the option lineSep says what they are.
std::string_view CsvTokenizer::Keep(std::string value) {
  if (options_.multi_line && options_.line_separator.empty() && line_end_ != "\n") {
    for (size_t at = 0; (at = value.find(line_end_, at)) != value.npos; ++at)
      value.replace(at, line_end_.size(), "\n");
  }
  kept_.push_back(std::move(value));
  return kept_.back();
}

CsvTokenizer::Step CsvTokenizer::RestOfField(const char* p, std::string value, bool trim) {
  while (p != end_ && !AtSeparator(p) && LineEndAt(p) == 0) value += *p++;
  if (p == end_ && !whole_) return Step::kNeedsMore;
  if (p == end_ && end_quote_twice_ && value.back() == options_.quote) value += options_.quote;
  if (trim) {
    while (!value.empty() && IsBlank(value.back())) value.pop_back();
  }
  const Step added = AddField(Keep(std::move(value)));
  return added == Step::kBroken ? added : AfterField(p);
}

/// `p` stands after a quote that neither ends the field nor is escaped; `value` is what was before
/// that quote.
CsvTokenizer::Step CsvTokenizer::UnescapedQuote(const char* p, std::string value) {
  switch (options_.unescaped_quotes) {
    case UnescapedQuotes::kBackToDelimiter: {
      // As if the field had no quotes at all.
      at_ = field_begin_;
      return UnquotedField();
    }
    case UnescapedQuotes::kSkipValue: {
      while (p != end_ && !AtSeparator(p) && LineEndAt(p) == 0) ++p;
      if (p == end_ && !whole_) return Step::kNeedsMore;
      const Step added = AddField(options_.empty_value);
      return added == Step::kBroken ? added : AfterField(p);
    }
    case UnescapedQuotes::kRaiseError:
      trouble_ = "it has a quote that isn't escaped";
      return Step::kBroken;
    default:
      break;
  }
  return RestOfField(p, options_.quote + std::move(value) + options_.quote, options_.trim_trailing);
}

CsvTokenizer::Step CsvTokenizer::EndQuoted(const char* p, std::string_view value) {
  const Step added = AddField(value.empty() ? std::string_view(options_.empty_value) : value);
  return added == Step::kBroken ? added : AfterField(p);
}

/// `p` stands on the blank after a closing quote. Blanks before the separator are dropped; anything
/// else makes the quote an unescaped one.
CsvTokenizer::Step CsvTokenizer::AfterClosingQuote(const char* p, std::string* value,
                                                   bool* closed) {
  const char* blanks = p;
  while (p != end_ && IsBlank(*p) && !AtSeparator(p) && LineEndAt(p) == 0) ++p;
  if (p == end_ && !whole_) return Step::kNeedsMore;
  if (p == end_ || AtSeparator(p) || LineEndAt(p) > 0) return EndQuoted(p, Keep(*value));
  if (options_.unescaped_quotes == UnescapedQuotes::kStopAtClosingQuote) {
    *value += options_.quote;
    value->append(blanks, p);
    at_ = p;
    *closed = false;
    return Step::kNextField;
  }
  // At the end of the text univocity takes a last quote twice.
  end_quote_twice_ = true;
  const Step step = UnescapedQuote(blanks, *value);
  end_quote_twice_ = false;
  return step;
}

CsvTokenizer::Step CsvTokenizer::QuotedField() {
  const char quote = options_.quote;
  const char escape = options_.escape;
  const char* const begin = at_ + 1;
  const char* p = begin;
  // Most fields have neither escapes nor quotes inside.
  while (p != end_ && *p != quote && *p != escape) ++p;
  if (p != end_ && *p == quote && p + 1 != end_ && (AtSeparator(p + 1) || LineEndAt(p + 1) > 0) &&
      (!options_.multi_line || line_end_ == "\n" ||
       std::memchr(begin, line_end_[0], static_cast<size_t>(p - begin)) == nullptr)) {
    return EndQuoted(p + 1, std::string_view(begin, static_cast<size_t>(p - begin)));
  }
  return EscapedField(begin);
}

/// The field from `begin` (after its quote) on, character by character.
CsvTokenizer::Step CsvTokenizer::EscapedField(const char* begin) {
  const char quote = options_.quote;
  const char escape = options_.escape;
  const char escape_escape = options_.escape_escape;
  const auto is_special = [&](char c) {
    return c == quote || (c != '\0' && (c == escape || c == escape_escape));
  };
  std::string value;
  const char* p = begin;
  while (true) {
    const char* const run = p;
    while (p != end_ && !is_special(*p)) ++p;
    value.append(run, p);
    if (p == end_) {
      // A quote that is never closed: the rest is the value; a lone quote is itself.
      if (!whole_) return Step::kNeedsMore;
      if (p == begin) value = std::string(1, quote);
      return EndQuoted(p, Keep(std::move(value)));
    }
    const char* next = p + 1;
    if (next == end_ && !whole_) return Step::kNeedsMore;
    const bool has_next = next != end_;
    if (has_next && *p != '\0' &&
        ((*p == escape && *next == quote) || (*p == escape_escape && *next == escape))) {
      value += *next;
      p = next + 1;
      continue;
    }
    if (*p != quote) {
      // An escape of nothing stands for itself, but for one at the very end.
      if (has_next) value += *p;
      p = next;
      continue;
    }
    if (!has_next || AtSeparator(next) || LineEndAt(next) > 0)
      return EndQuoted(next, Keep(std::move(value)));
    if (IsBlank(*next)) {
      bool closed = true;
      const Step step = AfterClosingQuote(next, &value, &closed);
      if (closed) return step;
      p = at_;
      continue;
    }
    if (*next == quote) {
      // A doubled quote that isn't an escape: one of the two is dropped if the field ends here.
      value += quote;
      p = next;
      continue;
    }
    if (options_.unescaped_quotes != UnescapedQuotes::kStopAtClosingQuote)
      return UnescapedQuote(next, std::move(value));
    value += quote;
    value += *next;
    p = next + 1;
  }
}

}  // namespace tarn::format
