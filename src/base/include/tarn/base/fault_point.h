#pragma once

#include <string_view>

#include "tarn/base/result.h"

namespace tarn {

/// A named place where a test can make the program fail:
/// `TARN_FAULT_POINT("delta.commit.before_put");` Inert unless the environment variable TARN_FAULT
/// arms it: "name=kill" (SIGKILL to itself), "name=error" (an IO_ERROR), "name=kill@3" (at the
/// third passage); several are separated by ','. Thread-safe.
Status PassFaultPoint(std::string_view name);

}  // namespace tarn

/// Passes the fault point `name`, returning its error from the enclosing function if one is armed.
#define TARN_FAULT_POINT(name) TARN_TRY(::tarn::PassFaultPoint(name))
