#include "duck/log_parquet_reader.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "parquet_reader.hpp"

namespace tarn::engine::duck {

namespace {

using delta::ParquetBatch;
using delta::ParquetColumn;
using duckdb::LogicalTypeId;

// --- which columns of the file are wanted ---

/// Where a wanted column or field is in the file.
struct FileColumn {
  DataType type;                   ///< that is wanted
  int position = -1;               ///< among the columns of the file or the fields of the struct
  duckdb::LogicalType cast;        ///< INVALID: the values are as they are wanted
  std::vector<FileColumn> fields;  ///< of a struct; of a list the element, of a map key and value
};

bool IsText(const duckdb::LogicalType& type) {
  return type.id() == LogicalTypeId::VARCHAR || type.id() == LogicalTypeId::BLOB;
}

/// Thrown where DuckDB would throw: what is in the file isn't what a log has.
[[noreturn]] void Mismatch(const std::string& name, const duckdb::LogicalType& found,
                           const DataType& wanted) {
  throw duckdb::InvalidInputException("column %s is of the type %s, not %s", name, found.ToString(),
                                      wanted.ToString());
}

/// Whether a column of a row group is NULL in every row, or has no elements in any, as the file's
/// own counts tell.
bool GroupHoldsNothing(const duckdb::ParquetColumnSchema& schema,
                       const duckdb_parquet::RowGroup& group) {
  if (!schema.children.empty()) {
    // The first leaf of a map is its key: without keys there are no values.
    const auto& children = schema.children;
    if (schema.type.id() != LogicalTypeId::STRUCT) return GroupHoldsNothing(children[0], group);
    return std::ranges::all_of(children,
                               [&](const auto& child) { return GroupHoldsNothing(child, group); });
  }
  if (schema.column_index >= group.columns.size()) return false;
  const duckdb_parquet::ColumnMetaData& chunk = group.columns[schema.column_index].meta_data;
  return chunk.__isset.statistics && chunk.statistics.__isset.null_count &&
         chunk.statistics.null_count == chunk.num_values;
}

/// Finds the wanted columns in some row groups of a file. What holds nothing in them counts as
/// missing: to read no values takes as long as to read some, and a checkpoint's columns are mostly
/// NULL.
class Matcher {
 public:
  Matcher(const duckdb_parquet::FileMetaData& file, std::vector<size_t> groups)
      : file_(file), groups_(std::move(groups)) {}

  FileColumn ByName(const Field& field,
                    const duckdb::vector<duckdb::ParquetColumnSchema>& columns) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name != field.name) continue;
      FileColumn column = Match(field.name, columns[i].type, field.type, columns[i]);
      column.position = HoldsNothing(columns[i]) ? -1 : static_cast<int>(i);
      return column;
    }
    return {field.type, -1, {}, {}};
  }

 private:
  FileColumn Match(const std::string& name, const duckdb::LogicalType& found,
                   const DataType& wanted, const duckdb::ParquetColumnSchema& schema) const {
    FileColumn column{wanted, 0, {}, {}};
    switch (wanted.id()) {
      case TypeId::kStruct:
        if (found.id() != LogicalTypeId::STRUCT) Mismatch(name, found, wanted);
        for (const Field& field : wanted.fields()) {
          column.fields.push_back(ByName(field, schema.children));
        }
        return column;
      case TypeId::kArray:
        if (found.id() != LogicalTypeId::LIST) Mismatch(name, found, wanted);
        column.fields.push_back(Match(name, duckdb::ListType::GetChildType(found), wanted.element(),
                                      schema.children.at(0)));
        return column;
      case TypeId::kMap: {
        if (found.id() != LogicalTypeId::MAP) Mismatch(name, found, wanted);
        const auto& pair = schema.children.at(0).children;
        column.fields.push_back(
            Match(name, duckdb::MapType::KeyType(found), wanted.key(), pair.at(0)));
        column.fields.push_back(
            Match(name, duckdb::MapType::ValueType(found), wanted.value(), pair.at(1)));
        return column;
      }
      default:
        break;
    }
    const duckdb::LogicalType type = ToDuckType(wanted);
    if (found == type || (IsText(found) && IsText(type))) return column;
    const bool numbers = found.IsNumeric() && type.IsNumeric();
    if (!numbers && !(found.IsTemporal() && type.IsTemporal())) Mismatch(name, found, wanted);
    column.cast = type;
    return column;
  }

  bool HoldsNothing(const duckdb::ParquetColumnSchema& schema) const {
    return std::ranges::all_of(
        groups_, [&](size_t group) { return GroupHoldsNothing(schema, file_.row_groups[group]); });
  }

  const duckdb_parquet::FileMetaData& file_;
  const std::vector<size_t> groups_;
};

/// What of a column DuckDB is to read.
duckdb::ColumnIndex IndexOf(const FileColumn& column) {
  duckdb::vector<duckdb::ColumnIndex> fields;
  if (column.type.Is(TypeId::kStruct)) {
    for (const FileColumn& field : column.fields) {
      if (field.position >= 0) fields.push_back(IndexOf(field));
    }
  }
  return {static_cast<duckdb::idx_t>(column.position), std::move(fields)};
}

// --- DuckDB's vectors → columns of a batch ---

ParquetColumn ToColumn(duckdb::Vector& vector, size_t count, const FileColumn& from);

template <typename T>
void CopyIntegers(duckdb::Vector& vector, size_t count, ParquetColumn& column) {
  const T* const data = duckdb::FlatVector::GetData<T>(vector);
  column.integers.assign(data, data + count);
}

template <typename T>
void CopyReals(duckdb::Vector& vector, size_t count, ParquetColumn& column) {
  const T* const data = duckdb::FlatVector::GetData<T>(vector);
  column.reals.assign(data, data + count);
}

void CopyTexts(duckdb::Vector& vector, size_t count, ParquetColumn& column) {
  const auto* const data = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
  column.offsets.reserve(count + 1);
  size_t bytes = 0;
  column.offsets.push_back(0);
  for (size_t row = 0; row < count; ++row) {
    if (!column.IsNull(row)) bytes += data[row].GetSize();
    column.offsets.push_back(bytes);
  }
  column.bytes.reserve(bytes);
  for (size_t row = 0; row < count; ++row) {
    if (!column.IsNull(row)) column.bytes.append(data[row].GetData(), data[row].GetSize());
  }
}

void CopyDecimals(duckdb::Vector& vector, size_t count, ParquetColumn& column) {
  column.offsets.push_back(0);
  for (size_t row = 0; row < count; ++row) {
    if (!column.IsNull(row)) column.bytes += vector.GetValue(row).ToString();
    column.offsets.push_back(column.bytes.size());
  }
}

void CopyLists(duckdb::Vector& vector, size_t count, const FileColumn& from,
               ParquetColumn& column) {
  const auto* const entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(vector);
  size_t total = 0;
  column.offsets.reserve(count + 1);
  column.offsets.push_back(0);
  for (size_t row = 0; row < count; ++row) {
    if (!column.IsNull(row)) total += entries[row].length;
    column.offsets.push_back(total);
  }
  duckdb::SelectionVector selected(std::max<size_t>(total, 1));
  size_t at = 0;
  for (size_t row = 0; row < count && at < total; ++row) {
    if (column.IsNull(row)) continue;
    for (size_t i = 0; i < entries[row].length; ++i)
      selected.set_index(at++, entries[row].offset + i);
  }
  duckdb::Vector elements(duckdb::ListVector::GetEntry(vector), selected, total);
  if (column.type.Is(TypeId::kArray)) {
    column.children.push_back(ToColumn(elements, total, from.fields[0]));
    return;
  }
  elements.Flatten(total);
  auto& parts = duckdb::StructVector::GetEntries(elements);
  column.children.push_back(ToColumn(*parts[0], total, from.fields[0]));
  column.children.push_back(ToColumn(*parts[1], total, from.fields[1]));
}

/// A column that the file lacks.
ParquetColumn NullColumn(size_t count, const DataType& type) {
  ParquetColumn column;
  column.type = type;
  column.valid.resize(count);
  switch (type.id()) {
    case TypeId::kFloat:
    case TypeId::kDouble:
      column.reals.resize(count);
      break;
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kVariant:
    case TypeId::kDecimal:
      column.offsets.resize(count + 1);
      break;
    case TypeId::kArray:
      column.offsets.resize(count + 1);
      column.children.push_back(NullColumn(0, type.element()));
      break;
    case TypeId::kMap:
      column.offsets.resize(count + 1);
      column.children.push_back(NullColumn(0, type.key()));
      column.children.push_back(NullColumn(0, type.value()));
      break;
    case TypeId::kStruct:
      for (const Field& field : type.fields()) {
        column.children.push_back(NullColumn(0, field.type));
      }
      break;
    default:
      column.integers.resize(count);
  }
  return column;
}

void CopyValues(duckdb::Vector& vector, size_t count, const FileColumn& from,
                ParquetColumn& column) {
  switch (from.type.id()) {
    case TypeId::kBoolean:
      return CopyIntegers<bool>(vector, count, column);
    case TypeId::kByte:
      return CopyIntegers<int8_t>(vector, count, column);
    case TypeId::kShort:
      return CopyIntegers<int16_t>(vector, count, column);
    case TypeId::kInt:
    case TypeId::kDate:
      return CopyIntegers<int32_t>(vector, count, column);
    case TypeId::kFloat:
      return CopyReals<float>(vector, count, column);
    case TypeId::kDouble:
      return CopyReals<double>(vector, count, column);
    case TypeId::kDecimal:
      return CopyDecimals(vector, count, column);
    case TypeId::kArray:
    case TypeId::kMap:
      return CopyLists(vector, count, from, column);
    case TypeId::kStruct: {
      auto& parts = duckdb::StructVector::GetEntries(vector);
      for (const FileColumn& field : from.fields) {
        column.children.push_back(field.position < 0
                                      ? NullColumn(count, field.type)
                                      : ToColumn(*parts[field.position], count, field));
      }
      return;
    }
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kVariant:
      return CopyTexts(vector, count, column);
    default:
      CopyIntegers<int64_t>(vector, count, column);
  }
}

ParquetColumn ToColumn(duckdb::Vector& vector, size_t count, const FileColumn& from) {
  if (from.cast.id() != LogicalTypeId::INVALID) {
    duckdb::Vector converted(from.cast, std::max<duckdb::idx_t>(count, STANDARD_VECTOR_SIZE));
    duckdb::VectorOperations::DefaultCast(vector, converted, count);
    FileColumn plain = from;
    plain.cast = {};
    return ToColumn(converted, count, plain);
  }
  ParquetColumn column;
  column.type = from.type;
  vector.Flatten(count);
  const duckdb::ValidityMask& validity = duckdb::FlatVector::Validity(vector);
  if (!validity.CheckAllValid(count)) {
    column.valid.resize(count);
    for (size_t row = 0; row < count; ++row) column.valid[row] = validity.RowIsValid(row) ? 1 : 0;
  }
  CopyValues(vector, count, from, column);
  return column;
}

// --- row groups ---

/// A Parquet file of which some columns are read. Thread-safe.
class LogParquetFile {
 public:
  LogParquetFile(duckdb::ClientContext& context, const std::string& name, const Schema& projection)
      : context_(context) {
    const duckdb::ParquetOptions options(context);
    auto reader = duckdb::make_shared_ptr<duckdb::ParquetReader>(
        context, duckdb::OpenFileInfo(name), options);
    const duckdb_parquet::FileMetaData& file = *reader->GetFileMetadata();
    const auto metadata = reader->metadata;
    for (const auto& group : file.row_groups) rows_ += static_cast<size_t>(group.num_rows);
    kind_of_group_.resize(file.row_groups.size());
    for (const std::vector<size_t>& groups : KindsOf(file, *reader->root_schema, projection)) {
      if (!reader) {
        reader = duckdb::make_shared_ptr<duckdb::ParquetReader>(context, duckdb::OpenFileInfo(name),
                                                                options, metadata);
      }
      for (const size_t group : groups) kind_of_group_[group] = kinds_.size();
      kinds_.push_back(MakeKind(std::move(reader), projection, Matcher(file, groups)));
      reader.reset();
    }
  }

  size_t groups() const { return kind_of_group_.size(); }
  size_t rows() const { return rows_; }

  /// Gives the rows of a group to `sink`; false if that answered false.
  template <typename Sink>
  bool Read(size_t group, const Sink& sink) {
    Kind& kind = kinds_[kind_of_group_[group]];
    if (kind.types.empty()) return true;
    duckdb::ParquetReaderScanState state;
    kind.reader->InitializeScan(context_, state, {group});
    duckdb::DataChunk chunk;
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(), kind.types);
    while (true) {
      chunk.Reset();
      const auto outcome = kind.reader->Scan(context_, state, chunk).GetResultType();
      if (chunk.size() > 0 && !sink(ToBatch(kind, chunk))) return false;
      if (chunk.size() == 0 && outcome == duckdb::AsyncResultType::FINISHED) return true;
    }
  }

 private:
  /// Row groups that are read alike: a checkpoint's first one has the protocol and the metadata,
  /// and the others hold only files.
  struct Kind {
    duckdb::shared_ptr<duckdb::ParquetReader> reader;
    std::vector<FileColumn> columns;
    duckdb::vector<duckdb::LogicalType> types;  ///< of the columns that are there
  };
  static constexpr size_t kKindsMax = 8;

  /// The groups by which of the wanted columns hold something in them.
  static std::vector<std::vector<size_t>> KindsOf(const duckdb_parquet::FileMetaData& file,
                                                  const duckdb::ParquetColumnSchema& root,
                                                  const Schema& projection) {
    std::vector<const duckdb::ParquetColumnSchema*> wanted;
    for (const auto& column : root.children) {
      if (projection.Find(column.name) >= 0) wanted.push_back(&column);
    }
    std::map<std::vector<bool>, std::vector<size_t>> kinds;
    std::vector<size_t> all;
    for (size_t i = 0; i < file.row_groups.size(); ++i) {
      std::vector<bool> holds;
      for (const auto* column : wanted) {
        holds.push_back(!GroupHoldsNothing(*column, file.row_groups[i]));
      }
      kinds[holds].push_back(i);
      all.push_back(i);
    }
    if (kinds.size() > kKindsMax) return {std::move(all)};
    std::vector<std::vector<size_t>> result;
    for (auto& [holds, groups] : kinds) result.push_back(std::move(groups));
    return result;
  }

  static Kind MakeKind(duckdb::shared_ptr<duckdb::ParquetReader> reader, const Schema& projection,
                       const Matcher& matcher) {
    Kind kind;
    for (const Field& field : projection.fields) {
      kind.columns.push_back(matcher.ByName(field, reader->root_schema->children));
      const FileColumn& column = kind.columns.back();
      if (column.position < 0) continue;
      const auto position = static_cast<duckdb::idx_t>(column.position);
      reader->column_ids.push_back(duckdb::MultiFileLocalColumnId(position));
      reader->column_indexes.push_back(IndexOf(column));
      kind.types.push_back(reader->columns[position].type);
    }
    kind.reader = std::move(reader);
    return kind;
  }

  static ParquetBatch ToBatch(const Kind& kind, duckdb::DataChunk& chunk) {
    ParquetBatch batch;
    batch.rows = chunk.size();
    size_t next = 0;
    for (const FileColumn& column : kind.columns) {
      batch.columns.push_back(column.position < 0
                                  ? NullColumn(batch.rows, column.type)
                                  : ToColumn(chunk.data[next++], batch.rows, column));
    }
    return batch;
  }

  duckdb::ClientContext& context_;
  std::vector<Kind> kinds_;
  std::vector<size_t> kind_of_group_;
  size_t rows_ = 0;
};

/// Decodes row groups on threads of its own, some batches ahead of who takes them.
class GroupDecoder {
 public:
  GroupDecoder(LogParquetFile& file, size_t threads) : file_(file), groups_(file.groups()) {
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~GroupDecoder() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
  }

  /// The next batch in the order of the file, or nothing at its end. Throws what a thread threw.
  std::optional<ParquetBatch> Next() {
    std::unique_lock lock(mutex_);
    while (current_ < groups_.size()) {
      Group& group = groups_[current_];
      changed_.wait(lock, [&] { return group.ended || !group.ready.empty(); });
      if (!group.ready.empty()) {
        ParquetBatch batch = std::move(group.ready.front());
        group.ready.pop_front();
        const bool was_full = group.bytes >= kBytesAhead;
        group.bytes -= BytesOf(batch);
        if (was_full) changed_.notify_all();
        return batch;
      }
      if (group.failure) std::rethrow_exception(group.failure);
      ++current_;
    }
    return std::nullopt;
  }

 private:
  /// More than the files of a group of DuckDB's or Arrow's usual size take, without statistics.
  static constexpr size_t kBytesAhead = size_t{32} << 20;

  static size_t BytesOf(const ParquetColumn& column) {
    size_t bytes = column.valid.size() + column.bytes.size() +
                   8 * (column.integers.size() + column.reals.size() + column.offsets.size());
    for (const ParquetColumn& child : column.children) bytes += BytesOf(child);
    return bytes;
  }
  static size_t BytesOf(const ParquetBatch& batch) {
    size_t bytes = 0;
    for (const ParquetColumn& column : batch.columns) bytes += BytesOf(column);
    return bytes;
  }

  struct Group {
    std::deque<ParquetBatch> ready;
    size_t bytes = 0;  // of what is ready
    std::exception_ptr failure;
    bool ended = false;
  };

  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_ && next_ < groups_.size()) {
      const size_t index = next_++;
      lock.unlock();
      std::exception_ptr failure;
      try {
        (void)file_.Read(
            index, [&](ParquetBatch batch) { return Give(groups_[index], std::move(batch)); });
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      groups_[index].failure = failure;
      groups_[index].ended = true;
      changed_.notify_all();
    }
  }

  /// False: nobody wants more.
  bool Give(Group& group, ParquetBatch batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || group.bytes < kBytesAhead; });
    if (stopping_) return false;
    group.bytes += BytesOf(batch);
    group.ready.push_back(std::move(batch));
    if (group.ready.size() == 1) changed_.notify_all();
    return true;
  }

  LogParquetFile& file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Group> groups_;
  size_t next_ = 0;     // group that no thread has taken
  size_t current_ = 0;  // group whose batches are given out
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // joined first
};

/// Fewer rows are read before a thread has started.
constexpr size_t kRowsForThreads = 16'384;

}  // namespace

Status ReadLogParquet(Statement& statement, const std::string& name, int threads,
                      const Schema& projection, const delta::BatchSink& sink) {
  LogParquetFile file(*statement.connection().context, name, projection);
  if (file.rows() < kRowsForThreads || threads <= 1) {
    Status status;
    const auto give = [&](ParquetBatch batch) {
      status = sink(batch);
      return status.ok();
    };
    for (size_t i = 0; i < file.groups(); ++i) {
      if (!file.Read(i, give)) break;
    }
    return status;
  }
  GroupDecoder decoder(file, std::min<size_t>(static_cast<size_t>(threads), file.groups()));
  while (auto batch = decoder.Next()) TARN_TRY(sink(*batch));
  return {};
}

}  // namespace tarn::engine::duck
