#pragma once

#include <cstdint>
#include <memory>

#include "tarn/base/clock.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

/// What may go wrong in one call of the simulated disk.
enum class DiskFault : uint8_t {
  kNone,
  kFail,        ///< nothing is done, the call answers with an error
  kLostAnswer,  ///< the work is done, the call answers with an error
  kTorn,        ///< a write stops half way, then the call answers with an error; else as kFail
  kPowerCut,    ///< the power goes before or after the work (the seed decides)
};

/// How often each fault happens: one in so many calls of the simulated disk; 0 is never.
struct DiskFaultRates {
  uint32_t fail_one_in = 0;
  uint32_t lost_answer_one_in = 0;
  uint32_t torn_one_in = 0;
  uint32_t power_cut_one_in = 0;
};

/// The same algorithms as the local store, over a simulated disk that fails as its seed says. It
/// tells apart what was written from what was synced, for contents and directory entries
/// separately. One call of the store makes several calls of the disk, and a fault can strike each
/// of them. Thread-safe, but reproducible only when calls come in one order.
class FaultyObjectStore : public ObjectStore {
 public:
  /// From now on random faults happen at these rates.
  virtual void SetRates(const DiskFaultRates& rates) = 0;
  /// The `k`-th disk call from now (1 is the next) suffers `fault`.
  virtual void FailCall(int64_t k, DiskFault fault) = 0;
  /// Disk calls made so far.
  virtual int64_t calls() const = 0;
  /// The power goes: everything not synced is lost but for a random part (appended bytes: a prefix,
  /// perhaps followed by garbage; directory entries: any subset of the unsynced changes). Until
  /// Restart every call fails, and open files stay dead after it.
  virtual void CutPower() = 0;
  virtual bool powered() const = 0;
  virtual void Restart() = 0;
};

std::unique_ptr<FaultyObjectStore> NewFaultyStore(uint64_t seed, Clock& clock = SystemClock());

}  // namespace tarn::io
