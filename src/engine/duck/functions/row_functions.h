#pragma once

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

// Parts of the family of miscellaneous functions.
void RegisterRowValues(FunctionSet& set);
void RegisterSentences(FunctionSet& set);
void RegisterTimes(FunctionSet& set);
void RegisterVariants(FunctionSet& set);
void RegisterVectors(FunctionSet& set);

}  // namespace tarn::engine::duck
