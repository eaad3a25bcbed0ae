#include <gmock/gmock.h>

#include "project_folder.h"

namespace tarn::pipeline {
namespace {

using testing::HasSubstr;

class SparkProjectTest : public ProjectFolder {
 protected:
  void SetUp() override {
    ProjectFolder::SetUp();
    Write("transformations/a.sql", "SELECT 1");
    Write("transformations/deep/b.sql", "SELECT 2");
  }
  void WriteSpec(const std::string& settings, const std::string& include = "transformations/**",
                 const std::string& name = "spark-pipeline.yml") {
    Write(name, "name: shop\nstorage: file:///tmp/x\nlibraries:\n  - glob:\n      include: " +
                    include + "\n" + settings);
  }
};

TEST_F(SparkProjectTest, ReadsWhatSparkReads) {
  WriteSpec("catalog: c\ndatabase: d\nconfiguration:\n  a.b: '1'\n");
  const PipelineSpec spec = Pipeline();
  EXPECT_EQ(spec.name, "shop");
  EXPECT_EQ(spec.catalog, "c");
  EXPECT_EQ(spec.schema, "d");
  EXPECT_EQ(spec.configuration.at("a.b"), "1");
  ASSERT_EQ(spec.files.size(), 2U);
  EXPECT_EQ(spec.files[0].name, "transformations/a.sql");
  EXPECT_EQ(spec.files[1].name, "transformations/deep/b.sql");
}

TEST_F(SparkProjectTest, BothSpellingsOfItsFileAndOfTheSchema) {
  WriteSpec("schema: d\n", "transformations/a.sql", "spark-pipeline.yaml");
  EXPECT_EQ(Pipeline().schema, "d");
  EXPECT_EQ(Pipeline().files.size(), 1U);
  WriteSpec("schema: e\n");
  EXPECT_THAT(Refusal(), HasSubstr("there is spark-pipeline.yml as well"));
}

TEST_F(SparkProjectTest, WhatSparkRefusesIsRefused) {
  WriteSpec("targets: {}\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 6): the key targets isn't known"));
  WriteSpec("", "transformations/*.sql");
  EXPECT_THAT(Refusal(), HasSubstr("(line 5): include is a file's path or a folder with /**"));
  WriteSpec("configuration:\n  a: [1]\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 7): configuration a isn't a text"));
  Write("transformations/notes.md", "");
  WriteSpec("");
  EXPECT_THAT(Refusal(), HasSubstr("transformations/notes.md (neither .sql nor .py)"));
  Write("spark-pipeline.yml", "libraries: []\n");
  EXPECT_THAT(Refusal(), HasSubstr("it has no name"));
  Write("spark-pipeline.yml", "name: x\nlibraries: []\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 2): it has no libraries"));
}

TEST_F(SparkProjectTest, TargetsAndVariablesAreOfBundlesOnly) {
  WriteSpec("");
  options_.target = "dev";
  EXPECT_THAT(Refusal(), HasSubstr("it has no targets, and --target names dev"));
  options_.target = "";
  options_.variables = {{"a", "b"}};
  EXPECT_THAT(Refusal(), HasSubstr("--var a in spark-pipeline.yml"));
}

}  // namespace
}  // namespace tarn::pipeline
