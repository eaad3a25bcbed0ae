#include "test/memory_handlers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "json_text.h"

namespace tarn::delta::test {
namespace {

/// A column of NULLs.
ParquetColumn NullColumn(const DataType& type, size_t rows) {
  ParquetColumn column;
  column.type = type;
  column.valid.assign(rows, 0);
  switch (type.id()) {
    case TypeId::kStruct:
      for (const Field& field : type.fields())
        column.children.push_back(NullColumn(field.type, rows));
      break;
    case TypeId::kArray:
      column.offsets.assign(rows + 1, 0);
      column.children.push_back(NullColumn(type.element(), 0));
      break;
    case TypeId::kMap:
      column.offsets.assign(rows + 1, 0);
      column.children.push_back(NullColumn(type.key(), 0));
      column.children.push_back(NullColumn(type.value(), 0));
      break;
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kDecimal:
      column.offsets.assign(rows + 1, 0);
      break;
    case TypeId::kFloat:
    case TypeId::kDouble:
      column.reals.assign(rows, 0);
      break;
    default:
      column.integers.assign(rows, 0);
  }
  return column;
}

ParquetColumn Project(const ParquetColumn* from, const DataType& have, const DataType& want,
                      size_t rows) {
  if (from == nullptr) return NullColumn(want, rows);
  if (!want.Is(TypeId::kStruct)) return *from;
  ParquetColumn out;
  out.type = want;
  out.valid = from->valid;
  for (const Field& field : want.fields()) {
    const ParquetColumn* child = nullptr;
    DataType child_type;
    for (size_t i = 0; i < have.fields().size(); ++i) {
      if (have.fields()[i].name == field.name) {
        child = &from->children[i];
        child_type = have.fields()[i].type;
      }
    }
    out.children.push_back(Project(child, child_type, field.type, rows));
  }
  return out;
}

/// The rows of a column that are kept, in their order.
ParquetColumn Pick(const ParquetColumn& from, const std::vector<size_t>& rows) {
  ParquetColumn out;
  out.type = from.type;
  if (!from.offsets.empty()) out.offsets.push_back(0);
  std::vector<size_t> child_rows;
  for (const size_t row : rows) {
    if (!from.valid.empty()) out.valid.push_back(from.valid[row]);
    if (!from.integers.empty()) out.integers.push_back(from.integers[row]);
    if (!from.reals.empty()) out.reals.push_back(from.reals[row]);
    if (from.offsets.empty()) continue;
    if (from.children.empty()) {
      out.bytes += from.Text(row);
      out.offsets.push_back(out.bytes.size());
    } else {
      for (uint64_t i = from.offsets[row]; i < from.offsets[row + 1]; ++i) child_rows.push_back(i);
      out.offsets.push_back(child_rows.size());
    }
  }
  for (const ParquetColumn& child : from.children) {
    out.children.push_back(Pick(child, from.type.Is(TypeId::kStruct) ? rows : child_rows));
  }
  return out;
}

}  // namespace

Status MemoryParquet::Read(const RequestContext& ctx, std::string_view path,
                           const Schema& projection, const BatchSink& sink) {
  ++reads;
  auto marker = store_->Read(ctx, path, 1 << 20);
  if (!marker.ok()) return std::move(marker).error();
  const auto found = files_.find(path);
  if (found == files_.end()) {
    return Error(Condition("DELTA_LOG_CORRUPT"),
                 {{"table", "t"}, {"file", std::string(path)}, {"detail", "no Parquet file"}});
  }
  for (const ParquetBatch& batch : found->second.batches) {
    ParquetBatch out;
    out.rows = batch.rows;
    for (const Field& field : projection.fields) {
      const int at = found->second.schema.Find(field.name);
      out.columns.push_back(at < 0
                                ? NullColumn(field.type, batch.rows)
                                : Project(&batch.columns[at], found->second.schema.fields[at].type,
                                          field.type, batch.rows));
    }
    TARN_TRY(sink(out));
  }
  return {};
}

Result<int64_t> MemoryParquet::Write(const RequestContext& ctx, std::string_view path,
                                     const Schema& schema, const BatchSource& source) {
  if (fail_writes) {
    return Error(Condition("IO_ERROR"),
                 {{"operation", "write"}, {"path", std::string(path)}, {"detail", "test"}});
  }
  File file;
  file.schema = schema;
  while (true) {
    ParquetBatch batch;
    TARN_ASSIGN(const bool more, source(batch));
    if (!more) break;
    EXPECT_EQ(batch.columns.size(), schema.fields.size());
    file.batches.push_back(std::move(batch));
  }
  files_[std::string(path)] = std::move(file);
  TARN_TRY(store_->Put(ctx, path, "PAR1"));
  // About what Parquet takes for a file's action.
  constexpr int64_t kBytesPerRow = 100;
  return static_cast<int64_t>(Rows(std::string(path))) * kBytesPerRow;
}

void MemoryParquet::Copy(const std::string& from, const std::string& to) {
  files_[to] = files_.at(from);
  ASSERT_TRUE(store_->Put(RequestContext(), to, "PAR1").ok());
}

void MemoryParquet::Filter(const std::string& path, const std::function<bool(size_t)>& keep) {
  size_t position = 0;
  for (ParquetBatch& batch : files_.at(path).batches) {
    std::vector<size_t> rows;
    for (size_t row = 0; row < batch.rows; ++row) {
      if (keep(position++)) rows.push_back(row);
    }
    for (ParquetColumn& column : batch.columns) column = Pick(column, rows);
    batch.rows = rows.size();
  }
}

void MemoryParquet::Reverse(const std::string& path) {
  std::vector<ParquetBatch>& batches = files_.at(path).batches;
  std::ranges::reverse(batches);
  for (ParquetBatch& batch : batches) {
    std::vector<size_t> rows(batch.rows);
    for (size_t i = 0; i < batch.rows; ++i) rows[i] = batch.rows - 1 - i;
    for (ParquetColumn& column : batch.columns) column = Pick(column, rows);
  }
}

size_t MemoryParquet::Rows(const std::string& path) const {
  size_t rows = 0;
  for (const ParquetBatch& batch : files_.at(path).batches) rows += batch.rows;
  return rows;
}

TestTable::TestTable() {
  ctx.clock = &clock;
  store = io::NewMemoryStore(clock);
  log = NewObjectLogStore(store);
  parquet = std::make_shared<MemoryParquet>(log);
}

void TestTable::Put(const std::string& path, const std::string& content) {
  const Status put = log->Put(ctx, path, content);
  ASSERT_TRUE(put.ok()) << put.error().ToString();
}

void TestTable::Commit(int64_t version, const std::vector<std::string>& lines) {
  char name[64];
  std::snprintf(name, sizeof(name), "_delta_log/%020lld.json", static_cast<long long>(version));
  std::string content;
  for (const std::string& line : lines) content += line + "\n";
  clock.Advance(1'000'000);
  Put(name, content);
}

Version TestTable::Commit(Transaction& transaction) {
  FileSystemCommitter committer(log);
  const CommitResult result = transaction.Commit(ctx, committer);
  if (const auto* conflicted = std::get_if<Conflicted>(&result)) {
    ADD_FAILURE() << conflicted->error.ToString();
  }
  const auto* committed = std::get_if<Committed>(&result);
  EXPECT_NE(committed, nullptr);
  return committed == nullptr ? kNoVersion : committed->version;
}

std::shared_ptr<const Snapshot> TestTable::Latest() {
  auto snapshot = Table(handlers(), "/lake/t").Latest(ctx);
  EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
  return *snapshot;
}

void TestTable::Create(const std::map<std::string, std::string>& properties,
                       const std::string& root) {
  Metadata metadata;
  metadata.schema.fields = {{"x", TypeId::kInt}};
  metadata.configuration = properties;
  Transaction create(handlers(), root);
  ASSERT_TRUE(create.SetMetadata(std::move(metadata)).ok());
  ASSERT_EQ(Commit(create), 0);
}

void TestTable::Delete(const std::string& path) {
  ASSERT_TRUE(store->Delete(ctx, *io::ObjectPath::Parse(path)).ok());
}

bool TestTable::Has(const std::string& path) { return log->Read(ctx, path, int64_t{1} << 30).ok(); }

std::string TestTable::Get(const std::string& path) {
  auto bytes = log->Read(ctx, path, int64_t{1} << 30);
  return bytes.ok() ? *bytes : "<" + bytes.error().ToString() + ">";
}

std::string ProtocolLine(int reader, int writer, const std::vector<std::string>& reader_features,
                         const std::vector<std::string>& writer_features) {
  std::string out = R"({"protocol":)";
  ObjectWriter writer_object(out);
  writer_object.Int("minReaderVersion", reader);
  writer_object.Int("minWriterVersion", writer);
  if (reader >= 3) writer_object.TextList("readerFeatures", reader_features);
  if (writer >= 7) writer_object.TextList("writerFeatures", writer_features);
  writer_object.Close();
  return out + "}";
}

std::string MetadataLine(const std::string& fields_json,
                         const std::vector<std::string>& partition_columns,
                         const std::map<std::string, std::string>& configuration) {
  std::string out = R"({"metaData":)";
  ObjectWriter writer(out);
  writer.Text("id", "11111111-2222-4333-8444-555555555555");
  writer.Raw("format", R"({"provider":"parquet","options":{}})");
  writer.Text("schemaString", R"({"type":"struct","fields":[)" + fields_json + "]}");
  writer.TextList("partitionColumns", partition_columns);
  writer.TextMap("configuration", configuration);
  writer.Int("createdTime", 1700000000000);
  writer.Close();
  return out + "}";
}

std::string FieldJson(const std::string& name, const std::string& type, bool nullable,
                      const std::string& metadata) {
  const std::string type_json = type[0] == '{' ? type : "\"" + type + "\"";
  return R"({"name":")" + name + R"(","type":)" + type_json + R"(,"nullable":)" +
         (nullable ? "true" : "false") + R"(,"metadata":)" + metadata + "}";
}

std::string AddLine(const std::string& path, const std::string& partition_values,
                    const std::string& rest) {
  return R"({"add":{"path":")" + path + R"(","partitionValues":)" + partition_values +
         R"(,"size":100,"modificationTime":1700000000000,"dataChange":true)" + rest + "}}";
}

std::string RemoveLine(const std::string& path, const std::string& rest) {
  return R"({"remove":{"path":")" + path +
         R"(","deletionTimestamp":1700000000000,"dataChange":true)" + rest + "}}";
}

}  // namespace tarn::delta::test
