#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/result.h"

namespace tarn::format {

/// The options of a read, found by names without regard to case. A prefix "cloudFiles." is taken
/// off.
class ReadOptions {
 public:
  ReadOptions() = default;
  explicit ReadOptions(const std::vector<std::pair<std::string, std::string>>& options);

  /// The first of several names that is given.
  std::optional<std::string> Find(std::initializer_list<std::string_view> names) const;
  std::string Text(std::string_view name, std::string_view otherwise = {}) const;
  /// "true" or "false" in any case; INVALID_PARAMETER_VALUE for another text.
  Result<bool> Flag(std::string_view name, bool otherwise) const;
  Result<int64_t> Number(std::string_view name, int64_t otherwise) const;
  Result<double> Fraction(std::string_view name, double otherwise) const;
  /// One character of ASCII, or NUL for the empty text.
  Result<char> Character(std::string_view name, char otherwise) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;  // by lower-case name
};

/// The options that read_files takes for a format, as they are spelled in Databricks' reference,
/// sorted; those of all formats if `format` is unknown.
std::vector<std::string_view> OptionNames(std::string_view format);

/// The format that the endings of all these names say, without one of a compression: "csv" for
/// a.csv.gz. Nothing if they say several or an unknown one.
std::optional<std::string> FormatOfNames(const std::vector<std::string>& names);

/// CF_UNKNOWN_OPTION_KEYS_ERROR with the nearest known name for an option that the format doesn't
/// have, unless the option validateOptions is false. UNSUPPORTED_FEATURE for a format or an option
/// whose meaning isn't built.
Status CheckOptions(std::string_view format,
                    const std::vector<std::pair<std::string, std::string>>& options);

/// The error for an option's value.
Error InvalidOption(std::string_view name, std::string_view value, std::string detail);

}  // namespace tarn::format
