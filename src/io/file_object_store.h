#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "file_system.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

/// The store over a POSIX-like disk: here the order of writes, syncs, links and renames is decided.
/// `Base` is the interface it shows. Thread-safe.
class FileStoreAlgorithms {
 public:
  FileStoreAlgorithms(FileSystem& files, std::string temp_tag)
      : files_(files), temp_tag_(std::move(temp_tag)) {}

  Result<std::unique_ptr<ReadableFile>> Open(const RequestContext& ctx, const ObjectPath& path);
  Result<ObjectInfo> Stat(const RequestContext& ctx, const ObjectPath& path);
  Status List(const RequestContext& ctx, const ObjectPath& directory, const ListOptions& options,
              const ListVisitor& visit);
  Result<std::unique_ptr<WritableFile>> Create(const RequestContext& ctx, const ObjectPath& path);
  Result<PutOutcome> PutIfAbsent(const RequestContext& ctx, const ObjectPath& path,
                                 std::string_view bytes);
  Status Put(const RequestContext& ctx, const ObjectPath& path, std::string_view bytes);
  Status SyncDirectories(const RequestContext& ctx, const ObjectPath& directory);
  Result<bool> Delete(const RequestContext& ctx, const ObjectPath& path);
  Status DeleteTree(const RequestContext& ctx, const ObjectPath& directory);
  Status CreateDirectories(const RequestContext& ctx, const ObjectPath& directory);
  Status Rename(const RequestContext& ctx, const ObjectPath& from, const ObjectPath& to);

  /// Forgets which directories were synced (the simulated power went).
  void ForgetSynced();

 private:
  struct Temporary {
    ObjectPath path;
    std::unique_ptr<FileSystem::WriteHandle> file;
  };

  int CreateWithParents(const ObjectPath& path, std::unique_ptr<FileSystem::WriteHandle>* file);
  int MakeDirectories(const ObjectPath& directory);
  /// A synced temporary file beside `path` holding `bytes`; on failure nothing is left but what the
  /// disk refuses to remove.
  Result<Temporary> WriteTemporary(const ObjectPath& path, std::string_view bytes);
  /// Syncs `directory`, then each parent whose entry isn't known to be durable.
  int SyncChain(const ObjectPath& directory);
  Result<bool> ListInto(const RequestContext& ctx, const ObjectPath& directory,
                        const ListOptions& options, const ListVisitor& visit);
  /// Hands one entry of a directory on, and what is below it; false: the visitor stopped.
  Result<bool> VisitEntry(const RequestContext& ctx, const ObjectPath& directory,
                          const FileSystem::Entry& entry, const FileSystem::Found& found,
                          const ListOptions& options, const ListVisitor& visit);
  Error Failed(int code, std::string_view operation, const ObjectPath& path) const {
    return ErrorOfErrno(code, operation, files_.Display(path));
  }

  FileSystem& files_;
  const std::string temp_tag_;  // tells apart the temporary files of processes and stores
  std::atomic<uint64_t> temp_counter_{0};

  // Directories (by path → identity) whose own entry in their parent is durable. Bounded: emptied
  // when it grows past kSyncedMax.
  static constexpr size_t kSyncedMax = 4096;
  std::mutex mutex_;
  std::unordered_map<std::string, uint64_t> synced_;  // guarded by mutex_
};

}  // namespace tarn::io
