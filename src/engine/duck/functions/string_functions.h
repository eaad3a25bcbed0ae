#pragma once

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

// Parts of the family of text functions.
void RegisterTextSearch(FunctionSet& set);
void RegisterTextJoining(FunctionSet& set);
void RegisterRegex(FunctionSet& set);
void RegisterEncodings(FunctionSet& set);
void RegisterAes(FunctionSet& set);
void RegisterUrls(FunctionSet& set);
void RegisterHashes(FunctionSet& set);
void RegisterFormats(FunctionSet& set);
void RegisterNumberFormats(FunctionSet& set);

/// Makes a kernel of any number of arguments of any types, one row at a time; NULLs come as such.
template <typename F>
BatchFunction ByValues(F function) {
  return [function](Call& call, duckdb::DataChunk& input, duckdb::Vector& result) {
    const bool constant = input.ColumnCount() > 0 && input.AllConstant();
    const idx_t count = constant ? 1 : input.size();
    duckdb::vector<duckdb::Value> row(input.ColumnCount());
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (idx_t i = 0; i < count; ++i) {
      for (idx_t column = 0; column < row.size(); ++column)
        row[column] = input.data[column].GetValue(i);
      result.SetValue(i, function(call, row));
    }
    if (constant && input.size() != 1) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  };
}

}  // namespace tarn::engine::duck
