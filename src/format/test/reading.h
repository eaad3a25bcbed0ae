#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tarn/format/record_reader.h"
#include "tarn/format/schema_inference.h"
#include "tarn/io/memory_object_store.h"

namespace tarn::format {

using Options = std::vector<std::pair<std::string, std::string>>;

/// Files in memory and their rows as text: columns by ',', rows by ';', NULL as "-".
class Reading {
 public:
  Reading() : store_(io::NewMemoryStore()) {}

  FilePart Part(const std::string& content, const std::string& name = "f") {
    const RequestContext ctx;
    const io::ObjectPath path = *io::ObjectPath::Parse(name);
    (void)store_->Put(ctx, path, content);
    return {std::shared_ptr<io::ReadableFile>(*store_->Open(ctx, path)), "/" + name};
  }

  static std::shared_ptr<ReadSpec> Spec(std::string format, const Options& options,
                                        std::vector<Field> fields) {
    auto spec = std::make_shared<ReadSpec>();
    spec->format = std::move(format);
    spec->options = ReadOptions(options);
    spec->fields = std::move(fields);
    for (size_t i = 0; i < spec->fields.size(); ++i) spec->wanted.push_back(i);
    spec->zone = *FindTimeZone("UTC");
    return spec;
  }

  /// The rows, or the error's text. `name` may tell the compression.
  std::string Rows(std::string format, const std::string& content, std::vector<Field> fields,
                   const Options& options = {}, const std::string& name = "f") {
    return RowsOf(Spec(std::move(format), options, std::move(fields)), {Part(content, name)});
  }

  static std::string RowsOf(std::shared_ptr<const ReadSpec> spec, std::vector<FilePart> parts) {
    auto reader = NewRecordReader(spec);
    if (!reader.ok()) return reader.error().ToString();
    ColumnBatch batch = NewBatch(*spec);
    std::string rows;
    for (FilePart& part : parts) {
      if (Status status = (*reader)->Open(std::move(part)); !status.ok())
        return status.error().ToString();
      while (true) {
        batch.Clear();
        auto more = (*reader)->Read(batch);
        if (!more.ok()) return more.error().ToString();
        for (size_t row = 0; row < batch.rows; ++row) {
          if (!rows.empty()) rows += ';';
          for (size_t i = 0; i < batch.columns.size(); ++i)
            rows += (i ? "," : "") + Shown(batch.columns[i], row);
        }
        if (!*more) break;
      }
    }
    return rows;
  }

  std::string Inferred(std::string format, std::vector<std::string> contents,
                       const Options& options = {}) {
    auto inference = NewSchemaInference(Spec(std::move(format), options, {}));
    if (!inference.ok()) return inference.error().ToString();
    for (const std::string& content : contents) {
      if (Status status = (*inference)->Observe(Part(content)); !status.ok())
        return status.error().ToString();
    }
    auto fields = (*inference)->Finish();
    return fields.ok() ? DataType::Struct(*fields).ToString() : fields.error().ToString();
  }

  static std::string Shown(const Column& column, size_t row) {
    if (column.IsNull(row)) return "-";
    switch (column.storage()) {
      case Storage::kInteger:
        return std::to_string(column.integers[row]);
      case Storage::kReal:
        return RenderDouble(column.reals[row]);
      case Storage::kDecimal:
        return RenderDecimal(column.decimals[row], column.type().scale());
      case Storage::kText:
        return std::string(column.Text(row));
      case Storage::kStruct: {
        std::string text = "{";
        for (const Column& child : column.children)
          text += (text.size() > 1 ? " " : "") + Shown(child, row);
        return text + "}";
      }
      case Storage::kList: {
        std::string text = "[";
        for (size_t i = row == 0 ? 0 : column.ends[row - 1]; i < column.ends[row]; ++i) {
          for (const Column& child : column.children)
            text += (text.size() > 1 ? " " : "") + Shown(child, i);
        }
        return text + "]";
      }
    }
    return "?";
  }

 private:
  const std::unique_ptr<io::ObjectStore> store_;
};

}  // namespace tarn::format
