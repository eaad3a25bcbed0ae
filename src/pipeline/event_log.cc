#include "event_log.h"

#include "tarn/base/random.h"
#include "tarn/session/log_table.h"

namespace tarn::pipeline {

namespace {

DataType StackType() {
  return DataType::Array(DataType::Struct({{"declaring_class", TypeId::kString, true, {}},
                                           {"method_name", TypeId::kString, true, {}},
                                           {"file_name", TypeId::kString, true, {}},
                                           {"line_number", TypeId::kLong, true, {}}}));
}

DataType ExceptionsType() {
  return DataType::Array(DataType::Struct({{"class_name", TypeId::kString, true, {}},
                                           {"message", TypeId::kString, true, {}},
                                           {"stack", StackType(), true, {}}}));
}

DataType ErrorType() {
  return DataType::Struct(
      {{"fatal", TypeId::kBoolean, true, {}}, {"exceptions", ExceptionsType(), true, {}}});
}

DataType OriginType() {
  std::vector<Field> fields;
  for (const char* name :
       {"cloud", "region", "org_id", "user_id", "pipeline_id", "pipeline_name", "pipeline_type",
        "cluster_id", "update_id", "maintenance_id", "table_name", "dataset_name", "sink_name",
        "flow_id", "flow_name", "batch_id", "request_id", "uc_resource_id", "host"}) {
    const bool number = std::string_view(name) == "batch_id" || std::string_view(name) == "org_id";
    fields.push_back({name, number ? TypeId::kLong : TypeId::kString, true, {}});
  }
  return DataType::Struct(std::move(fields));
}

DataType SequenceType() {
  return DataType::Struct({{"data_plane_id",
                            DataType::Struct({{"instance", TypeId::kString, true, {}},
                                              {"seq_no", TypeId::kLong, true, {}}}),
                            true,
                            {}},
                           {"control_plane_seq_no", TypeId::kLong, true, {}}});
}

Value TextOrNull(const std::string& text) {
  return text.empty() ? Value::Null(TypeId::kString) : Value::String(text);
}

Value ErrorValue(const std::optional<Error>& error) {
  if (!error) return Value::Null(ErrorType());
  const DataType exceptions = ExceptionsType();
  std::vector<Value> list;
  for (const Error* at = &*error; at != nullptr; at = at->cause()) {
    std::vector<Value> fields = {Value::String(std::string(at->name())),
                                 Value::String(at->message()),
                                 Value::Of(StackType(), std::vector<Value>())};
    list.push_back(Value::Of(exceptions.element(), std::move(fields)));
  }
  return Value::Of(ErrorType(), std::vector<Value>{Value::Boolean(true),
                                                   Value::Of(exceptions, std::move(list))});
}

}  // namespace

const Schema& EventLogSchema() {
  static const Schema schema{{{"id", TypeId::kString, true, {}},
                              {"sequence", SequenceType(), true, {}},
                              {"origin", OriginType(), true, {}},
                              {"timestamp", TypeId::kTimestamp, true, {}},
                              {"message", TypeId::kString, true, {}},
                              {"level", TypeId::kString, true, {}},
                              {"maturity_level", TypeId::kString, true, {}},
                              {"error", ErrorType(), true, {}},
                              {"details", TypeId::kString, true, {}},
                              {"event_type", TypeId::kString, true, {}}}};
  return schema;
}

void EventLog::Add(const RequestContext& context, Event event) {
  const int64_t now_us = context.clock->NowMicros();
  const DataType origin_type = OriginType();
  std::vector<Value> origin;
  for (const Field& field : origin_type.fields()) {
    const std::string& name = field.name;
    if (name == "pipeline_id") {
      origin.push_back(Value::String(origin_.pipeline_id));
    } else if (name == "pipeline_name") {
      origin.push_back(Value::String(origin_.pipeline_name));
    } else if (name == "pipeline_type") {
      origin.push_back(Value::String("WORKSPACE"));
    } else if (name == "update_id") {
      origin.push_back(Value::String(origin_.update_id));
    } else if (name == "dataset_name" || name == "table_name") {
      origin.push_back(TextOrNull(event.dataset));
    } else if (name == "flow_name") {
      origin.push_back(TextOrNull(event.flow));
    } else if (name == "batch_id" && event.batch >= 0) {
      origin.push_back(Value::Long(event.batch));
    } else if (name == "host") {
      origin.push_back(TextOrNull(origin_.host));
    } else {
      origin.push_back(Value::Null(field.type));
    }
  }
  const DataType sequence_type = SequenceType();
  std::lock_guard lock(mutex_);
  ++sequence_;
  const Value data_plane =
      Value::Of(sequence_type.fields()[0].type,
                std::vector<Value>{Value::String(origin_.update_id), Value::Long(sequence_)});
  rows_.push_back({Value::String(SystemIds().NewUuid()),
                   Value::Of(sequence_type, std::vector<Value>{data_plane, Value::Long(now_us)}),
                   Value::Of(origin_type, std::move(origin)), Value::Of(TypeId::kTimestamp, now_us),
                   Value::String(std::move(event.message)), Value::String(std::string(event.level)),
                   Value::String("STABLE"), ErrorValue(event.error), TextOrNull(event.details),
                   Value::String(std::move(event.type))});
}

Status EventLog::Flush(const RequestContext& context) {
  std::vector<std::vector<Value>> rows;
  {
    std::lock_guard lock(mutex_);
    rows = rows_;
  }
  if (rows.empty()) return {};
  const size_t count = rows.size();
  TARN_TRY(session::AppendToLogTable(session_, context, root_, EventLogSchema(), std::move(rows)));
  std::lock_guard lock(mutex_);
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(count));
  return {};
}

}  // namespace tarn::pipeline
