#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/io/object_path.h"
#include "tarn/io/object_store.h"

namespace tarn::io {

/// The few calls of a POSIX disk that the stores' algorithms need. Every call returns 0 or an errno
/// value. Paths are below the file system's root. Thread-safe; handles are not, but for ReadHandle.
class FileSystem {
 public:
  class ReadHandle {
   public:
    virtual ~ReadHandle() = default;
    /// One read; may be short. `*count` is 0 at the end.
    virtual int Read(int64_t offset, std::span<char> buffer, size_t* count) = 0;
  };

  class WriteHandle {
   public:
    virtual ~WriteHandle() = default;  ///< closes
    /// One write at the end; may be short.
    virtual int Write(std::string_view bytes, size_t* count) = 0;
    virtual int Sync() = 0;
    virtual int Close() = 0;
    /// How many names the file has.
    virtual int LinkCount(int64_t* count) = 0;
  };

  virtual ~FileSystem() = default;
  virtual int OpenRead(const ObjectPath& path, std::unique_ptr<ReadHandle>* file,
                       ObjectInfo* info) = 0;
  /// EEXIST if there is one, ENOENT if the parent is missing.
  virtual int CreateNew(const ObjectPath& path, std::unique_ptr<WriteHandle>* file) = 0;
  virtual int Link(const ObjectPath& from, const ObjectPath& to) = 0;
  virtual int Rename(const ObjectPath& from, const ObjectPath& to) = 0;
  virtual int Unlink(const ObjectPath& path) = 0;
  virtual int RemoveDirectory(const ObjectPath& path) = 0;
  virtual int MakeDirectory(const ObjectPath& path) = 0;
  virtual int SyncDirectory(const ObjectPath& path) = 0;
  /// Follows links as reading does.
  virtual int Stat(const ObjectPath& path, ObjectInfo* info) = 0;
  /// Identity of a directory, for remembering what was synced; 0 where it can't be told.
  virtual int DirectoryIdentity(const ObjectPath& path, uint64_t* identity) = 0;

  struct Entry {
    std::string name;
    bool is_directory = false;  ///< of the entry itself; a link to a directory isn't one
    bool is_link = false;
  };
  /// In no order, without "." and "..".
  virtual int ReadDirectory(const ObjectPath& path, std::vector<Entry>* entries) = 0;
  struct Found {
    int code = 0;  ///< of Stat
    ObjectInfo info;
  };
  /// Stat of each of these entries of a directory, in their order.
  virtual std::vector<Found> StatEntries(const ObjectPath& directory,
                                         std::span<const Entry> entries) {
    std::vector<Found> all(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      all[i].code = Stat(directory.Child(entries[i].name), &all[i].info);
    }
    return all;
  }
  /// The path for people.
  virtual std::string Display(const ObjectPath& path) const = 0;
};

/// The Error for an errno value: `operation` names what was tried ("Reading", "Syncing").
Error ErrorOfErrno(int code, std::string_view operation, std::string display_path);

}  // namespace tarn::io
