#pragma once

#include <string>

#include "avro_file.h"
#include "tarn/format/column_batch.h"

namespace tarn::format {

/// Whether values of an Avro type can stand in a column: the same type, or a wider number.
bool AvroFits(const AvroType& from, const DataType& to);
/// Appends the value at the cursor; `type` fits the column.
void AppendAvro(const AvroType& type, AvroCursor& cursor, Column& column);
/// Passes over the value at the cursor.
void SkipAvro(const AvroType& type, AvroCursor& cursor);
/// The value at the cursor as JSON, for rescued data.
void AppendAvroJson(const AvroType& type, AvroCursor& cursor, std::string* json);

}  // namespace tarn::format
