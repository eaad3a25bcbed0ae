// Files read as they are: csv, json, text, parquet; the log's Parquet files.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "plan_builder.h"
#include "tarn/base/random.h"
#include "tarn/delta/action.h"
#include "tarn/delta/handlers.h"
#include "tarn/engine/engine.h"

namespace tarn::engine {
namespace {

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("tarn-files-" + SystemIds().NewUuid());
    std::filesystem::create_directories(folder_);
    auto engine = StartDuckEngine({});
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = std::move(engine).value();
  }

  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Put(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  plan::FileRelation Files(std::string format, std::vector<std::string> names,
                           std::vector<std::pair<std::string, std::string>> options = {}) {
    plan::FileRelation files;
    files.format = std::move(format);
    for (const std::string& name : names) files.paths.push_back(folder_ / name);
    files.options = std::move(options);
    files.base = folder_;
    return files;
  }

  // The inferred schema, or the condition.
  std::string Infer(const plan::FileRelation& files) {
    auto schema = engine_->InferSchema({}, files);
    return schema.ok() ? schema->AsStruct().ToString() : schema.error().ToString();
  }

  // All columns of the files with that schema (inferred if it is empty) and perhaps a virtual one.
  std::string Read(const plan::FileRelation& files, Schema schema = {},
                   plan::VirtualColumn extra = plan::VirtualColumn::kNone) {
    if (schema.fields.empty()) {
      auto inferred = engine_->InferSchema({}, files);
      if (!inferred.ok()) return inferred.error().ToString();
      schema = *std::move(inferred);
    }
    plan::Scan scan;
    std::vector<plan::OutputColumn> columns;
    for (size_t i = 0; i < schema.fields.size(); ++i) {
      const auto id = static_cast<uint32_t>(i + 1);
      scan.columns.push_back({Id(id), static_cast<int>(i)});
      columns.push_back({Id(id), schema.fields[i].name, schema.fields[i].type});
    }
    if (extra != plan::VirtualColumn::kNone) {
      scan.columns.push_back({Id(100), -1, extra});
      columns.push_back({Id(100), "extra", TypeId::kString});
    }
    plan::Relation relation;
    relation.name = "files";
    relation.schema = std::move(schema);
    relation.source = files;
    std::vector<plan::Relation> relations;
    relations.push_back(std::move(relation));
    auto stream = engine_->Execute(
        {}, QueryOf(MakeNode(std::move(scan), std::move(columns)), std::move(relations)), {});
    if (!stream.ok()) return stream.error().ToString();
    std::string text;
    while (true) {
      auto batch = (*stream)->NextRendered();
      if (!batch.ok()) return batch.error().ToString();
      if (batch->empty()) return text;
      for (const auto& row : *batch) {
        if (!text.empty()) text += ';';
        for (size_t i = 0; i < row.size(); ++i) text += (i ? "," : "") + row[i].value_or("NULL");
      }
    }
  }

  std::filesystem::path folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(FilesTest, CsvWithHeaderInfersTypes) {
  Put("a.csv", "id,name,when,score\n1,x,2024-01-02 03:04:05,1.5\n2,\"q, \"\"z\",,NA\n");
  const auto files = Files("csv", {"a.csv"}, {{"header", "true"}, {"nullValue", "NA"}});
  EXPECT_EQ(Infer(files), "struct<id:int,name:string,when:timestamp,score:double>");
  EXPECT_EQ(
      Read(Files("csv", {"a.csv"}, {{"header", "true"}, {"nullvalue", "NA"}, {"escape", "\""}})),
      "1,x,2024-01-02 03:04:05,1.5;2,q, \"z,NULL,NULL");
}

TEST_F(FilesTest, MalformedFieldIsNullUnlessAskedOtherwise) {
  Put("a.csv", "1,10\nx,20\n3\n");
  Schema schema;
  schema.fields = {{"a", TypeId::kInt}, {"b", TypeId::kInt}};
  EXPECT_EQ(Read(Files("csv", {"a.csv"}), schema), "1,10;NULL,20;3,NULL");
  EXPECT_EQ(Read(Files("csv", {"a.csv"}, {{"mode", "DROPMALFORMED"}}), schema), "1,10");
  EXPECT_NE(Read(Files("csv", {"a.csv"}, {{"mode", "FAILFAST"}}), schema).find("["),
            std::string::npos);
}

TEST_F(FilesTest, PartitionsOfPathsAreColumns) {
  Put("day=2024-01-01/a.csv", "1\n2\n");
  Put("day=2024-01-02/a.csv", "3\n");
  const auto files = Files("csv", {"day=2024-01-01/a.csv", "day=2024-01-02/a.csv"});
  EXPECT_EQ(Infer(files), "struct<_c0:int,day:date>");
  EXPECT_EQ(Read(files, {}, plan::VirtualColumn::kFileName),
            "1,2024-01-01,a.csv;2,2024-01-01,a.csv;3,2024-01-02,a.csv");
}

TEST_F(FilesTest, JsonLinesKeepTextsAndNestAlphabetically) {
  Put("a.json", R"({"b":1,"a":"2024-01-01","s":{"y":true,"x":[1,2]}})"
                "\n"
                R"({"b":2.5})"
                "\n");
  const auto files = Files("json", {"a.json"});
  EXPECT_EQ(Infer(files), "struct<a:string,b:double,s:struct<x:array<bigint>,y:boolean>>");
  EXPECT_EQ(Read(files), "2024-01-01,1.0,{[1, 2], true};NULL,2.5,NULL");
}

TEST_F(FilesTest, TextKeepsEveryLine) {
  Put("a.txt", "one, \"two\"\n\nthree\n");
  EXPECT_EQ(Read(Files("text", {"a.txt"})), "one, \"two\";;three");
}

TEST_F(FilesTest, ParquetIsReadByItsOwnSchema) {
  WriteTarget target;
  target.root = folder_ / "t";
  std::filesystem::create_directory(target.root);
  target.schema.fields = {
      {"i", TypeId::kInt}, {"t", TypeId::kTimestamp}, {"d", DataType::Decimal(10, 2)}};
  std::vector<std::vector<plan::ExprPtr>> rows(1);
  rows[0].push_back(Int(7));
  rows[0].push_back(Lit(Value::Of(TypeId::kTimestamp, int64_t{1'000'000})));
  rows[0].push_back(Lit(Value::Of(DataType::Decimal(10, 2), Int128{150})));
  auto written = engine_->Write({}, QueryOf(ValuesOf(std::move(rows), 1)), target, {});
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  const auto files = Files("parquet", {"t/" + written->files[0].path});
  EXPECT_EQ(Infer(files), "struct<i:int,t:timestamp,d:decimal(10,2)>");
  EXPECT_EQ(Read(files), "7,1970-01-01 00:00:01,1.50");
}

TEST_F(FilesTest, MissingFileIsNamed) {
  EXPECT_EQ(Infer(Files("csv", {"no.csv"})).substr(0, 16), "[PATH_NOT_FOUND]");
}

TEST_F(FilesTest, LogParquetComesBackWithNestedColumns) {
  const auto handler = engine_->NewParquetHandler(folder_);
  Schema schema;
  const DataType map = DataType::Map(TypeId::kString, TypeId::kString);
  const DataType add = DataType::Struct(
      {{"path", TypeId::kString}, {"partitionValues", map}, {"size", TypeId::kLong}});
  schema.fields = {{"add", add}, {"n", TypeId::kInt}};
  delta::ParquetBatch batch;
  batch.rows = 3;
  delta::ParquetColumn path{TypeId::kString};
  path.bytes = "abbccc";
  path.offsets = {0, 1, 3, 6};
  delta::ParquetColumn keys{TypeId::kString};
  keys.bytes = "kq";
  keys.offsets = {0, 1, 2};
  delta::ParquetColumn values{TypeId::kString};
  values.bytes = "v";
  values.offsets = {0, 1, 1};
  values.valid = {1, 0};
  delta::ParquetColumn entries{map};
  entries.offsets = {0, 1, 1, 2};
  entries.children = {keys, values};
  delta::ParquetColumn size{TypeId::kLong};
  size.integers = {10, 20, 30};
  delta::ParquetColumn structs{add};
  structs.valid = {1, 0, 1};
  structs.children = {path, entries, size};
  delta::ParquetColumn number{TypeId::kInt};
  number.integers = {1, 2, 3};
  batch.columns = {structs, number};
  bool given = false;
  auto size_written = handler->Write({}, "_delta_log/x.parquet", schema,
                                     [&](delta::ParquetBatch& out) -> Result<bool> {
                                       if (given) return false;
                                       given = true;
                                       out = batch;
                                       return true;
                                     });
  ASSERT_TRUE(size_written.ok()) << size_written.error().ToString();
  EXPECT_GT(*size_written, 100);

  Schema wanted;
  wanted.fields = {
      {"n", TypeId::kLong},
      {"add", DataType::Struct(
                  {{"partitionValues", map}, {"path", TypeId::kString}, {"gone", TypeId::kLong}})},
      {"remove", DataType::Struct({{"path", TypeId::kString}})}};
  size_t rows = 0;
  Status read = handler->Read({}, "_delta_log/x.parquet", wanted,
                              [&](const delta::ParquetBatch& got) -> Status {
                                rows += got.rows;
                                EXPECT_EQ(got.columns[0].integers, (std::vector<int64_t>{1, 2, 3}));
                                const delta::ParquetColumn& add_column = got.columns[1];
                                EXPECT_FALSE(add_column.IsNull(0));
                                EXPECT_TRUE(add_column.IsNull(1));
                                EXPECT_EQ(add_column.children[1].Text(0), "a");
                                EXPECT_EQ(add_column.children[1].Text(2), "ccc");
                                EXPECT_TRUE(add_column.children[2].IsNull(0));
                                EXPECT_EQ(add_column.children[0].offsets.back(), 2U);
                                EXPECT_EQ(add_column.children[0].children[0].Text(1), "q");
                                EXPECT_TRUE(add_column.children[0].children[1].IsNull(1));
                                EXPECT_TRUE(got.columns[2].IsNull(0));
                                return {};
                              });
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(rows, 3U);
  EXPECT_EQ(handler
                ->Read({}, "_delta_log/none.parquet", wanted,
                       [](const delta::ParquetBatch&) { return Status(); })
                .error()
                .name(),
            "PATH_NOT_FOUND");
}

}  // namespace
}  // namespace tarn::engine
