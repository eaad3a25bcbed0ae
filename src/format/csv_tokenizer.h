#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "csv_options.h"

namespace tarn::format {

/// Splits records of CSV into fields, by the rules of the univocity parser that Spark reads with.
/// For one thread.
class CsvTokenizer {
 public:
  explicit CsvTokenizer(CsvOptions options);

  enum class Outcome : uint8_t {
    kRecord,     ///< a record (without fields: an empty line)
    kNeedsMore,  ///< the text ends within the record
    kBroken,     ///< a record that breaks a limit or, with RAISE_ERROR, has an unescaped quote
  };

  /// Splits the first record of `text` and tells how many bytes it takes, its line end included.
  /// `whole`: nothing follows `text`. Without `multi_line` the text is one record and has no line
  /// end.
  Outcome Split(std::string_view text, bool whole, size_t* used);

  /// The fields of the last record, valid until the next call and as long as its text. An empty
  /// field without quotes is the null value, one in quotes the empty value.
  const std::vector<std::string_view>& fields() const { return fields_; }
  /// What was wrong after kBroken.
  std::string_view trouble() const { return trouble_; }

  /// The line end of multi-line text: the first that was found in `text`.
  void DetectLineEnd(std::string_view text);

 private:
  enum class Step : uint8_t { kNextField, kEndOfRecord, kNeedsMore, kBroken };

  bool AtSeparator(const char* p) const {
    return *p == separator_ && (separator_size_ == 1 || MatchesSeparator(p));
  }
  bool MatchesSeparator(const char* p) const;
  /// How many bytes of line end stand at `p`; 0 if none.
  size_t LineEndAt(const char* p) const;
  bool IsBlank(char c) const { return static_cast<unsigned char>(c) <= ' '; }

  Step UnquotedField();
  Step QuotedField();
  Step EscapedField(const char* begin);
  Step AfterField(const char* p);
  /// Appends everything up to the separator or line end to `value` and ends the field.
  Step RestOfField(const char* p, std::string value, bool trim);
  Step UnescapedQuote(const char* p, std::string value);
  Step AfterClosingQuote(const char* p, std::string* value, bool* closed);
  Step EndQuoted(const char* p, std::string_view value);
  Step AddField(std::string_view value);
  std::string_view Keep(std::string value);

  const CsvOptions options_;
  const char separator_;
  const size_t separator_size_;
  std::string line_end_ = "\n";
  std::vector<std::string_view> fields_;
  std::deque<std::string> kept_;  // of fields that aren't in the text as they are
  std::string scratch_;
  std::string_view trouble_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  const char* field_begin_ = nullptr;
  bool whole_ = false;
  bool end_quote_twice_ = false;
};

}  // namespace tarn::format
