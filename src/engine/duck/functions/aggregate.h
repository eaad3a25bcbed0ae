#pragma once

#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

/// kurtosis and skewness of the population, as aggregates of our own.
void RegisterMoments(FunctionSet& set);

}  // namespace tarn::engine::duck
