#include "local_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "shared_sync.h"

namespace tarn::io {

namespace {

// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int* receive() { return &fd_; }
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  // After close the descriptor is gone even when it answers with an error (Linux).
  int Close() {
    if (fd_ < 0) return 0;
    const int answer = close(Release());
    return answer == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int fd_ = -1;
};

int SyncDescriptor(int fd) {
  while (fsync(fd) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

void Fill(const struct stat& status, const ObjectPath& path, ObjectInfo* info) {
  info->path = path;
  info->is_directory = S_ISDIR(status.st_mode);
  info->size = info->is_directory ? 0 : status.st_size;
  info->modified_us = status.st_mtim.tv_sec * 1'000'000 + status.st_mtim.tv_nsec / 1000;
}

class LocalReadHandle : public FileSystem::ReadHandle {
 public:
  explicit LocalReadHandle(int fd) : file_(fd) {}
  int Read(int64_t offset, std::span<char> buffer, size_t* count) override {
    const ssize_t got = pread(file_.get(), buffer.data(), buffer.size(), offset);
    if (got < 0) return errno;
    *count = static_cast<size_t>(got);
    return 0;
  }

 private:
  Descriptor file_;
};

class LocalWriteHandle : public FileSystem::WriteHandle {
 public:
  explicit LocalWriteHandle(int fd) : file_(fd) {}
  int Write(std::string_view bytes, size_t* count) override {
    const ssize_t done = write(file_.get(), bytes.data(), bytes.size());
    if (done < 0) return errno;
    *count = static_cast<size_t>(done);
    return 0;
  }
  int Sync() override { return SyncDescriptor(file_.get()); }
  int Close() override { return file_.Close(); }
  int LinkCount(int64_t* count) override {
    struct stat status;
    if (fstat(file_.get(), &status) != 0) return errno;
    *count = static_cast<int64_t>(status.st_nlink);
    return 0;
  }

 private:
  Descriptor file_;
};

std::string LastSegment(const ObjectPath& path) { return std::string(path.Name()); }

}  // namespace

LocalFileSystem::~LocalFileSystem() { close(root_fd_); }

int LocalFileSystem::OpenAt(const ObjectPath& path, int flags, int mode, int* fd) const {
  const std::string& name = path.is_root() ? std::string(".") : path.str();
  flags |= O_CLOEXEC;
  if (links_ == LinkPolicy::kFollow) {
    do {
      *fd = openat(root_fd_, name.c_str(), flags, mode);
    } while (*fd < 0 && errno == EINTR);
    return *fd < 0 ? errno : 0;
  }
  static std::atomic<bool> openat2_missing{false};
  if (openat2_missing.load(std::memory_order_relaxed)) {
    return OpenWithoutLinks(path, flags, mode, fd);
  }
  struct open_how how = {};
  how.flags = static_cast<uint64_t>(flags);
  how.mode = (flags & O_CREAT) != 0 ? static_cast<uint64_t>(mode) : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something was renamed while the kernel resolved the path.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const long answer = syscall(SYS_openat2, root_fd_, name.c_str(), &how, sizeof how);
    if (answer >= 0) {
      *fd = static_cast<int>(answer);
      return 0;
    }
    if (errno == ENOSYS || errno == EPERM) {
      // An old kernel, or a sandbox that doesn't know the call.
      if (errno == ENOSYS) openat2_missing.store(true, std::memory_order_relaxed);
      return OpenWithoutLinks(path, flags, mode, fd);
    }
    if (errno != EAGAIN && errno != EINTR) return errno;
  }
  return EAGAIN;
}

int LocalFileSystem::OpenWithoutLinks(const ObjectPath& path, int flags, int mode, int* fd) const {
  Descriptor current(dup(root_fd_));
  if (current.get() < 0) return errno;
  std::string_view rest = path.str();
  if (rest.empty()) rest = ".";
  while (true) {
    const size_t slash = rest.find('/');
    const std::string segment(rest.substr(0, slash));
    const bool last = slash == rest.npos;
    const int step = last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const int next = openat(current.get(), segment.c_str(), step, mode);
    if (next < 0) return errno;
    if (last) {
      *fd = next;
      return 0;
    }
    current.Close();
    *current.receive() = next;
    rest.remove_prefix(slash + 1);
  }
}

int LocalFileSystem::OpenParent(const ObjectPath& path, int* fd) const {
  return OpenAt(path.Parent(), O_PATH | O_DIRECTORY, 0, fd);
}

int LocalFileSystem::OpenRead(const ObjectPath& path, std::unique_ptr<ReadHandle>* file,
                              ObjectInfo* info) {
  Descriptor opened;
  // Not blocking: a pipe in a data folder must not hang the statement.
  if (const int code = OpenAt(path, O_RDONLY | O_NONBLOCK, 0, opened.receive())) return code;
  struct stat status;
  if (fstat(opened.get(), &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  Fill(status, path, info);
  *file = std::make_unique<LocalReadHandle>(opened.Release());
  return 0;
}

int LocalFileSystem::CreateNew(const ObjectPath& path, std::unique_ptr<WriteHandle>* file) {
  Descriptor opened;
  if (const int code = OpenAt(path, O_WRONLY | O_CREAT | O_EXCL, 0666, opened.receive())) {
    return code;
  }
  *file = std::make_unique<LocalWriteHandle>(opened.Release());
  return 0;
}

int LocalFileSystem::Link(const ObjectPath& from, const ObjectPath& to) {
  Descriptor source, target;
  if (const int code = OpenParent(from, source.receive())) return code;
  if (const int code = OpenParent(to, target.receive())) return code;
  const int answer =
      linkat(source.get(), LastSegment(from).c_str(), target.get(), LastSegment(to).c_str(), 0);
  return answer == 0 ? 0 : errno;
}

int LocalFileSystem::Share(const ObjectPath& path, const LocalFileSystem& other, bool sync,
                           bool* shared) const {
  Descriptor source, target;
  if (const int code = OpenAt(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, source.receive())) {
    return code;
  }
  struct stat status;
  if (fstat(source.get(), &status) != 0) return errno;
  if (!S_ISREG(status.st_mode)) return ELOOP;
  if (const int code = sync ? SyncDescriptor(source.get()) : 0) return code;
  if (const int code = other.OpenParent(path, target.receive())) return code;
  // What was opened, whatever its name leads to by now.
  const std::string opened = "/proc/self/fd/" + std::to_string(source.get());
  const int answer =
      linkat(AT_FDCWD, opened.c_str(), target.get(), LastSegment(path).c_str(), AT_SYMLINK_FOLLOW);
  *shared = answer == 0;
  const bool cannot = errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP;
  return *shared || cannot ? 0 : errno;
}

int LocalFileSystem::SyncAll() const {
  Descriptor root;
  if (const int code = OpenAt(ObjectPath(), O_RDONLY | O_DIRECTORY, 0, root.receive())) return code;
  return syncfs(root.get()) == 0 ? 0 : errno;
}

int LocalFileSystem::Rename(const ObjectPath& from, const ObjectPath& to) {
  Descriptor source, target;
  if (const int code = OpenParent(from, source.receive())) return code;
  if (const int code = OpenParent(to, target.receive())) return code;
  const int answer =
      renameat(source.get(), LastSegment(from).c_str(), target.get(), LastSegment(to).c_str());
  return answer == 0 ? 0 : errno;
}

int LocalFileSystem::Unlink(const ObjectPath& path) {
  Descriptor parent;
  if (const int code = OpenParent(path, parent.receive())) return code;
  return unlinkat(parent.get(), LastSegment(path).c_str(), 0) == 0 ? 0 : errno;
}

int LocalFileSystem::RemoveDirectory(const ObjectPath& path) {
  Descriptor parent;
  if (const int code = OpenParent(path, parent.receive())) return code;
  return unlinkat(parent.get(), LastSegment(path).c_str(), AT_REMOVEDIR) == 0 ? 0 : errno;
}

int LocalFileSystem::MakeDirectory(const ObjectPath& path) {
  Descriptor parent;
  if (const int code = OpenParent(path, parent.receive())) return code;
  return mkdirat(parent.get(), LastSegment(path).c_str(), 0777) == 0 ? 0 : errno;
}

int LocalFileSystem::SyncDirectory(const ObjectPath& path) {
  Descriptor directory;
  if (const int code = OpenAt(path, O_RDONLY | O_DIRECTORY, 0, directory.receive())) return code;
  struct stat status;
  if (fstat(directory.get(), &status) != 0) return errno;
  // Many writers of one table ask for the same directory.
  static SharedSync shared;
  return shared.Run({status.st_dev, status.st_ino},
                    [&] { return SyncDescriptor(directory.get()); });
}

int LocalFileSystem::Stat(const ObjectPath& path, ObjectInfo* info) {
  Descriptor opened;
  if (const int code = OpenAt(path, O_PATH, 0, opened.receive())) return code;
  struct stat status;
  if (fstat(opened.get(), &status) != 0) return errno;
  Fill(status, path, info);
  return 0;
}

int LocalFileSystem::DirectoryIdentity(const ObjectPath& path, uint64_t* identity) {
  Descriptor opened;
  if (const int code = OpenAt(path, O_PATH | O_DIRECTORY, 0, opened.receive())) return code;
  struct statx status;
  if (statx(opened.get(), "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status) != 0) return errno;
  if ((status.stx_mask & STATX_BTIME) == 0) {
    *identity = 0;  // inode numbers are used again, so without the time of birth nothing is known
    return 0;
  }
  uint64_t mixed = status.stx_ino * 0x9E3779B97F4A7C15ULL;
  mixed ^= static_cast<uint64_t>(status.stx_btime.tv_sec) * 1'000'000'007ULL;
  mixed ^= static_cast<uint64_t>(status.stx_btime.tv_nsec) << 20;
  *identity = mixed == 0 ? 1 : mixed;
  return 0;
}

int LocalFileSystem::ReadDirectory(const ObjectPath& path, std::vector<Entry>* entries) {
  Descriptor opened;
  if (const int code = OpenAt(path, O_RDONLY | O_DIRECTORY, 0, opened.receive())) return code;
  DIR* stream = fdopendir(opened.get());
  if (stream == nullptr) return errno;
  opened.Release();
  int code = 0;
  while (true) {
    errno = 0;
    const dirent* item = readdir(stream);
    if (item == nullptr) {
      code = errno;
      break;
    }
    const std::string_view name = item->d_name;
    if (name == "." || name == "..") continue;
    Entry entry{std::string(name), item->d_type == DT_DIR, item->d_type == DT_LNK};
    if (item->d_type == DT_UNKNOWN) {
      struct stat status;
      if (fstatat(dirfd(stream), item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
      entry.is_directory = S_ISDIR(status.st_mode);
      entry.is_link = S_ISLNK(status.st_mode);
    }
    entries->push_back(std::move(entry));
  }
  closedir(stream);
  return code;
}

std::vector<FileSystem::Found> LocalFileSystem::StatEntries(const ObjectPath& directory,
                                                            std::span<const Entry> entries) {
  std::vector<Found> all(entries.size());
  Descriptor opened;
  const int code = OpenAt(directory, O_PATH | O_DIRECTORY, 0, opened.receive());
  for (size_t i = 0; i < entries.size(); ++i) {
    all[i].code = code;
    if (code != 0) continue;
    const ObjectPath path = directory.Child(entries[i].name);
    struct stat status;
    if (fstatat(opened.get(), entries[i].name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      all[i].code = errno;
    } else if (S_ISLNK(status.st_mode)) {
      // Where it leads is looked at with the care that links need.
      all[i].code = Stat(path, &all[i].info);
    } else {
      Fill(status, path, &all[i].info);
    }
  }
  return all;
}

std::string LocalFileSystem::Display(const ObjectPath& path) const {
  if (path.is_root()) return root_;
  return root_ == "/" ? root_ + path.str() : root_ + '/' + path.str();
}

}  // namespace tarn::io
