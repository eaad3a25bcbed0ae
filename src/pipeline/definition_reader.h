#pragma once

#include <string>
#include <vector>

#include "configured_text.h"
#include "tarn/pipeline/definitions.h"
#include "tarn/sql/script.h"

namespace tarn::pipeline {

/// Makes definitions of a pipeline's files, one after the other.
class DefinitionReader {
 public:
  DefinitionReader(const PipelineSpec& spec, const SecretFinder& find_secret,
                   Definitions& definitions);
  void ReadFile(const SourceFile& file);
  /// Flows that were defined before their tables find them now.
  void Finish();

 private:
  struct PendingFlow {
    catalog::ObjectName target;
    SourceRange source;
    FlowDefinition flow;
  };

  void ReadScript(const SourceFile& file, const std::string& raw, std::string& script);
  void ReadStatement(const std::string& file, const std::string& script,
                     ConfiguredText::Statement source);
  Status Define(SourceStatement& statement);
  Status DefineTable(SourceStatement& statement, const sql::CreateTable& table);
  Status DefineView(SourceStatement& statement, const sql::CreateView& view);
  Status DefineFlow(SourceStatement& statement, const sql::CreateFlow& flow);
  Status Set(const SourceStatement& statement, const sql::SetConfiguration& set);
  Status Use(const sql::Use& use);
  /// A flow that stands on its own, before or after its table.
  Status AddPending(const sql::ObjectName& target, FlowDefinition flow);
  /// The flow of AUTO CDC; that it isn't run yet becomes a problem.
  Result<FlowDefinition> AutoCdcFlow(const SourceStatement& statement, const sql::AutoCdc& cdc,
                                     const SourceRange& place, std::string name);
  Status AddDataset(DatasetDefinition dataset, const sql::ObjectName& name);
  /// Finds an error in the statement without giving the statement up.
  void Note(const SourceStatement& statement, Error error);
  Result<catalog::ObjectName> Qualified(const sql::ObjectName& name) const;
  Status ReadExpectations(const SourceStatement& statement, DatasetDefinition* dataset) const;
  void Problematic(const std::string& file, const std::string* script, Error error);

  const PipelineSpec& spec_;
  const SecretFinder& find_secret_;
  Definitions& definitions_;
  std::map<std::string, std::string> configuration_;
  std::string catalog_;
  std::string schema_;
  std::vector<PendingFlow> pending_;
};

}  // namespace tarn::pipeline
