#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::delta {

/// The text of a JSON string's content (between its quotes). False for malformed escapes.
bool UnescapeJson(std::string_view content, std::string& out);

/// Writes one JSON object: `ObjectWriter o(out); o.Text("a", x); o.Int("b", 1); o.Close();`
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }
  void Key(std::string_view key);
  void Text(std::string_view key, std::string_view value);
  void Int(std::string_view key, int64_t value);
  void Bool(std::string_view key, bool value);
  /// A value that is JSON already.
  void Raw(std::string_view key, std::string_view json);
  void TextMap(std::string_view key, const std::map<std::string, std::string>& values);
  void TextList(std::string_view key, const std::vector<std::string>& values);
  /// NULL values are written as null.
  void OptionalTextMap(
      std::string_view key,
      const std::vector<std::pair<std::string, std::optional<std::string>>>& values);
  void Close() { out_.push_back('}'); }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace tarn::delta
