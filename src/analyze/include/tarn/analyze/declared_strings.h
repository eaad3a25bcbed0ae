#pragma once

#include <optional>
#include <string>

#include "tarn/base/result.h"
#include "tarn/types/data_type.h"

namespace tarn::analyze {

// char(n) and varchar(n), alone or within other types. A table stores them as strings; the column's
// metadata remembers how it was declared, as Spark's does (`__CHAR_VARCHAR_TYPE_STRING`). Lengths
// count code points.

/// Gives a field of a declared type the type that is stored, and the note of the declaration.
void StoreDeclaration(Field& field);

/// The type as it was declared; nullopt if no part of it has a length. A note that doesn't fit the
/// stored type counts for nothing.
std::optional<DataType> DeclaredType(const Field& field);

/// Whether any part of the type is char(n), so that PaddedText changes values.
bool HoldsChar(const DataType& declared);

/// The longest char(n): each value is filled up to that many characters.
inline constexpr int kCharLengthMax = 65'535;

/// UNSUPPORTED_FEATURE if a char(n) within the type is longer than kCharLengthMax.
Status CheckCharLengths(const DataType& declared);

/// SQL: `operand`, of a declared type, with each char(n) filled up with blanks. NULL stays NULL.
std::string PaddedText(const DataType& declared, const std::string& operand);

/// SQL: whether no string within `operand` is longer than it was declared. NULL is not.
std::string FitsText(const DataType& declared, const std::string& operand);

}  // namespace tarn::analyze
