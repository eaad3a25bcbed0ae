// The engine's own Parquet files, of data and of checkpoints, on a disk that fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "naive_log.h"
#include "seeds.h"
#include "tarn/base/random.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/transaction.h"
#include "tarn/engine/engine.h"
#include "tarn/io/faulty_object_store.h"
#include "tarn/io/sub_store.h"
#include "test/plan_builder.h"

namespace tarn::sim {
namespace {

using delta::Version;
using Rows = std::vector<std::string>;

const char* const kPartitions[] = {"a", "b c", "é%20"};

/// What happened in all runs: a simulation in which nothing goes wrong proves nothing.
struct Happenings {
  int64_t written = 0, write_errors = 0, committed = 0, unknown = 0, checkpoints = 0;
  int64_t reads = 0, read_errors = 0, power_cuts = 0;
};
Happenings happenings;

/// One engine for all seeds, on the disk of the seed that runs. It has one thread, so that a seed's
/// calls of the disk come in one order, and ends before DuckDB's thread-local state does.
class SharedEngine : public testing::Environment {
 public:
  static inline std::shared_ptr<io::ObjectStore> store;
  static engine::Engine& Get() {
    if (!engine) {
      engine::EngineOptions options;
      options.threads = 1;
      options.open_store = [](const std::string&) -> Result<std::shared_ptr<io::ObjectStore>> {
        return store;
      };
      auto started = engine::StartDuckEngine(options);
      TARN_CHECK(started.ok());
      engine = std::move(started).value();
    }
    return *engine;
  }
  void TearDown() override { engine.reset(); }

 private:
  static inline std::unique_ptr<engine::Engine> engine;
};
[[maybe_unused]] testing::Environment* const shared_engine =
    testing::AddGlobalTestEnvironment(new SharedEngine);

class EngineRun {
 public:
  explicit EngineRun(uint64_t seed)
      : random_(seed * 2 + 1),
        ids_(seed),
        disk_(io::NewFaultyStore(seed, clock_)),
        store_(io::NewSubStore(disk_, *io::ObjectPath::Parse("lake/table"))),
        root_(store_->Display({})) {
    ctx_.clock = &clock_;
    SharedEngine::store = store_;
    handlers_.log = delta::NewObjectLogStore(store_);
    handlers_.parquet = SharedEngine::Get().NewParquetHandler(root_);
    handlers_.ids = &ids_;
    target_.root = root_;
    target_.schema.fields = {
        {"k", TypeId::kString}, {"batch", TypeId::kInt}, {"text", TypeId::kString}};
    target_.partition_columns = {"k"};
  }
  ~EngineRun() { SharedEngine::store.reset(); }

  void Run() {
    const auto scale = static_cast<uint32_t>(60 + random_.Below(500));
    const io::DiskFaultRates rates{scale, scale, scale, scale * 2};
    for (int step = 0; step < 8; ++step) {
      clock_.Advance(static_cast<int64_t>(random_.Below(3'000'000)));
      disk_->SetRates(rates);
      random_.OneIn(4) ? Read() : Change();
      disk_->SetRates({});
      if (random_.OneIn(30)) disk_->CutPower();
      if (!disk_->powered()) {
        ++happenings.power_cuts;
        disk_->Restart();
        known_.reset();
        Check();
      }
      if (testing::Test::HasFailure()) return;
    }
    Check();
  }

 private:
  delta::Table Table() const { return delta::Table(handlers_, root_); }

  /// The rows of a batch: as they are written, and as they are rendered when read.
  Rows RowsOf(int batch) const {
    Random random(static_cast<uint64_t>(batch) * 7919 + 1);
    Rows rows;
    const uint64_t count = 1 + random.Below(20);
    for (uint64_t i = 0; i < count; ++i) {
      rows.push_back(std::string(kPartitions[random.Below(3)]) + "|" + std::to_string(batch) + "|" +
                     std::to_string(i) + std::string(random.Below(30), 'x'));
    }
    return rows;
  }

  static plan::Query InsertOf(int batch, const Rows& rows) {
    std::vector<std::vector<plan::ExprPtr>> values;
    for (const std::string& row : rows) {
      std::vector<plan::ExprPtr> line;
      line.push_back(engine::Text(row.substr(0, row.find('|'))));
      line.push_back(engine::Int(batch));
      line.push_back(engine::Text(row.substr(row.rfind('|') + 1)));
      values.push_back(std::move(line));
    }
    return engine::QueryOf(engine::ValuesOf(std::move(values), 1));
  }

  /// Appends a batch; sometimes in place of an earlier one.
  void Change() {
    if (!known_ || random_.OneIn(2)) {
      auto latest = Table().Latest(ctx_, known_);
      if (latest.ok()) known_ = *std::move(latest);
      if (!known_ && acknowledged_version_ >= 0) return;
    }
    const int batch = ++batches_;
    auto written = SharedEngine::Get().Write(ctx_, InsertOf(batch, RowsOf(batch)), target_, {});
    if (!written.ok()) {
      ++happenings.write_errors;
      return;
    }
    ++happenings.written;
    delta::Transaction transaction =
        known_ ? delta::Transaction(handlers_, known_) : delta::Transaction(handlers_, root_);
    if (!known_) {
      delta::Metadata metadata;
      metadata.schema = target_.schema;
      metadata.partition_columns = target_.partition_columns;
      metadata.configuration["delta.checkpointInterval"] = std::to_string(1 + random_.Below(3));
      const Status set = transaction.SetMetadata(std::move(metadata));
      ASSERT_TRUE(set.ok()) << set.error().ToString();
    } else if (random_.OneIn(4)) {
      RemoveABatch(transaction);
    }
    for (delta::AddFile& file : written->files) {
      batch_of_[file.path] = batch;
      transaction.Add(std::move(file));
    }
    Commit(std::move(transaction));
  }

  void RemoveABatch(delta::Transaction& transaction) {
    const delta::FileSet& files = known_->files();
    if (files.size() == 0) return;
    const int batch = batch_of_.at(std::string(files.path(random_.Below(files.size()))));
    for (size_t i = 0; i < files.size(); ++i) {
      if (batch_of_.at(std::string(files.path(i))) != batch) continue;
      transaction.ReadFile(i);
      transaction.Remove(i);
    }
  }

  void Commit(delta::Transaction transaction) {
    delta::FileSystemCommitter committer(handlers_.log);
    const std::string txn_id = transaction.txn_id();
    const delta::CommitResult result = transaction.Commit(ctx_, committer);
    if (const auto* committed = std::get_if<delta::Committed>(&result)) {
      acknowledged_[txn_id] = committed->version;
      acknowledged_version_ = std::max(acknowledged_version_, committed->version);
      ++happenings.committed;
      happenings.checkpoints += committed->checkpointed ? 1 : 0;
    } else if (!std::holds_alternative<delta::Conflicted>(result)) {
      ++happenings.unknown;
    }
  }

  Result<Rows> ReadSnapshot(std::shared_ptr<const delta::Snapshot> snapshot) {
    plan::Relation relation;
    relation.name = "sim.default.t";
    relation.schema = snapshot->schema();
    relation.source = plan::DeltaRelation{std::move(snapshot), root_};
    plan::Scan scan;
    std::vector<plan::OutputColumn> columns;
    for (uint32_t i = 0; i < relation.schema.fields.size(); ++i) {
      scan.columns.push_back({engine::Id(i + 1), static_cast<int>(i)});
      columns.push_back(
          {engine::Id(i + 1), relation.schema.fields[i].name, relation.schema.fields[i].type});
    }
    std::vector<plan::Relation> relations;
    relations.push_back(std::move(relation));
    const plan::Query query = engine::QueryOf(engine::MakeNode(std::move(scan), std::move(columns)),
                                              std::move(relations));
    TARN_ASSIGN(auto stream, SharedEngine::Get().Execute(ctx_, query, {}));
    Rows rows;
    while (true) {
      TARN_ASSIGN(const auto batch, stream->NextRendered());
      if (batch.empty()) break;
      for (const auto& row : batch) {
        rows.push_back(row[0].value_or("NULL") + "|" + row[1].value_or("NULL") + "|" +
                       row[2].value_or("NULL"));
      }
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  /// The rows of all batches that have files among `paths`.
  template <typename Paths>
  Rows Expected(const Paths& paths) const {
    std::set<int> batches;
    for (const auto& path : paths) batches.insert(batch_of_.at(path));
    Rows rows;
    for (const int batch : batches) {
      const Rows more = RowsOf(batch);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  /// A read on the failing disk gives an error or the right rows.
  void Read() {
    auto latest = Table().Latest(ctx_, random_.OneIn(2) ? known_ : nullptr);
    if (!latest.ok()) return;
    known_ = *latest;
    auto rows = ReadSnapshot(known_);
    ++happenings.reads;
    if (!rows.ok()) {
      ++happenings.read_errors;
      return;
    }
    std::vector<std::string> paths;
    for (size_t i = 0; i < known_->files().size(); ++i) {
      paths.emplace_back(known_->files().path(i));
    }
    EXPECT_EQ(*rows, Expected(paths)) << "wrong rows from a failing disk";
  }

  /// On a disk that doesn't fail, everything that the log names is there, whole and readable.
  void Check() {
    const NaiveLog log = ReadNaively(ctx_, *store_, {});
    const auto newest = static_cast<Version>(log.commits.size()) - 1;
    std::map<std::string, Version> landed;
    for (Version v = 0; v <= newest; ++v) {
      const std::string& txn_id = log.commits[static_cast<size_t>(v)].txn_id;
      EXPECT_TRUE(landed.emplace(txn_id, v).second) << "doubled: " << txn_id;
    }
    for (const auto& [txn_id, version] : acknowledged_) {
      const auto found = landed.find(txn_id);
      ASSERT_TRUE(found != landed.end()) << "acknowledged and lost: version " << version;
      EXPECT_EQ(found->second, version);
    }
    if (newest < 0) return;
    auto snapshot = Table().Latest(ctx_);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    ASSERT_EQ((*snapshot)->version(), newest);
    std::vector<std::string> live;
    for (const auto& [path, size] : log.LiveAt(newest)) live.push_back(path);
    auto rows = ReadSnapshot(*snapshot);
    ASSERT_TRUE(rows.ok()) << rows.error().ToString();
    EXPECT_EQ(*rows, Expected(live));
  }

  Random random_;
  SeededIds ids_;
  ManualClock clock_;
  RequestContext ctx_;
  std::shared_ptr<io::FaultyObjectStore> disk_;
  std::shared_ptr<io::ObjectStore> store_;
  std::string root_;  // the table's folder as the store calls it, so that the engine's opens match
  delta::Handlers handlers_;
  engine::WriteTarget target_;
  std::shared_ptr<const delta::Snapshot> known_;

  int batches_ = 0;
  std::map<std::string, int> batch_of_;  // by path of the file
  std::map<std::string, Version> acknowledged_;
  Version acknowledged_version_ = -1;
};

TEST(EngineSim, ParquetFilesAreWholeOrNotThere) {
  RunSeeds("engine", 10'000, [](uint64_t seed) { EngineRun(seed).Run(); });
  std::printf(
      "engine: %lld batches written, %lld not for an error, %lld commits, %lld without an answer, "
      "%lld checkpoints, %lld reads, %lld of them in error, %lld power cuts\n",
      static_cast<long long>(happenings.written), static_cast<long long>(happenings.write_errors),
      static_cast<long long>(happenings.committed), static_cast<long long>(happenings.unknown),
      static_cast<long long>(happenings.checkpoints), static_cast<long long>(happenings.reads),
      static_cast<long long>(happenings.read_errors),
      static_cast<long long>(happenings.power_cuts));
}

}  // namespace
}  // namespace tarn::sim
