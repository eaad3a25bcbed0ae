#pragma once

#include <memory>
#include <string>
#include <vector>

#include "file_system.h"
#include "tarn/io/local_object_store.h"

namespace tarn::io {

/// The operating system's disk below one open directory. Paths are resolved by openat2 (since a
/// check before use could be raced); without that call no link below the root is followed at all.
class LocalFileSystem : public FileSystem {
 public:
  /// Takes `root_fd`.
  LocalFileSystem(int root_fd, std::string root, LinkPolicy links)
      : root_fd_(root_fd), root_(std::move(root)), links_(links) {}
  ~LocalFileSystem() override;
  LocalFileSystem(const LocalFileSystem&) = delete;
  LocalFileSystem& operator=(const LocalFileSystem&) = delete;

  int OpenRead(const ObjectPath& path, std::unique_ptr<ReadHandle>* file,
               ObjectInfo* info) override;
  int CreateNew(const ObjectPath& path, std::unique_ptr<WriteHandle>* file) override;
  int Link(const ObjectPath& from, const ObjectPath& to) override;
  /// Names a regular file (no link to one) in another file system, too; its content is synced
  /// before if `sync`. `*shared`: whether the system lets both have it.
  int Share(const ObjectPath& path, const LocalFileSystem& other, bool sync, bool* shared) const;
  /// Syncs all of the file system that the root is on.
  int SyncAll() const;
  int Rename(const ObjectPath& from, const ObjectPath& to) override;
  int Unlink(const ObjectPath& path) override;
  int RemoveDirectory(const ObjectPath& path) override;
  int MakeDirectory(const ObjectPath& path) override;
  int SyncDirectory(const ObjectPath& path) override;
  int Stat(const ObjectPath& path, ObjectInfo* info) override;
  int DirectoryIdentity(const ObjectPath& path, uint64_t* identity) override;
  int ReadDirectory(const ObjectPath& path, std::vector<Entry>* entries) override;
  std::vector<Found> StatEntries(const ObjectPath& directory,
                                 std::span<const Entry> entries) override;
  std::string Display(const ObjectPath& path) const override;

 private:
  /// Opens `path` under the link policy; 0 and `*fd`, or an errno value.
  int OpenAt(const ObjectPath& path, int flags, int mode, int* fd) const;
  int OpenWithoutLinks(const ObjectPath& path, int flags, int mode, int* fd) const;
  /// Opens the directory that holds `path`, to name its last segment.
  int OpenParent(const ObjectPath& path, int* fd) const;

  const int root_fd_;
  const std::string root_;
  const LinkPolicy links_;
};

}  // namespace tarn::io
