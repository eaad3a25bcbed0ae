#include "tarn/catalog/lake.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "lake_test_fixture.h"

extern char** environ;

namespace tarn::catalog {
namespace {

TEST_F(LakeTest, TheFolderCanBeMoved) {
  ASSERT_TRUE(CreateTable(Name("t")).ok());
  lake_.reset();
  std::filesystem::rename(folder_ + "/lake", folder_ + "/elsewhere");
  lake_ = *Lake::Open(ctx_, folder_ + "/elsewhere", {.clock = &clock_});
  const TablePtr table = *catalog().LookupTable(ctx_, Name("t"), Purpose::kRead, "");
  EXPECT_EQ(table->location, folder_ + "/elsewhere/tables/" + table->id);
  ExpectSound();
}

TEST_F(LakeTest, ABackupIsALake) {
  ASSERT_TRUE(CreateTable(Name("t")).ok());
  ASSERT_TRUE(CreateTable(Name("e"), folder_ + "/outside").ok());
  VolumeInfo volume;
  volume.name = Name("files");
  ASSERT_TRUE(*catalog().CreateVolume(ctx_, volume, IfTaken::kFail));
  const auto report = lake_->Backup(ctx_, folder_ + "/backup");
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(report->tables, 1);
  EXPECT_EQ(report->volumes, 1);
  EXPECT_EQ(report->files, 1);
  EXPECT_EQ(report->external, std::vector<std::string>{folder_ + "/outside"});
  EXPECT_EQ(ConditionOf(lake_->Backup(ctx_, folder_ + "/backup")), "PATH_ALREADY_EXISTS");
  lake_ = *Lake::Open(ctx_, folder_ + "/backup", {.clock = &clock_, .must_exist = true});
  EXPECT_TRUE(catalog().LookupTable(ctx_, Name("t"), Purpose::kRead, "").ok());
  ExpectSound();
}

TEST_F(LakeTest, CommitsOfSeveralTablesAreRatifiedTogetherOrNotAtAll) {
  const std::string a = (*CreateTable(Name("a")))->id;
  const std::string b = (*CreateTable(Name("b")))->id;
  TableCommits& commits = lake_->table_commits();
  EXPECT_EQ(commits.TableAt(folder_ + "/lake/tables/" + a), a);
  EXPECT_EQ(commits.TableAt(folder_ + "/lake/tables/" + a + "/x"), std::nullopt);
  EXPECT_EQ(commits.TableAt(folder_ + "/outside"), std::nullopt);
  EXPECT_FALSE((*commits.Newest(ctx_, a)).has_value());
  EXPECT_EQ(*commits.Ratify(ctx_, {{a, 1, "a1"}, {b, 1, "b1"}}), Ratification::kRatified);
  EXPECT_EQ(*commits.Ratify(ctx_, {{a, 2, "a2"}, {b, 1, "again"}}), Ratification::kTaken);
  EXPECT_EQ((*commits.Newest(ctx_, a))->staged_file, "a1");
  Reopen();
  EXPECT_EQ((*lake_->table_commits().Newest(ctx_, b))->staged_file, "b1");
  // A table that was dropped takes no commits, nor does what comes with it.
  ASSERT_TRUE(catalog().DropRelation(ctx_, Name("b"), SecurableKind::kTable, false).ok());
  EXPECT_EQ(ConditionOf(lake_->table_commits().Ratify(ctx_, {{a, 2, "a2"}, {b, 2, "b2"}})),
            "TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_EQ((*lake_->table_commits().Newest(ctx_, a))->version, 1);
}

TEST_F(LakeTest, ANewerLakeIsRefused) {
  lake_.reset();
  std::ofstream(folder_ + "/lake/VERSION") << "tarn lake 2\n";
  EXPECT_EQ(ConditionOf(Lake::Open(ctx_, folder_ + "/lake")), "LAKE_VERSION_TOO_NEW");
  std::ofstream(folder_ + "/lake/VERSION") << "something else\n";
  EXPECT_EQ(ConditionOf(Lake::Open(ctx_, folder_ + "/lake")), "METASTORE_ERROR");
  EXPECT_EQ(ConditionOf(Lake::Open(ctx_, folder_ + "/none", {.must_exist = true})),
            "PATH_NOT_FOUND");
}

TEST_F(LakeTest, SpillFoldersArePrivateAndGoWithTheirProcess) {
  const std::string spill = *lake_->SpillFolder(ctx_);
  struct stat status;
  ASSERT_EQ(stat(spill.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  EXPECT_EQ(*lake_->SpillFolder(ctx_), spill);
  std::ofstream(spill + "/block") << "x";
  // Another process leaves a living one's folder alone.
  ASSERT_TRUE(Lake::Open(ctx_, folder_ + "/lake").ok());
  EXPECT_TRUE(std::filesystem::exists(spill + "/block"));
  Reopen();
  EXPECT_FALSE(std::filesystem::exists(spill));
}

TEST_F(LakeTest, HistoryKeepsStatementsNewestFirst) {
  for (int i = 0; i < 3; ++i) {
    StatementRecord record;
    record.id = std::to_string(i);
    record.text = "SELECT " + std::to_string(i);
    record.duration_us = i;
    record.condition = i == 1 ? "DIVIDE_BY_ZERO" : "";
    ASSERT_TRUE(lake_->history().Record(ctx_, record).ok());
  }
  Reopen();
  const auto all = lake_->history().List(ctx_, {});
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ(all->front().text, "SELECT 2");
  EXPECT_EQ(lake_->history().List(ctx_, {.limit = 2})->size(), 2u);
  EXPECT_EQ(lake_->history().List(ctx_, {.failed_only = true})->front().id, "1");
  EXPECT_EQ(lake_->history().List(ctx_, {.text_contains = "select 0"})->front().id, "0");
}

// What a child process does: every kind of DDL that touches storage.
Status RunDdl(const std::string& home, const std::string& prefix) {
  RequestContext ctx;
  ctx.principal = "child";
  TARN_ASSIGN(const auto lake, Lake::Open(ctx, home));
  Catalog& catalog = lake->catalog();
  for (int i = 0; i < 3; ++i) {
    const ObjectName name{"main", "default", prefix + std::to_string(i)};
    TARN_ASSIGN(const PendingTable pending, catalog.BeginCreateTable(ctx, {.name = name}));
    TARN_ASSIGN(const auto store, lake->OpenStore(ctx, pending.location));
    TARN_ASSIGN(const auto put,
                store->PutIfAbsent(ctx, io::ObjectPath() / "_delta_log/0.json", ""));
    (void)put;
    TARN_ASSIGN(const auto table, catalog.PublishTable(ctx, pending, {}));
    (void)table;
  }
  const ObjectName second{"main", "default", prefix + "1"};
  TARN_TRY(catalog.DropRelation(ctx, second, SecurableKind::kTable, false));
  TARN_ASSIGN(const PendingTable aborted,
              catalog.BeginCreateTable(ctx, {.name = {"main", "default", prefix + "x"}}));
  TARN_TRY(catalog.AbortTable(ctx, aborted));
  VolumeInfo volume;
  volume.name = {"main", "default", prefix + "volume"};
  TARN_ASSIGN(const bool created, catalog.CreateVolume(ctx, volume, IfTaken::kFail));
  (void)created;
  ManualClock later(SystemClock().NowMicros() + 8LL * 24 * 3600 * 1'000'000);
  TARN_ASSIGN(const auto future, Lake::Open(ctx, home, {.clock = &later}));
  TARN_ASSIGN(const int64_t collected, future->CollectDropped(ctx));
  (void)collected;
  return {};
}

// Runs as a test of its own in a child process, told by the environment what to do.
TEST(CrashChild, RunsDdl) {
  const char* home = std::getenv("TARN_TEST_CHILD_HOME");
  if (home == nullptr) GTEST_SKIP() << "only as a child of the crash tests";
  const Status done = RunDdl(home, std::getenv("TARN_TEST_CHILD_PREFIX"));
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.error().ToString().c_str());
  ASSERT_TRUE(done.ok());
}

pid_t SpawnChild(const std::string& home, const std::string& prefix, const std::string& fault) {
  std::vector<std::string> variables{"TARN_TEST_CHILD_HOME=" + home,
                                     "TARN_TEST_CHILD_PREFIX=" + prefix, "TARN_FAULT=" + fault};
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    environment.push_back(*inherited);
  }
  environment.push_back(nullptr);
  std::string program = "/proc/self/exe", filter = "--gtest_filter=CrashChild.*";
  char* arguments[] = {program.data(), filter.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

TEST_F(LakeTest, KilledAtAnyFaultPointNothingIsHalfDone) {
  int round = 0;
  for (const std::string point :
       {"catalog.create_table.after_intent", "catalog.create_table.after_folder",
        "catalog.create_table.before_publish", "catalog.create_table.after_publish",
        "catalog.abort_table.before_folder", "catalog.abort_table.after_folder",
        "catalog.drop_table.before", "catalog.drop_table.after",
        "catalog.create_volume.after_intent", "catalog.create_volume.after_folder",
        "catalog.purge.after_intent", "catalog.purge.after_folder"}) {
    for (const int passage : {1, 2}) {
      const std::string prefix = "r" + std::to_string(++round) + "_";
      int status = 0;
      waitpid(SpawnChild(folder_ + "/lake", prefix, point + "=kill@" + std::to_string(passage)),
              &status, 0);
      const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
      EXPECT_TRUE(killed || (passage == 2 && WEXITSTATUS(status) == 0)) << point << status;
      Reopen();
      ExpectSound();
      if (HasFailure()) FAIL() << "after a kill at " << point << ", passage " << passage;
    }
  }
}

TEST_F(LakeTest, AFailureAtAnyFaultPointLeavesALakeThatIsSoundWhenOpenedAgain) {
  for (const std::string point :
       {"catalog.create_table.after_intent", "catalog.create_table.before_publish",
        "catalog.create_volume.after_folder", "catalog.purge.after_intent"}) {
    int status = 0;
    waitpid(SpawnChild(folder_ + "/lake", "f_" + point.substr(8, 3), point + "=error"), &status, 0);
    Reopen();
    ExpectSound();
  }
}

TEST_F(LakeTest, ProcessesMakingAndDroppingAtOnceDoNotDisturbEachOther) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(SpawnChild(folder_ + "/lake", "p" + std::to_string(i) + "_", ""));
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  Reopen();
  EXPECT_EQ(catalog().ListTables(ctx_, "main", "default")->size(), 8u);
  ExpectSound();
}

TEST_F(LakeTest, OfProcessesThatMakeOneTableExactlyOneSucceeds) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) children.push_back(SpawnChild(folder_ + "/lake", "same_", ""));
  int succeeded = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    succeeded += status == 0 ? 1 : 0;
  }
  EXPECT_LE(succeeded, 1);
  Reopen();
  ExpectSound();
}

}  // namespace
}  // namespace tarn::catalog
