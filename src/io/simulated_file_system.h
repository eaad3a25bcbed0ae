#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "file_system.h"
#include "tarn/base/clock.h"
#include "tarn/base/random.h"
#include "tarn/io/faulty_object_store.h"

namespace tarn::io {

/// A disk in memory that knows of each byte and each directory entry whether it was synced, and
/// that fails as its seed and its orders say. Thread-safe.
class SimulatedFileSystem : public FileSystem {
 public:
  SimulatedFileSystem(uint64_t seed, Clock& clock);

  void SetRates(const DiskFaultRates& rates);
  void FailCall(int64_t k, DiskFault fault);
  int64_t calls() const;
  void CutPower();
  bool powered() const;
  void Restart();

  int OpenRead(const ObjectPath& path, std::unique_ptr<ReadHandle>* file,
               ObjectInfo* info) override;
  int CreateNew(const ObjectPath& path, std::unique_ptr<WriteHandle>* file) override;
  int Link(const ObjectPath& from, const ObjectPath& to) override;
  int Rename(const ObjectPath& from, const ObjectPath& to) override;
  int Unlink(const ObjectPath& path) override;
  int RemoveDirectory(const ObjectPath& path) override;
  int MakeDirectory(const ObjectPath& path) override;
  int SyncDirectory(const ObjectPath& path) override;
  int Stat(const ObjectPath& path, ObjectInfo* info) override;
  int DirectoryIdentity(const ObjectPath& path, uint64_t* identity) override;
  int ReadDirectory(const ObjectPath& path, std::vector<Entry>* entries) override;
  std::string Display(const ObjectPath& path) const override { return "memory:/" + path.str(); }

 private:
  struct Directory;
  struct File {
    std::string data;
    size_t durable_size = 0;
    int64_t links = 0;
    int64_t modified_us = 0;
  };
  struct Node {
    std::shared_ptr<Directory> directory;
    std::shared_ptr<File> file;
    explicit operator bool() const { return directory || file; }
  };
  using Entries = std::map<std::string, Node, std::less<>>;
  /// One unsynced change of a directory; atomic in a power cut.
  struct Change {
    std::string removed;  // name, or "" for none
    std::string added;    // name, or "" for none
    Node node;
  };
  struct Directory {
    Entries entries;
    Entries durable;
    std::vector<Change> changes;
    uint64_t identity = 0;
    int64_t modified_us = 0;
  };
  class SimulatedRead;
  class SimulatedWrite;

  /// Does `work` unless this call's fault forbids it.
  template <typename Work>
  int Call(Work work);
  DiskFault NextFault();
  Node Find(const ObjectPath& path) const;
  /// The directory that holds `path`, or null.
  std::shared_ptr<Directory> FindParent(const ObjectPath& path) const;
  void Apply(Directory& directory, Change change);
  static void ApplyTo(Entries& entries, const Change& change);
  void CutPowerLocked();
  void CutDirectory(Directory& directory, std::set<const File*>& seen);

  Clock& clock_;
  mutable std::mutex mutex_;  // guards everything below
  Random random_;
  DiskFaultRates rates_;
  bool faults_on_ = false;
  std::map<int64_t, DiskFault> orders_;  // by number of the call
  int64_t calls_ = 0;
  bool powered_ = true;
  uint64_t epoch_ = 0;  // of the power; handles of an earlier one are dead
  uint64_t identities_ = 0;
  std::shared_ptr<Directory> root_;
};

}  // namespace tarn::io
