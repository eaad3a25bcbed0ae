#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/source_position.h"

namespace tarn {

/// Whose fault a failure is; decides the exit code and whether a report is worth filing.
enum class Fault : uint8_t { kUser, kInternal, kExternal, kCancelled };

/// The conditions of the error table, one per row of error_table.inc. The enumerator is the
/// condition's name with '.' written as "__" (a sub-condition).
enum class Condition : uint16_t {
#define TARN_ERROR_ROW(id, name, sqlstate, http, retry, fault, message, hint) id,
#include "tarn/base/error_table.inc"
#undef TARN_ERROR_ROW
};

/// One row of the error table.
struct ConditionInfo {
  std::string_view name;      ///< as Databricks and Spark write it, e.g. "TABLE_OR_VIEW_NOT_FOUND"
  std::string_view sqlstate;  ///< five characters, ISO/IEC 9075
  int http_status;
  bool retryable;
  Fault fault;
  std::string_view message;  ///< template; "<name>" is replaced by the parameter of that name
  std::string_view hint;     ///< template of a full-sentence suggestion, or empty
};

/// The row of `condition`. Never fails.
const ConditionInfo& InfoOf(Condition condition);

/// The condition with that name, if the table has it (used where an engine reports by name).
std::optional<Condition> ConditionByName(std::string_view name);

/// Number of rows in the table.
size_t ConditionCount();

/// A failure: a condition with its parameters, optionally where in the user's text it arose and
/// what caused it. Immutable but for the With… builders. Cheap to move; one pointer in size.
class Error {
 public:
  using Parameter = std::pair<std::string, std::string>;

  explicit Error(Condition condition, std::initializer_list<Parameter> parameters = {});
  Error(Condition condition, std::vector<Parameter> parameters);

  Error(const Error& other);
  Error& operator=(const Error& other);
  Error(Error&& other) noexcept;
  Error& operator=(Error&& other) noexcept;
  ~Error();

  Condition condition() const;
  const ConditionInfo& info() const { return InfoOf(condition()); }
  std::string_view name() const { return info().name; }
  const std::vector<Parameter>& parameters() const;
  /// The value of a parameter, or "" if there is none of that name.
  std::string_view parameter(std::string_view name) const;
  const SourceRange& position() const;
  const Error* cause() const;

  /// The message with its parameters filled in, without condition name and position.
  std::string message() const;
  /// The hint with its parameters filled in; empty if the table has none. An explicit WithHint wins.
  std::string hint() const;
  /// "[CONDITION] message SQLSTATE: xxxxx", as Spark prints it.
  std::string ToString() const;

  Error&& WithPosition(const SourceRange& position) &&;
  /// Sets the position only if none is known yet.
  Error&& WithDefaultPosition(const SourceRange& position) &&;
  Error&& WithCause(Error cause) &&;
  Error&& WithHint(std::string hint) &&;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

/// An internal error: a bug in Tarn, with what was being done.
Error InternalError(std::string what);

/// A feature that is known by name and not executed (yet).
Error UnsupportedFeature(std::string feature, const SourceRange& position = {});

}  // namespace tarn
