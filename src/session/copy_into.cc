#include <algorithm>

#include "column_expressions.h"
#include "generated_query.h"
#include "open_transaction.h"
#include "schema_evolution.h"
#include "statements.h"
#include "table_commit.h"
#include "tarn/base/fault_point.h"
#include "tarn/base/parse_number.h"
#include "tarn/io/sub_store.h"
#include "tarn/session/known_files.h"
#include "tarn/sql/printer.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

constexpr size_t kPreviewRows = 50;
constexpr size_t kFilesListedMax = 1000;

std::string OptionOf(const std::vector<sql::Property>& options, std::string_view name) {
  for (const sql::Property& option : options) {
    if (SameName(option.key, name)) return option.value;
  }
  return {};
}

Status CheckCopyOptions(const sql::CopyInto& copy) {
  for (const sql::Property& option : copy.copy_options) {
    const bool known = SameName(option.key, "mergeSchema") || SameName(option.key, "force");
    if (!known) {
      return format::InvalidOption("COPY_OPTIONS", option.key, "it is mergeSchema or force");
    }
    if (!SameName(option.value, "true") && !SameName(option.value, "false")) {
      return format::InvalidOption(option.key, option.value, "it must be true or false");
    }
  }
  if (copy.by_position || !copy.columns.empty()) {
    const bool plain_csv = SameName(copy.file_format, "csv") &&
                           !SameName(OptionOf(copy.format_options, "header"), "true");
    if (!plain_csv && copy.select.empty()) {
      return UnsupportedFeature(
          "COPY INTO by position from files whose columns have names",
          copy.by_position ? copy.position_source : copy.columns[0][0].source);
    }
  }
  if (!copy.credential.empty()) return UnsupportedFeature("COPY INTO … WITH (CREDENTIAL …)");
  if (!copy.encryption.empty()) return UnsupportedFeature("COPY INTO … WITH (ENCRYPTION …)");
  if (!copy.files.empty() && !copy.pattern.empty()) {
    return format::InvalidOption("PATTERN", copy.pattern, "FILES and PATTERN exclude each other");
  }
  if (copy.files.size() > kFilesListedMax) {
    return format::InvalidOption("FILES", std::to_string(copy.files.size()) + " files",
                                 "there may be " + std::to_string(kFilesListedMax));
  }
  return {};
}

/// What the statement reads, as read_files takes it. Readers are Spark's: without inferSchema all
/// columns of CSV files are strings.
Result<analyze::FilesReference> ReferenceOf(const sql::CopyInto& copy) {
  static constexpr std::string_view kFormats[] = {"csv",  "json", "parquet",
                                                  "avro", "text", "binaryfile"};
  analyze::FilesReference files;
  files.path = copy.path;
  files.format = FoldName(copy.file_format);
  files.plain = true;
  if (std::ranges::find(kFormats, files.format) == std::end(kFormats)) {
    return Error(Condition("COPY_INTO_SOURCE_FILE_FORMAT_NOT_SUPPORTED"),
                 {{"format", copy.file_format.empty() ? "(none)" : copy.file_format}});
  }
  for (const sql::Property& option : copy.format_options) {
    std::string key = FoldName(option.key);
    // mergeSchema is the union of all files' columns, which text formats have anyway.
    if (key == "mergeschema" && (files.format == "csv" || files.format == "json")) continue;
    files.options.emplace_back(std::move(key), option.value);
  }
  TARN_TRY(format::CheckOptions(files.format, files.options));
  // Other than for read_files, a file that is gone is no error unless somebody says so.
  if (OptionOf(copy.format_options, "ignoreMissingFiles").empty()) {
    files.options.emplace_back("ignoremissingfiles", "true");
  }
  if (files.format == "csv" && OptionOf(copy.format_options, "inferSchema").empty()) {
    files.options.emplace_back("inferschema", "false");
  }
  return files;
}

/// The files that the statement names.
Result<FoundFiles> FilesOf(StatementScope& scope, const sql::CopyInto& copy,
                           const analyze::FilesReference& reference) {
  TARN_ASSIGN(const io::ListingOptions listing,
              ListingOf(format::ReadOptions(reference.options), scope.session().session_zone));
  if (copy.files.empty()) {
    const std::string path = copy.pattern.empty() ? copy.path : copy.path + "/" + copy.pattern;
    TARN_ASSIGN(FoundFiles found, scope.FindFiles(scope.request(), path, listing));
    TARN_ASSIGN(const std::string base, scope.ResolvePath(scope.request(), copy.path));
    if (found.files.empty()) return Error(Condition("PATH_NOT_FOUND"), {{"path", path}});
    found.base = io::BaseOfPattern(base);
    return found;
  }
  FoundFiles all;
  TARN_ASSIGN(all.base, scope.ResolvePath(scope.request(), copy.path));
  for (const std::string& name : copy.files) {
    const std::string path = copy.path + "/" + name;
    TARN_ASSIGN(FoundFiles found, scope.FindFiles(scope.request(), path, listing));
    if (found.files.empty()) return Error(Condition("PATH_NOT_FOUND"), {{"path", path}});
    all.root = found.root;
    std::ranges::move(found.files, std::back_inserter(all.files));
  }
  return all;
}

/// The loaded files of a table: beside its log, and as far as its transaction says.
struct Loaded {
  KnownFiles known;
};

Result<Loaded> LoadedFiles(StatementScope& scope, const TableTarget& target,
                           const delta::Snapshot& snapshot) {
  const auto version = snapshot.TransactionVersion(kCopyIntoApplication);
  // A table that was replaced has loaded nothing yet.
  const bool any = version && *version > 0;
  const auto head = any ? KnownFiles::Head::OfVersion(*version) : KnownFiles::Head{};
  TARN_ASSIGN(auto store, scope.rooms().lake().OpenStore(scope.request(), target.root));
  store = io::NewSubStore(std::move(store), io::ObjectPath() / "_delta_log" / "_copy_into_log");
  TARN_ASSIGN(KnownFiles known, KnownFiles::LoadTo(scope.request(), std::move(store), head));
  return Loaded{std::move(known)};
}

/// The rows of the files as the statement selects them.
Result<plan::Query> SelectedRows(StatementScope& scope, const sql::CopyInto& copy,
                                 plan::Relation relation) {
  GeneratedQuery query(scope);
  query.Add("SELECT ");
  if (copy.select.empty()) query.Add("*");
  for (size_t i = 0; i < copy.select.size(); ++i) {
    const sql::NamedExpr& item = copy.select[i];
    query.Add(i > 0 ? ", " : "").Add(sql::ToSql(*item.expr));
    if (!item.aliases.empty()) query.Add(" AS ").Add(QuoteIdentifier(item.aliases[0].text));
  }
  query.Add(" FROM copied_files");
  return query.Analyze({{"copied_files", std::move(relation)}});
}

/// The table's metadata with the columns of the query that it hasn't.
Result<delta::Metadata> MergedMetadata(const sql::CopyInto& copy, const plan::Query& query,
                                       const delta::Metadata& table, const std::string& display) {
  delta::Metadata merged = WithNewColumns(table, query.root->columns, FieldRule::kInsert);
  std::string names;
  for (size_t i = 0; i < merged.schema.fields.size(); ++i) {
    const Field& field = merged.schema.fields[i];
    if (i < table.schema.fields.size() && field.type == table.schema.fields[i].type) continue;
    names += (names.empty() ? "" : ", ") + field.name;
  }
  if (names.empty() || SameName(OptionOf(copy.copy_options, "mergeSchema"), "true")) return merged;
  return Error(Condition("COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE"),
               {{"table", display}, {"columns", names}});
}

/// The table's columns that the data's are for, in their order: as listed, else all that aren't
/// generated.
std::vector<std::vector<sql::Identifier>> PositionsOf(const sql::CopyInto& copy,
                                                      const Schema& table) {
  std::vector<std::vector<sql::Identifier>> names = copy.columns;
  if (!copy.by_position) return names;
  for (const Field& field : table.fields) {
    const bool computed = IsGenerated(field) || delta::IsIdentityColumn(field);
    if (computed) continue;
    sql::Identifier name;
    name.text = field.name;
    names.push_back({std::move(name)});
  }
  return names;
}

/// VALIDATE: the rows as they would be written, the first of them shown.
Result<Answer> Preview(StatementScope& scope, const plan::Query& query, const std::string& rows) {
  size_t wanted = SIZE_MAX;
  if (rows != "ALL") wanted = ParseNumber<size_t>(rows.substr(0, rows.find(' '))).value_or(0);
  TARN_ASSIGN(const std::unique_ptr<engine::ResultStream> stream,
              scope.rooms().engine().Execute(scope.request(), query, scope.EngineView()));
  RowsStream::Columns columns;
  for (const plan::OutputColumn& column : query.root->columns) {
    columns.emplace_back(column.name, column.type);
  }
  RowsStream::Rows shown;
  for (size_t seen = 0; seen < wanted;) {
    TARN_ASSIGN(auto batch, stream->Next());
    if (batch.empty()) break;
    for (auto& row : batch) {
      if (seen++ < wanted && shown.size() < kPreviewRows) shown.push_back(std::move(row));
    }
  }
  return Answer(std::make_unique<RowsStream>(std::move(columns), std::move(shown),
                                             scope.session().session_zone));
}

Answer Counts(int64_t rows, int64_t corrupt_files) {
  return CountsAnswer({{"num_affected_rows", rows},
                       {"num_inserted_rows", rows},
                       {"num_skipped_corrupt_files", corrupt_files}});
}

/// Writes the rows and says in the same commit that the files are loaded.
Result<Answer> LoadRows(StatementScope& scope, const TableTarget& target, const plan::Query& query,
                        const ColumnMatch& match, delta::Transaction transaction, Loaded& loaded,
                        const std::vector<KnownFile>& files) {
  TARN_FAULT_POINT("copy_into.before_propose");
  TARN_ASSIGN(const KnownFiles::Head head, loaded.known.Propose(scope.request(), files));
  TARN_FAULT_POINT("copy_into.after_propose");
  transaction.ReadTransaction(kCopyIntoApplication);
  transaction.SetTransactionVersion(kCopyIntoApplication, head.ToVersion());
  transaction.SetOperation("COPY INTO");
  auto written = WriteAndCommit(scope, target, query, match, transaction);
  if (!written.ok()) {
    if (written.error().condition() != Condition("DELTA_CONCURRENT_TRANSACTION")) return written;
    return Error(Condition("COPY_INTO_DUPLICATED_FILES_COPY_NOT_ALLOWED"),
                 {{"table", target.display}});
  }
  TARN_FAULT_POINT("copy_into.after_commit");
  // The rows are in; many segments only cost time. Those of an open transaction aren't in yet.
  if (scope.session().transaction == nullptr) (void)loaded.known.Merge(scope.request());
  TARN_ASSIGN(const auto counts, (*written)->Next());
  return Counts(counts.at(0).at(0).integer(), (*written)->Stats().files_corrupt);
}

}  // namespace

Result<Answer> RunCopyInto(StatementScope& scope, const sql::CopyInto& copy) {
  TARN_TRY(CheckCopyOptions(copy));
  TARN_TRY(RefusePositionalParameters(scope, "COPY INTO"));
  TARN_ASSIGN(const TableTarget target,
              scope.FindTable(copy.table, catalog::Purpose::kWrite, "COPY INTO"));
  TARN_ASSIGN(const auto snapshot, scope.PinLatest(target.root));
  TARN_ASSIGN(analyze::FilesReference reference, ReferenceOf(copy));
  TARN_ASSIGN(const FoundFiles found, FilesOf(scope, copy, reference));
  TARN_ASSIGN(Loaded loaded, LoadedFiles(scope, target, *snapshot));
  const bool force = SameName(OptionOf(copy.copy_options, "force"), "true");
  plan::FileRelation read;
  std::vector<KnownFile> files;
  for (const io::ObjectInfo& info : found.files) {
    KnownFile file{found.LocationOf(info), info.size, info.modified_us,
                   scope.request().clock->NowMicros()};
    if (!force && loaded.known.Has(file)) continue;
    read.paths.push_back(file.path);
    read.stamps.push_back({file.size, file.modified_us});
    files.push_back(std::move(file));
  }
  if (files.empty()) return Counts(0, 0);
  read.format = reference.format;
  read.base = found.base;
  read.options = std::move(reference.options);
  plan::Relation relation;
  relation.name = copy.path;
  TARN_ASSIGN(relation.schema, scope.InferColumns(scope.request(), read));
  relation.source = std::move(read);
  TARN_ASSIGN(plan::Query query, SelectedRows(scope, copy, std::move(relation)));
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  const SourceRange& at = copy.table.source;
  ColumnMatch match;
  if (!copy.by_position && copy.columns.empty()) {
    TARN_ASSIGN(delta::Metadata merged,
                MergedMetadata(copy, query, snapshot->metadata(), target.display));
    if (merged.schema.fields.size() != snapshot->schema().fields.size()) {
      TARN_TRY(transaction.SetMetadata(std::move(merged)));
    }
    TARN_ASSIGN(match, MatchByName(query, transaction.metadata().schema, target.display, at));
  } else {
    TARN_ASSIGN(match, MatchByPosition(query, snapshot->schema(),
                                       PositionsOf(copy, snapshot->schema()), target.display, at));
  }
  TARN_TRY(RefuseIdentityValues(match, transaction.metadata(), snapshot->constraints(), at));
  TARN_ASSIGN(const plan::Query conformed,
              ConformToTable(scope, std::move(query), match, transaction.metadata(),
                             snapshot->constraints(), target.display));
  if (copy.validate) return Preview(scope, conformed, *copy.validate);
  return LoadRows(scope, target, conformed, match, std::move(transaction), loaded, files);
}

}  // namespace tarn::session
