#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/types/data_type.h"

namespace tarn::format {

/// How a value of Avro stands in a file.
enum class AvroKind : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,
  kEnum,
  kArray,
  kMap,
  kRecord,
  kUnion,
};

/// A type of an Avro file, with the type of Spark that its values have (SchemaConverters).
struct AvroType {
  AvroKind kind = AvroKind::kNull;
  DataType type;                   ///< of a union with null: that of the other branch
  int64_t scale = 1;               ///< a number of ticks in a microsecond's unit: value * scale
  size_t fixed_bytes = 0;          ///< kFixed
  std::vector<std::string> names;  ///< kRecord: the fields'; kEnum: the symbols
  std::vector<AvroType> children;  ///< record: by field; array, map: the value; union: branches
};

/// Parses a schema in Avro's JSON. FAILED_READ_FILE.NO_HINT for what isn't one or is recursive.
Result<AvroType> ParseAvroSchema(std::string_view json);

}  // namespace tarn::format
