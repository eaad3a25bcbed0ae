#include "nested_fields.h"

#include <optional>

#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

class Editor {
 public:
  Editor(std::span<const sql::Identifier> path, const FieldsEdit& edit)
      : path_(path), edit_(edit) {}

  Status Fields(std::vector<Field>& fields, size_t depth) {
    if (depth == path_.size()) return edit_(fields);
    const std::optional<size_t> at = FindField(fields, path_[depth].text);
    if (!at) return NoSuchField(path_[depth], fields);
    TARN_ASSIGN(fields[*at].type, Inside(fields[*at].type, depth + 1));
    return {};
  }

 private:
  Result<DataType> Inside(const DataType& type, size_t depth) {
    if (type.Is(TypeId::kStruct)) {
      std::vector<Field> fields = type.fields();
      TARN_TRY(Fields(fields, depth));
      return DataType::Struct(std::move(fields));
    }
    const auto is = [&](const char* part) {
      return depth < path_.size() && SameName(path_[depth].text, part);
    };
    if (type.Is(TypeId::kArray) && is("element")) {
      TARN_ASSIGN(DataType element, Inside(type.element(), depth + 1));
      return DataType::Array(std::move(element), type.contains_null());
    }
    if (type.Is(TypeId::kMap) && is("key")) {
      TARN_ASSIGN(DataType key, Inside(type.key(), depth + 1));
      return DataType::Map(std::move(key), type.value(), type.contains_null());
    }
    if (type.Is(TypeId::kMap) && is("value")) {
      TARN_ASSIGN(DataType value, Inside(type.value(), depth + 1));
      return DataType::Map(type.key(), std::move(value), type.contains_null());
    }
    const std::vector<sql::Identifier> reached(path_.begin(),
                                               path_.begin() + static_cast<std::ptrdiff_t>(depth));
    return Error(
               Condition("INVALID_FIELD_NAME"),
               {{"fieldName", sql::ToSql(std::vector<sql::Identifier>(path_.begin(), path_.end()))},
                {"path", sql::ToSql(reached)}})
        .WithPosition(path_[0].source);
  }

  const std::span<const sql::Identifier> path_;
  const FieldsEdit& edit_;
};

}  // namespace

Error NoSuchField(const sql::Identifier& name, const std::vector<Field>& fields) {
  std::string names;
  for (const Field& field : fields) {
    names += (names.empty() ? "" : ", ") + QuoteIdentifier(field.name);
  }
  return Error(Condition("FIELD_NOT_FOUND"),
               {{"fieldName", QuoteIdentifier(name.text)}, {"fields", names}})
      .WithPosition(name.source);
}

std::optional<size_t> FindField(const std::vector<Field>& fields, std::string_view name) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (SameName(fields[i].name, name)) return i;
  }
  return std::nullopt;
}

const Field* FieldNamed(const std::vector<Field>& fields, std::string_view name) {
  const std::optional<size_t> at = FindField(fields, name);
  return at ? &fields[*at] : nullptr;
}

Status EditFields(std::vector<Field>& columns, std::span<const sql::Identifier> path,
                  const FieldsEdit& edit) {
  return Editor(path, edit).Fields(columns, 0);
}

}  // namespace tarn::session
