#include "read_error.h"

namespace tarn::format {

namespace {
constexpr size_t kShownBytes = 200;
}

Error ReadFailure(std::string detail) {
  return Error(Condition("FAILED_READ_FILE.NO_HINT"),
               {{"path", ""}, {"detail", std::move(detail)}});
}

Error InFile(Error error, const std::string& path, int64_t line) {
  if (error.condition() != Condition("FAILED_READ_FILE.NO_HINT") ||
      !error.parameter("path").empty()) {
    return error;
  }
  std::string detail(error.parameter("detail"));
  if (line > 0) detail = "line " + std::to_string(line) + ": " + detail;
  return Error(Condition("FAILED_READ_FILE.NO_HINT"),
               {{"path", path}, {"detail", std::move(detail)}});
}

Error NewFields(const std::vector<std::string>& names, const std::string& path) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return Error(Condition("UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE"),
               {{"unknownFields", joined}, {"path", path}});
}

Error MalformedRecord(std::string_view record, std::string_view reason) {
  std::string shown(record.substr(0, kShownBytes));
  // Not in the middle of a character.
  while (shown.size() < record.size() && !shown.empty() &&
         (static_cast<unsigned char>(record[shown.size()]) & 0xC0) == 0x80) {
    shown.pop_back();
  }
  if (shown.size() < record.size()) shown += "…";
  std::string detail = "the record is malformed";
  if (!reason.empty()) detail += " (" + std::string(reason) + ")";
  return ReadFailure(detail + " and the mode is FAILFAST: " + shown);
}

}  // namespace tarn::format
