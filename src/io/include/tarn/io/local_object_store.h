#pragma once

#include <memory>
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

/// The store of the whole file system: paths by ObjectPath::FromAbsolute, links followed.
Result<std::unique_ptr<ObjectStore>> OpenRootlessStore();

}  // namespace tarn::io
