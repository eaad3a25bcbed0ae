#include "tarn/plan/cast_mismatch.h"

namespace tarn::plan {

namespace {

/// Casts that only Spark's legacy mode has.
bool LegacyCasts(const DataType& from, const DataType& to) {
  switch (from.id()) {
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return to.Is(TypeId::kBinary);
    case TypeId::kBoolean:
      return to.Is(TypeId::kTimestamp);
    case TypeId::kDate:
    case TypeId::kTimestamp:
      return to.Is(TypeId::kBoolean);
    default:
      return false;
  }
}

std::string_view ConvertingFunction(const DataType& from, const DataType& to) {
  if (from.IsNumeric() && to.Is(TypeId::kDate)) return "`DATE_FROM_UNIX_DATE`";
  if (from.Is(TypeId::kDate) && to.IsNumeric()) return "`UNIX_DATE`";
  return {};
}

}  // namespace

Error CastMismatch(const DataType& from, const DataType& to, CastMode mode,
                   std::string_view input) {
  std::string sql = mode == CastMode::kTry ? "\"TRY_CAST(" : "\"CAST(";
  sql += input;
  sql += " AS " + to.ToSql() + ")\"";
  std::vector<Error::Parameter> parameters = {{"sqlExpr", std::move(sql)},
                                              {"srcType", "\"" + from.ToSql() + "\""},
                                              {"targetType", "\"" + to.ToSql() + "\""}};
  if (const std::string_view function = ConvertingFunction(from, to); !function.empty()) {
    parameters.emplace_back("functionNames", function);
    return Error(Condition("DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION"), std::move(parameters));
  }
  if (mode != CastMode::kTry && LegacyCasts(from, to)) {
    return Error(Condition("DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION"), std::move(parameters));
  }
  return Error(Condition("DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION"), std::move(parameters));
}

}  // namespace tarn::plan
