#include "tarn/plan/refused_function.h"

#include <string>

#include "tarn/types/data_type.h"

namespace tarn::plan {

namespace {

struct Refused {
  std::string_view name;
  Condition condition;
  std::string_view reason;
};

constexpr Condition kUnsupported("UNSUPPORTED_FEATURE");
constexpr Condition kNoAvro("AVRO_NOT_LOADED_SQL_FUNCTIONS_UNUSABLE");
constexpr Condition kNoProtobuf("PROTOBUF_NOT_LOADED_SQL_FUNCTIONS_UNUSABLE");

/// The one list of functions that are not executed. docs/reference/differences-from-spark.md has
/// the same reasons for users.
constexpr Refused kRefused[] = {
    {"reflect", kUnsupported, "there is no Java virtual machine whose methods could be called"},
    {"java_method", kUnsupported, "there is no Java virtual machine whose methods could be called"},
    {"try_reflect", kUnsupported, "there is no Java virtual machine whose methods could be called"},
    {"python_worker_logs", kUnsupported, "there are no Python workers whose logs could be read"},
    {"from_avro", kNoAvro, ""},
    {"to_avro", kNoAvro, ""},
    {"schema_of_avro", kNoAvro, ""},
    {"from_protobuf", kNoProtobuf, ""},
    {"to_protobuf", kNoProtobuf, ""},
};

}  // namespace

std::optional<Error> RefusedFunction(std::string_view name) {
  for (const Refused& refused : kRefused) {
    if (!SameName(refused.name, name)) continue;
    if (refused.condition == kUnsupported) {
      std::string feature = "The function " + std::string(refused.name);
      if (!refused.reason.empty()) feature += " (" + std::string(refused.reason) + ")";
      return UnsupportedFeature(feature);
    }
    return Error(refused.condition, {{"functionName", QuoteIdentifier(refused.name)}});
  }
  return std::nullopt;
}

}  // namespace tarn::plan
