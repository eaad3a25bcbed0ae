#include "column_type.h"

#include <cctype>
#include <string_view>

#include "tarn/analyze/declared_strings.h"
#include "tarn/delta/constraints.h"
#include "tarn/delta/type_widening.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

/// Whether the text names it, as a word of its own: an expression that only seems to read a column
/// is better refused than broken.
bool Names(std::string_view text, std::string_view column) {
  const std::string folded = FoldName(text);
  const std::string name = FoldName(column);
  const auto is_part = [&](size_t i) {
    return i < folded.size() &&
           (std::isalnum(static_cast<unsigned char>(folded[i])) != 0 || folded[i] == '_');
  };
  for (size_t at = folded.find(name); at != folded.npos; at = folded.find(name, at + 1)) {
    if (!(at > 0 && is_part(at - 1)) && !is_part(at + name.size())) return true;
  }
  return false;
}

/// As Spark has it: char(n) stays or becomes varchar, a length doesn't shrink, STRING has none.
bool LengthMayBecome(const DataType& from, const DataType& to) {
  if (!from.Is(TypeId::kChar) && !from.Is(TypeId::kVarchar)) return false;
  return to.IsString() && !to.Is(TypeId::kChar) &&
         (!to.Is(TypeId::kVarchar) || to.length() >= from.length());
}

}  // namespace

Status RequireNoDependents(const delta::Metadata& table, const std::vector<sql::Identifier>& name,
                           const std::string& operation) {
  // An expression reads a nested field by its column and by itself.
  const auto reads = [&](std::string_view text) {
    return Names(text, name.front().text) && Names(text, name.back().text);
  };
  const auto refuse = [&](Condition condition, const char* parameter, std::string dependents) {
    return Error(condition, {{"operation", operation},
                             {"columnName", sql::ToSql(name)},
                             {parameter, std::move(dependents)}})
        .WithPosition(name.front().source);
  };
  TARN_ASSIGN(const delta::TableConstraints constraints, delta::ConstraintsOf(table));
  for (const delta::CheckConstraint& check : constraints.checks) {
    if (!reads(check.sql)) continue;
    return refuse(Condition("DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE"), "constraints",
                  check.name + " -> " + check.sql);
  }
  for (const delta::ColumnExpression& generated : constraints.generated) {
    if (!reads(generated.sql)) continue;
    return refuse(Condition("DELTA_GENERATED_COLUMNS_DEPENDENT_COLUMN_CHANGE"), "generatedColumns",
                  generated.column + " -> " + generated.sql);
  }
  return {};
}

Status ChangeColumnType(const delta::Metadata& table, Field& field, delta::InnerPath path,
                        const sql::ColumnChange& column) {
  const DataType declared = analyze::DeclaredType(field).value_or(field.type);
  const DataType& from = *delta::TypeWithin(declared, path);
  const DataType& to = *column.type;
  if (from == to) return {};
  if (path.empty() && LengthMayBecome(from, to)) {
    field.type = to;
    analyze::StoreDeclaration(field);
    return {};
  }
  if (!delta::AllowsTypeWidening(table) || !delta::IsTypeWidening(from, to)) {
    return Error(Condition("DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP"),
                 {{"fieldPath", sql::ToSql(column.column)},
                  {"oldField", from.ToSql()},
                  {"newField", to.ToSql()}})
        .WithPosition(column.type_source);
  }
  TARN_TRY(RequireNoDependents(table, column.column, "change the type of"));
  delta::WidenColumn(field, to, path);
  return {};
}

}  // namespace tarn::session
