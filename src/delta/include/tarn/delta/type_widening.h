#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tarn/base/result.h"
#include "tarn/delta/action.h"
#include "tarn/types/data_type.h"

namespace tarn::delta {

/// Whether a column of type `from` may become `to` without its rows being written anew.
/// Source: Delta protocol, "Type Widening".
bool IsTypeWidening(const DataType& from, const DataType& to);

/// The least type that a column of type `from` can be widened to and that holds values of `found`;
/// nullopt if there is none, or `from` holds them already.
std::optional<DataType> WidenedFor(const DataType& from, const DataType& found);

/// The way from a column, or a struct's field, into its arrays and maps: "element", "key", "value".
using InnerPath = std::span<const std::string>;

/// The type at the end of the way; nullptr if it leads nowhere.
const DataType* TypeWithin(const DataType& type, InnerPath path);

/// Gives the column, or the type at the end of a way that TypeWithin finds, the wider type and
/// notes the change in the column's metadata (`delta.typeChanges`).
void WidenColumn(Field& column, const DataType& to, InnerPath path = {});

/// Whether files may hold a narrower type than the column, or than a field within it, has now.
bool WasWidened(const Field& column);

/// A change that was made to the type of a column, or of something within it.
struct TypeChange {
  std::string path;  ///< names, joined by points
  DataType from;
  DataType to;
};
/// All changes that a column, or a field within it, notes. Errors: DELTA_LOG_CORRUPT.
Result<std::vector<TypeChange>> TypeChangesOf(const Field& column);

/// delta.enableTypeWidening
bool AllowsTypeWidening(const Metadata& metadata);

}  // namespace tarn::delta
