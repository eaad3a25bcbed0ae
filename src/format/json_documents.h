#pragma once

#include <string>
#include <string_view>

#include "line_reader.h"

namespace tarn::format {

/// The documents of a part of a JSON file: its lines, or with multiLine the whole file. For one
/// thread.
class JsonDocuments {
 public:
  static Result<JsonDocuments> Of(const ReadOptions& options);

  Status Open(const FilePart& part);
  /// The next document, valid UTF-8, valid until the next call; false at the end.
  Result<bool> Next(std::string_view* text);
  /// True if the last document wasn't UTF-8, which makes it malformed.
  bool ill_formed() const { return multi_line_ ? ill_formed_ : lines_.ill_formed(); }
  /// The line on which it begins, from 1, counted within the part.
  int64_t line() const { return multi_line_ ? 1 : lines_.line_number(); }
  const std::string& separator() const { return separator_; }

 private:
  JsonDocuments(ReadOptions options, bool multi_line, std::string separator)
      : options_(std::move(options)),
        multi_line_(multi_line),
        separator_(std::move(separator)),
        lines_(separator_) {}

  ReadOptions options_;
  bool multi_line_;
  std::string separator_;
  LineReader lines_;
  Window window_;
  std::string repaired_;
  bool pending_ = false;
  bool ill_formed_ = false;
};

}  // namespace tarn::format
