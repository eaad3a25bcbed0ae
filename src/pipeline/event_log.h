#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/session/session.h"
#include "tarn/types/data_type.h"

namespace tarn::pipeline {

/// Something that happened in an update; the fields are those of Databricks' event log.
struct Event {
  std::string type;                 ///< "flow_progress", …
  std::string_view level = "INFO";  ///< INFO, WARN, ERROR or METRICS
  std::string message;
  std::string details;  ///< JSON
  std::string dataset;  ///< of the origin; may be empty
  std::string flow;
  int64_t batch = -1;          ///< of the origin; -1: none
  std::optional<Error> error;  ///< what went wrong
};

/// The columns of the event log (`docs/formats/pipelines.md`).
const Schema& EventLogSchema();

/// Notes the events of one update in the pipeline's event log, a Delta table. Thread-safe but for
/// Flush, which is for one thread.
class EventLog {
 public:
  /// Where events come from.
  struct Origin {
    std::string pipeline_id;
    std::string pipeline_name;
    std::string update_id;
    std::string host;
  };
  EventLog(Origin origin, std::string root, session::Session& session)
      : origin_(std::move(origin)), root_(std::move(root)), session_(session) {}

  void Add(const RequestContext& context, Event event);
  /// Writes what was added since, in one commit. What couldn't be written is tried again next time.
  Status Flush(const RequestContext& context);

 private:
  const Origin origin_;
  const std::string root_;
  session::Session& session_;
  std::mutex mutex_;
  std::vector<std::vector<Value>> rows_;  // guarded by mutex_
  int64_t sequence_ = 0;                  // guarded by mutex_
};

}  // namespace tarn::pipeline
