#include "files/file_source.h"

#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"
#include "tarn/delta/type_widening.h"

namespace tarn::source {

using session::KnownFile;

namespace {

constexpr int64_t kStateBytesMax = 64 << 20;

/// A stream that was told to leave out what is there already starts behind it.
io::ObjectPath StartPath() { return io::ObjectPath() / "start"; }
/// The format that the first files' names said.
io::ObjectPath FormatPath() { return io::ObjectPath() / "format"; }

io::ObjectPath ReplayPath(const Replay& replay) {
  return io::ObjectPath() / "replays" /
         std::to_string(session::FileKeySet::KeyOf(replay.identity).low);
}

std::vector<std::string> PathsOf(const std::vector<KnownFile>& files) {
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const KnownFile& file : files) paths.push_back(file.path);
  return paths;
}

/// The object's text; nothing if it isn't there.
Result<std::optional<std::string>> ReadIfThere(const RequestContext& context,
                                               io::ObjectStore& store, const io::ObjectPath& path) {
  auto text = store.ReadAll(context, path, kStateBytesMax);
  if (text.ok()) return std::optional(*std::move(text));
  if (text.error().condition() == Condition("PATH_NOT_FOUND")) return std::optional<std::string>();
  return std::move(text).error();
}

Error NewColumns(const std::string& names, const std::string& path, bool adds) {
  return Error(Condition("UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE"),
               {{"unknownFields", names}, {"path", path}})
      .WithHint(adds ? "Run it again: the next start has the new columns."
                     : "Add the columns by schema or schemaHints, or set schemaEvolutionMode to "
                       "addNewColumns.");
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::Open(const RequestContext& context,
                                                     session::Session& session,
                                                     const analyze::FilesReference& files,
                                                     std::shared_ptr<io::ObjectStore> state,
                                                     bool look) {
  std::unique_ptr<FileSource> source(new FileSource(session, files, std::move(state)));
  TARN_TRY(source->SettleFormat(context, look));
  session::AddReadFilesDefaults(source->reference_);
  TARN_ASSIGN(source->options_, ReadFileSourceOptions(source->reference_, session.session_zone()));
  const FileSourceOptions& options = source->options_;
  std::optional<int64_t> forget_before_us;
  if (options.max_age_us) forget_before_us = context.clock->NowMicros() - *options.max_age_us;
  // A look asks for columns only.
  TARN_ASSIGN(source->known_,
              session::KnownFiles::Load(context, look ? nullptr : source->state_,
                                        options.allow_overwrites
                                            ? session::KnownFiles::Identity::kPathAndTime
                                            : session::KnownFiles::Identity::kPath,
                                        forget_before_us));
  if (!look) {
    TARN_ASSIGN(source->cleaner_, FileCleaner::Open(context, source->state_, options.clean));
  }
  TARN_TRY(source->SettleSchema(context, look));
  return source;
}

FileSource::~FileSource() {
  // Only shown: a failure loses nothing.
  if (cleaner_) (void)cleaner_->Flush(RequestContext());
}

Status FileSource::SettleFormat(const RequestContext& context, bool look) {
  const format::ReadOptions said(reference_.options);
  if (reference_.format.empty()) reference_.format = FoldName(said.Text("format"));
  if (!reference_.format.empty()) return {};
  if (state_) {
    TARN_ASSIGN(const auto known, ReadIfThere(context, *state_, FormatPath()));
    if (known) {
      reference_.format = *known;
      return {};
    }
  }
  TARN_ASSIGN(const io::ListingOptions listing, session::ListingOf(said, session_.session_zone()));
  TARN_ASSIGN(const session::FoundFiles found,
              session::FindFiles(session_, context, reference_.path, listing));
  if (found.files.empty()) {
    return Error(Condition("CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE"), {{"path", reference_.path}});
  }
  std::vector<std::string> paths;
  for (const io::ObjectInfo& info : found.files) paths.push_back(info.path.str());
  TARN_ASSIGN(reference_.format, session::FormatOf(reference_, paths));
  if (look) return {};
  return state_->Put(context, FormatPath(), reference_.format);
}

Status FileSource::SettleSchema(const RequestContext& context, bool look) {
  if (reference_.schema) {
    schema_ =
        session::WithRescuedColumn(*reference_.schema, format::ReadOptions(reference_.options));
    return {};
  }
  TARN_ASSIGN(schemas_, SchemaLog::Open(context, state_));
  if (schemas_->newest()) {
    schema_ = *schemas_->newest();
    return {};
  }
  TARN_ASSIGN(std::vector<KnownFile> files, ListNew(context));
  if (!look) listed_ = files;
  if (files.empty() && known_->count() > 0) {
    TARN_ASSIGN(files,
                known_->Range(context, 0, std::min<int64_t>(known_->count(), kSampleFilesMax)));
  }
  if (files.empty()) {
    return Error(Condition("CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE"), {{"path", reference_.path}});
  }
  files.resize(std::min(files.size(), kSampleFilesMax));
  TARN_ASSIGN(schema_, session::InferColumns(session_, context, FilesOf(files)));
  return look ? Status() : schemas_->Add(context, schema_);
}

plan::FileRelation FileSource::FilesOf(const std::vector<KnownFile>& files) const {
  plan::FileRelation relation;
  relation.format = reference_.format;
  relation.options = reference_.options;
  relation.base = base_;
  relation.paths = PathsOf(files);
  for (const KnownFile& file : files) relation.stamps.push_back({file.size, file.modified_us});
  return relation;
}

Result<std::vector<KnownFile>> FileSource::ListNew(const RequestContext& context) {
  io::ListingOptions listing = options_.listing;
  if (!options_.allow_overwrites) {
    listing.leave_out = [this](const std::string& path) { return known_->HasPath(path); };
  }
  TARN_ASSIGN(const session::FoundFiles found,
              session::FindFiles(session_, context, reference_.path, listing));
  base_ = found.base;
  const int64_t now_us = context.clock->NowMicros();
  std::vector<KnownFile> fresh;
  for (const io::ObjectInfo& info : found.files) {
    KnownFile file{found.LocationOf(info), info.size, info.modified_us, now_us};
    if (known_->Has(file)) continue;
    if (options_.max_age_us && file.modified_us < now_us - *options_.max_age_us) continue;
    fresh.push_back(std::move(file));
  }
  std::sort(fresh.begin(), fresh.end(), [](const KnownFile& a, const KnownFile& b) {
    return a.modified_us != b.modified_us ? a.modified_us < b.modified_us : a.path < b.path;
  });
  return fresh;
}

Status FileSource::Discover(const RequestContext& context,
                            const std::optional<stream::Offset>& from) {
  TARN_TRY(AddReplayed(context));
  const bool first_time = known_->count() == 0 && !from;
  if (!listed_) {
    TARN_ASSIGN(listed_, ListNew(context));
  }
  if (first_time && !options_.include_existing_files) {
    TARN_TRY(state_->Put(context, StartPath(), std::to_string(listed_->size())));
  }
  TARN_FAULT_POINT("source.files.before_append");
  TARN_TRY(known_->Append(context, *listed_));
  TARN_FAULT_POINT("source.files.after_append");
  listed_.reset();
  if (!cleaner_->cleans()) return {};
  TARN_TRY(session::ResolveFilesPath(session_, context, reference_.path, true));
  std::string destination;
  if (options_.clean.mode == CleanSource::Mode::kMove) {
    TARN_ASSIGN(destination,
                session::ResolveFilesPath(session_, context, options_.clean.destination, true));
  }
  return cleaner_->Clean(context, session::StorageOf(session_), *known_, base_, destination);
}

Status FileSource::AddReplayed(const RequestContext& context) {
  if (!options_.replay) return {};
  const Replay& replay = *options_.replay;
  const io::ObjectPath marker = ReplayPath(replay);
  TARN_ASSIGN(const auto begun, ReadIfThere(context, *state_, marker));
  // Between the marker and the files nothing else is added, so the count tells how far it got.
  if (begun && ParseNumber<int64_t>(*begun) != known_->count()) return {};
  TARN_ASSIGN(const std::vector<KnownFile> all, known_->Range(context, 0, known_->count()));
  std::vector<KnownFile> again;
  session::FileKeySet chosen;
  for (const KnownFile& file : all) {
    const std::string_view name = std::string_view(file.path).substr(file.path.rfind('/') + 1);
    if (replay.modified_after_us && file.modified_us <= *replay.modified_after_us) continue;
    if (replay.modified_before_us && file.modified_us >= *replay.modified_before_us) continue;
    if (!replay.name_glob.empty() && !io::MatchesGlob(name, replay.name_glob)) continue;
    const auto key = session::FileKeySet::KeyOf(file.path);
    if (chosen.Has(key)) continue;
    chosen.Insert(key);
    again.push_back(file);
  }
  if (again.empty()) return {};
  if (!begun) TARN_TRY(state_->Put(context, marker, std::to_string(known_->count())));
  TARN_FAULT_POINT("source.replay.before_append");
  return known_->Append(context, again);
}

Result<int64_t> FileSource::StartOf(const RequestContext& context,
                                    const std::optional<stream::Offset>& from) {
  std::string text = "0";
  if (from) {
    text = from->text;
  } else {
    TARN_ASSIGN(const auto start, ReadIfThere(context, *state_, StartPath()));
    if (start) text = *start;
  }
  const auto number = ParseNumber<int64_t>(text);
  if (number && *number >= 0 && *number <= known_->count()) return *number;
  return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
               {{"path", state_->Display({})},
                {"detail", "the offset " + text + " is beyond the " +
                               std::to_string(known_->count()) + " known files"}});
}

Result<std::optional<stream::Offset>> FileSource::Plan(const RequestContext& context,
                                                       const std::optional<stream::Offset>& from) {
  TARN_ASSIGN(const int64_t first, StartOf(context, from));
  if (first >= known_->count()) return std::optional<stream::Offset>();
  TARN_TRY(known_->Settle(context));
  int64_t last = std::min(known_->count(), first + options_.files_max);
  TARN_ASSIGN(std::vector<KnownFile> files, known_->Range(context, first, last));
  if (options_.bytes_max) {
    // Soft: the file that reaches the limit is still taken.
    int64_t bytes = 0;
    size_t taken = 0;
    while (taken < files.size() && bytes < *options_.bytes_max) bytes += files[taken++].size;
    files.resize(std::max<size_t>(taken, 1));
    last = first + static_cast<int64_t>(files.size());
  }
  // Parquet's columns stand at the files' ends and wider types show only in all values: both are
  // looked at before. Else the reader finds new columns as it reads.
  const bool looks_ahead = reference_.format == "parquet" ||
                           options_.evolution == SchemaEvolution::kAddNewColumnsWithTypeWidening;
  if (looks_ahead) {
    TARN_ASSIGN(const std::optional<Error> news, Evolve(context, files));
    if (news) return *news;
  }
  return std::optional(stream::Offset{std::to_string(last)});
}

bool FileSource::adds_columns() const {
  return options_.evolution == SchemaEvolution::kAddNewColumns ||
         options_.evolution == SchemaEvolution::kAddNewColumnsWithTypeWidening;
}

Result<std::optional<Error>> FileSource::Evolve(const RequestContext& context,
                                                const std::vector<KnownFile>& files) {
  const bool ignores = options_.evolution == SchemaEvolution::kNone ||
                       options_.evolution == SchemaEvolution::kRescue;
  if (ignores) return std::optional<Error>();
  TARN_ASSIGN(const Schema inferred, session::InferColumns(session_, context, FilesOf(files)));
  Schema changed = schema_;
  std::string names;
  for (const Field& field : inferred.fields) {
    const int at = schema_.Find(field.name);
    if (at >= 0) {
      if (options_.evolution != SchemaEvolution::kAddNewColumnsWithTypeWidening) continue;
      Field& known = changed.fields[static_cast<size_t>(at)];
      // A day is no time in text: only Parquet says what it is.
      if (known.type.Is(TypeId::kDate) && reference_.format != "parquet") continue;
      const std::optional<DataType> wider = delta::WidenedFor(known.type, field.type);
      if (!wider) continue;
      known.type = *wider;
      names += (names.empty() ? "" : ", ") + field.name + " " + wider->ToSql();
      continue;
    }
    changed.fields.push_back(field);
    names += (names.empty() ? "" : ", ") + field.name;
  }
  if (names.empty()) return std::optional<Error>();
  if (adds_columns()) TARN_TRY(schemas_->Add(context, changed));
  return std::optional(NewColumns(names, reference_.path, adds_columns()));
}

Error FileSource::Failed(const RequestContext& context, const std::optional<stream::Offset>& from,
                         const stream::Offset& to, Error error) {
  if (error.condition() != Condition("UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE")) return error;
  const auto learn = [&]() -> Result<std::optional<Error>> {
    TARN_ASSIGN(const int64_t first, StartOf(context, from));
    const auto last = ParseNumber<int64_t>(to.text);
    TARN_ASSIGN(std::vector<KnownFile> files, known_->Range(context, first, last.value_or(first)));
    // The file that has them is in the sample.
    const std::string_view path = error.parameter("path");
    const auto has_them = [&](const KnownFile& file) { return path.ends_with(file.path); };
    std::stable_partition(files.begin(), files.end(), has_them);
    return Evolve(context, files);
  };
  auto learned = learn();
  if (!learned.ok()) return std::move(learned).error();
  if (*learned) return **std::move(learned);
  // Their values have no type: empty objects.
  const std::string names(error.parameter("unknownFields"));
  if (adds_columns() && schema_.Find(names) < 0) {
    Schema changed = schema_;
    changed.fields.push_back({names, TypeId::kString});
    if (Status status = schemas_->Add(context, changed); !status.ok()) {
      return std::move(status).error();
    }
  }
  return NewColumns(names, reference_.path, adds_columns());
}

Result<std::vector<plan::Relation>> FileSource::Rows(const RequestContext& context,
                                                     const std::optional<stream::Offset>& from,
                                                     const stream::Offset& to) {
  TARN_ASSIGN(const int64_t first, StartOf(context, from));
  const auto last = ParseNumber<int64_t>(to.text);
  if (!last || *last < first) return InternalError("a range of files ends before it begins");
  TARN_ASSIGN(const std::vector<KnownFile> files, known_->Range(context, first, *last));
  plan::FileRelation read = FilesOf(files);
  read.refuse_new_fields =
      adds_columns() || options_.evolution == SchemaEvolution::kFailOnNewColumns;
  plan::Relation relation;
  relation.name = reference_.path;
  relation.schema = schema_;
  relation.source = std::move(read);
  return std::vector{std::move(relation)};
}

Status FileSource::Finished(const RequestContext& context, const stream::Offset& to) {
  const auto last = ParseNumber<int64_t>(to.text);
  if (!last) return {};
  TARN_TRY(cleaner_->NoteCommitted(context, *last));
  TARN_FAULT_POINT("source.clean.after_note");
  return {};
}

}  // namespace tarn::source
