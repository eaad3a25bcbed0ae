// Prints what each of the named source files of a pipeline defines:
//
//   tarn_pipeline_corpus FOLDER FILE…      FILE: seen from FOLDER
//
// Each file stands for a pipeline of its own, with the configuration that the corpus' files use.

#include <cstdio>

#include "tarn/pipeline/definitions_text.h"

namespace {

/// The secrets that the corpus' files use.
tarn::Result<std::string> FindSecret(const std::string& scope, const std::string& key) {
  if (scope == "storage" && key == "path") return std::string("/Volumes/cat/sch/hidden");
  return tarn::Error(tarn::Condition("SECRET_NOT_FOUND"), {{"scope", scope}, {"key", key}});
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    tarn::pipeline::PipelineSpec spec;
    spec.catalog = "cat";
    spec.schema = "sch";
    spec.files = {{std::string(argv[1]) + "/" + argv[i], argv[i]}};
    spec.configuration = {{"source_catalog", "outside"},
                          {"source_schema", "raw"},
                          {"since", "2024-01-01"},
                          {"landing", "/Volumes/cat/sch/landing"},
                          {"env", "dev"},
                          {"brokers", "localhost:9092"},
                          {"app.path", "/mnt/app"},
                          {"protected_path", "{{secrets/storage/path}}"}};
    std::printf("== %s\n%s", argv[i],
                ToText(tarn::pipeline::Definitions::Read(spec, FindSecret)).c_str());
  }
  return 0;
}
