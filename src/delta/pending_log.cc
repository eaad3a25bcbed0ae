#include "tarn/delta/pending_log.h"

#include <algorithm>

#include "log_segment.h"

namespace tarn::delta {
namespace {

/// The last version that a file of the log is about; kNoVersion for other files.
Version VersionOf(std::string_view name) {
  // A checksum's name begins as a commit's.
  std::string known(name);
  if (known.ends_with(".crc")) known.replace(known.size() - 4, 4, ".json");
  const auto file = ParseLogFileName({std::move(known), 0, 0});
  return file ? file->end_version : kNoVersion;
}

}  // namespace

int64_t PendingLog::bytes() const {
  std::lock_guard lock(mutex_);
  int64_t bytes = 0;
  for (const auto& [path, file] : pending_) bytes += static_cast<int64_t>(file.bytes.size());
  return bytes;
}

bool PendingLog::IsBehindBase(std::string_view path) const {
  const size_t slash = path.rfind('/');
  return slash != path.npos && path.substr(0, slash) == kLogDirectory &&
         VersionOf(path.substr(slash + 1)) > base_;
}

Result<std::string> PendingLog::Read(const RequestContext& ctx, std::string_view path,
                                     int64_t bytes_max) {
  if (!IsBehindBase(path)) return log_->Read(ctx, path, bytes_max);
  std::lock_guard lock(mutex_);
  const auto found = pending_.find(path);
  if (found == pending_.end()) {
    return Error(Condition("PATH_NOT_FOUND"), {{"path", log_->Display(path)}});
  }
  return found->second.bytes;
}

Result<std::string> PendingLog::ReadRange(const RequestContext& ctx, std::string_view path,
                                          int64_t offset, int64_t length) {
  if (!IsBehindBase(path)) return log_->ReadRange(ctx, path, offset, length);
  TARN_ASSIGN(const std::string bytes, Read(ctx, path, length));
  if (offset < 0 || length < 0 || offset >= static_cast<int64_t>(bytes.size()))
    return std::string();
  return bytes.substr(static_cast<size_t>(offset), static_cast<size_t>(length));
}

Result<std::vector<LogFileInfo>> PendingLog::List(const RequestContext& ctx,
                                                  std::string_view directory,
                                                  std::string_view from) {
  TARN_ASSIGN(std::vector<LogFileInfo> files, log_->List(ctx, directory, from));
  if (directory != kLogDirectory) return files;
  std::erase_if(files, [&](const LogFileInfo& file) { return VersionOf(file.name) > base_; });
  std::lock_guard lock(mutex_);
  for (const auto& [path, file] : pending_) {
    if (file.info.name >= from) files.push_back(file.info);
  }
  std::ranges::sort(files, {}, &LogFileInfo::name);
  return files;
}

Result<std::optional<LogFileInfo>> PendingLog::Stat(const RequestContext& ctx,
                                                    std::string_view path) {
  if (!IsBehindBase(path)) return log_->Stat(ctx, path);
  std::lock_guard lock(mutex_);
  const auto found = pending_.find(path);
  if (found == pending_.end()) return std::optional<LogFileInfo>();
  return std::optional(found->second.info);
}

Result<LogPut> PendingLog::PutIfAbsent(const RequestContext& ctx, std::string_view path,
                                       std::string_view bytes) {
  if (!IsBehindBase(path)) return log_->PutIfAbsent(ctx, path, bytes);
  std::lock_guard lock(mutex_);
  File file{{std::string(path.substr(path.rfind('/') + 1)), static_cast<int64_t>(bytes.size()),
             ctx.clock->NowMicros() / 1000},
            std::string(bytes)};
  const bool created = pending_.emplace(std::string(path), std::move(file)).second;
  return created ? LogPut::kCreated : LogPut::kExists;
}

Status PendingLog::Put(const RequestContext& ctx, std::string_view path, std::string_view bytes) {
  if (IsBehindBase(path)) return InternalError("a pending version is put only once");
  return log_->Put(ctx, path, bytes);
}

Status PendingLog::PutUnsynced(const RequestContext&, std::string_view, std::string_view) {
  return {};
}

Status PendingLog::Delete(const RequestContext& ctx, std::string_view path) {
  if (IsBehindBase(path)) return InternalError("a pending version isn't deleted");
  return log_->Delete(ctx, path);
}

Status PendingLog::Sync(const RequestContext&, std::string_view) { return {}; }

}  // namespace tarn::delta
