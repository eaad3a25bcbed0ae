#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "driver.h"
#include "tarn/pipeline/definitions_text.h"

namespace {

/// A folder of this process, gone when it ends.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("tarn-project-fuzz-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& bytes) const {
    const std::string path = (path_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

/// The bytes are a bundle's file, a spark-pipeline.yml, and a source with a configuration.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Folder folder;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const tarn::RequestContext context;
  tarn::pipeline::ProjectOptions options;
  options.folder = folder.path();
  options.user = "ann@example.com";
  tarn::pipeline::PipelineSpec spec;
  spec.configuration = {{"a", "1"}, {"b", "'\n${a}"}, {"secret", "{{secrets/s/k}}"}};
  spec.files = {{folder.Write("a.sql", bytes), "a.sql"}};
  const auto definitions = tarn::pipeline::Definitions::Read(
      spec, [](const std::string&, const std::string&) -> tarn::Result<std::string> {
        return std::string("it's \\ a \"secret\"\n${a}");
      });
  for (const tarn::pipeline::Problem& problem : definitions.problems()) {
    const tarn::SourceRange& at = problem.error.position();
    if (at.known() && (at.end < at.begin || at.end > problem.script->size())) {
      std::fprintf(stderr, "%s: %u to %u of %zu bytes\n", problem.error.ToString().c_str(),
                   at.begin, at.end, problem.script->size());
      std::abort();
    }
  }
  (void)ToText(definitions);
  for (const char* name : {"databricks.yml", "spark-pipeline.yml"}) {
    const std::string path = folder.Write(name, bytes);
    (void)tarn::pipeline::LoadProject(context, options);
    std::filesystem::remove(path);
  }
  return 0;
}

std::vector<std::string> FuzzSeeds() {
  return {
      "bundle:\n  name: x\nvariables:\n  v: {default: a}\n  c:\n    type: complex\n"
      "    default: &d {k: '${var.v}'}\ntargets:\n  dev: {mode: development, default: true,\n"
      "    variables: {v: b}}\nresources:\n  schemas:\n    s: {catalog_name: c, name: n}\n"
      "  pipelines:\n    p:\n      name: '${bundle.name} ${resources.schemas.s.name}'\n"
      "      catalog: ${var.v}\n      configuration:\n        <<: *d\n      libraries:\n"
      "        - glob: {include: ./**}\n        - file: {path: a.sql}\n",
      "name: x\nstorage: y\nlibraries:\n  - glob:\n      include: a.sql\nconfiguration: {a: b}\n",
      "-- Databricks notebook source\n-- MAGIC %md\n-- COMMAND ----------\nSET k = '${b}';\n"
      "CREATE OR REFRESH STREAMING TABLE t (a INT MASK f, CONSTRAINT c EXPECT (a > ${a})\n"
      "ON VIOLATION DROP ROW) SCHEDULE EVERY 1 HOUR AS SELECT * FROM STREAM(u)\n"
      "-- COMMAND ----------\n-- MAGIC %python\n",
      "CREATE STREAMING LIVE TABLE t;\nUSE SCHEMA x; /* ${none} */\n"
      "APPLY CHANGES INTO LIVE.t FROM STREAM(LIVE.u) KEYS (a) SEQUENCE BY b COLUMNS * EXCEPT (c)\n"
      "STORED AS SCD TYPE 2 TRACK HISTORY ON d;\n"
      "CREATE FLOW f AS INSERT INTO ONCE t BY NAME SELECT '${secret}';\n"
      "CREATE VIEW v AS SELECT * FROM cloud_files('x', 'csv', map('a', 'b'));\n"};
}
