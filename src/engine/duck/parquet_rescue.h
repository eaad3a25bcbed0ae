#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "duck/lowering.h"
#include "tarn/base/result.h"
#include "tarn/plan/relation.h"

namespace tarn::engine::duck {

/// A column of Parquet files that the relation can't take as it is.
struct UnfitColumn {
  Field found;     ///< as the files have it
  int field = -1;  ///< of the relation's schema, whose column this would be; -1: there is none
  /// A struct of which some fields fit: the column has those, the rest is rescued. Else the column
  /// is NULL and all of it is rescued.
  bool partly = false;
};

/// Files that are alike in what doesn't fit; `files` are indexes into FileRelation::paths.
struct AlikeFiles {
  std::vector<uint32_t> files;
  std::vector<UnfitColumn> unfit;
};

/// Looks into the Parquet files for columns that the schema hasn't, of another type, or with a name
/// in another case (unless `readerCaseSensitive` is false). A type fits that Spark's reader widens
/// without loss. `granted` are the files' names for DuckDB. Errors:
/// UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE with `refuse_new_fields`, FAILED_READ_FILE.NO_HINT.
/// Throws DuckDB's exceptions.
Result<std::vector<AlikeFiles>> FindUnfitColumns(duckdb::ClientContext& context,
                                                 const plan::FileRelation& files,
                                                 const std::vector<std::string>& granted,
                                                 const std::vector<Field>& schema);

/// The value of a column that is `partly` fit, of type `wanted`.
DuckExpr FitPart(DuckExpr value, const DataType& found, const DataType& wanted);

/// The rescued data of a row: a JSON object of what doesn't fit, NULL if all of that is NULL.
/// `values[i]` is unfit[i] of the row, `path` as `_file_path` shows it.
DuckExpr RescuedJson(LoweringContext& context, const std::vector<UnfitColumn>& unfit,
                     const std::vector<Field>& schema, DuckArgs values, DuckExpr path);

}  // namespace tarn::engine::duck
