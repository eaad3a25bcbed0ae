#include "files/file_source.h"

#include <algorithm>

#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"
#include "tarn/io/file_listing.h"
#include "tarn/sql/parser.h"
#include "tarn/types/schema_json.h"

namespace tarn::source {

namespace {

constexpr int64_t kStateBytesMax = 64 << 20;

io::ObjectPath SchemaPath(int64_t version) {
  return io::ObjectPath() / "schema" / (std::to_string(version) + ".json");
}

/// A stream that was told to leave out what is there already starts behind it.
io::ObjectPath StartPath() { return io::ObjectPath() / "start"; }

/// Columns that the schema hasn't, by name, joined for a message.
std::string NamesOf(const std::vector<Field>& fields) {
  std::string names;
  for (const Field& field : fields) names += (names.empty() ? "" : ", ") + field.name;
  return names;
}

std::vector<Field> MissingFrom(const Schema& schema, const Schema& found) {
  std::vector<Field> missing;
  for (const Field& field : found.fields) {
    if (schema.Find(field.name) < 0) missing.push_back(field);
  }
  return missing;
}

/// Hinted columns take the hint's type; hinted columns that no file has are there too.
Result<Schema> WithHints(Schema schema, const std::string& hints) {
  if (hints.empty()) return schema;
  TARN_ASSIGN(const Schema hinted, sql::ParseTableSchema(hints));
  for (const Field& field : hinted.fields) {
    const int at = schema.Find(field.name);
    if (at >= 0) {
      schema.fields[static_cast<size_t>(at)].type = field.type;
    } else {
      schema.fields.push_back(field);
    }
  }
  return schema;
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::Open(const RequestContext& context,
                                                     session::Session& session,
                                                     const analyze::FilesReference& files,
                                                     std::shared_ptr<io::ObjectStore> state,
                                                     bool look) {
  TARN_ASSIGN(FileSourceOptions options, ReadFileSourceOptions(files));
  const auto identity =
      options.allow_overwrites ? KnownFiles::Identity::kPathAndTime : KnownFiles::Identity::kPath;
  // A look asks for columns only.
  TARN_ASSIGN(KnownFiles known, KnownFiles::Load(context, look ? nullptr : state, identity));
  std::unique_ptr<FileSource> source(
      new FileSource(session, std::move(options), std::move(state), std::move(known)));
  TARN_TRY(source->SettleSchema(context, look));
  return source;
}

Status FileSource::SettleSchema(const RequestContext& context, bool look) {
  if (options_.schema) {
    schema_ = *options_.schema;
    return {};
  }
  if (state_) TARN_TRY(ReadSchema(context));
  if (schema_version_ >= 0) return {};
  TARN_ASSIGN(std::vector<KnownFile> files, ListNew(context));
  if (files.empty() && known_.count() > 0) {
    TARN_ASSIGN(files,
                known_.Range(context, 0, std::min<int64_t>(known_.count(), kSampleFilesMax)));
  }
  if (files.empty()) {
    return Error(Condition("CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE"), {{"path", options_.path}});
  }
  files.resize(std::min(files.size(), kSampleFilesMax));
  TARN_ASSIGN(const Schema inferred, Infer(context, files));
  if (look) {
    schema_ = inferred;
    return {};
  }
  return WriteSchema(context, inferred);
}

Status FileSource::ReadSchema(const RequestContext& context) {
  TARN_TRY(state_->List(context, io::ObjectPath() / "schema", {},
                        [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
                          std::string_view name = info.path.Name();
                          if (!name.ends_with(".json")) return io::ListNext::kContinue;
                          name.remove_suffix(5);
                          const auto version = ParseNumber<int64_t>(name);
                          if (version) schema_version_ = std::max(schema_version_, *version);
                          return io::ListNext::kContinue;
                        }));
  if (schema_version_ < 0) return {};
  TARN_ASSIGN(const std::string json,
              state_->ReadAll(context, SchemaPath(schema_version_), kStateBytesMax));
  TARN_ASSIGN(schema_, ParseSchemaJson(json));
  return {};
}

Status FileSource::WriteSchema(const RequestContext& context, const Schema& schema) {
  TARN_TRY(state_->Put(context, SchemaPath(schema_version_ + 1), SchemaToJson(schema)));
  ++schema_version_;
  schema_ = schema;
  return {};
}

Result<Schema> FileSource::Infer(const RequestContext& context,
                                 const std::vector<KnownFile>& files) {
  TARN_ASSIGN(Schema schema, session::InferFiles(session_, context, FilesOf(files)));
  return WithHints(std::move(schema), options_.schema_hints);
}

plan::FileRelation FileSource::FilesOf(const std::vector<KnownFile>& files) const {
  plan::FileRelation relation;
  relation.format = options_.format;
  relation.options = options_.reader_options;
  for (const KnownFile& file : files) relation.paths.push_back(file.path);
  return relation;
}

Result<std::vector<KnownFile>> FileSource::ListNew(const RequestContext& context) {
  TARN_ASSIGN(const std::string path, session::ResolveFilesPath(session_, context, options_.path));
  io::ListingOptions listing;
  listing.name_glob = options_.name_glob;
  TARN_ASSIGN(const std::vector<io::ObjectInfo> found, io::ListFiles(context, path, listing));
  const int64_t now_us = context.clock->NowMicros();
  std::vector<KnownFile> fresh;
  for (const io::ObjectInfo& info : found) {
    KnownFile file{"/" + info.path.str(), info.size, info.modified_us};
    if (known_.Has(file)) continue;
    if (options_.max_age_us && file.modified_us < now_us - *options_.max_age_us) continue;
    if (options_.modified_after_us && file.modified_us <= *options_.modified_after_us) continue;
    if (options_.modified_before_us && file.modified_us >= *options_.modified_before_us) continue;
    fresh.push_back(std::move(file));
  }
  std::sort(fresh.begin(), fresh.end(), [](const KnownFile& a, const KnownFile& b) {
    return a.modified_us != b.modified_us ? a.modified_us < b.modified_us : a.path < b.path;
  });
  return fresh;
}

Status FileSource::Discover(const RequestContext& context,
                            const std::optional<stream::Offset>& from) {
  const bool first_time = known_.count() == 0 && !from;
  TARN_ASSIGN(const std::vector<KnownFile> fresh, ListNew(context));
  TARN_TRY(known_.Append(context, fresh));
  TARN_FAULT_POINT("source.files.after_append");
  if (first_time && !options_.include_existing_files) {
    TARN_TRY(state_->Put(context, StartPath(), std::to_string(known_.count())));
  }
  return {};
}

Result<int64_t> FileSource::StartOf(const RequestContext& context,
                                    const std::optional<stream::Offset>& from) {
  if (!from && options_.include_existing_files) return 0;
  std::string text;
  if (from) {
    text = from->text;
  } else {
    TARN_ASSIGN(text, state_->ReadAll(context, StartPath(), kStateBytesMax));
  }
  const auto number = ParseNumber<int64_t>(text);
  if (number && *number >= 0 && *number <= known_.count()) return *number;
  return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
               {{"path", state_->Display({})},
                {"detail", "the offset " + text + " is beyond the " +
                               std::to_string(known_.count()) + " known files"}});
}

Result<std::optional<stream::Offset>> FileSource::Plan(const RequestContext& context,
                                                       const std::optional<stream::Offset>& from) {
  TARN_ASSIGN(const int64_t first, StartOf(context, from));
  if (first >= known_.count()) return std::optional<stream::Offset>();
  TARN_TRY(known_.Settle(context));
  int64_t last = std::min(known_.count(), first + options_.files_max);
  if (options_.bytes_max) {
    TARN_ASSIGN(const std::vector<KnownFile> files, known_.Range(context, first, last));
    int64_t bytes = files[0].size;
    last = first + 1;
    for (size_t i = 1; i < files.size(); ++i, ++last) {
      bytes += files[i].size;
      if (bytes > *options_.bytes_max) break;
    }
  }
  if (!options_.schema && options_.evolution != SchemaEvolution::kNone &&
      options_.evolution != SchemaEvolution::kRescue) {
    TARN_TRY(CheckNewColumns(context, first, last));
  }
  return std::optional(stream::Offset{std::to_string(last)});
}

Status FileSource::CheckNewColumns(const RequestContext& context, int64_t first, int64_t last) {
  TARN_ASSIGN(const std::vector<KnownFile> files, known_.Range(context, first, last));
  TARN_ASSIGN(const Schema inferred, Infer(context, files));
  const std::vector<Field> missing = MissingFrom(schema_, inferred);
  if (missing.empty()) return {};
  const bool adds = options_.evolution == SchemaEvolution::kAddNewColumns;
  if (adds) {
    Schema widened = schema_;
    widened.fields.insert(widened.fields.end(), missing.begin(), missing.end());
    TARN_TRY(WriteSchema(context, widened));
  }
  return Error(Condition("UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE"),
               {{"unknownFields", NamesOf(missing)}, {"path", options_.path}})
      .WithHint(adds ? "Run it again: the next start has the new columns."
                     : "Add the columns by schema or schemaHints, or set schemaEvolutionMode to "
                       "addNewColumns.");
}

Result<plan::Relation> FileSource::Rows(const RequestContext& context,
                                        const std::optional<stream::Offset>& from,
                                        const stream::Offset& to) {
  TARN_ASSIGN(const int64_t first, StartOf(context, from));
  const auto last = ParseNumber<int64_t>(to.text);
  if (!last || *last < first) return InternalError("a range of files ends before it begins");
  TARN_ASSIGN(const std::vector<KnownFile> files, known_.Range(context, first, *last));
  plan::Relation relation;
  relation.name = options_.path;
  relation.schema = schema_;
  relation.source = FilesOf(files);
  return relation;
}

}  // namespace tarn::source
