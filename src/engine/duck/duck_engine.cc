#include "duck/duck_engine.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "duck/errors.h"
#include "duck/explain.h"
#include "duck/infer_schema.h"
#include "duck/log_parquet.h"
#include "duck/lowering.h"
#include "duck/result_stream.h"
#include "duck/statement.h"
#include "duck/write.h"
#include "duckdb/common/types/column/column_data_collection.hpp"

namespace tarn::engine::duck {

namespace {

// What the cgroup (version 2 or 1) allows, or a huge number.
int64_t CgroupMemory() {
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    int64_t bytes = 0;
    if (file >> bytes && bytes > 0) return bytes;
  }
  return std::numeric_limits<int64_t>::max();
}

int64_t DefaultMemory() {
  const int64_t machine = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  return std::min(machine, CgroupMemory()) / 2;
}

int DefaultThreads() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) == 0) return std::max(1, CPU_COUNT(&cpus));
  return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
}

// The spill folder holds parts of users' data: for the owner only, and never more than this run's.
Status PrepareSpill(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path path(folder);
  std::filesystem::create_directories(path, error);
  if (!error && chmod(folder.c_str(), 0700) != 0)
    error = std::error_code(errno, std::generic_category());
  if (!error) {
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      std::filesystem::remove_all(entry.path(), error);
    }
  }
  if (!error) return {};
  return Error(
      Condition("IO_ERROR"),
      {{"operation", "Preparing the spill folder"}, {"path", folder}, {"detail", error.message()}});
}

void Configure(duckdb::DBConfig& config, const EngineOptions& options,
               std::shared_ptr<FileGate> gate) {
  config.file_system = NewDuckFileSystem(std::move(gate));
  config.options.maximum_memory = static_cast<duckdb::idx_t>(options.memory_bytes_max);
  config.options.maximum_threads = static_cast<duckdb::idx_t>(options.threads);
  config.options.temporary_directory = options.spill_folder;
  config.options.use_temporary_directory = !options.spill_folder.empty();
  config.options.allowed_directories.insert(std::string(kNamePrefix));
  if (!options.spill_folder.empty())
    config.options.allowed_directories.insert(options.spill_folder + "/");
  config.SetOptionByName("autoload_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("allow_unsigned_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("allow_community_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("enable_external_access", duckdb::Value::BOOLEAN(false));
  // Names of files are made for one statement, so a cache by name would only fill the memory.
  config.SetOptionByName("enable_external_file_cache", duckdb::Value::BOOLEAN(false));
}

void RunSetting(duckdb::Connection& connection, const std::string& setting) {
  auto result = connection.Query(setting);
  if (result->HasError()) result->ThrowError();
}

void ApplyTestSettings(duckdb::Connection& connection, const std::string& given) {
  std::istringstream settings(given);
  for (std::string setting; std::getline(settings, setting, ';');) {
    RunSetting(connection, "SET GLOBAL " + setting);
  }
}

// The last settings, after which none can be changed. Times are computed in UTC; zones are Spark's
// functions' affair.
void Lock(duckdb::DuckDB& db, const EngineOptions& options) {
  duckdb::Connection connection(db);
  ApplyTestSettings(connection, options.test_settings);
  RunSetting(connection, "SET GLOBAL TimeZone = 'UTC'");
  RunSetting(connection, "SET GLOBAL lock_configuration = true");
}

class DuckEngine final : public Engine {
 public:
  explicit DuckEngine(std::shared_ptr<EngineCore> core) : core_(std::move(core)) {}

  Result<std::unique_ptr<ResultStream>> Execute(const RequestContext& context,
                                                const plan::Query& query,
                                                const ExecutionSettings& settings) override {
    return OpenResultStream(NewStatement(context, settings), query, settings.session_zone);
  }

  Result<WriteResult> Write(const RequestContext& context, const plan::Query& query,
                            const WriteTarget& target, const ExecutionSettings& settings) override {
    const std::unique_ptr<Statement> statement = NewStatement(context, settings);
    return WriteDataFiles(*core_, *statement, query, target);
  }

  Result<plan::Relation> Materialize(const RequestContext& context, const plan::Query& query,
                                     const ExecutionSettings& settings) override {
    const std::unique_ptr<Statement> statement = NewStatement(context, settings);
    TARN_TRY(statement->Start(query));
    duckdb::vector<duckdb::LogicalType> types;
    plan::Relation relation;
    relation.name = "materialized";
    for (const plan::OutputColumn& column : query.root->columns) {
      types.push_back(ToDuckType(column.type));
      relation.schema.fields.push_back({column.name, column.type, column.nullable, {}});
    }
    if (types.empty()) types.push_back(duckdb::LogicalType::BOOLEAN);
    auto rows = std::make_shared<duckdb::ColumnDataCollection>(
        duckdb::BufferManager::GetBufferManager(*core_->db->instance), types);
    while (true) {
      TARN_ASSIGN(auto chunk, statement->Fetch());
      if (!chunk) break;
      TARN_TRY(Guarded(context, nullptr, [&]() -> Status {
        rows->Append(*chunk);
        return {};
      }));
    }
    const std::lock_guard lock(core_->stored_mutex);
    const std::string handle = std::to_string(core_->next_stored++);
    core_->stored.emplace(handle, std::move(rows));
    relation.source = plan::StoredRelation{handle};
    return relation;
  }

  void Discard(const plan::Relation& stored) override {
    if (const auto* source = std::get_if<plan::StoredRelation>(&stored.source)) {
      const std::lock_guard lock(core_->stored_mutex);
      core_->stored.erase(source->handle);
    }
  }

  double Progress(const RequestContext& request) const override {
    return core_->watchdog->Progress(request);
  }

  Result<std::string> Explain(const RequestContext& context, const plan::Query& query,
                              const ExecutionSettings& settings, bool analyze) override {
    const std::unique_ptr<Statement> statement = NewStatement(context, settings);
    return ExplainQuery(*statement, query, analyze);
  }

  Result<Schema> InferSchema(const RequestContext& context,
                             const plan::FileRelation& files) override {
    const std::unique_ptr<Statement> statement = NewStatement(context, {});
    return Guarded(context, nullptr, [&] { return InferFileSchema(*statement, files); });
  }

  std::shared_ptr<delta::ParquetHandler> NewParquetHandler(const std::string& table_root) override {
    return NewLogParquetHandler(core_, table_root);
  }

 private:
  std::unique_ptr<Statement> NewStatement(const RequestContext& context,
                                          const ExecutionSettings& settings) const {
    return std::make_unique<Statement>(core_, context, settings);
  }

  const std::shared_ptr<EngineCore> core_;
};

}  // namespace

Result<std::shared_ptr<io::ObjectStore>> EngineCore::OpenStore(const std::string& root,
                                                               bool create) const {
  if (options.open_store) return options.open_store(root);
  return options.storage.OpenFolder(root, create);
}

StoredRows EngineCore::FindStored(const std::string& handle) {
  const std::lock_guard lock(stored_mutex);
  const auto found = stored.find(handle);
  return found == stored.end() ? nullptr : found->second;
}

}  // namespace tarn::engine::duck

namespace tarn::engine {

Result<std::unique_ptr<Engine>> StartDuckEngine(const EngineOptions& given) {
  auto core = std::make_shared<duck::EngineCore>();
  core->options = given;
  EngineOptions& options = core->options;
  if (options.memory_bytes_max <= 0) options.memory_bytes_max = duck::DefaultMemory();
  if (options.threads <= 0) options.threads = duck::DefaultThreads();
  if (options.statements_max <= 0) options.statements_max = std::max(4, 2 * options.threads);
  if (!options.spill_folder.empty()) TARN_TRY(duck::PrepareSpill(options.spill_folder));
  // tidy: allow(environment) only tests of the whole program set it, as TARN_FAULT
  const bool asserts_opens = std::getenv("TARN_ASSERT_OPENS") != nullptr;
  core->gate = std::make_shared<duck::FileGate>(options.spill_folder, asserts_opens);
  core->gate->Observe(options.observer);
  core->admission = std::make_unique<duck::Admission>(options.statements_max);
  return duck::Guarded({}, nullptr, [&]() -> Result<std::unique_ptr<Engine>> {
    duckdb::DBConfig config;
    duck::Configure(config, options, core->gate);
    core->db = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    duckdb::ExtensionLoader loader(*core->db->instance, "tarn");
    duck::RegisterParquetScan(loader);
    duck::RegisterFileScan(loader);
    duck::RegisterCheck(loader);
    duck::RegisterOperators(core->registry);
    duck::RegisterSparkFunctions(core->registry, loader);
    duck::Lock(*core->db, options);
    core->watchdog = std::make_unique<duck::Watchdog>(*core->db->instance);
    return std::unique_ptr<Engine>(std::make_unique<duck::DuckEngine>(core));
  });
}

}  // namespace tarn::engine
