#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/engine/engine.h"
#include "tarn/io/storage.h"
#include "tarn/types/value.h"

namespace tarn::session {

/// How one process opens a lake.
struct InstanceOptions {
  std::string home;                        ///< absolute folder of the lake; made if it isn't there
  int64_t memory_bytes_max = 0;            ///< 0: half of what the machine or cgroup allows
  int threads = 0;                         ///< 0: all cores
  std::optional<std::string> secrets_key;  ///< LakeOptions::secrets_key
  std::string test_engine_settings;        ///< EngineOptions::test_settings
  io::Storage storage;                     ///< what can be reached beside the lake's own folder
};

struct SessionOptions {
  std::string principal;             ///< the user; also what current_user() answers
  bool deny_paths = false;           ///< no statement reads files by path
  int64_t statement_timeout_ms = 0;  ///< 0: none
  std::string local_zone = "UTC";    ///< what SET TIME ZONE LOCAL sets
};

/// The values of :name and ? in one statement.
struct Parameters {
  std::vector<std::pair<std::string, Value>> named;
  std::vector<Value> positional;
};

/// What a statement answers: always rows, for commands those that Databricks answers (possibly none
/// and no columns).
struct StatementResult {
  std::string statement_name;  ///< "SELECT", "CREATE TABLE"…
  std::unique_ptr<engine::ResultStream> rows;
};

class SessionState;
class Instance;

/// One user's conversation: current catalog and schema, settings, variables, temporary views. Every
/// read and write of tables passes through here. One statement at a time; not thread-safe (but a
/// statement is cancelled from another thread by its RequestContext).
class Session {
 public:
  Session(Instance& instance, SessionOptions options);
  ~Session();

  /// A context for one statement: principal, deadline, cancellation.
  RequestContext NewContext() const;

  /// Runs one statement. The rows must be read to their end, or dropped, before the next statement.
  Result<StatementResult> Execute(const RequestContext& context, std::string_view statement,
                                  const Parameters& parameters = {});

  /// How much of what the running statement does now is done: 0…1, or -1 if unknown. From any
  /// thread.
  double Progress(const RequestContext& context) const;

  /// For completion: quoted names below `parents` (none: what can stand first in a name in FROM;
  /// one: of a schema or catalog; two: of a schema). Nothing for a missing or unreadable parent.
  std::vector<std::string> NamesUnder(const std::vector<std::string>& parents) const;
  /// What the session remembers, for this room.
  SessionState& state() { return *state_; }

  /// Whether BEGIN has opened a transaction that neither COMMIT nor ROLLBACK has closed.
  bool in_transaction() const;
  const std::string& current_catalog() const;
  const std::string& current_schema() const;
  const std::string& session_zone() const;

 private:
  std::unique_ptr<SessionState> state_;
};

/// A lake opened by this process with its engine and caches. Thread-safe; outlives its sessions.
class Instance {
 public:
  class Rooms;

  static Result<std::unique_ptr<Instance>> Open(const RequestContext& context,
                                                const InstanceOptions& options);
  ~Instance();

  std::unique_ptr<Session> NewSession(SessionOptions options);
  Rooms& rooms() { return *rooms_; }

 private:
  explicit Instance(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

/// A row of the statement history (`tarn history`).
struct HistoryRow {
  std::string statement_id;
  std::string principal;
  std::string text;
  std::string status;  ///< "FINISHED", "FAILED", "CANCELED"
  std::string condition;
  int64_t started_us = 0;
  int64_t duration_us = 0;
  int64_t rows_produced = 0;
  int64_t files_read = 0;
  int64_t files_pruned = 0;
  int64_t bytes_read = 0;
  int64_t peak_memory_bytes = 0;
};
/// The newest `limit` statements of the lake at `home`, newest first.
Result<std::vector<HistoryRow>> ReadHistory(const RequestContext& context, const std::string& home,
                                            int limit);

/// Copies the lake at `home` to the new folder `target`, consistent while others use it.
Status BackupLake(const RequestContext& context, const std::string& home,
                  const std::string& target);

/// One check of `tarn doctor`.
struct Finding {
  std::string check;
  bool ok = true;
  std::string detail;
};
Result<std::vector<Finding>> Diagnose(const RequestContext& context, const std::string& home,
                                      const io::Storage& storage);

}  // namespace tarn::session
