// What DESCRIBE HISTORY and DESCRIBE DETAIL tell of a Delta table.

#include "statement_scope.h"
#include "tarn/delta/clustering.h"
#include "tarn/delta/protocol.h"
#include "tarn/delta/snapshot.h"

namespace tarn::session {

namespace {

using catalog::Purpose;
using Rows = std::vector<std::vector<Value>>;

Value TextOrNull(const std::string& text) {
  return text.empty() ? Value::Null(TypeId::kString) : Value::String(text);
}

plan::Relation FactsOf(Schema schema, Rows rows) {
  plan::Relation relation;
  relation.name = "DESCRIBE";
  relation.schema = std::move(schema);
  relation.source = plan::RowsRelation{std::make_shared<const Rows>(std::move(rows))};
  return relation;
}

Value StringMap(const std::map<std::string, std::string>& entries) {
  std::vector<Value> flat;
  for (const auto& [key, value] : entries) {
    flat.push_back(Value::String(key));
    flat.push_back(Value::String(value));
  }
  return Value::Of(DataType::Map(TypeId::kString, TypeId::kString), std::move(flat));
}

/// Fields of strings, as Databricks tells of the job or notebook that committed; NULL without any.
Value TextStruct(const DataType& type, const std::map<std::string, std::string>& entries) {
  if (entries.empty()) return Value::Null(type);
  std::vector<Value> fields;
  for (const Field& field : type.fields()) {
    const auto entry = entries.find(field.name);
    fields.push_back(TextOrNull(entry == entries.end() ? "" : entry->second));
  }
  return Value::Of(type, std::move(fields));
}

DataType StructOfTexts(std::initializer_list<const char*> names) {
  std::vector<Field> fields;
  for (const char* name : names) fields.push_back({name, TypeId::kString, true, {}});
  return DataType::Struct(std::move(fields));
}

Result<plan::Relation> History(StatementScope& scope, const sql::ObjectName& name) {
  TARN_ASSIGN(TableTarget target, scope.FindTable(name, Purpose::kDescribe, "DESCRIBE HISTORY"));
  TARN_ASSIGN(auto table, scope.rooms().snapshots().Open(scope.request(), target.root));
  TARN_ASSIGN(std::vector<delta::HistoryEntry> history, table->History(scope.request()));
  const DataType map = DataType::Map(TypeId::kString, TypeId::kString);
  const DataType job =
      StructOfTexts({"jobId", "jobName", "jobRunId", "runId", "jobOwnerId", "triggerType"});
  const DataType notebook = StructOfTexts({"notebookId"});
  Rows rows;
  for (const delta::HistoryEntry& entry : history) {
    const delta::CommitInfo info = entry.info.value_or(delta::CommitInfo{});
    rows.push_back(
        {Value::Long(entry.version), Value::Of(TypeId::kTimestamp, entry.timestamp_ms * 1000),
         TextOrNull(info.user_id), TextOrNull(info.user_name), TextOrNull(info.operation),
         entry.info ? StringMap(info.operation_parameters) : Value::Null(map),
         TextStruct(job, info.job), TextStruct(notebook, info.notebook),
         TextOrNull(info.cluster_id),
         info.read_version ? Value::Long(*info.read_version) : Value::Null(TypeId::kLong),
         TextOrNull(info.isolation_level),
         info.is_blind_append ? Value::Boolean(*info.is_blind_append)
                              : Value::Null(TypeId::kBoolean),
         entry.info ? StringMap(info.operation_metrics) : Value::Null(map),
         TextOrNull(info.user_metadata), TextOrNull(info.engine_info)});
  }
  return FactsOf({{{"version", TypeId::kLong, true, {}},
                   {"timestamp", TypeId::kTimestamp, true, {}},
                   {"userId", TypeId::kString, true, {}},
                   {"userName", TypeId::kString, true, {}},
                   {"operation", TypeId::kString, true, {}},
                   {"operationParameters", map, true, {}},
                   {"job", job, true, {}},
                   {"notebook", notebook, true, {}},
                   {"clusterId", TypeId::kString, true, {}},
                   {"readVersion", TypeId::kLong, true, {}},
                   {"isolationLevel", TypeId::kString, true, {}},
                   {"isBlindAppend", TypeId::kBoolean, true, {}},
                   {"operationMetrics", map, true, {}},
                   {"userMetadata", TypeId::kString, true, {}},
                   {"engineInfo", TypeId::kString, true, {}}}},
                 std::move(rows));
}

Value StringArray(const std::vector<std::string>& texts) {
  std::vector<Value> values;
  for (const std::string& text : texts) values.push_back(Value::String(text));
  return Value::Of(DataType::Array(TypeId::kString), std::move(values));
}

Result<plan::Relation> Detail(StatementScope& scope, const sql::ObjectName& name) {
  TARN_ASSIGN(TableTarget target, scope.FindTable(name, Purpose::kDescribe, "DESCRIBE DETAIL"));
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  const delta::Metadata& metadata = snapshot->metadata();
  TARN_ASSIGN(const auto paths, delta::ClusteringColumns(*snapshot));
  std::vector<std::string> clustering;
  for (const delta::ColumnPath& path : paths.value_or(std::vector<delta::ColumnPath>())) {
    clustering.push_back(delta::ShownPath(path));
  }
  const DataType strings = DataType::Array(TypeId::kString);
  const DataType map = DataType::Map(TypeId::kString, TypeId::kString);
  const int64_t created_us = metadata.created_time_ms.value_or(0) * 1000;
  Rows rows;
  rows.push_back(
      {Value::String("delta"), Value::String(metadata.id),
       target.table ? Value::String(target.table->name.ToString()) : Value::Null(TypeId::kString),
       TextOrNull(metadata.description), Value::String(target.root),
       Value::Of(TypeId::kTimestamp, created_us),
       Value::Of(TypeId::kTimestamp, snapshot->timestamp_ms() * 1000),
       StringArray(metadata.partition_columns), StringArray(clustering),
       Value::Long(static_cast<int64_t>(snapshot->files().size())),
       Value::Long(snapshot->files().total_size()), StringMap(metadata.configuration),
       Value::Int(snapshot->protocol().reader_version),
       Value::Int(snapshot->protocol().writer_version),
       StringArray(delta::FeaturesOf(snapshot->protocol()))});
  return FactsOf({{{"format", TypeId::kString, true, {}},
                   {"id", TypeId::kString, true, {}},
                   {"name", TypeId::kString, true, {}},
                   {"description", TypeId::kString, true, {}},
                   {"location", TypeId::kString, true, {}},
                   {"createdAt", TypeId::kTimestamp, true, {}},
                   {"lastModified", TypeId::kTimestamp, true, {}},
                   {"partitionColumns", strings, true, {}},
                   {"clusteringColumns", strings, true, {}},
                   {"numFiles", TypeId::kLong, true, {}},
                   {"sizeInBytes", TypeId::kLong, true, {}},
                   {"properties", map, true, {}},
                   {"minReaderVersion", TypeId::kInt, true, {}},
                   {"minWriterVersion", TypeId::kInt, true, {}},
                   {"tableFeatures", strings, true, {}}}},
                 std::move(rows));
}

}  // namespace

Result<plan::Relation> StatementScope::OpenDescription(const RequestContext& context, bool history,
                                                       const sql::ObjectName& table) {
  return history ? History(*this, table) : Detail(*this, table);
}

}  // namespace tarn::session
