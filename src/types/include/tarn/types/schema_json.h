#pragma once

#include <string>
#include <string_view>

#include "tarn/types/data_type.h"

namespace tarn {

/// The schema string of Delta's `metaData` action and of Spark (StructType.json): reads it.
/// Errors: DELTA_LOG_CORRUPT for malformed JSON, an unknown type or too deep a nesting.
/// Source: Delta protocol, "Schema Serialization Format".
Result<Schema> ParseSchemaJson(std::string_view json);

/// Writes a schema as ParseSchemaJson reads it, in Spark's own key order and without blanks.
std::string SchemaToJson(const Schema& schema);

/// The JSON form of one type ("\"integer\"", "{\"type\":\"array\",…}").
std::string DataTypeToJson(const DataType& type);
Result<DataType> ParseDataTypeJson(std::string_view json);

/// The text of a metadata entry that is a JSON string (any other: its JSON), or "" without one.
std::string MetadataText(const Field& field, std::string_view key);

}  // namespace tarn
