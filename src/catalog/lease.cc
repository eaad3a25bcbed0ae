#include "lease.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tarn::catalog {

Result<std::unique_ptr<Lease>> Lease::Take(const std::string& folder, IdSource& ids) {
  constexpr int kAttemptsMax = 10;
  std::string path;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    std::string id = ids.NewUuid();
    path = folder + '/' + id;
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) break;
    struct stat status;
    // Between making and locking the file another process may have taken it for a dead one's.
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &status) == 0 && status.st_nlink > 0) {
      return std::unique_ptr<Lease>(new Lease(std::move(id), std::move(path), fd));
    }
    close(fd);
  }
  return Error(Condition("IO_ERROR"), {{"operation", "Taking a lease"},
                                       {"path", std::move(path)},
                                       {"detail", std::strerror(errno)}});
}

Lease::~Lease() {
  unlink(path_.c_str());
  close(fd_);
}

bool Lease::IsDead(const std::string& folder, const std::string& id) {
  const std::string path = folder + '/' + id;
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT;
  const bool dead = flock(fd, LOCK_EX | LOCK_NB) == 0;
  if (dead) unlink(path.c_str());
  close(fd);
  return dead;
}

}  // namespace tarn::catalog
