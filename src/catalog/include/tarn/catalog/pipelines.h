#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/request_context.h"
#include "tarn/base/result.h"
#include "tarn/catalog/securable.h"
#include "tarn/io/object_store.h"

namespace tarn::catalog {

/// A pipeline as the lake knows it.
struct PipelineEntry {
  std::string id;  ///< a UUID
  std::string name;
};

/// The sign that an update of a pipeline runs. Held until it is destroyed; the system takes it from
/// a process that dies.
class UpdateLease {
 public:
  explicit UpdateLease(int fd) : fd_(fd) {}
  ~UpdateLease();
  UpdateLease(const UpdateLease&) = delete;
  UpdateLease& operator=(const UpdateLease&) = delete;

 private:
  const int fd_;
};

/// The pipelines of a lake and the folders of what they remember (`docs/formats/pipelines.md`).
/// Thread-safe, and safe among processes.
class Pipelines {
 public:
  static constexpr size_t kNameBytesMax = 128;

  /// `home` is the lake's folder, absolute; `store` that folder's.
  Pipelines(std::string home, std::shared_ptr<io::ObjectStore> store)
      : home_(std::move(home)), store_(std::move(store)) {}

  /// The pipeline of that name, made if there is none. Two processes that make it at once get the
  /// same one. PIPELINE_NAME_INVALID.
  Result<PipelineEntry> FindOrCreate(const RequestContext& ctx, const std::string& name) const;
  Result<std::optional<PipelineEntry>> Find(const RequestContext& ctx,
                                            const std::string& name) const;
  /// All, sorted by name.
  Result<std::vector<PipelineEntry>> List(const RequestContext& ctx) const;

  /// The durable place of all that a pipeline remembers.
  std::shared_ptr<io::ObjectStore> Folder(const std::string& id) const;
  /// The absolute path of the Delta table of its event log, which may not be there yet.
  std::string EventLogPath(const std::string& id) const;

  /// PIPELINE_UPDATE_RUNNING with the id of the update that holds it.
  Result<std::unique_ptr<UpdateLease>> BeginUpdate(const RequestContext& ctx,
                                                   const PipelineEntry& pipeline,
                                                   const std::string& update_id) const;

 private:
  std::string home_;
  std::shared_ptr<io::ObjectStore> store_;
};

/// By which a table of a pipeline says whose it is, and what (`docs/formats/pipelines.md`).
inline constexpr char kPipelineIdProperty[] = "pipelines.pipelineId";
inline constexpr char kDatasetTypeProperty[] = "pipelines.datasetType";
/// "true" for a table that only its pipeline may see.
inline constexpr char kPrivateProperty[] = "pipelines.private";

/// The id of the pipeline that keeps a table with these properties. Anybody can set properties, so
/// what isn't in the form of an id is none.
std::optional<std::string> PipelineIdOf(const Properties& properties);
/// The id of the pipeline that alone may see a table with these properties; nothing if all may.
std::optional<std::string> PrivateTo(const Properties& properties);

/// The place of a flow's checkpoints of all generations, within the pipeline's folder. The names
/// may hold any text; their case doesn't matter.
io::ObjectPath CheckpointPath(const std::string& dataset, const std::string& flow);

/// The place of a flow's n-th source, within its checkpoint.
io::ObjectPath SourceStatePath(size_t n);

}  // namespace tarn::catalog
