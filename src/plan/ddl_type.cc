#include "ddl_type.h"

#include "tarn/base/parse_number.h"
#include "tarn/types/schema_json.h"

namespace tarn::plan {

namespace {

constexpr std::pair<std::string_view, TypeId> kNames[] = {
    {"boolean", TypeId::kBoolean},
    {"tinyint", TypeId::kByte},
    {"byte", TypeId::kByte},
    {"smallint", TypeId::kShort},
    {"short", TypeId::kShort},
    {"int", TypeId::kInt},
    {"integer", TypeId::kInt},
    {"bigint", TypeId::kLong},
    {"long", TypeId::kLong},
    {"float", TypeId::kFloat},
    {"real", TypeId::kFloat},
    {"double", TypeId::kDouble},
    {"date", TypeId::kDate},
    {"timestamp", TypeId::kTimestamp},
    {"timestamp_ltz", TypeId::kTimestamp},
    {"timestamp_ntz", TypeId::kTimestampNtz},
    {"string", TypeId::kString},
    {"binary", TypeId::kBinary},
    {"void", TypeId::kNull},
    {"variant", TypeId::kVariant},
    {"time", TypeId::kTime},
};

class DdlParser {
 public:
  explicit DdlParser(std::string_view text) : rest_(text) {}

  std::optional<DataType> ParseWhole(bool columns) {
    std::optional<DataType> type;
    if (columns) {
      type = Fields('\0');
    } else {
      type = Type(0);
    }
    Blanks();
    return type && rest_.empty() ? type : std::nullopt;
  }

 private:
  void Blanks() {
    while (!rest_.empty() && static_cast<unsigned char>(rest_[0]) <= ' ') rest_.remove_prefix(1);
  }

  bool Take(char c) {
    Blanks();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string Word() {
    Blanks();
    size_t end = 0;
    const auto part = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             c == '_' || static_cast<unsigned char>(c) >= 0x80;
    };
    while (end < rest_.size() && part(rest_[end])) ++end;
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }

  bool TakeWord(std::string_view word) {
    const std::string_view before = rest_;
    if (FoldName(Word()) == word) return true;
    rest_ = before;
    return false;
  }

  std::optional<std::string> Name() {
    if (!Take('`')) {
      std::string word = Word();
      return word.empty() ? std::nullopt : std::optional(std::move(word));
    }
    std::string name;
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '`') {
        if (rest_.empty() || rest_[0] != '`') return name;
        rest_.remove_prefix(1);
      }
      name += c;
    }
    return std::nullopt;
  }

  std::optional<std::string> Text() {
    Blanks();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return std::nullopt;
    const size_t close = rest_.find(rest_[0], 1);
    if (close == rest_.npos) return std::nullopt;
    std::string text(rest_.substr(1, close - 1));
    rest_.remove_prefix(close + 1);
    return text;
  }

  /// name [:] type [NOT NULL] [COMMENT 'text'], … up to `close` ('\0': the end).
  std::optional<DataType> Fields(char close) {
    std::vector<Field> fields;
    if (close && Take(close)) return DataType::Struct({});
    do {
      auto name = Name();
      if (!name) return std::nullopt;
      Take(':');
      auto type = Type(++depth_);
      --depth_;
      if (!type) return std::nullopt;
      Field field{std::move(*name), std::move(*type)};
      if (TakeWord("not")) {
        if (!TakeWord("null")) return std::nullopt;
        field.nullable = false;
      }
      if (TakeWord("comment")) {
        const auto comment = Text();
        if (!comment) return std::nullopt;
        field.SetComment(*comment);
      }
      fields.push_back(std::move(field));
    } while (Take(','));
    if (close && !Take(close)) return std::nullopt;
    return DataType::Struct(std::move(fields));
  }

  std::optional<int> Number() {
    const std::string word = Word();
    if (word.empty() || word.size() > 4 || word.find_first_not_of("0123456789") != word.npos) {
      return std::nullopt;
    }
    return ParseNumber<int>(word);
  }

  std::optional<DataType> Type(int depth) {
    if (depth > kTypeDepthMax) return std::nullopt;
    const std::string name = FoldName(Word());
    if (name == "array") {
      if (!Take('<')) return std::nullopt;
      auto element = Type(depth + 1);
      if (!element || !Take('>')) return std::nullopt;
      return DataType::Array(std::move(*element));
    }
    if (name == "map") {
      if (!Take('<')) return std::nullopt;
      auto key = Type(depth + 1);
      if (!key || !Take(',')) return std::nullopt;
      auto value = Type(depth + 1);
      if (!value || !Take('>')) return std::nullopt;
      return DataType::Map(std::move(*key), std::move(*value));
    }
    if (name == "struct") {
      if (!Take('<')) return std::nullopt;
      depth_ = depth;
      return Fields('>');
    }
    if (name == "decimal" || name == "dec" || name == "numeric") return Decimal();
    if (name == "char" || name == "varchar" || name == "character") {
      if (!Take('(') || !Number() || !Take(')')) return std::nullopt;
      return DataType(TypeId::kString);
    }
    if (name == "interval") return Interval();
    for (const auto& [known, id] : kNames) {
      if (name == known) return DataType(id);
    }
    return std::nullopt;
  }

  std::optional<DataType> Decimal() {
    if (!Take('(')) return DataType::Decimal(10, 0);
    const auto precision = Number();
    std::optional<int> scale = 0;
    if (Take(',')) scale = Number();
    if (!precision || !scale || !Take(')') || *precision > 38 || *scale > *precision)
      return std::nullopt;
    return DataType::Decimal(*precision, *scale);
  }

  std::optional<DataType> Interval() {
    std::string json = "\"interval";
    while (true) {
      const std::string_view before = rest_;
      const std::string word = FoldName(Word());
      if (word != "year" && word != "month" && word != "day" && word != "hour" &&
          word != "minute" && word != "second" && word != "to") {
        rest_ = before;
        break;
      }
      json += " " + word;
    }
    auto type = ParseDataTypeJson(json + "\"");
    return type.ok() ? std::optional(*type) : std::nullopt;
  }

  std::string_view rest_;
  int depth_ = 0;
};

}  // namespace

std::optional<DataType> ParseDdlType(std::string_view text) {
  if (auto type = DdlParser(text).ParseWhole(false)) return type;
  if (auto columns = DdlParser(text).ParseWhole(true)) return columns;
  auto json = ParseDataTypeJson(text);
  return json.ok() ? std::optional(*json) : std::nullopt;
}

}  // namespace tarn::plan
