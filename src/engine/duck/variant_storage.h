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

/// For a column of a file that shall be of `type`, which holds variants: the reader will read these
/// as the structs that they are in the file, while its `columns` say that they are texts, so that
/// DuckDB finds its way from the file's columns to the plan's. Call it once for a column. False if
/// the file has something else than a variant in the place of one.
bool ShowVariantsAsTexts(duckdb::ParquetReader& reader, size_t column,
                         const duckdb::MultiFileColumnDefinition& wanted, const DataType& type);
/// Makes the texts where the expression reads such a column, which has the type `in_file` there.
/// `keeps` throws UNSUPPORTED_FEATURE for a variant that holds a date, time or bytes.
void MakeVariantTexts(duckdb::unique_ptr<duckdb::Expression>& expression,
                      const duckdb::LogicalType& in_file, bool keeps);

/// The type of a variant in the files that Tarn writes: a struct of two columns of bytes, whole.
/// DuckDB's writer would shred it, and make a NULL one that is null.
duckdb::LogicalType StoredVariantType();
/// The type `given` of a plan's values of `type` with that one for each variant.
duckdb::LogicalType StoredType(const DataType& type, const duckdb::LogicalType& given);
/// `stored`, of that type, gets all `count` values. Throws MALFORMED_VARIANT for a text that isn't
/// JSON and VARIANT_DUPLICATE_KEY.
void StoreVariants(duckdb::Vector& given, duckdb::idx_t count, duckdb::Vector& stored);

}  // namespace tarn::engine::duck
