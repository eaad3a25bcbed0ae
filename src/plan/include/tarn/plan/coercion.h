#pragma once

#include <optional>
#include <span>

#include "tarn/base/result.h"
#include "tarn/plan/expr.h"
#include "tarn/types/data_type.h"

namespace tarn::plan {

/// Spark's ANSI type coercion (AnsiTypeCoercion): every rule that inserts a cast lives here.

/// Whether CAST(x AS to) is legal for an x of type `from` in ANSI mode (Cast.canAnsiCast), or
/// TRY_CAST.
bool CanCast(const DataType& from, const DataType& to, bool try_cast = false);

/// Whether an argument of type `from` may be passed, with an implicit cast, where `to` is wanted:
/// Cast.canANSIStoreAssign, and a string for any atomic type. Narrowing casts are checked when run.
bool CanImplicitlyCast(const DataType& from, const DataType& to);

/// The type both can be widened to without loss ("findTightestCommonType"), with the promotion of
/// strings to the other type where ANSI mode does that ("findWiderTypeForString"): the common type
/// of CASE, coalesce, IN, comparisons. nullopt if there is none.
std::optional<DataType> CommonType(const DataType& a, const DataType& b);
std::optional<DataType> CommonType(std::span<const DataType> types);

/// The common type of a set operation's or VALUES' columns (widening; no string promotion beyond
/// Spark's).
std::optional<DataType> SetOperationType(const DataType& a, const DataType& b);

/// May `from` be written to a column of type `to` with a checked cast? Delta's writes take whatever
/// CAST takes.
bool CanStoreAssign(const DataType& from, const DataType& to);

/// Precision and scale of decimal arithmetic (DecimalPrecision), allowPrecisionLoss = true.
DataType DecimalAddType(const DataType& a, const DataType& b);
DataType DecimalMultiplyType(const DataType& a, const DataType& b);
DataType DecimalDivideType(const DataType& a, const DataType& b);
DataType DecimalRemainderType(const DataType& a, const DataType& b);
DataType DecimalIntDivideType(const DataType& a, const DataType& b);
/// The decimal that holds every value of an integral type: int → decimal(10,0).
DataType DecimalFor(const DataType& integral);
/// The least decimal that holds every value of both.
DataType WiderDecimal(const DataType& a, const DataType& b);

}  // namespace tarn::plan
