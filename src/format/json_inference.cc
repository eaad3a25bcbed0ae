#include "json_inference.h"

#include <algorithm>

#include "csv_options.h"
#include "json_documents.h"
#include "json_types.h"
#include "read_error.h"
#include "sample.h"

namespace tarn::format {

namespace {

using Kind = JsonText::Kind;
using Next = JsonText::Next;

class JsonInference final : public SchemaInference {
 public:
  JsonInference(std::shared_ptr<const ReadSpec> spec, JsonDocuments documents, JsonSyntax syntax,
                JsonTyping typing, TextValues values, bool infer_types, double ratio)
      : mode_(ModeOf(spec->options)),
        corrupt_name_(spec->options.Text("columnNameOfCorruptRecord", "_corrupt_record")),
        rescues_(spec->options.Find({"rescuedDataColumn"}).has_value()),
        documents_(std::move(documents)),
        json_(syntax),
        typing_(typing),
        values_(std::move(values)),
        infer_types_(infer_types),
        sample_(ratio) {}

  Status Observe(const FilePart& part) override {
    Status status = ObserveDocuments(part);
    if (status.ok()) return status;
    return InFile(std::move(status).error(), part.path, documents_.line());
  }

  Result<std::vector<Field>> Finish() override {
    std::vector<Field> fields = root_.Fields(typing_);
    if (!infer_types_) {
      for (Field& field : fields) field.type = TypeId::kString;
    }
    const bool named = std::ranges::any_of(
        fields, [&](const Field& field) { return field.name == corrupt_name_; });
    if (malformed_ && !named && !rescues_ && mode_ == ParseMode::kPermissive) {
      fields.push_back({corrupt_name_, TypeId::kString});
      std::ranges::sort(fields, {}, &Field::name);
    }
    return fields;
  }

 private:
  Status ObserveDocuments(const FilePart& part) {
    TARN_TRY(documents_.Open(part));
    std::string_view text;
    while (true) {
      TARN_ASSIGN(const bool more, documents_.Next(&text));
      if (!more) return {};
      if (!sample_.Takes() || (!documents_.ill_formed() && ObserveDocument(text))) continue;
      if (mode_ == ParseMode::kFailFast) return MalformedRecord(text, "");
      malformed_ = true;
    }
  }

  /// False if it is malformed: no JSON, or neither an object nor an array of them.
  bool ObserveDocument(std::string_view text) {
    json_.Start(text);
    switch (json_.Peek()) {
      case Kind::kEnd:
      case Kind::kNull:
        return true;
      case Kind::kObject:
        if (!json_.Skip()) return false;
        json_.Start(text);
        root_.Observe(json_, typing_, values_);
        return true;
      case Kind::kArray:
        if (!json_.Skip()) return false;
        json_.Start(text);
        (void)json_.Peek();
        return ObserveElements();
      default:
        return false;
    }
  }

  bool ObserveElements() {
    bool objects = true;
    for (bool first = true; json_.NextElement(first) == Next::kItem; first = false) {
      const Kind kind = json_.Peek();
      if (kind == Kind::kObject) {
        root_.Observe(json_, typing_, values_);
      } else {
        objects &= kind == Kind::kNull;
        (void)json_.Skip();
      }
    }
    return objects;
  }

  const ParseMode mode_;
  const std::string corrupt_name_;
  const bool rescues_;
  JsonDocuments documents_;
  JsonText json_;
  const JsonTyping typing_;
  const TextValues values_;
  const bool infer_types_;
  Sample sample_;
  JsonTypeNode root_;
  bool malformed_ = false;
};

}  // namespace

Result<std::unique_ptr<SchemaInference>> NewJsonInference(std::shared_ptr<const ReadSpec> spec) {
  TARN_ASSIGN(JsonDocuments documents, JsonDocuments::Of(spec->options));
  TARN_ASSIGN(const JsonSyntax syntax, JsonSyntax::Of(spec->options));
  TARN_ASSIGN(const JsonTyping typing, JsonTyping::Of(spec->options));
  TARN_ASSIGN(TextValues values, TextValues::Of(*spec));
  TARN_ASSIGN(const bool infer_types, spec->options.Flag("inferColumnTypes", true));
  TARN_ASSIGN(const double ratio, spec->options.Fraction("samplingRatio", 1));
  return std::unique_ptr<SchemaInference>(
      std::make_unique<JsonInference>(std::move(spec), std::move(documents), syntax, typing,
                                      std::move(values), infer_types, ratio));
}

}  // namespace tarn::format
