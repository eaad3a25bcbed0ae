#include <gmock/gmock.h>

#include "project_folder.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class BundleTest : public ProjectFolder {
 protected:
  void SetUp() override {
    ProjectFolder::SetUp();
    Write("src/a.sql", "SELECT 1");
  }

  std::vector<std::string> Files() {
    std::vector<std::string> names;
    for (const SourceFile& file : Pipeline().files) names.push_back(file.name);
    return names;
  }

  std::vector<std::string> Warnings() {
    auto project = Load();
    std::vector<std::string> texts;
    if (!project.ok()) return {project.error().ToString()};
    for (const ProjectWarning& warning : project->warnings) {
      texts.push_back(warning.file + ":" + std::to_string(warning.line) + ": " + warning.text);
    }
    return texts;
  }

  /// A bundle of one pipeline with these settings (indented by six) and other parts.
  void WriteBundle(const std::string& settings, const std::string& others = "") {
    Write("databricks.yml", "bundle:\n  name: shop\n" + others +
                                "resources:\n  pipelines:\n    daily:\n"
                                "      libraries:\n        - file: {path: src/a.sql}\n" +
                                settings);
  }
};

TEST_F(BundleTest, IncludesAreMergedAndPathsAreMeantFromTheFileThatNamesThem) {
  Write("databricks.yml", "bundle: {name: shop}\ninclude: [resources/*.yml]\n");
  Write("resources/daily.pipeline.yml",
        "resources:\n  pipelines:\n    daily:\n      name: Daily\n      catalog: c\n"
        "      schema: s\n      root_path: ../src\n      libraries:\n"
        "        - file:\n            path: ../src/a.sql\n");
  Write("resources/schemas.yml",
        "resources:\n  schemas:\n    bronze:\n      catalog_name: c\n      name: bronze\n"
        "      comment: raw\n  catalogs:\n    c: {name: c}\n");
  const PipelineSpec spec = Pipeline();
  EXPECT_EQ(spec.key, "daily");
  EXPECT_EQ(spec.name, "Daily");
  EXPECT_EQ(spec.catalog, "c");
  EXPECT_EQ(spec.schema, "s");
  ASSERT_EQ(spec.files.size(), 1U);
  EXPECT_EQ(spec.files[0].name, "src/a.sql");
  EXPECT_EQ(spec.files[0].path, folder_ + "/src/a.sql");
  const auto project = Load();
  ASSERT_EQ(spec.securables.size(), 2U);
  EXPECT_EQ(spec.securables[0].catalog, "");
  EXPECT_EQ(spec.securables[0].name, "c");
  EXPECT_EQ(spec.securables[1].catalog, "c");
  EXPECT_EQ(spec.securables[1].name, "bronze");
  EXPECT_EQ(spec.securables[1].comment, "raw");
  EXPECT_EQ(project->warnings.size(), 0U);
}

TEST_F(BundleTest, AnIncludeWithoutFileIsRefusedAndAPatternWithoutFileIsNot) {
  WriteBundle("", "include: [resources/*.yml]\n");
  EXPECT_EQ(Files(), std::vector<std::string>{"src/a.sql"});
  WriteBundle("", "include:\n  - resources/*.yml\n  - resources/gone.yml\n");
  EXPECT_THAT(Refusal(), HasSubstr("databricks.yml can't be used (line 5): no file is "
                                   "resources/gone.yml"));
  WriteBundle("", "include: [src/*]\n");
  EXPECT_THAT(Refusal(), HasSubstr("src/a.sql is neither"));
}

TEST_F(BundleTest, AResourceThatTwoFilesDescribeIsRefusedAtTheSecond) {
  WriteBundle("", "include: [resources/*.yml]\n");
  Write("resources/again.yml", "resources:\n  pipelines:\n    daily:\n      name: x\n");
  EXPECT_THAT(Refusal(), HasSubstr("resources/again.yml can't be used (line 3): the resource "
                                   "pipelines.daily is also in databricks.yml:7"));
}

TEST_F(BundleTest, TargetsAreChosenByNameByDefaultOrBecauseThereIsOne) {
  const std::string name = "      name: n-${bundle.target}\n";
  WriteBundle(name, "targets:\n  only:\n");
  EXPECT_EQ(Pipeline().name, "n-only");
  WriteBundle(name, "targets:\n  dev: {}\n  prod: {default: true}\n");
  EXPECT_EQ(Pipeline().name, "n-prod");
  EXPECT_EQ(Load()->target, "prod");
  options_.target = "dev";
  EXPECT_EQ(Pipeline().name, "n-dev");
  options_.target = "tset";
  EXPECT_THAT(Refusal(), HasSubstr("it has no target tset, but dev, prod"));
  options_.target = "";
  WriteBundle(name, "targets:\n  dev: {}\n  prod: {}\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 4): no target is default; choose one by --target: dev, "
                                   "prod"));
  WriteBundle(name, "targets:\n  dev: {default: true}\n  prod: {default: true}\n");
  EXPECT_THAT(Refusal(), HasSubstr("the targets dev and prod are default"));
  WriteBundle("");
  options_.target = "dev";
  EXPECT_THAT(Refusal(), HasSubstr("it has no target dev, for it has none"));
}

TEST_F(BundleTest, ATargetChangesSettingsKeyByKeyAndAddsToLists) {
  Write("src/b.sql", "SELECT 2");
  WriteBundle("      catalog: c\n      configuration: {a: '1', b: '2'}\n",
              "targets:\n  dev:\n    resources:\n      pipelines:\n        daily:\n"
              "          catalog: dev\n          configuration: {b: '3'}\n"
              "          libraries: [{file: {path: src/b.sql}}]\n");
  const PipelineSpec spec = Pipeline();
  EXPECT_EQ(spec.catalog, "dev");
  EXPECT_THAT(spec.configuration, UnorderedElementsAre(Pair("a", "1"), Pair("b", "3")));
  EXPECT_EQ(spec.files.size(), 2U);
}

TEST_F(BundleTest, DevelopmentModeNamesResourcesByTheirDeveloper) {
  const std::string others =
      "targets:\n  dev: {mode: development, default: true}\n  prod: {mode: production}\n";
  const std::string settings =
      "      name: Daily\n      catalog: c\n      schema: bronze\n      continuous: true\n"
      "      configuration: {other: '${resources.pipelines.daily.name}',"
      " s: '${resources.schemas.bronze.name}'}\n"
      "  schemas:\n    bronze: {catalog_name: c, name: bronze}\n";
  WriteBundle(settings, others);
  const PipelineSpec spec = Pipeline();
  EXPECT_EQ(spec.name, "[dev ann_smith] Daily");
  EXPECT_EQ(spec.schema, "dev_ann_smith_bronze");
  EXPECT_THAT(spec.configuration, UnorderedElementsAre(Pair("other", "[dev ann_smith] Daily"),
                                                       Pair("s", "dev_ann_smith_bronze")));
  EXPECT_EQ(spec.securables[0].name, "dev_ann_smith_bronze");
  EXPECT_FALSE(spec.continuous) << "development pauses what runs by itself";
  EXPECT_TRUE(spec.development);
  EXPECT_TRUE(Warnings().empty());
  options_.target = "prod";
  EXPECT_EQ(Pipeline().name, "Daily");
  EXPECT_EQ(Pipeline().schema, "bronze");
  EXPECT_TRUE(Pipeline().continuous);
  EXPECT_FALSE(Pipeline().development);
  options_.target = "";
  WriteBundle(settings, others + "experimental: {skip_name_prefix_for_schema: true}\n");
  EXPECT_EQ(Pipeline().schema, "bronze");
  WriteBundle(settings, others + "presets: {name_prefix: 'x ${bundle.name}: '}\n");
  EXPECT_EQ(Pipeline().name, "x shop: Daily");
  EXPECT_EQ(Pipeline().schema, "x_shopbronze");
}

TEST_F(BundleTest, ProductionRefusesAPipelineInDevelopment) {
  WriteBundle("      development: true\n", "targets:\n  prod: {mode: production}\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 10): a target of mode production can't have"));
  WriteBundle("", "targets:\n  prod: {mode: staging}\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 4): a mode is development or production"));
}

TEST_F(BundleTest, VariablesAreGivenByCommandLineTargetAndDefaultInThatOrder) {
  const std::string settings = "      catalog: ${var.catalog}\n";
  const std::string declared = "variables:\n  catalog:\n    description: d\n    default: base\n";
  WriteBundle(settings, declared);
  EXPECT_EQ(Pipeline().catalog, "base");
  WriteBundle(settings, declared + "targets:\n  dev:\n    variables: {catalog: dev}\n");
  EXPECT_EQ(Pipeline().catalog, "dev");
  WriteBundle(settings, declared + "targets:\n  dev:\n    variables: {catalog: {default: deep}}\n");
  EXPECT_EQ(Pipeline().catalog, "deep");
  options_.environment_variables = {{"catalog", "around"}, {"other", "x"}};
  EXPECT_EQ(Pipeline().catalog, "around");
  options_.variables = {{"catalog", "given"}};
  EXPECT_EQ(Pipeline().catalog, "given");
  options_.variables = {{"catalogue", "x"}};
  EXPECT_THAT(Refusal(), HasSubstr("[PROJECT_VARIABLE_UNKNOWN] --var catalogue in databricks.yml"));
}

TEST_F(BundleTest, AVariableWithoutValueIsRefusedWhereItIsUsed) {
  WriteBundle("      catalog: ${var.catalog}\n", "variables:\n  catalog:\n");
  EXPECT_THAT(Refusal(), HasSubstr("${var.catalog} in databricks.yml:10"));
  EXPECT_THAT(Load().error().hint(), HasSubstr("--var catalog=VALUE"));
  WriteBundle("      catalog: a\n", "variables:\n  catalog:\n");
  EXPECT_EQ(Pipeline().catalog, "a");
  WriteBundle("      catalog: ${var.none}\n");
  EXPECT_THAT(Refusal(), HasSubstr("${var.none} in databricks.yml:8 stands for nothing"));
  WriteBundle("      name: a\n", "targets:\n  dev: {variables: {x: '1'}}\n");
  EXPECT_THAT(Refusal(), HasSubstr("the variable x isn't declared"));
}

TEST_F(BundleTest, LookupsAreRefusedByName) {
  const std::string settings = "      configuration: {id: '${var.cluster}'}\n";
  const std::string declared = "variables:\n  cluster:\n    lookup: {cluster: big}\n";
  WriteBundle(settings, declared);
  EXPECT_THAT(Refusal(), HasSubstr("lookup of the variable cluster (databricks.yml:5)"));
  options_.variables = {{"cluster", "7"}};
  EXPECT_EQ(Pipeline().configuration.at("id"), "7");
}

TEST_F(BundleTest, ComplexVariablesStandForMapsAndLists) {
  WriteBundle("      configuration: ${var.conf}\n      catalog: ${var.conf.cat}\n",
              "variables:\n  suffix: {default: x}\n  conf:\n    type: complex\n"
              "    default: {cat: 'c_${var.suffix}', mode: FAST}\n");
  EXPECT_EQ(Pipeline().catalog, "c_x");
  EXPECT_THAT(Pipeline().configuration,
              UnorderedElementsAre(Pair("cat", "c_x"), Pair("mode", "FAST")));
  options_.variables = {{"conf", "1"}};
  EXPECT_THAT(Refusal(), HasSubstr("the variable conf is complex"));
  options_.variables = {};
  WriteBundle("      catalog: a${var.conf}\n",
              "variables:\n  conf: {type: complex, default: {a: '1'}}\n");
  EXPECT_THAT(Refusal(), HasSubstr("${var.conf} is no text and stands within one"));
}

TEST_F(BundleTest, ReferencesThatLeadInACircleAreRefused) {
  WriteBundle("      catalog: ${var.a}\n",
              "variables:\n  a: {default: 'x${var.b}'}\n  b: {default: '${var.a}'}\n");
  EXPECT_THAT(Refusal(), HasSubstr("references lead in a circle"));
}

TEST_F(BundleTest, ValuesOfTheBundleAndTheUserStandInTexts) {
  WriteBundle(
      "      name: '${bundle.name}/${workspace.current_user.userName}'\n"
      "      catalog: ${workspace.current_user.short_name}\n"
      "      configuration:\n        where: ${workspace.file_path}/in\n        kept: $x ${ y }\n");
  const PipelineSpec spec = Pipeline();
  EXPECT_EQ(spec.name, "shop/ann.smith@example.com");
  EXPECT_EQ(spec.catalog, "ann_smith");
  EXPECT_EQ(spec.configuration.at("where"), folder_ + "/in");
  EXPECT_EQ(spec.configuration.at("kept"), "$x ${ y }");
  WriteBundle("      configuration: {id: '${resources.pipelines.daily.id}'}\n");
  EXPECT_THAT(Refusal(), HasSubstr("${resources.pipelines.daily.id} in databricks.yml:8"));
}

TEST_F(BundleTest, LibrariesAreFilesNotebooksAndFolders) {
  Write("src/gold/z.sql", "SELECT 3");
  Write("src/gold/b.py", "");
  Write("src/gold/notes.md", "");
  Write("src/book.sql", "-- Databricks notebook source\nSELECT 1");
  Write("databricks.yml",
        "bundle: {name: shop}\nresources:\n  pipelines:\n    daily:\n      libraries:\n"
        "        - notebook: {path: ./src/book}\n"
        "        - notebook: {path: src/book.sql}\n"
        "        - glob: {include: src/gold/**}\n"
        "        - file: {path: src/*.sql}\n");
  EXPECT_THAT(Files(), ElementsAre("src/book.sql", "src/gold/b.py", "src/gold/z.sql", "src/a.sql"));
}

TEST_F(BundleTest, LibrariesThatAreNotThereOrNoneAreRefused) {
  const auto library = [&](const std::string& text) {
    Write("databricks.yml",
          "bundle: {name: shop}\nresources:\n  pipelines:\n    daily:\n      libraries:\n"
          "        - " +
              text + "\n");
    return Refusal();
  };
  EXPECT_THAT(
      library("file: {path: src/none.sql}"),
      HasSubstr("[PATH_NOT_FOUND] There is nothing at the path " + folder_ + "/src/none.sql"));
  EXPECT_THAT(Load().error().hint(), HasSubstr("(databricks.yml:6)"));
  EXPECT_THAT(library("notebook: {path: src/none}"), HasSubstr("[PATH_NOT_FOUND]"));
  EXPECT_THAT(library("whl: x.whl"),
              HasSubstr("The library whl of pipeline daily (databricks.yml:6)"));
  EXPECT_THAT(library("src/a.sql"), HasSubstr("(line 6): a library of pipeline daily is written"));
  Write("databricks.yml", "resources:\n  pipelines:\n    daily:\n      name: x\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 3): pipeline daily has no libraries"));
  Write("databricks.yml", "bundle: {name: shop}\n");
  EXPECT_THAT(Refusal(), HasSubstr("it has no resources.pipelines"));
}

TEST_F(BundleTest, OverridesOfVariablesCountMoreThanTheTargetAndLessThanTheEnvironment) {
  WriteBundle("      catalog: ${var.catalog}\n      schema: ${var.names.schema}\n",
              "variables:\n  catalog: {default: base}\n  names: {type: complex, default: {schema: "
              "s}}\ntargets:\n  dev:\n    variables: {catalog: target}\n");
  EXPECT_EQ(Pipeline().catalog, "target");
  Write(".databricks/bundle/dev/variable-overrides.json",
        R"({"catalog": "mine", "names": {"schema": "t"}})");
  EXPECT_EQ(Pipeline().catalog, "mine");
  EXPECT_EQ(Pipeline().schema, "t");
  options_.environment_variables = {{"catalog", "around"}};
  EXPECT_EQ(Pipeline().catalog, "around");
  Write(".databricks/bundle/dev/variable-overrides.json", "{\"catalog\":");
  EXPECT_THAT(Refusal(), HasSubstr(".databricks/bundle/dev/variable-overrides.json"));
}

TEST_F(BundleTest, TheEventLogHasANameAndStandsWithTheTablesUnlessItSaysElse) {
  WriteBundle("      catalog: c\n      schema: s\n      event_log: {name: log}\n");
  EXPECT_EQ(Pipeline().event_log.catalog, "c");
  EXPECT_EQ(Pipeline().event_log.schema, "s");
  EXPECT_EQ(Pipeline().event_log.name, "log");
  WriteBundle("      event_log: {name: log, catalog: d, schema: ops}\n");
  EXPECT_EQ(Pipeline().event_log.catalog, "d");
  EXPECT_EQ(Pipeline().event_log.schema, "ops");
  WriteBundle("      event_log: log\n");
  EXPECT_THAT(Refusal(), HasSubstr("event_log has a name"));
}

TEST_F(BundleTest, VolumesAreMadeWithTheirPlaces) {
  const auto volumes = [](const std::string& text) {
    return "  volumes:\n    v: {catalog_name: c, schema_name: s, name: v" + text + "}\n";
  };
  WriteBundle(volumes(", comment: d"));
  EXPECT_EQ(Pipeline().securables[0].schema, "s");
  EXPECT_EQ(Pipeline().securables[0].comment, "d");
  WriteBundle(volumes(", volume_type: EXTERNAL, storage_location: /x"));
  EXPECT_EQ(Pipeline().securables[0].location, "/x");
  WriteBundle(volumes(", storage_location: /x"));
  EXPECT_THAT(Refusal(), HasSubstr("volume v has a storage_location"));
  WriteBundle("  volumes:\n    v: {name: v}\n");
  EXPECT_THAT(Refusal(), HasSubstr("volume v needs catalog_name"));
}

TEST_F(BundleTest, SettingsThatChooseMachinesAreTakenAndUnknownOnesWarnedOf) {
  WriteBundle(
      "      serverless: true\n      development: true\n      channel: PREVIEW\n"
      "      edition: ADVANCED\n      photon: true\n      clusters: [{label: default}]\n"
      "      root_path: src\n      tags: {a: b}\n      environment: {dependencies: []}\n"
      "      permissions: []\n      catalogue: c\n      notifications: []\n");
  EXPECT_THAT(
      Warnings(),
      ElementsAre("databricks.yml:18: unknown field: catalogue (at resources.pipelines.daily)",
                  HasSubstr("databricks.yml:19: notifications aren't sent by mail")));
  EXPECT_TRUE(Pipeline().development);
  WriteBundle("", "bundel: {}\ntargets:\n  dev: {defualt: true}\n");
  EXPECT_THAT(Warnings(), ElementsAre("databricks.yml:3: unknown field: bundel",
                                      "databricks.yml:5: unknown field: defualt (at targets.dev)"));
}

TEST_F(BundleTest, SchemaMayBeCalledTargetAndHoldItsCatalog) {
  WriteBundle("      target: c.s\n");
  EXPECT_EQ(Pipeline().catalog, "c");
  EXPECT_EQ(Pipeline().schema, "s");
  WriteBundle("      target: s\n      schema: t\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 8): schema and target mean the same"));
  WriteBundle("");
  EXPECT_EQ(Pipeline().catalog, "main");
  EXPECT_EQ(Pipeline().schema, "default");
}

TEST_F(BundleTest, ManagedIngestionIsRefusedByName) {
  WriteBundle("      ingestion_definition: {connection_name: x}\n");
  EXPECT_THAT(Refusal(), HasSubstr("ingestion_definition of pipeline daily (databricks.yml:8)"));
}

TEST_F(BundleTest, YamlIsReadWithAnchorsAndMergesAndRefusedAtItsLine) {
  WriteBundle("      configuration:\n        <<: *base\n        b: '3'\n",
              "variables:\n  v:\n    default: &base {a: '1', b: '2'}\n");
  EXPECT_THAT(Pipeline().configuration, UnorderedElementsAre(Pair("a", "1"), Pair("b", "3")));
  Write("databricks.yml", "bundle:\n  name: [x\n");
  EXPECT_THAT(Refusal(), HasSubstr("databricks.yml can't be used (line 3)"));
  WriteBundle("      name: a\n      name: b\n");
  EXPECT_THAT(Refusal(), HasSubstr("(line 9): the key name stands twice"));
  Write("databricks.yml", "- a\n");
  EXPECT_THAT(Refusal(), HasSubstr("it isn't a map"));
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 9; ++k) bomb += ", " + last;
    bomb += "]\n";
  }
  Write("databricks.yml", bomb);
  EXPECT_THAT(Refusal(), HasSubstr("it has too many parts"));
}

TEST_F(BundleTest, YamlThatWouldNeverEndIsRefused) {
  Write("databricks.yml", std::string(1'000'000, '['));
  EXPECT_THAT(Refusal(), HasSubstr("[PROJECT_INVALID]"));
  std::string maps;
  for (int i = 0; i < 100'000; ++i) maps += "{a: ";
  Write("databricks.yml", maps);
  EXPECT_THAT(Refusal(), HasSubstr("[PROJECT_INVALID]"));
  Write("databricks.yml", "a: &a [*a]\n");
  EXPECT_THAT(Refusal(), HasSubstr("[PROJECT_INVALID]"));
  Write("databricks.yml", std::string("\0\xff\xfe\x01", 4));
  EXPECT_THAT(Refusal(), HasSubstr("[PROJECT_INVALID]"));
}

TEST_F(BundleTest, AProjectAsDatabricksMakesItIsReadUnchanged) {
  Write("databricks.yml",
        "bundle:\n  name: my_sql_project\n  uuid: 8d3cd6ba-0b2b-4a8a-9d4c-1a9a0d9b5a11\n\n"
        "include:\n  - resources/*.yml\n  - resources/*/*.yml\n  - ./*.yml\n\n"
        "variables:\n  catalog:\n    description: The catalog to use\n"
        "  schema:\n    description: The schema to use\n"
        "  notifications:\n    description: Whom to tell\n\n"
        "targets:\n  dev:\n    mode: development\n    default: true\n"
        "    workspace:\n      host: https://company.cloud.databricks.com\n"
        "    variables:\n      catalog: main\n"
        "      schema: ${workspace.current_user.short_name}\n      notifications: []\n"
        "  prod:\n    mode: production\n    workspace:\n"
        "      host: https://company.cloud.databricks.com\n"
        "      root_path: /Workspace/Users/a/.bundle/${bundle.name}/${bundle.target}\n"
        "    permissions:\n      - user_name: a@example.com\n        level: CAN_MANAGE\n"
        "    variables: {catalog: main, schema: default, notifications: [a@example.com]}\n");
  Write("resources/etl/etl.pipeline.yml",
        "resources:\n  pipelines:\n    etl:\n      name: etl\n      serverless: true\n"
        "      catalog: ${var.catalog}\n      schema: ${var.schema}\n"
        "      root_path: '../../src'\n      libraries:\n"
        "        - glob:\n            include: ../../src/**\n");
  Write("resources/daily.job.yml",
        "resources:\n  jobs:\n    daily:\n      name: daily\n      tasks:\n"
        "        - task_key: refresh\n          pipeline_task:\n"
        "            pipeline_id: ${resources.pipelines.etl.id}\n"
        "      email_notifications:\n        on_failure: ${var.notifications}\n");
  const PipelineSpec spec = Pipeline();
  EXPECT_EQ(spec.name, "[dev ann_smith] etl");
  EXPECT_EQ(spec.schema, "ann_smith");
  EXPECT_EQ(Files(), std::vector<std::string>{"src/a.sql"});
  EXPECT_TRUE(Warnings().empty());
  options_.target = "prod";
  EXPECT_EQ(Pipeline().name, "etl");
  EXPECT_EQ(Pipeline().schema, "default");
}

TEST_F(BundleTest, AFileThatIsTooLargeIsRefusedUnread) {
  Write("databricks.yml", "a: b\n");
  // A hole takes no place on the disk.
  std::filesystem::resize_file(folder_ + "/databricks.yml", uintmax_t{64} << 30);
  EXPECT_THAT(Refusal(), HasSubstr("it is larger than 16 MiB"));
}

TEST_F(BundleTest, ABundleIsFoundFromAFolderInIt) {
  WriteBundle("      name: Daily\n");
  options_.folder = folder_ + "/src";
  EXPECT_THAT(Refusal(), HasSubstr("[PROJECT_NOT_FOUND] " + folder_ + "/src holds no project"));
  options_.search_parents = true;
  EXPECT_EQ(Pipeline().name, "Daily");
  EXPECT_EQ(Pipeline().files[0].name, "src/a.sql");
  EXPECT_EQ(Load()->folder, folder_);
}

TEST_F(BundleTest, AFolderWithoutProjectOrWithTwoIsRefused) {
  EXPECT_THAT(Refusal(), HasSubstr("[PROJECT_NOT_FOUND]"));
  WriteBundle("");
  Write("databricks.yaml", "");
  EXPECT_THAT(Refusal(), HasSubstr("databricks.yaml can't be used (line 1): there is "
                                   "databricks.yml as well"));
}

}  // namespace
}  // namespace tarn::pipeline
