#include "avro_schema.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "read_error.h"

namespace tarn::format {

namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int64_t NumberOf(const Json& json, const char* key, int64_t otherwise) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<int64_t>() : otherwise;
}

class Parser {
 public:
  Result<AvroType> Parse(const Json& json, const std::string& space, int depth = 0) {
    if (depth > kTypeDepthMax) return ReadFailure("its schema is nested too deeply");
    if (json.is_string()) return Named(json.get<std::string>(), space);
    if (json.is_array()) return Union(json, space, depth);
    if (!json.is_object()) return ReadFailure("its schema isn't one of Avro");
    const auto type = json.find("type");
    if (type == json.end()) return ReadFailure("its schema has a type without \"type\"");
    if (!type->is_string()) return Parse(*type, space, depth + 1);
    const std::string name = type->get<std::string>();
    if (name == "record" || name == "error") return Record(json, space, depth);
    if (name == "enum") return Enum(json, space);
    if (name == "fixed") return Fixed(json, space);
    if (name == "array" || name == "map") return Collection(json, name, space, depth);
    TARN_ASSIGN(AvroType plain, Named(name, space));
    ApplyLogical(json, plain);
    return plain;
  }

 private:
  static AvroType Plain(AvroKind kind, DataType type) {
    AvroType result;
    result.kind = kind;
    result.type = std::move(type);
    return result;
  }

  Result<AvroType> Named(const std::string& name, const std::string& space) const {
    static const std::map<std::string, AvroType, std::less<>> kPrimitives = {
        {"null", Plain(AvroKind::kNull, TypeId::kNull)},
        {"boolean", Plain(AvroKind::kBoolean, TypeId::kBoolean)},
        {"int", Plain(AvroKind::kInt, TypeId::kInt)},
        {"long", Plain(AvroKind::kLong, TypeId::kLong)},
        {"float", Plain(AvroKind::kFloat, TypeId::kFloat)},
        {"double", Plain(AvroKind::kDouble, TypeId::kDouble)},
        {"bytes", Plain(AvroKind::kBytes, TypeId::kBinary)},
        {"string", Plain(AvroKind::kString, TypeId::kString)}};
    if (const auto found = kPrimitives.find(name); found != kPrimitives.end()) {
      return found->second;
    }
    const std::string full = FullName(name, space);
    if (open_.contains(full)) {
      return UnsupportedFeature("The recursive type " + full + " of an Avro file");
    }
    const auto found = named_.find(full);
    if (found != named_.end()) return found->second;
    return ReadFailure("its schema has the unknown type " + name);
  }

  static std::string FullName(const std::string& name, const std::string& space) {
    return name.find('.') != name.npos || space.empty() ? name : space + "." + name;
  }

  /// The name of a definition and the namespace that holds within it.
  static std::pair<std::string, std::string> NameAndSpace(const Json& json,
                                                          const std::string& space) {
    const std::string name = TextOf(json, "name");
    const std::string own = json.contains("namespace") ? TextOf(json, "namespace") : space;
    const std::string full = FullName(name, own);
    const size_t dot = full.rfind('.');
    return {full, dot == full.npos ? std::string() : full.substr(0, dot)};
  }

  Result<AvroType> Record(const Json& json, const std::string& space, int depth) {
    const auto [full, inner] = NameAndSpace(json, space);
    const auto fields = json.find("fields");
    if (fields == json.end() || !fields->is_array()) {
      return ReadFailure("its schema has a record without fields");
    }
    open_.insert(full);
    AvroType record;
    record.kind = AvroKind::kRecord;
    std::vector<Field> columns;
    for (const Json& field : *fields) {
      if (!field.is_object() || !field.contains("type")) {
        return ReadFailure("its schema has a field without a type");
      }
      TARN_ASSIGN(AvroType child, Parse(field["type"], inner, depth + 1));
      record.names.push_back(TextOf(field, "name"));
      columns.push_back({record.names.back(), child.type});
      record.children.push_back(std::move(child));
    }
    open_.erase(full);
    record.type = DataType::Struct(std::move(columns));
    named_[full] = record;
    return record;
  }

  Result<AvroType> Enum(const Json& json, const std::string& space) {
    AvroType result = Plain(AvroKind::kEnum, TypeId::kString);
    const auto symbols = json.find("symbols");
    if (symbols == json.end() || !symbols->is_array()) {
      return ReadFailure("its schema has an enum without symbols");
    }
    for (const Json& symbol : *symbols) {
      result.names.push_back(symbol.is_string() ? symbol.get<std::string>() : std::string());
    }
    named_[NameAndSpace(json, space).first] = result;
    return result;
  }

  Result<AvroType> Fixed(const Json& json, const std::string& space) {
    AvroType result = Plain(AvroKind::kFixed, TypeId::kBinary);
    const int64_t size = NumberOf(json, "size", -1);
    if (size < 0 || size > (1 << 20)) return ReadFailure("its schema has a fixed without a size");
    result.fixed_bytes = static_cast<size_t>(size);
    ApplyLogical(json, result);
    named_[NameAndSpace(json, space).first] = result;
    return result;
  }

  Result<AvroType> Collection(const Json& json, const std::string& name, const std::string& space,
                              int depth) {
    const auto inner = json.find(name == "array" ? "items" : "values");
    if (inner == json.end()) return ReadFailure("its schema has an " + name + " without values");
    TARN_ASSIGN(AvroType child, Parse(*inner, space, depth + 1));
    AvroType result;
    result.kind = name == "array" ? AvroKind::kArray : AvroKind::kMap;
    result.type =
        name == "array" ? DataType::Array(child.type) : DataType::Map(TypeId::kString, child.type);
    result.children.push_back(std::move(child));
    return result;
  }

  Result<AvroType> Union(const Json& json, const std::string& space, int depth) {
    AvroType result;
    result.kind = AvroKind::kUnion;
    std::vector<DataType> types;
    for (const Json& branch : json) {
      TARN_ASSIGN(AvroType child, Parse(branch, space, depth + 1));
      if (child.kind != AvroKind::kNull) types.push_back(child.type);
      result.children.push_back(std::move(child));
    }
    const auto all = [&](std::initializer_list<TypeId> ids) {
      return std::ranges::all_of(types, [&](const DataType& type) {
        return std::ranges::find(ids, type.id()) != ids.end();
      });
    };
    if (types.empty()) {
      result.type = TypeId::kNull;
    } else if (types.size() == 1) {
      result.type = types[0];
    } else if (all({TypeId::kInt, TypeId::kLong})) {
      result.type = TypeId::kLong;
    } else if (all({TypeId::kFloat, TypeId::kDouble})) {
      result.type = TypeId::kDouble;
    } else {
      std::vector<Field> members;
      for (size_t i = 0; i < types.size(); ++i) {
        members.push_back({"member" + std::to_string(i), types[i]});
      }
      result.type = DataType::Struct(std::move(members));
    }
    return result;
  }

  static void ApplyLogical(const Json& json, AvroType& type) {
    const std::string logical = TextOf(json, "logicalType");
    if (logical == "decimal" && (type.kind == AvroKind::kBytes || type.kind == AvroKind::kFixed)) {
      const int64_t precision = NumberOf(json, "precision", 0);
      const int64_t scale = NumberOf(json, "scale", 0);
      if (precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision) {
        type.type = DataType::Decimal(static_cast<int>(precision), static_cast<int>(scale));
      }
    } else if (logical == "date" && type.kind == AvroKind::kInt) {
      type.type = TypeId::kDate;
    } else if (type.kind == AvroKind::kLong) {
      const bool local = logical.starts_with("local-timestamp-");
      if (!local && !logical.starts_with("timestamp-")) return;
      if (logical.ends_with("-millis"))
        type.scale = 1000;
      else if (!logical.ends_with("-micros"))
        return;
      type.type = local ? TypeId::kTimestampNtz : TypeId::kTimestamp;
    }
  }

  std::map<std::string, AvroType> named_;
  std::set<std::string> open_;
};

}  // namespace

Result<AvroType> ParseAvroSchema(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return ReadFailure("its schema isn't JSON");
  return Parser().Parse(parsed, "");
}

}  // namespace tarn::format
