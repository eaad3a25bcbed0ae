// The change data feed of a table.

#include "open_transaction.h"
#include "statement_scope.h"
#include "tarn/delta/change_feed.h"

namespace tarn::session {

Result<std::vector<plan::Relation>> StatementScope::OpenChanges(
    const RequestContext& context, const std::string& root, const analyze::TimeTravel& from,
    const std::optional<analyze::TimeTravel>& to) {
  if (session_.transaction != nullptr) {
    return Error(Condition("TRANSACTION_NOT_SUPPORTED.CDF_READ"), {{"tableName", root}});
  }
  TARN_ASSIGN(std::shared_ptr<const delta::Table> table, rooms().snapshots().Open(context, root));
  TARN_ASSIGN(std::shared_ptr<const delta::Snapshot> last,
              OpenSnapshot(context, root, to.value_or(analyze::TimeTravel())));
  delta::Version first = 0;
  if (from.version) {
    first = *from.version;
  } else {
    TARN_ASSIGN(first, table->FirstVersionAt(context, *from.timestamp_us / 1000));
  }
  if (first > last->version()) {
    return Error(Condition("DELTA_INVALID_CDC_RANGE"), {{"start", std::to_string(first)},
                                                        {"end", std::to_string(last->version())},
                                                        {"table", root}});
  }
  TARN_ASSIGN(const delta::ChangeFeed feed,
              delta::ReadChangeFeed(context, *table, last, first, last->version()));
  std::vector<plan::Relation> relations;
  for (const auto& snapshot : {feed.whole_files, feed.change_files}) {
    if (snapshot == nullptr) continue;
    relations.push_back({{}, snapshot->schema(), plan::DeltaRelation{snapshot, root}});
  }
  return relations;
}

}  // namespace tarn::session
