#include "duck/delta_source.h"

#include <numeric>

#include "duck/errors.h"
#include "tarn/delta/deletion_vector.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/delta/snapshot.h"
#include "tarn/delta/type_widening.h"
#include "tarn/io/location.h"
#include "tarn/types/datetime.h"

namespace tarn::engine::duck {

namespace {

class DeletedRows final : public duckdb::DeleteFilter {
 public:
  explicit DeletedRows(delta::DeletionVector deleted) : deleted_(std::move(deleted)) {}

  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count,
                       duckdb::SelectionVector& selected) override {
    selected.Initialize(STANDARD_VECTOR_SIZE);
    uint64_t bits[STANDARD_VECTOR_SIZE / 64] = {};
    const auto begin = static_cast<uint64_t>(start);
    if (!deleted_.FillRange(begin, begin + count, bits)) {
      for (duckdb::idx_t i = 0; i < count; ++i) selected.set_index(i, i);
      return count;
    }
    duckdb::idx_t kept = 0;
    for (duckdb::idx_t i = 0; i < count; ++i) {
      if ((bits[i / 64] >> (i % 64) & 1) == 0) selected.set_index(kept++, i);
    }
    return kept;
  }

 private:
  const delta::DeletionVector deleted_;
};

duckdb::Value LongOrNull(std::optional<int64_t> value) {
  return value ? duckdb::Value::BIGINT(*value) : duckdb::Value(duckdb::LogicalType::BIGINT);
}

// What a constant column of the scan tells.
struct FileConstant {
  plan::VirtualColumn virtual_column = plan::VirtualColumn::kNone;
  size_t partition = 0;  // of the metadata's partition columns, if it isn't virtual
};

class DeltaSource final : public FileSource {
 public:
  std::shared_ptr<const delta::Snapshot> snapshot;
  std::string root;
  std::shared_ptr<StatementFiles> files;
  size_t grant = 0;
  std::shared_ptr<io::ObjectStore> store;
  std::shared_ptr<delta::LogStore> log;
  std::shared_ptr<ScanCounters> counters;
  std::shared_ptr<const TimeZone> zone;
  std::vector<FileConstant> constants;  // by column of the scan
  bool include_deleted = false;

  std::string Name(uint32_t file) const override { return files->NameToRead(grant, file); }
  std::string ShownName(uint32_t file) const override {
    return root + "/" + std::string(snapshot->files().path(file));
  }

  duckdb::Value ConstantOf(uint32_t file, size_t column) const override {
    const FileConstant& constant = constants[column];
    const delta::FileSet& set = snapshot->files();
    switch (constant.virtual_column) {
      case plan::VirtualColumn::kNone: {
        Result<Value> value = set.partition_value(file, constant.partition, *zone);
        if (!value.ok()) ThrowCondition(value.error());
        return ToDuckValue(*value);
      }
      case plan::VirtualColumn::kFilePath:
        return duckdb::Value(io::UriOf(root + "/" + std::string(set.path(file))));
      case plan::VirtualColumn::kFileName: {
        const std::string_view path = set.path(file);
        return duckdb::Value(std::string(path.substr(path.find_last_of('/') + 1)));
      }
      case plan::VirtualColumn::kFileBlockStart:
        return duckdb::Value::BIGINT(0);
      case plan::VirtualColumn::kFileBlockLength:
      case plan::VirtualColumn::kFileSize:
        return duckdb::Value::BIGINT(set.file_size(file));
      case plan::VirtualColumn::kFileModificationTime:
        return duckdb::Value::TIMESTAMPTZ(
            duckdb::timestamp_tz_t(set.modification_time_ms(file) * 1000));
      case plan::VirtualColumn::kFileIndex:
        return duckdb::Value::INTEGER(static_cast<int32_t>(file));
      case plan::VirtualColumn::kBaseRowId:
        return LongOrNull(set.base_row_id(file));
      case plan::VirtualColumn::kDefaultRowCommitVersion:
        return LongOrNull(set.default_row_commit_version(file));
      case plan::VirtualColumn::kRowIndex:
      case plan::VirtualColumn::kMaterializedRowId:
      case plan::VirtualColumn::kMaterializedRowCommitVersion:
        break;
    }
    throw duckdb::InternalException("a column of rows is no constant");
  }

  duckdb::unique_ptr<duckdb::DeleteFilter> Deletions(uint32_t file) const override {
    const delta::DeletionVectorDescriptor* const descriptor =
        snapshot->files().deletion_vector(file);
    if (descriptor == nullptr || include_deleted) return nullptr;
    Result<delta::DeletionVector> deleted =
        delta::LoadDeletionVector(files->context(), *log, root, *descriptor);
    if (!deleted.ok()) ThrowCondition(deleted.error());
    return duckdb::make_uniq<DeletedRows>(std::move(deleted).value());
  }

  std::vector<uint32_t> Prune(const std::vector<uint32_t>& from,
                              const delta::Conjunction& predicates, bool run_time) const override {
    const delta::FilePruner pruner(snapshot, predicates, zone);
    delta::PruneResult result = pruner.Run(from);
    if (run_time) {
      counters->pruned_at_run_time += static_cast<int64_t>(from.size() - result.kept.size());
    } else {
      counters->pruned_by_partition += static_cast<int64_t>(result.pruned_by_partition);
      counters->pruned_by_statistics += static_cast<int64_t>(result.pruned_by_statistics);
    }
    return std::move(result.kept);
  }

  bool MayMatch(uint32_t file, const delta::Conjunction& predicates) const override {
    const delta::FilePruner pruner(snapshot, predicates, zone);
    if (pruner.Check(file) == delta::PruneReason::kKept) return true;
    ++counters->pruned_at_run_time;
    return false;
  }

  std::optional<int64_t> Rows(uint32_t file) const override {
    std::optional<int64_t> rows = snapshot->files().num_records(file);
    const delta::DeletionVectorDescriptor* const deleted = snapshot->files().deletion_vector(file);
    if (rows && deleted != nullptr && !include_deleted) *rows -= deleted->cardinality;
    return rows;
  }

  void NoteRead(uint32_t file) const override { ++counters->files_read; }
};

// The name under which files hold a virtual column; nullptr for what isn't in files.
const std::string* NameInFiles(const std::optional<delta::RowTrackingColumns>& tracked,
                               plan::VirtualColumn column) {
  if (!tracked) return nullptr;
  if (column == plan::VirtualColumn::kMaterializedRowId) return &tracked->row_id;
  if (column == plan::VirtualColumn::kMaterializedRowCommitVersion) {
    return &tracked->row_commit_version;
  }
  return nullptr;
}

int PartitionIndex(const delta::Metadata& metadata, const std::string& name) {
  for (size_t i = 0; i < metadata.partition_columns.size(); ++i) {
    if (SameName(metadata.partition_columns[i], name)) return static_cast<int>(i);
  }
  return -1;
}

/// Sets where the scan gets a column from, and answers what its constant tells if it is one.
FileConstant SetKind(const delta::Snapshot& snapshot, const plan::Scan::Column& wanted,
                     ScanColumn& column) {
  const delta::Metadata& metadata = snapshot.metadata();
  FileConstant constant{wanted.virtual_column, 0};
  if (wanted.virtual_column == plan::VirtualColumn::kRowIndex) {
    column.kind = ScanColumn::Kind::kRowIndex;
    return constant;
  }
  if (wanted.virtual_column != plan::VirtualColumn::kNone) {
    const auto tracked = delta::TrackedColumns(metadata);
    if (const std::string* name = NameInFiles(tracked, wanted.virtual_column)) {
      column.field = PlainField(*name, column.type);
    } else {
      column.kind = ScanColumn::Kind::kConstant;
    }
    return constant;
  }
  const Field& field = metadata.schema.fields[static_cast<size_t>(wanted.field)];
  column.logical_name = field.name;
  if (const int partition = PartitionIndex(metadata, field.name); partition >= 0) {
    column.kind = ScanColumn::Kind::kConstant;
    constant.partition = static_cast<size_t>(partition);
  } else {
    column.field = *snapshot.physical_schema().Find(field.name);
    column.may_be_narrower = delta::WasWidened(field);
  }
  return constant;
}

}  // namespace

Result<std::shared_ptr<const ParquetScan>> MakeDeltaScan(
    const plan::Node& node, const plan::Scan& scan, const plan::DeltaRelation& relation,
    std::shared_ptr<StatementFiles> files, std::shared_ptr<io::ObjectStore> store,
    std::shared_ptr<ScanCounters> counters, const std::string& session_zone) {
  const delta::Snapshot& snapshot = *relation.snapshot;
  auto source = std::make_shared<DeltaSource>();
  source->snapshot = relation.snapshot;
  source->root = relation.root;
  source->store = store;
  source->log = delta::NewObjectLogStore(store);
  source->counters = std::move(counters);
  source->include_deleted = scan.include_deleted;
  TARN_ASSIGN(source->zone, FindTimeZone(session_zone));
  source->grant = files->GrantRead(
      [snapshot = relation.snapshot, store = std::move(store)](size_t n) -> Result<GrantedFile> {
        if (n >= snapshot->files().size()) {
          return Error(Condition("PATH_NOT_ALLOWED"),
                       {{"path", std::to_string(n)}, {"detail", "the table has no such file"}});
        }
        TARN_ASSIGN(io::ObjectPath path, io::ObjectPath::Parse(snapshot->files().path(n)));
        return GrantedFile{store, std::move(path)};
      });
  source->files = std::move(files);

  auto result = std::make_shared<ParquetScan>();
  result->by_field_id = snapshot.physical_schema().mode == delta::ColumnMappingMode::kId;
  if (scan.file_subset) {
    result->files = *scan.file_subset;
  } else {
    result->files.resize(snapshot.files().size());
    std::iota(result->files.begin(), result->files.end(), 0U);
  }
  source->counters->files_total = static_cast<int64_t>(result->files.size());
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    const plan::Scan::Column& wanted = scan.columns[i];
    ScanColumn column;
    column.name = ColumnName(wanted.id);
    column.type = node.columns[i].type;
    source->constants.push_back(SetKind(snapshot, wanted, column));
    result->columns.push_back(std::move(column));
  }
  if (result->columns.empty()) {
    // Rows are only counted: a column that costs nothing to read.
    ScanColumn index;
    index.name = "none";
    index.kind = ScanColumn::Kind::kConstant;
    index.type = TypeId::kInt;
    source->constants.push_back({plan::VirtualColumn::kFileIndex, 0});
    result->columns.push_back(std::move(index));
  }
  result->source = std::move(source);
  return std::shared_ptr<const ParquetScan>(std::move(result));
}

}  // namespace tarn::engine::duck
