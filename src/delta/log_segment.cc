#include "log_segment.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "log_reader.h"

namespace tarn::delta {
namespace {

constexpr size_t kVersionDigits = 20;
constexpr int64_t kLastCheckpointBytesMax = int64_t{64} << 20;

std::optional<int64_t> ParseDigits(std::string_view text, size_t digits) {
  if (text.size() != digits) return std::nullopt;
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    if (number > (std::numeric_limits<int64_t>::max() - 9) / 10) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

/// What stands between "<version>.checkpoint" and the end of the name.
bool ParseCheckpointName(std::string_view rest, LogFile& file) {
  if (rest == ".parquet") {
    file.kind = LogFileKind::kClassicCheckpoint;
    return true;
  }
  if (rest.size() == 1 + 10 + 1 + 10 + 8 && rest.ends_with(".parquet") && rest[11] == '.') {
    const auto part = ParseDigits(rest.substr(1, 10), 10);
    const auto parts = ParseDigits(rest.substr(12, 10), 10);
    if (!part || !parts || *part < 1 || *part > *parts) return false;
    file.kind = LogFileKind::kCheckpointPart;
    file.part = *part;
    file.parts = *parts;
    return true;
  }
  const bool json = rest.ends_with(".json");
  if (!json && !rest.ends_with(".parquet")) return false;
  const std::string_view uuid = rest.substr(1, rest.size() - 1 - (json ? 5 : 8));
  if (uuid.size() != 36 || uuid.find('.') != std::string_view::npos) return false;
  file.kind = LogFileKind::kV2Checkpoint;
  file.json = json;
  return true;
}

/// Gathers the checkpoints of one version that are complete.
void AddCheckpoints(std::vector<LogFile>& same_version, std::vector<CheckpointFiles>& out) {
  const Version version = same_version.front().version;
  std::sort(same_version.begin(), same_version.end(), [](const LogFile& a, const LogFile& b) {
    return std::tie(a.kind, a.parts, a.part) < std::tie(b.kind, b.parts, b.part);
  });
  std::vector<CheckpointFiles> found;
  for (size_t i = 0; i < same_version.size();) {
    const LogFile& first = same_version[i];
    size_t count = 1;
    if (first.kind == LogFileKind::kCheckpointPart) {
      while (i + count < same_version.size() &&
             same_version[i + count].kind == LogFileKind::kCheckpointPart &&
             same_version[i + count].parts == first.parts) {
        ++count;
      }
    }
    if (first.kind != LogFileKind::kCheckpointPart || static_cast<int64_t>(count) == first.parts) {
      found.push_back({version,
                       {same_version.begin() + static_cast<ptrdiff_t>(i),
                        same_version.begin() + static_cast<ptrdiff_t>(i + count)}});
    }
    i += count;
  }
  // A multi-part checkpoint can be a mix of two writers' parts: a single file is preferred.
  std::stable_sort(found.begin(), found.end(),
                   [](const CheckpointFiles& a, const CheckpointFiles& b) {
                     const auto rank = [](const CheckpointFiles& c) {
                       return c.files[0].kind == LogFileKind::kCheckpointPart      ? 0
                              : c.files[0].kind == LogFileKind::kClassicCheckpoint ? 1
                                                                                   : 2;
                     };
                     return rank(a) < rank(b);
                   });
  for (auto& checkpoint : found) out.push_back(std::move(checkpoint));
}

Error MissingVersion(std::string_view table_root, Version version) {
  return LogCorrupt(table_root, CommitPath(version), "the version is missing from the log");
}

}  // namespace

std::optional<LogFile> ParseLogFileName(const LogFileInfo& info) {
  const std::string_view name = info.name;
  if (name.size() < kVersionDigits + 5) return std::nullopt;
  const auto version = ParseDigits(name.substr(0, kVersionDigits), kVersionDigits);
  if (!version) return std::nullopt;
  LogFile file;
  file.version = file.end_version = *version;
  file.info = info;
  const std::string_view rest = name.substr(kVersionDigits);
  if (rest == ".json") return file;
  if (rest.starts_with(".checkpoint")) {
    return ParseCheckpointName(rest.substr(11), file) ? std::optional(file) : std::nullopt;
  }
  if (rest.size() == 1 + kVersionDigits + 15 && rest.ends_with(".compacted.json")) {
    const auto end = ParseDigits(rest.substr(1, kVersionDigits), kVersionDigits);
    if (!end || *end < *version) return std::nullopt;
    file.kind = LogFileKind::kCompacted;
    file.end_version = *end;
    return file;
  }
  return std::nullopt;
}

std::string VersionPrefix(Version version) {
  char text[32];
  std::snprintf(text, sizeof(text), "%020lld", static_cast<long long>(version));
  return text;
}

std::string CommitPath(Version version) {
  return std::string(kLogDirectory) + "/" + VersionPrefix(version) + ".json";
}

std::string ClassicCheckpointPath(Version version) {
  return std::string(kLogDirectory) + "/" + VersionPrefix(version) + ".checkpoint.parquet";
}

Version LogListing::latest() const {
  Version latest = kNoVersion;
  if (!commits.empty()) latest = commits.back().version;
  if (!checkpoints.empty()) latest = std::max(latest, checkpoints.back().version);
  return latest;
}

const LogFile* LogListing::Commit(Version version) const {
  const auto found =
      std::lower_bound(commits.begin(), commits.end(), version,
                       [](const LogFile& file, Version wanted) { return file.version < wanted; });
  return found != commits.end() && found->version == version ? &*found : nullptr;
}

Result<LogListing> ListLog(const RequestContext& ctx, LogStore& store, Version from) {
  TARN_ASSIGN(const std::vector<LogFileInfo> files,
              store.List(ctx, kLogDirectory, VersionPrefix(from)));
  LogListing listing;
  listing.complete = from <= 0;
  std::vector<LogFile> checkpoints;
  const auto flush = [&] {
    if (!checkpoints.empty()) AddCheckpoints(checkpoints, listing.checkpoints);
    checkpoints.clear();
  };
  for (const LogFileInfo& info : files) {
    const auto file = ParseLogFileName(info);
    if (!file) continue;
    if (file->kind == LogFileKind::kCommit) {
      listing.commits.push_back(*file);
    } else if (file->kind == LogFileKind::kCompacted) {
      listing.compacted.push_back(*file);
    } else if (info.size > 0) {
      if (!checkpoints.empty() && checkpoints.front().version != file->version) flush();
      checkpoints.push_back(*file);
    }
  }
  flush();
  return listing;
}

std::optional<LastCheckpoint> ReadLastCheckpoint(const RequestContext& ctx, LogStore& store) {
  auto bytes =
      store.Read(ctx, std::string(kLogDirectory) + "/_last_checkpoint", kLastCheckpointBytesMax);
  if (!bytes.ok()) return std::nullopt;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(*bytes);
  simdjson::ondemand::document document;
  LastCheckpoint last;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document["version"].get_int64().get(last.version) != simdjson::SUCCESS || last.version < 0) {
    return std::nullopt;
  }
  int64_t size = 0;
  if (document["sizeInBytes"].get_int64().get(size) == simdjson::SUCCESS && size >= 0) {
    last.bytes = size;
  }
  return last;
}

Result<int64_t> CommitBytes(const RequestContext& ctx, LogStore& store, Version first,
                            Version last) {
  int64_t bytes = 0;
  if (store.stats_cheaply()) {
    for (Version version = first; version <= last; ++version) {
      TARN_ASSIGN(const auto info, store.Stat(ctx, CommitPath(version)));
      if (info) bytes += info->size;
    }
    return bytes;
  }
  TARN_ASSIGN(const LogListing listing, ListLog(ctx, store, first));
  for (const LogFile& commit : listing.commits) {
    if (commit.version <= last) bytes += commit.info.size;
  }
  return bytes;
}

Result<LogSegment> MakeSegment(const LogListing& listing, Version target, Version checkpoint_below,
                               std::string_view table_root) {
  LogSegment segment;
  segment.version = target;
  for (const CheckpointFiles& checkpoint : listing.checkpoints) {
    if (checkpoint.version <= target && checkpoint.version < checkpoint_below) {
      segment.checkpoint = checkpoint;
    }
  }
  Version next = segment.checkpoint ? segment.checkpoint->version + 1 : 0;
  size_t compacted = 0;
  while (next <= target) {
    const LogFile* chosen = listing.Commit(next);
    // The widest compacted file that starts here and stays within the segment.
    while (compacted < listing.compacted.size() && listing.compacted[compacted].version < next) {
      ++compacted;
    }
    for (size_t i = compacted; i < listing.compacted.size() && listing.compacted[i].version == next;
         ++i) {
      const LogFile& candidate = listing.compacted[i];
      if (candidate.end_version > target) continue;
      if (chosen == nullptr || candidate.end_version > chosen->end_version) chosen = &candidate;
    }
    if (chosen == nullptr) return MissingVersion(table_root, next);
    segment.deltas.push_back(*chosen);
    next = chosen->end_version + 1;
  }
  if (const LogFile* last = listing.Commit(target)) {
    segment.last_modified_ms = last->info.modified_ms;
  } else if (segment.checkpoint && segment.checkpoint->version == target) {
    segment.last_modified_ms = segment.checkpoint->files.front().info.modified_ms;
  }
  return segment;
}

Version EarliestOf(const LogListing& listing) {
  const std::vector<LogFile>& commits = listing.commits;
  if (listing.checkpoints.empty()) {
    return !commits.empty() && commits.front().version == 0 ? 0 : kNoVersion;
  }
  // The commits are dense from some version on. Before it may stand what a clean-up that was cut
  // off, or a power cut after it, has left.
  size_t dense = commits.size();
  while (dense > 1 && commits[dense - 2].version + 1 == commits[dense - 1].version) --dense;
  const Version first = commits.empty() ? 0 : commits[dense - 1].version;
  if (first == 0) return commits.empty() ? listing.checkpoints.front().version : 0;
  for (const CheckpointFiles& checkpoint : listing.checkpoints) {
    if (checkpoint.version >= first - 1) return checkpoint.version;
  }
  // A hole behind all checkpoints: whoever reads on meets it.
  return commits.front().version == 0 ? 0 : listing.checkpoints.front().version;
}

}  // namespace tarn::delta
