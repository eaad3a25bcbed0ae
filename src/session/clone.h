#pragma once

#include <memory>
#include <vector>

#include "statement_scope.h"
#include "statements.h"
#include "tarn/delta/transaction.h"

namespace tarn::session {

/// The table that CREATE TABLE … CLONE copies, at one version.
struct CloneOrigin {
  TableTarget table;
  std::shared_ptr<const delta::Snapshot> snapshot;
  bool shallow = false;  ///< the clone shares the files, nothing is copied
};
Result<CloneOrigin> FindCloneOrigin(StatementScope& scope, const sql::CloneSource& source);

/// The metadata that a clone starts with: the origin's, with its table features.
delta::Metadata CloneMetadata(const delta::Snapshot& origin);

/// What cloning did.
struct Cloned {
  int64_t origin_bytes = 0;
  int64_t origin_files = 0;
  int64_t removed_files = 0;
  int64_t copied_files = 0;
  int64_t removed_bytes = 0;
  int64_t copied_bytes = 0;
};

/// Copies the origin's files below `root`, or shares them, under their own names, and puts them
/// into the transaction. Of an existing clone's files, those that the origin still has stay as they
/// are and the others are removed. `written` gets the files that were brought, for removal if
/// nothing comes of it.
Result<Cloned> CloneFiles(StatementScope& scope, const CloneOrigin& origin, const std::string& root,
                          const delta::Snapshot* existing, delta::Transaction& transaction,
                          std::vector<delta::AddFile>& written);

/// The row that CLONE answers.
Answer CloneAnswer(const Cloned& cloned);

}  // namespace tarn::session
