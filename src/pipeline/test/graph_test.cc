#include "tarn/pipeline/graph.h"

#include <gmock/gmock.h>

#include "project_folder.h"
#include "tarn/session/session.h"
#include "tarn/source/session_sources.h"

namespace tarn::pipeline {
namespace {

using testing::HasSubstr;

class NoCheckpoints final : public CheckpointFinder {
 public:
  std::shared_ptr<io::ObjectStore> Newest(const DatasetDefinition& dataset,
                                          const FlowDefinition& flow) override {
    return nullptr;
  }
};

class GraphTest : public ProjectFolder {
 protected:
  void SetUp() override {
    ProjectFolder::SetUp();
    session::InstanceOptions options;
    options.home = folder_ + "/lake";
    options.memory_bytes_max = 256 << 20;
    options.threads = 1;
    auto instance = session::Instance::Open(context_, options);
    ASSERT_TRUE(instance.ok()) << instance.error().ToString();
    instance_ = std::move(*instance);
    session_ = instance_->NewSession({.principal = "ann"});
    Write("in/a.csv", "id,op,at,name\n1,u,5,x\n");
  }
  void TearDown() override {
    session_.reset();
    instance_.reset();
    ProjectFolder::TearDown();
  }

  /// The columns of each dataset in the order of the graph, then the problems.
  std::string Analysed(std::string sql) {
    const std::string in = "${in}";
    for (size_t at = sql.find(in); at != sql.npos; at = sql.find(in)) {
      sql.replace(at, in.size(), folder_ + "/in");
    }
    Write("a.sql", sql);
    PipelineSpec spec;
    spec.files = {{folder_ + "/a.sql", "a.sql"}};
    const Definitions definitions = Definitions::Read(spec, kNoSecrets);
    source::SessionSources sources(*session_);
    NoCheckpoints checkpoints;
    const Graph graph = Analyse(context_, *session_, sources, checkpoints, definitions);
    std::string text;
    for (const size_t index : graph.order) {
      text += graph.nodes[index].definition->name.object + ":";
      for (const Field& field : graph.nodes[index].schema.fields) {
        text += " " + field.name + " " + field.type.ToSql();
      }
      text += "\n";
    }
    for (const Problem& problem : graph.problems) {
      const SourceRange& at = problem.error.position();
      text += std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
              problem.error.ToString() + "\n";
    }
    return text;
  }

  std::unique_ptr<session::Instance> instance_;
  std::unique_ptr<session::Session> session_;
};

const char* const kFeed =
    "CREATE STREAMING TABLE feed AS SELECT *\n"
    "FROM STREAM read_files('${in}', format => 'csv', header => true);\n"
    "CREATE STREAMING TABLE t;\n";

TEST_F(GraphTest, InputsComeFirstAndTypesFlowThrough) {
  EXPECT_EQ(Analysed("CREATE MATERIALIZED VIEW b AS SELECT count(*) AS n FROM LIVE.a;\n"
                     "CREATE STREAMING TABLE a AS SELECT id, upper(name) AS name\n"
                     "FROM STREAM read_files('${in}', format => 'csv', header => true);"),
            "a: id INT name STRING\nb: n BIGINT\n");
}

TEST_F(GraphTest, CloudFilesIsTheOlderReadFiles) {
  EXPECT_EQ(Analysed("CREATE STREAMING LIVE TABLE a AS\n"
                     "SELECT * FROM cloud_files(\"${in}\", \"csv\", map(\"header\", \"true\"));"),
            "a: id STRING op STRING at STRING name STRING _rescued_data STRING\n");
  EXPECT_EQ(Analysed("CREATE STREAMING LIVE TABLE a AS SELECT * FROM STREAM(cloud_files('${in}',\n"
                     "'csv', map('header', 'true', 'cloudFiles.inferColumnTypes', 'true',\n"
                     "'cloudFiles.schemaHints', 'at BIGINT')));"),
            "a: id INT op STRING at BIGINT name STRING _rescued_data STRING\n");
  EXPECT_EQ(Analysed("CREATE STREAMING LIVE TABLE a AS SELECT *\n"
                     "FROM cloud_files('${in}', 'csv', map('schema', 'id INT'));"),
            "a: id INT\n");
  EXPECT_THAT(Analysed("CREATE STREAMING TABLE a AS SELECT * FROM cloud_files('${in}');"),
              HasSubstr("1:43 [WRONG_NUM_ARGS.WITHOUT_SUGGESTION] "));
  EXPECT_THAT(Analysed("CREATE STREAMING TABLE a AS SELECT * FROM cloud_files('${in}', 'csv', 1);"),
              HasSubstr("[NOT_A_CONSTANT_STRING.NOT_CONSTANT]"));
}

TEST_F(GraphTest, ATemporaryViewIsKnownByItsNameAloneAndMeansWhatItMeantInItsFile) {
  const std::string start =
      "CREATE MATERIALIZED VIEW a AS SELECT 1 AS n;\n"
      "CREATE TEMPORARY VIEW v AS SELECT n FROM a;\nUSE SCHEMA other;\n";
  EXPECT_EQ(Analysed(start + "CREATE MATERIALIZED VIEW b AS SELECT n, n + 1 AS m FROM v;"),
            "a: n INT\nv: n INT\nb: n INT m INT\n");
  EXPECT_EQ(Analysed(start + "CREATE MATERIALIZED VIEW b AS SELECT n FROM LIVE.v;"),
            "a: n INT\nv: n INT\nb: n INT\n");
  EXPECT_THAT(Analysed(start + "CREATE MATERIALIZED VIEW b AS SELECT n FROM `default`.v;"),
              HasSubstr("4:45 [TABLE_OR_VIEW_NOT_FOUND]"));
}

TEST_F(GraphTest, AViewOfTheCatalogMayNotNeedItsPipeline) {
  const std::string start =
      "CREATE MATERIALIZED VIEW a AS SELECT 1 AS n;\n"
      "CREATE TEMPORARY VIEW v AS SELECT n FROM a;\n";
  EXPECT_EQ(Analysed(start + "CREATE VIEW b AS SELECT n FROM a;"),
            "a: n INT\nv: n INT\nb: n INT\n");
  EXPECT_THAT(Analysed(start + "CREATE VIEW b AS SELECT n FROM v;"),
              HasSubstr("3:32 [TABLE_OR_VIEW_NOT_FOUND]"));
  EXPECT_THAT(Analysed(start + "CREATE VIEW b AS SELECT n FROM LIVE.a;"),
              HasSubstr("3:32 [TABLE_OR_VIEW_NOT_FOUND]"));
  EXPECT_THAT(Analysed("CREATE VIEW b AS SELECT id\n"
                       "FROM STREAM read_files('${in}', format => 'csv', header => true);"),
              HasSubstr("1:18 [UNSUPPORTED_FEATURE] STREAM in a view of the catalog"));
}

TEST_F(GraphTest, StreamsOfOtherSystemsAreRefusedByName) {
  EXPECT_THAT(Analysed("CREATE STREAMING TABLE a AS SELECT *\n"
                       "FROM STREAM read_kafka(bootstrapServers => 'h:1', subscribe => 't');"),
              HasSubstr("2:6 [UNSUPPORTED_FEATURE] STREAM read_kafka is not supported yet."));
}

TEST_F(GraphTest, ChangesGiveTheirTargetItsColumns) {
  EXPECT_THAT(
      Analysed(std::string(kFeed) +
               "APPLY CHANGES INTO LIVE.t FROM STREAM(LIVE.feed)\nKEYS (id)\n"
               "APPLY AS DELETE WHEN op = 'd'\nSEQUENCE BY at\n"
               "COLUMNS * EXCEPT (op)\nSTORED AS SCD TYPE 2 TRACK HISTORY ON name;\n"
               "CREATE MATERIALIZED VIEW now AS SELECT name FROM t WHERE __END_AT IS NULL;"),
      HasSubstr("t: id INT at INT name STRING _rescued_data STRING __START_AT INT __END_AT INT\n"
                "now: name STRING\n"
                "4:1 [UNSUPPORTED_FEATURE] AUTO CDC INTO is not supported yet."));
}

TEST_F(GraphTest, ClausesOfChangesAreChecked) {
  const auto refused = [&](const std::string& clauses) {
    return Analysed(std::string(kFeed) + "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(feed)\n" +
                    clauses + ";");
  };
  EXPECT_THAT(refused("SEQUENCE BY at"), HasSubstr("4:46 [AUTO_CDC_INVALID]"));
  EXPECT_THAT(refused("KEYS (id)"), HasSubstr("it has no SEQUENCE BY"));
  EXPECT_THAT(refused("KEYS (nr) SEQUENCE BY at"),
              HasSubstr("5:7 [UNRESOLVED_COLUMN.WITH_SUGGESTION]"));
  EXPECT_THAT(refused("KEYS (id) SEQUENCE BY att"),
              HasSubstr("5:23 [UNRESOLVED_COLUMN.WITH_SUGGESTION]"));
  EXPECT_THAT(refused("KEYS (id) APPLY AS DELETE WHEN id SEQUENCE BY at"),
              HasSubstr("5:32 [AUTO_CDC_INVALID] AUTO CDC can't be done as it is written: a "
                        "condition is BOOLEAN, not INT."));
  EXPECT_THAT(refused("KEYS (id) SEQUENCE BY map(at, id)"), HasSubstr("have no order"));
  EXPECT_THAT(refused("KEYS (id) SEQUENCE BY at COLUMNS name"),
              HasSubstr("5:7 [AUTO_CDC_INVALID] AUTO CDC can't be done as it is written: the key "
                        "id is no column of the target."));
  EXPECT_THAT(refused("KEYS (id) SEQUENCE BY at COLUMNS * EXCEPT (nmae)"),
              HasSubstr("5:44 [UNRESOLVED_COLUMN.WITH_SUGGESTION]"));
  EXPECT_THAT(refused("KEYS (id) SEQUENCE BY at TRACK HISTORY ON name"),
              HasSubstr("TRACK HISTORY ON is of SCD TYPE 2 only"));
  EXPECT_THAT(refused("KEYS (id) APPLY AS TRUNCATE WHEN op = 't' SEQUENCE BY at STORED AS SCD "
                      "TYPE 2"),
              HasSubstr("APPLY AS TRUNCATE WHEN is of SCD TYPE 1 only"));
  EXPECT_THAT(refused("KEYS (id) SEQUENCE BY struct(at, id)"),
              HasSubstr("t: id INT op STRING at INT name STRING _rescued_data STRING\n"));
}

}  // namespace
}  // namespace tarn::pipeline
