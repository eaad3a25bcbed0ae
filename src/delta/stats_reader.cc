#include "stats_reader.h"

#include <simdjson.h>

#include <cmath>
#include <limits>

#include "json_text.h"
#include "number_text.h"
#include "tarn/types/datetime.h"

namespace tarn::delta {
namespace {

namespace od = simdjson::ondemand;

/// Bounds of timestamps are cut to milliseconds.
constexpr int64_t kTimestampSlackMicros = 999;

enum class Section : uint8_t { kMin, kMax, kNullCount };

const TimeZone& Utc() {
  static const std::shared_ptr<const TimeZone> kUtc = *FindTimeZone("UTC");
  return *kUtc;
}

}  // namespace

struct StatsReader::Parser {
  struct Node {
    std::string name;
    int leaf = -1;
    std::vector<Node> children;
  };

  Node root;
  od::parser json;
  std::string buffer;

  void AddLeaf(const std::vector<std::string>& path, int leaf) {
    Node* node = &root;
    for (const std::string& name : path) {
      Node* next = nullptr;
      for (Node& child : node->children) {
        if (child.name == name) next = &child;
      }
      if (next == nullptr) {
        node->children.push_back({name, -1, {}});
        next = &node->children.back();
      }
      node = next;
    }
    node->leaf = leaf;
  }

  /// False if the text is malformed.
  bool Walk(od::object object, const Node& node, Section section,
            std::vector<LeafStatistics>& leaves) {
    size_t left = node.children.size();
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
      auto value = field.value();
      if (value.error() != simdjson::SUCCESS) return false;
      for (const Node& child : node.children) {
        if (child.name != key) continue;
        if (!Take(value, child, section, leaves)) return false;
        --left;
        break;
      }
      if (left == 0) return true;
    }
    return true;
  }

  bool Take(simdjson::simdjson_result<od::value>& value, const Node& node, Section section,
            std::vector<LeafStatistics>& leaves) {
    od::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (type == od::json_type::object) {
      od::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return false;
      // A wanted leaf never has children, so a struct here is one on the way.
      return Walk(object, node, section, leaves);
    }
    if (node.leaf < 0 || type == od::json_type::null || type == od::json_type::array) return true;
    LeafStatistics& leaf = leaves[node.leaf];
    if (section == Section::kNullCount) {
      int64_t count = 0;
      if (value.get_int64().get(count) == simdjson::SUCCESS) leaf.null_count = count;
      return true;
    }
    std::string_view text;
    if (type == od::json_type::string) {
      if (value.get_string().get(text) != simdjson::SUCCESS) return false;
    } else {
      if (value.raw_json_token().get(text) != simdjson::SUCCESS) return false;
      while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    }
    (section == Section::kMin ? leaf.min : leaf.max) = text;
    return true;
  }
};

StatsReader::StatsReader(const std::vector<std::vector<std::string>>& leaves)
    : parser_(std::make_unique<Parser>()), leaves_(leaves.size()) {
  for (size_t i = 0; i < leaves.size(); ++i) parser_->AddLeaf(leaves[i], static_cast<int>(i));
}

StatsReader::~StatsReader() = default;

void StatsReader::Read(std::string_view stats, bool escaped) {
  num_records_.reset();
  tight_bounds_.reset();
  for (LeafStatistics& leaf : leaves_) leaf = LeafStatistics();
  if (stats.empty()) return;
  std::string& buffer = parser_->buffer;
  if (escaped) {
    if (!UnescapeJson(stats, buffer)) return;
  } else {
    buffer.assign(stats);
  }
  const size_t length = buffer.size();
  buffer.append(simdjson::SIMDJSON_PADDING, ' ');
  od::document document;
  od::object object;
  bool good = parser_->json.iterate(buffer.data(), length, buffer.size()).get(document) ==
                  simdjson::SUCCESS &&
              document.get_object().get(object) == simdjson::SUCCESS;
  if (good) {
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) {
        good = false;
        break;
      }
      auto value = field.value();
      int64_t number = 0;
      if (key == "numRecords") {
        if (value.get_int64().get(number) == simdjson::SUCCESS && number >= 0)
          num_records_ = number;
        continue;
      }
      if (key == "tightBounds") {
        bool tight = false;
        if (value.get_bool().get(tight) == simdjson::SUCCESS) tight_bounds_ = tight;
        continue;
      }
      const bool is_min = key == "minValues";
      const bool is_max = key == "maxValues";
      if (!is_min && !is_max && key != "nullCount") continue;
      od::object section;
      if (value.get_object().get(section) != simdjson::SUCCESS) continue;
      good = parser_->Walk(section, parser_->root,
                           is_min   ? Section::kMin
                           : is_max ? Section::kMax
                                    : Section::kNullCount,
                           leaves_);
      if (!good) break;
    }
  }
  if (!good) {
    num_records_.reset();
    tight_bounds_.reset();
    for (LeafStatistics& leaf : leaves_) leaf = LeafStatistics();
  }
}

std::optional<Value> ParseBound(std::string_view text, const DataType& type, bool is_max) {
  const int64_t slack = is_max ? kTimestampSlackMicros : 0;
  switch (type.id()) {
    case TypeId::kBoolean:
      if (text == "true") return Value::Boolean(true);
      if (text == "false") return Value::Boolean(false);
      return std::nullopt;
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      if (const auto number = ParseIntegerText(text, type)) return Value::Of(type, *number);
      return std::nullopt;
    case TypeId::kFloat:
      if (const auto number = ParseRealText(text)) {
        return Value::Of(type, double{static_cast<float>(*number)});
      }
      return std::nullopt;
    case TypeId::kDouble:
      // It may be a float's shortest text, from before the column was widened, and then stands for
      // that float.
      if (const auto number = ParseRealText(text)) {
        const double as_float = static_cast<float>(*number);
        return Value::Of(type, is_max ? std::max(*number, as_float) : std::min(*number, as_float));
      }
      return std::nullopt;
    case TypeId::kDecimal:
      if (const auto number = ParseDecimalText(text, type.precision(), type.scale())) {
        return Value::Of(type, *number);
      }
      return std::nullopt;
    case TypeId::kString:
    case TypeId::kVarchar:
      return Value::Of(type, std::string(text));
    case TypeId::kDate:
      if (const auto days = ParseDate(text)) return Value::Of(type, int64_t{*days});
      return std::nullopt;
    case TypeId::kTimestamp:
      if (const auto micros = ParseTimestamp(text, Utc())) return Value::Of(type, *micros + slack);
      return std::nullopt;
    case TypeId::kTimestampNtz:
      if (const auto micros = ParseTimestampNtz(text, true)) {
        return Value::Of(type, *micros + slack);
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace tarn::delta
