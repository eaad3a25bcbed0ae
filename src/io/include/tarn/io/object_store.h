#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/io/object_path.h"

namespace tarn::io {

/// What Stat and List tell about an object or directory.
struct ObjectInfo {
  ObjectPath path;
  int64_t size = 0;         ///< bytes; 0 for a directory
  int64_t modified_us = 0;  ///< microseconds since 1970-01-01T00:00:00Z
  bool is_directory = false;
};

/// An open object. Its content doesn't change while it is open (objects are immutable by
/// agreement). Thread-safe.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// Fills `buffer` from `offset`, short only at the end of the object; returns the number of
  /// bytes.
  virtual Result<size_t> Read(int64_t offset, std::span<char> buffer) = 0;
  /// As opened.
  virtual const ObjectInfo& info() const = 0;
};

/// An object being written, sequentially. For one thread at a time. Destroying it without Close
/// leaves an object of unspecified content, which its creator deletes or leaves to the collector.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  /// Appends all of `bytes` or fails; after a failure the file's content is unspecified and every
  /// later Append, Sync and Close fails too.
  virtual Status Append(std::string_view bytes) = 0;
  /// Makes the content durable (not the name: see ObjectStore::SyncDirectories). After a failed
  /// Sync the file must be discarded: the kernel may already have dropped the pages.
  virtual Status Sync() = 0;
  /// Closes without syncing. Idempotent.
  virtual Status Close() = 0;
  /// Bytes appended so far.
  virtual int64_t size() const = 0;
};

/// The answer of PutIfAbsent.
enum class PutOutcome : uint8_t {
  kCreated,  ///< the object is there with these bytes, durably
  kExists,   ///< another object stands under that name; nothing was changed
  kUnknown,  ///< the object may or may not be there, or may vanish in a power cut: read before
             ///< deciding
};

/// What a List visitor wants next.
enum class ListNext : uint8_t { kContinue, kStop };
using ListVisitor = std::function<Result<ListNext>(const ObjectInfo&)>;

struct ListOptions {
  /// Visit everything below the directory, depth first (each directory's children sorted by name).
  bool recursive = false;
  /// Visit directories too (before their children).
  bool directories = false;
  /// Not recursive: only names greater than this, bytewise.
  std::string start_after;
  /// Files for which it answers true are neither looked up nor visited; null: none.
  std::function<bool(const ObjectPath&)> leave_out;
  /// Recursive: directories for which it answers true aren't entered; null: none. Where directories
  /// are only beginnings of names (S3), it isn't asked.
  std::function<bool(const ObjectPath&)> stay_out;
};

/// A place where objects live, named by paths below one root. What is written under a final name is
/// never changed again but by Put, Rename and Delete.
///
/// Errors: PATH_NOT_FOUND; PATH_ALREADY_EXISTS; PATH_NOT_ALLOWED (the system refuses, or a symbolic
/// link leads out of the root); IO_ERROR for the rest; and those of RequestContext::Check.
/// Thread-safe, and safe among processes sharing the place.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual Result<std::unique_ptr<ReadableFile>> Open(const RequestContext& ctx,
                                                     const ObjectPath& path) = 0;
  /// The whole object; IO_ERROR if it is larger than `bytes_max`.
  virtual Result<std::string> ReadAll(const RequestContext& ctx, const ObjectPath& path,
                                      int64_t bytes_max);
  virtual Result<ObjectInfo> Stat(const RequestContext& ctx, const ObjectPath& path) = 0;
  /// Stat whose PATH_NOT_FOUND is `false`.
  Result<bool> Exists(const RequestContext& ctx, const ObjectPath& path);

  /// Visits what is in `directory`, sorted by name bytewise (where directories don't exist, by the
  /// whole path, so that "a-b" comes before "a/b"). A directory that isn't there has nothing.
  /// Temporary files of unfinished puts (names starting with ".tarn-") are not visited.
  virtual Status List(const RequestContext& ctx, const ObjectPath& directory,
                      const ListOptions& options, const ListVisitor& visit) = 0;
  /// As List, collected.
  Result<std::vector<ObjectInfo>> ListAll(const RequestContext& ctx, const ObjectPath& directory,
                                          const ListOptions& options = {});

  /// Starts a new object, making its parent directories; PATH_ALREADY_EXISTS if there is one. The
  /// name shows at once, so it must be one that nobody reads before it is announced (a fresh UUID).
  /// Durable after WritableFile::Sync and SyncDirectories. In an object store proper the object is
  /// there, whole, after Sync and not before, and then doesn't grow.
  virtual Result<std::unique_ptr<WritableFile>> Create(const RequestContext& ctx,
                                                       const ObjectPath& path) = 0;
  /// The commit primitive: an object with these bytes, unless one exists. Readers see all or
  /// nothing. kCreated is durable: content, name, and the names of all directories up to the root.
  /// An Error means that nothing was put.
  virtual Result<PutOutcome> PutIfAbsent(const RequestContext& ctx, const ObjectPath& path,
                                         std::string_view bytes) = 0;
  /// PutIfAbsent whose unknown outcome is settled by reading: kCreated or kExists. IO_ERROR if the
  /// object isn't there after all.
  Result<PutOutcome> PutOnce(const RequestContext& ctx, const ObjectPath& path,
                             std::string_view bytes);
  /// An object with these bytes, replacing any; atomic for readers and durable as PutIfAbsent.
  /// After an Error the old or the new object is there.
  virtual Status Put(const RequestContext& ctx, const ObjectPath& path, std::string_view bytes) = 0;
  /// Makes durable the names of everything directly in `directory`, and of each directory from it
  /// up to the root. Where directories don't exist (object stores proper) it does nothing.
  virtual Status SyncDirectories(const RequestContext& ctx, const ObjectPath& directory) = 0;
  /// Removes an object; false if there was none (some stores don't tell and answer true). Durable
  /// after SyncDirectories of its directory.
  virtual Result<bool> Delete(const RequestContext& ctx, const ObjectPath& path) = 0;
  /// Removes a directory with everything in it (never following links). Nothing there is success.
  virtual Status DeleteTree(const RequestContext& ctx, const ObjectPath& directory) = 0;
  /// Makes a directory and its parents; nothing happens if it is there.
  virtual Status CreateDirectories(const RequestContext& ctx, const ObjectPath& directory) = 0;
  /// Moves an object or directory to a name that is free (not checked against races). Atomic; but
  /// where is_remote it is a copy of an object and then a deletion, and directories are refused.
  /// Durable after SyncDirectories of both parents.
  virtual Status Rename(const RequestContext& ctx, const ObjectPath& from,
                        const ObjectPath& to) = 0;

  /// Each call is a request over a network.
  virtual bool is_remote() const { return false; }

  /// The path as a person would write it, for messages and DESCRIBE: absolute for a local store.
  virtual std::string Display(const ObjectPath& path) const = 0;
};

}  // namespace tarn::io
