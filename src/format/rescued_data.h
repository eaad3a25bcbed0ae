#pragma once

#include <string>
#include <string_view>

namespace tarn::format {

/// The rescued data of one record: a JSON object of what didn't fit, with the path of the file.
class RescuedData {
 public:
  void Clear() { json_.clear(); }
  bool empty() const { return json_.empty(); }
  /// Adds a member whose value is JSON already.
  void AddJson(std::string_view name, std::string_view json);
  void AddText(std::string_view name, std::string_view text);
  /// The object without a path, for one within another.
  std::string_view FinishNested();
  /// The object.
  std::string_view Finish(std::string_view path);

 private:
  std::string json_;
};

}  // namespace tarn::format
