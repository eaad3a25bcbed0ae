// The tables of scans over files.

#include <numeric>

#include "duck/delta_source.h"
#include "duck/file_formats.h"
#include "duck/parquet_rescue.h"
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
  std::vector<plan::FileStamp> stamps;  // as FileRelation::stamps
  std::shared_ptr<FileGate> gate;
  std::vector<std::vector<duckdb::Value>> constants;  // by file, by column of the scan
  std::shared_ptr<ScanCounters> counters;

  std::string Name(uint32_t file) const override { return names[file]; }
  std::string ShownName(uint32_t file) const override { return paths[file]; }
  duckdb::Value ConstantOf(uint32_t file, size_t column) const override {
    return constants[file][column];
  }
  void NoteRead(uint32_t file) const override {
    ++counters->files_read;
    if (stamps.empty()) return;
    std::shared_ptr<StatementFiles> owner;
    const GrantedFile granted = gate->Resolve(names[file], false, owner);
    const auto now = granted.store->Stat(owner->context(), granted.path);
    if (!now.ok()) ThrowCondition(now.error());
    const auto changed =
        ChangedSince(&stamps[file], *now, owner->context().clock->NowMicros(), paths[file]);
    if (changed) ThrowCondition(*changed);
  }
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

}  // namespace

// One scan over files that aren't a Delta table.
class FilesScan {
 public:
  FilesScan(StatementFiles& statement_files, const plan::Node& node, const plan::Scan& scan,
            const plan::Relation& relation, const plan::FileRelation& files, FileRoots roots)
      : statement_files_(statement_files),
        node_(node),
        scan_(scan),
        relation_(relation),
        files_(files),
        granted_(OrFail(GrantFiles(files, statement_files, std::move(roots)))),
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

namespace {

/// A scan of Parquet files in the making.
class ParquetTable {
 public:
  ParquetTable(const FilesScan& files, const plan::Node& node, const plan::Scan& scan,
               const plan::Relation& relation, std::shared_ptr<FileGate> gate,
               std::shared_ptr<ScanCounters> counters)
      : files_(files), node_(node), scan_(scan), relation_(relation) {
    source_->stamps = files.granted().stamps;
    source_->gate = std::move(gate);
    source_->names = files.granted().names;
    source_->paths = files.granted().paths;
    source_->counters = std::move(counters);
    source_->constants.resize(source_->names.size());
  }

  /// The column number `i` of the plan's scan, under its own name.
  void AddColumn(size_t i) {
    const plan::Scan::Column& wanted = scan_.columns[i];
    const DataType& type = node_.columns[i].type;
    if (files_.IsConstant(wanted)) {
      AddConstant(ColumnName(wanted.id), type,
                  [&](uint32_t file) { return files_.ConstantOf(file, wanted, type); });
    } else {
      AddData(ColumnName(wanted.id),
              {relation_.schema.fields[static_cast<size_t>(wanted.field)].name, type});
    }
  }

  void AddData(std::string name, const Field& field) {
    ScanColumn column;
    column.name = std::move(name);
    column.type = field.type;
    column.field = PlainField(field.name, field.type);
    column.may_be_narrower = field.type.Is(TypeId::kDouble) || field.type.Is(TypeId::kDecimal) ||
                             field.type.Is(TypeId::kTimestampNtz);
    result_->columns.push_back(std::move(column));
    for (auto& constants : source_->constants) constants.emplace_back();
  }

  template <typename ValueOf>
  void AddConstant(std::string name, const DataType& type, ValueOf value_of) {
    ScanColumn column;
    column.name = std::move(name);
    column.type = type;
    column.kind = ScanColumn::Kind::kConstant;
    result_->columns.push_back(std::move(column));
    for (uint32_t file = 0; file < source_->constants.size(); ++file) {
      source_->constants[file].push_back(value_of(file));
    }
  }

  void MatchExactly() { result_->exactly = true; }

  std::shared_ptr<const ParquetScan> Finish(std::vector<uint32_t> files) {
    if (result_->columns.empty()) {
      AddConstant("none", TypeId::kInt, [](uint32_t) { return duckdb::Value::INTEGER(0); });
    }
    source_->counters->files_total = static_cast<int64_t>(files.size());
    result_->files = std::move(files);
    result_->source = std::move(source_);
    return std::move(result_);
  }

 private:
  const FilesScan& files_;
  const plan::Node& node_;
  const plan::Scan& scan_;
  const plan::Relation& relation_;
  std::shared_ptr<PlainFiles> source_ = std::make_shared<PlainFiles>();
  std::shared_ptr<ParquetScan> result_ = std::make_shared<ParquetScan>();
};

/// The SELECT over files of which some columns don't fit.
class RescuingSelect {
 public:
  RescuingSelect(const FilesScan& files, const plan::Node& node, const plan::Scan& scan,
                 const std::vector<Field>& schema, int rescued, bool exactly)
      : files_(files),
        node_(node),
        scan_(scan),
        schema_(schema),
        rescued_(rescued),
        exactly_(exactly) {}

  /// Adds to `table` what the SELECT list needs, and gives that.
  duckdb::vector<DuckExpr> Columns(LoweringContext& context, const AlikeFiles& alike,
                                   const std::vector<std::string>& paths,
                                   ParquetTable& table) const {
    bool rescues = false;
    std::vector<bool> used(alike.unfit.size(), false);
    duckdb::vector<DuckExpr> select;
    for (size_t i = 0; i < scan_.columns.size(); ++i) {
      const int field = scan_.columns[i].field;
      const bool is_rescued = field == rescued_;
      rescues |= is_rescued;
      DuckExpr value;
      if (!is_rescued) {
        value = ColumnOf(i, alike, used, table);
      } else if (alike.unfit.empty()) {
        value = Constant(duckdb::Value(duckdb::LogicalType::VARCHAR));
      } else {
        value = Json(context, alike);
      }
      value->SetAlias(ColumnName(scan_.columns[i].id));
      select.push_back(std::move(value));
    }
    if (select.empty()) select.push_back(Constant(duckdb::Value::BOOLEAN(true)));
    for (size_t i = 0; i < alike.unfit.size(); ++i) {
      if (rescues || used[i]) table.AddData(NameOf(i), alike.unfit[i].found);
    }
    if (rescues) {
      table.AddConstant(kPathName, TypeId::kString,
                        [&](uint32_t file) { return duckdb::Value(ShownPath(paths[file])); });
    }
    if (exactly_) table.MatchExactly();
    return select;
  }

 private:
  static constexpr const char* kPathName = "path";
  static std::string NameOf(size_t unfit) { return "u" + std::to_string(unfit); }
  static DuckExpr Ref(std::string name) {
    return make_uniq<duckdb::ColumnRefExpression>(std::move(name));
  }

  DuckExpr ColumnOf(size_t i, const AlikeFiles& alike, std::vector<bool>& used,
                    ParquetTable& table) const {
    const int field = scan_.columns[i].field;
    const DataType& type = node_.columns[i].type;
    // A folder's column wins over a file's.
    const bool constant = files_.IsConstant(scan_.columns[i]);
    for (size_t k = 0; k < alike.unfit.size() && !constant; ++k) {
      const UnfitColumn& unfit = alike.unfit[k];
      if (unfit.field != field) continue;
      if (!unfit.partly) return Constant(duckdb::Value(ToDuckType(type)));
      used[k] = true;
      return FitPart(Ref(NameOf(k)), unfit.found.type, type);
    }
    table.AddColumn(i);
    return Ref(ColumnName(scan_.columns[i].id));
  }

  DuckExpr Json(LoweringContext& context, const AlikeFiles& alike) const {
    DuckArgs values;
    for (size_t i = 0; i < alike.unfit.size(); ++i) values.push_back(Ref(NameOf(i)));
    return RescuedJson(context, alike.unfit, schema_, std::move(values), Ref(kPathName));
  }

  const FilesScan& files_;
  const plan::Node& node_;
  const plan::Scan& scan_;
  const std::vector<Field>& schema_;
  const int rescued_;
  const bool exactly_;
};

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
        OrFail(UndamagedParquet(files, files_->context(), roots(), *binding->counters));
    const FilesScan parquet(*files_, node, scan, relation, kept, roots());
    const std::string rescued = format::ReadOptions(files.options).Text("rescuedDataColumn");
    if (!rescued.empty() && relation.schema.Find(rescued) >= 0) {
      return RescuingTable(context, node, scan, relation, kept, parquet);
    }
    if (kept.refuse_new_fields) {
      OrFail(FindUnfitColumns(*connection_->context, kept, parquet.granted().names,
                              relation.schema.fields));
    }
    ParquetTable table(parquet, node, scan, relation, core_->gate, binding->counters);
    for (size_t i = 0; i < scan.columns.size(); ++i) table.AddColumn(i);
    std::vector<uint32_t> all(kept.paths.size());
    std::iota(all.begin(), all.end(), 0);
    binding->parquet = table.Finish(std::move(all));
    return FunctionTable(kParquetScanFunction, std::move(binding));
  }
  FilesScan files_scan(*files_, node, scan, relation, files, roots());
  binding->files = files_scan.Scan(core_->gate, binding->counters, settings_.session_zone);
  return FunctionTable(kFileScanFunction, std::move(binding));
}

DuckTable Statement::RescuingTable(LoweringContext& context, const plan::Node& node,
                                   const plan::Scan& scan, const plan::Relation& relation,
                                   const plan::FileRelation& files, const FilesScan& parquet) {
  const format::ReadOptions options(files.options);
  const int rescued = relation.schema.Find(options.Text("rescuedDataColumn"));
  // The column of rescued data is in no file.
  std::vector<Field> schema = relation.schema.fields;
  schema[static_cast<size_t>(rescued)].name.clear();
  std::vector<AlikeFiles> groups =
      OrFail(FindUnfitColumns(*connection_->context, files, parquet.granted().names, schema));
  if (groups.empty()) groups.emplace_back();  // no file was left
  const bool exactly = OrFail(options.Flag("readerCaseSensitive", true));
  const RescuingSelect columns(parquet, node, scan, schema, rescued, exactly);
  duckdb::vector<duckdb::unique_ptr<duckdb::QueryNode>> parts;
  for (AlikeFiles& alike : groups) {
    auto binding = std::make_unique<ScanBinding>();
    binding->relation = relation.name;
    ParquetTable table(parquet, node, scan, relation, core_->gate, binding->counters);
    auto select = make_uniq<duckdb::SelectNode>();
    select->select_list = columns.Columns(context, alike, parquet.granted().paths, table);
    binding->parquet = table.Finish(std::move(alike.files));
    select->from_table = FunctionTable(kParquetScanFunction, std::move(binding));
    parts.push_back(std::move(select));
  }
  auto statement = make_uniq<duckdb::SelectStatement>();
  if (parts.size() == 1) {
    statement->node = std::move(parts[0]);
  } else {
    auto all = make_uniq<duckdb::SetOperationNode>();
    all->setop_type = duckdb::SetOperationType::UNION;
    all->setop_all = true;
    all->children = std::move(parts);
    statement->node = std::move(all);
  }
  return make_uniq<duckdb::SubqueryRef>(std::move(statement));
}

}  // namespace tarn::engine::duck
