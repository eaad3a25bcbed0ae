#include "tarn/io/faulty_object_store.h"

#include "file_store.h"
#include "simulated_file_system.h"
#include "tarn/io/memory_object_store.h"

namespace tarn::io {

namespace {

class FaultyStore : public FileStore<FaultyObjectStore, SimulatedFileSystem> {
 public:
  using FileStore::FileStore;
  void SetRates(const DiskFaultRates& rates) override { files_->SetRates(rates); }
  void FailCall(int64_t k, DiskFault fault) override { files_->FailCall(k, fault); }
  int64_t calls() const override { return files_->calls(); }
  void CutPower() override { files_->CutPower(); }
  bool powered() const override { return files_->powered(); }
  void Restart() override {
    algorithms_.ForgetSynced();
    files_->Restart();
  }
};

}  // namespace

std::unique_ptr<FaultyObjectStore> NewFaultyStore(uint64_t seed, Clock& clock) {
  return std::make_unique<FaultyStore>(std::make_unique<SimulatedFileSystem>(seed, clock),
                                       "simulated");
}

std::unique_ptr<ObjectStore> NewMemoryStore(Clock& clock) {
  return std::make_unique<FileStore<ObjectStore, SimulatedFileSystem>>(
      std::make_unique<SimulatedFileSystem>(0, clock), "memory");
}

}  // namespace tarn::io
