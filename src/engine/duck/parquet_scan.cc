#include "duck/parquet_scan.h"

#include <algorithm>
#include <set>

#include "duck/errors.h"
#include "duck/file_types.h"
#include "duck/function_registry.h"
#include "duck/statement.h"
#include "duck/variant_storage.h"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "parquet_multi_file_info.hpp"
#include "tarn/types/list_depth.h"

namespace tarn::engine::duck {

namespace {

using duckdb::MultiFileColumnDefinition;
using duckdb::MultiFileList;
using duckdb::MultiFileOptions;

// The name under which DuckDB's reader gives the position of a row.
constexpr const char* kRowIndexName = "file_row_number";
// More than any table has: a log that tells of more lies, and sums would overflow.
constexpr int64_t kRowsMax = int64_t{1} << 60;

/// The files of a scan that weren't pruned.
class ScanFileList final : public MultiFileList {
 public:
  ScanFileList(std::shared_ptr<const ParquetScan> scan, std::vector<uint32_t> files)
      : scan_(std::move(scan)), files_(std::move(files)) {}

  const std::vector<uint32_t>& numbers() const { return files_; }
  const FileSource& source() const { return *scan_->source; }
  /// The path of the file that DuckDB knows as `name`, for messages.
  std::string ShownName(const std::string& name) const {
    const auto found = std::find_if(files_.begin(), files_.end(), [&](uint32_t file) {
      return scan_->source->Name(file) == name;
    });
    return found == files_.end() ? name : scan_->source->ShownName(*found);
  }

  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override {
    duckdb::vector<duckdb::OpenFileInfo> result;
    for (size_t i = 0; i < files_.size(); ++i) result.push_back(GetFile(i));
    return result;
  }
  duckdb::FileExpandResult GetExpandResult() const override {
    // A single file would ask for statistics that were never read.
    return files_.empty() ? duckdb::FileExpandResult::NO_FILES
                          : duckdb::FileExpandResult::MULTIPLE_FILES;
  }
  duckdb::idx_t GetTotalFileCount() const override { return files_.size(); }
  duckdb::vector<duckdb::OpenFileInfo> GetDisplayFileList(duckdb::optional_idx) const override {
    return {};
  }
  duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(duckdb::ClientContext&) const override {
    int64_t rows = 0;
    for (const uint32_t file : files_) {
      const int64_t known = scan_->source->Rows(file).value_or(100'000);
      rows = std::min(rows + std::clamp<int64_t>(known, 0, kRowsMax), kRowsMax);
    }
    return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<duckdb::idx_t>(rows));
  }
  duckdb::unique_ptr<MultiFileList> Copy() const override {
    return duckdb::make_uniq<ScanFileList>(scan_, files_);
  }

 protected:
  duckdb::OpenFileInfo GetFile(duckdb::idx_t i) const override {
    return i < files_.size() ? duckdb::OpenFileInfo(scan_->source->Name(files_[i]))
                             : duckdb::OpenFileInfo("");
  }

 private:
  const std::shared_ptr<const ParquetScan> scan_;
  const std::vector<uint32_t> files_;
};

// What DuckDB shall look for in a file: names of the file, types of the plan.
MultiFileColumnDefinition DefinitionOf(const std::string& name, const delta::PhysicalField& field,
                                       const duckdb::LogicalType& type) {
  MultiFileColumnDefinition result(name, type);
  result.identifier = duckdb::Value(field.physical_name);
  result.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(type));
  const TypeId id = field.type.id();
  if (id == TypeId::kStruct) {
    for (size_t i = 0; i < field.children.size(); ++i) {
      result.children.push_back(DefinitionOf(field.children[i].name, field.children[i],
                                             duckdb::StructType::GetChildType(type, i)));
    }
  } else if (id == TypeId::kArray) {
    result.children.push_back(
        DefinitionOf("list", field.children[0], duckdb::ListType::GetChildType(type)));
    result.children[0].identifier = duckdb::Value("list");
  } else if (id == TypeId::kMap) {
    result.children.push_back(
        DefinitionOf("key", field.children[0], duckdb::MapType::KeyType(type)));
    result.children.push_back(
        DefinitionOf("value", field.children[1], duckdb::MapType::ValueType(type)));
    result.children[0].identifier = duckdb::Value("key");
    result.children[1].identifier = duckdb::Value("value");
  }
  return result;
}

// The parts of lists and maps have no settled names in files; DuckDB's mapping wants these.
void NameElements(MultiFileColumnDefinition& column) {
  if (column.type.id() == duckdb::LogicalTypeId::LIST && column.children.size() == 1) {
    column.children[0].name = "list";
  }
  if (column.type.id() == duckdb::LogicalTypeId::MAP && column.children.size() == 1 &&
      column.children[0].children.size() == 2) {
    column.children[0].name = "key_value";
    column.children[0].children[0].name = "key";
    column.children[0].children[1].name = "value";
  }
  for (MultiFileColumnDefinition& child : column.children) NameElements(child);
}

class ScanReader final : public duckdb::MultiFileReader {
 public:
  explicit ScanReader(std::shared_ptr<const ParquetScan> scan) : scan_(std::move(scan)) {}

  bool Bind(MultiFileOptions& options, MultiFileList& files,
            duckdb::vector<duckdb::LogicalType>& return_types,
            duckdb::vector<duckdb::string>& names,
            duckdb::MultiFileReaderBindData& bind_data) override {
    for (const ScanColumn& column : scan_->columns) {
      const duckdb::LogicalType type = ToDuckType(column.type);
      MultiFileColumnDefinition definition(column.name, type);
      if (column.kind == ScanColumn::Kind::kData) {
        definition = DefinitionOf(column.name, column.field, type);
        if (scan_->exactly) definition.identifier = duckdb::Value(column.name);
      } else if (column.kind == ScanColumn::Kind::kRowIndex) {
        definition.identifier = duckdb::Value(kRowIndexName);
      }
      bind_data.schema.push_back(std::move(definition));
      return_types.push_back(type);
      names.push_back(column.name);
    }
    bind_data.mapping = duckdb::MultiFileColumnMappingMode::BY_NAME;
    return true;
  }

  void BindOptions(MultiFileOptions& options, MultiFileList& files,
                   duckdb::vector<duckdb::LogicalType>& return_types,
                   duckdb::vector<duckdb::string>& names,
                   duckdb::MultiFileReaderBindData& bind_data) override {}

  duckdb::unique_ptr<MultiFileList> ComplexFilterPushdown(
      duckdb::ClientContext& context, MultiFileList& files, const MultiFileOptions& options,
      duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) override {
    auto pruned = Pruned(
        files, PredicatesOf(filters, info.table_index, info.column_ids, scan_->columns), false);
    for (auto& filter : filters) {
      if (ReadsNarrower(*filter, info)) filter = Hidden(std::move(filter));
    }
    return pruned;
  }

  duckdb::unique_ptr<MultiFileList> DynamicFilterPushdown(
      duckdb::ClientContext& context, const MultiFileList& files, const MultiFileOptions& options,
      const duckdb::vector<duckdb::string>& names, const duckdb::vector<duckdb::LogicalType>& types,
      const duckdb::vector<duckdb::column_t>& column_ids,
      duckdb::TableFilterSet& filters) override {
    bool dynamic = false;
    return Pruned(files, PredicatesOf(filters, column_ids, scan_->columns, dynamic), true);
  }

  duckdb::ReaderInitializeType InitializeReader(
      duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileBindData& bind_data,
      const duckdb::vector<MultiFileColumnDefinition>& global_columns,
      const duckdb::vector<duckdb::ColumnIndex>& global_column_ids,
      duckdb::optional_ptr<duckdb::TableFilterSet> table_filters, duckdb::ClientContext& context,
      duckdb::MultiFileGlobalState& gstate) override {
    duckdb::BaseFileReader& reader = *reader_data.reader;
    const auto& list = static_cast<const ScanFileList&>(gstate.file_list);
    const uint32_t file = list.numbers()[reader.file_list_idx.GetIndex()];
    if (table_filters && !MayStillMatch(file, *table_filters, global_column_ids)) {
      return duckdb::ReaderInitializeType::SKIP_READING_FILE;
    }
    if (auto deletions = scan_->source->Deletions(file))
      reader.deletion_filter = std::move(deletions);
    if (scan_->by_field_id) CheckFieldIds(file, reader);
    for (MultiFileColumnDefinition& column : reader.columns) {
      NameElements(column);
      if (scan_->by_field_id) NameById(column);
      if (scan_->exactly) NameExactly(column);
    }
    const std::set<size_t> variants = ShowVariants(file, reader, global_columns, global_column_ids);
    CheckTypes(file, reader, global_columns, global_column_ids);
    AddConstants(file, reader_data, global_column_ids);
    const auto result =
        CreateMapping(context, reader_data, global_columns, global_column_ids, table_filters,
                      gstate.file_list, bind_data.reader_bind, bind_data.virtual_columns);
    TakeVariants(context, reader_data, variants);
    if (result == duckdb::ReaderInitializeType::INITIALIZED) scan_->source->NoteRead(file);
    return result;
  }

  duckdb::unique_ptr<MultiFileReader> Copy() const override {
    return duckdb::make_uniq<ScanReader>(scan_);
  }

 private:
  duckdb::unique_ptr<MultiFileList> Pruned(const MultiFileList& files,
                                           const delta::Conjunction& predicates,
                                           bool run_time) const {
    if (predicates.empty()) return nullptr;
    const auto& list = static_cast<const ScanFileList&>(files);
    std::vector<uint32_t> kept = scan_->source->Prune(list.numbers(), predicates, run_time);
    if (kept.size() == list.numbers().size()) return nullptr;
    return duckdb::make_uniq<ScanFileList>(scan_, std::move(kept));
  }

  bool ReadsNarrower(const duckdb::Expression& expr,
                     const duckdb::MultiFilePushdownInfo& info) const {
    bool found = false;
    if (expr.GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
      const auto& binding = expr.Cast<duckdb::BoundColumnRefExpression>().binding;
      if (binding.table_index != info.table_index) return false;
      const duckdb::column_t column = info.column_ids.at(binding.column_index);
      return column < scan_->columns.size() && scan_->columns[column].may_be_narrower;
    }
    duckdb::ExpressionIterator::EnumerateChildren(
        expr, [&](const duckdb::Expression& child) { found |= ReadsNarrower(child, info); });
    return found;
  }

  // NOT NOT c: means the same, but isn't a condition that DuckDB gives to its reader.
  static duckdb::unique_ptr<duckdb::Expression> Hidden(
      duckdb::unique_ptr<duckdb::Expression> condition) {
    const auto negation = [](duckdb::unique_ptr<duckdb::Expression> child) {
      auto result = duckdb::make_uniq<duckdb::BoundOperatorExpression>(
          duckdb::ExpressionType::OPERATOR_NOT, duckdb::LogicalType::BOOLEAN);
      result->children.push_back(std::move(child));
      return result;
    };
    if (condition->GetExpressionType() == duckdb::ExpressionType::OPERATOR_NOT) return condition;
    return negation(negation(std::move(condition)));
  }

  // The bounds of a Top-N get tighter while the scan runs.
  bool MayStillMatch(uint32_t file, const duckdb::TableFilterSet& filters,
                     const duckdb::vector<duckdb::ColumnIndex>& ids) const {
    duckdb::vector<duckdb::column_t> column_ids;
    for (const duckdb::ColumnIndex& id : ids) column_ids.push_back(id.GetPrimaryIndex());
    bool dynamic = false;
    const delta::Conjunction predicates =
        PredicatesOf(filters, column_ids, scan_->columns, dynamic);
    return !dynamic || predicates.empty() || scan_->source->MayMatch(file, predicates);
  }

  void AddConstants(uint32_t file, duckdb::MultiFileReaderData& reader_data,
                    const duckdb::vector<duckdb::ColumnIndex>& ids) const {
    for (size_t i = 0; i < ids.size(); ++i) {
      const duckdb::column_t column = ids[i].GetPrimaryIndex();
      if (column < scan_->columns.size() &&
          scan_->columns[column].kind == ScanColumn::Kind::kConstant) {
        reader_data.constant_map.Add(duckdb::MultiFileGlobalIndex(i),
                                     scan_->source->ConstantOf(file, column));
      }
    }
  }

  // DuckDB casts what a file has to what is wanted, whatever is lost on the way.
  void CheckTypes(uint32_t file, const duckdb::BaseFileReader& reader,
                  const duckdb::vector<MultiFileColumnDefinition>& wanted,
                  const duckdb::vector<duckdb::ColumnIndex>& ids) const {
    for (const duckdb::ColumnIndex& id : ids) {
      const duckdb::column_t column = id.GetPrimaryIndex();
      if (column >= scan_->columns.size() || column >= wanted.size()) continue;
      const ScanColumn& scanned = scan_->columns[column];
      if (scanned.kind != ScanColumn::Kind::kData) continue;
      const auto* found = FindColumn(reader.columns, wanted[column]);
      if (found == nullptr || CanReadAs(*found, wanted[column])) continue;
      ThrowMismatch(file, scanned, found->type);
    }
  }

  [[noreturn]] void ThrowMismatch(uint32_t file, const ScanColumn& wanted,
                                  const duckdb::LogicalType& found) const {
    ThrowCondition(Error(Condition("FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH"),
                         {{"path", scan_->source->ShownName(file)},
                          {"column", QuoteIdentifier(wanted.field.name)},
                          {"actualType", found.ToString()},
                          {"expectedType", "\"" + wanted.type.ToSql() + "\""}}));
  }

  const ScanColumn* VariantAt(const duckdb::ColumnIndex& id) const {
    const duckdb::column_t column = id.GetPrimaryIndex();
    if (column >= scan_->columns.size()) return nullptr;
    const ScanColumn& scanned = scan_->columns[column];
    const bool data = scanned.kind == ScanColumn::Kind::kData;
    return data && HoldsVariant(scanned.type) ? &scanned : nullptr;
  }

  /// The file's columns that hold variants, until TakeVariants with texts in their places.
  std::set<size_t> ShowVariants(uint32_t file, duckdb::BaseFileReader& reader,
                                const duckdb::vector<MultiFileColumnDefinition>& wanted,
                                const duckdb::vector<duckdb::ColumnIndex>& ids) const {
    std::set<size_t> shown;
    for (const duckdb::ColumnIndex& id : ids) {
      const ScanColumn* const scanned = VariantAt(id);
      if (scanned == nullptr) continue;
      const MultiFileColumnDefinition& column = wanted[id.GetPrimaryIndex()];
      const auto* const found = FindColumn(reader.columns, column);
      if (found == nullptr) continue;
      const auto at = static_cast<size_t>(found - reader.columns.data());
      if (!shown.insert(at).second) continue;
      const duckdb::LogicalType type = found->type;
      auto& parquet = static_cast<duckdb::ParquetReader&>(reader);
      if (!ShowVariantsAsTexts(parquet, at, column, scanned->type)) {
        ThrowMismatch(file, *scanned, type);
      }
    }
    return shown;
  }

  /// Makes the texts from what is read.
  static void TakeVariants(duckdb::ClientContext& context, duckdb::MultiFileReaderData& reader_data,
                           const std::set<size_t>& shown) {
    if (shown.empty()) return;
    auto& reader = static_cast<duckdb::ParquetReader&>(*reader_data.reader);
    const bool keeps = StatementState::Of(context).keeps_variants;
    const auto take = [&](duckdb::unique_ptr<duckdb::Expression>& given, size_t column) {
      if (!shown.contains(column)) return;
      MakeVariantTexts(given, reader.root_schema->children[column].type, keeps);
    };
    for (auto& [column, given] : reader.expression_map) take(given, column);
    std::set<size_t> later;
    for (size_t slot = 0; slot < reader.column_ids.size(); ++slot) {
      const size_t column = reader.column_ids[duckdb::MultiFileLocalIndex(slot)].GetId();
      if (!shown.contains(column) || reader.expression_map.contains(column)) continue;
      if (!reader.filters || !reader.filters->filters.contains(slot)) {
        later.insert(slot);
        continue;
      }
      // Conditions that the reader applies are about texts.
      auto& made = reader.expression_map[column];
      made = duckdb::make_uniq<duckdb::BoundReferenceExpression>(reader.columns[column].type, 0);
      take(made, column);
    }
    for (auto& given : reader_data.expressions) {
      std::optional<size_t> slot;
      duckdb::ExpressionIterator::EnumerateExpression(given, [&](duckdb::Expression& part) {
        if (part.GetExpressionClass() == duckdb::ExpressionClass::BOUND_REF) {
          slot = part.Cast<duckdb::BoundReferenceExpression>().index;
        }
      });
      if (!slot || !later.contains(*slot)) continue;
      const size_t column = reader.column_ids[duckdb::MultiFileLocalIndex(*slot)].GetId();
      take(given, column);
      reader.columns[column].type = reader.root_schema->children[column].type;
    }
  }

  static bool HasFieldId(const MultiFileColumnDefinition& column) {
    return !column.identifier.IsNull() &&
           column.identifier.type().id() == duckdb::LogicalTypeId::INTEGER;
  }

  // A column that a file lacks is all NULL, but a file without any ids lacks none: it was written
  // by someone who doesn't know of them. Spark refuses it, too.
  void CheckFieldIds(uint32_t file, const duckdb::BaseFileReader& reader) const {
    const auto& columns = reader.columns;
    if (columns.empty() || std::any_of(columns.begin(), columns.end(), HasFieldId)) return;
    ThrowCondition(Error(
        Condition("FAILED_READ_FILE.NO_HINT"),
        {{"path", scan_->source->ShownName(file)},
         {"detail", "The table finds its columns by field id, and the file has no field ids"}}));
  }

  // A file whose columns are known by id may have named them otherwise.
  void NameById(MultiFileColumnDefinition& column) const {
    if (!HasFieldId(column)) return;
    const int32_t id = column.identifier.GetValue<int32_t>();
    for (const ScanColumn& wanted : scan_->columns) {
      if (wanted.kind == ScanColumn::Kind::kData && wanted.field.field_id == id) {
        column.name = wanted.field.physical_name;
        return;
      }
    }
  }

  // DuckDB pairs names without regard to case, so that each gets the scan's own.
  void NameExactly(MultiFileColumnDefinition& column) const {
    for (const ScanColumn& wanted : scan_->columns) {
      if (wanted.kind == ScanColumn::Kind::kData && wanted.field.physical_name == column.name) {
        column.name = wanted.name;
        return;
      }
    }
    column.name = "unread " + column.name;
  }

  const std::shared_ptr<const ParquetScan> scan_;
};

/// Throws again what DuckDB threw while it read the file `path`; a damaged file by its name.
[[noreturn]] void ThrowReadError(const std::exception& exception, const std::string& path) {
  if (const auto damage = DamageOf(duckdb::ErrorData(exception), path)) ThrowCondition(*damage);
  throw;
}

/// DuckDB's way to open files, with errors that say which file is damaged.
struct ParquetFiles final : duckdb::ParquetMultiFileInfo {
  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(
      duckdb::ClientContext& context, duckdb::GlobalTableFunctionState& state,
      const duckdb::OpenFileInfo& file, duckdb::idx_t number,
      const duckdb::MultiFileBindData& bind_data) override {
    const auto& list = static_cast<const ScanFileList&>(*bind_data.file_list);
    try {
      return ParquetMultiFileInfo::CreateReader(context, state, file, number, bind_data);
    } catch (const std::exception& exception) {
      ThrowReadError(exception, list.ShownName(file.path));
    }
  }

  duckdb::unique_ptr<duckdb::MultiFileReaderInterface> Copy() override {
    return duckdb::make_uniq<ParquetFiles>();
  }
};

using NativeScan = duckdb::MultiFileFunction<duckdb::ParquetMultiFileInfo>;

void Scan(duckdb::ClientContext& context, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& output) {
  try {
    NativeScan::MultiFileScan(context, input, output);
  } catch (const std::exception& exception) {
    const auto& bind_data = input.bind_data->Cast<duckdb::MultiFileBindData>();
    const auto& list = static_cast<const ScanFileList&>(*bind_data.file_list);
    const auto& local = input.local_state->Cast<duckdb::MultiFileLocalState>();
    const std::string path = local.reader ? list.ShownName(local.reader->GetFileName()) : "?";
    if (const auto own = StatementState::Of(context).TakeError()) {
      if (own->condition() != Condition("MALFORMED_VARIANT")) ThrowCondition(*own);
      ThrowCondition(
          Error(Condition("FAILED_READ_FILE.NO_HINT"),
                {{"path", path},
                 {"detail", "a VARIANT is damaged: " + std::string(own->parameter("detail"))}}));
    }
    ThrowReadError(exception, path);
  }
}

duckdb::unique_ptr<duckdb::FunctionData> BindScan(duckdb::ClientContext& context,
                                                  duckdb::TableFunctionBindInput& input,
                                                  duckdb::vector<duckdb::LogicalType>& return_types,
                                                  duckdb::vector<duckdb::string>& names) {
  const auto number = static_cast<size_t>(input.inputs[0].GetValue<int64_t>());
  const std::shared_ptr<const ParquetScan> scan =
      StatementState::Of(context).scans.at(number)->parquet;
  duckdb::unique_ptr<duckdb::MultiFileReaderInterface> interface =
      duckdb::make_uniq<ParquetFiles>();
  auto options = interface->InitializeOptions(context, nullptr);
  duckdb::ParquetOptions& parquet = options->Cast<duckdb::ParquetFileReaderOptions>().options;
  parquet.can_have_nan = true;
  bool wants_binary = false;
  for (const ScanColumn& column : scan->columns) {
    if (const Status status = CheckListDepth(column.type, column.field.name); !status.ok()) {
      ThrowCondition(status.error());
    }
    parquet.file_row_number |= column.kind == ScanColumn::Kind::kRowIndex;
    // A variant is two columns of bytes.
    wants_binary |=
        HoldsVariant(column.type) ||
        duckdb::TypeVisitor::Contains(ToDuckType(column.type), duckdb::LogicalTypeId::BLOB);
  }
  // Old writers don't mark which bytes are text; what isn't read as bytes must be.
  parquet.binary_as_string = !wants_binary;
  MultiFileOptions file_options;
  file_options.auto_detect_hive_partitioning = false;
  return NativeScan::MultiFileBindInternal(context, duckdb::make_uniq<ScanReader>(scan),
                                           duckdb::make_shared_ptr<ScanFileList>(scan, scan->files),
                                           return_types, names, std::move(file_options),
                                           std::move(options), std::move(interface));
}

// How many rows each file has, so that they can be counted without reading.
duckdb::vector<duckdb::PartitionStatistics> RowCounts(duckdb::ClientContext& context,
                                                      duckdb::GetPartitionStatsInput& input) {
  duckdb::vector<duckdb::PartitionStatistics> result;
  const auto& bind_data = input.bind_data->Cast<duckdb::MultiFileBindData>();
  const auto& list = static_cast<const ScanFileList&>(*bind_data.file_list);
  duckdb::idx_t start = 0;
  for (const uint32_t file : list.numbers()) {
    const std::optional<int64_t> rows = list.source().Rows(file);
    if (!rows || *rows < 0 || *rows > kRowsMax - static_cast<int64_t>(start)) return {};
    duckdb::PartitionStatistics statistics;
    statistics.row_start = start;
    statistics.count = static_cast<duckdb::idx_t>(*rows);
    statistics.count_type = duckdb::CountType::COUNT_EXACT;
    start += statistics.count;
    result.push_back(std::move(statistics));
  }
  return result;
}

}  // namespace

delta::PhysicalField PlainField(const std::string& name, const DataType& type) {
  delta::PhysicalField field;
  field.name = field.physical_name = name;
  field.type = type;
  if (type.Is(TypeId::kArray)) {
    field.children.push_back(PlainField("element", type.element()));
  } else if (type.Is(TypeId::kMap)) {
    field.children.push_back(PlainField("key", type.key()));
    field.children.push_back(PlainField("value", type.value()));
  } else if (type.Is(TypeId::kStruct)) {
    for (const Field& child : type.fields())
      field.children.push_back(PlainField(child.name, child.type));
  }
  return field;
}

std::optional<Error> DamageOf(const duckdb::ErrorData& error, const std::string& path) {
  switch (error.ExtraInfo().empty() ? error.Type() : duckdb::ExceptionType::UNKNOWN_TYPE) {
    case duckdb::ExceptionType::INVALID:
    case duckdb::ExceptionType::INVALID_INPUT:
    case duckdb::ExceptionType::INTERNAL:
    case duckdb::ExceptionType::SERIALIZATION:
    case duckdb::ExceptionType::NOT_IMPLEMENTED:
      break;
    default:
      return std::nullopt;
  }
  std::string detail = error.RawMessage();
  detail.resize(std::min(detail.find('\n'), detail.size()));
  // The name that DuckDB knows tells nobody anything.
  if (const size_t name = detail.find(kNamePrefix); name != detail.npos) {
    const size_t end = std::min(detail.find_first_of("'\" ", name), detail.size());
    detail.replace(name, end - name, path);
  }
  if (const std::string again = "Failed to read file \"" + path + "\": ";
      detail.starts_with(again)) {
    detail.erase(0, again.size());
  }
  return Error(Condition("FAILED_READ_FILE.NO_HINT"), {{"path", path}, {"detail", detail}});
}

void RegisterParquetScan(duckdb::ExtensionLoader& loader) {
  auto& entry = loader.GetTableFunction("parquet_scan");
  duckdb::TableFunction function = entry.functions.functions.at(0);
  function.name = kParquetScanFunction;
  function.arguments = {duckdb::LogicalType::BIGINT};
  function.named_parameters.clear();
  function.bind = BindScan;
  function.function = Scan;
  function.serialize = nullptr;
  function.deserialize = nullptr;
  function.get_partition_stats = RowCounts;
  // Rows are found again by file and position, which our file lists number differently once pruned.
  function.get_row_id_columns = nullptr;
  function.late_materialization = false;
  loader.RegisterFunction(std::move(function));
}

}  // namespace tarn::engine::duck
