// VACUUM: removes the files of a table's folder that no reader needs any longer.

#include <algorithm>
#include <map>
#include <set>

#include "statements.h"
#include "table_commit.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/needed_files.h"
#include "tarn/delta/protocol.h"
#include "tarn/io/local_object_store.h"
#include "tarn/io/location.h"

namespace tarn::session {

namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr size_t kDryRunFilesMax = 1000;
constexpr const char* kRetentionCheck = "spark.databricks.delta.retentionDurationCheck.enabled";

/// A folder or file that is none of the table's data: its name starts with "_" or ".", except
/// change files and the folders of partition columns with such names.
bool IsHidden(std::string_view name) {
  if (name.empty() || (name[0] != '_' && name[0] != '.')) return false;
  return name != "_change_data" && name.find('=') == std::string_view::npos;
}

bool IsData(const io::ObjectPath& path) {
  const std::string text = path.str();
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('/', begin), text.size());
    if (IsHidden(std::string_view(text).substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

class Vacuum {
 public:
  Vacuum(StatementScope& scope, const sql::Vacuum& statement)
      : scope_(scope), statement_(statement) {}

  Result<Answer> Run() {
    TARN_ASSIGN(target_, scope_.FindTable(statement_.table, catalog::Purpose::kWrite, "VACUUM"));
    TARN_ASSIGN(snapshot_, scope_.PinLatest(target_.root));
    TARN_TRY(delta::CheckWritable(snapshot_->protocol(), snapshot_->metadata(),
                                  delta::WriteKind::kMetadata, target_.display));
    TARN_TRY(SettleRetention());
    TARN_ASSIGN(store_, scope_.rooms().lake().OpenStore(scope_.request(), target_.root));
    TARN_TRY(FindUnneeded());
    if (statement_.dry_run) return DryRun();
    std::map<std::string, std::string> parameters = {
        {"retentionCheckEnabled", check_ ? "true" : "false"},
        {"defaultRetentionMillis",
         std::to_string(snapshot_->properties().deleted_file_retention_ms)}};
    if (statement_.retain_hours) {
      parameters["specifiedRetentionMillis"] = std::to_string(retention_ms_);
    }
    TARN_TRY(Note("VACUUM START", std::move(parameters),
                  {{"numFilesToDelete", static_cast<int64_t>(files_.size())},
                   {"sizeOfDataToDelete", bytes_}}));
    TARN_ASSIGN(const int64_t deleted, DeleteFiles());
    TARN_TRY(Note("VACUUM END", {{"status", "COMPLETED"}},
                  {{"numDeletedFiles", deleted},
                   {"numVacuumedDirectories", static_cast<int64_t>(directories_.size()) + 1}}));
    return StringRows({"path"}, {{target_.root}});
  }

 private:
  Status SettleRetention() {
    const int64_t least_ms = snapshot_->properties().deleted_file_retention_ms;
    retention_ms_ = least_ms;
    if (statement_.retain_hours) {
      TARN_ASSIGN(const Value hours, scope_.Evaluate(*statement_.retain_hours));
      TARN_ASSIGN(retention_ms_, MillisOf(hours));
    }
    const std::string* check = scope_.session().Setting(kRetentionCheck);
    check_ = check == nullptr || !SameName(*check, "false");
    if (!check_ || retention_ms_ >= least_ms) return {};
    const auto shown = [](int64_t ms) {
      std::string text = std::to_string(static_cast<double>(ms) / kHourMs);
      text.erase(text.find_last_not_of('0') + 1);
      if (text.back() == '.') text.pop_back();
      return text;
    };
    Error error(Condition("DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT"),
                {{"retention", shown(retention_ms_)}, {"minimum", shown(least_ms)}});
    return std::move(error).WithPosition(statement_.retain_hours->source);
  }

  Result<int64_t> MillisOf(const Value& hours) const {
    double number = -1;
    if (!hours.is_null()) {
      auto parsed = RenderAsString(hours, "UTC");
      number = std::strtod(parsed.c_str(), nullptr);
    }
    constexpr double kHoursMax = 24.0 * 365 * 1000;
    if (hours.is_null() || !(number >= 0) || number > kHoursMax) {
      return Error(Condition("INVALID_PARAMETER_VALUE"),
                   {{"value", hours.is_null() ? "NULL" : RenderAsString(hours, "UTC")},
                    {"parameter", "RETAIN … HOURS"},
                    {"detail", "it must be a number of hours of at least 0"}})
          .WithPosition(statement_.retain_hours->source);
    }
    return static_cast<int64_t>(number * kHourMs);
  }

  Status FindUnneeded() {
    const int64_t oldest_ms = scope_.request().clock->NowMicros() / 1000 - retention_ms_;
    TARN_ASSIGN(std::shared_ptr<const delta::Table> table,
                scope_.rooms().snapshots().Open(scope_.request(), target_.root));
    TARN_ASSIGN(const auto needed,
                delta::NeededFiles(scope_.request(), table->handlers(), *snapshot_, oldest_ms));
    if (statement_.lite) return FindRemoved(table->handlers(), needed, oldest_ms);
    io::ListOptions options;
    options.recursive = true;
    options.directories = true;
    options.leave_out = [](const io::ObjectPath& path) { return IsHidden(path.Name()); };
    options.stay_out = [](const io::ObjectPath& path) { return !IsData(path); };
    return store_->List(scope_.request(), io::ObjectPath(), options,
                        [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
                          TARN_TRY(scope_.request().Check());
                          if (!IsData(info.path)) return io::ListNext::kContinue;
                          if (info.is_directory) {
                            directories_.insert(info.path);
                            return io::ListNext::kContinue;
                          }
                          if (!needed.contains(info.path.str()) && IsOld(info, oldest_ms)) {
                            Take(info);
                          }
                          return io::ListNext::kContinue;
                        });
  }

  /// VACUUM LITE: only files that the log mentions as removed.
  Status FindRemoved(const delta::Handlers& handlers, const std::unordered_set<std::string>& needed,
                     int64_t oldest_ms) {
    TARN_ASSIGN(const auto removed,
                delta::TombstonesSince(scope_.request(), handlers, *snapshot_, INT64_MIN));
    for (const delta::RemoveFile& file : removed) {
      std::vector<std::string> paths = {file.path};
      if (file.deletion_vector) {
        TARN_ASSIGN(auto vector, delta::DeletionVectorFile(*file.deletion_vector, target_.root));
        if (vector) paths.push_back(std::move(*vector));
      }
      for (const std::string& path : paths) {
        TARN_ASSIGN(io::ObjectPath parsed, io::ObjectPath::Parse(path));
        if (needed.contains(path) || !IsData(parsed)) continue;
        auto info = store_->Stat(scope_.request(), parsed);
        if (info.ok() && IsOld(*info, oldest_ms)) Take(*info);
      }
    }
    return {};
  }

  /// Whether a file has been in the folder for so long that it can't belong to a commit in the
  /// making. Those that a shallow clone shares may be older than the clone.
  bool IsOld(const io::ObjectInfo& info, int64_t oldest_ms) const {
    if (info.modified_us / 1000 > oldest_ms) return false;
    if (io::IsRemote(target_.root)) return true;
    const auto shared = io::SharedSinceMicros(target_.root + "/" + info.path.str());
    return !shared || *shared / 1000 <= oldest_ms;
  }

  void Take(const io::ObjectInfo& info) {
    if (!taken_.insert(info.path).second) return;
    files_.push_back(info.path);
    bytes_ += info.size;
  }

  Result<Answer> DryRun() const {
    std::vector<std::vector<std::string>> rows;
    for (const io::ObjectPath& path : files_) {
      if (rows.size() == kDryRunFilesMax) break;
      rows.push_back({store_->Display(path)});
    }
    return StringRows({"path"}, rows);
  }

  Result<int64_t> DeleteFiles() {
    int64_t deleted = 0;
    for (const io::ObjectPath& path : files_) {
      TARN_TRY(scope_.request().Check());
      TARN_FAULT_POINT("vacuum.before_delete");
      TARN_ASSIGN(const bool was_there, store_->Delete(scope_.request(), path));
      deleted += was_there ? 1 : 0;
    }
    return deleted;
  }

  /// A commit that only tells what happened.
  Status Note(const char* operation, std::map<std::string, std::string> parameters,
              const std::vector<std::pair<std::string, int64_t>>& metrics) {
    TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope_, target_.root, snapshot_));
    transaction.SetOperation(operation, std::move(parameters));
    for (const auto& [name, value] : metrics) transaction.SetMetric(name, value);
    TARN_TRY(CommitChange(scope_, target_.root, transaction));
    return {};
  }

  StatementScope& scope_;
  const sql::Vacuum& statement_;
  TableTarget target_;
  std::shared_ptr<const delta::Snapshot> snapshot_;
  std::shared_ptr<io::ObjectStore> store_;
  int64_t retention_ms_ = 0;
  bool check_ = true;
  std::vector<io::ObjectPath> files_;
  std::set<io::ObjectPath> taken_;
  std::set<io::ObjectPath> directories_;
  int64_t bytes_ = 0;
};

}  // namespace

Result<Answer> RunVacuum(StatementScope& scope, const sql::Vacuum& statement) {
  return Vacuum(scope, statement).Run();
}

}  // namespace tarn::session
