#include <gtest/gtest.h>

#include "duck/file_system.h"

namespace tarn::engine::duck {
namespace {

TEST(FileGate, AnOpenThatThePlanExplainsPassesTheAssertion) {
  FileGate gate("/spill", true);
  const std::shared_ptr<StatementFiles> files = gate.Begin({});
  files->PlanRead("/lake/t/a.parquet");
  files->PlanWritesBelow("/lake/u");
  gate.Report(files.get(), "tarn://1/0/0", "/lake/t/a.parquet", false);
  gate.Report(files.get(), "tarn://1/w/b.parquet", "/lake/u/b.parquet", true);
  gate.End(*files);
}

TEST(FileGateDeathTest, AnyOtherOpenEndsTheProgramWhereOpensAreAsserted) {
  FileGate gate("/spill", true);
  const std::shared_ptr<StatementFiles> files = gate.Begin({});
  files->PlanRead("/lake/t/a.parquet");
  files->PlanWritesBelow("/lake/u");
  EXPECT_DEATH(gate.Report(files.get(), "n", "/lake/t/b.parquet", false), "doesn't explain");
  EXPECT_DEATH(gate.Report(files.get(), "n", "/lake/t/a.parquet", true), "doesn't explain");
  EXPECT_DEATH(gate.Report(files.get(), "n", "/lake/u/../t/a", true), "doesn't explain");
  EXPECT_DEATH(gate.Report(files.get(), "n", "/lake/u2/a", true), "doesn't explain");
  EXPECT_DEATH(gate.Report(nullptr, "/etc/passwd", "", false), "doesn't explain");
  gate.End(*files);
}

}  // namespace
}  // namespace tarn::engine::duck
