#include "record_reading.h"

#include <cstdlib>
#include <memory>
#include <optional>

#include "tarn/base/utf8.h"
#include "tarn/format/record_reader.h"
#include "tarn/format/schema_inference.h"
#include "tarn/io/memory_object_store.h"

namespace {

using namespace tarn;
using format::Column;
using format::FilePart;
using format::ReadSpec;

void CheckColumn(const Column& column, size_t rows) {
  if (column.rows() != rows) std::abort();
  if (column.type().Is(TypeId::kString)) {
    for (size_t row = 0; row < rows; ++row) {
      if (!column.IsNull(row) && !IsValidUtf8(column.Text(row))) std::abort();
    }
  }
  if (column.storage() == format::Storage::kStruct) {
    for (const Column& child : column.children) CheckColumn(child, rows);
  }
  if (column.storage() == format::Storage::kList) {
    const size_t elements = rows == 0 ? 0 : column.ends[rows - 1];
    for (const Column& child : column.children) CheckColumn(child, elements);
  }
}

/// The number of rows, or nothing where the file is refused.
std::optional<size_t> CountRows(const std::shared_ptr<const ReadSpec>& spec,
                                const std::vector<FilePart>& parts) {
  auto reader = format::NewRecordReader(spec);
  if (!reader.ok()) return std::nullopt;
  size_t rows = 0;
  format::ColumnBatch batch = format::NewBatch(*spec);
  for (const FilePart& part : parts) {
    if (!(*reader)->Open(part).ok()) return std::nullopt;
    while (true) {
      batch.Clear();
      auto more = (*reader)->Read(batch);
      if (!more.ok()) return std::nullopt;
      for (const Column& column : batch.columns) CheckColumn(column, batch.rows);
      rows += batch.rows;
      if (!*more) break;
    }
  }
  return rows;
}

}  // namespace

void ReadRecords(const std::string& format, const std::string& bytes,
                 const std::vector<std::pair<std::string, std::string>>& options,
                 const std::vector<Field>& fields) {
  const RequestContext ctx;
  const std::unique_ptr<io::ObjectStore> store = io::NewMemoryStore();
  const io::ObjectPath path = *io::ObjectPath::Parse("f");
  if (!store->Put(ctx, path, bytes).ok()) return;
  FilePart whole{std::shared_ptr<io::ReadableFile>(*store->Open(ctx, path)), "/f"};

  auto spec = std::make_shared<ReadSpec>();
  spec->format = format;
  spec->options = format::ReadOptions(options);
  spec->zone = *FindTimeZone("UTC");
  std::vector<Field> inferred;
  if (auto inference = format::NewSchemaInference(spec); inference.ok()) {
    if ((*inference)->Observe(whole).ok()) {
      if (auto found = (*inference)->Finish(); found.ok()) inferred = std::move(*found);
    }
  }
  for (const std::vector<Field>& columns : {fields, inferred}) {
    auto wanted = std::make_shared<ReadSpec>(*spec);
    wanted->fields = columns;
    for (size_t i = 0; i < columns.size(); ++i) wanted->wanted.push_back(i);
    const std::optional<size_t> rows = CountRows(wanted, {whole});
    if (!rows || bytes.size() < 2 || !format::Splittable(*wanted, "/f")) continue;
    const auto middle = static_cast<int64_t>(bytes.size() / 2);
    FilePart first = whole;
    FilePart second = whole;
    first.end = middle;
    second.begin = middle;
    const std::optional<size_t> by_parts = CountRows(wanted, {first, second});
    if (by_parts && *by_parts != *rows) std::abort();
  }
}
