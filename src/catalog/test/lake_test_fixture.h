#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tarn/base/clock.h"
#include "tarn/catalog/lake.h"
#include "tarn/io/object_store.h"

namespace tarn::catalog {

/// A lake in a folder of its own, removed in the end.
class LakeTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tarn_catalog_test_XXXXXX";
    folder_ = mkdtemp(name);
    ctx_.principal = "ann";
    Reopen();
  }
  void TearDown() override {
    lake_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Reopen() {
    lake_.reset();
    auto lake = Lake::Open(ctx_, folder_ + "/lake", {.clock = &clock_});
    ASSERT_TRUE(lake.ok()) << lake.error().ToString();
    lake_ = *std::move(lake);
  }
  Catalog& catalog() { return lake_->catalog(); }

  static ObjectName Name(std::string object) { return {"main", "default", std::move(object)}; }

  /// As a session does it: begin, write a log, publish.
  Result<TablePtr> CreateTable(const ObjectName& name,
                               std::optional<std::string> location = std::nullopt) {
    TARN_ASSIGN(const PendingTable pending,
                catalog().BeginCreateTable(ctx_, {.name = name, .location = std::move(location)}));
    TARN_TRY(WriteLog(pending.location));
    Schema schema;
    schema.fields.push_back({"id", TypeId::kLong});
    Result<TablePtr> table =
        catalog().PublishTable(ctx_, pending, {.schema = schema, .version = 0});
    if (!table.ok()) TARN_TRY(catalog().AbortTable(ctx_, pending));
    return table;
  }
  Status WriteLog(const std::string& location) {
    TARN_ASSIGN(const auto store, lake_->OpenStore(ctx_, location));
    TARN_ASSIGN(
        const auto outcome,
        store->PutIfAbsent(ctx_, io::ObjectPath() / "_delta_log/00000000000000000000.json", "{}"));
    return outcome == io::PutOutcome::kCreated ? Status() : Status(InternalError("not created"));
  }
  void ExpectSound() {
    const auto findings = lake_->CheckUp(ctx_);
    ASSERT_TRUE(findings.ok()) << findings.error().ToString();
    for (const LakeFinding& finding : *findings) {
      EXPECT_TRUE(finding.ok) << finding.what << ": " << finding.detail;
    }
  }

  RequestContext ctx_;
  ManualClock clock_;
  std::string folder_;
  std::unique_ptr<Lake> lake_;
};

/// The condition of a failed Result or Status.
template <typename T>
std::string ConditionOf(const Result<T>& result) {
  return result.ok() ? "OK" : std::string(result.error().name());
}

}  // namespace tarn::catalog
