#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"

namespace tarn::delta {

/// The log of a table as one transaction of several statements sees it: up to the version it
/// started from what `log` has, and then the transaction's own versions, which are kept in memory.
/// What is no file of a version passes through to `log`. Thread-safe.
class PendingLog : public LogStore {
 public:
  PendingLog(std::shared_ptr<LogStore> log, Version base) : log_(std::move(log)), base_(base) {}

  Version base() const { return base_; }
  /// Of the pending versions together.
  int64_t bytes() const;

  Result<std::string> Read(const RequestContext& ctx, std::string_view path,
                           int64_t bytes_max) override;
  Result<std::string> ReadRange(const RequestContext& ctx, std::string_view path, int64_t offset,
                                int64_t length) override;
  Result<std::vector<LogFileInfo>> List(const RequestContext& ctx, std::string_view directory,
                                        std::string_view from) override;
  Result<std::optional<LogFileInfo>> Stat(const RequestContext& ctx,
                                          std::string_view path) override;
  bool stats_cheaply() const override { return log_->stats_cheaply(); }
  Result<LogPut> PutIfAbsent(const RequestContext& ctx, std::string_view path,
                             std::string_view bytes) override;
  Status Put(const RequestContext& ctx, std::string_view path, std::string_view bytes) override;
  /// Nothing: what readers can do without isn't kept of versions that never become ones.
  Status PutUnsynced(const RequestContext& ctx, std::string_view path,
                     std::string_view bytes) override;
  Status Delete(const RequestContext& ctx, std::string_view path) override;
  /// Nothing: what is pending isn't durable, and what it stands on is made so by the real commit.
  Status Sync(const RequestContext& ctx, std::string_view directory) override;
  std::string Display(std::string_view path) const override { return log_->Display(path); }

 private:
  struct File {
    LogFileInfo info;
    std::string bytes;
  };

  /// Whether a path names a version behind the base, which is pending or isn't there.
  bool IsBehindBase(std::string_view path) const;

  const std::shared_ptr<LogStore> log_;
  const Version base_;
  mutable std::mutex mutex_;
  std::map<std::string, File, std::less<>> pending_;  ///< by path; guarded by mutex_
};

}  // namespace tarn::delta
