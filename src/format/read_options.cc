#include "tarn/format/read_options.h"

#include <algorithm>

#include "tarn/base/edit_distance.h"
#include "tarn/base/parse_number.h"
#include "tarn/types/data_type.h"

namespace tarn::format {

namespace {

// Which files there are, and how their schema is settled.
constexpr std::string_view kGeneric[] = {
    "allowOverwrites",
    "backfillInterval",
    "cleanSource",
    "cleanSource.moveDestination",
    "cleanSource.retentionDuration",
    "cleanSource.waitForCompletion",
    "fileNamePattern",
    "format",
    "ignoreCorruptFiles",
    "ignoreMissingFiles",
    "includeExistingFiles",
    "inferColumnTypes",
    "maxBytesPerTrigger",
    "maxFileAge",
    "maxFilesPerTrigger",
    "modifiedAfter",
    "modifiedBefore",
    "partitionColumns",
    "path",
    "pathGlobFilter",
    "recursiveFileLookup",
    "replayModifiedAfter",
    "replayModifiedBefore",
    "replayPathGlobFilter",
    "rescuedDataColumn",
    "schema",
    "schemaEvolutionMode",
    "schemaHints",
    "schemaLocation",
    "useIncrementalListing",
    "useManagedFileEvents",
    "useNotifications",
    "useStrictGlobber",
    "validateOptions",
};

// Known, but without their meaning yet: ignoring them would give other rows.
constexpr std::string_view kNotBuilt[] = {"singleVariantColumn"};

// Files are found by listing folders: what concerns queues of events is refused.
constexpr std::string_view kNotification[] = {
    "awsAccessKey",     "awsSecretKey", "databricks.serviceCredential",
    "fetchParallelism", "pathRewrites", "queueName",
    "queueUrl",         "region",       "resourceTag",
    "resourceTags",     "roleArn",      "roleExternalId",
    "roleSessionName",  "stsEndpoint"};

constexpr std::string_view kCsv[] = {
    "charToEscapeQuoteEscaping",
    "charset",
    "codec",
    "columnNameOfCorruptRecord",
    "comment",
    "compression",
    "dateFormat",
    "delimiter",
    "emptyValue",
    "encoding",
    "enforceSchema",
    "escape",
    "header",
    "ignoreLeadingWhiteSpace",
    "ignoreTrailingWhiteSpace",
    "inferSchema",
    "lineSep",
    "locale",
    "maxCharsPerColumn",
    "maxColumns",
    "mode",
    "multiLine",
    "nanValue",
    "negativeInf",
    "nullValue",
    "positiveInf",
    "preferDate",
    "quote",
    "readerCaseSensitive",
    "samplingRatio",
    "sep",
    "skipRows",
    "timeZone",
    "timestampFormat",
    "timestampNTZFormat",
    "unescapedQuoteHandling",
};

constexpr std::string_view kJson[] = {
    "allowBackslashEscapingAnyCharacter",
    "allowComments",
    "allowNonNumericNumbers",
    "allowNumericLeadingZeros",
    "allowSingleQuotes",
    "allowUnquotedControlChars",
    "allowUnquotedFieldNames",
    "charset",
    "columnNameOfCorruptRecord",
    "compression",
    "dateFormat",
    "dropFieldIfAllNull",
    "encoding",
    "inferSchema",
    "inferTimestamp",
    "lineSep",
    "locale",
    "mode",
    "multiLine",
    "prefersDecimal",
    "primitivesAsString",
    "readerCaseSensitive",
    "samplingRatio",
    "singleVariantColumn",
    "timeZone",
    "timestampFormat",
    "timestampNTZFormat",
};

constexpr std::string_view kText[] = {"compression", "encoding", "lineSep", "wholeText"};

constexpr std::string_view kParquet[] = {"datetimeRebaseMode", "int96RebaseMode", "mergeSchema",
                                         "readerCaseSensitive"};

constexpr std::string_view kAvro[] = {"avroSchema", "datetimeRebaseMode", "mergeSchema",
                                      "readerCaseSensitive"};

std::span<const std::string_view> OwnOptions(std::string_view format) {
  if (format == "csv") return kCsv;
  if (format == "json") return kJson;
  if (format == "text") return kText;
  if (format == "parquet") return kParquet;
  if (format == "avro") return kAvro;
  return {};
}

std::string_view Nearest(const std::string& name, const std::vector<std::string_view>& known) {
  std::string_view best;
  size_t least = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const size_t distance = EditDistance(name, FoldName(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string OptionKey(std::string_view name) {
  std::string key = FoldName(name);
  if (key.starts_with("cloudfiles.")) key.erase(0, 11);
  // A tag has its own name behind it.
  if (key.starts_with("resourcetag.")) key.resize(11);
  return key;
}

bool IsFormat(std::string_view format) {
  return format == "csv" || format == "json" || format == "text" || format == "parquet" ||
         format == "avro" || format == "binaryfile";
}

/// Refuses options of file notification by name.
Status CheckListed(const ReadOptions& read) {
  for (const std::string_view name : kNotification) {
    if (read.Find({name})) {
      return UnsupportedFeature("The option " + std::string(name) +
                                " of file notification (files are listed)");
    }
  }
  for (const std::string_view name : {"useNotifications", "useManagedFileEvents"}) {
    TARN_ASSIGN(const bool wanted, read.Flag(name, false));
    if (wanted) {
      return UnsupportedFeature("The option " + std::string(name) + " (files are listed)");
    }
  }
  return {};
}

}  // namespace

ReadOptions::ReadOptions(const std::vector<std::pair<std::string, std::string>>& options) {
  for (const auto& [name, value] : options) values_[OptionKey(name)] = value;
}

std::optional<std::string> ReadOptions::Find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    if (const auto found = values_.find(FoldName(name)); found != values_.end())
      return found->second;
  }
  return std::nullopt;
}

std::string ReadOptions::Text(std::string_view name, std::string_view otherwise) const {
  return Find({name}).value_or(std::string(otherwise));
}

Result<bool> ReadOptions::Flag(std::string_view name, bool otherwise) const {
  const std::optional<std::string> text = Find({name});
  if (!text) return otherwise;
  const std::string value = FoldName(*text);
  if (value != "true" && value != "false")
    return InvalidOption(name, *text, "it must be true or false");
  return value == "true";
}

Result<int64_t> ReadOptions::Number(std::string_view name, int64_t otherwise) const {
  const std::optional<std::string> text = Find({name});
  if (!text) return otherwise;
  const std::optional<int64_t> value = ParseNumber<int64_t>(*text);
  if (!value) return InvalidOption(name, *text, "it must be a whole number");
  return *value;
}

Result<double> ReadOptions::Fraction(std::string_view name, double otherwise) const {
  const std::optional<std::string> text = Find({name});
  if (!text) return otherwise;
  const std::optional<double> value = ParseNumber<double>(*text);
  if (!value || !(*value > 0) || *value > 1) {
    return InvalidOption(name, *text, "it must be a number above 0 and up to 1");
  }
  return *value;
}

Result<char> ReadOptions::Character(std::string_view name, char otherwise) const {
  const std::optional<std::string> text = Find({name});
  if (!text) return otherwise;
  if (text->empty() || *text == "\\u0000") return '\0';
  if (text->size() > 1 || static_cast<unsigned char>((*text)[0]) >= 0x80) {
    return InvalidOption(name, *text, "it must be one character of ASCII");
  }
  return (*text)[0];
}

std::vector<std::string_view> OptionNames(std::string_view format) {
  std::vector<std::string_view> names(std::begin(kGeneric), std::end(kGeneric));
  const auto add = [&](std::string_view one) {
    const auto own = OwnOptions(one);
    names.insert(names.end(), own.begin(), own.end());
  };
  if (IsFormat(FoldName(format))) {
    add(FoldName(format));
  } else {
    for (const std::string_view one : {"csv", "json", "text", "parquet", "avro"}) add(one);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<std::string> FormatOfNames(const std::vector<std::string>& names) {
  static constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
      {".csv", "csv"},     {".json", "json"},       {".jsonl", "json"},
      {".ndjson", "json"}, {".parquet", "parquet"}, {".txt", "text"},
      {".avro", "avro"},   {".orc", "orc"},         {".xml", "xml"}};
  static constexpr std::string_view kCompressions[] = {".gz", ".bz2", ".zst", ".deflate"};
  std::optional<std::string> format;
  for (const std::string& name : names) {
    const std::string folded = FoldName(name);
    std::string_view rest = folded;
    for (const std::string_view ending : kCompressions) {
      if (rest.ends_with(ending)) rest.remove_suffix(ending.size());
    }
    const auto* found = std::ranges::find_if(
        kEndings, [&](const auto& ending) { return rest.ends_with(ending.first); });
    if (found == std::end(kEndings) || (format && *format != found->second)) return std::nullopt;
    format = found->second;
  }
  return format;
}

Status CheckOptions(std::string_view format,
                    const std::vector<std::pair<std::string, std::string>>& options) {
  const std::string folded = FoldName(format);
  if (!IsFormat(folded)) {
    return UnsupportedFeature("Reading files of the format " + std::string(format));
  }
  const ReadOptions read(options);
  TARN_TRY(CheckListed(read));
  TARN_ASSIGN(const bool validate, read.Flag("validateOptions", true));
  const std::vector<std::string_view> known = OptionNames(folded);
  for (const auto& [name, value] : options) {
    const std::string key = OptionKey(name);
    const bool found = std::ranges::any_of(known, [&](auto one) { return FoldName(one) == key; });
    if (found || !validate) continue;
    Error error(Condition("CF_UNKNOWN_OPTION_KEYS_ERROR"), {{"optionList", name}});
    const std::string_view nearest = Nearest(key, known);
    if (nearest.empty()) return error;
    return std::move(error).WithHint("Did you mean " + std::string(nearest) + "?");
  }
  if (const auto locale = read.Find({"locale"}); locale && !FoldName(*locale).starts_with("en")) {
    return UnsupportedFeature("The locale " + *locale + " of read_files");
  }
  for (const std::string_view name : kNotBuilt) {
    if (read.Find({name}))
      return UnsupportedFeature("The option " + std::string(name) + " of read_files");
  }
  return {};
}

Error InvalidOption(std::string_view name, std::string_view value, std::string detail) {
  return Error(Condition("INVALID_PARAMETER_VALUE"), {{"parameter", std::string(name)},
                                                      {"value", "'" + std::string(value) + "'"},
                                                      {"detail", std::move(detail)}});
}

}  // namespace tarn::format
