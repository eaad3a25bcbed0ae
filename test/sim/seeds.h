#pragma once

#include <cstdint>
#include <functional>

namespace tarn::sim {

/// Runs `simulate(seed)` for TARN_SIM_SEEDS seeds from 1 on (`seeds_default` if it isn't set), or
/// only for TARN_SIM_SEED. The first failure stops the run and prints its seed.
void RunSeeds(const char* name, uint64_t seeds_default,
              const std::function<void(uint64_t seed)>& simulate);

}  // namespace tarn::sim
