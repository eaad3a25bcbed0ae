#include "alter_columns.h"

#include <algorithm>

#include "assignment.h"
#include "column_expressions.h"
#include "column_type.h"
#include "history_parameters.h"
#include "nested_fields.h"
#include "table_definition.h"
#include "tarn/base/json_string.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

using Path = std::vector<sql::Identifier>;

bool HasColumnMapping(const TableChange& change) {
  return change.snapshot->properties().column_mapping != delta::ColumnMappingMode::kNone;
}

/// Edits the fields among which the last part of the name stands.
Status EditSiblings(TableChange& change, const Path& name, const FieldsEdit& edit) {
  return EditFields(change.metadata.schema.fields, std::span(name).first(name.size() - 1), edit);
}

Result<size_t> PlaceAmong(const TableChange& change, const std::vector<Field>& fields,
                          const Path& name) {
  if (const auto at = FindField(fields, name.back().text)) return *at;
  Schema siblings;
  siblings.fields = fields;
  return NoSuchColumn(name, name.size() == 1 ? change.metadata.schema : siblings);
}

/// Where FIRST or AFTER puts a column.
Result<size_t> PlaceOf(const TableChange& change, const std::vector<Field>& fields, bool first,
                       const sql::Identifier& after) {
  if (first) return size_t{0};
  if (after.empty()) return fields.size();
  TARN_ASSIGN(const size_t index, PlaceAmong(change, fields, {after}));
  return index + 1;
}

/// A name as the history tells it: only parts with a dot are quoted.
std::string HistoryName(const Path& path) {
  std::string text;
  for (const sql::Identifier& part : path) {
    if (!text.empty()) text += '.';
    text += part.text.find('.') == std::string::npos ? part.text : QuoteIdentifier(part.text);
  }
  return text;
}

/// FIRST or AFTER as the history tells it; "" of none.
std::string PositionText(bool first, const sql::Identifier& after) {
  if (first) return "FIRST";
  return after.empty() ? "" : "AFTER " + after.text;
}

/// `{"column":…,"position":"…"}`
std::string WithPosition(const std::string& column, const std::string& position) {
  return "{\"column\":" + column +
         (position.empty() ? "" : ",\"position\":" + JsonString(position)) + "}";
}

Status CheckAdded(const sql::ColumnDefinition& column) {
  if (column.not_null) {
    return Error(Condition("DELTA_NOT_NULL_COLUMN_NOT_ADDED"),
                 {{"columnName", sql::ToSql(column.name)}})
        .WithPosition(column.source);
  }
  if (column.identity) {
    return Error(Condition("DELTA_IDENTITY_COLUMNS_ADD_NOT_SUPPORTED"),
                 {{"colName", sql::ToSql(column.name)}})
        .WithPosition(column.source);
  }
  if (column.name.size() > 1 && (column.default_value || column.generated_as)) {
    return UnsupportedFeature("a nested field with a default or an expression", column.source);
  }
  return {};
}

Error AlreadyThere(const char* operation, const Path& name, const SourceRange& source) {
  return Error(Condition("FIELD_ALREADY_EXISTS"),
               {{"op", operation}, {"fieldNames", sql::ToSql(name)}})
      .WithPosition(source);
}

Status NeedsColumnMapping(const TableChange& change, Condition error, const SourceRange& source) {
  if (HasColumnMapping(change)) return {};
  return Error(error).WithPosition(source);
}

/// A partition or clustering column, or a struct that holds one.
Status RefuseLayoutColumn(const TableChange& change, const Path& name) {
  for (const std::string& partition : change.metadata.partition_columns) {
    if (name.size() == 1 && SameName(partition, name[0].text)) {
      return UnsupportedFeature("DROP COLUMN of a partition column", name[0].source);
    }
  }
  TARN_ASSIGN(const auto clustering, delta::ClusteringColumns(*change.snapshot));
  for (const delta::ColumnPath& path : clustering.value_or(std::vector<delta::ColumnPath>())) {
    const bool within = name.size() <= path.size() &&
                        std::equal(name.begin(), name.end(), path.begin(),
                                   [](const sql::Identifier& a, const std::string& b) {
                                     return SameName(a.text, b);
                                   });
    if (within) return UnsupportedFeature("DROP COLUMN of a clustering column", name[0].source);
  }
  return {};
}

/// Whether any row has no value in a column: SET NOT NULL must look.
Status RequireNoNulls(TableChange& change, const std::string& column) {
  TARN_ASSIGN(const Value count,
              OnlyValue(change, "count(*)", QuoteIdentifier(column) + " IS NULL"));
  if (count.integer() == 0) return {};
  return Error(Condition("DELTA_NOT_NULL_CONSTRAINT_VIOLATED"), {{"columnName", column}});
}

void EraseMetadata(Field& field, std::string_view key) {
  std::erase_if(field.metadata, [&](const auto& entry) { return entry.first == key; });
}

/// SYNC IDENTITY: goes on behind the numbers that there are.
Status SyncIdentity(TableChange& change, Field& field, const sql::ColumnChange& column) {
  TARN_ASSIGN(const delta::TableConstraints constraints, delta::ConstraintsOf(change.metadata));
  const auto identity =
      std::ranges::find(constraints.identity, field.name, &delta::IdentityColumn::column);
  if (identity == constraints.identity.end()) {
    return Error(Condition("DELTA_IDENTITY_COLUMNS_SYNC_NOT_IDENTITY"),
                 {{"colName", QuoteIdentifier(field.name)}})
        .WithPosition(column.source);
  }
  change.operation = "SYNC IDENTITY";
  const bool up = identity->step > 0;
  TARN_ASSIGN(
      const Value last,
      OnlyValue(change, std::string(up ? "max(" : "min(") + QuoteIdentifier(field.name) + ")",
                "true"));
  if (last.is_null()) return {};
  // The first number of the sequence that isn't before the last one there is.
  const Int128 distance = static_cast<Int128>(last.integer()) - identity->start;
  const Int128 step = identity->step;
  const Int128 steps = distance / step + (distance % step != 0 && (distance > 0) == up ? 1 : 0);
  const Int128 mark = identity->start + steps * step;
  const bool further = !identity->high_water_mark ||
                       (up ? mark > *identity->high_water_mark : mark < *identity->high_water_mark);
  if (steps < 0 || !further) return {};
  if (mark > INT64_MAX || mark < INT64_MIN) {
    return Error(Condition("ARITHMETIC_OVERFLOW"), {{"message", "long overflow"}});
  }
  field.SetMetadata("delta.identity.highWaterMark", std::to_string(static_cast<int64_t>(mark)));
  return {};
}

Status RefuseUnsupported(const sql::ColumnChange& column) {
  if (column.set_mask || column.drop_mask) return UnsupportedFeature("SET MASK", column.source);
  if (!column.set_tags.empty() || !column.unset_tags.empty()) {
    return UnsupportedFeature("SET TAGS", column.source);
  }
  if (column.column.size() == 1) return {};
  if (column.set_default || column.drop_default || column.sync_identity || column.set_not_null) {
    return UnsupportedFeature("this change of a nested field", column.source);
  }
  return {};
}

/// How many parts of a name, at its end, lead from a field into its arrays and maps.
size_t InnerParts(const Schema& schema, const Path& name) {
  const std::vector<Field>* fields = &schema.fields;
  const DataType* type = nullptr;
  size_t inner = 0;
  for (const sql::Identifier& part : name) {
    if (type != nullptr && (type->Is(TypeId::kArray) || type->Is(TypeId::kMap))) {
      const std::vector<std::string> step = {FoldName(part.text)};
      type = delta::TypeWithin(*type, step);
      ++inner;
    } else {
      if (type != nullptr) fields = type->Is(TypeId::kStruct) ? &type->fields() : nullptr;
      const auto at = fields != nullptr ? FindField(*fields, part.text) : std::nullopt;
      type = at ? &(*fields)[*at].type : nullptr;
      inner = 0;
    }
    if (type == nullptr) return 0;  // The name is refused where its field is looked for.
  }
  return inner;
}

/// Of what isn't a field, only the type can be changed.
bool ChangesOnlyType(const sql::ColumnChange& column) {
  return column.type && !column.has_comment && !column.drop_not_null && !column.first &&
         column.after.empty();
}

/// What the history tells of a changed column: its ColumnObject and PositionText.
struct ChangedColumn {
  std::string column;
  std::string position;
};

/// ALTER COLUMN column.element TYPE …
Status AlterInner(TableChange& change, const sql::ColumnChange& column, size_t inner,
                  ChangedColumn& changed) {
  if (!ChangesOnlyType(column)) {
    return UnsupportedFeature("this change of what is in an array or map", column.source);
  }
  const Path field(column.column.begin(), column.column.end() - static_cast<std::ptrdiff_t>(inner));
  std::vector<std::string> path;
  for (size_t i = field.size(); i < column.column.size(); ++i) {
    path.push_back(FoldName(column.column[i].text));
  }
  return EditSiblings(change, field, [&](std::vector<Field>& fields) -> Status {
    TARN_ASSIGN(const size_t index, PlaceAmong(change, fields, field));
    TARN_TRY(ChangeColumnType(change.metadata, fields[index], path, column));
    changed.column = ColumnObject(HistoryName(field), fields[index]);
    return {};
  });
}

Status ChangeField(TableChange& change, Field& field, const sql::ColumnChange& column) {
  if (column.sync_identity) return SyncIdentity(change, field, column);
  if (delta::IsIdentityColumn(field) &&
      (column.type || column.set_default || column.set_not_null || column.drop_not_null)) {
    return Error(Condition("DELTA_IDENTITY_COLUMNS_ALTER_COLUMN_NOT_SUPPORTED"),
                 {{"colName", QuoteIdentifier(field.name)}})
        .WithPosition(column.source);
  }
  if (column.type) TARN_TRY(ChangeColumnType(change.metadata, field, {}, column));
  if (column.has_comment) field.SetComment(column.comment.value_or(""));
  if (column.set_not_null) {
    TARN_TRY(RequireNoNulls(change, field.name));
    field.nullable = false;
  }
  if (column.drop_not_null) field.nullable = true;
  if (column.set_default) {
    TARN_TRY(analyze::AnalyzeDefault(change.scope.request(), change.scope.AnalyzerView(),
                                     field.name, *column.set_default));
    field.SetMetadata("CURRENT_DEFAULT",
                      JsonString(sql::Slice(change.scope.text(), column.set_default->source)));
  }
  if (column.drop_default) EraseMetadata(field, "CURRENT_DEFAULT");
  return {};
}

Status AlterOne(TableChange& change, const sql::ColumnChange& column, ChangedColumn& changed) {
  TARN_TRY(RefuseUnsupported(column));
  if (const size_t inner = InnerParts(change.metadata.schema, column.column); inner > 0) {
    return AlterInner(change, column, inner, changed);
  }
  return EditSiblings(change, column.column, [&](std::vector<Field>& fields) -> Status {
    TARN_ASSIGN(const size_t index, PlaceAmong(change, fields, column.column));
    TARN_TRY(ChangeField(change, fields[index], column));
    changed.column = ColumnObject(HistoryName(column.column), fields[index]);
    changed.position = PositionText(column.first, column.after);
    if (!column.first && column.after.empty()) return {};
    Field moved = std::move(fields[index]);
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(index));
    TARN_ASSIGN(const size_t place, PlaceOf(change, fields, column.first, column.after));
    fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(place), std::move(moved));
    return {};
  });
}

}  // namespace

Result<Value> OnlyValue(TableChange& change, const std::string& aggregate,
                        const std::string& condition) {
  const std::string text = "SELECT " + aggregate + " FROM delta." +
                           QuoteIdentifier(change.target.root) + " WHERE " + condition;
  TARN_ASSIGN(sql::QueryPtr parsed, sql::ParseQuery(text));
  TARN_ASSIGN(plan::Query query,
              analyze::AnalyzeQuery(change.scope.request(), change.scope.AnalyzerView(), *parsed));
  TARN_ASSIGN(auto rows, change.scope.rooms().engine().Execute(change.scope.request(), query,
                                                               change.scope.EngineView()));
  TARN_ASSIGN(auto batch, rows->Next());
  if (batch.empty()) return InternalError("an aggregate without a row");
  return std::move(batch[0][0]);
}

Status Apply(TableChange& change, const sql::AddColumns& action) {
  change.operation = "ADD COLUMNS";
  std::string added;
  for (const sql::ColumnDefinition& column : action.columns) {
    TARN_TRY(EditSiblings(change, column.name, [&](std::vector<Field>& fields) -> Status {
      if (FindField(fields, column.name.back().text)) {
        if (action.if_not_exists) return {};
        return AlreadyThere("add", column.name, column.source);
      }
      TARN_TRY(CheckAdded(column));
      TARN_ASSIGN(Field field, DefineColumn(change.scope, column));
      TARN_ASSIGN(const size_t place, PlaceOf(change, fields, column.first, column.after));
      const std::string position = PositionText(column.first, column.after);
      added += std::string(added.empty() ? "" : ",") +
               WithPosition(ColumnObject(HistoryName(column.name), field), position);
      fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(place), std::move(field));
      return {};
    }));
  }
  for (const sql::ColumnDefinition& column : action.columns) {
    const int index = change.metadata.schema.Find(column.name.front().text);
    if (!column.generated_as || index < 0) continue;
    const Field& field = change.metadata.schema.fields[static_cast<size_t>(index)];
    // With IF NOT EXISTS it may be another one that was there.
    if (!IsGenerated(field)) continue;
    TARN_TRY(RequireGeneration(change.scope, change.metadata.schema, field, *column.generated_as));
  }
  change.parameters = {{"columns", "[" + added + "]"}};
  return {};
}

Status Apply(TableChange& change, const sql::DropColumns& action) {
  change.operation = "DROP COLUMNS";
  std::vector<std::string> dropped;
  for (const Path& name : action.columns) {
    dropped.push_back(HistoryName(name));
    TARN_TRY(
        NeedsColumnMapping(change, Condition("DELTA_UNSUPPORTED_DROP_COLUMN"), name[0].source));
    TARN_TRY(EditSiblings(change, name, [&](std::vector<Field>& fields) -> Status {
      if (action.if_exists && !FindField(fields, name.back().text)) return {};
      TARN_ASSIGN(const size_t index, PlaceAmong(change, fields, name));
      TARN_TRY(RefuseLayoutColumn(change, name));
      TARN_TRY(RequireNoDependents(change.metadata, name, "drop"));
      if (fields.size() == 1) {
        return UnsupportedFeature(name.size() == 1 ? "DROP COLUMN of the only column"
                                                   : "DROP COLUMN of a struct's only field",
                                  name[0].source);
      }
      fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(index));
      return {};
    }));
  }
  change.parameters = {{"columns", NameList(dropped)}};
  return {};
}

Status Apply(TableChange& change, const sql::RenameColumn& action) {
  change.operation = "RENAME COLUMN";
  TARN_TRY(NeedsColumnMapping(change, Condition("DELTA_UNSUPPORTED_RENAME_COLUMN"),
                              action.from[0].source));
  TARN_TRY(EditSiblings(change, action.from, [&](std::vector<Field>& fields) -> Status {
    TARN_ASSIGN(const size_t index, PlaceAmong(change, fields, action.from));
    if (!SameName(fields[index].name, action.to.text) && FindField(fields, action.to.text)) {
      return AlreadyThere("rename", {action.to}, action.to.source);
    }
    TARN_TRY(RequireNoDependents(change.metadata, action.from, "rename"));
    fields[index].name = action.to.text;
    return {};
  }));
  Path to = action.from;
  to.back() = action.to;
  change.parameters = {{"oldColumnPath", HistoryName(action.from)},
                       {"newColumnPath", HistoryName(to)}};
  for (std::string& partition : change.metadata.partition_columns) {
    if (action.from.size() == 1 && SameName(partition, action.from[0].text)) {
      partition = action.to.text;
    }
  }
  return {};
}

Status Apply(TableChange& change, const sql::AlterColumns& action) {
  std::vector<ChangedColumn> changed(action.changes.size());
  change.operation = changed.size() == 1 ? "CHANGE COLUMN" : "CHANGE COLUMNS";
  for (size_t i = 0; i < changed.size(); ++i) {
    TARN_TRY(AlterOne(change, action.changes[i], changed[i]));
  }
  if (changed.size() == 1) {
    change.parameters["column"] = changed[0].column;
    if (!changed[0].position.empty()) change.parameters["position"] = changed[0].position;
    return {};
  }
  std::string all;
  for (const ChangedColumn& one : changed) {
    all += (all.empty() ? "" : ",") + one.column;
  }
  change.parameters["columns"] = "[" + all + "]";
  return {};
}

}  // namespace tarn::session
