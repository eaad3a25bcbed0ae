// The tables of scans over files.

#include "duck/delta_source.h"
#include "duck/file_formats.h"
#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "tarn/plan/function.h"

namespace tarn::engine::duck {

using duckdb::make_uniq;

namespace {

template <typename T>
T OrFail(Result<T> result) {
  if (!result.ok()) throw LoweringFailure{std::move(result).error()};
  return std::move(result).value();
}

DuckExpr ColumnOf(std::string table, std::string name) {
  return make_uniq<duckdb::ColumnRefExpression>(std::move(name), std::move(table));
}

/// Parquet files that are no table: what they lack is NULL.
class PlainFiles final : public FileSource {
 public:
  std::vector<std::string> names;
  std::vector<std::vector<duckdb::Value>> constants;  // by file, by column of the scan
  std::shared_ptr<ScanCounters> counters;

  std::string Name(uint32_t file) const override { return names[file]; }
  duckdb::Value ConstantOf(uint32_t file, size_t column) const override {
    return constants[file][column];
  }
  void NoteRead(uint32_t file) const override { ++counters->files_read; }
};

// One scan over files that aren't a Delta table.
class FilesScan {
 public:
  FilesScan(LoweringContext& context, StatementFiles& statement_files, const plan::Node& node,
            const plan::Scan& scan, const plan::Relation& relation, const plan::FileRelation& files,
            std::shared_ptr<io::ObjectStore> store)
      : context_(context),
        statement_files_(statement_files),
        node_(node),
        scan_(scan),
        relation_(relation),
        files_(files),
        options_(files),
        granted_(OrFail(GrantFiles(files, statement_files, std::move(store)))),
        partitions_(PartitionsOf(granted_.paths)) {}

  const GrantedFiles& granted() const { return granted_; }

  // What all rows of a file have in common; nullopt if the column is in the files.
  bool IsConstant(const plan::Scan::Column& column) const {
    return column.virtual_column != plan::VirtualColumn::kNone ||
           partitions_.Find(FieldOf(column).name) >= 0;
  }

  duckdb::Value ConstantOf(size_t file, const plan::Scan::Column& column,
                           const DataType& type) const {
    const std::string& path = granted_.paths[file];
    switch (column.virtual_column) {
      case plan::VirtualColumn::kNone:
        return PartitionValue(file, column, type);
      case plan::VirtualColumn::kFilePath:
        return duckdb::Value("file:" + path);
      case plan::VirtualColumn::kFileName:
        return duckdb::Value(path.substr(path.find_last_of('/') + 1));
      case plan::VirtualColumn::kFileSize:
        return duckdb::Value::BIGINT(Info(file).size);
      case plan::VirtualColumn::kFileModificationTime:
        return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(Info(file).modified_us));
      default:
        throw LoweringFailure{UnsupportedFeature("Row numbers of files that aren't a table")};
    }
  }

  DuckTable Rows() {
    auto select = make_uniq<duckdb::SelectNode>();
    DuckTable reader = Reader();
    reader->alias = "r";
    const bool text = files_.format == "text";
    bool needs_constants = false;
    DuckExpr intact;
    for (size_t i = 0; i < scan_.columns.size(); ++i) {
      const plan::Scan::Column& column = scan_.columns[i];
      DuckExpr value;
      if (IsConstant(column)) {
        needs_constants = true;
        value = ColumnOf("m", ColumnName(column.id));
      } else if (text) {
        value = make_uniq<duckdb::OperatorExpression>(
            duckdb::ExpressionType::OPERATOR_COALESCE,
            MakeArgs(ColumnOf("r", "k0"), Constant(duckdb::Value(""))));
      } else {
        value = Converted(column, node_.columns[i].type, intact);
      }
      value->SetAlias(ColumnName(column.id));
      select->select_list.push_back(std::move(value));
    }
    if (select->select_list.empty())
      select->select_list.push_back(Constant(duckdb::Value::BOOLEAN(true)));
    select->from_table = needs_constants ? JoinConstants(std::move(reader)) : std::move(reader);
    select->where_clause = std::move(intact);
    auto statement = make_uniq<duckdb::SelectStatement>();
    statement->node = std::move(select);
    return make_uniq<duckdb::SubqueryRef>(std::move(statement));
  }

 private:
  const Field& FieldOf(const plan::Scan::Column& column) const {
    return relation_.schema.fields[static_cast<size_t>(column.field)];
  }

  // Number of a field among those that stand in the files.
  size_t PositionInFile(int field) const {
    size_t position = 0;
    for (int i = 0; i < field; ++i) {
      position +=
          partitions_.Find(relation_.schema.fields[static_cast<size_t>(i)].name) < 0 ? 1 : 0;
    }
    return position;
  }

  duckdb::Value PartitionValue(size_t file, const plan::Scan::Column& column,
                               const DataType& type) const {
    const int at = partitions_.Find(FieldOf(column).name);
    const std::optional<std::string>& text = partitions_.values[file][static_cast<size_t>(at)];
    if (!text) return duckdb::Value(ToDuckType(type));
    duckdb::Value value(*text);
    return type.IsString() ? value : value.DefaultCastAs(ToDuckType(type));
  }

  io::ObjectInfo Info(size_t file) const {
    GrantedFile granted = OrFail(statement_files_.Resolve(
        std::string_view(granted_.names[file])
            .substr(granted_.names[file].find('/', kNamePrefix.size()) + 1),
        false));
    return OrFail(granted.store->Stat(statement_files_.context(), granted.path));
  }

  DuckTable Reader() {
    if (files_.format == "text") return TextTable(granted_, options_);
    if (files_.format == "csv") {
      return CsvTable(granted_, options_,
                      PositionInFile(static_cast<int>(relation_.schema.fields.size())));
    }
    std::vector<std::pair<std::string, duckdb::LogicalType>> columns;
    for (const Field& field : relation_.schema.fields) {
      if (partitions_.Find(field.name) >= 0) continue;
      columns.emplace_back(field.name, field.type.IsNested() || field.type.Is(TypeId::kBoolean)
                                           ? ToDuckType(field.type)
                                           : duckdb::LogicalType::VARCHAR);
    }
    return JsonTable(granted_, options_, columns);
  }

  // The text of a field as a value of its type. `intact` collects what DROPMALFORMED asks for.
  DuckExpr Converted(const plan::Scan::Column& column, const DataType& type, DuckExpr& intact) {
    const bool json = files_.format == "json";
    const std::string raw_name =
        json ? FieldOf(column).name : "k" + std::to_string(PositionInFile(column.field));
    if (type.IsString() || type.Is(TypeId::kVariant) ||
        (json && (type.IsNested() || type.Is(TypeId::kBoolean)))) {
      return ColumnOf("r", raw_name);
    }
    const bool strict = options_.Is("mode", "failfast");
    const plan::CastMode mode = strict ? plan::CastMode::kAnsi : plan::CastMode::kTry;
    DuckExpr value = WithFormat(raw_name, type, strict);
    if (!value) value = context_.Cast(ColumnOf("r", raw_name), TypeId::kString, type, mode);
    if (options_.Is("mode", "dropmalformed")) {
      DuckArgs either;
      either.push_back(make_uniq<duckdb::OperatorExpression>(
          duckdb::ExpressionType::OPERATOR_IS_NULL, ColumnOf("r", raw_name)));
      either.push_back(make_uniq<duckdb::OperatorExpression>(
          duckdb::ExpressionType::OPERATOR_IS_NOT_NULL, value->Copy()));
      DuckExpr well = make_uniq<duckdb::ConjunctionExpression>(
          duckdb::ExpressionType::CONJUNCTION_OR, std::move(either));
      intact =
          intact ? make_uniq<duckdb::ConjunctionExpression>(duckdb::ExpressionType::CONJUNCTION_AND,
                                                            std::move(intact), std::move(well))
                 : std::move(well);
    }
    return value;
  }

  // dateFormat and timestampFormat: as the functions of SQL do it. Null if there is no format.
  DuckExpr WithFormat(const std::string& raw_name, const DataType& type, bool strict) {
    std::optional<std::string> format;
    std::string function;
    if (type.Is(TypeId::kDate)) {
      format = options_.Find({"dateformat"});
      function = "to_date";
    } else if (type.Is(TypeId::kTimestamp)) {
      format = options_.Find({"timestampformat"});
      function = "to_timestamp";
    } else if (type.Is(TypeId::kTimestampNtz)) {
      format = options_.Find({"timestampntzformat"});
      function = "to_timestamp_ntz";
    }
    if (!format) return nullptr;
    if (!strict && plan::FindFunction("try_" + function) != nullptr) function = "try_" + function;
    std::vector<plan::ExprPtr> args;
    args.push_back(plan::MakeColumnRef(kRawColumn, raw_name, TypeId::kString, true));
    args.push_back(plan::MakeLiteral(Value::String(*format)));
    plan::ExprPtr call =
        OrFail(plan::BuildCall(function, std::move(args), {}, context_.settings().session_zone));
    DuckExpr lowered = context_.Lower(*call);
    Rename(lowered, ColumnName(kRawColumn), raw_name);
    return lowered;
  }

  // Puts the reader's column where the lowered call has the placeholder.
  static void Rename(DuckExpr& expr, const std::string& from, const std::string& to) {
    if (expr->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
      auto& ref = expr->Cast<duckdb::ColumnRefExpression>();
      if (ref.column_names.size() == 1 && ref.column_names[0] == from) ref.column_names = {"r", to};
      return;
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        *expr, [&](DuckExpr& child) { Rename(child, from, to); });
  }

  DuckTable JoinConstants(DuckTable reader) {
    duckdb::vector<duckdb::LogicalType> types = {duckdb::LogicalType::VARCHAR};
    duckdb::vector<duckdb::string> names = {"file"};
    std::vector<size_t> columns;
    for (size_t i = 0; i < scan_.columns.size(); ++i) {
      if (!IsConstant(scan_.columns[i])) continue;
      columns.push_back(i);
      types.push_back(ToDuckType(node_.columns[i].type));
      names.push_back(ColumnName(scan_.columns[i].id));
    }
    auto rows =
        make_uniq<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(), types);
    duckdb::DataChunk chunk;
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(), types);
    for (size_t file = 0; file < granted_.names.size(); ++file) {
      const duckdb::idx_t row = chunk.size();
      chunk.SetValue(0, row, duckdb::Value(granted_.names[file]));
      for (size_t k = 0; k < columns.size(); ++k) {
        chunk.SetValue(k + 1, row,
                       ConstantOf(file, scan_.columns[columns[k]], node_.columns[columns[k]].type));
      }
      chunk.SetCardinality(row + 1);
      if (chunk.size() == STANDARD_VECTOR_SIZE || file + 1 == granted_.names.size()) {
        rows->Append(chunk);
        chunk.Reset();
      }
    }
    auto constants = make_uniq<duckdb::ColumnDataRef>(
        duckdb::optionally_owned_ptr<duckdb::ColumnDataCollection>(std::move(rows)),
        std::move(names));
    constants->alias = "m";
    auto join = make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
    join->left = std::move(reader);
    join->right = std::move(constants);
    join->condition = make_uniq<duckdb::ComparisonExpression>(
        duckdb::ExpressionType::COMPARE_EQUAL, ColumnOf("r", "file"), ColumnOf("m", "file"));
    return join;
  }

  // An id that no plan has.
  static constexpr plan::ColumnId kRawColumn{0xFFFFFFFF};

  LoweringContext& context_;
  StatementFiles& statement_files_;
  const plan::Node& node_;
  const plan::Scan& scan_;
  const plan::Relation& relation_;
  const plan::FileRelation& files_;
  const FileOptions options_;
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
  FilesScan files_scan(context, *files_, node, scan, relation, files, file_store_);
  if (files.format == "parquet") {
    auto binding = std::make_unique<ScanBinding>();
    binding->relation = relation.name;
    binding->parquet = PlainParquetScan(files_scan, node, scan, relation, binding->counters);
    return FunctionTable(kParquetScanFunction, std::move(binding));
  }
  if (files.format == "csv" || files.format == "json" || files.format == "text")
    return files_scan.Rows();
  throw LoweringFailure{UnsupportedFeature("Reading files of the format " + files.format)};
}

}  // namespace tarn::engine::duck
