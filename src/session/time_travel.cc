#include "time_travel.h"

#include "tarn/sql/parser.h"

namespace tarn::session {

Result<analyze::TimeTravel> SettleTimeTravel(StatementScope& scope, const sql::TimeTravel& travel) {
  const sql::Expr& expr = travel.version ? *travel.version : *travel.timestamp;
  TARN_ASSIGN(const sql::ExprPtr typed,
              sql::ParseExpression("CAST((" + std::string(sql::Slice(scope.text(), expr.source)) +
                                   ") AS " + (travel.version ? "BIGINT)" : "TIMESTAMP)")));
  auto value = scope.Evaluate(*typed);
  if (!value.ok()) return std::move(value).error().WithPosition(expr.source);
  if (value->is_null()) {
    return Error(Condition("INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT"),
                 {{"expr", "\"" + std::string(sql::Slice(scope.text(), expr.source)) + "\""}})
        .WithPosition(expr.source);
  }
  analyze::TimeTravel to;
  (travel.version ? to.version : to.timestamp_us) = value->integer();
  return to;
}

}  // namespace tarn::session
