#include "column_default.h"

#include "tarn/analyze/analyzer.h"
#include "tarn/sql/parser.h"

namespace tarn::session {

Result<std::string> DefaultText(StatementScope& scope, const delta::Snapshot& snapshot,
                                std::string_view column) {
  for (const delta::ColumnExpression& expression : snapshot.constraints().defaults) {
    if (!SameName(expression.column, column)) continue;
    TARN_ASSIGN(sql::ExprPtr parsed, sql::ParseExpression(expression.sql));
    TARN_TRY(analyze::AnalyzeDefault(scope.request(), scope.AnalyzerView(), column, *parsed));
    // The text may end in a comment.
    return "(" + expression.sql + "\n)";
  }
  return std::string("NULL");
}

}  // namespace tarn::session
