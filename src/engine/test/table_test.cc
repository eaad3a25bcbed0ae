// Data files written by the engine, read back as a Delta table.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include "plan_builder.h"
#include "tarn/base/json_string.h"
#include "tarn/base/random.h"
#include "tarn/delta/path.h"
#include "tarn/delta/snapshot.h"
#include "tarn/engine/engine.h"
#include "tarn/io/local_object_store.h"
#include "tarn/types/schema_json.h"

namespace tarn::engine {
namespace {

class TableTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("tarn-engine-" + SystemIds().NewUuid());
    std::filesystem::create_directories(folder_ / "table/_delta_log");
    EngineOptions options;
    options.threads = 2;
    options.spill_folder = folder_ / "spill";
    options.observer = [this](const FileOpen& open) {
      const std::lock_guard lock(mutex_);
      opens_.push_back(open);
    };
    auto engine = StartDuckEngine(options);
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = std::move(engine).value();
    target_.root = folder_ / "table";
  }

  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Writes the rows and commits them as the table's next version.
  void Append(plan::NodePtr rows) {
    auto written = engine_->Write({}, QueryOf(std::move(rows)), target_, {});
    ASSERT_TRUE(written.ok()) << written.error().ToString();
    written_ = std::move(written).value();
    std::string commit;
    if (version_ == 0) {
      std::string columns;
      for (const std::string& name : target_.partition_columns) {
        columns += (columns.empty() ? "" : ",") + JsonString(name);
      }
      const bool mapped = !mapping_mode_.empty();
      commit += mapped ? R"({"protocol":{"minReaderVersion":2,"minWriterVersion":5}})"
                       : R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})";
      commit += "\n";
      commit +=
          R"({"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":)" +
          JsonString(SchemaToJson(target_.schema)) + R"(,"partitionColumns":[)" + columns +
          R"(],"configuration":{)" +
          (mapped ? R"("delta.columnMapping.mode":)" + JsonString(mapping_mode_) : std::string()) +
          "}}}\n";
    }
    for (const delta::AddFile& file : written_.files) {
      std::string values;
      for (const auto& [name, value] : file.partition_values) {
        values += (values.empty() ? "" : ",") + JsonString(name) + ":" +
                  (value ? JsonString(*value) : "null");
      }
      commit += R"({"add":{"path":)" + JsonString(delta::EncodeLogPath(file.path)) +
                R"(,"partitionValues":{)" + values + R"(},"size":)" + std::to_string(file.size) +
                R"(,"modificationTime":)" + std::to_string(file.modification_time_ms) +
                R"(,"dataChange":true,"stats":)" + JsonString(file.stats) + "}}\n";
    }
    char name[32];
    snprintf(name, sizeof name, "%020d.json", version_++);
    std::ofstream(std::filesystem::path(target_.root) / "_delta_log" / name) << commit;
  }

  plan::Relation Latest() {
    auto store = io::OpenLocalStore(target_.root);
    TARN_CHECK(store.ok());
    delta::Handlers handlers;
    handlers.log =
        delta::NewObjectLogStore(std::shared_ptr<io::ObjectStore>(std::move(store).value()));
    auto snapshot = delta::Table(handlers, target_.root).Latest({});
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    plan::Relation relation;
    relation.name = "main.default.t";
    relation.schema = (*snapshot)->schema();
    relation.source = plan::DeltaRelation{*snapshot, target_.root};
    return relation;
  }

  // A scan of all columns under ids from 1.
  plan::NodePtr ScanAll() {
    plan::Scan scan;
    std::vector<plan::OutputColumn> columns;
    for (size_t i = 0; i < target_.schema.fields.size(); ++i) {
      const auto id = static_cast<uint32_t>(i + 1);
      scan.columns.push_back({Id(id), static_cast<int>(i)});
      columns.push_back({Id(id), target_.schema.fields[i].name, target_.schema.fields[i].type});
    }
    return MakeNode(std::move(scan), std::move(columns));
  }

  std::string Run(plan::NodePtr root) {
    std::vector<plan::Relation> relations;
    relations.push_back(Latest());
    auto stream = engine_->Execute({}, QueryOf(std::move(root), std::move(relations)), {});
    if (!stream.ok()) return stream.error().ToString();
    std::string text;
    while (true) {
      auto batch = (*stream)->NextRendered();
      if (!batch.ok()) return batch.error().ToString();
      if (batch->empty()) break;
      for (const auto& row : *batch) {
        if (!text.empty()) text += ';';
        for (size_t i = 0; i < row.size(); ++i) text += (i ? "," : "") + row[i].value_or("NULL");
      }
    }
    stats_ = (*stream)->Stats();
    return text;
  }

  std::filesystem::path folder_;
  std::unique_ptr<Engine> engine_;
  WriteTarget target_;
  WriteResult written_;
  ExecutionStats stats_;
  int version_ = 0;
  std::string mapping_mode_;  // of the table's columns: "", "name", "id"
  std::mutex mutex_;
  std::vector<FileOpen> opens_;
};

plan::NodePtr Rows(std::vector<std::vector<Value>> rows) {
  std::vector<std::vector<plan::ExprPtr>> exprs;
  for (std::vector<Value>& row : rows) {
    exprs.emplace_back();
    for (Value& value : row) exprs.back().push_back(Lit(std::move(value)));
  }
  return ValuesOf(std::move(exprs), 500);
}

TEST_F(TableTest, PartitionedRowsComeBackAndOtherPartitionsAreNotOpened) {
  target_.schema.fields = {{"id", TypeId::kInt}, {"day", TypeId::kDate}, {"name", TypeId::kString}};
  target_.partition_columns = {"day"};
  const auto day = [](int64_t days) { return Value::Of(TypeId::kDate, days); };
  Append(Rows({{Value::Int(1), day(19000), Value::String("a")},
               {Value::Int(2), day(19001), Value::String("b")},
               {Value::Int(3), Value::Null(TypeId::kDate), Value::String("c")},
               {Value::Int(4), day(19000), Value::Null(TypeId::kString)}}));
  EXPECT_EQ(written_.rows, 4);
  EXPECT_EQ(written_.files.size(), 3U);
  EXPECT_EQ(Run(SortOf(ScanAll(), Col(1, TypeId::kInt))),
            "1,2022-01-08,a;2,2022-01-09,b;3,NULL,c;4,2022-01-08,NULL");
  opens_.clear();
  EXPECT_EQ(Run(FilterOf(ScanAll(), Fn("=", Col(2, TypeId::kDate), Lit(day(19001))))),
            "2,2022-01-09,b");
  EXPECT_EQ(stats_.files_read, 1);
  EXPECT_EQ(stats_.files_pruned, 2);
  ASSERT_FALSE(opens_.empty());
  for (const FileOpen& open : opens_) {
    EXPECT_TRUE(open.allowed && !open.write);
    EXPECT_NE(open.path.find("day=2022-01-09/part-"), std::string::npos) << open.path;
  }
}

TEST_F(TableTest, StatisticsChooseFiles) {
  target_.schema.fields = {{"id", TypeId::kInt}, {"s", DataType::Struct({{"x", TypeId::kLong}})}};
  const auto row = [](int32_t id) {
    return std::vector<Value>{Value::Int(id), Value::Of(DataType::Struct({{"x", TypeId::kLong}}),
                                                        std::vector<Value>{Value::Long(id * 10)})};
  };
  Append(Rows({row(1), row(2)}));
  Append(Rows({row(11), row(12)}));
  EXPECT_NE(written_.files[0].stats.find(R"("minValues":{"id":11,"s":{"x":110}})"),
            std::string::npos)
      << written_.files[0].stats;
  EXPECT_EQ(Run(FilterOf(ScanAll(), Fn(">", Col(1, TypeId::kInt), Int(11)))), "12,{120}");
  EXPECT_EQ(stats_.files_pruned, 1);
}

TEST_F(TableTest, AllTypesComeBackUnchanged) {
  const DataType array = DataType::Array(TypeId::kInt);
  const DataType map = DataType::Map(TypeId::kString, TypeId::kDouble);
  const DataType decimal = DataType::Decimal(38, 10);
  target_.schema.fields = {{"a", TypeId::kByte},
                           {"b", TypeId::kShort},
                           {"c", TypeId::kLong},
                           {"d", TypeId::kFloat},
                           {"e", TypeId::kDouble},
                           {"f", decimal},
                           {"g", TypeId::kBinary},
                           {"h", TypeId::kTimestamp},
                           {"i", TypeId::kTimestampNtz},
                           {"j", TypeId::kBoolean},
                           {"k", array},
                           {"l", map},
                           {"m", DataType::Decimal(9, 2)}};
  std::vector<Value> row = {
      Value::Of(TypeId::kByte, int64_t{-128}),
      Value::Of(TypeId::kShort, int64_t{32767}),
      Value::Long(INT64_MIN),
      Value::Of(TypeId::kFloat, 0.5),
      Value::Double(-0.0),
      Value::Of(decimal, Int128{1234567890123456789}),
      Value::Binary("xyz"),
      Value::Of(TypeId::kTimestamp, int64_t{1'700'000'000'123'456}),
      Value::Of(TypeId::kTimestampNtz, int64_t{1'700'000'000'000'001}),
      Value::Boolean(true),
      Value::Of(array, std::vector<Value>{Value::Int(1), Value::Null(TypeId::kInt)}),
      Value::Of(map, std::vector<Value>{Value::String("k"), Value::Double(2.5)}),
      Value::Of(DataType::Decimal(9, 2), Int128{-12345}),
  };
  std::vector<Value> nulls;
  for (const Field& field : target_.schema.fields) nulls.push_back(Value::Null(field.type));
  Append(Rows({row}));
  Append(Rows({nulls}));
  const std::string all_null = "NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL";
  EXPECT_EQ(Run(SortOf(ScanAll(), Col(1, TypeId::kByte))),
            all_null +
                ";-128,32767,-9223372036854775808,0.5,-0.0,123456789.0123456789,xyz,2023-11-14 "
                "22:13:20.123456,2023-11-14 22:13:20.000001,true,[1, null],{k -> 2.5},-123.45");
}

TEST_F(TableTest, VirtualColumnsTellFileAndRow) {
  target_.schema.fields = {{"id", TypeId::kInt}};
  Append(Rows({{Value::Int(5)}, {Value::Int(6)}, {Value::Int(7)}}));
  plan::Scan scan;
  scan.columns = {{Id(1), 0},
                  {Id(2), -1, plan::VirtualColumn::kFileIndex},
                  {Id(3), -1, plan::VirtualColumn::kRowIndex}};
  auto node = MakeNode(
      std::move(scan),
      {{Id(1), "id", TypeId::kInt}, {Id(2), "f", TypeId::kInt}, {Id(3), "r", TypeId::kLong}});
  EXPECT_EQ(Run(FilterOf(std::move(node), Fn(">", Col(1, TypeId::kInt), Int(5)))), "6,0,1;7,0,2");
}

TEST_F(TableTest, RowsAreFoundAgainByFileAndPosition) {
  target_.schema.fields = {{"id", TypeId::kInt}, {"p", TypeId::kString}};
  target_.partition_columns = {"p"};
  for (int32_t i = 0; i < 3; ++i) {
    Append(Rows({{Value::Int(i * 10), Value::String("x" + std::to_string(i))},
                 {Value::Int(i * 10 + 1), Value::String("x" + std::to_string(i))}}));
  }
  const auto scan = [&] {
    plan::Scan scan;
    scan.columns = {{Id(1), 0},
                    {Id(2), -1, plan::VirtualColumn::kFileIndex},
                    {Id(3), -1, plan::VirtualColumn::kRowIndex},
                    {Id(4), 1}};
    return MakeNode(std::move(scan), {{Id(1), "id", TypeId::kInt},
                                      {Id(2), "f", TypeId::kInt},
                                      {Id(3), "r", TypeId::kLong},
                                      {Id(4), "p", TypeId::kString}});
  };
  EXPECT_EQ(Run(SortOf(FilterOf(scan(), Fn("=", Col(3, TypeId::kLong), Lit(Value::Long(1)))),
                       Col(1, TypeId::kInt))),
            "1,0,1,x0;11,1,1,x1;21,2,1,x2");
  EXPECT_EQ(Run(FilterOf(scan(), Fn("=", Col(2, TypeId::kInt), Int(1)))), "10,1,0,x1;11,1,1,x1");
  auto wanted = Rows({{Value::Int(2), Value::Long(0), Value::String("x2")},
                      {Value::Int(0), Value::Long(1), Value::String("x0")}});
  auto condition = Fn("and", Fn("=", Col(2, TypeId::kInt), Col(500, TypeId::kInt)),
                      Fn("and", Fn("=", Col(3, TypeId::kLong), Col(501, TypeId::kLong)),
                         Fn("=", Col(4, TypeId::kString), Col(502, TypeId::kString))));
  EXPECT_EQ(
      Run(SortOf(JoinOf(plan::JoinKind::kLeftSemi, scan(), std::move(wanted), std::move(condition)),
                 Col(1, TypeId::kInt))),
      "1,0,1,x0;20,2,0,x2");
}

TEST_F(TableTest, CountsRowsWithoutColumns) {
  target_.schema.fields = {{"id", TypeId::kInt}};
  Append(Rows({{Value::Int(5)}, {Value::Int(6)}}));
  plan::Aggregate aggregate;
  aggregate.input = MakeNode(plan::Scan{}, {});
  aggregate.aggregates.push_back(Named(9, Fn("count", Int(1))));
  EXPECT_EQ(Run(MakeNode(std::move(aggregate), {{Id(9), "n", TypeId::kLong}})), "2");
}

TEST_F(TableTest, ManyRowsBecomeFilesOfTheTargetSize) {
  target_.schema.fields = {{"id", TypeId::kInt}, {"t", TypeId::kString}};
  target_.target_file_bytes = 1 << 20;
  std::vector<std::vector<Value>> rows;
  for (int32_t i = 0; i < 1000; ++i) rows.push_back({Value::Int(i)});
  auto left = Rows(rows);
  auto right = ProjectOf(Rows(rows), Items_(Named(1, Col(500, TypeId::kInt))));
  auto joined = JoinOf(plan::JoinKind::kCross, std::move(left), std::move(right), nullptr);
  auto numbered = Fn("+", Fn("*", Col(500, TypeId::kInt), Int(1000)), Col(1, TypeId::kInt));
  auto text = plan::MakeCast(plan::Clone(*numbered), TypeId::kString);
  Append(ProjectOf(std::move(joined),
                   Items_(Named(3, std::move(numbered)), Named(4, std::move(text)))));
  EXPECT_EQ(written_.rows, 1'000'000);
  EXPECT_GT(written_.files.size(), 2U);
  plan::Aggregate aggregate;
  aggregate.input = ScanAll();
  aggregate.aggregates.push_back(Named(9, Fn("count", Col(2, TypeId::kString))));
  aggregate.aggregates.push_back(Named(10, Fn("sum", Col(1, TypeId::kInt))));
  EXPECT_EQ(Run(MakeNode(std::move(aggregate),
                         {{Id(9), "n", TypeId::kLong}, {Id(10), "s", TypeId::kLong}})),
            "1000000,499999500000");
}

TEST_F(TableTest, FailedWriteLeavesNoFiles) {
  target_.schema.fields = {{"id", TypeId::kInt}};
  std::vector<std::vector<Value>> rows = {{Value::String("1")}, {Value::String("x")}};
  auto cast = plan::MakeCast(Col(500, TypeId::kString), TypeId::kInt);
  auto written = engine_->Write(
      {}, QueryOf(ProjectOf(Rows(rows), Items_(Named(1, std::move(cast))))), target_, {});
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().name(), "CAST_INVALID_INPUT");
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "table")) {
    EXPECT_EQ(entry.path().filename(), "_delta_log");
  }
}

Field Mapped(Field field, int id) {
  field.SetMetadata("delta.columnMapping.id", std::to_string(id));
  field.SetMetadata("delta.columnMapping.physicalName", JsonString("col-" + std::to_string(id)));
  return field;
}

TEST_F(TableTest, MappedColumnsAreFoundByPhysicalNameOrId) {
  for (const char* mode : {"name", "id"}) {
    mapping_mode_ = mode;
    version_ = 0;
    target_.root = folder_ / mode;
    std::filesystem::create_directories(folder_ / mode / "_delta_log");
    target_.column_mapping = true;
    const DataType nested =
        DataType::Struct({Mapped({"x", TypeId::kLong}, 3), Mapped({"y", TypeId::kString}, 4)});
    const DataType other =
        DataType::Struct({Mapped({"x", TypeId::kLong}, 7), Mapped({"y", TypeId::kString}, 8)});
    target_.schema.fields = {Mapped({"a b", TypeId::kInt}, 1), Mapped({"s", nested}, 2),
                             Mapped({"l", DataType::Array(other)}, 5),
                             Mapped({"p", TypeId::kString}, 6)};
    target_.partition_columns = {"p"};
    const Value inner = Value::Of(nested, std::vector<Value>{Value::Long(7), Value::String("z")});
    Append(
        Rows({{Value::Int(1), inner, Value::Of(DataType::Array(other), std::vector<Value>{inner}),
               Value::String("q")}}));
    EXPECT_NE(written_.files[0].path.find("col-6=q/"), std::string::npos) << written_.files[0].path;
    EXPECT_NE(written_.files[0].stats.find(R"("col-2":{"col-3":7,"col-4":"z"})"), std::string::npos)
        << written_.files[0].stats;
    EXPECT_EQ(Run(ScanAll()), "1,{7, z},[{7, z}],q") << mode;
  }
}

TEST_F(TableTest, ExplainTellsPrunedFilesAndSubsetsAreRead) {
  target_.schema.fields = {{"id", TypeId::kInt}};
  for (int32_t i = 0; i < 3; ++i) Append(Rows({{Value::Int(i)}}));
  const auto query = [&](plan::NodePtr root) {
    std::vector<plan::Relation> relations;
    relations.push_back(Latest());
    return QueryOf(std::move(root), std::move(relations));
  };
  auto plan = engine_->Explain(
      {}, query(FilterOf(ScanAll(), Fn("=", Col(1, TypeId::kInt), Int(2)))), {}, false);
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_NE(
      plan->find("Files of main.default.t: 3 in the table, 2 pruned by statistics, 1 to read"),
      std::string::npos)
      << *plan;
  auto scan = ScanAll();
  scan->As<plan::Scan>()->file_subset = {{0, 2}};
  EXPECT_EQ(Run(SortOf(std::move(scan), Col(1, TypeId::kInt))).size(), 3U);
  EXPECT_EQ(stats_.files_read, 2);
}

TEST_F(TableTest, TopNAndJoinsSkipFiles) {
  target_.schema.fields = {{"id", TypeId::kInt}};
  for (int32_t i = 0; i < 4; ++i) Append(Rows({{Value::Int(i * 10)}, {Value::Int(i * 10 + 1)}}));
  auto keys = ProjectOf(Rows({{Value::Int(20)}}), Items_(Named(50, Col(500, TypeId::kInt))));
  auto join = JoinOf(plan::JoinKind::kInner, ScanAll(), std::move(keys),
                     Fn("=", Col(1, TypeId::kInt), Col(50, TypeId::kInt)));
  EXPECT_EQ(Run(std::move(join)), "20,20");
  EXPECT_LT(stats_.files_read, 4);
  plan::Limit limit;
  limit.input = SortOf(ScanAll(), Col(1, TypeId::kInt), true);
  limit.count = Int(2);
  auto columns = limit.input->columns;
  EXPECT_EQ(Run(MakeNode(std::move(limit), std::move(columns))), "31;30");
}

}  // namespace
}  // namespace tarn::engine
