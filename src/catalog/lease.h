#pragma once

#include <memory>
#include <string>

#include "tarn/base/random.h"
#include "tarn/base/result.h"

namespace tarn::catalog {

/// The sign that a process lives: a file in the lake's folder of leases, locked (flock) until the
/// process ends, however it ends. Immutable; thread-safe.
class Lease {
 public:
  static Result<std::unique_ptr<Lease>> Take(const std::string& folder, IdSource& ids);
  /// Gives the lease up and removes its file.
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  const std::string& id() const { return id_; }

  /// True if no process holds the lease; its file is removed then. A file that can't be examined
  /// counts as held.
  static bool IsDead(const std::string& folder, const std::string& id);

 private:
  Lease(std::string id, std::string path, int fd)
      : id_(std::move(id)), path_(std::move(path)), fd_(fd) {}
  const std::string id_;
  const std::string path_;
  const int fd_;
};

}  // namespace tarn::catalog
