#include "tarn/types/schema_json.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "tarn/base/json_string.h"

namespace tarn {

namespace {

using Json = nlohmann::ordered_json;

// One level of a type takes at most three levels of JSON (type, fields, field).
constexpr int kJsonDepthMax = 3 * kTypeDepthMax + 8;

Error Corrupt(std::string detail) {
  return Error(Condition("DELTA_LOG_CORRUPT"),
               {{"table", "the table"}, {"file", "schemaString"}, {"detail", std::move(detail)}});
}

/// Whether brackets outside of strings nest deeper than a schema may.
bool TooDeep(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kJsonDepthMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

/// "name(1,2)" → its numbers, if the text has that form with `count` numbers.
std::optional<std::vector<int>> Arguments(std::string_view text, std::string_view name,
                                          size_t count) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  if (text.size() < 3 || text.front() != '(' || text.back() != ')') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<int> numbers;
  while (true) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || number < 0) return std::nullopt;
    numbers.push_back(number);
    text.remove_prefix(end - text.data());
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.empty()) break;
    if (text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
  if (numbers.size() != count) return std::nullopt;
  return numbers;
}

std::optional<IntervalField> DayTimeField(std::string_view name) {
  if (name == "day") return IntervalField::kDay;
  if (name == "hour") return IntervalField::kHour;
  if (name == "minute") return IntervalField::kMinute;
  if (name == "second") return IntervalField::kSecond;
  return std::nullopt;
}

std::optional<DataType> ParseInterval(std::string_view text) {
  if (text == "interval") return DataType(TypeId::kCalendarInterval);
  if (!text.starts_with("interval ")) return std::nullopt;
  text.remove_prefix(9);
  const size_t to = text.find(" to ");
  const std::string_view start = text.substr(0, to);
  const std::string_view end = to == text.npos ? start : text.substr(to + 4);
  if (start == "year" || start == "month") {
    if (end != "year" && end != "month") return std::nullopt;
    return DataType::YearMonth(start == "year" ? IntervalField::kYear : IntervalField::kMonth,
                               end == "year" ? IntervalField::kYear : IntervalField::kMonth);
  }
  const auto first = DayTimeField(start);
  const auto last = DayTimeField(end);
  if (!first || !last || *first > *last) return std::nullopt;
  return DataType::DayTime(*first, *last);
}

constexpr std::pair<std::string_view, TypeId> kAtomicNames[] = {
    {"string", TypeId::kString},
    {"integer", TypeId::kInt},
    {"long", TypeId::kLong},
    {"double", TypeId::kDouble},
    {"boolean", TypeId::kBoolean},
    {"date", TypeId::kDate},
    {"timestamp", TypeId::kTimestamp},
    {"timestamp_ntz", TypeId::kTimestampNtz},
    {"float", TypeId::kFloat},
    {"short", TypeId::kShort},
    {"byte", TypeId::kByte},
    {"binary", TypeId::kBinary},
    {"decimal", TypeId::kDecimal},
    {"void", TypeId::kNull},
    {"variant", TypeId::kVariant},
    {"time(6)", TypeId::kTime},
    // Spark reads these too.
    {"null", TypeId::kNull},
    {"timestamp_ltz", TypeId::kTimestamp},
    {"time", TypeId::kTime},
};

Result<DataType> ParseAtomic(const std::string& name) {
  for (const auto& [text, id] : kAtomicNames) {
    if (name == text) return DataType(id);
  }
  if (const auto numbers = Arguments(name, "decimal", 2)) {
    const int precision = (*numbers)[0];
    const int scale = (*numbers)[1];
    if (precision > 38 || scale > precision) return Corrupt("invalid type \"" + name + "\"");
    return DataType::Decimal(precision, scale);
  }
  if (const auto numbers = Arguments(name, "varchar", 1)) return DataType::Varchar((*numbers)[0]);
  if (const auto numbers = Arguments(name, "char", 1)) return DataType::Char((*numbers)[0]);
  if (auto interval = ParseInterval(name)) return *std::move(interval);
  return Corrupt("unknown type \"" + name + "\"");
}

Result<DataType> ParseType(const Json& json, int depth);

/// The member `key` of an object, which must be there.
Result<const Json*> Member(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return Corrupt(std::string("a type lacks \"") + key + "\"");
  return &*found;
}

Result<bool> FlagMember(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return true;
  if (!found->is_boolean()) return Corrupt(std::string("\"") + key + "\" must be a boolean");
  return found->get<bool>();
}

Result<Field> ParseField(const Json& json, int depth) {
  if (!json.is_object()) return Corrupt("a field must be an object");
  TARN_ASSIGN(const Json* name, Member(json, "name"));
  TARN_ASSIGN(const Json* type, Member(json, "type"));
  if (!name->is_string()) return Corrupt("a field's name must be a string");
  Field field;
  field.name = name->get<std::string>();
  TARN_ASSIGN(field.type, ParseType(*type, depth));
  TARN_ASSIGN(field.nullable, FlagMember(json, "nullable"));
  const auto metadata = json.find("metadata");
  if (metadata != json.end() && !metadata->is_null()) {
    if (!metadata->is_object()) return Corrupt("a field's metadata must be an object");
    for (const auto& [key, value] : metadata->items())
      field.metadata.emplace_back(key, value.dump());
  }
  return field;
}

Result<DataType> ParseStruct(const Json& json, int depth) {
  TARN_ASSIGN(const Json* list, Member(json, "fields"));
  if (!list->is_array()) return Corrupt("\"fields\" must be an array");
  std::vector<Field> fields;
  fields.reserve(list->size());
  for (const Json& item : *list) {
    TARN_ASSIGN(Field field, ParseField(item, depth));
    fields.push_back(std::move(field));
  }
  return DataType::Struct(std::move(fields));
}

Result<DataType> ParseType(const Json& json, int depth) {
  if (json.is_string()) return ParseAtomic(json.get_ref<const std::string&>());
  if (!json.is_object()) return Corrupt("a type must be a string or an object");
  if (depth >= kTypeDepthMax) return Corrupt("types are nested too deeply");
  TARN_ASSIGN(const Json* kind, Member(json, "type"));
  if (!kind->is_string()) return Corrupt("a type's \"type\" must be a string");
  const auto& name = kind->get_ref<const std::string&>();
  if (name == "struct") return ParseStruct(json, depth + 1);
  if (name == "array") {
    TARN_ASSIGN(const Json* element_json, Member(json, "elementType"));
    TARN_ASSIGN(DataType element, ParseType(*element_json, depth + 1));
    TARN_ASSIGN(const bool contains_null, FlagMember(json, "containsNull"));
    return DataType::Array(std::move(element), contains_null);
  }
  if (name == "map") {
    TARN_ASSIGN(const Json* key_json, Member(json, "keyType"));
    TARN_ASSIGN(const Json* value_json, Member(json, "valueType"));
    TARN_ASSIGN(DataType key, ParseType(*key_json, depth + 1));
    TARN_ASSIGN(DataType value, ParseType(*value_json, depth + 1));
    TARN_ASSIGN(const bool contains_null, FlagMember(json, "valueContainsNull"));
    return DataType::Map(std::move(key), std::move(value), contains_null);
  }
  if (name == "udt") {
    TARN_ASSIGN(const Json* sql_type, Member(json, "sqlType"));
    return ParseType(*sql_type, depth + 1);
  }
  return Corrupt("unknown type \"" + name + "\"");
}

Result<DataType> ParseText(std::string_view text) {
  if (TooDeep(text)) return Corrupt("types are nested too deeply");
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Corrupt("malformed JSON");
  return ParseType(json, 0);
}

std::string AtomicJsonName(const DataType& type) {
  switch (type.id()) {
    case TypeId::kByte:
      return "byte";
    case TypeId::kShort:
      return "short";
    case TypeId::kInt:
      return "integer";
    case TypeId::kLong:
      return "long";
    default:
      return type.ToString();
  }
}

void AppendType(const DataType& type, std::string* out);

void AppendFields(const std::vector<Field>& fields, std::string* out) {
  *out += R"({"type":"struct","fields":[)";
  bool first = true;
  for (const Field& field : fields) {
    if (!first) *out += ',';
    first = false;
    *out += R"({"name":)" + JsonString(field.name) + R"(,"type":)";
    AppendType(field.type, out);
    *out += R"(,"nullable":)";
    *out += field.nullable ? "true" : "false";
    *out += R"(,"metadata":{)";
    for (size_t i = 0; i < field.metadata.size(); ++i) {
      if (i > 0) *out += ',';
      *out += JsonString(field.metadata[i].first) + ":" + field.metadata[i].second;
    }
    *out += "}}";
  }
  *out += "]}";
}

void AppendType(const DataType& type, std::string* out) {
  switch (type.id()) {
    case TypeId::kStruct:
      AppendFields(type.fields(), out);
      return;
    case TypeId::kArray:
      *out += R"({"type":"array","elementType":)";
      AppendType(type.element(), out);
      *out += R"(,"containsNull":)";
      *out += type.contains_null() ? "true}" : "false}";
      return;
    case TypeId::kMap:
      *out += R"({"type":"map","keyType":)";
      AppendType(type.key(), out);
      *out += R"(,"valueType":)";
      AppendType(type.value(), out);
      *out += R"(,"valueContainsNull":)";
      *out += type.contains_null() ? "true}" : "false}";
      return;
    default:
      *out += JsonString(AtomicJsonName(type));
  }
}

}  // namespace

Result<Schema> ParseSchemaJson(std::string_view json) {
  TARN_ASSIGN(const DataType type, ParseText(json));
  if (!type.Is(TypeId::kStruct)) return Corrupt("the schema must be a struct");
  return Schema{type.fields()};
}

std::string SchemaToJson(const Schema& schema) {
  std::string json;
  AppendFields(schema.fields, &json);
  return json;
}

std::string DataTypeToJson(const DataType& type) {
  std::string json;
  AppendType(type, &json);
  return json;
}

Result<DataType> ParseDataTypeJson(std::string_view json) { return ParseText(json); }

std::string MetadataText(const Field& field, std::string_view key) {
  const std::string_view text = field.Metadata(key);
  if (text.empty()) return {};
  const Json json = Json::parse(text, nullptr, false);
  return json.is_string() ? json.get<std::string>() : std::string(text);
}

std::string Field::Comment() const { return MetadataText(*this, "comment"); }

void Field::SetComment(std::string_view comment) { SetMetadata("comment", JsonString(comment)); }

}  // namespace tarn
