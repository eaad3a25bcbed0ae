#include "line_reader.h"

#include <algorithm>
#include <cstring>

#include "read_error.h"
#include "tarn/base/utf8.h"

namespace tarn::format {

namespace {

constexpr size_t kFirstBytes = 256 << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<std::unique_ptr<ByteSource>> TextOf(const FilePart& part, const ReadOptions& options) {
  TARN_ASSIGN(
      const Compression compression,
      CompressionOf(options.Find({"compression", "codec"}).value_or(std::string()), part.path));
  std::unique_ptr<ByteSource> source = Decompress(BytesOf(part.file, part.begin), compression);
  TARN_ASSIGN(source, ToUtf8(std::move(source),
                             options.Find({"encoding", "charset"}).value_or(std::string())));
  return source;
}

void Window::Open(std::unique_ptr<ByteSource> source) {
  source_ = std::move(source);
  at_ = end_ = 0;
  taken_ = 0;
  at_end_ = false;
}

Result<bool> Window::Grow() {
  if (at_end_) return false;
  if (at_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = 0;
  }
  if (buffer_.size() == end_) {
    if (end_ > kRecordBytesMax) {
      return ReadFailure("a record is larger than " + std::to_string(kRecordBytesMax >> 20) +
                         " MiB");
    }
    buffer_.resize(std::max(kFirstBytes, 2 * end_));
  }
  TARN_ASSIGN(const size_t count,
              source_->Read(std::span(buffer_.data() + end_, buffer_.size() - end_)));
  end_ += count;
  taken_ += static_cast<int64_t>(count);
  at_end_ = count == 0;
  return count > 0;
}

Status Window::SkipMark() {
  while (rest().size() < kByteOrderMark.size()) {
    TARN_ASSIGN(const bool more, Grow());
    if (!more) return {};
  }
  if (rest().starts_with(kByteOrderMark)) Skip(kByteOrderMark.size());
  return {};
}

Status LineReader::Open(const FilePart& part, const ReadOptions& options) {
  TARN_ASSIGN(std::unique_ptr<ByteSource> source, TextOf(part, options));
  window_.Open(std::move(source));
  begin_ = part.begin;
  end_ = part.end;
  line_number_ = 0;
  used_ = 0;
  if (begin_ == 0) return window_.SkipMark();
  // The first line belongs to the part before.
  std::string_view line;
  TARN_TRY(NextRaw(&line));
  line_number_ = 0;
  return {};
}

size_t LineReader::FindEnd(std::string_view text, size_t* separator_size) const {
  if (!separator_.empty()) {
    *separator_size = separator_.size();
    return text.find(separator_);
  }
  const auto* newline = static_cast<const char*>(std::memchr(text.data(), '\n', text.size()));
  const size_t searched = newline ? static_cast<size_t>(newline - text.data()) : text.size();
  const auto* carriage = static_cast<const char*>(std::memchr(text.data(), '\r', searched));
  if (carriage == nullptr) {
    *separator_size = 1;
    return newline ? searched : text.npos;
  }
  const auto at = static_cast<size_t>(carriage - text.data());
  // Whether a line feed follows must be known, so at the edge more is needed.
  if (at + 1 == text.size() && !window_.at_end()) return text.npos;
  *separator_size = at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
  return at;
}

Result<bool> LineReader::NextRaw(std::string_view* line) {
  window_.Skip(used_);
  used_ = 0;
  // Lines that begin beyond the end are the next part's.
  if (begin_ + window_.position() > end_) return false;
  size_t separator_size = 0;
  while (true) {
    const std::string_view rest = window_.rest();
    const size_t at = rest.empty() ? rest.npos : FindEnd(rest, &separator_size);
    if (at != rest.npos) {
      *line = rest.substr(0, at);
      used_ = at + separator_size;
      break;
    }
    TARN_ASSIGN(const bool more, window_.Grow());
    if (more) continue;
    *line = window_.rest();
    used_ = line->size();
    if (line->empty()) return false;
    if (line->ends_with('\r') && separator_.empty()) line->remove_suffix(1);
    break;
  }
  ++line_number_;
  return true;
}

Result<bool> LineReader::Next(std::string_view* line) {
  TARN_ASSIGN(const bool found, NextRaw(line));
  ill_formed_ = found && !IsValidUtf8(*line);
  if (ill_formed_) {
    repaired_.clear();
    AppendValidUtf8(*line, &repaired_);
    *line = repaired_;
  }
  return found;
}

Result<int64_t> LinesBefore(const FilePart& part, std::string_view separator) {
  if (part.begin == 0) return int64_t{0};
  LineReader lines{std::string(separator)};
  TARN_TRY(lines.Open({part.file, part.path, 0, part.begin}, {}));
  std::string_view line;
  while (true) {
    TARN_ASSIGN(const bool more, lines.Next(&line));
    if (!more) return lines.line_number();
  }
}

}  // namespace tarn::format
