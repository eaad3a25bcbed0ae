#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "session_state.h"
#include "tarn/analyze/analyzer.h"
#include "tarn/base/request_context.h"
#include "tarn/catalog/securable.h"
#include "tarn/session/files.h"
#include "tarn/sql/ast.h"

namespace tarn::session {

/// The table that a statement names: in the catalog, or by its path (delta.`/path`).
struct TableTarget {
  catalog::TablePtr table;  ///< null for a path
  std::string root;         ///< absolute path of its folder
  std::string display;      ///< for messages: the qualified name, or the path
};

/// One statement in progress: who asks, in which session, with which parameters, and the snapshots
/// that it has pinned. Lives until its rows are read. Not thread-safe.
class StatementScope : public analyze::RelationSource {
 public:
  StatementScope(const RequestContext& request, SessionState& session, const Parameters& parameters,
                 std::string_view text);

  const RequestContext& request() const { return request_; }
  SessionState& session() { return session_; }
  Instance::Rooms& rooms() { return session_.rooms; }
  std::string_view text() const { return text_; }
  const Parameters& parameters() const { return parameters_; }
  const std::string& statement_id() const { return request_.request_id; }

  /// What the analyzer sees; valid as long as this scope.
  analyze::AnalyzerContext AnalyzerView();
  engine::ExecutionSettings EngineView() const;

  /// A name of at most three parts completed by the current catalog and schema; IDENTIFIER()
  /// evaluated.
  Result<catalog::ObjectName> QualifiedName(const sql::ObjectName& name);
  /// The parts of a name, IDENTIFIER() evaluated.
  Result<std::vector<std::string>> NameParts(const sql::ObjectName& name);
  /// catalog.schema, or schema in the current catalog; nothing means the current ones.
  Result<std::pair<std::string, std::string>> QualifiedSchema(const sql::ObjectName& name);

  /// The table that a name of the form delta.`/path` means; nothing for other names. Errors: those
  /// of AllowedPath.
  Result<std::optional<TableTarget>> PathTable(const std::vector<std::string>& parts) const;
  /// Finds the table to be written, altered or described; `operation` names the statement in the
  /// error for a view.
  Result<TableTarget> FindTable(const sql::ObjectName& name, catalog::Purpose purpose,
                                std::string_view operation);
  /// The name for messages of a table that FindTable has found; else its root.
  std::string DisplayOf(const std::string& root) const;
  /// The absolute path of a folder or file that the statement names; PATH_NOT_ALLOWED where this
  /// session reads no paths, or for one that is no local path.
  Result<std::string> AllowedPath(std::string_view path) const;
  /// The table's newest version, pinned.
  Result<std::shared_ptr<const delta::Snapshot>> PinLatest(const std::string& root);

  /// Tells the session's open transaction, if there is one, what the statement has read.
  void NoteReads();

  /// tarn/session/files.h
  Result<std::string> ResolvePathFor(const RequestContext& context, const std::string& path,
                                     catalog::Purpose purpose);
  Result<FoundFiles> FindFiles(const RequestContext& context, const std::string& path,
                               const io::ListingOptions& listing);
  Result<Schema> InferColumns(const RequestContext& context, const plan::FileRelation& files);

  /// The value of a constant expression, computed by the engine if need be.
  Result<Value> Evaluate(const sql::Expr& expr);

  // analyze::RelationSource
  Result<std::shared_ptr<const delta::Snapshot>> OpenSnapshot(
      const RequestContext& context, const std::string& root,
      const analyze::TimeTravel& time_travel) override;
  Result<std::string> ResolvePath(const RequestContext& context, const std::string& path) override;
  Result<plan::Relation> OpenFiles(const RequestContext& context,
                                   analyze::FilesReference files) override;
  Result<plan::Relation> OpenSystemTable(const RequestContext& context, std::string_view catalog,
                                         std::string_view schema, std::string_view name) override;
  Result<plan::Relation> OpenPipelineFunction(const RequestContext& context,
                                              std::string_view function,
                                              const analyze::PipelineReference& pipeline) override;
  Result<std::vector<plan::Relation>> OpenChanges(
      const RequestContext& context, const std::string& root, const analyze::TimeTravel& from,
      const std::optional<analyze::TimeTravel>& to) override;
  Result<plan::Relation> OpenDescription(const RequestContext& context, bool history,
                                         const sql::ObjectName& table) override;
  Result<std::optional<Value>> EvaluateConstant(const plan::Expr& expr) override;

 private:
  /// The rows of cloud_files_state: of a checkpoint's folder, or of a streaming table.
  Result<plan::Relation> OpenFileState(const RequestContext& context,
                                       const analyze::PipelineReference& reference);
  /// The value of an analysed expression without columns, computed by the engine.
  Result<Value> RunConstant(plan::ExprPtr analysed);
  /// The value of a query of one row and one column.
  Result<Value> RunValue(const plan::Query& query);
  /// The place of /Volumes/catalog/schema/volume/path.
  Result<std::string> ResolveVolumePath(const RequestContext& context, const std::string& path,
                                        catalog::Purpose purpose);

  const RequestContext request_;
  SessionState& session_;
  const Parameters& parameters_;
  std::string text_;
  int64_t start_us_;
  std::map<std::string, std::shared_ptr<const delta::Snapshot>> pinned_;
  std::map<std::string, std::string> displays_;  ///< by root
};

}  // namespace tarn::session
