#include "files/schema_log.h"

#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"
#include "tarn/types/schema_json.h"

namespace tarn::source {

namespace {

constexpr int64_t kSchemaBytesMax = 64 << 20;

io::ObjectPath PathOf(int64_t version) {
  return io::ObjectPath() / "schema" / (std::to_string(version) + ".json");
}

}  // namespace

Result<SchemaLog> SchemaLog::Open(const RequestContext& context,
                                  std::shared_ptr<io::ObjectStore> state) {
  SchemaLog log(std::move(state));
  if (!log.state_) return log;
  TARN_TRY(log.state_->List(context, io::ObjectPath() / "schema", {},
                            [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
                              std::string_view name = info.path.Name();
                              if (!name.ends_with(".json")) return io::ListNext::kContinue;
                              name.remove_suffix(5);
                              const auto version = ParseNumber<int64_t>(name);
                              if (version) log.version_ = std::max(log.version_, *version);
                              return io::ListNext::kContinue;
                            }));
  if (log.version_ < 0) return log;
  TARN_ASSIGN(const std::string json,
              log.state_->ReadAll(context, PathOf(log.version_), kSchemaBytesMax));
  auto schema = ParseSchemaJson(json);
  if (!schema.ok()) {
    return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
                 {{"path", log.state_->Display(PathOf(log.version_))},
                  {"detail", schema.error().message()}});
  }
  log.newest_ = *std::move(schema);
  return log;
}

Status SchemaLog::Add(const RequestContext& context, const Schema& schema) {
  TARN_FAULT_POINT("source.schema.before_put");
  TARN_TRY(state_->Put(context, PathOf(version_ + 1), SchemaToJson(schema)));
  TARN_FAULT_POINT("source.schema.after_put");
  ++version_;
  newest_ = schema;
  return {};
}

}  // namespace tarn::source
