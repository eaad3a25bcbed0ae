#include "duck/infer_schema.h"

#include <algorithm>

#include "duck/file_formats.h"
#include "tarn/format/schema_inference.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

DataType SparkType(const LogicalType& type);

DataType SparkStruct(const LogicalType& type) {
  std::vector<Field> fields;
  for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
    fields.push_back({name, SparkType(child)});
  }
  return DataType::Struct(std::move(fields));
}

DataType SparkType(const LogicalType& type) {
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
      return DataType::Decimal(20, 0);
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
      return TypeId::kDate;
    case LogicalTypeId::TIMESTAMP_TZ:
      return TypeId::kTimestamp;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_SEC:
      return TypeId::kTimestampNtz;
    case LogicalTypeId::TIME:
      return TypeId::kTime;
    case LogicalTypeId::LIST:
      return DataType::Array(SparkType(duckdb::ListType::GetChildType(type)));
    case LogicalTypeId::MAP:
      return DataType::Map(SparkType(duckdb::MapType::KeyType(type)),
                           SparkType(duckdb::MapType::ValueType(type)));
    case LogicalTypeId::STRUCT:
      return SparkStruct(type);
    default:
      return TypeId::kString;
  }
}

duckdb::unique_ptr<duckdb::SelectStatement> SelectFrom(DuckTable table) {
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  select->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  select->from_table = std::move(table);
  auto modifier = duckdb::make_uniq<duckdb::LimitModifier>();
  modifier->limit = Constant(duckdb::Value::BIGINT(0));
  select->modifiers.push_back(std::move(modifier));
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  return statement;
}

Schema SchemaOf(const duckdb::QueryResult& result) {
  Schema schema;
  for (size_t i = 0; i < result.names.size(); ++i) {
    schema.fields.push_back({result.names[i], SparkType(result.types[i])});
  }
  return schema;
}

// The type of a partition's value by its text, as Spark's PartitioningUtils.
DataType TypeOfPartition(const std::string& text) {
  const auto is = [&](const LogicalType& type) {
    return duckdb::Value(text).DefaultTryCastAs(type, true);
  };
  const bool number = !text.empty() && text.find_first_not_of("0123456789+-.eE") == text.npos;
  if (number && text.find_first_of(".eE") == text.npos) {
    if (is(LogicalType::INTEGER)) return TypeId::kInt;
    if (is(LogicalType::BIGINT)) return TypeId::kLong;
  }
  if (number && is(LogicalType::DOUBLE)) return TypeId::kDouble;
  if (text.size() == 10 && is(LogicalType::DATE)) return TypeId::kDate;
  if (text.size() >= 16 && ParseTimestampNtz(text, true)) return TypeId::kTimestamp;
  return TypeId::kString;
}

DataType WiderPartition(const DataType& a, const DataType& b) {
  if (a.Is(TypeId::kNull) || a == b) return b;
  if (a.IsNumeric() && b.IsNumeric()) return a.id() > b.id() ? a : b;
  if (a.IsDatetime() && b.IsDatetime()) return TypeId::kTimestamp;
  return TypeId::kString;
}

void AddPartitions(const plan::FileRelation& files, Schema& schema) {
  const HivePartitions partitions = InferredPartitionsOf(files);
  for (size_t i = 0; i < partitions.names.size(); ++i) {
    DataType type;
    for (const auto& values : partitions.values) {
      if (values[i]) type = WiderPartition(type, TypeOfPartition(*values[i]));
    }
    if (type.Is(TypeId::kNull)) type = TypeId::kString;
    if (schema.Find(partitions.names[i]) < 0) schema.fields.push_back({partitions.names[i], type});
  }
}

Result<std::vector<Field>> InferByContents(Statement& statement, const plan::FileRelation& files,
                                           const GrantedFiles& granted) {
  auto spec = std::make_shared<format::ReadSpec>();
  spec->format = files.format;
  spec->options = format::ReadOptions(files.options);
  TARN_ASSIGN(spec->zone, FindTimeZone("UTC"));
  spec->patterns = DatetimePatterns();
  TARN_ASSIGN(const bool ignore_missing, spec->options.Flag("ignoreMissingFiles", false));
  TARN_ASSIGN(const bool ignore_corrupt, spec->options.Flag("ignoreCorruptFiles", false));
  TARN_ASSIGN(const auto inference, format::NewSchemaInference(std::move(spec)));
  int64_t bytes = 0;
  for (size_t i = 0; i < granted.names.size(); ++i) {
    if (i >= format::kSampleFilesMax || bytes >= format::kSampleBytesMax) break;
    auto file = OpenGranted(statement.gate(), granted.names[i]);
    if (!file.ok()) {
      if (ignore_missing && file.error().condition() == Condition("PATH_NOT_FOUND")) continue;
      return std::move(file).error();
    }
    bytes += (*file)->info().size;
    Status status = inference->Observe({*std::move(file), ShownPath(granted.paths[i])});
    if (!status.ok() && !ignore_corrupt) return std::move(status).error();
  }
  return inference->Finish();
}

/// The columns of Parquet files by their own description: of one, or the union of all of them.
Status InferParquet(Statement& statement, const plan::FileRelation& files,
                    const GrantedFiles& granted, Schema& schema) {
  TARN_ASSIGN(const bool merge, format::ReadOptions(files.options).Flag("mergeSchema", false));
  duckdb::vector<duckdb::Value> names;
  for (const std::string& name : granted.names) {
    if (names.size() >= format::kSampleFilesMax || (!merge && !names.empty())) break;
    names.emplace_back(name);
  }
  if (names.empty()) return {};
  DuckTable table = FunctionCall(
      "parquet_scan", MakeArgs(Constant(duckdb::Value::LIST(LogicalType::VARCHAR, names))),
      {{"hive_partitioning", duckdb::Value::BOOLEAN(false)},
       {"union_by_name", duckdb::Value::BOOLEAN(names.size() > 1)}});
  if (Status status = statement.Run(SelectFrom(std::move(table))); !status.ok()) {
    auto damage = statement.has_result()
                      ? DamageOf(statement.result().GetErrorObject(), granted.paths.at(0))
                      : std::nullopt;
    if (damage) return *std::move(damage);
    if (status.error().condition() != Condition("PATH_NOT_FOUND")) return status;
    return Error(Condition("FAILED_READ_FILE.FILE_NOT_EXIST"),
                 {{"path", std::string(status.error().parameter("path"))}});
  }
  schema = SchemaOf(statement.result());
  return {};
}

}  // namespace

DataType SparkTypeOf(const duckdb::LogicalType& type) { return SparkType(type); }

Result<Schema> InferFileSchema(Statement& statement, const plan::FileRelation& files) {
  TARN_TRY(format::CheckOptions(files.format, files.options));
  Schema schema;
  if (files.paths.empty()) return Error(Condition("PATH_NOT_FOUND"), {{"path", "(no files)"}});
  TARN_ASSIGN(const GrantedFiles granted, GrantFiles(files, statement.files(), statement.roots()));
  statement.PlanReads({"", {}, files});
  TARN_TRY(statement.Enter());
  if (files.format == "parquet") {
    ScanCounters passed_over;
    TARN_ASSIGN(const plan::FileRelation kept,
                UndamagedParquet(files, statement.context(), statement.roots(), passed_over));
    TARN_ASSIGN(const GrantedFiles sound, GrantFiles(kept, statement.files(), statement.roots()));
    statement.PlanReads({"", {}, kept});
    TARN_TRY(InferParquet(statement, kept, sound, schema));
  } else {
    TARN_ASSIGN(schema.fields, InferByContents(statement, files, granted));
  }
  const std::string rescued = format::ReadOptions(files.options).Text("rescuedDataColumn");
  if (!rescued.empty() && schema.Find(rescued) < 0) {
    schema.fields.push_back({rescued, TypeId::kString});
  }
  AddPartitions(files, schema);
  return schema;
}

}  // namespace tarn::engine::duck
