#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tarn/format/record_reader.h"

namespace tarn::format {

/// Java's Integer.parseInt and its like: a sign and digits, within the type's range.
std::optional<int64_t> ParseInteger(std::string_view text, TypeId type);
/// Java's Double.parseDouble, of which Spark has the readers take blanks at both ends.
std::optional<double> ParseReal(std::string_view text);
/// BigDecimal's text at a type's precision and scale, rounded HALF_UP; nullopt beyond its range.
std::optional<Int128> ParseDecimalAs(std::string_view text, int precision, int scale);
/// Digits and digits after the point of a BigDecimal's text (scale may be negative).
struct DecimalShape {
  int precision = 0;
  int scale = 0;
};
std::optional<DecimalShape> DecimalShapeOf(std::string_view text);

/// How dates, times and special numbers are written in files, by the options of a read. Immutable
/// once made; for one thread because of its patterns.
class TextValues {
 public:
  static Result<TextValues> Of(const ReadSpec& spec);

  std::optional<int32_t> Date(std::string_view text) const;
  std::optional<int64_t> Timestamp(std::string_view text) const;
  std::optional<int64_t> TimestampNtz(std::string_view text) const;
  /// A date of exactly the form of dateFormat (yyyy-MM-dd), for inference.
  bool IsDate(std::string_view text) const;
  /// True if a text that is a date can be read as a timestamp too.
  bool dates_are_timestamps() const { return !timestamp_pattern_; }
  bool has_date_pattern() const { return date_pattern_ != nullptr; }
  /// A real number of CSV with the options' names of special values.
  std::optional<double> Real(std::string_view text) const;

  /// Appends the value of a CSV field; false (and nothing appended) if it doesn't fit the type.
  bool Append(std::string_view text, Column& column) const;

 private:
  std::shared_ptr<const TimeZone> zone_;
  PatternReader date_pattern_;
  PatternReader timestamp_pattern_;
  PatternReader timestamp_ntz_pattern_;
  std::string nan_ = "NaN";
  std::string positive_inf_ = "Inf";
  std::string negative_inf_ = "-Inf";
};

}  // namespace tarn::format
