// Small files of a table put together.

#include "optimize.h"
#include "statement_scope.h"
#include "table_commit.h"
#include "tarn/session/flow.h"

namespace tarn::session {

namespace {

const Parameters kNoParameters;

/// A file is small if so many of its size fit the target size.
constexpr int64_t kSmallPart = 8;

}  // namespace

Result<Compacted> CompactDataset(Session& session, const RequestContext& context,
                                 const catalog::ObjectName& name, size_t files_min) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  TARN_ASSIGN(
      const catalog::TablePtr table,
      scope.rooms().catalog().LookupTable(context, name, catalog::Purpose::kWrite, "Compaction"));
  const TableTarget target{table, table->location, table->name.ToSql()};
  TARN_ASSIGN(const auto snapshot, scope.PinLatest(target.root));
  RewriteOptions options;
  options.files_min = files_min;
  options.small_bytes =
      WriteTargetOf(target.root, snapshot->metadata()).target_file_bytes / kSmallPart;
  options.parameters = {{"auto", "true"}, {"predicate", "[]"}};
  TARN_ASSIGN(const Rewritten rewritten, RewriteFiles(scope, target, snapshot, options));
  return Compacted{static_cast<int64_t>(rewritten.removed_sizes.size()),
                   static_cast<int64_t>(rewritten.added_sizes.size())};
}

}  // namespace tarn::session
