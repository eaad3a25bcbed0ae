#include "assignment.h"

#include <algorithm>
#include <utility>

#include "column_default.h"
#include "nested_fields.h"
#include "tarn/delta/snapshot.h"
#include "tarn/plan/cast_mismatch.h"
#include "tarn/plan/coercion.h"
#include "tarn/plan/function.h"
#include "tarn/sql/printer.h"
#include "tarn/types/any_type.h"

namespace tarn::session {

namespace {

/// Compares a written type with that of its column, part by part.
class StoredTypes {
 public:
  StoredTypes(const DataType& whole, const Field& column, FieldRule rule, std::string_view table,
              const std::string& sql)
      : whole_(whole), column_(column), rule_(rule), table_(table), sql_(sql) {}

  Status Check(const DataType& from, const DataType& to) const {
    if (from.id() != to.id() || !from.IsNested()) {
      if (plan::CanStoreAssign(from, to)) return {};
      return plan::CastMismatch(whole_, column_.type, plan::CastMode::kAnsi, sql_);
    }
    if (from.Is(TypeId::kArray)) return Check(from.element(), to.element());
    if (from.Is(TypeId::kMap)) {
      TARN_TRY(Check(from.key(), to.key()));
      return Check(from.value(), to.value());
    }
    return CheckFields(from, to);
  }

 private:
  Status CheckFields(const DataType& from, const DataType& to) const {
    const std::vector<Field>& given = from.fields();
    const std::vector<Field>& wanted = to.fields();
    const auto all_in = [](const std::vector<Field>& some, const std::vector<Field>& others) {
      return std::ranges::all_of(
          some, [&](const Field& field) { return FieldNamed(others, field.name) != nullptr; });
    };
    const bool covered = all_in(wanted, given);
    if (rule_ == FieldRule::kInsert) {
      if (given.size() < wanted.size()) return NotEnough(given, wanted);
      if (given.size() > wanted.size()) return TooMany(given, wanted);
    } else if (!all_in(given, wanted) || (rule_ == FieldRule::kAssign && !covered)) {
      return Error(Condition("DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION"),
                   {{"fromCatalog", from.ToSql()}, {"toCatalog", to.ToSql()}});
    }
    const bool by_position = rule_ == FieldRule::kInsert && !covered;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const Field* const field = by_position ? &given[i] : FieldNamed(given, wanted[i].name);
      if (field != nullptr) TARN_TRY(Check(field->type, wanted[i].type));
    }
    return {};
  }

  Status NotEnough(const std::vector<Field>& given, const std::vector<Field>& wanted) const {
    const auto missing = std::ranges::find_if(
        wanted, [&](const Field& field) { return FieldNamed(given, field.name) == nullptr; });
    return Error(
        Condition("DELTA_INSERT_COLUMN_ARITY_MISMATCH"),
        {{"tableName", std::string(table_)},
         {"columnName", QuoteIdentifier(missing->name) + " of " + QuoteIdentifier(column_.name)},
         {"numColumns", std::to_string(wanted.size())},
         {"insertColumns", std::to_string(given.size())}});
  }

  Status TooMany(const std::vector<Field>& given, const std::vector<Field>& wanted) const {
    return Error(Condition("DELTA_METADATA_MISMATCH"),
                 {{"detail", "a struct of " + QuoteIdentifier(column_.name) + " has " +
                                 std::to_string(wanted.size()) + " fields, and the data has " +
                                 std::to_string(given.size())}})
        .WithHint("INSERT WITH SCHEMA EVOLUTION gives the struct the fields it lacks.");
  }

  const DataType& whole_;
  const Field& column_;
  const FieldRule rule_;
  const std::string_view table_;
  const std::string& sql_;
};

}  // namespace

Status CheckStorable(const DataType& type, const Field& column, FieldRule rule,
                     std::string_view table, const std::string& sql) {
  return StoredTypes(type, column, rule, table, sql).Check(type, column.type);
}

Status CheckStorable(const plan::Query& query, const std::vector<const Field*>& fields,
                     FieldRule rule) {
  for (size_t i = 0; i < fields.size(); ++i) {
    const plan::OutputColumn& column = query.root->columns[i];
    TARN_TRY(CheckStorable(column.type, *fields[i], rule, {}, column.name));
  }
  return {};
}

namespace {

/// Whether a cast alone, which goes by position, might mix up fields.
bool HasFields(const DataType& type) {
  return AnyType(type, [](const DataType& part) { return part.Is(TypeId::kStruct); });
}

/// What stands before and behind the text of a value that is stored in the type.
std::pair<std::string, std::string> AroundStored(const DataType& type) {
  const std::string cast = " AS " + type.ToSql() + ")";
  if (!HasFields(type)) return {"CAST(", cast};
  return {"__store_as(", ", CAST(NULL" + cast + ")"};
}

}  // namespace

std::string StoredSql(const std::string& sql, const DataType& type) {
  const auto [before, after] = AroundStored(type);
  return before + sql + after;
}

Result<plan::ExprPtr> StoredValue(plan::ExprPtr value, const DataType& type) {
  if (!HasFields(type)) return plan::MakeCast(std::move(value), type);
  std::vector<plan::ExprPtr> arguments;
  arguments.push_back(std::move(value));
  arguments.push_back(plan::MakeLiteral(Value::Null(type)));
  return plan::BuildCall("__store_as", std::move(arguments));
}

Status AddAssigned(StatementScope& scope, GeneratedQuery& query, const sql::Expr& value,
                   const Field& field, const delta::Snapshot& snapshot) {
  const auto [before, after] = AroundStored(field.type);
  query.Add(before);
  if (sql::IsDefaultKeyword(value)) {
    TARN_ASSIGN(const std::string text, DefaultText(scope, snapshot, field.name));
    query.Add(text);
  } else {
    query.AddPiece(value.source);
  }
  query.Add(after);
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
    const std::optional<size_t> found = FindField(fields, part.text);
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
