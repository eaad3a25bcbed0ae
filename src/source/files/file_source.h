#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "files/file_source_options.h"
#include "files/known_files.h"
#include "tarn/session/flow.h"
#include "tarn/stream/source.h"

namespace tarn::source {

/// Auto Loader: each file that lands in a folder once. An offset is the count of files up to it, in
/// the order in which they were found; the files' names stand in the source's state. The columns
/// are settled when the stream starts and kept as numbered versions.
class FileSource final : public stream::Source {
 public:
  static constexpr size_t kSampleFilesMax = 1000;

  static Result<std::unique_ptr<FileSource>> Open(const RequestContext& context,
                                                  session::Session& session,
                                                  const analyze::FilesReference& files,
                                                  std::shared_ptr<io::ObjectStore> state,
                                                  bool look);

  std::string description() const override { return "files " + options_.path; }
  const Schema& schema() const override { return schema_; }
  /// Lists the folder and remembers what is new.
  Status Discover(const RequestContext& context,
                  const std::optional<stream::Offset>& from) override;
  /// UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE where the files have columns that the stream
  /// hasn't; with addNewColumns the next start has them.
  Result<std::optional<stream::Offset>> Plan(const RequestContext& context,
                                             const std::optional<stream::Offset>& from) override;
  Result<plan::Relation> Rows(const RequestContext& context,
                              const std::optional<stream::Offset>& from,
                              const stream::Offset& to) override;

 private:
  FileSource(session::Session& session, FileSourceOptions options,
             std::shared_ptr<io::ObjectStore> state, KnownFiles known)
      : session_(session),
        options_(std::move(options)),
        state_(std::move(state)),
        known_(std::move(known)) {}

  Result<std::vector<KnownFile>> ListNew(const RequestContext& context);
  Status SettleSchema(const RequestContext& context, bool look);
  Status ReadSchema(const RequestContext& context);
  Status WriteSchema(const RequestContext& context, const Schema& schema);
  Result<Schema> Infer(const RequestContext& context, const std::vector<KnownFile>& files);
  Status CheckNewColumns(const RequestContext& context, int64_t first, int64_t last);
  Result<int64_t> StartOf(const RequestContext& context, const std::optional<stream::Offset>& from);
  plan::FileRelation FilesOf(const std::vector<KnownFile>& files) const;

  session::Session& session_;
  FileSourceOptions options_;
  std::shared_ptr<io::ObjectStore> state_;
  KnownFiles known_;
  Schema schema_;
  int64_t schema_version_ = -1;  ///< of what stands in the state
};

}  // namespace tarn::source
