#pragma once

#include <optional>

#include "tarn/delta/action.h"
#include "tarn/types/data_type.h"

namespace tarn::delta {

/// Whether a column of type `from` may become `to` without its rows being written anew.
/// Source: Delta protocol, "Type Widening".
bool IsTypeWidening(const DataType& from, const DataType& to);

/// The least type that a column of type `from` can be widened to and that holds values of `found`;
/// nullopt if there is none, or `from` holds them already.
std::optional<DataType> WidenedFor(const DataType& from, const DataType& found);

/// Gives the column the wider type and notes the change in its metadata (`delta.typeChanges`).
void WidenColumn(Field& column, const DataType& to);

/// Whether files may hold a narrower type than the column, or than a field within it, has now.
bool WasWidened(const Field& column);

/// delta.enableTypeWidening
bool AllowsTypeWidening(const Metadata& metadata);

}  // namespace tarn::delta
