#include "snapshot_walk.h"

#include <cstdlib>

#include "tarn/delta/pruning.h"

void WalkSnapshot(const std::shared_ptr<const tarn::delta::Snapshot>& snapshot) {
  static const auto utc = *tarn::FindTimeZone("UTC");
  const tarn::delta::FileSet& files = snapshot->files();
  tarn::delta::Predicate predicate;
  predicate.column = {"x"};
  predicate.values = {tarn::Value::Long(3)};
  (void)tarn::delta::FilePruner(snapshot, {predicate}, utc).Run();
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string_view path = files.path(i);
    if (path.empty() || path[0] == '/' || path.find("..") == 0) std::abort();
    (void)files.num_records(i);
    (void)files.ToAdd(i);
    for (size_t k = 0; k < snapshot->metadata().partition_columns.size(); ++k) {
      (void)files.partition_value(i, k, *utc);
    }
  }
  (void)snapshot->transactions();
  (void)snapshot->domains();
}
