#include <algorithm>

#include "statement_scope.h"
#include "tarn/base/parse_number.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/io/location.h"
#include "tarn/io/sub_store.h"
#include "tarn/session/known_files.h"

namespace tarn::session {

namespace {

using Rows = std::vector<std::vector<Value>>;

Schema StateColumns() {
  return {{{"path", TypeId::kString, false},
           {"size", TypeId::kLong, false},
           {"create_time", TypeId::kTimestamp, false},
           {"discovery_time", TypeId::kTimestamp, false},
           {"processed_time", TypeId::kTimestamp},
           {"commit_time", TypeId::kTimestamp},
           {"archive_time", TypeId::kTimestamp},
           {"archive_mode", TypeId::kString},
           {"move_location", TypeId::kString},
           {"source_id", TypeId::kString},
           {"flow_name", TypeId::kString}}};
}

Value TimeOf(int64_t us) { return Value::Of(TypeId::kTimestamp, us); }

Value TimeOrNull(const FileMarks::Mark* mark) {
  return mark != nullptr ? TimeOf(mark->at_us) : Value::Null(TypeId::kTimestamp);
}

Value TextOrNull(std::string_view text) {
  return text.empty() ? Value::Null(TypeId::kString) : Value::String(std::string(text));
}

/// The numbers that name folders below `folder`, in order.
Result<std::vector<int64_t>> NumberedFolders(const RequestContext& context, io::ObjectStore& store,
                                             const io::ObjectPath& folder) {
  std::vector<int64_t> numbers;
  io::ListOptions options;
  options.directories = true;
  TARN_TRY(
      store.List(context, folder, options, [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
        const auto number = ParseNumber<int64_t>(info.path.Name());
        if (info.is_directory && number) numbers.push_back(*number);
        return io::ListNext::kContinue;
      }));
  std::ranges::sort(numbers);
  return numbers;
}

/// The files of one source.
Status AddSource(const RequestContext& context, std::shared_ptr<io::ObjectStore> state,
                 const std::string& source_id, const std::string& flow, Rows* rows) {
  TARN_ASSIGN(KnownFiles known,
              KnownFiles::Load(context, state, KnownFiles::Identity::kPathAndTime));
  TARN_ASSIGN(const FileMarks committed, FileMarks::Load(context, state, CommittedMarks()));
  TARN_ASSIGN(const FileMarks archived, FileMarks::Load(context, state, ArchivedMarks()));
  TARN_ASSIGN(const std::vector<KnownFile> files, known.Range(context, 0, known.count()));
  for (size_t i = 0; i < files.size(); ++i) {
    const KnownFile& file = files[i];
    const auto* commit = committed.Find(static_cast<int64_t>(i));
    const auto* archive = archived.Find(static_cast<int64_t>(i));
    const std::string_view note = archive != nullptr ? archive->note : std::string_view();
    const std::string_view mode = note.substr(0, note.find(' '));
    rows->push_back({Value::String(io::UriOf(file.path)), Value::Long(file.size),
                     TimeOf(file.modified_us), TimeOf(file.discovered_us), TimeOrNull(commit),
                     TimeOrNull(commit), TimeOrNull(archive), TextOrNull(mode),
                     TextOrNull(note.substr(std::min(note.size(), mode.size() + 1))),
                     Value::String(source_id), TextOrNull(flow)});
  }
  return {};
}

/// The sources of a checkpoint, or of the newest generation of a flow; false if there are none that
/// read files.
Result<bool> AddCheckpoint(const RequestContext& context, std::shared_ptr<io::ObjectStore> store,
                           const std::string& flow, Rows* rows) {
  TARN_ASSIGN(const std::vector<int64_t> generations,
              NumberedFolders(context, *store, io::ObjectPath()));
  if (!generations.empty()) {
    store = io::NewSubStore(store, io::ObjectPath() / std::to_string(generations.back()));
  }
  TARN_ASSIGN(const std::vector<int64_t> sources,
              NumberedFolders(context, *store, io::ObjectPath() / "sources"));
  bool any = false;
  for (const int64_t source : sources) {
    auto state = io::NewSubStore(store, catalog::SourceStatePath(static_cast<size_t>(source)));
    TARN_ASSIGN(const auto segments, state->ListAll(context, io::ObjectPath() / "files"));
    if (segments.empty()) continue;
    any = true;
    TARN_TRY(AddSource(context, std::move(state), std::to_string(source), flow, rows));
  }
  return any;
}

/// The flows of a table that a pipeline keeps.
Status AddTable(StatementScope& scope, const RequestContext& context,
                const catalog::ObjectName& name, Rows* rows) {
  TARN_ASSIGN(const catalog::TablePtr table,
              scope.rooms().catalog().LookupTable(context, name, catalog::Purpose::kRead,
                                                  "cloud_files_state"));
  const std::optional<std::string> pipeline = catalog::PipelineIdOf(table->properties);
  if (!pipeline) {
    return Error(Condition("CF_STATE_INVALID_CHECKPOINT_PATH"), {{"path", name.ToSql()}});
  }
  const std::shared_ptr<io::ObjectStore> folder =
      scope.rooms().lake().pipelines().Folder(*pipeline);
  const io::ObjectPath flows = catalog::CheckpointPath(table->name.ToString(), "flow").Parent();
  io::ListOptions options;
  options.directories = true;
  TARN_ASSIGN(const auto found, folder->ListAll(context, flows, options));
  for (const io::ObjectInfo& flow : found) {
    if (!flow.is_directory) continue;
    const std::string shown(flow.path.Name());
    TARN_TRY(AddCheckpoint(context, io::NewSubStore(folder, flow.path), shown, rows));
  }
  return {};
}

}  // namespace

Result<plan::Relation> StatementScope::OpenFileState(const RequestContext& context,
                                                     const analyze::PipelineReference& reference) {
  const std::vector<std::string>& table = reference.table;
  auto rows = std::make_shared<Rows>();
  if (table.empty()) {
    TARN_ASSIGN(const std::string folder, ResolvePath(context, reference.text));
    auto opened = rooms().lake().storage().OpenFolder(folder);
    bool any = false;
    if (opened.ok()) {
      TARN_ASSIGN(any, AddCheckpoint(context, std::move(*opened), "", rows.get()));
    }
    if (!any) return Error(Condition("CF_STATE_INVALID_CHECKPOINT_PATH"), {{"path", folder}});
  } else {
    TARN_TRY(AddTable(*this, context, {table[0], table[1], table[2]}, rows.get()));
  }
  plan::Relation relation;
  relation.name = "cloud_files_state";
  relation.schema = StateColumns();
  relation.source = plan::RowsRelation{std::move(rows)};
  return relation;
}

}  // namespace tarn::session
