#include "rooms.h"
#include "session_state.h"
#include "tarn/session/session.h"

namespace tarn::session {

Instance::Instance(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}

Instance::~Instance() = default;

Result<std::unique_ptr<Instance>> Instance::Open(const RequestContext& context,
                                                 const InstanceOptions& options) {
  catalog::LakeOptions lake_options;
  lake_options.secrets_key = options.secrets_key;
  lake_options.storage = options.storage;
  TARN_ASSIGN(std::unique_ptr<catalog::Lake> lake,
              catalog::Lake::Open(context, options.home, lake_options));
  engine::EngineOptions engine_options;
  engine_options.memory_bytes_max = options.memory_bytes_max;
  engine_options.threads = options.threads;
  engine_options.user_name = context.principal;
  engine_options.storage = options.storage;
  engine_options.test_settings = options.test_engine_settings;
  TARN_ASSIGN(engine_options.spill_folder, lake->SpillFolder(context));
  TARN_ASSIGN(std::unique_ptr<engine::Engine> engine, engine::StartDuckEngine(engine_options));
  return std::unique_ptr<Instance>(
      new Instance(std::make_unique<Rooms>(std::move(lake), std::move(engine))));
}

std::unique_ptr<Session> Instance::NewSession(SessionOptions options) {
  return std::make_unique<Session>(*this, std::move(options));
}

Result<std::vector<HistoryRow>> ReadHistory(const RequestContext& context, const std::string& home,
                                            int limit) {
  catalog::LakeOptions options;
  options.must_exist = true;
  TARN_ASSIGN(std::unique_ptr<catalog::Lake> lake, catalog::Lake::Open(context, home, options));
  catalog::HistoryFilter filter;
  filter.limit = limit;
  TARN_ASSIGN(std::vector<catalog::StatementRecord> records, lake->history().List(context, filter));
  std::vector<HistoryRow> rows;
  for (const catalog::StatementRecord& record : records) {
    HistoryRow row;
    row.statement_id = record.id;
    row.principal = record.principal;
    row.text = record.text;
    row.condition = record.condition;
    row.status = record.condition.empty()                   ? "FINISHED"
                 : record.condition == "OPERATION_CANCELED" ? "CANCELED"
                                                            : "FAILED";
    row.started_us = record.started_us;
    row.duration_us = record.duration_us;
    row.rows_produced = record.rows;
    row.files_read = record.files_read;
    row.files_pruned = record.files_pruned;
    row.bytes_read = record.bytes_read;
    row.peak_memory_bytes = record.peak_memory_bytes;
    rows.push_back(std::move(row));
  }
  return rows;
}

Status BackupLake(const RequestContext& context, const std::string& home,
                  const std::string& target) {
  catalog::LakeOptions options;
  options.must_exist = true;
  TARN_ASSIGN(std::unique_ptr<catalog::Lake> lake, catalog::Lake::Open(context, home, options));
  auto report = lake->Backup(context, target);
  if (!report.ok()) return std::move(report).error();
  return {};
}

Result<std::vector<Finding>> Diagnose(const RequestContext& context, const std::string& home,
                                      const io::Storage& storage) {
  catalog::LakeOptions options;
  options.storage = storage;
  options.must_exist = true;
  TARN_ASSIGN(std::unique_ptr<catalog::Lake> lake, catalog::Lake::Open(context, home, options));
  TARN_ASSIGN(std::vector<catalog::LakeFinding> found, lake->CheckUp(context));
  std::vector<Finding> findings;
  for (catalog::LakeFinding& finding : found) {
    findings.push_back({std::move(finding.what), finding.ok, std::move(finding.detail)});
  }
  return findings;
}

}  // namespace tarn::session
