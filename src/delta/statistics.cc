#include "tarn/delta/statistics.h"

#include <charconv>
#include <cmath>

#include "json_text.h"
#include "number_text.h"
#include "stats_reader.h"
#include "tarn/base/json_string.h"
#include "tarn/base/utf8.h"
#include "tarn/types/datetime.h"

namespace tarn::delta {
namespace {

constexpr size_t kStringBoundChars = 32;

/// Bytes of the first `chars` code points, or the whole text; nullopt if it isn't UTF-8.
std::optional<size_t> PrefixBytes(std::string_view text, size_t chars) {
  size_t at = 0;
  for (; chars > 0 && at < text.size(); --chars) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || at + length > text.size()) return std::nullopt;
    for (size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return std::nullopt;
    }
    at += length;
  }
  return at;
}

/// Text that isn't UTF-8 would become another one in JSON, and no bound any more.
std::optional<std::string> WholeString(const std::string& text) {
  if (!IsValidUtf8(text)) return std::nullopt;
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

std::optional<std::string> StringBound(const std::string& text, bool is_max) {
  const auto bytes = PrefixBytes(text, kStringBoundChars);
  if (!bytes) return std::nullopt;
  std::string bound = text.substr(0, *bytes);
  if (is_max && *bytes < text.size()) {
    // A last character above the one cut off makes the prefix an upper bound.
    constexpr std::string_view kGreatest = "\xF4\x8F\xBF\xBF";
    if (static_cast<unsigned char>(text[*bytes]) < 0x7F) {
      bound.push_back('\x7F');
    } else if (std::string_view(text).substr(*bytes, 4) < kGreatest) {
      bound += kGreatest;
    } else {
      return std::nullopt;
    }
  }
  std::string json;
  AppendJsonString(bound, &json);
  return json;
}

template <typename T>
std::optional<std::string> RealBound(T number) {
  if (!std::isfinite(number)) return std::nullopt;
  char text[64];
  const auto [end, failure] = std::to_chars(text, text + sizeof(text), number);
  std::string out(text, end);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

bool FourDigitYear(int64_t days) {
  // 0001-01-01 … 9999-12-31; other years are written differently by every engine.
  return days >= -719162 && days <= 2932896;
}

std::optional<std::string> TimestampBound(int64_t micros, bool is_max, bool utc) {
  if (is_max && micros % 1000 != 0) micros += 999;
  const int64_t days = micros / kMicrosPerDay - (micros % kMicrosPerDay < 0 ? 1 : 0);
  if (!FourDigitYear(days)) return std::nullopt;
  return "\"" + IsoTimestamp(micros, 3) + (utc ? "Z\"" : "\"");
}

/// The JSON of a bound, or nullopt if there is no honest one.
std::optional<std::string> BoundJson(const Value& value, bool is_max) {
  if (value.is_null()) return std::nullopt;
  switch (value.type().id()) {
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return std::to_string(value.integer());
    case TypeId::kFloat:
      return RealBound(static_cast<float>(value.real()));
    case TypeId::kDouble:
      return RealBound(value.real());
    case TypeId::kDecimal:
      return RenderDecimal(value.decimal(), value.type().scale());
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
      return StringBound(value.text(), is_max);
    case TypeId::kDate:
      if (!FourDigitYear(value.integer())) return std::nullopt;
      return "\"" + RenderDate(static_cast<int32_t>(value.integer())) + "\"";
    case TypeId::kTimestamp:
      return TimestampBound(value.integer(), is_max, true);
    case TypeId::kTimestampNtz:
      return TimestampBound(value.integer(), is_max, false);
    default:
      return std::nullopt;
  }
}

/// An object of nested objects, written as its leaves come in schema order.
class NestedObject {
 public:
  explicit NestedObject(std::string& out) : out_(out) { out_.push_back('{'); }

  void Leaf(const std::vector<std::string>& path, const std::string& json) {
    size_t common = 0;
    while (common < open_.size() && common + 1 < path.size() && open_[common] == path[common]) {
      ++common;
    }
    CloseTo(common);
    for (; common + 1 < path.size(); ++common) {
      Key(path[common]);
      out_.push_back('{');
      first_ = true;
      open_.push_back(path[common]);
    }
    Key(path.back());
    out_ += json;
  }
  void Close() {
    CloseTo(0);
    out_.push_back('}');
  }

 private:
  void Key(const std::string& key) {
    if (!first_) out_.push_back(',');
    first_ = false;
    AppendJsonString(key, &out_);
    out_.push_back(':');
  }
  void CloseTo(size_t depth) {
    for (; open_.size() > depth; open_.pop_back()) {
      out_.push_back('}');
      first_ = false;
    }
  }

  std::string& out_;
  std::vector<std::string> open_;
  bool first_ = true;
};

bool KeepsBounds(const DataType& type) {
  return type.IsNumeric() || type.IsString() || type.IsDatetime();
}

void CollectLeaves(const PhysicalField& field, std::vector<std::string>& path,
                   std::vector<StatisticsColumn>& out) {
  path.push_back(field.physical_name);
  if (field.type.Is(TypeId::kStruct)) {
    for (const PhysicalField& child : field.children) CollectLeaves(child, path, out);
  } else {
    out.push_back({path, field.type, KeepsBounds(field.type)});
  }
  path.pop_back();
}

/// "a.`b.c`" → {"a", "b.c"}
std::vector<std::string> SplitPath(std::string_view text) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '`') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  return out;
}

bool StartsWith(const std::vector<std::string>& path, const std::vector<std::string>& prefix) {
  if (prefix.empty() || prefix.size() > path.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (path[i] != prefix[i]) return false;
  }
  return true;
}

}  // namespace

std::string StatisticsToJson(const FileStatistics& statistics) {
  std::string out;
  ObjectWriter writer(out);
  writer.Int("numRecords", statistics.num_records);
  const auto bounds = [&](const char* key, bool is_max) {
    writer.Key(key);
    NestedObject object(out);
    for (const ColumnStatistics& column : statistics.columns) {
      const std::optional<Value>& value = is_max ? column.max : column.min;
      if (!value) continue;
      const bool whole = statistics.bounds_as_they_stand && value->type().Is(TypeId::kString);
      const auto json = whole ? WholeString(value->text()) : BoundJson(*value, is_max);
      if (json) object.Leaf(column.physical_path, *json);
    }
    object.Close();
  };
  bounds("minValues", false);
  bounds("maxValues", true);
  writer.Key("nullCount");
  NestedObject counts(out);
  for (const ColumnStatistics& column : statistics.columns) {
    if (column.null_count) counts.Leaf(column.physical_path, std::to_string(*column.null_count));
  }
  counts.Close();
  writer.Bool("tightBounds", statistics.tight_bounds);
  writer.Close();
  return out;
}

std::vector<StatisticsColumn> StatisticsColumns(const Metadata& metadata,
                                                const PhysicalSchema& schema,
                                                const TableProperties& properties) {
  std::vector<StatisticsColumn> leaves;
  for (const PhysicalField& field : schema.fields) {
    bool is_partition = false;
    for (const std::string& name : metadata.partition_columns) {
      if (SameName(name, field.name)) is_partition = true;
    }
    std::vector<std::string> path;
    if (!is_partition) CollectLeaves(field, path, leaves);
  }
  if (!properties.data_skipping_columns.empty()) {
    std::vector<std::vector<std::string>> wanted;
    for (const std::string& name : properties.data_skipping_columns) {
      wanted.push_back(schema.PhysicalPath(SplitPath(name)));
    }
    std::erase_if(leaves, [&](const StatisticsColumn& leaf) {
      for (const auto& prefix : wanted) {
        if (StartsWith(leaf.physical_path, prefix)) return false;
      }
      return true;
    });
  } else if (properties.data_skipping_num_indexed_cols >= 0) {
    const auto max = static_cast<size_t>(properties.data_skipping_num_indexed_cols);
    if (leaves.size() > max) leaves.resize(max);
  }
  return leaves;
}

std::string WithLooseBounds(std::string_view stats_json) {
  const size_t close = stats_json.find_last_of('}');
  const size_t open = stats_json.find('{');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::string(stats_json);
  }
  constexpr std::string_view kKey = "\"tightBounds\"";
  int depth = 0;
  bool empty = true;
  for (size_t at = open; at < close; ++at) {
    const char c = stats_json[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    empty = false;
    const bool found = depth == 1 && stats_json.substr(at).starts_with(kKey);
    size_t end = at + 1;
    while (end < close && stats_json[end] != '"') end += stats_json[end] == '\\' ? 2 : 1;
    at = end;
    if (!found) continue;
    const size_t value = stats_json.find_first_not_of(": \t\r\n", end + 1);
    const size_t behind = stats_json.find_first_of(",} \t\r\n", value);
    return std::string(stats_json.substr(0, value)) + "false" +
           std::string(stats_json.substr(std::min(behind, close)));
  }
  return std::string(stats_json.substr(0, close)) + (empty ? "" : ",") + "\"tightBounds\":false" +
         std::string(stats_json.substr(close));
}

std::optional<int64_t> NumRecordsOf(std::string_view stats_json) {
  constexpr std::string_view kUsual = "{\"numRecords\":";
  if (stats_json.starts_with(kUsual)) {
    int64_t number = 0;
    const char* begin = stats_json.data() + kUsual.size();
    const char* end = stats_json.data() + stats_json.size();
    const auto [rest, failure] = std::from_chars(begin, end, number);
    if (failure == std::errc() && rest != end && (*rest == ',' || *rest == '}') && number >= 0) {
      return number;
    }
  }
  StatsReader reader({});
  reader.Read(stats_json, false);
  return reader.num_records();
}

}  // namespace tarn::delta
