#include <gmock/gmock.h>

#include "project_folder.h"
#include "tarn/pipeline/definitions_text.h"

namespace tarn::pipeline {
namespace {

using testing::HasSubstr;
using testing::Not;

class DefinitionsTest : public ProjectFolder {
 protected:
  void SetUp() override {
    ProjectFolder::SetUp();
    spec_.catalog = "c";
    spec_.schema = "s";
  }

  void Add(const std::string& name, const std::string& text) {
    Write(name, text);
    spec_.files.push_back({folder_ + "/" + name, name});
  }

  /// What the files say.
  std::string Read() { return ToText(Definitions::Read(spec_, kNoSecrets)); }

  /// What this one file says.
  std::string Read(const std::string& sql) {
    spec_.files.clear();
    Add("a.sql", sql);
    return Read();
  }

  PipelineSpec spec_;
};

TEST_F(DefinitionsTest, StatementsBecomeDatasetsWithFlowsAndExpectations) {
  EXPECT_EQ(Read("CREATE OR REFRESH STREAMING TABLE t (a INT, CONSTRAINT x EXPECT (a > 0),\n"
                 "  CONSTRAINT y EXPECT (a IS NOT NULL) ON VIOLATION DROP ROW,\n"
                 "  CONSTRAINT z EXPECT (a < 9) ON VIOLATION FAIL UPDATE)\n"
                 "AS SELECT * FROM STREAM(u);\n"
                 "CREATE OR REFRESH PRIVATE MATERIALIZED VIEW m AS SELECT 1 AS n;\n"
                 "CREATE TEMPORARY VIEW v AS SELECT 1 AS n;\nCREATE VIEW p AS SELECT 1 AS n;\n"
                 "CREATE FLOW f AS INSERT INTO ONCE t BY NAME SELECT 1 AS a;"),
            "STREAMING_TABLE c.s.t\n  expect x: a > 0 (warn)\n"
            "  expect y: a IS NOT NULL (drop row)\n  expect z: a < 9 (fail update)\n"
            "  flow t in c.s\n  flow f once in c.s\n"
            "PRIVATE MATERIALIZED_VIEW c.s.m\n  flow m in c.s\n"
            "TEMPORARY VIEW c.s.v\n  flow v in c.s\nVIEW c.s.p\n  flow p in c.s\n");
}

TEST_F(DefinitionsTest, OlderFormsMeanTheSame) {
  EXPECT_EQ(Read("CREATE STREAMING LIVE TABLE t AS SELECT * FROM STREAM(LIVE.u);\n"
                 "CREATE OR REFRESH LIVE TABLE LIVE.m AS SELECT * FROM LIVE.t;\n"
                 "CREATE TEMPORARY LIVE TABLE p AS SELECT 1 AS n;\n"
                 "CREATE LIVE VIEW v AS SELECT 1 AS n;"),
            "STREAMING_TABLE c.s.t\n  flow t in c.s\nMATERIALIZED_VIEW c.s.m\n  flow m in c.s\n"
            "PRIVATE MATERIALIZED_VIEW c.s.p\n  flow p in c.s\nTEMPORARY VIEW c.s.v\n"
            "  flow v in c.s\n");
}

TEST_F(DefinitionsTest, UseAndSetHoldForTheRestOfTheirFile) {
  Add("a.sql",
      "USE SCHEMA x;\nSET k = 'v';\nCREATE MATERIALIZED VIEW a AS SELECT ${k} AS n;\n"
      "USE d.y;\nCREATE MATERIALIZED VIEW b AS SELECT 1 AS n;");
  Add("b.sql", "CREATE MATERIALIZED VIEW a AS SELECT ${k} AS n;");
  EXPECT_EQ(Read(),
            "MATERIALIZED_VIEW c.x.a\n  flow a in c.x\nMATERIALIZED_VIEW d.y.b\n  flow b in d.y\n"
            "problem b.sql:1:38 PIPELINE_CONFIGURATION_MISSING: ${k} has no value in the "
            "pipeline's configuration.\n");
}

TEST_F(DefinitionsTest, ValuesOfTheConfigurationStandInTheTextThatPositionsPointInto) {
  spec_.configuration = {{"long.key", "a_very_long_table_name"}, {"two", "1,\n2"}};
  Add("a.sql",
      "-- ${not.here}\nCREATE MATERIALIZED VIEW ${long.key} AS SELECT MASK;\n"
      "CREATE MATERIALIZED VIEW x AS SELECT array(${two}) AS a -- ${nor.here}\n;\n"
      "CREATE TABLE y (n INT);");
  const Definitions definitions = Definitions::Read(spec_, kNoSecrets);
  ASSERT_EQ(definitions.datasets().size(), 2U);
  EXPECT_EQ(definitions.datasets()[0].name.object, "a_very_long_table_name");
  ASSERT_EQ(definitions.problems().size(), 1U);
  const Problem& problem = definitions.problems()[0];
  EXPECT_EQ(problem.error.position().line, 6U) << "a value with a line break moves what follows";
  EXPECT_EQ(problem.script->substr(problem.error.position().begin, 1), "y");
}

TEST_F(DefinitionsTest, CellsBehindValuesOfAnotherLengthAreShownWhereTheyStand) {
  spec_.configuration = {{"k", "1,\n  2,\n  3"}, {"a_long_key_for_little", "4"}};
  Add("a.sql",
      "-- Databricks notebook source\nCREATE MATERIALIZED VIEW x AS SELECT array(${k}) AS n\n"
      "-- COMMAND ----------\nCREATE MATERIALIZED VIEW y AS SELECT ${a_long_key_for_little} AS n\n"
      "-- COMMAND ----------\n-- MAGIC %scala\n");
  const Definitions definitions = Definitions::Read(spec_, kNoSecrets);
  ASSERT_EQ(definitions.problems().size(), 1U);
  const Problem& problem = definitions.problems()[0];
  const SourceRange& at = problem.error.position();
  EXPECT_EQ(problem.script->substr(at.begin, at.end - at.begin), "-- MAGIC %scala");
  EXPECT_EQ(at.line, 8U);
}

TEST_F(DefinitionsTest, ACellWithinAStatementIsShownWhereItStands) {
  spec_.configuration = {{"k", "a value of some length"}};
  Add("a.sql",
      "-- Databricks notebook source\nCREATE MATERIALIZED VIEW x AS SELECT '${k}' AS n\n"
      "-- MAGIC %scala\n, 1 AS m");
  const Definitions definitions = Definitions::Read(spec_, kNoSecrets);
  ASSERT_EQ(definitions.problems().size(), 1U);
  const Problem& problem = definitions.problems()[0];
  const SourceRange& at = problem.error.position();
  EXPECT_EQ(problem.script->substr(at.begin, at.end - at.begin), "-- MAGIC %scala");
}

class SecretsInDefinitionsTest : public DefinitionsTest {
 protected:
  void SetUp() override {
    DefinitionsTest::SetUp();
    spec_.configuration = {{"pw", "{{secrets/vault/pw}}"},
                           {"none", "{{secrets/vault/none}}"},
                           {"part", "x{{secrets/vault/pw}}"},
                           {"mark", "'"}};
  }
  Definitions Define(const std::string& sql) {
    spec_.files.clear();
    Add("a.sql", sql);
    return Definitions::Read(
        spec_, [&](const std::string& scope, const std::string& key) -> Result<std::string> {
          if (scope == "vault" && key == "pw") return secret_;
          return Error(Condition("SECRET_NOT_FOUND"), {{"scope", scope}, {"key", key}});
        });
  }
  std::string secret_ = "it's \\\"hunter2\"\nand more";
};

TEST_F(SecretsInDefinitionsTest, AreTextInWhatFlowsRead) {
  const Definitions definitions = Define(
      "-- ${pw} ${none}\nCREATE MATERIALIZED VIEW b AS SELECT '<${pw}>' AS p, \"${pw}\" AS q;");
  ASSERT_TRUE(definitions.problems().empty()) << ToText(definitions);
  const std::string escaped = "it\\'s \\\\\\\"hunter2\\\"\\nand more";
  EXPECT_THAT(definitions.datasets()[0].statement->text,
              HasSubstr("SELECT '<" + escaped + ">' AS p, \"" + escaped + "\" AS q"));
}

TEST_F(SecretsInDefinitionsTest, AreNeverShownAndErrorsBehindThemStandAtTheirPlace) {
  const Definitions definitions = Define(
      "CREATE MATERIALIZED VIEW b AS\nSELECT '${pw}' AS p, '${pw}' AS q FROM a WHERE WHERE;");
  ASSERT_EQ(definitions.problems().size(), 1U);
  const Problem& problem = definitions.problems()[0];
  EXPECT_THAT(*problem.script, HasSubstr("SELECT '[REDACTED]' AS p, '[REDACTED]' AS q FROM a"));
  const SourceRange& at = problem.error.position();
  const std::string_view shown = std::string_view(*problem.script).substr(at.begin);
  EXPECT_TRUE(shown.starts_with("WHERE") || shown.starts_with(";")) << shown;
  EXPECT_EQ(at.line, 2U);
  EXPECT_EQ(at.column, at.begin - problem.script->find('\n'));
  EXPECT_THAT(problem.error.ToString(), Not(HasSubstr("hunter2")));
}

TEST_F(SecretsInDefinitionsTest, AreRedactedInMessagesWithTheirCauses) {
  const Definitions definitions = Define("CREATE MATERIALIZED VIEW b AS SELECT '${pw}' AS p;");
  Error error = Error(Condition("PATH_NOT_FOUND"), {{"path", "<" + secret_ + ">"}})
                    .WithCause(Error(Condition("PATH_NOT_FOUND"), {{"path", secret_}}))
                    .WithHint("Not " + secret_);
  const Problem problem = ProblemOf(*definitions.datasets()[0].statement, std::move(error));
  EXPECT_EQ(problem.error.parameter("path"), "<[REDACTED]>");
  EXPECT_EQ(problem.error.cause()->parameter("path"), "[REDACTED]");
  EXPECT_EQ(problem.error.hint(), "Not [REDACTED]");
}

TEST_F(SecretsInDefinitionsTest, AreRefusedWhereTheyWouldBeStoredOrBeCode) {
  const std::string text = ToText(
      Define("CREATE MATERIALIZED VIEW a AS SELECT ${pw} AS n;\n"
             "CREATE MATERIALIZED VIEW b AS SELECT r'${pw}' AS n;\n"
             "CREATE MATERIALIZED VIEW c AS SELECT '${mark}${pw}' AS n;\n"
             "CREATE MATERIALIZED VIEW d COMMENT '${pw}' AS SELECT 1 AS n;\n"
             "CREATE VIEW e AS SELECT '${pw}' AS n;\n"
             "CREATE MATERIALIZED VIEW f (CONSTRAINT x EXPECT (n = '${pw}')) AS SELECT 1 AS n;\n"
             "SET again = '${pw}';\n"
             "CREATE MATERIALIZED VIEW g AS SELECT '${none}' AS n;\n"
             "CREATE MATERIALIZED VIEW h AS SELECT '${part}' AS n;\n"));
  for (const char* line :
       {"a.sql:1:38 UNSUPPORTED_FEATURE: {{secrets/…}} outside of a text literal",
        "a.sql:2:40 UNSUPPORTED_FEATURE: {{secrets/…}} outside of a text literal",
        "a.sql:3:46 UNSUPPORTED_FEATURE: {{secrets/…}} outside of a text literal",
        "a.sql:4:37 UNSUPPORTED_FEATURE: {{secrets/…}} outside of what",
        "a.sql:5:26 UNSUPPORTED_FEATURE: {{secrets/…}} outside of what",
        "a.sql:6:55 UNSUPPORTED_FEATURE: {{secrets/…}} outside of what",
        "a.sql:7:14 UNSUPPORTED_FEATURE: {{secrets/…}} outside of what",
        "a.sql:8:39 SECRET_NOT_FOUND: There is no secret none in the scope vault.",
        "a.sql:9:39 UNSUPPORTED_FEATURE: {{secrets/…}} as a part of the configuration part"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

TEST_F(DefinitionsTest, WhatIsNotRunYetIsRefusedAtItsPlaceAndTheDatasetStands) {
  const std::string text = Read(
      "CREATE OR REFRESH MATERIALIZED VIEW a\nSCHEDULE EVERY 1 HOUR AS SELECT 1 AS n;\n"
      "CREATE OR REFRESH STREAMING TABLE b (n INT MASK f)\nWITH ROW FILTER g ON (n);\n"
      "CREATE OR REFRESH MATERIALIZED VIEW d REFRESH POLICY INCREMENTAL STRICT AS SELECT 1 AS n;\n"
      "CREATE VIEW e (CONSTRAINT x EXPECT (n > 0)) AS SELECT 1 AS n;\n"
      "CREATE LIVE TABLE g LOCATION '/x' AS SELECT 1 AS n;");
  for (const char* line :
       {"MATERIALIZED_VIEW c.s.a\n", "STREAMING_TABLE c.s.b\n", "VIEW c.s.e\n",
        "problem a.sql:2:1 UNSUPPORTED_FEATURE: SCHEDULE is",
        "problem a.sql:3:49 UNSUPPORTED_FEATURE: MASK is",
        "problem a.sql:4:17 UNSUPPORTED_FEATURE: WITH ROW FILTER is",
        "problem a.sql:5:39 UNSUPPORTED_FEATURE: REFRESH POLICY INCREMENTAL STRICT is",
        "problem a.sql:6:37 UNSUPPORTED_FEATURE: an expectation on a view of the catalog is",
        "problem a.sql:7:31 UNSUPPORTED_FEATURE: LOCATION of a pipeline's dataset is"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(DefinitionsTest, ChangesAreReadAsFlowsAndRefusedAsNotRunYet) {
  EXPECT_EQ(Read("CREATE STREAMING TABLE t;\nAPPLY CHANGES INTO LIVE.t FROM STREAM(u)\n"
                 "  KEYS (k) SEQUENCE BY s STORED AS SCD TYPE 2;\n"
                 "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(u) KEYS (k) SEQUENCE BY s;"),
            "STREAMING_TABLE c.s.t\n  flow t auto cdc, scd type 2 in c.s\n"
            "  flow f auto cdc, scd type 1 in c.s\n"
            "problem a.sql:2:1 UNSUPPORTED_FEATURE: AUTO CDC INTO is not supported yet.\n"
            "problem a.sql:4:18 UNSUPPORTED_FEATURE: AUTO CDC INTO is not supported yet.\n");
}

TEST_F(DefinitionsTest, OtherLanguagesAreRefusedAndTheRestIsRead) {
  Add("a.py", "import dlt");
  Add("b.sql",
      "-- Databricks notebook source\n-- MAGIC %md\n-- MAGIC text\n-- COMMAND ----------\n"
      "CREATE MATERIALIZED VIEW x AS SELECT 1 AS n\n-- COMMAND ----------\n-- MAGIC %python\n"
      "-- MAGIC y = 1\n-- COMMAND ----------\nCREATE MATERIALIZED VIEW z AS SELECT 1 AS n");
  EXPECT_EQ(Read(),
            "MATERIALIZED_VIEW c.s.x\n  flow x in c.s\nMATERIALIZED_VIEW c.s.z\n  flow z in c.s\n"
            "problem a.py UNSUPPORTED_FEATURE: The source a.py (only SQL is run) is not supported "
            "yet.\nproblem b.sql:7:1 UNSUPPORTED_FEATURE: A notebook cell in %python is not "
            "supported yet.\n");
}

TEST_F(DefinitionsTest, StatementsThatMakeNoSenseTogetherAreRefused) {
  const std::string text = Read(
      "CREATE MATERIALIZED VIEW a AS SELECT 1 AS n;\nCREATE MATERIALIZED VIEW A AS SELECT 1 AS n;\n"
      "CREATE FLOW f AS INSERT INTO a BY NAME SELECT 1 AS n;\n"
      "CREATE FLOW g AS INSERT INTO a SELECT 1 AS n;\n"
      "SET spark.sql.ansi.enabled = false;\nDROP TABLE a;\nSELECT 1;");
  for (const char* line :
       {"problem a.sql:2:26 PIPELINE_DUPLICATE_NAME",
        "problem a.sql:3:30 PIPELINE_FLOW_WITHOUT_TARGET: Flow f writes to c.s.a,",
        "problem a.sql:4:18 UNSUPPORTED_FEATURE: A flow that isn't written INSERT INTO … BY NAME",
        "problem a.sql:5:1 UNSUPPORTED_FEATURE: SET spark.sql.ansi.enabled in a pipeline",
        "problem a.sql:6:1 PIPELINE_STATEMENT_NOT_ALLOWED: DROP TABLE",
        "problem a.sql:7:1 PIPELINE_STATEMENT_NOT_ALLOWED: SELECT"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(DefinitionsTest, AFileThatIsTooLargeIsRefusedUnread) {
  Add("a.sql", "CREATE MATERIALIZED VIEW a AS SELECT 1 AS n;");
  std::filesystem::resize_file(folder_ + "/a.sql", uintmax_t{64} << 30);
  EXPECT_THAT(Read(), HasSubstr("problem a.sql IO_ERROR"));
}

}  // namespace
}  // namespace tarn::pipeline
