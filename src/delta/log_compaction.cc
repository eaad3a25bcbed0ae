#include "log_compaction.h"

#include <simdjson.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "log_reader.h"
#include "log_segment.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/file_key.h"

namespace tarn::delta {
namespace {

/// More than that takes a reader longer to parse than to open.
constexpr int64_t kCompactedBytesMax = int64_t{8} << 20;

/// What a line of a commit is about. Only the last line about a thing counts.
enum class LineKind : uint8_t { kDropped, kKept, kUnknown };

class Reconciler {
 public:
  Reconciler(const std::string& table_root) : root_(table_root) {}

  /// The lines of a commit, last to first; commits newest first.
  Result<bool> Take(std::string_view commit, const std::string& name) {
    while (!commit.empty()) {
      if (commit.back() == '\n') commit.remove_suffix(1);
      const size_t before = commit.rfind('\n');
      const size_t start = before == commit.npos ? 0 : before + 1;
      const std::string_view line = commit.substr(start);
      commit = commit.substr(0, start);
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      TARN_ASSIGN(const LineKind kind, KindOf(line, name));
      if (kind == LineKind::kUnknown) return false;
      if (kind == LineKind::kKept) lines_.emplace_back(line);
    }
    return true;
  }

  /// Oldest first.
  std::string Finish() const {
    std::string out;
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) out += *line + "\n";
    return out;
  }

 private:
  /// The one action of a line, or "" if there is another number of them.
  Result<std::string> NameOf(std::string_view line, const std::string& name) {
    const simdjson::padded_string padded(line);
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    auto error = parser_.iterate(padded).get(document);
    if (!error) error = document.get_object().get(object);
    if (error) return LogCorrupt(root_, name, simdjson::error_message(error));
    std::string action;
    size_t actions = 0;
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key) || field.value().error()) {
        return LogCorrupt(root_, name, "a line isn't JSON");
      }
      action = key;
      ++actions;
    }
    return actions == 1 ? action : std::string();
  }

  Result<LineKind> KindOf(std::string_view line, const std::string& name) {
    TARN_ASSIGN(const std::string action, NameOf(line, name));
    if (action == "commitInfo" || action == "cdc") return LineKind::kDropped;
    LogBlock block;
    LogActions actions;
    TARN_TRY(ReadLogFile(std::string(line), root_, name, ReadWants(), block, actions));
    const std::optional<std::string> key = KeyOf(action, block, actions);
    if (!key) return LineKind::kUnknown;
    return seen_.insert(*key).second ? LineKind::kKept : LineKind::kDropped;
  }

  static std::optional<std::string> KeyOf(const std::string& action, const LogBlock& block,
                                          const LogActions& actions) {
    if (action == "protocol" || action == "metaData") return action;
    if (action == "txn" && !actions.transactions.empty()) {
      return "txn\n" + actions.transactions[0].app_id;
    }
    if (action == "domainMetadata" && !actions.domains.empty()) {
      return "domain\n" + actions.domains[0].domain;
    }
    if (action == "add" && block.adds() == 1) {
      return "file\n" + FileKey(block.path[0], block.DeletionVectorOf(size_t{0}));
    }
    if (action == "remove" && block.removals.size() == 1) {
      return "file\n" + FileKey(block.removals[0].path, block.DeletionVectorOf(block.removals[0]));
    }
    return std::nullopt;
  }

  const std::string& root_;
  simdjson::ondemand::parser parser_;
  std::unordered_set<std::string> seen_;
  std::vector<std::string> lines_;  ///< newest first
};

}  // namespace

std::string CompactedPath(Version first, Version last) {
  return std::string(kLogDirectory) + "/" + VersionPrefix(first) + "." + VersionPrefix(last) +
         ".compacted.json";
}

Result<std::optional<std::string>> ReconcileCommits(const std::vector<std::string>& commits,
                                                    Version first, const std::string& table_root) {
  Reconciler reconciler(table_root);
  for (size_t i = commits.size(); i-- > 0;) {
    TARN_ASSIGN(const bool known,
                reconciler.Take(commits[i], CommitPath(first + static_cast<Version>(i))));
    if (!known) return std::optional<std::string>();
  }
  return std::optional<std::string>(reconciler.Finish());
}

Result<bool> CompactLog(const RequestContext& ctx, const Handlers& handlers,
                        const std::string& table_root, Version first, Version last) {
  std::vector<std::string> commits;
  int64_t bytes = 0;
  for (Version version = first; version <= last; ++version) {
    auto commit = handlers.log->Read(ctx, CommitPath(version), kCompactedBytesMax - bytes);
    if (!commit.ok()) {
      // A larger one is refused as one that can't be read.
      if (commit.error().condition() == Condition("IO_ERROR")) return false;
      return std::move(commit).error();
    }
    bytes += static_cast<int64_t>(commit->size());
    commits.push_back(*std::move(commit));
  }
  TARN_ASSIGN(const auto compacted, ReconcileCommits(commits, first, table_root));
  if (!compacted) return false;
  TARN_FAULT_POINT("delta.log_compaction.before_put");
  TARN_ASSIGN(const LogPut put,
              handlers.log->PutIfAbsent(ctx, CompactedPath(first, last), *compacted));
  return put == LogPut::kCreated;
}

}  // namespace tarn::delta
