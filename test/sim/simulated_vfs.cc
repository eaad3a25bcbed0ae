#include "simulated_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "tarn/base/random.h"

namespace tarn::sim {

namespace {

constexpr size_t kSectorBytes = 512;

struct Write {
  int64_t offset = 0;
  std::string bytes;
  bool truncate = false;  // to `offset`
};

struct File {
  std::string data;
  std::string durable;
  std::vector<Write> unsynced;
  std::map<int, std::unique_ptr<std::string>> shared_memory;  // by region; not on the disk
};

void ApplyTo(std::string& data, const Write& write) {
  const auto offset = static_cast<size_t>(write.offset);
  if (write.truncate) {
    data.resize(offset);
    return;
  }
  if (data.size() < offset + write.bytes.size()) data.resize(offset + write.bytes.size());
  std::memcpy(data.data() + offset, write.bytes.data(), write.bytes.size());
}

}  // namespace

struct SimulatedVfs::Disk {
  explicit Disk(uint64_t seed) : random(seed) {}

  Random random;
  VfsFaultRates rates;
  bool powered = true;
  std::function<bool()> others_powered;
  std::function<void()> cut_others;
  uint64_t epoch = 0;
  std::map<std::string, std::shared_ptr<File>> names;
  std::map<std::string, std::shared_ptr<File>> durable_names;
  std::vector<std::unique_ptr<std::string>> abandoned;
  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;

  bool Strikes(uint32_t one_in) { return one_in != 0 && random.OneIn(one_in); }

  /// Does `work` unless a fault forbids it; the code of the failure, or what work answers.
  template <typename Work>
  int Call(int failure, Work work) {
    if (powered && others_powered && !others_powered()) Cut();
    if (!powered) return failure;
    if (Strikes(rates.fail_one_in)) return failure;
    if (Strikes(rates.lost_answer_one_in)) {
      (void)work();
      return failure;
    }
    if (Strikes(rates.power_cut_one_in)) {
      if (random.OneIn(2)) (void)work();
      Cut();
      return failure;
    }
    return work();
  }

  void Cut() {
    std::map<std::string, std::shared_ptr<File>> survivors = durable_names;
    for (const auto& [name, file] : names) {
      const auto durable = durable_names.find(name);
      if (durable != durable_names.end() && durable->second == file) continue;
      if (random.OneIn(2)) survivors[name] = file;
    }
    for (const auto& [name, file] : durable_names) {
      if (!names.contains(name) && random.OneIn(2)) survivors.erase(name);
    }
    for (const auto& [name, file] : survivors) {
      std::string data = file->durable;
      for (Write& write : file->unsynced) {
        if (random.OneIn(2)) continue;
        if (!write.truncate && random.OneIn(4)) {
          const size_t sectors = write.bytes.size() / kSectorBytes;
          write.bytes.resize(kSectorBytes * random.Below(sectors + 1));
        }
        ApplyTo(data, write);
      }
      file->data = file->durable = std::move(data);
      file->unsynced.clear();
      // The dead connections still hold pointers into it.
      for (auto& [region, memory] : file->shared_memory) abandoned.push_back(std::move(memory));
      file->shared_memory.clear();
    }
    names = durable_names = std::move(survivors);
    powered = false;
    ++epoch;
    if (cut_others) cut_others();
  }
};

namespace {

using Disk = SimulatedVfs::Disk;

// What SQLite allocates for an open file.
struct OpenFile {
  sqlite3_file base;
  Disk* disk;
  File* file;
  std::shared_ptr<File>* owner;
  uint64_t epoch;
  bool delete_on_close;
  bool sync_name;  // a journal's name is synced with its first content
  char name[256];

  bool dead() const { return epoch != disk->epoch; }
};

OpenFile& Of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
Disk& DiskOf(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

int Close(sqlite3_file* handle) {
  OpenFile& open = Of(handle);
  if (open.delete_on_close && !open.dead()) open.disk->names.erase(open.name);
  delete open.owner;
  return SQLITE_OK;
}

int Read(sqlite3_file* handle, void* buffer, int amount, sqlite3_int64 offset) {
  OpenFile& open = Of(handle);
  return open.disk->Call(SQLITE_IOERR_READ, [&] {
    if (open.dead()) return SQLITE_IOERR_READ;
    const std::string& data = open.file->data;
    const size_t start = std::min(static_cast<size_t>(offset), data.size());
    const size_t count = std::min(static_cast<size_t>(amount), data.size() - start);
    std::memcpy(buffer, data.data() + start, count);
    if (count == static_cast<size_t>(amount)) return SQLITE_OK;
    std::memset(static_cast<char*>(buffer) + count, 0, static_cast<size_t>(amount) - count);
    return SQLITE_IOERR_SHORT_READ;
  });
}

int Change(OpenFile& open, int failure, Write write) {
  return open.disk->Call(failure, [&] {
    if (open.dead()) return failure;
    ApplyTo(open.file->data, write);
    open.file->unsynced.push_back(write);
    return SQLITE_OK;
  });
}

int WriteTo(sqlite3_file* handle, const void* buffer, int amount, sqlite3_int64 offset) {
  return Change(
      Of(handle), SQLITE_IOERR_WRITE,
      {offset, std::string(static_cast<const char*>(buffer), static_cast<size_t>(amount))});
}

int Truncate(sqlite3_file* handle, sqlite3_int64 size) {
  return Change(Of(handle), SQLITE_IOERR_TRUNCATE, {size, "", true});
}

int Sync(sqlite3_file* handle, int) {
  OpenFile& open = Of(handle);
  return open.disk->Call(SQLITE_IOERR_FSYNC, [&] {
    if (open.dead()) return SQLITE_IOERR_FSYNC;
    open.file->durable = open.file->data;
    open.file->unsynced.clear();
    if (open.sync_name) open.disk->durable_names[open.name] = *open.owner;
    return SQLITE_OK;
  });
}

int FileSize(sqlite3_file* handle, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(Of(handle).file->data.size());
  return Of(handle).dead() ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

int Lock(sqlite3_file*, int) { return SQLITE_OK; }
int CheckReservedLock(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return static_cast<int>(kSectorBytes); }
int DeviceCharacteristics(sqlite3_file*) { return 0; }

int ShmMap(sqlite3_file* handle, int region, int size, int extend, void volatile** memory) {
  OpenFile& open = Of(handle);
  *memory = nullptr;
  if (open.dead()) return SQLITE_IOERR_SHMMAP;
  auto& found = open.file->shared_memory[region];
  if (!found && extend == 0) {
    open.file->shared_memory.erase(region);
    return SQLITE_OK;
  }
  if (!found) found = std::make_unique<std::string>(static_cast<size_t>(size), '\0');
  *memory = found->data();
  return SQLITE_OK;
}
int ShmLock(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void ShmBarrier(sqlite3_file*) {}
int ShmUnmap(sqlite3_file* handle, int delete_it) {
  if (delete_it != 0 && !Of(handle).dead()) Of(handle).file->shared_memory.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {2,
                                     Close,
                                     Read,
                                     WriteTo,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Lock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     DeviceCharacteristics,
                                     ShmMap,
                                     ShmLock,
                                     ShmBarrier,
                                     ShmUnmap,
                                     nullptr,
                                     nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags, int* out_flags) {
  Disk& disk = DiskOf(vfs);
  handle->pMethods = nullptr;
  return disk.Call(SQLITE_CANTOPEN, [&] {
    const std::string path = name == nullptr ? "temporary" : name;
    auto found = disk.names.find(path);
    if (found == disk.names.end()) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      found = disk.names.emplace(path, std::make_shared<File>()).first;
    }
    auto* open = reinterpret_cast<OpenFile*>(handle);
    *open = OpenFile{};
    open->base.pMethods = &kMethods;
    open->disk = &disk;
    open->owner = new std::shared_ptr<File>(found->second);
    open->file = found->second.get();
    open->epoch = disk.epoch;
    open->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    open->sync_name = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    std::strncpy(open->name, path.c_str(), sizeof open->name - 1);
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  });
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  Disk& disk = DiskOf(vfs);
  return disk.Call(SQLITE_IOERR_DELETE, [&] {
    if (disk.names.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
    if (sync_directory != 0) disk.durable_names = disk.names;
    return SQLITE_OK;
  });
}

int Access(sqlite3_vfs* vfs, const char* name, int, int* answer) {
  Disk& disk = DiskOf(vfs);
  const auto found = disk.names.find(name);
  *answer = found != disk.names.end() && !found->second->data.empty() ? 1 : 0;
  return disk.powered ? SQLITE_OK : SQLITE_IOERR_ACCESS;
}

int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
  std::strncpy(out, name, static_cast<size_t>(size));
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  // Salts of the WAL come from here; from the seed, so that a run can be repeated.
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(DiskOf(vfs).random.Next());
  return size;
}

int Sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int CurrentTime(sqlite3_vfs* vfs, sqlite3_int64* out) {
  sqlite3_vfs* system = DiskOf(vfs).system;
  return system->xCurrentTimeInt64(system, out);
}

}  // namespace

SimulatedVfs::SimulatedVfs(uint64_t seed) : disk_(std::make_unique<Disk>(seed)) {
  disk_->system = sqlite3_vfs_find("unix");
  sqlite3_vfs& vfs = disk_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 255;
  vfs.zName = "tarn-simulated";
  vfs.pAppData = disk_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTimeInt64 = CurrentTime;
  sqlite3_vfs_register(&vfs, 1);
  // SQLite's own generator lives as long as the process; now it takes its next seed from this disk,
  // so that a run doesn't depend on those before it.
  sqlite3_randomness(0, nullptr);
}

SimulatedVfs::~SimulatedVfs() {
  sqlite3_vfs_unregister(&disk_->vfs);
  sqlite3_vfs_register(disk_->system, 1);
}

void SimulatedVfs::SetRates(const VfsFaultRates& rates) { disk_->rates = rates; }
void SimulatedVfs::SharePower(std::function<bool()> powered, std::function<void()> cut) {
  disk_->others_powered = std::move(powered);
  disk_->cut_others = std::move(cut);
}
void SimulatedVfs::CutPower() { disk_->Cut(); }
bool SimulatedVfs::powered() const { return disk_->powered; }
void SimulatedVfs::Restart() { disk_->powered = true; }
void SimulatedVfs::SyncNames() { disk_->durable_names = disk_->names; }

}  // namespace tarn::sim
