#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json_text.h"
#include "rescued_data.h"
#include "text_values.h"

namespace tarn::format {

/// How a value fits the type of its column.
enum class Fit : uint8_t {
  kFits,
  kPartly,     ///< appended, with NULL where parts of it don't fit
  kNot,        ///< nothing appended; the value was passed
  kMalformed,  ///< the text is no JSON
};

/// The members of a struct, found by name. For one thread.
class JsonNames {
 public:
  JsonNames() = default;
  JsonNames(std::vector<std::string> names, bool case_sensitive);
  /// Index of the member, or -1. Members in the usual order are found at once.
  int Find(std::string_view name);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::vector<std::string> names_;
  std::unordered_map<std::string, int, Hash, std::equal_to<>> index_;
  bool case_sensitive_ = true;
  size_t expected_ = 0;
};

/// A type with what is needed to read its values.
struct JsonShape {
  JsonShape(const DataType& type, bool case_sensitive);

  JsonNames names;                  ///< of a struct
  std::vector<JsonShape> children;  ///< struct: by field; array: the element; map: the value
};

/// Appends values of JSON to columns, by the rules of Spark's JacksonParser. For one thread.
class JsonValues {
 public:
  explicit JsonValues(TextValues values) : values_(std::move(values)) {}

  /// The value at the cursor, which is passed unless the text is malformed. `rescued` (may be null)
  /// takes what doesn't fit within a struct.
  Fit Append(JsonText& json, Column& column, JsonShape& shape, RescuedData* rescued = nullptr);

 private:
  Fit AppendStruct(JsonText& json, Column& column, JsonShape& shape, RescuedData* rescued);
  Fit AppendArray(JsonText& json, Column& column, JsonShape& shape);
  Fit AppendMap(JsonText& json, Column& column, JsonShape& shape);
  Fit AppendString(std::string_view text, Column& column) const;
  Fit AppendNumber(std::string_view raw, bool integral, Column& column) const;
  Fit AppendScalar(JsonText& json, JsonText::Kind kind, Column& column);

  const TextValues values_;
};

}  // namespace tarn::format
