#include "csv_options.h"

#include "tarn/types/data_type.h"

namespace tarn::format {

namespace {

/// One character of a separator, which may be spelled with a backslash.
Result<char> SeparatorCharacter(std::string_view option, std::string_view rest, size_t* used) {
  if (rest[0] != '\\') {
    *used = 1;
    return rest[0];
  }
  if (rest.starts_with("\\u0000")) {
    *used = 6;
    return '\0';
  }
  if (rest.size() < 2) {
    return InvalidOption("sep", option, "write a backslash as two");
  }
  *used = 2;
  switch (rest[1]) {
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case '"':
    case '\'':
    case '\\':
      return rest[1];
    default:
      return InvalidOption("sep", option, "it has an unknown special character");
  }
}

Result<std::string> SeparatorOf(const std::string& option) {
  if (option.empty()) return InvalidOption("sep", option, "it must not be empty");
  std::string separator;
  for (std::string_view rest = option; !rest.empty();) {
    size_t used = 0;
    TARN_ASSIGN(const char next, SeparatorCharacter(option, rest, &used));
    separator += next;
    rest.remove_prefix(used);
  }
  return separator;
}

Result<UnescapedQuotes> UnescapedQuotesOf(const std::string& option) {
  const std::string name = FoldName(option);
  if (name.empty() || name == "stop_at_delimiter") return UnescapedQuotes::kStopAtDelimiter;
  if (name == "stop_at_closing_quote") return UnescapedQuotes::kStopAtClosingQuote;
  if (name == "back_to_delimiter") return UnescapedQuotes::kBackToDelimiter;
  if (name == "skip_value") return UnescapedQuotes::kSkipValue;
  if (name == "raise_error") return UnescapedQuotes::kRaiseError;
  return InvalidOption("unescapedQuoteHandling", option, "it isn't one of Spark's");
}

Result<size_t> Limit(const ReadOptions& options, std::string_view name, size_t otherwise) {
  TARN_ASSIGN(const int64_t number,
              options.Number(name, otherwise == SIZE_MAX ? -1 : static_cast<int64_t>(otherwise)));
  if (number == -1) return SIZE_MAX;
  if (number < 0) return InvalidOption(name, std::to_string(number), "it must not be negative");
  return static_cast<size_t>(number);
}

}  // namespace

ParseMode ModeOf(const ReadOptions& options) {
  const std::string mode = FoldName(options.Text("mode"));
  if (mode == "dropmalformed") return ParseMode::kDropMalformed;
  return mode == "failfast" ? ParseMode::kFailFast : ParseMode::kPermissive;
}

Result<CsvOptions> CsvOptions::Of(const ReadOptions& options) {
  CsvOptions csv;
  TARN_ASSIGN(csv.separator, SeparatorOf(options.Find({"sep", "delimiter"}).value_or(",")));
  TARN_ASSIGN(csv.quote, options.Character("quote", '"'));
  TARN_ASSIGN(csv.escape, options.Character("escape", '\\'));
  csv.escape_escape = csv.quote == csv.escape ? '\0' : csv.escape;
  if (!options.Text("charToEscapeQuoteEscaping").empty()) {
    TARN_ASSIGN(csv.escape_escape, options.Character("charToEscapeQuoteEscaping", '\0'));
  }
  TARN_ASSIGN(csv.comment, options.Character("comment", '\0'));
  TARN_ASSIGN(csv.header, options.Flag("header", false));
  TARN_ASSIGN(csv.multi_line, options.Flag("multiLine", false));
  TARN_ASSIGN(csv.trim_leading, options.Flag("ignoreLeadingWhiteSpace", false));
  TARN_ASSIGN(csv.trim_trailing, options.Flag("ignoreTrailingWhiteSpace", false));
  TARN_ASSIGN(csv.enforce_schema, options.Flag("enforceSchema", true));
  csv.line_separator = options.Text("lineSep");
  if (options.Find({"lineSep"}) && (csv.line_separator.empty() || csv.line_separator.size() > 2)) {
    return InvalidOption("lineSep", csv.line_separator, "it must be one or two characters");
  }
  csv.null_value = options.Text("nullValue");
  csv.empty_value = options.Text("emptyValue");
  TARN_ASSIGN(csv.unescaped_quotes, UnescapedQuotesOf(options.Text("unescapedQuoteHandling")));
  TARN_ASSIGN(csv.columns_max, Limit(options, "maxColumns", 20480));
  TARN_ASSIGN(csv.chars_per_column_max, Limit(options, "maxCharsPerColumn", SIZE_MAX));
  TARN_ASSIGN(csv.skip_rows, Limit(options, "skipRows", 0));
  return csv;
}

}  // namespace tarn::format
