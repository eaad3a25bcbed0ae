#include "files/file_source_options.h"

#include <algorithm>
#include <limits>

#include "tarn/base/parse_number.h"
#include "tarn/session/files.h"

namespace tarn::source {

namespace {

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

constexpr int64_t kDayUs = 86'400'000'000;

Result<std::optional<int64_t>> Positive(const format::ReadOptions& options, std::string_view name,
                                        std::optional<int64_t> (*parse)(std::string_view),
                                        const char* what) {
  const auto text = options.Find({name});
  if (!text) return std::optional<int64_t>();
  const std::optional<int64_t> parsed = parse(*text);
  if (parsed && *parsed > 0) return parsed;
  return format::InvalidOption(name, *text, what);
}

std::optional<int64_t> ParseCount(std::string_view text) { return ParseNumber<int64_t>(text); }

Result<SchemaEvolution> EvolutionOf(const format::ReadOptions& options, bool has_schema) {
  static constexpr std::pair<std::string_view, SchemaEvolution> kModes[] = {
      {"addNewColumns", SchemaEvolution::kAddNewColumns},
      {"addNewColumnsWithTypeWidening", SchemaEvolution::kAddNewColumnsWithTypeWidening},
      {"rescue", SchemaEvolution::kRescue},
      {"failOnNewColumns", SchemaEvolution::kFailOnNewColumns},
      {"none", SchemaEvolution::kNone}};
  const auto text = options.Find({"schemaEvolutionMode"});
  if (!text) return has_schema ? SchemaEvolution::kNone : SchemaEvolution::kAddNewColumns;
  for (const auto& [name, mode] : kModes) {
    if (!SameName(*text, name)) continue;
    const bool adds = mode == SchemaEvolution::kAddNewColumns ||
                      mode == SchemaEvolution::kAddNewColumnsWithTypeWidening;
    if (!adds || !has_schema) return mode;
    return Error(Condition("CF_ADD_NEW_NOT_SUPPORTED"), {{"mode", std::string(name)}});
  }
  return format::InvalidOption("schemaEvolutionMode", *text,
                               "it must be addNewColumns, addNewColumnsWithTypeWidening, rescue, "
                               "failOnNewColumns or none");
}

Result<CleanSource> CleanSourceOf(const format::ReadOptions& options) {
  CleanSource clean;
  const std::string mode = options.Text("cleanSource", "OFF");
  if (SameName(mode, "DELETE")) {
    clean.mode = CleanSource::Mode::kDelete;
  } else if (SameName(mode, "MOVE")) {
    clean.mode = CleanSource::Mode::kMove;
  } else if (!SameName(mode, "OFF")) {
    return format::InvalidOption("cleanSource", mode, "it must be OFF, DELETE or MOVE");
  }
  clean.destination = options.Text("cleanSource.moveDestination");
  TARN_TRY(options.Flag("cleanSource.waitForCompletion", false));
  const std::string retention = options.Text("cleanSource.retentionDuration", "30 days");
  const auto duration = ParseDurationUs(retention);
  if (!duration) {
    return format::InvalidOption("cleanSource.retentionDuration", retention,
                                 "it must be a duration as 14 days");
  }
  clean.retention_us = *duration;
  if (clean.mode == CleanSource::Mode::kDelete && *duration <= 7 * kDayUs) {
    return format::InvalidOption("cleanSource.retentionDuration", retention,
                                 "with DELETE it must be more than 7 days");
  }
  if (clean.mode == CleanSource::Mode::kMove && clean.destination.empty()) {
    return format::InvalidOption("cleanSource.moveDestination", "", "MOVE needs a folder");
  }
  return clean;
}

Result<std::optional<Replay>> ReplayOf(const format::ReadOptions& options,
                                       const std::string& zone) {
  Replay replay;
  for (const char* name : {"replayModifiedAfter", "replayModifiedBefore", "replayPathGlobFilter"}) {
    const auto text = options.Find({name});
    if (text) replay.identity += std::string(name) + "=" + *text + "\n";
  }
  if (replay.identity.empty()) return std::optional<Replay>();
  TARN_ASSIGN(replay.modified_after_us, session::InstantOf(options, "replayModifiedAfter", zone));
  TARN_ASSIGN(replay.modified_before_us, session::InstantOf(options, "replayModifiedBefore", zone));
  replay.name_glob = options.Text("replayPathGlobFilter");
  return std::optional(std::move(replay));
}

/// Options that have no effect here, but whose values must make sense.
Status CheckIdle(const format::ReadOptions& options) {
  TARN_TRY(
      Positive(options, "backfillInterval", ParseDurationUs, "it must be a duration as 1 day"));
  const std::string incremental = options.Text("useIncrementalListing", "auto");
  if (!SameName(incremental, "auto") && !SameName(incremental, "true") &&
      !SameName(incremental, "false")) {
    return format::InvalidOption("useIncrementalListing", incremental,
                                 "it must be auto, true or false");
  }
  return {};
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

Result<FileSourceOptions> ReadFileSourceOptions(const analyze::FilesReference& reference,
                                                const std::string& session_zone) {
  TARN_TRY(format::CheckOptions(reference.format, reference.options));
  const format::ReadOptions read(reference.options);
  TARN_TRY(CheckIdle(read));
  FileSourceOptions options;
  TARN_ASSIGN(options.evolution, EvolutionOf(read, reference.schema.has_value()));
  TARN_ASSIGN(options.include_existing_files, read.Flag("includeExistingFiles", true));
  TARN_ASSIGN(options.allow_overwrites, read.Flag("allowOverwrites", false));
  TARN_ASSIGN(const auto files_max, Positive(read, "maxFilesPerTrigger", ParseCount,
                                             "it must be a number of files above 0"));
  options.files_max = files_max.value_or(options.files_max);
  TARN_ASSIGN(options.bytes_max, Positive(read, "maxBytesPerTrigger", ParseBytes,
                                          "it must be a size as 10g or 500mb"));
  TARN_ASSIGN(options.max_age_us,
              Positive(read, "maxFileAge", ParseDurationUs, "it must be a duration as 14 days"));
  TARN_ASSIGN(options.listing, session::ListingOf(read, session_zone));
  TARN_ASSIGN(options.clean, CleanSourceOf(read));
  if (options.clean.mode != CleanSource::Mode::kOff && options.allow_overwrites) {
    return Error(Condition("CF_CLEAN_SOURCE_ALLOW_OVERWRITES_BOTH_ON"));
  }
  TARN_ASSIGN(options.replay, ReplayOf(read, session_zone));
  return options;
}

}  // namespace tarn::source
