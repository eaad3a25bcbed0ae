#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tarn/io/faulty_object_store.h"
#include "tarn/io/memory_object_store.h"
#include "tarn/io/sub_store.h"
#include "tarn/source/queue_source.h"
#include "tarn/source/session_sources.h"
#include "tarn/sql/parser.h"
#include "tarn/stream/flow_runner.h"

namespace tarn::source {

/// Gives the test's queue for STREAM queue, and what the session knows for the rest.
class TestSources final : public stream::SourceOpener {
 public:
  TestSources(session::Session& session, std::shared_ptr<Queue> queue, int64_t records_max)
      : session_(session), queue_(std::move(queue)), records_max_(records_max) {}
  Result<std::unique_ptr<stream::Source>> Open(const RequestContext& context,
                                               const analyze::StreamReference& reference,
                                               std::shared_ptr<io::ObjectStore> state,
                                               bool look) override {
    if (!reference.table.empty() && reference.table[2] == "queue") {
      return std::unique_ptr<stream::Source>(std::make_unique<QueueSource>(queue_, records_max_));
    }
    return session_.Open(context, reference, std::move(state), look);
  }

 private:
  SessionSources session_;
  std::shared_ptr<Queue> queue_;
  int64_t records_max_;
};

class FlowTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "tarn-flow-" + std::to_string(getpid()) + "-" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    context_.principal = "ann";
    session::InstanceOptions options;
    options.home = folder_ + "/lake";
    options.memory_bytes_max = 256 << 20;
    options.threads = 2;
    auto instance = session::Instance::Open(context_, options);
    ASSERT_TRUE(instance.ok()) << instance.error().ToString();
    instance_ = std::move(*instance);
    session_ = instance_->NewSession({.principal = "ann"});
    sources_ = std::make_unique<TestSources>(*session_, queue_, 3);
  }
  void TearDown() override {
    sources_.reset();
    session_.reset();
    instance_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::vector<std::string> Query(const std::string& sql) {
    std::vector<std::string> rows;
    auto answer = session_->Execute(session_->NewContext(), sql);
    if (!answer.ok()) return {answer.error().ToString()};
    while (true) {
      auto batch = answer->rows->NextRendered();
      if (!batch.ok()) return {batch.error().ToString()};
      if (batch->empty()) return rows;
      for (const auto& row : *batch) {
        std::string text;
        for (const auto& cell : row) text += (text.empty() ? "" : "|") + cell.value_or("NULL");
        rows.push_back(text);
      }
    }
  }

  /// Runs the flow until there is no news; the number of batches.
  Result<int> RunAll(const std::string& sql, std::shared_ptr<io::ObjectStore> folder,
                     std::vector<session::Expectation> expectations = {}) {
    TARN_ASSIGN(const sql::QueryPtr query, sql::ParseQuery(sql));
    stream::Flow flow;
    flow.id = "test.flow";
    flow.name = "flow";
    stream::TableSink sink(*session_, {sql, query.get()}, {"main", "default", "target"},
                           std::move(expectations));
    stream::FlowRunner runner({&sink, sources_.get(), nullptr}, flow, std::move(folder));
    TARN_TRY(runner.Start(context_));
    int batches = 0;
    while (true) {
      TARN_ASSIGN(const auto report, runner.RunBatch(context_));
      if (!report) return batches;
      ++batches;
      counts_ = report->expectations;
    }
  }

  std::string folder_;
  RequestContext context_;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>(2);
  std::unique_ptr<session::Instance> instance_;
  std::unique_ptr<session::Session> session_;
  std::unique_ptr<TestSources> sources_;
  std::vector<engine::CheckCount> counts_;
};

}  // namespace tarn::source
