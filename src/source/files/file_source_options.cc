#include "files/file_source_options.h"

#include <algorithm>
#include <limits>

#include "tarn/base/parse_number.h"
#include "tarn/types/datetime.h"

namespace tarn::source {

namespace {

Error BadValue(std::string_view name, std::string_view value, std::string detail) {
  return Error(Condition("INVALID_PARAMETER_VALUE"), {{"parameter", std::string(name)},
                                                      {"value", std::string(value)},
                                                      {"detail", std::move(detail)}});
}

/// A number and the word behind it, in lower case.
std::optional<std::pair<int64_t, std::string>> NumberAndUnit(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  const auto number = ParseNumber<int64_t>(text.substr(0, digits));
  if (!number) return std::nullopt;
  text.remove_prefix(digits);
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  return std::pair(*number, FoldName(text));
}

std::optional<int64_t> Times(int64_t number, int64_t unit) {
  int64_t product = 0;
  if (__builtin_mul_overflow(number, unit, &product)) return std::nullopt;
  return product;
}

Result<bool> Flag(std::string_view name, std::string_view value) {
  if (SameName(value, "true")) return true;
  if (SameName(value, "false")) return false;
  return BadValue(name, value, "it is true or false");
}

Result<SchemaEvolution> EvolutionOf(std::string_view name, std::string_view value) {
  if (SameName(value, "addNewColumns")) return SchemaEvolution::kAddNewColumns;
  if (SameName(value, "rescue")) return SchemaEvolution::kRescue;
  if (SameName(value, "failOnNewColumns")) return SchemaEvolution::kFailOnNewColumns;
  if (SameName(value, "none")) return SchemaEvolution::kNone;
  if (SameName(value, "addNewColumnsWithTypeWidening")) {
    return UnsupportedFeature("schemaEvolutionMode addNewColumnsWithTypeWidening");
  }
  return BadValue(name, value, "it is addNewColumns, rescue, failOnNewColumns or none");
}

Result<std::optional<int64_t>> Positive(std::string_view name, std::string_view value,
                                        std::optional<int64_t> parsed, const char* what) {
  if (parsed && *parsed > 0) return parsed;
  return BadValue(name, value, what);
}

Result<std::optional<int64_t>> Instant(std::string_view name, std::string_view value) {
  TARN_ASSIGN(const std::shared_ptr<const TimeZone> utc, FindTimeZone("UTC"));
  const auto parsed = ParseTimestamp(value, *utc);
  if (parsed) return std::optional<int64_t>(*parsed);
  return BadValue(name, value, "it is a timestamp as 2024-12-31T00:00:00Z");
}

/// Refuses options of Auto Loader that are known and not executed.
Status CheckExecuted(std::string_view name, std::string_view value) {
  if (name == "cleansource" && !SameName(value, "off")) {
    return UnsupportedFeature("cleanSource of STREAM read_files");
  }
  if (name == "usenotifications" && SameName(value, "true")) {
    return UnsupportedFeature("useNotifications of STREAM read_files (files are listed)");
  }
  if (name == "partitioncolumns" && !value.empty()) {
    return UnsupportedFeature("partitionColumns of STREAM read_files");
  }
  return {};
}

/// Options that say how a cluster lists files, or where: a pipeline keeps its own state.
bool IsSwallowed(std::string_view name) {
  static constexpr std::string_view kNoEffect[] = {
      "backfillinterval", "fetchparallelism", "validateoptions",      "useincrementallisting",
      "usestrictglobber", "schemalocation",   "usemanagedfileevents", "usenotifications",
      "cleansource",      "partitioncolumns", "recursivefilelookup"};
  return std::ranges::find(kNoEffect, name) != std::end(kNoEffect);
}

}  // namespace

std::optional<int64_t> ParseDurationUs(std::string_view text) {
  if (FoldName(text.substr(0, 9)) == "interval ") text.remove_prefix(9);
  const auto parsed = NumberAndUnit(text);
  if (!parsed) return std::nullopt;
  auto [number, unit] = *parsed;
  if (unit.size() > 1 && unit.ends_with('s')) unit.pop_back();
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"microsecond", 1},        {"millisecond", 1000},       {"second", 1'000'000},
      {"minute", 60'000'000},    {"hour", 3'600'000'000},     {"day", 86'400'000'000},
      {"week", 604'800'000'000}, {"month", 2'678'400'000'000}};
  for (const auto& [name, us] : kUnits) {
    if (unit == name) return Times(number, us);
  }
  return std::nullopt;
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  const auto parsed = NumberAndUnit(text);
  if (!parsed) return std::nullopt;
  const std::string& unit = parsed->second;
  static constexpr std::string_view kScales = "kmgt";
  if (unit.empty() || unit == "b") return parsed->first;
  const size_t scale = kScales.find(unit[0]);
  if (scale == kScales.npos || (unit.size() > 1 && unit.substr(1) != "b")) return std::nullopt;
  return Times(parsed->first, int64_t{1} << (10 * (scale + 1)));
}

Result<FileSourceOptions> ReadFileSourceOptions(const analyze::FilesReference& files) {
  FileSourceOptions options;
  options.path = files.path;
  options.format = files.format;
  options.schema = files.schema;
  if (options.schema) options.evolution = SchemaEvolution::kNone;
  for (const auto& [key, value] : files.options) {
    std::string_view name = key;
    if (name.starts_with("cloudfiles.")) name.remove_prefix(11);
    TARN_TRY(CheckExecuted(name, value));
    if (name == "format") {
      options.format = FoldName(value);
    } else if (name == "schemahints") {
      options.schema_hints = value;
    } else if (name == "schemaevolutionmode") {
      TARN_ASSIGN(options.evolution, EvolutionOf(name, value));
    } else if (name == "includeexistingfiles") {
      TARN_ASSIGN(options.include_existing_files, Flag(name, value));
    } else if (name == "allowoverwrites") {
      TARN_ASSIGN(options.allow_overwrites, Flag(name, value));
    } else if (name == "maxfilespertrigger") {
      TARN_ASSIGN(const auto count, Positive(name, value, ParseNumber<int64_t>(value),
                                             "it is a number of files above 0"));
      options.files_max = *count;
    } else if (name == "maxbytespertrigger") {
      TARN_ASSIGN(options.bytes_max,
                  Positive(name, value, ParseBytes(value), "it is a size as 10g or 500mb"));
    } else if (name == "maxfileage") {
      TARN_ASSIGN(options.max_age_us,
                  Positive(name, value, ParseDurationUs(value), "it is a duration as 14 days"));
    } else if (name == "modifiedafter") {
      TARN_ASSIGN(options.modified_after_us, Instant(name, value));
    } else if (name == "modifiedbefore") {
      TARN_ASSIGN(options.modified_before_us, Instant(name, value));
    } else if (name == "pathglobfilter" || name == "filenamepattern") {
      options.name_glob = value;
    } else if (!IsSwallowed(name)) {
      options.reader_options.emplace_back(std::string(name), value);
    }
  }
  if (options.format.empty()) {
    return BadValue("format", "", "STREAM read_files needs the format of the files");
  }
  return options;
}

}  // namespace tarn::source
