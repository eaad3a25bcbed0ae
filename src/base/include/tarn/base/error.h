#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/source_position.h"

namespace tarn {

/// Whose fault a failure is; decides the exit code and whether a report is worth filing.
enum class Fault : uint8_t { kUser, kInternal, kExternal, kCancelled };

/// A condition of the error table (error_table.inc), written by its name, as in
/// Condition("TABLE_OR_VIEW_NOT_FOUND"); '.' parts off a sub-condition. The table itself isn't
/// included here, so a new row doesn't recompile the rooms; tools/tidy finds names it hasn't.
class Condition {
 public:
  consteval explicit Condition(std::string_view name) : Condition(ById{HashOf(name)}) {}

  friend constexpr bool operator==(Condition, Condition) = default;

  /// What stands for the name: FNV-1a of it, 64 bits.
  constexpr uint64_t id() const { return id_; }
  static constexpr uint64_t HashOf(std::string_view name) {
    uint64_t hash = 14695981039346656037u;
    for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
    return hash;
  }

 private:
  struct ById {
    uint64_t id;
  };
  constexpr explicit Condition(ById by) : id_(by.id) {}
  friend std::optional<Condition> ConditionByName(std::string_view name);

  uint64_t id_;
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

/// The row of `condition`. A name that the table doesn't have is a programmer's error.
const ConditionInfo& InfoOf(Condition condition);

/// The condition with that name, if the table has it (used where an engine reports by name).
std::optional<Condition> ConditionByName(std::string_view name);

/// All rows of the table, in the order of their names.
std::span<const ConditionInfo> AllConditions();

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
  bool IsOneOf(std::initializer_list<Condition> conditions) const;
  const ConditionInfo& info() const { return InfoOf(condition()); }
  std::string_view name() const { return info().name; }
  const std::vector<Parameter>& parameters() const;
  /// The value of a parameter, or "" if there is none of that name.
  std::string_view parameter(std::string_view name) const;
  const SourceRange& position() const;
  const Error* cause() const;

  /// The message with its parameters filled in, without condition name and position.
  std::string message() const;
  /// The hint with its parameters filled in; empty if the table has none. An explicit WithHint
  /// wins.
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
