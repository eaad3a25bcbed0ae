#include "statement_scope.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "catalog_commits.h"
#include "information_schema.h"
#include "open_transaction.h"
#include "table_definition.h"
#include "tarn/format/read_options.h"
#include "tarn/io/file_listing.h"
#include "tarn/io/location.h"
#include "tarn/sql/parser.h"

namespace tarn::session {

namespace {

bool IsVolumePath(std::string_view path) {
  return path.starts_with("/Volumes/") || path.starts_with("dbfs:/Volumes/");
}

/// The rights on a volume don't reach beyond its folder, so no link in it may lead there.
Status CheckBelow(const std::vector<io::ObjectInfo>& files, const std::string& folder) {
  if (io::IsRemote(folder)) return {};
  std::error_code error;
  const std::string root = std::filesystem::canonical(folder, error).string() + "/";
  for (const io::ObjectInfo& info : files) {
    const std::string file = "/" + info.path.str();
    const std::string real = error ? "" : std::filesystem::canonical(file, error).string();
    if (!error && real.starts_with(root)) continue;
    return Error(Condition("PATH_NOT_ALLOWED"),
                 {{"path", file}, {"detail", "a link leads out of the volume"}});
  }
  return {};
}

}  // namespace

StatementScope::StatementScope(const RequestContext& request, SessionState& session,
                               const Parameters& parameters, std::string_view text)
    : request_(request),
      session_(session),
      parameters_(parameters),
      text_(text),
      start_us_(request.clock->NowMicros()) {}

analyze::AnalyzerContext StatementScope::AnalyzerView() {
  analyze::AnalyzerContext view;
  view.catalog = &rooms().catalog();
  view.relations = this;
  view.current_catalog = session_.current_catalog;
  view.current_schema = session_.current_schema;
  view.session_zone = session_.session_zone;
  view.current_user = session_.options.principal;
  view.statement_start_us = start_us_;
  view.variables = session_.variables;
  view.temporary_views = session_.temporary_views;
  view.temporary_functions = session_.temporary_functions;
  view.named_parameters = parameters_.named;
  view.positional_parameters = parameters_.positional;
  return view;
}

engine::ExecutionSettings StatementScope::EngineView() const {
  return {session_.session_zone, session_.current_catalog, session_.current_schema,
          session_.options.principal, start_us_};
}

Result<std::vector<std::string>> StatementScope::NameParts(const sql::ObjectName& name) {
  std::vector<std::string> parts;
  if (name.identifier_clause) {
    TARN_ASSIGN(Value value, Evaluate(*name.identifier_clause));
    if (value.is_null() || !value.type().IsString()) {
      return Error(Condition("INVALID_PARAMETER_VALUE"),
                   {{"parameter", "IDENTIFIER()"},
                    {"value", value.is_null() ? "NULL" : value.type().ToSql()},
                    {"detail", "it must be a string that is not NULL"}})
          .WithPosition(name.identifier_clause->source);
    }
    TARN_ASSIGN(std::vector<sql::Identifier> inner, sql::ParseMultipartName(value.text()));
    for (const sql::Identifier& part : inner) parts.push_back(part.text);
  }
  for (const sql::Identifier& part : name.parts) parts.push_back(part.text);
  return parts;
}

Result<catalog::ObjectName> StatementScope::QualifiedName(const sql::ObjectName& name) {
  TARN_ASSIGN(std::vector<std::string> parts, NameParts(name));
  switch (parts.size()) {
    case 1:
      return catalog::ObjectName{session_.current_catalog, session_.current_schema, parts[0]};
    case 2:
      return catalog::ObjectName{session_.current_catalog, parts[0], parts[1]};
    case 3:
      return catalog::ObjectName{parts[0], parts[1], parts[2]};
    default:
      return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", sql::ToSql(name)}})
          .WithPosition(name.source)
          .WithHint("A name has at most three parts: catalog.schema.object.");
  }
}

Result<std::pair<std::string, std::string>> StatementScope::QualifiedSchema(
    const sql::ObjectName& name) {
  if (name.empty()) return std::pair(session_.current_catalog, session_.current_schema);
  TARN_ASSIGN(std::vector<std::string> parts, NameParts(name));
  if (parts.size() == 1) return std::pair(session_.current_catalog, parts[0]);
  if (parts.size() == 2) return std::pair(parts[0], parts[1]);
  return Error(Condition("SCHEMA_NOT_FOUND"), {{"schemaName", sql::ToSql(name)}})
      .WithPosition(name.source)
      .WithHint("A schema's name has at most two parts: catalog.schema.");
}

Result<std::optional<TableTarget>> StatementScope::PathTable(
    const std::vector<std::string>& parts) const {
  std::optional<TableTarget> target;
  if (parts.size() == 2 && SameName(parts[0], "delta") && parts[1].find('/') != std::string::npos) {
    TARN_ASSIGN(std::string root, AllowedPath(parts[1]));
    target = TableTarget{nullptr, root, "delta." + QuoteIdentifier(root)};
  }
  return target;
}

Result<TableTarget> StatementScope::FindTable(const sql::ObjectName& name, catalog::Purpose purpose,
                                              std::string_view operation) {
  TARN_ASSIGN(std::vector<std::string> parts, NameParts(name));
  TARN_ASSIGN(const std::optional<TableTarget> at_path, PathTable(parts));
  if (at_path) return *at_path;
  const auto view = [&](const std::string& view_name) {
    return Error(Condition("EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE"),
                 {{"operation", std::string(operation)}, {"viewName", view_name}})
        .WithPosition(name.source);
  };
  if (parts.size() == 1) {
    for (const analyze::TemporaryView& temporary : session_.temporary_views) {
      if (SameName(temporary.name, parts[0])) return view(QuoteIdentifier(temporary.name));
    }
  }
  TARN_ASSIGN(catalog::ObjectName qualified, QualifiedName(name));
  auto table = rooms().catalog().LookupTable(request_, qualified, purpose, operation);
  if (!table.ok()) {
    const bool is_view = table.error().condition() == Condition("WRONG_COMMAND_FOR_OBJECT_TYPE");
    if (is_view && purpose == catalog::Purpose::kWrite) return view(qualified.ToSql());
    return std::move(table).error().WithDefaultPosition(name.source);
  }
  if (purpose == catalog::Purpose::kWrite && TableTypeName(**table) == "MATERIALIZED_VIEW") {
    return Error(Condition("MATERIALIZED_VIEW_OPERATION_NOT_ALLOWED"),
                 {{"operation", std::string(operation)}, {"name", (*table)->name.ToSql()}})
        .WithPosition(name.source);
  }
  displays_[(*table)->location] = (*table)->name.ToSql();
  return TableTarget{*table, (*table)->location, (*table)->name.ToSql()};
}

std::string StatementScope::DisplayOf(const std::string& root) const {
  const auto found = displays_.find(root);
  return found == displays_.end() ? root : found->second;
}

Result<std::shared_ptr<const delta::Snapshot>> StatementScope::PinLatest(const std::string& root) {
  return OpenSnapshot(request_, root, {});
}

Result<std::shared_ptr<const delta::Snapshot>> StatementScope::OpenSnapshot(
    const RequestContext& context, const std::string& root,
    const analyze::TimeTravel& time_travel) {
  OpenTransaction* const open = session_.transaction.get();
  if (time_travel.version || time_travel.timestamp_us) {
    if (open != nullptr) {
      return Error(Condition("TRANSACTION_NOT_SUPPORTED.TIME_TRAVEL_QUERY"), {{"tableName", root}});
    }
    TARN_ASSIGN(std::shared_ptr<const delta::Table> table, rooms().snapshots().Open(context, root));
    TARN_ASSIGN(std::shared_ptr<const delta::Snapshot> snapshot,
                time_travel.version
                    ? table->AtVersion(context, *time_travel.version)
                    : table->AtTimestamp(context, *time_travel.timestamp_us / 1000));
    // Older versions, too, are only for those whom the catalog knows.
    TARN_TRY(PublishRatified(context, rooms().lake(), *table, *snapshot));
    return snapshot;
  }
  if (auto found = pinned_.find(root); found != pinned_.end()) return found->second;
  TARN_ASSIGN(
      std::shared_ptr<const delta::Snapshot> snapshot,
      open != nullptr ? open->Latest(context, root) : rooms().snapshots().Latest(context, root));
  pinned_[root] = snapshot;
  return snapshot;
}

Result<std::string> StatementScope::AllowedPath(std::string_view path) const {
  if (session_.options.deny_paths) {
    return Error(
        Condition("PATH_NOT_ALLOWED"),
        {{"path", std::string(path)}, {"detail", "this session was started with --deny-paths"}});
  }
  if (path.starts_with("file:")) {
    path.remove_prefix(5);
    while (path.starts_with("//")) path.remove_prefix(1);
  } else if (path.starts_with("dbfs:/Volumes/")) {
    path.remove_prefix(5);
  } else if (path.starts_with("s3:") || path.starts_with("s3a:") || path.starts_with("s3n:")) {
    return io::NormalLocation(path);
  } else if (io::HasScheme(path)) {
    return UnsupportedFeature("Reading from " + std::string(path.substr(0, path.find(':'))) + ":");
  }
  if (path.find('\0') != path.npos) {
    return Error(Condition("PATH_NOT_ALLOWED"),
                 {{"path", "(a path with a NUL byte)"}, {"detail", "it isn't a path"}});
  }
  if (path.starts_with('/')) return std::string(path);
  char* current = getcwd(nullptr, 0);
  const std::string absolute =
      std::string(current != nullptr ? current : "") + "/" + std::string(path);
  std::free(current);
  return absolute;
}

Result<std::string> StatementScope::ResolvePath(const RequestContext& context,
                                                const std::string& path) {
  return ResolvePathFor(context, path, catalog::Purpose::kRead);
}

Result<std::string> StatementScope::ResolvePathFor(const RequestContext& context,
                                                   const std::string& path,
                                                   catalog::Purpose purpose) {
  // A volume's files are governed by the catalog, so a session without paths may still read them.
  if (!IsVolumePath(path)) return AllowedPath(path);
  return ResolveVolumePath(context, path.starts_with("dbfs:") ? path.substr(5) : path, purpose);
}

Result<FoundFiles> StatementScope::FindFiles(const RequestContext& context, const std::string& path,
                                             const io::ListingOptions& listing) {
  TARN_ASSIGN(const std::string absolute, ResolvePath(context, path));
  FoundFiles found;
  found.base = io::BaseOfPattern(absolute);
  found.root = io::RootOf(absolute);
  TARN_ASSIGN(found.files, io::ListFiles(context, absolute, listing, rooms().lake().storage()));
  if (!IsVolumePath(path)) return found;
  // "/Volumes/<catalog>/<schema>/<volume>"
  size_t end = path.find("/Volumes/") + 8;
  for (int names = 0; names < 3 && end != path.npos; ++names) end = path.find('/', end + 1);
  TARN_ASSIGN(const std::string folder, ResolvePath(context, path.substr(0, end)));
  TARN_TRY(CheckBelow(found.files, folder));
  return found;
}

Result<Schema> StatementScope::InferColumns(const RequestContext& context,
                                            const plan::FileRelation& files) {
  TARN_ASSIGN(Schema schema, rooms().engine().InferSchema(context, files));
  return WithHints(std::move(schema), format::ReadOptions(files.options).Text("schemaHints"));
}

Result<plan::Relation> StatementScope::OpenFiles(const RequestContext& context,
                                                 analyze::FilesReference reference) {
  TARN_ASSIGN(const io::ListingOptions listing,
              ListingOf(format::ReadOptions(reference.options), session_.session_zone));
  TARN_ASSIGN(const FoundFiles found, FindFiles(context, reference.path, listing));
  if (found.files.empty()) {
    TARN_ASSIGN(const std::string absolute, ResolvePath(context, reference.path));
    return Error(Condition("PATH_NOT_FOUND"), {{"path", absolute}});
  }
  plan::FileRelation files;
  for (const io::ObjectInfo& file : found.files) {
    files.paths.push_back(found.LocationOf(file));
    files.stamps.push_back({file.size, file.modified_us});
  }
  TARN_ASSIGN(reference.format, FormatOf(reference, files.paths));
  AddReadFilesDefaults(reference);
  files.format = reference.format;
  files.base = found.base;
  files.options = std::move(reference.options);
  plan::Relation relation;
  relation.name = reference.path;
  if (reference.schema) {
    relation.schema =
        WithRescuedColumn(*std::move(reference.schema), format::ReadOptions(files.options));
  } else {
    TARN_ASSIGN(relation.schema, InferColumns(context, files));
  }
  relation.source = std::move(files);
  return relation;
}

Result<std::string> StatementScope::ResolveVolumePath(const RequestContext& context,
                                                      const std::string& path,
                                                      catalog::Purpose purpose) {
  std::vector<std::string> segments;
  std::string_view rest = std::string_view(path).substr(9);
  while (segments.size() < 3) {
    const size_t slash = rest.find('/');
    segments.emplace_back(rest.substr(0, slash));
    rest = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
    if (segments.back().empty()) return Error(Condition("PATH_NOT_FOUND"), {{"path", path}});
  }
  TARN_ASSIGN(io::ObjectPath inner, io::ObjectPath::Parse(rest));
  TARN_ASSIGN(
      catalog::VolumePtr volume,
      rooms().catalog().LookupVolume(context, {segments[0], segments[1], segments[2]}, purpose));
  return inner.is_root() ? volume->location : volume->location + "/" + inner.str();
}

Result<plan::Relation> StatementScope::OpenSystemTable(const RequestContext& context,
                                                       std::string_view catalog,
                                                       std::string_view schema,
                                                       std::string_view name) {
  return InformationSchemaTable(context, rooms(), catalog, schema, name);
}

Result<Value> StatementScope::Evaluate(const sql::Expr& expr) {
  TARN_ASSIGN(plan::Query query, analyze::AnalyzeValue(request_, AnalyzerView(), expr));
  const plan::Expr& value = *query.root->As<plan::Project>()->items[0].expr;
  if (auto folded = analyze::FoldConstant(value, session_.session_zone)) return *folded;
  return RunValue(query);
}

Result<std::optional<Value>> StatementScope::EvaluateConstant(const plan::Expr& expr) {
  TARN_ASSIGN(Value value, RunConstant(plan::Clone(expr)));
  return std::optional<Value>(std::move(value));
}

Result<Value> StatementScope::RunConstant(plan::ExprPtr analysed) {
  plan::Query query;
  auto values = std::make_unique<plan::Node>();
  values->kind = plan::Values{};
  values->As<plan::Values>()->rows.emplace_back();
  auto project = std::make_unique<plan::Node>();
  const plan::ColumnId id{1};
  project->columns.push_back({id, "value", analysed->type, analysed->nullable});
  plan::Project items;
  items.input = std::move(values);
  items.items.push_back({id, "value", std::move(analysed)});
  project->kind = std::move(items);
  query.root = std::move(project);
  query.lineage.emplace_back();
  return RunValue(query);
}

Result<Value> StatementScope::RunValue(const plan::Query& query) {
  TARN_ASSIGN(std::unique_ptr<engine::ResultStream> rows,
              rooms().engine().Execute(request_, query, EngineView()));
  TARN_ASSIGN(auto batch, rows->Next());
  if (batch.empty() || batch[0].empty()) return InternalError("a constant gave no row");
  return batch[0][0];
}

void StatementScope::NoteReads() {
  if (session_.transaction == nullptr) return;
  for (const auto& [root, snapshot] : pinned_) session_.transaction->NoteRead(root);
}

}  // namespace tarn::session
