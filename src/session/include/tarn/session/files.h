#pragma once

#include <string>
#include <vector>

#include "tarn/analyze/analyzer.h"
#include "tarn/format/read_options.h"
#include "tarn/io/file_listing.h"
#include "tarn/plan/relation.h"
#include "tarn/session/session.h"

namespace tarn::session {

/// The column that read_files adds for what doesn't fit, where no other name is said.
inline constexpr const char* kRescuedColumn = "_rescued_data";

/// Writes into the options what read_files means where nothing is said: a header in CSV files and
/// the column `_rescued_data` where the columns are inferred, the union of all files' columns.
void AddReadFilesDefaults(analyze::FilesReference& files);

/// The point in time that an option says, in the zone of its own or the option timeZone or the
/// session. INVALID_PARAMETER_VALUE.
Result<std::optional<int64_t>> InstantOf(const format::ReadOptions& options, std::string_view name,
                                         const std::string& session_zone);

/// Which files the options choose: pathGlobFilter (fileNamePattern), modifiedAfter, modifiedBefore,
/// useStrictGlobber. INVALID_PARAMETER_VALUE.
Result<io::ListingOptions> ListingOf(const format::ReadOptions& options,
                                     const std::string& session_zone);

/// The absolute path that a text names, if this session may read it, or change what is there:
/// PATH_NOT_ALLOWED, and the errors of the catalog for a volume.
Result<std::string> ResolveFilesPath(Session& session, const RequestContext& context,
                                     const std::string& path, bool to_write);

/// Files that a path stands for.
struct FoundFiles {
  std::string base;                   ///< FileRelation::base
  std::string root;                   ///< io::RootOf all of them
  std::vector<io::ObjectInfo> files;  ///< sorted by path
  std::string LocationOf(const io::ObjectInfo& file) const { return root + file.path.str(); }
};
/// Errors: PATH_NOT_ALLOWED where the session may not read the path, or a link leads out of a
/// volume; those of the catalog for a volume.
Result<FoundFiles> FindFiles(Session& session, const RequestContext& context,
                             const std::string& path, const io::ListingOptions& listing);

/// How the session's lake opens what isn't its own.
const io::Storage& StorageOf(Session& session);

/// The format that the reference gives, else the one that the files' names say:
/// CANNOT_INFER_FILE_FORMAT.
Result<std::string> FormatOf(const analyze::FilesReference& reference,
                             const std::vector<std::string>& paths);

/// The columns of files by their own description or a look at their contents, with schemaHints and
/// the column for rescued data. CF_INVALID_SCHEMA_HINTS_OPTION.
Result<Schema> InferColumns(Session& session, const RequestContext& context,
                            const plan::FileRelation& files);
/// The given columns, with the one for rescued data that the option rescuedDataColumn names.
Schema WithRescuedColumn(Schema schema, const format::ReadOptions& options);

/// The schema with the columns and fields that schemaHints gives: "a INT, b.c DATE".
Result<Schema> WithHints(Schema schema, const std::string& hints);

}  // namespace tarn::session
