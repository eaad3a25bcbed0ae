#include "seeds.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace tarn::sim {

void RunSeeds(const char* name, uint64_t seeds_default,
              const std::function<void(uint64_t seed)>& simulate) {
  const auto number = [](const char* variable, uint64_t missing) {
    const char* text = std::getenv(variable);
    return text == nullptr ? missing : std::strtoull(text, nullptr, 10);
  };
  const uint64_t one = number("TARN_SIM_SEED", 0);
  const uint64_t first = one != 0 ? one : 1;
  const uint64_t last = one != 0 ? one : number("TARN_SIM_SEEDS", seeds_default);
  // "i/n": only each n-th seed, so that n processes share the work.
  unsigned long long shard = 0, shards = 1;
  if (const char* text = std::getenv("TARN_SIM_SHARD"); text != nullptr && one == 0) {
    ASSERT_EQ(std::sscanf(text, "%llu/%llu", &shard, &shards), 2) << "TARN_SIM_SHARD=" << text;
  }
  uint64_t count = 0;
  for (uint64_t seed = first; seed <= last; ++seed) {
    if (shards > 1 && seed % shards != shard) continue;
    ++count;
    simulate(seed);
    if (testing::Test::HasFailure()) {
      std::printf("%s: seed %" PRIu64 " failed; TARN_SIM_SEED=%" PRIu64 " repeats it\n", name, seed,
                  seed);
      return;
    }
  }
  std::printf("%s: %" PRIu64 " seeds\n", name, count);
}

}  // namespace tarn::sim
