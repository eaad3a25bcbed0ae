#include "text_reader.h"

#include "line_reader.h"
#include "read_error.h"
#include "tarn/base/utf8.h"

namespace tarn::format {

namespace {

class TextReader final : public RecordReader {
 public:
  TextReader(std::shared_ptr<const ReadSpec> spec, bool whole)
      : spec_(std::move(spec)), whole_(whole), lines_(spec_->options.Text("lineSep")) {}

  Status Open(FilePart part) override {
    part_ = std::move(part);
    if (!whole_) return Located(lines_.Open(part_, spec_->options));
    auto source = TextOf(part_, spec_->options);
    if (!source.ok()) return Located(std::move(source).error());
    window_.Open(std::move(source).value());
    pending_ = true;
    return Located(window_.SkipMark());
  }

  Result<bool> Read(ColumnBatch& batch) override {
    if (whole_) return ReadWhole(batch);
    while (!batch.full()) {
      std::string_view line;
      auto more = lines_.Next(&line);
      if (!more.ok()) return InFile(std::move(more).error(), part_.path, lines_.line_number() + 1);
      if (!*more) return false;
      for (Column& column : batch.columns) column.AppendText(line);
      ++batch.rows;
    }
    return true;
  }

 private:
  Status Located(Status status) const {
    if (status.ok()) return status;
    return InFile(std::move(status).error(), part_.path);
  }

  Result<bool> ReadWhole(ColumnBatch& batch) {
    if (!pending_) return false;
    pending_ = false;
    while (true) {
      auto more = window_.Grow();
      if (!more.ok()) return InFile(std::move(more).error(), part_.path);
      if (!*more) break;
    }
    std::string text;
    AppendValidUtf8(window_.rest(), &text);
    for (Column& column : batch.columns) column.AppendText(text);
    ++batch.rows;
    return false;
  }

  const std::shared_ptr<const ReadSpec> spec_;
  const bool whole_;
  LineReader lines_;
  Window window_;
  FilePart part_;
  bool pending_ = false;
};

class BinaryReader final : public RecordReader {
 public:
  explicit BinaryReader(std::shared_ptr<const ReadSpec> spec) : spec_(std::move(spec)) {}

  Status Open(FilePart part) override {
    part_ = std::move(part);
    pending_ = true;
    return {};
  }

  Result<bool> Read(ColumnBatch& batch) override {
    if (!pending_) return false;
    pending_ = false;
    const io::ObjectInfo& info = part_.file->info();
    for (size_t i = 0; i < spec_->wanted.size(); ++i) {
      const std::string name = FoldName(spec_->fields[spec_->wanted[i]].name);
      Column& column = batch.columns[i];
      if (name == "path") {
        column.AppendText(part_.path);
      } else if (name == "modificationtime") {
        // Spark knows milliseconds.
        column.AppendInteger(info.modified_us / 1000 * 1000);
      } else if (name == "length") {
        column.AppendInteger(info.size);
      } else if (name == "content") {
        TARN_TRY(AppendContent(column));
      } else {
        column.AppendNull();
      }
    }
    ++batch.rows;
    return false;
  }

 private:
  Status AppendContent(Column& column) const {
    const int64_t size = part_.file->info().size;
    if (size > static_cast<int64_t>(kRecordBytesMax)) {
      return InFile(ReadFailure("it is larger than " + std::to_string(kRecordBytesMax >> 20) +
                                " MiB, the most a value may have"),
                    part_.path);
    }
    std::string content(static_cast<size_t>(size), '\0');
    TARN_ASSIGN(const size_t count, part_.file->Read(0, content));
    content.resize(count);
    column.AppendText(content);
    return {};
  }

  const std::shared_ptr<const ReadSpec> spec_;
  FilePart part_;
  bool pending_ = false;
};

}  // namespace

Result<std::unique_ptr<RecordReader>> NewTextReader(std::shared_ptr<const ReadSpec> spec) {
  TARN_ASSIGN(const bool whole, spec->options.Flag("wholeText", false));
  return std::unique_ptr<RecordReader>(std::make_unique<TextReader>(std::move(spec), whole));
}

Result<std::unique_ptr<RecordReader>> NewBinaryReader(std::shared_ptr<const ReadSpec> spec) {
  return std::unique_ptr<RecordReader>(std::make_unique<BinaryReader>(std::move(spec)));
}

std::vector<Field> BinaryFileFields() {
  return {{"path", TypeId::kString},
          {"modificationTime", TypeId::kTimestamp},
          {"length", TypeId::kLong},
          {"content", TypeId::kBinary}};
}

}  // namespace tarn::format
