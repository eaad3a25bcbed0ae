#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/pipeline/project.h"
#include "tarn/pipeline/redactor.h"
#include "tarn/session/flow.h"
#include "tarn/sql/ast.h"

namespace tarn::pipeline {

enum class DatasetKind : uint8_t {
  kStreamingTable,
  kMaterializedView,
  kTemporaryView,  ///< known in the pipeline only
  kView,           ///< published
};

/// "STREAMING_TABLE", "MATERIALIZED_VIEW", "VIEW", as Databricks' table types are called.
std::string_view NameOf(DatasetKind kind);

/// Finds the value of {{secrets/scope/key}}.
using SecretFinder =
    std::function<Result<std::string>(const std::string& scope, const std::string& key)>;

/// Where a secret stands in a statement; the script that is shown has kRedacted instead.
struct SecretPlace {
  size_t begin = 0;  ///< in the statement's text
  size_t end = 0;
  size_t raw_begin = 0;  ///< of its ${key}, in the statement as the file has it
  size_t raw_end = 0;
};

/// A statement of a source file, with its configuration put in. Never moves.
struct SourceStatement {
  std::string file;                  ///< for messages
  const std::string* script;         ///< the whole file's text, that positions of errors point into
  std::string text;                  ///< the statement's own, with secrets: not to be shown
  SourceRange source;                ///< of the statement in the script
  std::vector<SecretPlace> secrets;  ///< in their order
  std::shared_ptr<const Redactor> redactor;
  std::optional<sql::Statement> tree;
};

/// Writes into a dataset.
struct FlowDefinition {
  std::string name;
  const SourceStatement* statement = nullptr;
  const sql::Query* query = nullptr;  ///< of AUTO CDC: SELECT * FROM its source
  const sql::AutoCdc* auto_cdc = nullptr;
  bool once = false;
  std::string catalog;  ///< what completes names in the query
  std::string schema;
};

struct DatasetDefinition {
  DatasetKind kind = DatasetKind::kStreamingTable;
  catalog::ObjectName name;
  const SourceStatement* statement = nullptr;
  bool is_private = false;
  const std::vector<sql::ColumnDefinition>* columns = nullptr;
  const std::vector<sql::Constraint>* constraints = nullptr;
  const sql::TableClauses* clauses = nullptr;
  std::vector<session::Expectation> expectations;
  std::vector<FlowDefinition> flows;
};

/// What went wrong in a file, at its place.
struct Problem {
  std::string file;
  const std::string* script = nullptr;  ///< null where there is no text to show
  Error error;
};

/// A place of the statement's text, in the script that is shown; the statement's if it isn't known.
SourceRange ShownPlace(const SourceStatement& statement, const SourceRange& inner);

/// What went wrong in a statement, without its secrets: its position in the statement's text
/// becomes one in the script; an error without one is of the whole statement.
Problem ProblemOf(const SourceStatement& statement, Error error);

/// What the SQL of a pipeline defines. Owns the texts and trees.
class Definitions {
 public:
  /// Reads and parses all files. What a pipeline can't hold, and what isn't run yet, becomes a
  /// problem; the rest stands, a dataset that asks for too much as well.
  static Definitions Read(const PipelineSpec& spec, const SecretFinder& find_secret);

  const std::deque<DatasetDefinition>& datasets() const { return datasets_; }
  const std::vector<Problem>& problems() const { return problems_; }
  /// Knows the secrets that are used.
  const Redactor& redactor() const { return *redactor_; }
  /// The dataset of that name, or null.
  const DatasetDefinition* Find(const catalog::ObjectName& name) const;

 private:
  friend class DefinitionReader;
  std::deque<std::string> scripts_;
  std::deque<SourceStatement> statements_;
  std::deque<sql::QueryPtr> queries_;
  std::deque<DatasetDefinition> datasets_;
  std::vector<Problem> problems_;
  std::shared_ptr<Redactor> redactor_ = std::make_shared<Redactor>();
};

}  // namespace tarn::pipeline
