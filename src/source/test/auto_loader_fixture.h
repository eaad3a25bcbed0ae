#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include "flow_fixture.h"

namespace tarn::source {

/// STREAM read_files over a folder into a streaming table, as a pipeline runs it: the table gets
/// the columns that the stream has.
class AutoLoaderTest : public FlowTest {
 protected:
  void SetUp() override {
    FlowTest::SetUp();
    landing_ = folder_ + "/landing";
    std::filesystem::create_directories(landing_);
  }

  /// A file that was modified so many seconds before `kNow`.
  void Land(const std::string& name, const std::string& text, int64_t age_s = 1000) {
    const std::string path = landing_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    Age(path, age_s);
  }
  /// The rows of a query as one Parquet file.
  void LandParquet(const std::string& name, const std::string& query) {
    Query("CREATE OR REPLACE TABLE landed AS " + query);
    const auto found = Query("SELECT DISTINCT _metadata.file_path FROM landed");
    ASSERT_EQ(found.size(), 1u);
    std::filesystem::copy_file(found[0].substr(5), landing_ + "/" + name);
    Age(landing_ + "/" + name, 1000);
  }
  static void Age(const std::string& path, int64_t age_s) {
    const timespec at{kNow - age_s, 0};
    const timespec times[2] = {at, at};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0) << path;
  }

  /// The columns that streams have.
  class Look final : public analyze::FlowEnvironment {
   public:
    Look(stream::SourceOpener& sources, std::shared_ptr<io::ObjectStore> checkpoint)
        : sources_(sources), checkpoint_(std::move(checkpoint)) {}
    Result<std::vector<plan::Relation>> OpenStream(
        const RequestContext& context, const analyze::StreamReference& stream) override {
      auto state = io::NewSubStore(checkpoint_,
                                   io::ObjectPath() / "sources" / std::to_string(stream.ordinal));
      TARN_ASSIGN(const auto source, sources_.Open(context, stream, std::move(state), true));
      plan::Relation relation;
      relation.name = source->description();
      relation.schema = source->schema();
      relation.source = plan::RowsRelation{};
      return std::vector{std::move(relation)};
    }

   private:
    stream::SourceOpener& sources_;
    std::shared_ptr<io::ObjectStore> checkpoint_;
  };

  /// Runs an update with these options behind the path; the number of batches.
  Result<int> Load(const std::string& options, const std::string& select = "*",
                   const std::string& path = "") {
    const std::string sql = "SELECT " + select + " FROM STREAM read_files('" +
                            (path.empty() ? landing_ : path) + "'" +
                            (options.empty() ? "" : ", " + options) + ")";
    TARN_ASSIGN(const sql::QueryPtr query, sql::ParseQuery(sql));
    Look look(*sources_, io::NewSubStore(state_, io::ObjectPath() / "0"));
    TARN_ASSIGN(const Schema columns,
                session::DescribeFlow(*session_, context_, {sql, query.get(), &look}));
    session::Dataset dataset;
    dataset.name = {"main", "default", "target"};
    dataset.clauses = &clauses_;
    TARN_TRY(session::PrepareDataset(*session_, context_, dataset, columns));
    return RunAll(sql, state_);
  }

  /// Runs it and tells how it ended: "2 batches", or the error's name.
  std::string Outcome(const std::string& options, const std::string& select = "*",
                      const std::string& path = "") {
    const Result<int> done = Load(options, select, path);
    if (!done.ok()) {
      said_ = done.error().ToString() + " " + done.error().hint();
      return std::string(done.error().name());
    }
    return std::to_string(*done) + " batches";
  }

  std::vector<std::string> Rows(const std::string& columns, const std::string& order = "1") {
    return Query("SELECT " + columns + " FROM target ORDER BY " + order);
  }
  std::vector<std::string> ColumnNames() {
    std::vector<std::string> names;
    for (const std::string& row : Query("DESCRIBE target")) {
      names.push_back(row.substr(0, row.rfind('|')));
    }
    return names;
  }

  static constexpr int64_t kNow = 1'750'000'000;
  using Strings = std::vector<std::string>;
  std::string landing_;
  std::string said_;           ///< the last error
  sql::TableClauses clauses_;  ///< of the table's definition
  std::shared_ptr<io::ObjectStore> state_ = io::NewMemoryStore();
};

}  // namespace tarn::source
