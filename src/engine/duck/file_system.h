#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "duck/duckdb_headers.h"
#include "tarn/base/request_context.h"
#include "tarn/engine/engine.h"
#include "tarn/io/object_store.h"

namespace tarn::engine::duck {

/// A file that a statement may read, where it really is.
struct GrantedFile {
  std::shared_ptr<io::ObjectStore> store;
  io::ObjectPath path;
};

/// The files that one statement may open. DuckDB knows them as
/// "tarn://<statement>/<relation>/<file>"; names are resolved here and nowhere else. Filled before
/// the statement runs; then thread-safe.
class StatementFiles {
 public:
  /// The file number `n` of a relation, or an error for one that isn't granted.
  using Resolver = std::function<Result<GrantedFile>(size_t n)>;

  explicit StatementFiles(uint64_t id, const RequestContext& context)
      : id_(id), context_(context) {}

  uint64_t id() const { return id_; }
  const RequestContext& context() const { return context_; }
  /// Grants reading the files of a relation; answers its number.
  size_t GrantRead(Resolver resolver);
  /// Grants creating files below `root`; they are named NameToWrite(path).
  void GrantWrite(std::shared_ptr<io::ObjectStore> root) { target_ = std::move(root); }

  /// `suffix` (".gz") tells DuckDB what is in the file; it isn't part of the real name.
  std::string NameToRead(size_t relation, size_t file, std::string_view suffix = {}) const;
  std::string NameToWrite(const io::ObjectPath& path) const;

  /// `below` is the name without "tarn://<statement>/".
  Result<GrantedFile> Resolve(std::string_view below, bool write) const;

  /// The file as somebody has it open under that name, else opened anew: to open a remote one is a
  /// request, and DuckDB opens each once more per thread. Thread-safe.
  Result<std::shared_ptr<io::ReadableFile>> OpenShared(const std::string& name,
                                                       const GrantedFile& granted);

  /// What the plan says may be opened, told apart from the grants; only where opens are asserted.
  /// Absolute paths. Before the statement runs.
  void PlanRead(std::string path) { planned_reads_.insert(std::move(path)); }
  void PlanWritesBelow(std::string folder) { planned_target_ = std::move(folder); }
  bool IsPlanned(const std::string& path, bool write) const;

  std::atomic<int64_t> bytes_read{0};

 private:
  uint64_t id_;
  RequestContext context_;
  std::vector<Resolver> readable_;
  std::shared_ptr<io::ObjectStore> target_;
  std::mutex open_mutex_;
  std::map<std::string, std::weak_ptr<io::ReadableFile>> open_;  // guarded by open_mutex_
  std::set<std::string> planned_reads_;
  std::string planned_target_;
};

/// DuckDB's only way to files: names that a running statement was granted, and the spill folder.
/// All else is refused. Thread-safe.
class FileGate {
 public:
  /// With `asserts_opens` each open that its statement's plan doesn't explain, refused ones too,
  /// ends the program: for tests.
  explicit FileGate(std::string spill_folder, bool asserts_opens = false)
      : spill_folder_(std::move(spill_folder)), asserts_opens_(asserts_opens) {}

  std::shared_ptr<StatementFiles> Begin(const RequestContext& context);
  void End(const StatementFiles& files);

  /// What DuckDB's name stands for; throws DuckDB's exceptions if it was not granted.
  GrantedFile Resolve(const std::string& name, bool write, std::shared_ptr<StatementFiles>& owner);
  bool IsSpill(const std::string& path) const;

  /// Calls `observer` for every open from now on, refused ones too. Not while statements run.
  void Observe(FileObserver observer) { observer_ = std::move(observer); }
  /// `owner` is null for an open that was refused.
  void Report(const StatementFiles* owner, const std::string& name, std::string path,
              bool write) const;
  bool asserts_opens() const { return asserts_opens_; }

 private:
  const std::string spill_folder_;
  const bool asserts_opens_;
  FileObserver observer_;
  mutable std::mutex observer_mutex_;
  mutable std::shared_mutex mutex_;
  std::map<uint64_t, std::shared_ptr<StatementFiles>> running_;
  uint64_t next_id_ = 1;
};

/// The file system object that DuckDB is started with.
duckdb::unique_ptr<duckdb::FileSystem> NewDuckFileSystem(std::shared_ptr<FileGate> gate);

inline constexpr std::string_view kNamePrefix = "tarn://";

}  // namespace tarn::engine::duck
