#include "statement_log.h"

namespace tarn::catalog {

namespace {

constexpr char kTables[] = R"sql(
CREATE TABLE IF NOT EXISTS statements (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  principal TEXT NOT NULL,
  text TEXT NOT NULL,
  kind TEXT NOT NULL,
  condition TEXT NOT NULL,
  message TEXT NOT NULL,
  started_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  files_read INTEGER NOT NULL,
  files_pruned INTEGER NOT NULL,
  bytes_read INTEGER NOT NULL,
  peak_memory_bytes INTEGER NOT NULL
) STRICT;
)sql";

// Longer texts are cut: the history is for people.
constexpr size_t kTextBytesMax = 64 * 1024;

}  // namespace

Status StatementLog::OpenIfNeeded() {
  if (insert_) return {};
  TARN_ASSIGN(database_, meta::Database::Open(path_, {.durable = false}));
  TARN_TRY(database_->Execute(kTables));
  TARN_ASSIGN(meta::Statement trim,
              database_->Prepare("DELETE FROM statements WHERE number <= "
                                 "(SELECT max(number) FROM statements) - ?1"));
  TARN_ASSIGN(meta::Statement insert,
              database_->Prepare("INSERT INTO statements (id, principal, text, kind, condition, "
                                 "message, started_us, duration_us, rows, files_read, "
                                 "files_pruned, bytes_read, peak_memory_bytes) VALUES "
                                 "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"));
  trim_.emplace(std::move(trim));
  insert_.emplace(std::move(insert));
  return {};
}

Status StatementLog::Record(const RequestContext& ctx, const StatementRecord& record) {
  std::lock_guard lock(mutex_);
  TARN_TRY(OpenIfNeeded());
  insert_->Reset();
  insert_->Bind(1, record.id).Bind(2, record.principal);
  insert_->Bind(3, std::string_view(record.text).substr(0, kTextBytesMax));
  insert_->Bind(4, record.kind).Bind(5, record.condition);
  insert_->Bind(6, std::string_view(record.message).substr(0, kTextBytesMax));
  insert_->Bind(7, record.started_us).Bind(8, record.duration_us).Bind(9, record.rows);
  insert_->Bind(10, record.files_read).Bind(11, record.files_pruned);
  insert_->Bind(12, record.bytes_read).Bind(13, record.peak_memory_bytes);
  TARN_TRY(insert_->Run());
  trim_->Reset();
  trim_->Bind(1, kRowsMax);
  return trim_->Run();
}

Result<std::vector<StatementRecord>> StatementLog::List(const RequestContext& ctx,
                                                        const HistoryFilter& filter) {
  TARN_TRY(ctx.Check());
  std::lock_guard lock(mutex_);
  TARN_TRY(OpenIfNeeded());
  TARN_ASSIGN(
      meta::Statement list,
      database_->Prepare("SELECT id, principal, text, kind, condition, message, started_us, "
                         "duration_us, rows, files_read, files_pruned, bytes_read, "
                         "peak_memory_bytes FROM statements WHERE "
                         "(?1 IS NULL OR instr(lower(text), lower(?1)) > 0) AND "
                         "(?2 = 0 OR condition <> '') ORDER BY number DESC LIMIT ?3"));
  list.BindOptional(1, filter.text_contains).Bind(2, int64_t{filter.failed_only});
  list.Bind(3, filter.limit);
  std::vector<StatementRecord> records;
  while (true) {
    TARN_ASSIGN(const bool more, list.Step());
    if (!more) return records;
    StatementRecord record;
    record.id = list.Text(0);
    record.principal = list.Text(1);
    record.text = list.Text(2);
    record.kind = list.Text(3);
    record.condition = list.Text(4);
    record.message = list.Text(5);
    record.started_us = list.Number(6);
    record.duration_us = list.Number(7);
    record.rows = list.Number(8);
    record.files_read = list.Number(9);
    record.files_pruned = list.Number(10);
    record.bytes_read = list.Number(11);
    record.peak_memory_bytes = list.Number(12);
    records.push_back(std::move(record));
  }
}

}  // namespace tarn::catalog
