#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "json_text.h"
#include "text_values.h"

namespace tarn::format {

/// How types are found in JSON, by the options.
struct JsonTyping {
  bool primitives_as_string = false;
  bool prefers_decimal = false;
  bool infer_timestamp = false;
  bool drop_all_null = false;

  static Result<JsonTyping> Of(const ReadOptions& options);
};

/// The type that all values have which were observed: Spark's JsonInferSchema. For one thread.
class JsonTypeNode {
 public:
  /// The value at the cursor, which is passed. The text must be well-formed.
  void Observe(JsonText& json, const JsonTyping& typing, const TextValues& values);

  /// nullopt where nothing is left of it: empty structs, and with dropFieldIfAllNull what was never
  /// anything but null.
  std::optional<DataType> Type(const JsonTyping& typing) const;
  /// The members of a struct that have a type, by their names.
  std::vector<Field> Fields(const JsonTyping& typing) const;

 private:
  enum class State : uint8_t { kNull, kScalar, kArray, kStruct, kText };

  void ObserveScalar(const DataType& type);
  /// Becomes a struct or an array; false if it is something else already, and a text from now on.
  bool Become(State state);

  State state_ = State::kNull;
  DataType scalar_;
  std::unique_ptr<JsonTypeNode> element_;
  std::map<std::string, JsonTypeNode, std::less<>> members_;
};

}  // namespace tarn::format
