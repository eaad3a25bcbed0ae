#pragma once

#include "duck/lowering.h"
#include "tarn/base/request_context.h"

namespace tarn::engine::duck {

/// DuckDB's error as a condition of Tarn. `context` tells why a statement was interrupted;
/// `positions` (may be null) gives the place in the user's text.
Error TranslateError(const duckdb::ErrorData& error, const RequestContext& context,
                     const SourceMap* positions = nullptr);

/// Runs `work` and turns what DuckDB (or a lowering) throws into an error.
template <typename Work>
auto Guarded(const RequestContext& context, const SourceMap* positions, Work work)
    -> decltype(work()) {
  try {
    return work();
  } catch (const LoweringFailure& failure) {
    return failure.error;
  } catch (const std::exception& exception) {
    return TranslateError(duckdb::ErrorData(exception), context, positions);
  }
}

}  // namespace tarn::engine::duck
