#pragma once

#include <string>
#include <string_view>

#include "tarn/format/read_options.h"

namespace tarn::format {

/// How far JSON may differ from the standard: Jackson's features by the names of Spark's options.
struct JsonSyntax {
  bool comments = false;
  bool unquoted_names = false;
  bool single_quotes = true;
  bool leading_zeros = false;
  bool any_escape = false;
  bool control_characters = false;
  bool non_numeric_numbers = true;

  static Result<JsonSyntax> Of(const ReadOptions& options);
};

/// Deeper nesting is malformed.
inline constexpr int kJsonDepthMax = 256;

/// A cursor over the text of one JSON document (valid UTF-8), forward only. After a method has
/// answered that the text is malformed, nothing but Start makes sense. For one thread.
class JsonText {
 public:
  explicit JsonText(const JsonSyntax& syntax) : syntax_(syntax) {}

  void Start(std::string_view text) {
    at_ = text.data();
    end_ = at_ + text.size();
    depth_ = 0;
  }

  enum class Kind : uint8_t { kObject, kArray, kString, kNumber, kTrue, kFalse, kNull, kEnd, kBad };
  /// What the value at the cursor is, by its first character; passes blanks before it.
  Kind Peek();

  enum class Next : uint8_t { kItem, kClose, kBad };
  /// Within an object (the cursor at its '{' if `first`): moves to the value of the next member.
  /// The name is valid until the next call.
  Next NextMember(bool first, std::string_view* name);
  /// Within an array: moves to the next element.
  Next NextElement(bool first);

  /// Reads the value at the cursor, whose kind is known. False if it is malformed. The text is
  /// valid until the next call.
  bool ReadString(std::string_view* text);
  /// The number as it is written; `integral` tells Jackson's ints from its floats.
  bool ReadNumber(std::string_view* raw, bool* integral);
  bool ReadLiteral();  ///< true, false, null
  /// Passes the value at the cursor, checking its form.
  bool Skip();
  /// Appends the value at the cursor without blanks and in standard form, and passes it.
  bool Copy(std::string* out);

  /// The cursor's place, and the text from such a place to the cursor.
  const char* place() const { return at_; }
  std::string_view Since(const char* place) const {
    return {place, static_cast<size_t>(at_ - place)};
  }

 private:
  bool SkipBlanks();
  bool SkipComment();
  bool ReadQuoted(char quote, std::string* scratch, std::string_view* text);
  bool ReadEscape(std::string* out);
  bool ReadUnicodeEscape(std::string* out);
  bool ReadHex(uint32_t* unit);
  bool ReadName(std::string_view* name);
  bool ReadNonNumeric();
  bool AtValueEnd() const;
  bool Enter(bool first, char open);
  Next NextItem(bool first, char open, char close);

  const JsonSyntax syntax_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  int depth_ = 0;
  std::string name_;
  std::string text_;
};

}  // namespace tarn::format
