#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tarn::sim {

/// How often a call of the simulated disk goes wrong: one in so many; 0 is never.
struct VfsFaultRates {
  uint32_t fail_one_in = 0;
  uint32_t lost_answer_one_in = 0;
  uint32_t power_cut_one_in = 0;
};

/// A disk in memory under SQLite, in place of the operating system's: knows for each write,
/// truncation and file name whether it was synced, and fails as its seed says. One process and one
/// thread; while it lives, it is SQLite's default VFS.
class SimulatedVfs {
 public:
  explicit SimulatedVfs(uint64_t seed);
  ~SimulatedVfs();
  SimulatedVfs(const SimulatedVfs&) = delete;
  SimulatedVfs& operator=(const SimulatedVfs&) = delete;

  void SetRates(const VfsFaultRates& rates);
  /// What wasn't synced is lost but for a random part: any subset of the writes, each perhaps cut
  /// at a sector; any subset of new and removed names. All open files are dead. Until Restart all
  /// calls fail.
  void CutPower();
  bool powered() const;
  void Restart();
  /// Shares the power with another disk: before each call `powered` is asked, and the power of this
  /// one goes if it answers false; `cut` is called when the power of this one goes.
  void SharePower(std::function<bool()> powered, std::function<void()> cut);
  /// Makes all names durable, as a sync of the directory does.
  void SyncNames();

  struct Disk;

 private:
  std::unique_ptr<Disk> disk_;
};

}  // namespace tarn::sim
