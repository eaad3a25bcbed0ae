#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/analyze/analyzer.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/catalog/secrets.h"
#include "tarn/catalog/securable.h"
#include "tarn/delta/snapshot.h"
#include "tarn/engine/engine.h"
#include "tarn/session/session.h"
#include "tarn/sql/ast.h"

namespace tarn::session {

/// A query of a flow: its tree, the text that positions in it point into, and what STREAM and the
/// pipeline's datasets stand for in this run. None are owned.
struct FlowQuery {
  std::string_view text;
  const sql::Query* query = nullptr;
  analyze::FlowEnvironment* environment = nullptr;
  /// What completes names; empty: the session's current ones.
  std::string catalog = {};
  std::string schema = {};
};

/// A condition that every row of a dataset should meet, over the dataset's columns.
struct Expectation {
  std::string name;
  std::string condition;  ///< SQL
  SourceRange source;     ///< of the condition, in the text that defines the dataset
  engine::OnViolation on_violation = engine::OnViolation::kKeepRow;
};

/// A table that a pipeline makes and keeps: a streaming table or a materialized view.
struct Dataset {
  catalog::ObjectName name;
  bool materialized_view = false;
  bool is_private = false;  ///< known to its pipeline alone
  std::string_view text;    ///< that positions in the definition point into
  const std::vector<sql::ColumnDefinition>* columns = nullptr;  ///< null or empty: as the query's
  const std::vector<sql::Constraint>* constraints = nullptr;
  const sql::TableClauses* clauses = nullptr;
  std::map<std::string, std::string> properties;  ///< besides those of the clauses
};

/// Exactly once: a batch of an application is in the table or it isn't.
struct FlowTransaction {
  std::string app_id;
  int64_t version = 0;
};

/// One write of a flow's rows to its dataset, in one commit.
struct FlowWrite {
  FlowQuery query;
  catalog::ObjectName target;
  std::vector<Expectation> expectations;
  /// The table's rows and columns are replaced by the query's (a materialized view) rather than
  /// added to.
  const Dataset* replaces = nullptr;
  std::optional<FlowTransaction> transaction;
};

struct FlowWritten {
  bool was_there = false;  ///< the transaction had landed before: nothing was written
  int64_t version = -1;    ///< of the table after the commit
  int64_t rows = 0;
  std::vector<engine::CheckCount> expectations;  ///< in the order given
  engine::CheckedViews views;                    ///< what the query read
  engine::ExecutionStats stats;
};

/// The columns that a flow's query gives. Reads no data.
Result<Schema> DescribeFlow(Session& session, const RequestContext& context,
                            const FlowQuery& query);

/// What a flow's query reads, as it is now.
struct FlowInputs {
  /// Another text when the result may be another: versions of tables, names of files. Absent where
  /// that can't be told.
  std::optional<std::string> state;
  bool only_tables = true;  ///< Delta tables and nothing else
};

/// Looks at what the query reads; reads no data.
Result<FlowInputs> InputsOfFlow(Session& session, const RequestContext& context,
                                const FlowQuery& query);

/// The columns that a dataset has when its flows' query gives `from_query`: as declared, else
/// those. Expectations and constraints are analysed over them.
Result<Schema> SchemaOfDataset(Session& session, const RequestContext& context,
                               const Dataset& dataset, const Schema& from_query,
                               const std::vector<Expectation>& expectations);

/// The type of an expression over columns. Positions in it point into `text`.
Result<DataType> TypeOfExpression(Session& session, const RequestContext& context,
                                  std::string_view text, const Schema& columns,
                                  const sql::Expr& expression);

/// Makes the dataset's table with these columns if there is none. An existing streaming table gets
/// the columns that it hasn't; a column that would have to change its type is
/// STREAMING_TABLE_NEEDS_FULL_REFRESH. A relation of that name that isn't this pipeline's is
/// TABLE_OR_VIEW_ALREADY_EXISTS.
Status PrepareDataset(Session& session, const RequestContext& context, const Dataset& dataset,
                      const Schema& columns);

/// Runs the query and commits its rows. Columns are matched by name. Errors: those of the query, a
/// violated constraint, EXPECTATION_VIOLATION; the table is unchanged after an error.
Result<FlowWritten> WriteFlow(Session& session, const RequestContext& context,
                              const FlowWrite& write);

/// Puts a view of a pipeline into the catalog, replacing its older definition. `text` is what
/// positions in the statement point into; catalog and schema complete names in its query.
Status PublishView(Session& session, const RequestContext& context, std::string_view text,
                   const sql::CreateView& view, const catalog::ObjectName& name,
                   const std::string& current_catalog, const std::string& current_schema);

/// Whether a view of that name has exactly this text; false where there is no view.
Result<bool> IsViewOf(Session& session, const RequestContext& context,
                      const catalog::ObjectName& name, std::string_view text);

/// The versions that applications have landed in a table, by application id; empty if there is no
/// such table.
Result<std::map<std::string, int64_t>> LandedTransactions(Session& session,
                                                          const RequestContext& context,
                                                          const catalog::ObjectName& name);

/// A full refresh: in one commit all rows go, the columns become these, and each application starts
/// anew at version -1.
Status ResetDataset(Session& session, const RequestContext& context, const Dataset& dataset,
                    const Schema& columns, const std::vector<std::string>& app_ids);

/// What became of a table's small files.
struct Compacted {
  int64_t files_removed = 0;
  int64_t files_added = 0;
};

/// Puts small files of a table together, in one commit that changes no rows: those of each
/// partition that has at least `files_min` of them. Nothing where there are fewer.
Result<Compacted> CompactDataset(Session& session, const RequestContext& context,
                                 const catalog::ObjectName& name, size_t files_min);

/// A Delta table of the catalog that the session may read, with its log and its newest version.
struct OpenedTable {
  catalog::TablePtr info;
  std::shared_ptr<const delta::Table> table;
  std::shared_ptr<const delta::Snapshot> latest;
};
Result<OpenedTable> OpenTable(Session& session, const RequestContext& context,
                              const catalog::ObjectName& name);

/// What the lake knows of pipelines.
const catalog::Pipelines& PipelinesOf(Instance& instance);
/// The secrets of the lake.
const catalog::Secrets& SecretsOf(Instance& instance);

/// What SET key = value does. UNSUPPORTED_FEATURE for a meaning that Tarn doesn't have.
Status SetSetting(Session& session, const std::string& key, const std::string& value);

/// Sets what single names stand for in the queries that follow; their texts may hold STREAM.
void SetTemporaryViews(Session& session, std::vector<analyze::TemporaryView> views);

}  // namespace tarn::session
