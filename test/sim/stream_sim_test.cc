// A flow that reads a queue and files as they come, and writes to a Delta table, over a disk that
// fails: updates that die anywhere, go on, and start anew.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "naive_log.h"
#include "seeds.h"
#include "sim_parquet.h"
#include "tarn/base/parse_number.h"
#include "tarn/base/random.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/transaction.h"
#include "tarn/io/faulty_object_store.h"
#include "tarn/io/sub_store.h"
#include "tarn/session/known_files.h"
#include "tarn/source/queue_source.h"
#include "tarn/stream/flow_runner.h"

namespace tarn::sim {
namespace {

constexpr char kTableRoot[] = "/sim/table";
constexpr char kFlowId[] = "pipeline/flow";
constexpr int64_t kBytesMax = 1 << 20;

/// What happened in all runs: a simulation in which nothing goes wrong proves nothing.
struct Happenings {
  int64_t batches = 0, again = 0, was_there = 0, failures = 0, refused = 0, refreshes = 0,
          power_cuts = 0, files = 0, records = 0;
};
Happenings happenings;

/// Files that appear, as Auto Loader knows them: its own memory over a lister in memory.
class SimFiles final : public stream::Source {
 public:
  SimFiles(std::shared_ptr<const std::vector<std::string>> there, session::KnownFiles known,
           int64_t files_max)
      : there_(std::move(there)), known_(std::move(known)), files_max_(files_max) {
    schema_.fields.push_back({"name", TypeId::kString});
  }

  std::string description() const override { return "files"; }
  const Schema& schema() const override { return schema_; }

  Status Discover(const RequestContext& ctx, const std::optional<stream::Offset>&) override {
    std::vector<session::KnownFile> fresh;
    for (const std::string& path : *there_) {
      session::KnownFile file{path, 1, 1};
      if (!known_.Has(file)) fresh.push_back(std::move(file));
    }
    return known_.Append(ctx, fresh);
  }

  Result<std::optional<stream::Offset>> Plan(const RequestContext& ctx,
                                             const std::optional<stream::Offset>& from) override {
    const int64_t first = from ? *ParseNumber<int64_t>(from->text) : 0;
    EXPECT_LE(first, known_.count()) << "files were planned that nobody knows any more";
    if (first >= known_.count()) return std::optional<stream::Offset>();
    TARN_TRY(known_.Settle(ctx));
    return std::optional(
        stream::Offset{std::to_string(std::min(known_.count(), first + files_max_))});
  }

  Result<std::vector<plan::Relation>> Rows(const RequestContext& ctx,
                                           const std::optional<stream::Offset>& from,
                                           const stream::Offset& to) override {
    const int64_t first = from ? *ParseNumber<int64_t>(from->text) : 0;
    TARN_ASSIGN(const auto files, known_.Range(ctx, first, *ParseNumber<int64_t>(to.text)));
    auto rows = std::make_shared<std::vector<std::vector<Value>>>();
    for (const session::KnownFile& file : files) rows->push_back({Value::String(file.path)});
    plan::Relation relation;
    relation.schema = schema_;
    relation.source = plan::RowsRelation{std::move(rows)};
    return std::vector{std::move(relation)};
  }

 private:
  std::shared_ptr<const std::vector<std::string>> there_;
  session::KnownFiles known_;
  const int64_t files_max_;
  Schema schema_;
};

/// The flow's first stream is the queue, its second the files.
class SimSources final : public stream::SourceOpener {
 public:
  SimSources(std::shared_ptr<source::Queue> queue,
             std::shared_ptr<const std::vector<std::string>> files)
      : queue_(std::move(queue)), files_(std::move(files)) {}

  Result<std::unique_ptr<stream::Source>> Open(const RequestContext& ctx,
                                               const analyze::StreamReference& reference,
                                               std::shared_ptr<io::ObjectStore> state,
                                               bool) override {
    if (reference.ordinal == 0) {
      return std::unique_ptr<stream::Source>(std::make_unique<source::QueueSource>(queue_, 3));
    }
    TARN_ASSIGN(
        session::KnownFiles known,
        session::KnownFiles::Load(ctx, std::move(state), session::KnownFiles::Identity::kPath));
    return std::unique_ptr<stream::Source>(std::make_unique<SimFiles>(files_, std::move(known), 2));
  }

 private:
  std::shared_ptr<source::Queue> queue_;
  std::shared_ptr<const std::vector<std::string>> files_;
};

/// A Delta table whose data files are texts, a row a line.
class SimSink final : public stream::Sink {
 public:
  SimSink(delta::Handlers handlers, std::shared_ptr<io::ObjectStore> store, IdSource& ids)
      : handlers_(std::move(handlers)), store_(std::move(store)), ids_(ids) {}

  std::string display() const override { return "sim"; }

  Result<std::map<std::string, int64_t>> Landed(const RequestContext& ctx) override {
    TARN_ASSIGN(const auto snapshot, Latest(ctx));
    std::map<std::string, int64_t> landed;
    for (const auto& [app, transaction] : snapshot->transactions()) {
      landed[app] = transaction.version;
    }
    return landed;
  }

  Result<Schema> Describe(const RequestContext& ctx,
                          analyze::FlowEnvironment& environment) override {
    TARN_TRY(ReadStreams(ctx, environment));
    Schema schema;
    schema.fields.push_back({"row", TypeId::kString});
    return schema;
  }

  Result<session::FlowWritten> Write(const RequestContext& ctx,
                                     analyze::FlowEnvironment& environment,
                                     const session::FlowTransaction& batch) override {
    TARN_ASSIGN(const auto snapshot, Latest(ctx));
    session::FlowWritten written;
    const auto landed = snapshot->TransactionVersion(batch.app_id);
    if (landed && *landed >= batch.version) {
      TARN_TRY(delta::FileSystemCommitter(handlers_.log).MakeDurable(ctx, snapshot->version()));
      written.was_there = true;
      return written;
    }
    TARN_ASSIGN(const std::vector<std::string> rows, ReadStreams(ctx, environment));
    TARN_ASSIGN(delta::AddFile add, WriteFile(ctx, rows));
    delta::Transaction transaction(handlers_, snapshot);
    transaction.Add(std::move(add));
    transaction.ReadTransaction(batch.app_id);
    transaction.SetTransactionVersion(batch.app_id, batch.version);
    TARN_TRY(Commit(ctx, transaction));
    written.rows = static_cast<int64_t>(rows.size());
    return written;
  }

  /// What a full refresh does to the table.
  Status Reset(const RequestContext& ctx, const std::string& app_id) {
    TARN_ASSIGN(const auto snapshot, Latest(ctx));
    delta::Transaction transaction(handlers_, snapshot);
    transaction.RemoveAll();
    transaction.SetTransactionVersion(app_id, -1);
    return Commit(ctx, transaction);
  }

  Status Create(const RequestContext& ctx) {
    delta::Metadata metadata;
    metadata.schema.fields.push_back({"row", TypeId::kString});
    metadata.configuration["delta.checkpointInterval"] = "5";
    delta::Transaction transaction(handlers_, std::string(kTableRoot));
    TARN_TRY(transaction.SetMetadata(std::move(metadata)));
    return Commit(ctx, transaction);
  }

 private:
  Result<std::shared_ptr<const delta::Snapshot>> Latest(const RequestContext& ctx) const {
    return delta::Table(handlers_, kTableRoot).Latest(ctx);
  }

  static Result<std::vector<std::string>> ReadStreams(const RequestContext& ctx,
                                                      analyze::FlowEnvironment& environment) {
    std::vector<std::string> texts;
    for (size_t ordinal = 0; ordinal < 2; ++ordinal) {
      analyze::StreamReference reference;
      reference.ordinal = ordinal;
      TARN_ASSIGN(const auto relations, environment.OpenStream(ctx, reference));
      for (const plan::Relation& relation : relations) {
        const auto& rows = std::get<plan::RowsRelation>(relation.source).rows;
        if (!rows) continue;  // while it is described
        for (const auto& row : *rows) texts.push_back(row.back().text());
      }
    }
    return texts;
  }

  Result<delta::AddFile> WriteFile(const RequestContext& ctx,
                                   const std::vector<std::string>& rows) {
    delta::AddFile add;
    add.path = ids_.NewUuid() + ".parquet";
    const io::ObjectPath path = *io::ObjectPath::Parse(add.path);
    TARN_ASSIGN(auto file, store_->Create(ctx, path));
    for (const std::string& row : rows) TARN_TRY(file->Append(row + "\n"));
    TARN_TRY(file->Sync());
    add.size = file->size();
    TARN_TRY(file->Close());
    TARN_TRY(store_->SyncDirectories(ctx, path.Parent()));
    add.stats = R"({"numRecords":)" + std::to_string(rows.size()) + "}";
    return add;
  }

  Status Commit(const RequestContext& ctx, delta::Transaction& transaction) {
    delta::FileSystemCommitter committer(handlers_.log);
    delta::CommitResult result = transaction.Commit(ctx, committer);
    if (std::holds_alternative<delta::Committed>(result)) return {};
    if (auto* conflicted = std::get_if<delta::Conflicted>(&result)) {
      return std::move(conflicted->error);
    }
    return std::move(std::get<delta::Unknown>(result).error);
  }

  delta::Handlers handlers_;
  std::shared_ptr<io::ObjectStore> store_;
  IdSource& ids_;
};

class StreamRun {
 public:
  explicit StreamRun(uint64_t seed)
      : random_(seed * 2 + 1), ids_(seed), disk_(io::NewFaultyStore(seed, clock_)) {
    ctx_.clock = &clock_;
    table_ = io::NewSubStore(disk_, *io::ObjectPath::Parse("lake/table"));
    checkpoints_ = io::NewSubStore(disk_, *io::ObjectPath::Parse("lake/pipelines/p/flow"));
    delta::Handlers handlers;
    handlers.log = delta::NewObjectLogStore(table_);
    handlers.parquet = std::make_shared<SimParquet>(table_);
    handlers.ids = &ids_;
    sink_ = std::make_unique<SimSink>(std::move(handlers), table_, ids_);
    sources_ = std::make_unique<SimSources>(queue_, files_);
  }

  void Run() {
    const Status created = sink_->Create(ctx_);
    ASSERT_TRUE(created.ok()) << created.error().ToString();
    const auto scale = static_cast<uint32_t>(20 + random_.Below(300));
    for (int step = 0; step < 50 && !testing::Test::HasFailure(); ++step) {
      clock_.Advance(static_cast<int64_t>(random_.Below(3'000'000)));
      disk_->SetRates({scale, scale, scale, scale * 4});
      Step();
      disk_->SetRates({});
      if (random_.OneIn(40)) disk_->CutPower();
      if (!disk_->powered()) {
        ++happenings.power_cuts;
        disk_->Restart();
        for (auto& runner : runners_) runner.reset();
        Check(false);
      }
    }
    if (testing::Test::HasFailure()) return;
    for (auto& runner : runners_) runner.reset();
    while (RunBatch(0)) {
    }
    ASSERT_FALSE(testing::Test::HasFailure());
    Check(true);
  }

 private:
  void Step() {
    // Two updates would be kept apart by the lease; here they meet.
    const size_t who = random_.OneIn(8) ? 1 : 0;
    switch (random_.Below(10)) {
      case 0:
      case 1: {
        const std::string text = "q" + std::to_string(records_++);
        queue_->Push(static_cast<int>(random_.Below(2)), {"key", text});
        there_.insert(text);
        ++happenings.records;
        return;
      }
      case 2:
      case 3: {
        const std::string path = "/landing/f" + std::to_string(files_->size()) + "\t%";
        files_->push_back(path);
        there_.insert(path);
        ++happenings.files;
        return;
      }
      case 4:
        runners_[who].reset();  // killed
        return;
      case 5:
        if (random_.OneIn(8)) Refresh();
        return;
      default:
        RunBatch(who);
    }
  }

  void Refresh() {
    for (auto& runner : runners_) runner.reset();
    auto app_id = stream::FlowRunner::NextApplication(ctx_, kFlowId, *sink_, *checkpoints_);
    if (app_id.ok() && sink_->Reset(ctx_, *app_id).ok()) ++happenings.refreshes;
  }

  /// False when there is nothing more to do.
  bool RunBatch(size_t who) {
    std::unique_ptr<stream::FlowRunner>& runner = runners_[who];
    ++acts_[who];
    if (!runner) {
      met_[who] = acts_[1 - who];
      runner = std::make_unique<stream::FlowRunner>(
          stream::FlowParts{sink_.get(), sources_.get(), nullptr},
          stream::Flow{kFlowId, "flow", false}, checkpoints_);
      if (const Status started = runner->Start(ctx_); !started.ok()) {
        Failed(started.error(), who);
        return true;
      }
    }
    auto report = runner->RunBatch(ctx_);
    if (!report.ok()) {
      Failed(report.error(), who);
      return true;
    }
    if (!*report) {
      runner.reset();  // the update is done
      return false;
    }
    ++happenings.batches;
    happenings.again += (*report)->again ? 1 : 0;
    happenings.was_there += (*report)->was_there ? 1 : 0;
    return true;
  }

  /// Only the disk may be to blame, or another runner that did something meanwhile.
  void Failed(const Error& error, size_t who) {
    runners_[who].reset();
    ++happenings.failures;
    if (error.condition() == Condition("IO_ERROR")) return;
    ++happenings.refused;
    EXPECT_NE(met_[who], acts_[1 - who]) << error.ToString();
    // The last: the other one merged lists of files that this one was going to read.
    EXPECT_TRUE(error.IsOneOf({Condition("STREAM_CONCURRENT_RUN"),
                               Condition("DELTA_CONCURRENT_TRANSACTION"),
                               Condition("STREAM_CHECKPOINT_LOST"), Condition("PATH_NOT_FOUND")}))
        << error.ToString();
  }

  /// Each row at most once, and none that was never there; in the end all of them.
  void Check(bool all) {
    const NaiveLog log = ReadNaively(ctx_, *table_, {});
    std::multiset<std::string> rows;
    for (const auto& [path, size] : log.LiveAt(static_cast<int64_t>(log.commits.size()) - 1)) {
      const auto content = table_->ReadAll(ctx_, *io::ObjectPath::Parse(path), kBytesMax);
      ASSERT_TRUE(content.ok()) << "a live file is missing: " << path;
      ASSERT_EQ(static_cast<int64_t>(content->size()), size) << path;
      for (size_t at = 0; at < content->size();) {
        const size_t end = content->find('\n', at);
        rows.insert(content->substr(at, end - at));
        at = end + 1;
      }
    }
    for (const std::string& row : rows) {
      EXPECT_EQ(rows.count(row), 1u) << "read twice: " << row;
      EXPECT_TRUE(there_.contains(row)) << "never there: " << row;
    }
    if (all) {
      EXPECT_EQ(rows.size(), there_.size()) << "rows were missed";
    }
  }

  Random random_;
  SeededIds ids_;
  ManualClock clock_;
  RequestContext ctx_;
  std::shared_ptr<io::FaultyObjectStore> disk_;
  std::shared_ptr<io::ObjectStore> table_;
  std::shared_ptr<io::ObjectStore> checkpoints_;
  std::shared_ptr<source::Queue> queue_ = std::make_shared<source::Queue>(2);
  std::shared_ptr<std::vector<std::string>> files_ = std::make_shared<std::vector<std::string>>();
  std::unique_ptr<SimSink> sink_;
  std::unique_ptr<SimSources> sources_;
  std::unique_ptr<stream::FlowRunner> runners_[2];
  int64_t acts_[2] = {};  // what each runner did
  int64_t met_[2] = {};   // what the other had done when it started
  std::set<std::string> there_;
  int64_t records_ = 0;
};

TEST(StreamSim, EachRecordAndFileIsReadOnce) {
  RunSeeds("stream", 10'000, [](uint64_t seed) { StreamRun(seed).Run(); });
  std::printf(
      "stream: %lld records, %lld files, %lld batches (%lld again, %lld that had landed), %lld "
      "failures (%lld of them by another runner), %lld full refreshes, %lld power cuts\n",
      static_cast<long long>(happenings.records), static_cast<long long>(happenings.files),
      static_cast<long long>(happenings.batches), static_cast<long long>(happenings.again),
      static_cast<long long>(happenings.was_there), static_cast<long long>(happenings.failures),
      static_cast<long long>(happenings.refused), static_cast<long long>(happenings.refreshes),
      static_cast<long long>(happenings.power_cuts));
}

}  // namespace
}  // namespace tarn::sim
