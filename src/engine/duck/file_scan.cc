#include "duck/file_scan.h"

#include <atomic>

#include "duck/column_copy.h"
#include "duck/errors.h"
#include "duck/functions/datetime_pattern.h"
#include "duck/statement.h"
#include "duckdb/execution/partition_info.hpp"
#include "tarn/io/location.h"

namespace tarn::engine::duck {

namespace {

// A large file is read in parts of this size, so that its rows come from several threads.
constexpr int64_t kPartBytes = 4 << 20;
// Few files are looked at before the scan, to find the large ones; many are spread as they are.
constexpr size_t kFilesToStat = 256;
constexpr size_t kFilesPerTask = 32;
// A file that nobody wrote to for so long counts as complete.
constexpr int64_t kSettledUs = 60'000'000;

template <typename T>
T OrThrow(Result<T> result) {
  if (!result.ok()) ThrowCondition(result.error());
  return std::move(result).value();
}

/// Counts what is read.
class CountedFile final : public io::ReadableFile {
 public:
  CountedFile(std::unique_ptr<io::ReadableFile> file, std::shared_ptr<StatementFiles> owner)
      : file_(std::move(file)), owner_(std::move(owner)) {}

  Result<size_t> Read(int64_t offset, std::span<char> buffer) override {
    TARN_TRY(owner_->context().Check());
    TARN_ASSIGN(const size_t count, file_->Read(offset, buffer));
    owner_->bytes_read += static_cast<int64_t>(count);
    return count;
  }
  const io::ObjectInfo& info() const override { return file_->info(); }

 private:
  const std::unique_ptr<io::ReadableFile> file_;
  const std::shared_ptr<StatementFiles> owner_;
};

/// Consecutive files, or a part of one.
struct Task {
  size_t first = 0;
  size_t count = 1;
  int64_t begin = 0;
  int64_t end = std::numeric_limits<int64_t>::max();
};

struct FileScanBind final : duckdb::TableFunctionData {
  std::shared_ptr<const FileScan> scan;
};

/// The scan with the columns that DuckDB asks for.
class GlobalScan final : public duckdb::GlobalTableFunctionState {
 public:
  GlobalScan(std::shared_ptr<const FileScan> file_scan,
             const duckdb::vector<duckdb::column_t>& column_ids)
      : scan(std::move(file_scan)) {
    auto read = std::make_shared<format::ReadSpec>(*scan->spec);
    read->wanted.clear();
    for (const duckdb::column_t id : column_ids) {
      const bool is_virtual = duckdb::IsVirtualColumn(id) || id >= scan->columns.size();
      const int field = is_virtual ? -1 : scan->columns[id].field;
      columns.push_back({is_virtual ? -1 : static_cast<int>(id),
                         field < 0 ? -1 : static_cast<int>(read->wanted.size())});
      if (field >= 0) read->wanted.push_back(static_cast<size_t>(field));
    }
    spec = std::move(read);
    MakeTasks();
  }

  duckdb::idx_t MaxThreads() const override { return std::max<size_t>(1, tasks.size()); }

  /// Where a vector of the output comes from.
  struct Output {
    int column = -1;  // of the scan; -1: of no meaning
    int read = -1;    // of the batch; -1: constant
  };

  const std::shared_ptr<const FileScan> scan;
  std::shared_ptr<const format::ReadSpec> spec;
  std::vector<Output> columns;
  std::vector<Task> tasks;
  std::atomic<size_t> next{0};

 private:
  void MakeTasks() {
    const size_t files = scan->files.names.size();
    if (files > kFilesToStat) {
      for (size_t i = 0; i < files; i += kFilesPerTask)
        tasks.push_back({i, std::min(kFilesPerTask, files - i)});
      return;
    }
    for (size_t i = 0; i < files; ++i) AddParts(i);
  }

  /// As it was when the file was found, else as it is; 0 if nobody knows.
  int64_t SizeOf(size_t file) const {
    if (!scan->files.stamps.empty()) return scan->files.stamps[file].size;
    std::shared_ptr<StatementFiles> owner;
    const GrantedFile granted = scan->gate->Resolve(scan->files.names[file], false, owner);
    const auto info = granted.store->Stat(owner->context(), granted.path);
    return info.ok() ? info->size : 0;
  }

  void AddParts(size_t file) {
    if (format::Splittable(*spec, scan->files.paths[file])) {
      const int64_t parts = SizeOf(file) / kPartBytes;
      for (int64_t part = 0; part < parts; ++part)
        tasks.push_back({file, 1, part * kPartBytes, (part + 1) * kPartBytes});
      if (parts > 0) {
        tasks.back().end = std::numeric_limits<int64_t>::max();
        return;
      }
    }
    tasks.push_back({file});
  }
};

class LocalScan final : public duckdb::LocalTableFunctionState {
 public:
  explicit LocalScan(GlobalScan& global)
      : global_(global),
        scan_(*global.scan),
        reader_(OrThrow(format::NewRecordReader(global.spec))),
        batch_(format::NewBatch(*global.spec)) {}

  size_t task() const { return task_; }

  void Fill(duckdb::DataChunk& out) {
    batch_.Clear();
    runs_.clear();
    while (!batch_.full()) {
      if (!open_ && !OpenNext()) break;
      if (runs_.empty() || runs_.back().first != file_) runs_.emplace_back(file_, batch_.rows);
      ReadSome();
    }
    Emit(out);
  }

 private:
  /// Opens the next file of the task. A batch has rows of one task only, so the next task begins
  /// with an empty one.
  bool OpenNext() {
    while (true) {
      if (rest_ == 0) {
        if (batch_.rows > 0) return false;
        task_ = global_.next++;
        if (task_ >= global_.tasks.size()) return false;
        file_ = global_.tasks[task_].first;
        rest_ = global_.tasks[task_].count;
      } else {
        ++file_;
      }
      --rest_;
      if (OpenFile()) return true;
    }
  }

  bool OpenFile() {
    auto file = OpenGranted(*scan_.gate, scan_.files.names[file_]);
    if (!file.ok()) {
      if (scan_.ignore_missing && file.error().condition() == Condition("PATH_NOT_FOUND")) {
        ++scan_.counters->files_missing;
        return false;
      }
      if (file.error().condition() == Condition("PATH_NOT_FOUND")) {
        ThrowCondition(Error(Condition("FAILED_READ_FILE.FILE_NOT_EXIST"),
                             {{"path", scan_.files.paths[file_]}}));
      }
      ThrowCondition(file.error());
    }
    info_ = (*file)->info();
    CheckAsFound();
    const Task& task = global_.tasks[task_];
    format::FilePart part{*std::move(file), ShownPath(scan_.files.paths[file_]), task.begin,
                          task.end};
    if (Status status = reader_->Open(std::move(part)); !status.ok()) {
      Skip(status.error());
      return false;
    }
    if (task.begin == 0) ++scan_.counters->files_read;
    open_ = true;
    return true;
  }

  void ReadSome() {
    auto more = reader_->Read(batch_);
    if (more.ok()) {
      open_ = *more;
      if (!open_) CheckUnchanged();
      return;
    }
    Skip(more.error());
    open_ = false;
    // A record may have been begun.
    batch_.Truncate(batch_.rows);
  }

  /// Only where a file is begun: its other parts are checked when they end.
  void CheckAsFound() const {
    if (scan_.files.stamps.empty()) return;
    std::shared_ptr<StatementFiles> owner;
    scan_.gate->Resolve(scan_.files.names[file_], false, owner);
    const auto changed =
        ChangedSince(&scan_.files.stamps[file_], info_, owner->context().clock->NowMicros(),
                     scan_.files.paths[file_]);
    if (changed) ThrowCondition(*changed);
  }

  /// A file that was written a moment ago may still be: what was read would be a part of it.
  void CheckUnchanged() const {
    std::shared_ptr<StatementFiles> owner;
    const GrantedFile granted = scan_.gate->Resolve(scan_.files.names[file_], false, owner);
    if (info_.modified_us < owner->context().clock->NowMicros() - kSettledUs) return;
    // An object proper is whole when it shows, and reading goes on in it alone.
    if (granted.store->is_remote()) return;
    const auto now = granted.store->Stat(owner->context(), granted.path);
    if (now.ok() && now->size == info_.size && now->modified_us == info_.modified_us) return;
    ThrowCondition(
        Error(Condition("FAILED_READ_FILE.NO_HINT"),
              {{"path", scan_.files.paths[file_]}, {"detail", "it changed while it was read"}})
            .WithHint("Read it again once it is complete; write under another name or with a "
                      "leading '.', then rename."));
  }

  /// Passes over the rest of a file that can't be read, if that is allowed.
  void Skip(const Error& error) const {
    const bool damaged =
        error.IsOneOf({Condition("FAILED_READ_FILE.NO_HINT"), Condition("IO_ERROR")});
    if (!damaged || !scan_.ignore_corrupt) ThrowCondition(error);
    ++scan_.counters->files_corrupt;
  }

  void Emit(duckdb::DataChunk& out) {
    for (size_t i = 0; i < global_.columns.size(); ++i) {
      const GlobalScan::Output& from = global_.columns[i];
      if (from.read >= 0) {
        CopyColumn(batch_.columns[static_cast<size_t>(from.read)], 0, batch_.rows, out.data[i]);
      } else if (from.column >= 0) {
        EmitConstants(static_cast<size_t>(from.column), out.data[i]);
      }
    }
    out.SetCardinality(batch_.rows);
  }

  void EmitConstants(size_t column, duckdb::Vector& out) {
    for (size_t run = 0; run < runs_.size(); ++run) {
      const auto [file, begin] = runs_[run];
      const size_t end = run + 1 < runs_.size() ? runs_[run + 1].second : batch_.rows;
      if (begin == end) continue;
      const duckdb::Value value = scan_.constant(file, column, InfoOf(file));
      if (runs_.size() == 1) {
        out.Reference(value);
        return;
      }
      for (size_t row = begin; row < end; ++row) out.SetValue(row, value);
    }
  }

  io::ObjectInfo InfoOf(size_t file) const {
    if (file == file_) return info_;
    std::shared_ptr<StatementFiles> owner;
    const GrantedFile granted = scan_.gate->Resolve(scan_.files.names[file], false, owner);
    return OrThrow(granted.store->Stat(owner->context(), granted.path));
  }

  GlobalScan& global_;
  const FileScan& scan_;
  const std::unique_ptr<format::RecordReader> reader_;
  format::ColumnBatch batch_;
  size_t task_ = 0;
  size_t file_ = 0;
  size_t rest_ = 0;  // files of the task after `file_`
  bool open_ = false;
  io::ObjectInfo info_;                          // of `file_`
  std::vector<std::pair<size_t, size_t>> runs_;  // file, its first row in the batch
};

duckdb::unique_ptr<duckdb::FunctionData> BindFileScan(
    duckdb::ClientContext& context, duckdb::TableFunctionBindInput& input,
    duckdb::vector<duckdb::LogicalType>& return_types, duckdb::vector<duckdb::string>& names) {
  const auto number = static_cast<size_t>(input.inputs[0].GetValue<int64_t>());
  auto bind = duckdb::make_uniq<FileScanBind>();
  bind->scan = StatementState::Of(context).scans.at(number)->files;
  for (const FileScanColumn& column : bind->scan->columns) {
    return_types.push_back(ToDuckType(column.type));
    names.push_back(column.name);
  }
  return bind;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> StartFileScan(
    duckdb::ClientContext& context, duckdb::TableFunctionInitInput& input) {
  return duckdb::make_uniq<GlobalScan>(input.bind_data->Cast<FileScanBind>().scan,
                                       input.column_ids);
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> StartThread(
    duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput& input,
    duckdb::GlobalTableFunctionState* global) {
  return duckdb::make_uniq<LocalScan>(global->Cast<GlobalScan>());
}

void RunFileScan(duckdb::ClientContext& context, duckdb::TableFunctionInput& input,
                 duckdb::DataChunk& out) {
  input.local_state->Cast<LocalScan>().Fill(out);
}

// Rows keep the order of the files.
duckdb::OperatorPartitionData PartitionOf(duckdb::ClientContext& context,
                                          duckdb::TableFunctionGetPartitionInput& input) {
  return duckdb::OperatorPartitionData(input.local_state->Cast<LocalScan>().task());
}

double ProgressOf(duckdb::ClientContext& context, const duckdb::FunctionData* bind,
                  const duckdb::GlobalTableFunctionState* global) {
  const auto& scan = global->Cast<GlobalScan>();
  if (scan.tasks.empty()) return 100;
  return 100.0 * static_cast<double>(std::min<size_t>(scan.next, scan.tasks.size())) /
         static_cast<double>(scan.tasks.size());
}

}  // namespace

Result<std::shared_ptr<io::ReadableFile>> OpenGranted(FileGate& gate, const std::string& name) {
  std::shared_ptr<StatementFiles> owner;
  const GrantedFile granted = gate.Resolve(name, false, owner);
  gate.Report(owner.get(), name, granted.store->Display(granted.path), false);
  TARN_ASSIGN(std::unique_ptr<io::ReadableFile> file,
              granted.store->Open(owner->context(), granted.path));
  return std::shared_ptr<io::ReadableFile>(
      std::make_shared<CountedFile>(std::move(file), std::move(owner)));
}

std::optional<Error> ChangedSince(const plan::FileStamp* stamp, const io::ObjectInfo& now,
                                  int64_t now_us, const std::string& path) {
  if (stamp == nullptr || *stamp == plan::FileStamp{now.size, now.modified_us}) return std::nullopt;
  if (now.modified_us < now_us - kSettledUs) return std::nullopt;
  return Error(
             Condition("FAILED_READ_FILE.NO_HINT"),
             {{"path", path},
              {"detail", "it was changed after it was found (then " + std::to_string(stamp->size) +
                             " bytes, now " + std::to_string(now.size) + ")"}})
      .WithHint(
          "Read it again once it is complete; write under another name or with a leading "
          "'.', then rename.");
}

std::string ShownPath(const std::string& path) { return io::UriOf(path); }

format::PatternCompiler DatetimePatterns() {
  return [](const std::string& text) {
    return Guarded({}, nullptr, [&]() -> Result<format::PatternReader> {
      const auto pattern = std::make_shared<const DatetimePattern>(text, true);
      return format::PatternReader(
          [pattern](std::string_view value) -> std::optional<format::LocalTime> {
            auto parsed = pattern->Parse(value);
            if (!parsed) return std::nullopt;
            return format::LocalTime{parsed->micros_local, std::move(parsed->zone)};
          });
    });
  };
}

void RegisterFileScan(duckdb::ExtensionLoader& loader) {
  duckdb::TableFunction function(kFileScanFunction, {duckdb::LogicalType::BIGINT}, RunFileScan,
                                 BindFileScan, StartFileScan, StartThread);
  function.projection_pushdown = true;
  function.get_partition_data = PartitionOf;
  function.table_scan_progress = ProgressOf;
  loader.RegisterFunction(std::move(function));
}

}  // namespace tarn::engine::duck
