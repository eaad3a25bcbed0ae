#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "duck/file_system.h"
#include "duck/function_registry.h"
#include "tarn/engine/engine.h"

namespace tarn::engine::duck {

/// Rows that a statement left for later ones (Engine::Materialize). Spills with the engine's
/// memory.
using StoredRows = std::shared_ptr<duckdb::ColumnDataCollection>;

/// What a running statement shows to the watchdog.
class Watched {
 public:
  virtual ~Watched() = default;
  virtual const RequestContext& context() const = 0;
  virtual void Interrupt() = 0;
  /// 0…1, or -1 if unknown.
  virtual double Progress() const = 0;
  virtual void NoteMemory(int64_t bytes) = 0;
};

/// Interrupts statements whose deadline passed or that were cancelled, and watches their memory.
/// One thread, asleep while nothing runs. Thread-safe.
class Watchdog {
 public:
  explicit Watchdog(duckdb::DatabaseInstance& db);
  ~Watchdog();
  void Add(Watched& statement);
  void Remove(Watched& statement);
  /// The progress of the newest statement of the request; -1 if there is none.
  double Progress(const RequestContext& request) const;

 private:
  void Run(const std::stop_token& stop);

  duckdb::DatabaseInstance& db_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Watched*> running_;
  std::jthread thread_;
};

/// Bounds the number of statements that share the memory. Statements of one request count once, so
/// that one which runs inside another's doesn't wait for it. Thread-safe.
class Admission {
 public:
  explicit Admission(int statements_max) : statements_max_(statements_max) {}
  /// Waits for a place; the errors are those of RequestContext::Check.
  Status Enter(const RequestContext& context);
  void Leave(const RequestContext& context);

 private:
  const int statements_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::string, int> running_;  // statements by request
  int anonymous_ = 0;                             // those without request id
};

/// What all statements of the engine share. Thread-safe.
struct EngineCore {
  EngineOptions options;
  std::shared_ptr<FileGate> gate;
  FunctionRegistry registry;
  std::unique_ptr<duckdb::DuckDB> db;
  std::unique_ptr<Watchdog> watchdog;
  std::unique_ptr<Admission> admission;
  std::mutex stored_mutex;
  std::unordered_map<std::string, StoredRows> stored;
  uint64_t next_stored = 1;

  Result<std::shared_ptr<io::ObjectStore>> OpenStore(const std::string& root, bool create) const;
  StoredRows FindStored(const std::string& handle);
};

}  // namespace tarn::engine::duck
