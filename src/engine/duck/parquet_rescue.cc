#include "duck/parquet_rescue.h"

#include <algorithm>
#include <map>

#include "duck/errors.h"
#include "duck/functions/kernel.h"
#include "duck/infer_schema.h"
#include "duck/parquet_scan.h"
#include "duckdb/common/type_visitor.hpp"
#include "parquet_reader.hpp"
#include "tarn/format/read_options.h"
#include "tarn/plan/coercion.h"

namespace tarn::engine::duck {

namespace {

enum class Fit : uint8_t { kWhole, kPart, kNot };

bool FitsDecimal(const DataType& found, const DataType& wanted) {
  const int whole = wanted.precision() - wanted.scale();
  if (found.IsIntegral()) return whole >= plan::DecimalFor(found).precision();
  return found.Is(TypeId::kDecimal) && wanted.scale() >= found.scale() &&
         whole >= found.precision() - found.scale();
}

bool FitsScalar(const DataType& found, const DataType& wanted) {
  if (found == wanted || (found.IsString() && wanted.IsString())) return true;
  switch (wanted.id()) {
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return found.IsIntegral() &&
             plan::DecimalFor(found).precision() < plan::DecimalFor(wanted).precision();
    case TypeId::kDouble:
      return found.Is(TypeId::kFloat) || found.Is(TypeId::kByte) || found.Is(TypeId::kShort) ||
             found.Is(TypeId::kInt);
    case TypeId::kDecimal:
      return FitsDecimal(found, wanted);
    case TypeId::kTimestamp:
      return found.Is(TypeId::kTimestampNtz);
    case TypeId::kTimestampNtz:
      return found.Is(TypeId::kTimestamp) || found.Is(TypeId::kDate);
    default:
      return false;
  }
}

const Field* FieldNamed(const DataType& type, const std::string& name) {
  const auto& fields = type.fields();
  const auto field =
      std::ranges::find_if(fields, [&](const Field& other) { return SameName(other.name, name); });
  return field == fields.end() ? nullptr : &*field;
}

Fit FitOf(const DataType& found, const DataType& wanted) {
  if (found.Is(TypeId::kStruct) && wanted.Is(TypeId::kStruct)) {
    const bool whole = std::ranges::all_of(found.fields(), [&](const Field& field) {
      const Field* const target = FieldNamed(wanted, field.name);
      return target != nullptr && FitOf(field.type, target->type) == Fit::kWhole;
    });
    return whole ? Fit::kWhole : Fit::kPart;
  }
  bool whole = FitsScalar(found, wanted);
  if (found.Is(TypeId::kArray) && wanted.Is(TypeId::kArray)) {
    whole = FitOf(found.element(), wanted.element()) == Fit::kWhole;
  } else if (found.Is(TypeId::kMap) && wanted.Is(TypeId::kMap)) {
    whole = FitOf(found.key(), wanted.key()) == Fit::kWhole &&
            FitOf(found.value(), wanted.value()) == Fit::kWhole;
  }
  return whole ? Fit::kWhole : Fit::kNot;
}

std::vector<Field> ColumnsOf(duckdb::ClientContext& context, const std::string& name,
                             bool binary_as_string) {
  duckdb::ParquetOptions options;
  options.binary_as_string = binary_as_string;
  const duckdb::ParquetReader reader(context, duckdb::OpenFileInfo(name), options);
  std::vector<Field> fields;
  for (const duckdb::MultiFileColumnDefinition& column : reader.columns) {
    fields.push_back({column.name, SparkTypeOf(column.type)});
  }
  return fields;
}

int FindColumn(const std::vector<Field>& schema, const std::string& name, bool exactly) {
  for (size_t i = 0; i < schema.size(); ++i) {
    if (exactly ? schema[i].name == name : SameName(schema[i].name, name)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

/// What doesn't fit, with the names of the columns that are wholly new.
std::vector<UnfitColumn> UnfitOf(const std::vector<Field>& columns,
                                 const std::vector<Field>& schema, bool case_sensitive,
                                 std::string* fresh) {
  std::vector<UnfitColumn> unfit;
  for (const Field& column : columns) {
    const int at = FindColumn(schema, column.name, case_sensitive);
    const Fit fit = at < 0 ? Fit::kNot : FitOf(column.type, schema[static_cast<size_t>(at)].type);
    if (fit != Fit::kWhole) unfit.push_back({column, at, fit == Fit::kPart});
    if (FindColumn(schema, column.name, false) >= 0) continue;
    *fresh += (fresh->empty() ? "" : ", ") + column.name;
  }
  return unfit;
}

DuckExpr IsNull(DuckExpr value) {
  return duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_IS_NULL,
                                                       std::move(value));
}

DuckExpr NullIf(DuckExpr condition, DuckExpr otherwise, const duckdb::LogicalType& type) {
  auto result = duckdb::make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = std::move(condition);
  check.then_expr = Constant(duckdb::Value(type));
  result->case_checks.push_back(std::move(check));
  result->else_expr = std::move(otherwise);
  return result;
}

DuckExpr FieldOf(const DuckExpr& value, const std::string& name) {
  return CallNativeOf("struct_extract", value->Copy(), Constant(duckdb::Value(name)));
}

/// The fields of a struct that don't fit, with their types; without any there is no expression.
struct Rest {
  DuckExpr value;
  DataType type;
};

using Members = std::vector<std::pair<std::string, Rest>>;

DuckExpr AllNull(const Members& members) {
  DuckArgs nulls;
  for (const auto& [name, member] : members) nulls.push_back(IsNull(member.value->Copy()));
  if (nulls.size() == 1) return std::move(nulls[0]);
  return duckdb::make_uniq<duckdb::ConjunctionExpression>(duckdb::ExpressionType::CONJUNCTION_AND,
                                                          std::move(nulls));
}

Rest Pack(Members members) {
  std::vector<Field> fields;
  DuckArgs packed;
  for (auto& [name, member] : members) {
    member.value->SetAlias(name);
    packed.push_back(std::move(member.value));
    fields.push_back({name, std::move(member.type)});
  }
  return {CallNative("struct_pack", std::move(packed)), DataType::Struct(std::move(fields))};
}

Rest RestOf(DuckExpr value, const DataType& found, const DataType& wanted) {
  Members members;
  for (const Field& field : found.fields()) {
    const Field* const target = FieldNamed(wanted, field.name);
    const Fit fit = target == nullptr ? Fit::kNot : FitOf(field.type, target->type);
    if (fit == Fit::kNot) {
      members.emplace_back(field.name, Rest{FieldOf(value, field.name), field.type});
    } else if (fit == Fit::kPart) {
      members.emplace_back(field.name,
                           RestOf(FieldOf(value, field.name), field.type, target->type));
    }
  }
  DuckExpr none = AllNull(members);
  Rest rest = Pack(std::move(members));
  rest.value = NullIf(std::move(none), std::move(rest.value), ToDuckType(rest.type));
  return rest;
}

}  // namespace

Result<std::vector<AlikeFiles>> FindUnfitColumns(duckdb::ClientContext& context,
                                                 const plan::FileRelation& files,
                                                 const std::vector<std::string>& granted,
                                                 const std::vector<Field>& schema) {
  TARN_ASSIGN(const bool case_sensitive,
              format::ReadOptions(files.options).Flag("readerCaseSensitive", true));
  const bool wants_binary = std::ranges::any_of(schema, [](const Field& field) {
    return duckdb::TypeVisitor::Contains(ToDuckType(field.type), duckdb::LogicalTypeId::BLOB);
  });
  std::map<std::string, AlikeFiles> alike;
  for (uint32_t i = 0; i < granted.size(); ++i) {
    std::string fresh;
    std::vector<UnfitColumn> unfit;
    try {
      unfit =
          UnfitOf(ColumnsOf(context, granted[i], !wants_binary), schema, case_sensitive, &fresh);
    } catch (const std::exception& exception) {
      const duckdb::ErrorData data(exception);
      if (auto damage = DamageOf(data, files.paths[i])) return *damage;
      if (TranslateError(data, {}).condition() == Condition("PATH_NOT_FOUND")) {
        return Error(Condition("FAILED_READ_FILE.FILE_NOT_EXIST"), {{"path", files.paths[i]}});
      }
      throw;
    }
    if (files.refuse_new_fields && !fresh.empty()) {
      return Error(Condition("UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE"),
                   {{"unknownFields", fresh}, {"path", files.paths[i]}});
    }
    std::string key;
    for (const UnfitColumn& column : unfit) {
      key += QuoteIdentifier(column.found.name) + " " + column.found.type.ToSql() + ",";
    }
    AlikeFiles& group = alike[key];
    group.files.push_back(i);
    group.unfit = std::move(unfit);
  }
  std::vector<AlikeFiles> result;
  for (auto& [key, group] : alike) result.push_back(std::move(group));
  std::ranges::sort(result, {}, [](const AlikeFiles& group) { return group.files[0]; });
  return result;
}

DuckExpr FitPart(DuckExpr value, const DataType& found, const DataType& wanted) {
  if (!found.Is(TypeId::kStruct) || !wanted.Is(TypeId::kStruct)) {
    return CastNative(std::move(value), ToDuckType(wanted));
  }
  DuckArgs packed;
  for (const Field& field : wanted.fields()) {
    const Field* const source = FieldNamed(found, field.name);
    const bool fits = source != nullptr && FitOf(source->type, field.type) != Fit::kNot;
    DuckExpr member = fits ? FitPart(FieldOf(value, source->name), source->type, field.type)
                           : Constant(duckdb::Value(ToDuckType(field.type)));
    member->SetAlias(field.name);
    packed.push_back(std::move(member));
  }
  return NullIf(IsNull(value->Copy()), CallNative("struct_pack", std::move(packed)),
                ToDuckType(wanted));
}

DuckExpr RescuedJson(LoweringContext& context, const std::vector<UnfitColumn>& unfit,
                     const std::vector<Field>& schema, DuckArgs values, DuckExpr path) {
  Members members;
  for (size_t i = 0; i < unfit.size(); ++i) {
    const UnfitColumn& column = unfit[i];
    Rest rest{std::move(values[i]), column.found.type};
    if (column.partly) {
      rest = RestOf(std::move(rest.value), column.found.type,
                    schema[static_cast<size_t>(column.field)].type);
    }
    members.emplace_back(column.found.name, std::move(rest));
  }
  DuckExpr none = AllNull(members);
  members.emplace_back("_file_path", Rest{std::move(path), TypeId::kString});
  Rest all = Pack(std::move(members));
  DuckArgs args;
  args.push_back(std::move(all.value));
  return NullIf(std::move(none),
                CallKernel(context, "to_json", TypeId::kString, {all.type}, std::move(args)),
                duckdb::LogicalType::VARCHAR);
}

}  // namespace tarn::engine::duck
