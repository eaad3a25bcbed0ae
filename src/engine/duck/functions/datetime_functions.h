#pragma once

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

// Parts of the family of dates and times.
void RegisterDatetimeTexts(FunctionSet& set);
void RegisterDatetimeMaking(FunctionSet& set);

}  // namespace tarn::engine::duck
