#include "tarn/session/log_table.h"

#include "generated_query.h"
#include "statement_scope.h"
#include "table_commit.h"

namespace tarn::session {

namespace {

const Parameters kNoParameters;

Result<delta::Transaction> BeginAppend(StatementScope& scope, const std::string& root,
                                       const Schema& columns) {
  auto snapshot = scope.rooms().snapshots().Latest(scope.request(), root);
  if (snapshot.ok()) return BeginChange(scope, root, *std::move(snapshot));
  if (snapshot.error().condition() != Condition("DELTA_TABLE_NOT_FOUND")) {
    return std::move(snapshot).error();
  }
  TARN_ASSIGN(delta::Transaction transaction, BeginCreation(scope, root));
  delta::Metadata metadata;
  metadata.schema = columns;
  TARN_TRY(transaction.SetMetadata(std::move(metadata)));
  return transaction;
}

}  // namespace

Status AppendToLogTable(Session& session, const RequestContext& context, const std::string& root,
                        const Schema& columns, std::vector<std::vector<Value>> rows) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  TARN_ASSIGN(delta::Transaction transaction, BeginAppend(scope, root, columns));
  plan::Relation relation;
  relation.name = "rows";
  relation.schema = columns;
  relation.source =
      plan::RowsRelation{std::make_shared<const std::vector<std::vector<Value>>>(std::move(rows))};
  GeneratedQuery query(scope);
  query.Add("SELECT * FROM log_rows");
  TARN_ASSIGN(const plan::Query plan, query.Analyze({{"log_rows", std::move(relation)}}));
  TARN_ASSIGN(
      engine::WriteResult written,
      scope.rooms().engine().Write(
          scope.request(), plan, WriteTargetOf(root, transaction.metadata()), scope.EngineView()));
  const std::vector<delta::AddFile> files = written.files;
  AddFiles(transaction, std::move(written));
  transaction.SetOperation("WRITE", {{"mode", "Append"}});
  auto committed = CommitChange(scope, root, transaction);
  if (!committed.ok()) {
    if (committed.error().condition() != Condition("DELTA_COMMIT_OUTCOME_UNKNOWN")) {
      RemoveUnusedFiles(scope, root, files);
    }
    return std::move(committed).error();
  }
  return {};
}

}  // namespace tarn::session
