#include "column_type.h"

#include <cctype>

#include "tarn/delta/type_widening.h"

namespace tarn::session {

namespace {

/// An expression over the table's columns that reads one of them: a constraint or a generated
/// column. Its meaning could change with the column's type.
Status RequireNoDependents(const delta::Metadata& table, const std::string& column,
                           const SourceRange& source) {
  const auto reads = [&](const std::string& text) {
    const std::string folded = FoldName(text);
    const std::string name = FoldName(column);
    for (size_t at = folded.find(name); at != folded.npos; at = folded.find(name, at + 1)) {
      const auto is_part = [&](size_t i) {
        return i < folded.size() &&
               (std::isalnum(static_cast<unsigned char>(folded[i])) != 0 || folded[i] == '_');
      };
      if (!(at > 0 && is_part(at - 1)) && !is_part(at + name.size())) return true;
    }
    return false;
  };
  for (const auto& [key, text] : table.configuration) {
    if (!key.starts_with("delta.constraints.") || !reads(text)) continue;
    return UnsupportedFeature("ALTER COLUMN … TYPE of a column that the constraint " +
                                  key.substr(std::string_view("delta.constraints.").size()) +
                                  " reads",
                              source);
  }
  for (const Field& field : table.schema.fields) {
    if (!reads(std::string(field.Metadata("delta.generationExpression")))) continue;
    return UnsupportedFeature(
        "ALTER COLUMN … TYPE of a column that the generated column " + field.name + " reads",
        source);
  }
  return {};
}

}  // namespace

Status ChangeColumnType(const delta::Metadata& table, Field& field,
                        const sql::ColumnChange& column) {
  if (!delta::AllowsTypeWidening(table) || !delta::IsTypeWidening(field.type, *column.type)) {
    return Error(Condition("DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP"),
                 {{"fieldPath", field.name},
                  {"oldField", field.type.ToSql()},
                  {"newField", column.type->ToSql()}})
        .WithPosition(column.type_source);
  }
  TARN_TRY(RequireNoDependents(table, field.name, column.type_source));
  delta::WidenColumn(field, *column.type);
  return {};
}

}  // namespace tarn::session
