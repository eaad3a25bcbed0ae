#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "files/file_cleaner.h"
#include "files/file_source_options.h"
#include "files/schema_log.h"
#include "tarn/session/files.h"
#include "tarn/session/known_files.h"
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
  ~FileSource() override;

  std::string description() const override { return "files " + reference_.path; }
  const Schema& schema() const override { return schema_; }
  /// Lists the folder and remembers what is new.
  Status Discover(const RequestContext& context,
                  const std::optional<stream::Offset>& from) override;
  Result<std::optional<stream::Offset>> Plan(const RequestContext& context,
                                             const std::optional<stream::Offset>& from) override;
  /// Reading them fails with UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE where the files have
  /// columns that the stream hasn't and its evolution mode cares.
  Result<std::vector<plan::Relation>> Rows(const RequestContext& context,
                                           const std::optional<stream::Offset>& from,
                                           const stream::Offset& to) override;
  /// After new columns: with addNewColumns the next start has them.
  Error Failed(const RequestContext& context, const std::optional<stream::Offset>& from,
               const stream::Offset& to, Error error) override;
  Status Finished(const RequestContext& context, const stream::Offset& to) override;

 private:
  FileSource(session::Session& session, analyze::FilesReference reference,
             std::shared_ptr<io::ObjectStore> state)
      : session_(session), reference_(std::move(reference)), state_(std::move(state)) {}

  Status SettleFormat(const RequestContext& context, bool look);
  Status SettleSchema(const RequestContext& context, bool look);
  /// What is there and isn't known, in the order in which it is read.
  Result<std::vector<session::KnownFile>> ListNew(const RequestContext& context);
  Status AddReplayed(const RequestContext& context);
  Result<int64_t> StartOf(const RequestContext& context, const std::optional<stream::Offset>& from);
  bool adds_columns() const;
  /// Compares the columns of these files with the stream's; writes a new version if the mode says
  /// so. Nothing if there is nothing new.
  Result<std::optional<Error>> Evolve(const RequestContext& context,
                                      const std::vector<session::KnownFile>& files);
  plan::FileRelation FilesOf(const std::vector<session::KnownFile>& files) const;

  session::Session& session_;
  analyze::FilesReference reference_;
  std::shared_ptr<io::ObjectStore> state_;
  FileSourceOptions options_;
  std::string base_;  // FileRelation::base
  std::optional<session::KnownFiles> known_;
  std::optional<std::vector<session::KnownFile>> listed_;  // by ListNew, not appended yet
  std::optional<SchemaLog> schemas_;
  std::optional<FileCleaner> cleaner_;
  Schema schema_;
};

}  // namespace tarn::source
