#pragma once

#include "duck/duckdb_headers.h"
#include "parquet_reader.hpp"
#include "tarn/types/data_type.h"

namespace tarn::engine::duck {

// A plan's variants are JSON texts; in data files they are Parquet's variants, whole or shredded.
// What a number, date or time is there isn't kept: it becomes the JSON that Spark shows for it.
// DuckDB's own type isn't used for reading, as it doesn't tell a variant that is null from NULL.

/// Whether the type is a variant or has one within.
bool HoldsVariant(const DataType& type);

/// Makes a column of the file come as the struct that it is there, where DuckDB took it for a
/// variant.
void ReadVariantRaw(duckdb::ParquetReader& reader, size_t column);
/// Whether a column of a file can be a variant: a struct of `metadata`, `value` and, if it is
/// shredded, `typed_value`.
bool IsRawVariant(const duckdb::LogicalType& type);
/// The JSON text of a raw variant. `keeps` throws UNSUPPORTED_FEATURE for one that holds a date,
/// time or bytes.
duckdb::unique_ptr<duckdb::Expression> VariantText(duckdb::unique_ptr<duckdb::Expression> raw,
                                                   bool keeps);

/// The type of a variant in the files that Tarn writes: a struct of two columns of bytes, whole.
/// DuckDB's writer would shred it, and make a NULL one that is null.
duckdb::LogicalType StoredVariantType();
/// `variants`, of that type, gets all `count` of them. Throws MALFORMED_VARIANT for a text that
/// isn't JSON and VARIANT_DUPLICATE_KEY.
void StoreVariants(duckdb::Vector& texts, duckdb::idx_t count, duckdb::Vector& variants);

}  // namespace tarn::engine::duck
