#include "assignment.h"

#include "column_default.h"
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

Error NoSuchColumn(const std::vector<sql::Identifier>& name, const Schema& schema) {
  constexpr size_t kShownMax = 8;
  std::string shown;
  for (const sql::Identifier& part : name) {
    shown += (shown.empty() ? "" : ".") + QuoteIdentifier(part.text);
  }
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

Status RefuseIdentityUpdate(const Field& field, const SourceRange& source) {
  if (!delta::IsIdentityColumn(field)) return {};
  return Error(Condition("DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED"),
               {{"colName", QuoteIdentifier(field.name)}})
      .WithPosition(source);
}

}  // namespace tarn::session
