#pragma once

#include <string>

#include "tarn/format/read_options.h"

namespace tarn::format {

/// What happens to a record that doesn't fit.
enum class ParseMode : uint8_t { kPermissive, kDropMalformed, kFailFast };
/// An unknown mode is PERMISSIVE, as in Spark.
ParseMode ModeOf(const ReadOptions& options);

/// What a quote within a quoted field means if it isn't escaped and no separator follows.
enum class UnescapedQuotes : uint8_t {
  kStopAtDelimiter,
  kStopAtClosingQuote,
  kBackToDelimiter,
  kSkipValue,
  kRaiseError,
};

/// The options of CSV, checked. A NUL character is none.
struct CsvOptions {
  std::string separator = ",";
  char quote = '"';
  char escape = '\\';
  char escape_escape = '\\';  ///< charToEscapeQuoteEscaping
  char comment = '\0';
  bool header = false;
  bool multi_line = false;
  bool trim_leading = false;
  bool trim_trailing = false;
  std::string line_separator;  ///< empty for \n, \r\n and \r
  std::string null_value;
  std::string empty_value;
  UnescapedQuotes unescaped_quotes = UnescapedQuotes::kStopAtDelimiter;
  size_t columns_max = 20480;
  size_t chars_per_column_max = SIZE_MAX;
  size_t skip_rows = 0;
  bool enforce_schema = true;

  static Result<CsvOptions> Of(const ReadOptions& options);
};

}  // namespace tarn::format
