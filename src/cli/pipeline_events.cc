#include "pipeline_events.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include "error_report.h"

namespace tarn::cli {

namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(500);

/// The newest events with these columns, the oldest first.
std::string NewestEvents(const std::string& columns, const std::string& pipeline_id, int limit) {
  return "SELECT " + columns +
         " FROM (SELECT *, row_number() OVER (ORDER BY timestamp DESC, "
         "sequence.data_plane_id.seq_no DESC) AS newest FROM event_log('" +
         pipeline_id + "')) WHERE newest <= " + std::to_string(limit) + " ORDER BY newest DESC";
}

/// The events after the one with that time and number, as lines; notes the last one's.
Result<int> PrintNewer(session::Session& session, const std::string& statement,
                       std::string* last_time, std::string* last_number) {
  TARN_ASSIGN(session::StatementResult result, session.Execute(session.NewContext(), statement));
  int count = 0;
  while (true) {
    TARN_ASSIGN(const auto batch, result.rows->NextRendered());
    if (batch.empty()) break;
    for (const auto& row : batch) {
      *last_time = row[0].value_or("");
      *last_number = row[1].value_or("0");
      std::printf("%-26s  %-7s  %-20s  %s\n", last_time->c_str(), row[2].value_or("").c_str(),
                  row[3].value_or("").c_str(), Printable(row[4].value_or("")).c_str());
      ++count;
    }
  }
  std::fflush(stdout);
  return count;
}

}  // namespace

int ShowEvents(session::Session& session, const std::string& pipeline_id, int limit,
               OutputFormat format, const Terminal& terminal) {
  const char* columns = format == OutputFormat::kTable ? "timestamp, level, event_type, message"
                                                       : "* EXCEPT (newest)";
  auto result = session.Execute(session.NewContext(), NewestEvents(columns, pipeline_id, limit));
  if (!result.ok()) return Report(result.error(), terminal);
  const Status status = MakeRowWriter(format, terminal)->Write(1, *result->rows, [] {});
  return status.ok() ? 0 : Report(status.error(), terminal);
}

int FollowEvents(const RequestContext& context, session::Session& session,
                 const std::string& pipeline_id, int limit, const Terminal& terminal) {
  const std::string columns =
      "timestamp, sequence.data_plane_id.seq_no, level, event_type, message";
  std::string time;
  std::string number;
  std::string statement = NewestEvents(columns, pipeline_id, limit);
  while (!context.cancellation->cancelled()) {
    const auto count = PrintNewer(session, statement, &time, &number);
    if (!count.ok()) return Report(count.error(), terminal);
    if (!time.empty()) {
      statement = "SELECT " + columns + " FROM event_log('" + pipeline_id +
                  "') WHERE (timestamp, sequence.data_plane_id.seq_no) > (TIMESTAMP '" + time +
                  "', " + number + ") ORDER BY timestamp, sequence.data_plane_id.seq_no";
    }
    if (*count == 0) std::this_thread::sleep_for(kLookEvery);
  }
  return 0;
}

}  // namespace tarn::cli
