#include "files/schema_log.h"

#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"
#include "tarn/plan/coercion.h"
#include "tarn/types/schema_json.h"

namespace tarn::source {

namespace {

constexpr int64_t kSchemaBytesMax = 64 << 20;

io::ObjectPath PathOf(int64_t version) {
  return io::ObjectPath() / "schema" / (std::to_string(version) + ".json");
}

/// Digits before the point of what an integer type holds; 0 for another type.
int IntegerDigits(const DataType& type) {
  return type.IsIntegral() ? plan::DecimalFor(type).precision() : 0;
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

bool IsWidening(const DataType& from, const DataType& to) {
  if (from == to) return false;
  const int digits = IntegerDigits(from);
  if (digits > 0 && IntegerDigits(to) > digits) return true;
  if (to.Is(TypeId::kDouble)) {
    return (digits > 0 && digits <= 10) || from.Is(TypeId::kFloat);
  }
  if (to.Is(TypeId::kDecimal)) {
    const int whole = to.precision() - to.scale();
    if (digits > 0) return whole >= digits;
    return from.Is(TypeId::kDecimal) && to.scale() >= from.scale() &&
           whole >= from.precision() - from.scale();
  }
  return from.Is(TypeId::kDate) && to.Is(TypeId::kTimestampNtz);
}

}  // namespace tarn::source
