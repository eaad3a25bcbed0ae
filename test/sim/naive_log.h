#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/io/object_store.h"

namespace tarn::sim {

/// One version as its JSON file says, read without the program's own Delta code.
struct NaiveCommit {
  std::string txn_id;
  std::map<std::string, int64_t> added;  // path → size
  std::set<std::string> removed;
  std::map<std::string, int64_t> transactions;  // application → version
};

/// A table's log read the simplest way: all JSON commits, in order.
struct NaiveLog {
  std::vector<NaiveCommit> commits;  // by version

  /// The live files after `version`.
  std::map<std::string, int64_t> LiveAt(int64_t version) const;
  /// Each application's last version after `version`.
  std::map<std::string, int64_t> TransactionsAt(int64_t version) const;
};

/// Reads the log below `root`; fails the test where versions aren't dense, a line isn't JSON, or a
/// version adds and removes one path.
NaiveLog ReadNaively(const RequestContext& ctx, io::ObjectStore& store, const io::ObjectPath& root);

}  // namespace tarn::sim
