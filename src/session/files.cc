#include "tarn/session/files.h"

#include "statement_scope.h"
#include "tarn/types/datetime.h"

namespace tarn::session {

namespace {
const Parameters kNoParameters;
}

Result<std::optional<int64_t>> InstantOf(const format::ReadOptions& options, std::string_view name,
                                         const std::string& session_zone) {
  const auto text = options.Find({name});
  if (!text) return std::optional<int64_t>();
  TARN_ASSIGN(const std::shared_ptr<const TimeZone> zone,
              FindTimeZone(options.Text("timeZone", session_zone)));
  const auto parsed = ParseTimestamp(*text, *zone);
  if (parsed) return std::optional<int64_t>(*parsed);
  return format::InvalidOption(name, *text, "it must be a timestamp as 2024-12-31T00:00:00Z");
}

void AddReadFilesDefaults(analyze::FilesReference& files) {
  if (files.plain) return;
  const format::ReadOptions said(files.options);
  if (files.format.empty()) files.format = FoldName(said.Text("format"));
  const bool merges = files.format == "parquet" || files.format == "avro";
  if (merges && !said.Find({"mergeSchema"})) {
    files.options.emplace_back("mergeschema", "true");
  }
  const bool rescues = SameName(said.Text("schemaEvolutionMode"), "rescue");
  if (files.schema && !rescues) return;
  if (!files.schema && files.format == "csv" && !said.Find({"header"})) {
    files.options.emplace_back("header", "true");
  }
  const bool has_rest = files.format != "text" && files.format != "binaryfile";
  if (has_rest && !said.Find({"rescuedDataColumn"}) &&
      !SameName(said.Text("schemaEvolutionMode"), "none")) {
    files.options.emplace_back("rescueddatacolumn", kRescuedColumn);
  }
}

Result<io::ListingOptions> ListingOf(const format::ReadOptions& options,
                                     const std::string& session_zone) {
  io::ListingOptions listing;
  listing.name_glob = options.Find({"pathGlobFilter", "fileNamePattern"}).value_or("");
  TARN_ASSIGN(listing.strict_glob, options.Flag("useStrictGlobber", true));
  TARN_ASSIGN(listing.modified_after_us, InstantOf(options, "modifiedAfter", session_zone));
  TARN_ASSIGN(listing.modified_before_us, InstantOf(options, "modifiedBefore", session_zone));
  // Folders are always searched through; the option only says that they hold no columns.
  TARN_TRY(options.Flag("recursiveFileLookup", false));
  return listing;
}

Result<std::string> ResolveFilesPath(Session& session, const RequestContext& context,
                                     const std::string& path, bool to_write) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  return scope.ResolvePathFor(context, path,
                              to_write ? catalog::Purpose::kWrite : catalog::Purpose::kRead);
}

Result<FoundFiles> FindFiles(Session& session, const RequestContext& context,
                             const std::string& path, const io::ListingOptions& listing) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  return scope.FindFiles(context, path, listing);
}

const io::Storage& StorageOf(Session& session) { return session.state().rooms.lake().storage(); }

Result<std::string> FormatOf(const analyze::FilesReference& reference,
                             const std::vector<std::string>& paths) {
  if (!reference.format.empty()) return reference.format;
  auto said = format::FormatOfNames(paths);
  if (!said) return Error(Condition("CANNOT_INFER_FILE_FORMAT"), {{"path", reference.path}});
  return *std::move(said);
}

Result<Schema> InferColumns(Session& session, const RequestContext& context,
                            const plan::FileRelation& files) {
  StatementScope scope(context, session.state(), kNoParameters, {});
  return scope.InferColumns(context, files);
}

Schema WithRescuedColumn(Schema schema, const format::ReadOptions& options) {
  const std::string name = options.Text("rescuedDataColumn");
  if (!name.empty() && schema.Find(name) < 0) schema.fields.push_back({name, TypeId::kString});
  return schema;
}

}  // namespace tarn::session
