#include "json_reader.h"

#include <algorithm>

#include "json_documents.h"
#include "json_values.h"
#include "read_error.h"
#include "record_columns.h"

namespace tarn::format {

namespace {

using Kind = JsonText::Kind;
using Next = JsonText::Next;

class JsonReader final : public RecordReader {
 public:
  JsonReader(std::shared_ptr<const ReadSpec> spec, JsonDocuments documents, JsonSyntax syntax,
             TextValues values, bool case_sensitive)
      : spec_(std::move(spec)),
        mode_(ModeOf(spec_->options)),
        columns_(*spec_),
        documents_(std::move(documents)),
        json_(syntax),
        values_(std::move(values)) {
    std::vector<std::string> names;
    for (const RecordColumns::Target& target : columns_.targets()) {
      names.push_back(target.name);
      for (const Field& field : spec_->fields) {
        if (field.name != target.name) continue;
        shapes_.emplace_back(field.type, case_sensitive);
        break;
      }
    }
    names_ = JsonNames(std::move(names), case_sensitive);
  }

  Status Open(FilePart part) override {
    part_ = std::move(part);
    in_array_ = false;
    Status status = documents_.Open(part_);
    if (status.ok()) return status;
    return InFile(std::move(status).error(), part_.path);
  }

  Result<bool> Read(ColumnBatch& batch) override {
    while (!batch.full()) {
      auto more = in_array_ ? NextOfArray(batch) : NextDocument(batch);
      if (!more.ok()) return Located(std::move(more).error());
      if (!*more) return false;
    }
    return true;
  }

 private:
  Error Located(Error error) const {
    int64_t line = documents_.line();
    if (line > 0 && part_.begin > 0) {
      const auto before = LinesBefore(part_, documents_.separator());
      line = before.ok() ? line + *before : 0;
    }
    return InFile(std::move(error), part_.path, line);
  }

  /// False at the end of the part.
  Result<bool> NextDocument(ColumnBatch& batch) {
    TARN_ASSIGN(const bool more, documents_.Next(&text_));
    if (!more) return false;
    if (documents_.ill_formed()) {
      TARN_TRY(Finish(Fit::kMalformed, batch));
      return true;
    }
    json_.Start(text_);
    switch (json_.Peek()) {
      case Kind::kEnd:
        break;
      case Kind::kObject: {
        const Fit fit = AppendRecord(batch);
        if (fit == Fit::kMalformed) batch.Truncate(batch.rows);
        TARN_TRY(Finish(fit, batch));
        break;
      }
      case Kind::kArray:
        TARN_TRY(StartArray(batch));
        break;
      default:
        TARN_TRY(Finish(Fit::kMalformed, batch));
    }
    return true;
  }

  Status Finish(Fit fit, ColumnBatch& batch) {
    if (!new_fields_.empty()) {
      if (fit != Fit::kMalformed) return NewFields(new_fields_, part_.path);
      new_fields_.clear();
    }
    const bool malformed = fit == Fit::kMalformed || (fit == Fit::kPartly && !columns_.rescues());
    if (fit == Fit::kMalformed && columns_.rescues() && mode_ == ParseMode::kPermissive) {
      columns_.rescued.Clear();
      columns_.rescued.AddText("_corrupt_record", text_);
    }
    return columns_.Finish(malformed, text_, part_.path, batch);
  }

  /// The elements of an array are rows, if they all are objects. One that doesn't fit makes the
  /// whole document malformed, so this must be known before the first row.
  Status StartArray(ColumnBatch& batch) {
    bool objects = true;
    for (bool first = true;; first = false) {
      const Next next = json_.NextElement(first);
      if (next == Next::kBad) return Finish(Fit::kMalformed, batch);
      if (next == Next::kClose) break;
      objects &= json_.Peek() == Kind::kObject;
      if (!json_.Skip()) return Finish(Fit::kMalformed, batch);
    }
    if (!objects) return Finish(Fit::kMalformed, batch);
    array_fit_ = Fit::kFits;
    if (!columns_.rescues()) TARN_TRY(TryArray());
    if (array_fit_ == Fit::kPartly && mode_ != ParseMode::kPermissive) {
      // The document goes, or the read fails.
      return Finish(Fit::kMalformed, batch);
    }
    json_.Start(text_);
    (void)json_.Peek();
    in_array_ = first_of_array_ = true;
    return {};
  }

  /// Finds out whether all elements fit.
  Status TryArray() {
    if (trial_.columns.empty()) trial_ = NewBatch(*spec_);
    json_.Start(text_);
    (void)json_.Peek();
    for (bool first = true; json_.NextElement(first) == Next::kItem; first = false) {
      if (AppendRecord(trial_) != Fit::kFits) array_fit_ = Fit::kPartly;
      trial_.Truncate(0);
      new_fields_.clear();
    }
    return {};
  }

  Result<bool> NextOfArray(ColumnBatch& batch) {
    const Next next = json_.NextElement(first_of_array_);
    first_of_array_ = false;
    if (next != Next::kItem) {
      in_array_ = false;
      return true;
    }
    AppendRecord(batch);
    TARN_TRY(Finish(array_fit_, batch));
    return true;
  }

  /// Appends the members of the object at the cursor to the columns that want them.
  Fit AppendRecord(ColumnBatch& batch) {
    const size_t row = batch.rows;
    Fit fit = Fit::kFits;
    std::string_view name;
    for (bool first = true;; first = false) {
      const Next next = json_.NextMember(first, &name);
      if (next == Next::kBad) return Fit::kMalformed;
      if (next == Next::kClose) return fit;
      const int at = names_.Find(name);
      Fit member_fit = Fit::kFits;
      if (at >= 0) {
        const RecordColumns::Target& target = columns_.targets()[static_cast<size_t>(at)];
        member_fit = AppendMember(target, shapes_[static_cast<size_t>(at)], row, batch);
      } else {
        member_fit = SkipMember(name);
      }
      if (member_fit == Fit::kMalformed) return member_fit;
      if (member_fit != Fit::kFits) fit = Fit::kPartly;
    }
  }

  /// A name that differs by case only is no new field; its value doesn't fit.
  bool IsNew(std::string_view name) const {
    return std::ranges::none_of(columns_.targets(),
                                [&](const auto& target) { return SameName(target.name, name); });
  }

  Fit SkipMember(std::string_view name) {
    if (spec_->refuse_new_fields && IsNew(name)) new_fields_.emplace_back(name);
    if (!columns_.rescues()) return json_.Skip() ? Fit::kFits : Fit::kMalformed;
    const std::string kept(name);
    const char* const place = json_.place();
    if (!json_.Skip()) return Fit::kMalformed;
    columns_.rescued.AddJson(kept, json_.Since(place));
    return Fit::kFits;
  }

  Fit AppendMember(const RecordColumns::Target& target, JsonShape& shape, size_t row,
                   ColumnBatch& batch) {
    Column* column = columns_.ColumnOf(target, batch);
    if (column == nullptr) return json_.Skip() ? Fit::kFits : Fit::kMalformed;
    // Of a name that comes twice, the last counts.
    column->Truncate(target.column >= 0 ? row : 0);
    const char* const place = json_.place();
    RescuedData inner;
    const Fit fit = values_.Append(json_, *column, shape, columns_.rescues() ? &inner : nullptr);
    if (fit == Fit::kMalformed || !columns_.rescues()) return fit;
    if (!inner.empty()) {
      columns_.rescued.AddJson(target.name, inner.FinishNested());
    } else if (fit != Fit::kFits) {
      columns_.rescued.AddJson(target.name, json_.Since(place));
    }
    return fit;
  }

  const std::shared_ptr<const ReadSpec> spec_;
  const ParseMode mode_;
  RecordColumns columns_;
  JsonDocuments documents_;
  JsonText json_;
  JsonValues values_;
  JsonNames names_;
  std::vector<JsonShape> shapes_;  // by target
  FilePart part_;
  std::string_view text_;  // the document
  bool in_array_ = false;
  bool first_of_array_ = false;
  Fit array_fit_ = Fit::kFits;
  ColumnBatch trial_;
  std::vector<std::string> new_fields_;  // of the record at hand
};

}  // namespace

Result<std::unique_ptr<RecordReader>> NewJsonReader(std::shared_ptr<const ReadSpec> spec) {
  TARN_ASSIGN(JsonDocuments documents, JsonDocuments::Of(spec->options));
  TARN_ASSIGN(const JsonSyntax syntax, JsonSyntax::Of(spec->options));
  TARN_ASSIGN(TextValues values, TextValues::Of(*spec));
  TARN_ASSIGN(const bool case_sensitive, spec->options.Flag("readerCaseSensitive", true));
  return std::unique_ptr<RecordReader>(std::make_unique<JsonReader>(
      std::move(spec), std::move(documents), syntax, std::move(values), case_sensitive));
}

}  // namespace tarn::format
