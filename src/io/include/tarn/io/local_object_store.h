#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tarn/io/object_store.h"

namespace tarn::io {

/// What a store does about symbolic links below its root.
enum class LinkPolicy : uint8_t {
  kBeneath,  ///< follow those that stay below the root, refuse the others with PATH_NOT_ALLOWED
  kFollow,   ///< follow all: for a local user's own paths, where the system's rights decide
};

/// The store of the directory `root` (absolute or relative to the working directory; "~" is not
/// expanded). The directory is opened at once, so moving it later doesn't matter. PATH_NOT_FOUND if
/// it isn't there and not `create`; otherwise it is made with its parents, durably.
Result<std::unique_ptr<ObjectStore>> OpenLocalStore(const std::string& root,
                                                    LinkPolicy links = LinkPolicy::kBeneath,
                                                    bool create = false);

/// Tells directories apart while either is open, whatever their paths become; empty if there is
/// none at `root`. A store goes on in the directory that it opened: this shows that the path leads
/// to another by now.
std::string DirectoryIdentity(const std::string& root);

/// Gives files of one local folder second names in another (hard links): no bytes are copied, what
/// is in one folder can be deleted without the other, and neither sees which files the other has.
/// For files that never change. Links that lead out of a folder aren't followed, and no link is
/// shared. Thread-safe.
class SharedFiles {
 public:
  virtual ~SharedFiles() = default;
  /// Names the file in the other folder, whose directory must be there. False if the two folders
  /// can't share it: they are on different file systems, or this one has no hard links, or not for
  /// other users' files, or no more for this file.
  virtual Result<bool> Share(const RequestContext& ctx, const ObjectPath& path) = 0;
  /// Makes durable what was shared: of a few files the content, so that SyncDirectories of their
  /// directories is left to be done; of many (true) all at once, by syncing the file system.
  virtual Result<bool> Sync(const RequestContext& ctx) = 0;
};
Result<std::unique_ptr<SharedFiles>> OpenSharedFiles(const std::string& from_root,
                                                     const std::string& to_root);

/// When a local file that has several names got or lost one; nullopt for a file with one name. Its
/// time of modification tells nothing about how long it has been in a folder.
std::optional<int64_t> SharedSinceMicros(const std::string& path);

/// The store of the whole file system: paths by ObjectPath::FromAbsolute, links followed.
Result<std::unique_ptr<ObjectStore>> OpenRootlessStore();

}  // namespace tarn::io
