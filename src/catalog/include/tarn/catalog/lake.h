#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/clock.h"
#include "tarn/base/random.h"
#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/catalog/catalog.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/catalog/secrets.h"
#include "tarn/catalog/statement_history.h"
#include "tarn/catalog/table_commits.h"
#include "tarn/io/object_store.h"
#include "tarn/io/storage.h"

namespace tarn::catalog {

struct LakeOptions {
  Clock* clock = &SystemClock();
  IdSource* ids = &SystemIds();
  /// Fail with PATH_NOT_FOUND rather than make a lake where none is.
  bool must_exist = false;
  /// The key of the secrets, 64 hexadecimal digits; nothing: that in the lake's folder.
  std::optional<std::string> secrets_key;
  /// How external tables' folders are opened.
  io::Storage storage;
};

/// What a backup copied.
struct BackupReport {
  int64_t tables = 0;
  int64_t volumes = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  /// External tables and volumes, which a backup records but doesn't copy.
  std::vector<std::string> external;
};

/// One finding of a check-up.
struct LakeFinding {
  bool ok = true;
  std::string what;    ///< "metastore", "tables", …
  std::string detail;  ///< a full sentence
};

/// A lake folder, open: metastore, storage, history. The folder can be moved or copied while
/// closed; several processes may have it open. Thread-safe.
class Lake {
 public:
  /// Opens the lake at `home` (absolute path), making it if it isn't there; finishes or undoes what
  /// processes that died left half done. LAKE_VERSION_TOO_NEW for a lake of a newer program.
  static Result<std::unique_ptr<Lake>> Open(const RequestContext& ctx, const std::string& home,
                                            const LakeOptions& options = {});
  virtual ~Lake() = default;

  virtual Catalog& catalog() = 0;
  virtual StatementHistory& history() = 0;
  virtual const Pipelines& pipelines() const = 0;
  virtual const Secrets& secrets() const = 0;
  virtual TableCommits& table_commits() = 0;
  virtual const std::string& home() const = 0;
  /// Folder for the engine's spill files of this process, 0700, empty.
  virtual Result<std::string> SpillFolder(const RequestContext& ctx) = 0;
  /// The store of a table's or volume's folder, which nothing leads out of.
  virtual Result<std::shared_ptr<io::ObjectStore>> OpenStore(const RequestContext& ctx,
                                                             const std::string& location) = 0;
  /// How anything else is opened.
  virtual const io::Storage& storage() const = 0;

  /// Removes files of tables and volumes whose time for UNDROP is over. Returns how many objects
  /// went.
  virtual Result<int64_t> CollectDropped(const RequestContext& ctx) = 0;
  /// A consistent copy of metastore, managed tables and volumes in the folder `target`, which must
  /// not exist or be empty; itself a lake that can be opened.
  virtual Result<BackupReport> Backup(const RequestContext& ctx, const std::string& target) = 0;
  /// Looks for damage: the metastore's integrity, tables without files, files without a table.
  virtual Result<std::vector<LakeFinding>> CheckUp(const RequestContext& ctx) = 0;
};

}  // namespace tarn::catalog
