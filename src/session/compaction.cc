// Small files of a table put together.

#include <algorithm>

#include "open_transaction.h"
#include "optimize.h"
#include "statement_scope.h"
#include "table_commit.h"
#include "tarn/base/parse_number.h"
#include "tarn/session/flow.h"

namespace tarn::session {

namespace {

const Parameters kNoParameters;

/// A file is small if so many of its size fit the target size.
constexpr int64_t kSmallPart = 8;
constexpr size_t kAutoCompactFilesMin = 50;

Result<Rewritten> Compact(StatementScope& scope, const TableTarget& target, size_t files_min) {
  TARN_ASSIGN(const auto snapshot, scope.rooms().snapshots().Latest(scope.request(), target.root));
  RewriteOptions options;
  options.files_min = files_min;
  options.small_bytes =
      WriteTargetOf(target.root, snapshot->metadata()).target_file_bytes / kSmallPart;
  options.parameters = {{"auto", "true"}, {"predicate", "[]"}};
  return RewriteFiles(scope, target, snapshot, options);
}

/// The session's word counts before the table's. `auto` and `legacy` are Databricks' other ways of
/// saying yes.
bool WantsCompaction(const SessionState& session, const delta::Metadata& metadata) {
  const std::string* word = session.Setting("spark.databricks.delta.autoCompact.enabled");
  if (word == nullptr) word = metadata.Property("delta.autoOptimize.autoCompact");
  return word != nullptr &&
         (SameName(*word, "true") || SameName(*word, "auto") || SameName(*word, "legacy"));
}

}  // namespace

void CompactIfAsked(StatementScope& scope, const TableTarget& target,
                    const delta::Metadata& metadata) {
  // What is in the making is better put together when it is done.
  if (scope.session().transaction != nullptr) return;
  if (!WantsCompaction(scope.session(), metadata)) return;
  size_t files_min = kAutoCompactFilesMin;
  const std::string* least =
      scope.session().Setting("spark.databricks.delta.autoCompact.minNumFiles");
  if (least != nullptr) {
    files_min = ParseNumber<size_t>(*least).value_or(kAutoCompactFilesMin);
  }
  (void)Compact(scope, target, std::max<size_t>(files_min, 2));
}

Result<Compacted> CompactDataset(Session& session, const RequestContext& context,
                                 const catalog::ObjectName& name, size_t files_min) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  TARN_ASSIGN(
      const catalog::TablePtr table,
      scope.rooms().catalog().LookupTable(context, name, catalog::Purpose::kWrite, "Compaction"));
  const TableTarget target{table, table->location, table->name.ToSql()};
  TARN_ASSIGN(const Rewritten rewritten, Compact(scope, target, files_min));
  return Compacted{static_cast<int64_t>(rewritten.removed_sizes.size()),
                   static_cast<int64_t>(rewritten.added_sizes.size())};
}

}  // namespace tarn::session
