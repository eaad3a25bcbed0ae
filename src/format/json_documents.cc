#include "json_documents.h"

#include "tarn/base/utf8.h"

namespace tarn::format {

Result<JsonDocuments> JsonDocuments::Of(const ReadOptions& options) {
  TARN_ASSIGN(const bool multi_line, options.Flag("multiLine", false));
  const std::string separator = options.Text("lineSep");
  if (separator.empty() && options.Find({"lineSep"}))
    return InvalidOption("lineSep", "", "it must not be empty");
  return JsonDocuments(options, multi_line, separator);
}

Status JsonDocuments::Open(const FilePart& part) {
  pending_ = true;
  if (!multi_line_) return lines_.Open(part, options_);
  TARN_ASSIGN(std::unique_ptr<ByteSource> source, TextOf(part, options_));
  window_.Open(std::move(source));
  return window_.SkipMark();
}

Result<bool> JsonDocuments::Next(std::string_view* text) {
  if (!multi_line_) return lines_.Next(text);
  if (!pending_) return false;
  pending_ = false;
  while (true) {
    TARN_ASSIGN(const bool more, window_.Grow());
    if (!more) break;
  }
  *text = window_.rest();
  ill_formed_ = !IsValidUtf8(*text);
  if (!ill_formed_) return true;
  repaired_.clear();
  AppendValidUtf8(*text, &repaired_);
  *text = repaired_;
  return true;
}

}  // namespace tarn::format
