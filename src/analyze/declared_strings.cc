#include "tarn/analyze/declared_strings.h"

#include <algorithm>
#include <vector>

#include "tarn/base/json_string.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"
#include "tarn/types/any_type.h"
#include "tarn/types/schema_json.h"

namespace tarn::analyze {

namespace {

constexpr std::string_view kDeclaration = "__CHAR_VARCHAR_TYPE_STRING";

bool HasLength(const DataType& type) { return type.Is(TypeId::kChar) || type.Is(TypeId::kVarchar); }

DataType Stored(const DataType& type) {
  switch (type.id()) {
    case TypeId::kChar:
    case TypeId::kVarchar:
      return TypeId::kString;
    case TypeId::kStruct: {
      std::vector<Field> fields = type.fields();
      for (Field& field : fields) field.type = Stored(field.type);
      return DataType::Struct(std::move(fields));
    }
    case TypeId::kArray:
      return DataType::Array(Stored(type.element()), type.contains_null());
    case TypeId::kMap:
      return DataType::Map(Stored(type.key()), Stored(type.value()), type.contains_null());
    default:
      return type;
  }
}

/// The declaration of field `i` of a struct that may have changed since it was declared: the one of
/// its name, of its place if only names changed, else none.
const DataType* DeclaredOf(const std::vector<Field>& stored, size_t i, const DataType& declared) {
  const std::vector<Field>& fields = declared.fields();
  const auto named = std::ranges::find_if(
      fields, [&](const Field& field) { return SameName(field.name, stored[i].name); });
  if (named != fields.end()) return &named->type;
  return fields.size() == stored.size() ? &fields[i].type : nullptr;
}

/// The stored type with the lengths of its declaration; nullopt where the two don't fit.
std::optional<DataType> WithLengths(const DataType& stored, const DataType& declared) {
  if (HasLength(declared)) {
    return stored.IsString() ? std::optional(declared) : std::nullopt;
  }
  if (stored.id() != declared.id()) return std::nullopt;
  switch (stored.id()) {
    case TypeId::kStruct: {
      std::vector<Field> fields = stored.fields();
      for (size_t i = 0; i < fields.size(); ++i) {
        const DataType* of = DeclaredOf(stored.fields(), i, declared);
        const auto type = of ? WithLengths(fields[i].type, *of) : std::optional(fields[i].type);
        if (!type) return std::nullopt;
        fields[i].type = *type;
      }
      return DataType::Struct(std::move(fields));
    }
    case TypeId::kArray: {
      const auto element = WithLengths(stored.element(), declared.element());
      if (!element) return std::nullopt;
      return DataType::Array(*element, stored.contains_null());
    }
    case TypeId::kMap: {
      const auto key = WithLengths(stored.key(), declared.key());
      const auto value = WithLengths(stored.value(), declared.value());
      if (!key || !value) return std::nullopt;
      return DataType::Map(*key, *value, stored.contains_null());
    }
    default:
      return stored;
  }
}

/// Whether the field, or a field of its structs, has a note. A field that was added to a struct
/// later has one of its own.
bool HasNotes(const Field& field) {
  if (!field.Metadata(kDeclaration).empty()) return true;
  return field.type.Is(TypeId::kStruct) && std::ranges::any_of(field.type.fields(), HasNotes);
}

DataType WithNotes(const Field& field) {
  DataType type = field.type;
  if (const std::string note = MetadataText(field, kDeclaration); !note.empty()) {
    const auto declared = sql::ParseDataType(note);
    type = (declared.ok() ? WithLengths(type, *declared) : std::nullopt).value_or(type);
  }
  if (!type.Is(TypeId::kStruct)) return type;
  std::vector<Field> fields = type.fields();
  for (Field& inner : fields) inner.type = WithNotes(inner);
  return DataType::Struct(std::move(fields));
}

/// A name for a lambda's parameter that no enclosing one has.
std::string ParameterName(int depth) { return "`value at " + std::to_string(depth) + "`"; }

std::string Padded(const DataType& type, const std::string& operand, int depth) {
  if (!HoldsChar(type)) return operand;
  const std::string item = ParameterName(depth);
  switch (type.id()) {
    case TypeId::kChar: {
      // As rpad cuts what is longer.
      const std::string length = std::to_string(type.length());
      return "if(length(" + operand + ") < " + length + ", rpad(" + operand + ", " + length +
             "), " + operand + ")";
    }
    case TypeId::kStruct: {
      std::string fields;
      for (const Field& field : type.fields()) {
        fields += (fields.empty() ? "" : ", ") + sql::QuoteString(field.name) + ", " +
                  Padded(field.type, operand + "." + QuoteIdentifier(field.name), depth);
      }
      return "if(" + operand + " IS NULL, NULL, named_struct(" + fields + "))";
    }
    case TypeId::kArray:
      return "transform(" + operand + ", " + item + " -> " +
             Padded(type.element(), item, depth + 1) + ")";
    default:
      return "map_from_arrays(transform(map_keys(" + operand + "), " + item + " -> " +
             Padded(type.key(), item, depth + 1) + "), transform(map_values(" + operand + "), " +
             item + " -> " + Padded(type.value(), item, depth + 1) + "))";
  }
}

/// "" if nothing within has a length.
std::string Fits(const DataType& type, const std::string& operand, int depth) {
  const std::string item = ParameterName(depth);
  const auto each = [&](const DataType& element, const std::string& list) {
    const std::string fits = Fits(element, item, depth + 1);
    return fits.empty() ? fits : "forall(" + list + ", " + item + " -> " + fits + ")";
  };
  std::vector<std::string> parts;
  switch (type.id()) {
    case TypeId::kChar:
    case TypeId::kVarchar:
      parts = {"length(" + operand + ") <= " + std::to_string(type.length())};
      break;
    case TypeId::kStruct:
      for (const Field& field : type.fields()) {
        parts.push_back(Fits(field.type, operand + "." + QuoteIdentifier(field.name), depth));
      }
      break;
    case TypeId::kArray:
      parts = {each(type.element(), operand)};
      break;
    case TypeId::kMap:
      parts = {each(type.key(), "map_keys(" + operand + ")"),
               each(type.value(), "map_values(" + operand + ")")};
      break;
    default:
      break;
  }
  std::string all;
  for (const std::string& part : parts) {
    if (!part.empty()) all += (all.empty() ? "" : " AND ") + part;
  }
  return all.empty() ? all : "coalesce(" + all + ", true)";
}

}  // namespace

void StoreDeclaration(Field& field) {
  std::erase_if(field.metadata, [](const auto& entry) { return entry.first == kDeclaration; });
  if (!AnyType(field.type, HasLength)) return;
  field.SetMetadata(std::string(kDeclaration), JsonString(field.type.ToString()));
  field.type = Stored(field.type);
}

std::optional<DataType> DeclaredType(const Field& field) {
  if (!HasNotes(field)) return std::nullopt;
  DataType declared = WithNotes(field);
  if (!AnyType(declared, HasLength)) return std::nullopt;
  return declared;
}

bool HoldsChar(const DataType& declared) {
  return AnyType(declared, [](const DataType& type) { return type.Is(TypeId::kChar); });
}

Status CheckCharLengths(const DataType& declared) {
  const bool too_long = AnyType(declared, [](const DataType& type) {
    return type.Is(TypeId::kChar) && type.length() > kCharLengthMax;
  });
  if (!too_long) return {};
  return UnsupportedFeature("CHAR of more than " + std::to_string(kCharLengthMax) + " characters");
}

std::string PaddedText(const DataType& declared, const std::string& operand) {
  return Padded(declared, operand, 0);
}

std::string FitsText(const DataType& declared, const std::string& operand) {
  const std::string fits = Fits(declared, operand, 0);
  return fits.empty() ? "true" : fits;
}

}  // namespace tarn::analyze
