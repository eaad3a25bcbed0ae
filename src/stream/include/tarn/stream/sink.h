#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tarn/session/flow.h"

namespace tarn::stream {

/// What a flow's query gives and where its rows go: a place that knows, durably and together with
/// the rows, which batches of which application have landed. For one thread.
class Sink {
 public:
  virtual ~Sink() = default;

  /// For messages: the table's name as SQL.
  virtual std::string display() const = 0;
  /// The newest batch of each application that has landed; empty if the place isn't there.
  virtual Result<std::map<std::string, int64_t>> Landed(const RequestContext& context) = 0;
  /// The columns that the query gives. Opens each of its streams once, in their order.
  virtual Result<Schema> Describe(const RequestContext& context,
                                  analyze::FlowEnvironment& environment) = 0;
  /// Runs the query over what the environment's streams give now, and makes its rows and the
  /// transaction durable in one act. Writes nothing (`was_there`) if the transaction landed before.
  /// After an error the rows may be there or not, as the next Landed tells.
  virtual Result<session::FlowWritten> Write(const RequestContext& context,
                                             analyze::FlowEnvironment& environment,
                                             const session::FlowTransaction& transaction) = 0;
};

/// A Delta table of the lake, written with the rights of a session, which outlives the sink.
class TableSink final : public Sink {
 public:
  /// `query` is without an environment.
  TableSink(session::Session& session, session::FlowQuery query, catalog::ObjectName table,
            std::vector<session::Expectation> expectations)
      : session_(session),
        query_(std::move(query)),
        table_(std::move(table)),
        expectations_(std::move(expectations)) {}

  std::string display() const override { return table_.ToSql(); }
  Result<std::map<std::string, int64_t>> Landed(const RequestContext& context) override;
  Result<Schema> Describe(const RequestContext& context,
                          analyze::FlowEnvironment& environment) override;
  Result<session::FlowWritten> Write(const RequestContext& context,
                                     analyze::FlowEnvironment& environment,
                                     const session::FlowTransaction& transaction) override;

 private:
  session::Session& session_;
  const session::FlowQuery query_;
  const catalog::ObjectName table_;
  const std::vector<session::Expectation> expectations_;
};

}  // namespace tarn::stream
