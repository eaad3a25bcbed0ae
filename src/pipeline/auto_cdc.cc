#include "auto_cdc.h"

#include <algorithm>

#include "tarn/session/flow.h"
#include "tarn/sql/parser.h"
#include "tarn/types/any_type.h"

namespace tarn::pipeline {

namespace {

Error Invalid(std::string detail, const SourceRange& place) {
  return Error(Condition("AUTO_CDC_INVALID"), {{"detail", std::move(detail)}}).WithPosition(place);
}

class Analysis {
 public:
  Analysis(session::Session& session, const RequestContext& context, const std::string& text,
           const sql::AutoCdc& cdc, const Schema& source)
      : session_(session), context_(context), text_(text), cdc_(cdc), source_(source) {}

  Result<Schema> Run() {
    const SourceRange& place = cdc_.from->source;
    if (cdc_.keys.empty()) return Invalid("it has no KEYS", place);
    if (cdc_.sequence_by == nullptr) return Invalid("it has no SEQUENCE BY", place);
    const bool history = cdc_.stored_as_scd_type == 2;
    if (history && cdc_.apply_as_truncate_when != nullptr) {
      return Invalid("APPLY AS TRUNCATE WHEN is of SCD TYPE 1 only",
                     cdc_.apply_as_truncate_when->source);
    }
    if (!history && !cdc_.track_history_columns.empty()) {
      return Invalid("TRACK HISTORY ON is of SCD TYPE 2 only",
                     cdc_.track_history_columns[0][0].source);
    }
    TARN_ASSIGN(const auto keys, Names(cdc_.keys, source_));
    for (const sql::ExprPtr* condition :
         {&cdc_.apply_as_delete_when, &cdc_.apply_as_truncate_when}) {
      if (*condition) TARN_TRY(CheckCondition(**condition));
    }
    TARN_ASSIGN(const DataType sequence, SequenceType());
    TARN_ASSIGN(Schema columns, Selected());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (columns.Find(keys[i]) >= 0) continue;
      return Invalid("the key " + keys[i] + " is no column of the target", cdc_.keys[i][0].source);
    }
    TARN_TRY(Names(cdc_.track_history_columns, columns));
    if (history) {
      columns.fields.push_back({"__START_AT", sequence, true, {}});
      columns.fields.push_back({"__END_AT", sequence, true, {}});
    }
    return columns;
  }

 private:
  Result<std::vector<std::string>> Names(const std::vector<std::vector<sql::Identifier>>& names,
                                         const Schema& columns) const {
    std::vector<std::string> found;
    for (const std::vector<sql::Identifier>& parts : names) {
      const int at = columns.Find(parts[0].text);
      if (at < 0) {
        std::string known;
        for (const Field& field : columns.fields) {
          known += (known.empty() ? "" : ", ") + QuoteIdentifier(field.name);
        }
        return Error(Condition("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
                     {{"objectName", QuoteIdentifier(parts[0].text)}, {"proposal", known}})
            .WithPosition(parts[0].source);
      }
      found.push_back(columns.fields[static_cast<size_t>(at)].name);
    }
    return found;
  }

  Status CheckCondition(const sql::Expr& condition) const {
    TARN_ASSIGN(const DataType type,
                session::TypeOfExpression(session_, context_, text_, source_, condition));
    if (type.Is(TypeId::kBoolean)) return {};
    return Invalid("a condition is BOOLEAN, not " + type.ToSql(), condition.source);
  }

  Result<DataType> SequenceType() const {
    TARN_ASSIGN(const DataType type,
                session::TypeOfExpression(session_, context_, text_, source_, *cdc_.sequence_by));
    if (!IsOrderable(type)) {
      return Invalid("values of " + type.ToSql() + " have no order to sequence by",
                     cdc_.sequence_by->source);
    }
    return type;
  }

  Result<Schema> Selected() const {
    if (cdc_.columns.empty()) return source_;
    TARN_ASSIGN(const std::vector<std::string> names, Names(cdc_.columns, source_));
    Schema columns;
    for (const Field& field : source_.fields) {
      const bool listed = std::find(names.begin(), names.end(), field.name) != names.end();
      if (listed != cdc_.columns_all_except) columns.fields.push_back(field);
    }
    return columns;
  }

  session::Session& session_;
  const RequestContext& context_;
  const std::string& text_;
  const sql::AutoCdc& cdc_;
  const Schema& source_;
};

}  // namespace

Result<sql::QueryPtr> QueryOfSource(const std::string& text, const sql::AutoCdc& cdc) {
  size_t end = cdc.from->source.end;
  // The parenthesis of STREAM(…) is no part of what it names.
  const size_t open = text.find_last_of("()", cdc.from->source.begin);
  if (open != text.npos && text[open] == '(')
    end = std::min(text.find(')', end), text.size() - 1) + 1;
  std::string query = text.substr(0, end);
  std::string lower = query;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  const size_t from = lower.rfind("from", cdc.from->source.begin);
  constexpr std::string_view kSelect = "SELECT *";
  if (from == lower.npos || from < kSelect.size()) return InternalError("AUTO CDC without FROM");
  // Blanks keep the places of what follows.
  for (size_t i = 0; i < from; ++i) {
    if (query[i] != '\n') query[i] = ' ';
  }
  query.replace(0, kSelect.size(), kSelect);
  return sql::ParseQuery(query);
}

Result<Schema> ColumnsOfAutoCdc(session::Session& session, const RequestContext& context,
                                const std::string& text, const sql::AutoCdc& cdc,
                                const Schema& source) {
  return Analysis(session, context, text, cdc, source).Run();
}

}  // namespace tarn::pipeline
