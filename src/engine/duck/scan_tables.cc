// The tables of scans over files.

#include "duck/delta_source.h"
#include "duck/file_formats.h"
#include "duck/statement.h"

namespace tarn::engine::duck {

using duckdb::make_uniq;

namespace {

template <typename T>
T OrFail(Result<T> result) {
  if (!result.ok()) throw LoweringFailure{std::move(result).error()};
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

/// Parquet files that are no table: what they lack is NULL.
class PlainFiles final : public FileSource {
 public:
  std::vector<std::string> names;
  std::vector<std::string> paths;
  std::vector<std::vector<duckdb::Value>> constants;  // by file, by column of the scan
  std::shared_ptr<ScanCounters> counters;

  std::string Name(uint32_t file) const override { return names[file]; }
  std::string ShownName(uint32_t file) const override { return paths[file]; }
  duckdb::Value ConstantOf(uint32_t file, size_t column) const override {
    return constants[file][column];
  }
  void NoteRead(uint32_t file) const override { ++counters->files_read; }
};

// What all rows of a file have in common.
duckdb::Value VirtualValue(plan::VirtualColumn column, const std::string& path,
                           const io::ObjectInfo& info) {
  switch (column) {
    case plan::VirtualColumn::kFilePath:
      return duckdb::Value(ShownPath(path));
    case plan::VirtualColumn::kFileName:
      return duckdb::Value(path.substr(path.find_last_of('/') + 1));
    case plan::VirtualColumn::kFileBlockStart:
      return duckdb::Value::BIGINT(0);
    case plan::VirtualColumn::kFileBlockLength:
    case plan::VirtualColumn::kFileSize:
      return duckdb::Value::BIGINT(info.size);
    case plan::VirtualColumn::kFileModificationTime:
      return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(info.modified_us));
    default:
      ThrowCondition(UnsupportedFeature("Row numbers of files that aren't a table"));
  }
}

duckdb::Value PartitionValue(const HivePartitions& partitions, size_t file, const std::string& name,
                             const DataType& type) {
  const auto at = static_cast<size_t>(partitions.Find(name));
  const std::optional<std::string>& text = partitions.values[file][at];
  if (!text) return duckdb::Value(ToDuckType(type));
  duckdb::Value value(*text);
  return type.IsString() ? value : value.DefaultCastAs(ToDuckType(type));
}

// One scan over files that aren't a Delta table.
class FilesScan {
 public:
  FilesScan(StatementFiles& statement_files, const plan::Node& node, const plan::Scan& scan,
            const plan::Relation& relation, const plan::FileRelation& files,
            std::shared_ptr<io::ObjectStore> store)
      : statement_files_(statement_files),
        node_(node),
        scan_(scan),
        relation_(relation),
        files_(files),
        granted_(OrFail(GrantFiles(files, statement_files, std::move(store)))),
        partitions_(PartitionsOf(files)) {}

  const GrantedFiles& granted() const { return granted_; }

  // What all rows of a file have in common; nullopt if the column is in the files.
  bool IsConstant(const plan::Scan::Column& column) const {
    return column.virtual_column != plan::VirtualColumn::kNone ||
           partitions_.Find(FieldOf(column).name) >= 0;
  }

  duckdb::Value ConstantOf(size_t file, const plan::Scan::Column& column,
                           const DataType& type) const {
    if (column.virtual_column != plan::VirtualColumn::kNone)
      return VirtualValue(column.virtual_column, granted_.paths[file], Info(file));
    return PartitionValue(partitions_, file, FieldOf(column).name, type);
  }

  std::shared_ptr<const FileScan> Scan(std::shared_ptr<FileGate> gate,
                                       std::shared_ptr<ScanCounters> counters,
                                       const std::string& session_zone) const {
    auto result = std::make_shared<FileScan>();
    auto spec = std::make_shared<format::ReadSpec>();
    OrFail(format::CheckOptions(files_.format, files_.options));
    spec->format = files_.format;
    spec->options = format::ReadOptions(files_.options);
    spec->zone = OrFail(FindTimeZone(session_zone));
    spec->patterns = DatetimePatterns();
    spec->refuse_new_fields = files_.refuse_new_fields;
    std::vector<int> field_of;  // by field of the relation
    for (const Field& field : relation_.schema.fields) {
      const bool in_file = partitions_.Find(field.name) < 0;
      field_of.push_back(in_file ? static_cast<int>(spec->fields.size()) : -1);
      if (in_file) spec->fields.push_back(field);
    }
    std::vector<plan::Scan::Column> columns = scan_.columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      result->columns.push_back(
          {ColumnName(columns[i].id), node_.columns[i].type,
           IsConstant(columns[i]) ? -1 : field_of[static_cast<size_t>(columns[i].field)]});
    }
    if (result->columns.empty()) result->columns.push_back({"none", TypeId::kBoolean, -1});
    // Compiled once before the threads do, so that a bad option is an error of the statement.
    OrFail(format::NewRecordReader(spec));
    result->ignore_missing = OrFail(spec->options.Flag("ignoreMissingFiles", false));
    result->ignore_corrupt = OrFail(spec->options.Flag("ignoreCorruptFiles", false));
    result->spec = std::move(spec);
    result->files = granted_;
    result->gate = std::move(gate);
    result->counters = std::move(counters);
    result->counters->files_total = static_cast<int64_t>(granted_.names.size());
    result->constant = [partitions = partitions_, paths = granted_.paths, columns,
                        schema = relation_.schema, types = node_.columns](
                           size_t file, size_t column, const io::ObjectInfo& info) {
      if (columns.empty()) return duckdb::Value::BOOLEAN(true);
      const plan::Scan::Column& wanted = columns[column];
      if (wanted.virtual_column != plan::VirtualColumn::kNone)
        return VirtualValue(wanted.virtual_column, paths[file], info);
      const std::string& name = schema.fields[static_cast<size_t>(wanted.field)].name;
      return PartitionValue(partitions, file, name, types[column].type);
    };
    return result;
  }

 private:
  const Field& FieldOf(const plan::Scan::Column& column) const {
    return relation_.schema.fields[static_cast<size_t>(column.field)];
  }

  io::ObjectInfo Info(size_t file) const {
    GrantedFile granted = OrFail(statement_files_.Resolve(
        std::string_view(granted_.names[file])
            .substr(granted_.names[file].find('/', kNamePrefix.size()) + 1),
        false));
    return OrFail(granted.store->Stat(statement_files_.context(), granted.path));
  }

  StatementFiles& statement_files_;
  const plan::Node& node_;
  const plan::Scan& scan_;
  const plan::Relation& relation_;
  const plan::FileRelation& files_;
  const GrantedFiles granted_;
  const HivePartitions partitions_;
};

std::shared_ptr<const ParquetScan> PlainParquetScan(const FilesScan& files, const plan::Node& node,
                                                    const plan::Scan& scan,
                                                    const plan::Relation& relation,
                                                    std::shared_ptr<ScanCounters> counters) {
  auto source = std::make_shared<PlainFiles>();
  auto result = std::make_shared<ParquetScan>();
  source->names = files.granted().names;
  source->paths = files.granted().paths;
  source->counters = std::move(counters);
  source->constants.resize(source->names.size());
  for (uint32_t file = 0; file < source->names.size(); ++file) result->files.push_back(file);
  source->counters->files_total = static_cast<int64_t>(result->files.size());
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    const plan::Scan::Column& wanted = scan.columns[i];
    ScanColumn column;
    column.name = ColumnName(wanted.id);
    column.type = node.columns[i].type;
    const bool constant = files.IsConstant(wanted);
    if (constant) {
      column.kind = ScanColumn::Kind::kConstant;
    } else {
      column.field =
          PlainField(relation.schema.fields[static_cast<size_t>(wanted.field)].name, column.type);
    }
    for (uint32_t file = 0; file < source->names.size(); ++file) {
      source->constants[file].push_back(constant ? files.ConstantOf(file, wanted, column.type)
                                                 : duckdb::Value());
    }
    result->columns.push_back(std::move(column));
  }
  if (result->columns.empty()) {
    ScanColumn none;
    none.name = "none";
    none.kind = ScanColumn::Kind::kConstant;
    none.type = TypeId::kInt;
    for (auto& constants : source->constants) constants.push_back(duckdb::Value::INTEGER(0));
    result->columns.push_back(std::move(none));
  }
  result->source = std::move(source);
  return result;
}

}  // namespace

DuckTable Statement::DeltaTable(const plan::Node& node, const plan::Scan& scan,
                                const plan::Relation& relation, const plan::DeltaRelation& delta) {
  auto binding = std::make_unique<ScanBinding>();
  binding->relation = relation.name;
  binding->parquet =
      OrFail(MakeDeltaScan(node, scan, delta, files_, OrFail(core_->OpenStore(delta.root, false)),
                           binding->counters, settings_.session_zone));
  return FunctionTable(kParquetScanFunction, std::move(binding));
}

DuckTable Statement::FilesTable(LoweringContext& context, const plan::Node& node,
                                const plan::Scan& scan, const plan::Relation& relation,
                                const plan::FileRelation& files) {
  if (files.paths.empty()) {
    throw LoweringFailure{Error(Condition("PATH_NOT_FOUND"), {{"path", relation.name}})};
  }
  auto binding = std::make_unique<ScanBinding>();
  binding->relation = relation.name;
  if (files.format == "parquet") {
    OrFail(format::CheckOptions(files.format, files.options));
    const plan::FileRelation kept =
        OrFail(UndamagedParquet(files, files_->context(), file_store_, *binding->counters));
    const FilesScan parquet(*files_, node, scan, relation, kept, file_store_);
    binding->parquet = PlainParquetScan(parquet, node, scan, relation, binding->counters);
    return FunctionTable(kParquetScanFunction, std::move(binding));
  }
  FilesScan files_scan(*files_, node, scan, relation, files, file_store_);
  binding->files = files_scan.Scan(core_->gate, binding->counters, settings_.session_zone);
  return FunctionTable(kFileScanFunction, std::move(binding));
}

}  // namespace tarn::engine::duck
