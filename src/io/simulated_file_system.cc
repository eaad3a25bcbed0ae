#include "simulated_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tarn::io {

class SimulatedFileSystem::SimulatedRead : public FileSystem::ReadHandle {
 public:
  SimulatedRead(SimulatedFileSystem& disk, std::shared_ptr<File> file)
      : disk_(disk), file_(std::move(file)), epoch_(disk.epoch_) {}

  int Read(int64_t offset, std::span<char> buffer, size_t* count) override {
    return disk_.Call([&](DiskFault) {
      if (epoch_ != disk_.epoch_) return EIO;
      const size_t start = std::min(static_cast<size_t>(offset), file_->data.size());
      size_t length = std::min(buffer.size(), file_->data.size() - start);
      if (disk_.faults_on_ && length > 1 && disk_.random_.OneIn(16)) length /= 2;
      std::memcpy(buffer.data(), file_->data.data() + start, length);
      *count = length;
      return 0;
    });
  }

 private:
  SimulatedFileSystem& disk_;
  std::shared_ptr<File> file_;
  const uint64_t epoch_;
};

class SimulatedFileSystem::SimulatedWrite : public FileSystem::WriteHandle {
 public:
  SimulatedWrite(SimulatedFileSystem& disk, std::shared_ptr<File> file)
      : disk_(disk), file_(std::move(file)), epoch_(disk.epoch_) {}

  int Write(std::string_view bytes, size_t* count) override {
    return disk_.Call([&](DiskFault fault) {
      if (epoch_ != disk_.epoch_ || closed_) return EIO;
      size_t length = bytes.size();
      if (fault == DiskFault::kTorn) {
        length = disk_.random_.Below(length + 1);
      } else if (disk_.faults_on_ && length > 1) {
        if (disk_.random_.OneIn(16)) return EINTR;
        if (disk_.random_.OneIn(8)) length = 1 + disk_.random_.Below(length - 1);
      }
      file_->data.append(bytes.substr(0, length));
      file_->modified_us = disk_.clock_.NowMicros();
      *count = length;
      return 0;
    });
  }
  int Sync() override {
    return disk_.Call([&](DiskFault fault) {
      if (epoch_ != disk_.epoch_ || closed_ || fault == DiskFault::kTorn) return EIO;
      file_->durable_size = file_->data.size();
      return 0;
    });
  }
  int Close() override {
    closed_ = true;
    return disk_.Call([&](DiskFault) { return epoch_ == disk_.epoch_ ? 0 : EIO; });
  }
  int LinkCount(int64_t* count) override {
    return disk_.Call([&](DiskFault) {
      if (epoch_ != disk_.epoch_) return EIO;
      *count = file_->links;
      return 0;
    });
  }

 private:
  SimulatedFileSystem& disk_;
  std::shared_ptr<File> file_;
  const uint64_t epoch_;
  bool closed_ = false;
};

SimulatedFileSystem::SimulatedFileSystem(uint64_t seed, Clock& clock)
    : clock_(clock), random_(seed), root_(std::make_shared<Directory>()) {
  root_->identity = ++identities_;
}

void SimulatedFileSystem::SetRates(const DiskFaultRates& rates) {
  std::lock_guard lock(mutex_);
  rates_ = rates;
  faults_on_ = rates.fail_one_in != 0 || rates.lost_answer_one_in != 0 || rates.torn_one_in != 0 ||
               rates.power_cut_one_in != 0;
}

void SimulatedFileSystem::FailCall(int64_t k, DiskFault fault) {
  std::lock_guard lock(mutex_);
  orders_[calls_ + k] = fault;
}

int64_t SimulatedFileSystem::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

bool SimulatedFileSystem::powered() const {
  std::lock_guard lock(mutex_);
  return powered_;
}

void SimulatedFileSystem::Restart() {
  std::lock_guard lock(mutex_);
  powered_ = true;
}

void SimulatedFileSystem::CutPower() {
  std::lock_guard lock(mutex_);
  CutPowerLocked();
}

DiskFault SimulatedFileSystem::NextFault() {
  ++calls_;
  if (const auto order = orders_.find(calls_); order != orders_.end()) {
    const DiskFault fault = order->second;
    orders_.erase(order);
    return fault;
  }
  if (!faults_on_) return DiskFault::kNone;
  const auto strikes = [&](uint32_t one_in) { return one_in != 0 && random_.OneIn(one_in); };
  if (strikes(rates_.fail_one_in)) return DiskFault::kFail;
  if (strikes(rates_.lost_answer_one_in)) return DiskFault::kLostAnswer;
  if (strikes(rates_.torn_one_in)) return DiskFault::kTorn;
  if (strikes(rates_.power_cut_one_in)) return DiskFault::kPowerCut;
  return DiskFault::kNone;
}

template <typename Work>
int SimulatedFileSystem::Call(Work work) {
  std::lock_guard lock(mutex_);
  if (!powered_) return EIO;
  const DiskFault fault = NextFault();
  switch (fault) {
    case DiskFault::kNone:
      return work(fault);
    case DiskFault::kFail:
      return random_.OneIn(4) ? ENOSPC : EIO;
    case DiskFault::kLostAnswer:
    case DiskFault::kTorn:
      if (fault == DiskFault::kLostAnswer || random_.OneIn(2)) (void)work(fault);
      return EIO;
    case DiskFault::kPowerCut:
      if (random_.OneIn(2)) (void)work(fault);
      CutPowerLocked();
      return EIO;
  }
  return EIO;
}

void SimulatedFileSystem::CutPowerLocked() {
  std::set<const File*> seen;
  CutDirectory(*root_, seen);
  powered_ = false;
  ++epoch_;
}

void SimulatedFileSystem::CutDirectory(Directory& directory, std::set<const File*>& seen) {
  for (const Change& change : directory.changes) {
    if (random_.OneIn(2)) ApplyTo(directory.durable, change);
  }
  directory.changes.clear();
  directory.entries = directory.durable;
  for (auto& [name, node] : directory.entries) {
    if (node.directory) {
      CutDirectory(*node.directory, seen);
      continue;
    }
    File& file = *node.file;
    if (!seen.insert(&file).second) continue;
    const size_t unsynced = file.data.size() - file.durable_size;
    if (unsynced == 0) continue;
    const size_t kept = random_.Below(unsynced + 1);
    file.data.resize(file.durable_size + kept);
    // The size may be on the disk before the bytes are.
    if (kept > 0 && random_.OneIn(2)) {
      const size_t garbage = 1 + random_.Below(kept);
      std::fill(file.data.end() - static_cast<ptrdiff_t>(garbage), file.data.end(), '\0');
    }
    file.durable_size = file.data.size();
  }
  // Names decide how many links a file has now.
  for (auto& [name, node] : directory.entries) {
    if (node.file) node.file->links = 1;
  }
}

void SimulatedFileSystem::ApplyTo(Entries& entries, const Change& change) {
  if (!change.removed.empty()) {
    const auto found = entries.find(change.removed);
    if (found == entries.end()) {
      // What was to be moved or removed isn't there: a change before this one didn't survive. A
      // move still brings its node, as the journal would.
      if (change.added.empty()) return;
    } else {
      entries.erase(found);
    }
  }
  if (!change.added.empty()) entries[change.added] = change.node;
}

void SimulatedFileSystem::Apply(Directory& directory, Change change) {
  ApplyTo(directory.entries, change);
  directory.changes.push_back(std::move(change));
  directory.modified_us = clock_.NowMicros();
}

SimulatedFileSystem::Node SimulatedFileSystem::Find(const ObjectPath& path) const {
  Node node{root_, nullptr};
  std::string_view rest = path.str();
  while (!rest.empty()) {
    if (!node.directory) return {};
    const size_t slash = rest.find('/');
    const auto found = node.directory->entries.find(rest.substr(0, slash));
    if (found == node.directory->entries.end()) return {};
    node = found->second;
    rest = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
  }
  return node;
}

std::shared_ptr<SimulatedFileSystem::Directory> SimulatedFileSystem::FindParent(
    const ObjectPath& path) const {
  return Find(path.Parent()).directory;
}

int SimulatedFileSystem::OpenRead(const ObjectPath& path, std::unique_ptr<ReadHandle>* file,
                                  ObjectInfo* info) {
  return Call([&](DiskFault) {
    const Node node = Find(path);
    if (!node) return ENOENT;
    if (!node.file) return EISDIR;
    *info = ObjectInfo{path, static_cast<int64_t>(node.file->data.size()), node.file->modified_us,
                       false};
    *file = std::make_unique<SimulatedRead>(*this, node.file);
    return 0;
  });
}

int SimulatedFileSystem::CreateNew(const ObjectPath& path, std::unique_ptr<WriteHandle>* file) {
  return Call([&](DiskFault) {
    const auto parent = FindParent(path);
    if (!parent) return ENOENT;
    const std::string name(path.Name());
    if (parent->entries.contains(name)) return EEXIST;
    auto created = std::make_shared<File>();
    created->links = 1;
    created->modified_us = clock_.NowMicros();
    Apply(*parent, Change{"", name, Node{nullptr, created}});
    *file = std::make_unique<SimulatedWrite>(*this, created);
    return 0;
  });
}

int SimulatedFileSystem::Link(const ObjectPath& from, const ObjectPath& to) {
  return Call([&](DiskFault) {
    const Node node = Find(from);
    const auto parent = FindParent(to);
    if (!node.file || !parent) return ENOENT;
    const std::string name(to.Name());
    if (parent->entries.contains(name)) return EEXIST;
    ++node.file->links;
    Apply(*parent, Change{"", name, node});
    return 0;
  });
}

int SimulatedFileSystem::Rename(const ObjectPath& from, const ObjectPath& to) {
  return Call([&](DiskFault) {
    const Node node = Find(from);
    const auto source = FindParent(from);
    const auto target = FindParent(to);
    if (!node || !source || !target) return ENOENT;
    if (source == target) {
      Apply(*source, Change{std::string(from.Name()), std::string(to.Name()), node});
      return 0;
    }
    Apply(*target, Change{"", std::string(to.Name()), node});
    Apply(*source, Change{std::string(from.Name()), "", {}});
    return 0;
  });
}

int SimulatedFileSystem::Unlink(const ObjectPath& path) {
  return Call([&](DiskFault) {
    const Node node = Find(path);
    if (!node) return ENOENT;
    if (!node.file) return EISDIR;
    --node.file->links;
    Apply(*FindParent(path), Change{std::string(path.Name()), "", {}});
    return 0;
  });
}

int SimulatedFileSystem::RemoveDirectory(const ObjectPath& path) {
  return Call([&](DiskFault) {
    const Node node = Find(path);
    if (!node) return ENOENT;
    if (!node.directory) return ENOTDIR;
    if (!node.directory->entries.empty()) return ENOTEMPTY;
    Apply(*FindParent(path), Change{std::string(path.Name()), "", {}});
    return 0;
  });
}

int SimulatedFileSystem::MakeDirectory(const ObjectPath& path) {
  return Call([&](DiskFault) {
    const auto parent = FindParent(path);
    if (!parent) return ENOENT;
    const std::string name(path.Name());
    if (parent->entries.contains(name)) return EEXIST;
    auto made = std::make_shared<Directory>();
    made->identity = ++identities_;
    made->modified_us = clock_.NowMicros();
    Apply(*parent, Change{"", name, Node{made, nullptr}});
    return 0;
  });
}

int SimulatedFileSystem::SyncDirectory(const ObjectPath& path) {
  return Call([&](DiskFault fault) {
    if (fault == DiskFault::kTorn) return EIO;
    const Node node = Find(path);
    if (!node.directory) return ENOENT;
    node.directory->durable = node.directory->entries;
    node.directory->changes.clear();
    return 0;
  });
}

int SimulatedFileSystem::Stat(const ObjectPath& path, ObjectInfo* info) {
  return Call([&](DiskFault) {
    const Node node = Find(path);
    if (!node) return ENOENT;
    info->path = path;
    info->is_directory = node.directory != nullptr;
    info->size = node.file ? static_cast<int64_t>(node.file->data.size()) : 0;
    info->modified_us = node.file ? node.file->modified_us : node.directory->modified_us;
    return 0;
  });
}

int SimulatedFileSystem::DirectoryIdentity(const ObjectPath& path, uint64_t* identity) {
  return Call([&](DiskFault) {
    const Node node = Find(path);
    if (!node.directory) return ENOENT;
    *identity = node.directory->identity;
    return 0;
  });
}

int SimulatedFileSystem::ReadDirectory(const ObjectPath& path, std::vector<Entry>* entries) {
  return Call([&](DiskFault) {
    const Node node = Find(path);
    if (!node) return ENOENT;
    if (!node.directory) return ENOTDIR;
    for (const auto& [name, child] : node.directory->entries) {
      entries->push_back(Entry{name, child.directory != nullptr, false});
    }
    return 0;
  });
}

}  // namespace tarn::io
