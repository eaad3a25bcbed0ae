#include "duck/infer_schema.h"

#include <algorithm>

#include "duck/file_formats.h"
#include "duckdb/parser/parser.hpp"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

// `of_json`: texts stay texts, though DuckDB may see dates in them.
DataType SparkType(const LogicalType& type, bool of_json);

DataType SparkStruct(const LogicalType& type, bool of_json) {
  std::vector<Field> fields;
  for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
    fields.push_back({name, SparkType(child, of_json)});
  }
  if (of_json) std::ranges::sort(fields, {}, &Field::name);
  return DataType::Struct(std::move(fields));
}

DataType SparkType(const LogicalType& type, bool of_json) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
      return TypeId::kBoolean;
    case LogicalTypeId::TINYINT:
      return TypeId::kByte;
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::UTINYINT:
      return TypeId::kShort;
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::USMALLINT:
      return TypeId::kInt;
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UINTEGER:
      return TypeId::kLong;
    case LogicalTypeId::UBIGINT:
      return of_json ? DataType(TypeId::kLong) : DataType::Decimal(20, 0);
    case LogicalTypeId::HUGEINT:
      return DataType::Decimal(38, 0);
    case LogicalTypeId::FLOAT:
      return TypeId::kFloat;
    case LogicalTypeId::DOUBLE:
      return TypeId::kDouble;
    case LogicalTypeId::DECIMAL:
      return DataType::Decimal(duckdb::DecimalType::GetWidth(type),
                               duckdb::DecimalType::GetScale(type));
    case LogicalTypeId::BLOB:
      return TypeId::kBinary;
    case LogicalTypeId::DATE:
      return of_json ? TypeId::kString : TypeId::kDate;
    case LogicalTypeId::TIMESTAMP_TZ:
      return of_json ? TypeId::kString : TypeId::kTimestamp;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_SEC:
      return of_json ? TypeId::kString : TypeId::kTimestampNtz;
    case LogicalTypeId::TIME:
      return of_json ? TypeId::kString : TypeId::kTime;
    case LogicalTypeId::LIST:
      return DataType::Array(SparkType(duckdb::ListType::GetChildType(type), of_json));
    case LogicalTypeId::MAP:
      return DataType::Map(SparkType(duckdb::MapType::KeyType(type), of_json),
                           SparkType(duckdb::MapType::ValueType(type), of_json));
    case LogicalTypeId::STRUCT:
      return SparkStruct(type, of_json);
    default:
      return TypeId::kString;
  }
}

duckdb::unique_ptr<duckdb::SelectStatement> SelectFrom(DuckTable table, DuckArgs items,
                                                       int64_t limit) {
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  if (items.empty()) items.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  select->select_list = std::move(items);
  select->from_table = std::move(table);
  if (limit >= 0) {
    auto modifier = duckdb::make_uniq<duckdb::LimitModifier>();
    modifier->limit = Constant(duckdb::Value::BIGINT(limit));
    select->modifiers.push_back(std::move(modifier));
  }
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  return statement;
}

/// Types of text columns, judged by all their values.
enum Judgement : size_t {
  kAny,
  kIsBoolean,
  kIsInt,
  kIsLong,
  kIsDouble,
  kIsDate,
  kIsTimestamp,
  kJudgements
};

// One aggregate per judgement: whether all values that aren't NULL are so.
DuckArgs JudgementsOf(const std::string& column) {
  const std::string all = "coalesce(bool_and(" + column + " IS NULL OR ";
  const std::string integral =
      "regexp_full_match(" + column + ", '[+-]?[0-9]+') AND TRY_CAST(" + column;
  const std::string texts =
      "coalesce(bool_or(" + column + " IS NOT NULL), false), " + all + "lower(" + column +
      ") IN ('true', 'false')), true), " + all + integral + " AS INTEGER) IS NOT NULL), true), " +
      all + integral + " AS BIGINT) IS NOT NULL), true), " + all + "regexp_full_match(" + column +
      ", '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?Inf|NaN|[+-]?Infinity')), "
      "true), " +
      all + "regexp_full_match(" + column + ", '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') AND TRY_CAST(" +
      column + " AS DATE) IS NOT NULL), true), " + all + "regexp_full_match(" + column +
      ", '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T "
      "][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?'"
      ")), true)";
  return duckdb::Parser::ParseExpressionList(texts);
}

DataType Judged(const duckdb::DataChunk& chunk, size_t first) {
  const auto holds = [&](Judgement judgement) {
    return chunk.GetValue(first + judgement, 0).GetValue<bool>();
  };
  if (!holds(kAny)) return TypeId::kString;
  if (holds(kIsInt)) return TypeId::kInt;
  if (holds(kIsLong)) return TypeId::kLong;
  if (holds(kIsDouble)) return TypeId::kDouble;
  if (holds(kIsDate)) return TypeId::kDate;
  if (holds(kIsTimestamp)) return TypeId::kTimestamp;
  return holds(kIsBoolean) ? TypeId::kBoolean : TypeId::kString;
}

Result<Schema> InferCsv(Statement& statement, const GrantedFiles& granted,
                        const FileOptions& options) {
  // The names: of the first file, by its first line.
  const bool header = options.Flag("header", false);
  duckdb::vector<duckdb::Value> first = {duckdb::Value(granted.names.at(0))};
  DuckTable head = FunctionCall(
      "read_csv", MakeArgs(Constant(duckdb::Value::LIST(LogicalType::VARCHAR, std::move(first)))),
      {{"all_varchar", duckdb::Value::BOOLEAN(true)},
       {"header", duckdb::Value::BOOLEAN(header)},
       {"skip", duckdb::Value::BIGINT(0)},
       {"delim", duckdb::Value(UnescapeOption(options.Find({"sep", "delimiter"}).value_or(",")))},
       {"quote", duckdb::Value(options.Text("quote", "\""))},
       {"escape", duckdb::Value(options.Text("escape", "\\"))},
       {"strict_mode", duckdb::Value::BOOLEAN(false)},
       {"null_padding", duckdb::Value::BOOLEAN(true)},
       {"hive_partitioning", duckdb::Value::BOOLEAN(false)}});
  TARN_TRY(statement.Run(SelectFrom(std::move(head), {}, 0)));
  Schema schema;
  for (const std::string& name : statement.result().names) {
    schema.fields.push_back(
        {header ? name : "_c" + std::to_string(schema.fields.size()), TypeId::kString});
  }
  if (!options.Flag("inferschema", true) || !options.Flag("infercolumntypes", true)) return schema;
  DuckArgs judgements;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    for (DuckExpr& judgement : JudgementsOf("k" + std::to_string(i)))
      judgements.push_back(std::move(judgement));
  }
  DuckTable rows = CsvTable(granted, options, schema.fields.size());
  TARN_TRY(statement.Run(SelectFrom(std::move(rows), std::move(judgements), -1)));
  TARN_ASSIGN(const auto chunk, statement.Fetch());
  for (size_t i = 0; chunk && i < schema.fields.size(); ++i) {
    schema.fields[i].type = Judged(*chunk, i * kJudgements);
  }
  return schema;
}

Schema SchemaOf(const duckdb::QueryResult& result, bool of_json) {
  Schema schema;
  for (size_t i = 0; i < result.names.size(); ++i) {
    if (of_json && result.names[i] == "file") continue;
    schema.fields.push_back({result.names[i], SparkType(result.types[i], of_json)});
  }
  if (of_json) std::ranges::sort(schema.fields, {}, &Field::name);
  return schema;
}

void AddPartitions(const GrantedFiles& granted, Schema& schema) {
  const HivePartitions partitions = PartitionsOf(granted.paths);
  for (size_t i = 0; i < partitions.names.size(); ++i) {
    const bool numbers = std::ranges::all_of(partitions.values, [&](const auto& values) {
      return !values[i] || (!values[i]->empty() && values[i]->size() < 10 &&
                            values[i]->find_first_not_of("0123456789") == std::string::npos);
    });
    const bool dates = std::ranges::all_of(partitions.values, [&](const auto& values) {
      return !values[i] || (values[i]->size() == 10 &&
                            duckdb::Value(*values[i]).DefaultTryCastAs(LogicalType::DATE));
    });
    Field field{partitions.names[i], numbers ? TypeId::kInt
                                     : dates ? TypeId::kDate
                                             : TypeId::kString};
    if (schema.Find(field.name) < 0) schema.fields.push_back(std::move(field));
  }
}

}  // namespace

Result<Schema> InferFileSchema(Statement& statement, const plan::FileRelation& files) {
  const FileOptions options(files);
  Schema schema;
  if (files.paths.empty()) return Error(Condition("PATH_NOT_FOUND"), {{"path", "(no files)"}});
  TARN_ASSIGN(const GrantedFiles granted, GrantFiles(files, statement.files()));
  TARN_TRY(statement.Enter());
  if (files.format == "csv") {
    TARN_ASSIGN(schema, InferCsv(statement, granted, options));
  } else if (files.format == "json") {
    TARN_TRY(statement.Run(SelectFrom(JsonTable(granted, options, {}), {}, 0)));
    schema = SchemaOf(statement.result(), true);
  } else if (files.format == "parquet") {
    DuckTable table =
        FunctionCall("parquet_scan", MakeArgs(Constant(duckdb::Value(granted.names.at(0)))),
                     {{"hive_partitioning", duckdb::Value::BOOLEAN(false)}});
    TARN_TRY(statement.Run(SelectFrom(std::move(table), {}, 0)));
    schema = SchemaOf(statement.result(), false);
  } else if (files.format == "text") {
    schema.fields = {{"value", TypeId::kString}};
  } else {
    return UnsupportedFeature("Reading files of the format " + files.format);
  }
  AddPartitions(granted, schema);
  return schema;
}

}  // namespace tarn::engine::duck
