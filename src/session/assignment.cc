#include "assignment.h"

#include <algorithm>

#include "column_default.h"
#include "nested_fields.h"
#include "tarn/delta/snapshot.h"
#include "tarn/plan/cast_mismatch.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

Status CheckStorable(const plan::Query& query, const std::vector<const Field*>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    const plan::OutputColumn& column = query.root->columns[i];
    if (plan::CanStoreAssign(column.type, fields[i]->type)) continue;
    return plan::CastMismatch(column.type, fields[i]->type, plan::CastMode::kAnsi, column.name);
  }
  return {};
}

Status AddAssigned(StatementScope& scope, GeneratedQuery& query, const sql::Expr& value,
                   const Field& field, const delta::Snapshot& snapshot) {
  query.Add("CAST(");
  if (sql::IsDefaultKeyword(value)) {
    TARN_ASSIGN(const std::string text, DefaultText(scope, snapshot, field.name));
    query.Add(text);
  } else {
    query.AddPiece(value.source);
  }
  query.Add(" AS " + field.type.ToSql() + ")");
  return {};
}

namespace {

std::string Quoted(const std::vector<sql::Identifier>& name) {
  std::string text;
  for (const sql::Identifier& part : name) {
    text += (text.empty() ? "" : ".") + QuoteIdentifier(part.text);
  }
  return text;
}

}  // namespace

Error NoSuchColumn(const std::vector<sql::Identifier>& name, const Schema& schema) {
  constexpr size_t kShownMax = 8;
  const std::string shown = Quoted(name);
  std::string known;
  for (size_t i = 0; i < schema.fields.size() && i < kShownMax; ++i) {
    known += (i == 0 ? "" : ", ") + QuoteIdentifier(schema.fields[i].name);
  }
  if (known.empty()) {
    return Error(Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"), {{"objectName", shown}})
        .WithPosition(name[0].source);
  }
  return Error(Condition("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
               {{"objectName", shown}, {"proposal", known}})
      .WithPosition(name[0].source)
      .WithHint("The table has the columns " + known +
                (schema.fields.size() > kShownMax ? " and more." : "."));
}

Result<size_t> AssignedColumn(const std::vector<sql::Identifier>& name, const Schema& schema) {
  const int index = schema.Find(name.back().text);
  if (name.size() > 1) {
    const int outer = schema.Find(name[name.size() - 2].text);
    if (outer >= 0 && schema.fields[static_cast<size_t>(outer)].type.Is(TypeId::kStruct)) {
      return UnsupportedFeature("Assignment to a nested field", name[0].source);
    }
  }
  if (index >= 0) return static_cast<size_t>(index);
  return NoSuchColumn(name, schema);
}

namespace {

/// The field that a path leads to, through structs.
Result<const Field*> FieldAt(const Field& column, const std::vector<sql::Identifier>& path) {
  const Field* at = &column;
  for (const sql::Identifier& part : path) {
    if (!at->type.Is(TypeId::kStruct)) {
      return UnsupportedFeature("Assignment to a part of an array or map", part.source);
    }
    const std::vector<Field>& fields = at->type.fields();
    const std::optional<size_t> found = FindField(fields, part);
    if (!found) return NoSuchField(part, fields);
    at = &fields[*found];
  }
  return at;
}

/// Whether one is the other, or within it.
bool Overlap(const std::vector<sql::Identifier>& a, const std::vector<sql::Identifier>& b) {
  const size_t shorter = std::min(a.size(), b.size());
  for (size_t i = 0; i < shorter; ++i) {
    if (!SameName(a[i].text, b[i].text)) return false;
  }
  return true;
}

/// A struct with new values for some of its fields, the others taken from the old one.
Status AddStruct(StatementScope& scope, GeneratedQuery& query,
                 const std::vector<ColumnAssignments::OfField>& values, size_t depth,
                 const std::string& old, const DataType& type, const delta::Snapshot& snapshot) {
  query.Add("named_struct(");
  bool first = true;
  for (const Field& field : type.fields()) {
    query.Add(std::string(first ? "" : ", ") + sql::QuoteString(field.name) + ", ");
    first = false;
    const std::string old_field = old + "." + QuoteIdentifier(field.name);
    std::vector<ColumnAssignments::OfField> within;
    for (const ColumnAssignments::OfField& value : values) {
      if (SameName(value.path[depth].text, field.name)) within.push_back(value);
    }
    if (within.empty()) {
      query.Add(old_field);
    } else if (within[0].path.size() == depth + 1) {
      TARN_TRY(AddAssigned(scope, query, *within[0].assignment->value, field, snapshot));
    } else {
      TARN_TRY(AddStruct(scope, query, within, depth + 1, old_field, field.type, snapshot));
    }
  }
  query.Add(")");
  return {};
}

}  // namespace

Result<std::vector<ColumnAssignments>> AssignmentsByColumn(
    const std::vector<sql::Assignment>& assignments, const Schema& schema) {
  std::vector<ColumnAssignments> by_column(schema.fields.size());
  for (const sql::Assignment& assignment : assignments) {
    const std::vector<sql::Identifier>& name = assignment.column;
    // What comes before the column names the table.
    const auto column = std::ranges::find_if(
        name, [&](const sql::Identifier& part) { return schema.Find(part.text) >= 0; });
    if (column == name.end()) return NoSuchColumn(name, schema);
    const auto index = static_cast<size_t>(schema.Find(column->text));
    const Field& field = schema.fields[index];
    TARN_TRY(RefuseIdentityUpdate(field, assignment.source));
    ColumnAssignments::OfField value;
    value.path.assign(std::next(column), name.end());
    value.assignment = &assignment;
    TARN_ASSIGN(value.field, FieldAt(field, value.path));
    if (!value.path.empty() && sql::IsDefaultKeyword(*assignment.value)) {
      return UnsupportedFeature("DEFAULT for a nested field", assignment.source);
    }
    for (const ColumnAssignments::OfField& other : by_column[index].values) {
      if (!Overlap(other.path, value.path)) continue;
      return Error(Condition("DELTA_CONFLICT_SET_COLUMN"), {{"columnList", Quoted(name)}})
          .WithPosition(assignment.source);
    }
    by_column[index].values.push_back(std::move(value));
  }
  return by_column;
}

Status AddNewValue(StatementScope& scope, GeneratedQuery& query, const ColumnAssignments& assigned,
                   const std::string& column, const Field& field, const delta::Snapshot& snapshot) {
  if (assigned.whole()) {
    return AddAssigned(scope, query, *assigned.values[0].assignment->value, field, snapshot);
  }
  return AddStruct(scope, query, assigned.values, 0, column, field.type, snapshot);
}

Status RefuseIdentityUpdate(const Field& field, const SourceRange& source) {
  if (!delta::IsIdentityColumn(field)) return {};
  return Error(Condition("DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED"),
               {{"colName", QuoteIdentifier(field.name)}})
      .WithPosition(source);
}

}  // namespace tarn::session
