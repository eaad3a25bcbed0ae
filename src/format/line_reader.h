#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/format/byte_source.h"
#include "tarn/format/record_reader.h"

namespace tarn::format {

/// The text of a part of a file as UTF-8: decompressed and transcoded. What isn't UTF-8 is
/// still in it.
Result<std::unique_ptr<ByteSource>> TextOf(const FilePart& part, const ReadOptions& options);

/// A window on a byte source that grows and moves on.
class Window {
 public:
  void Open(std::unique_ptr<ByteSource> source);

  /// The bytes at hand from the reading position on.
  std::string_view rest() const { return std::string_view(buffer_.data() + at_, end_ - at_); }
  void Skip(size_t count) { at_ += count; }
  /// True if nothing follows the bytes at hand.
  bool at_end() const { return at_end_; }
  /// Fetches more; false if there is nothing more. `rest` stays the same but for what is appended;
  /// views of it become invalid. FAILED_READ_FILE.NO_HINT beyond the largest record.
  Result<bool> Grow();
  /// Passes the byte order mark that UTF-8 may have at its start.
  Status SkipMark();
  /// Bytes before the reading position, since the source was opened.
  int64_t position() const { return taken_ - static_cast<int64_t>(end_ - at_); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  size_t at_ = 0;
  size_t end_ = 0;
  int64_t taken_ = 0;
  bool at_end_ = true;
};

/// Splits text into lines as Hadoop does: at \n, \r\n and \r, or at a separator that is given.
class LineReader {
 public:
  /// `separator`: empty for the usual three.
  explicit LineReader(std::string separator) : separator_(std::move(separator)) {}

  Status Open(const FilePart& part, const ReadOptions& options);
  /// The next line without its separator, valid UTF-8 (what isn't is replaced by U+FFFD), valid
  /// until the next call; false at the end of the part.
  Result<bool> Next(std::string_view* line);
  /// True if the last line wasn't UTF-8.
  bool ill_formed() const { return ill_formed_; }
  /// Number of the last line, from 1, counted within the part.
  int64_t line_number() const { return line_number_; }

 private:
  Result<bool> NextRaw(std::string_view* line);
  size_t FindEnd(std::string_view text, size_t* separator_size) const;

  const std::string separator_;
  Window window_;
  std::string repaired_;
  int64_t begin_ = 0;
  int64_t end_ = 0;
  int64_t line_number_ = 0;
  size_t used_ = 0;  // of the line given last
  bool ill_formed_ = false;
};

/// What lines a part begins after, for messages: the number of line ends before `offset`.
Result<int64_t> LinesBefore(const FilePart& part, std::string_view separator);

}  // namespace tarn::format
