#include "tarn/io/local_object_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "file_store.h"
#include "local_file_system.h"
#include "tarn/base/random.h"

namespace tarn::io {

namespace {

Result<std::string> AbsoluteText(const std::string& root) {
  if (root.starts_with('/')) return root;
  char buffer[PATH_MAX];
  if (getcwd(buffer, sizeof buffer) == nullptr) {
    return ErrorOfErrno(errno, "Finding the working directory", ".");
  }
  return std::string(buffer) + '/' + root;
}

Result<std::unique_ptr<ObjectStore>> OpenRoot(const std::string& display, LinkPolicy links) {
  const int fd = open(display.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrorOfErrno(errno, "Opening", display);
  return std::unique_ptr<ObjectStore>(std::make_unique<FileStore<ObjectStore, LocalFileSystem>>(
      std::make_unique<LocalFileSystem>(fd, display, links), SystemIds().NewUuid()));
}

Result<std::unique_ptr<LocalFileSystem>> OpenFolder(const std::string& root) {
  const int fd = open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrorOfErrno(errno, "Opening", root);
  return std::make_unique<LocalFileSystem>(fd, root, LinkPolicy::kBeneath);
}

class LocalSharedFiles : public SharedFiles {
 public:
  LocalSharedFiles(std::unique_ptr<LocalFileSystem> from, std::unique_ptr<LocalFileSystem> to)
      : from_(std::move(from)), to_(std::move(to)) {}

  Result<bool> Share(const RequestContext& ctx, const ObjectPath& path) override {
    TARN_TRY(ctx.Check());
    bool shared = false;
    const int code = from_->Share(path, *to_, ++files_ <= kSyncedEachMax, &shared);
    if (code == 0) return shared;
    return ErrorOfErrno(code, "Sharing",
                        code == EEXIST ? to_->Display(path) : from_->Display(path));
  }

  Result<bool> Sync(const RequestContext& ctx) override {
    TARN_TRY(ctx.Check());
    if (files_ <= kSyncedEachMax) return false;
    if (const int code = to_->SyncAll()) {
      return ErrorOfErrno(code, "Syncing", to_->Display(ObjectPath()));
    }
    return true;
  }

 private:
  /// Each file, and perhaps its directory, takes milliseconds.
  static constexpr int64_t kSyncedEachMax = 32;

  const std::unique_ptr<LocalFileSystem> from_;
  const std::unique_ptr<LocalFileSystem> to_;
  std::atomic<int64_t> files_ = 0;
};

}  // namespace

Result<std::unique_ptr<SharedFiles>> OpenSharedFiles(const std::string& from_root,
                                                     const std::string& to_root) {
  TARN_ASSIGN(auto from, OpenFolder(from_root));
  TARN_ASSIGN(auto to, OpenFolder(to_root));
  return std::unique_ptr<SharedFiles>(
      std::make_unique<LocalSharedFiles>(std::move(from), std::move(to)));
}

std::optional<int64_t> SharedSinceMicros(const std::string& path) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || status.st_nlink < 2) return std::nullopt;
  return status.st_ctim.tv_sec * 1'000'000 + status.st_ctim.tv_nsec / 1000;
}

Result<std::unique_ptr<ObjectStore>> OpenLocalStore(const std::string& root, LinkPolicy links,
                                                    bool create) {
  TARN_ASSIGN(const std::string absolute, AbsoluteText(root));
  TARN_ASSIGN(const ObjectPath path, ObjectPath::FromAbsolute(absolute));
  const std::string display = "/" + path.str();
  if (create) {
    TARN_ASSIGN(auto all, OpenRootlessStore());
    const RequestContext ctx;
    TARN_ASSIGN(const bool exists, all->Exists(ctx, path));
    if (!exists) {
      TARN_TRY(all->CreateDirectories(ctx, path));
      TARN_TRY(all->SyncDirectories(ctx, path));
    }
  }
  return OpenRoot(display, links);
}

std::string DirectoryIdentity(const std::string& root) {
  struct stat status;
  if (stat(root.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return "";
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

Result<std::unique_ptr<ObjectStore>> OpenRootlessStore() {
  return OpenRoot("/", LinkPolicy::kFollow);
}

}  // namespace tarn::io
