#include "tarn/stream/sink.h"

namespace tarn::stream {

Result<std::map<std::string, int64_t>> TableSink::Landed(const RequestContext& context) {
  return session::LandedTransactions(session_, context, table_);
}

Result<Schema> TableSink::Describe(const RequestContext& context,
                                   analyze::FlowEnvironment& environment) {
  session::FlowQuery query = query_;
  query.environment = &environment;
  return session::DescribeFlow(session_, context, query);
}

Result<session::FlowWritten> TableSink::Write(const RequestContext& context,
                                              analyze::FlowEnvironment& environment,
                                              const session::FlowTransaction& transaction) {
  session::FlowWrite write;
  write.query = query_;
  write.query.environment = &environment;
  write.target = table_;
  write.expectations = expectations_;
  write.transaction = transaction;
  return session::WriteFlow(session_, context, write);
}

}  // namespace tarn::stream
