#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "tarn/base/check.h"
#include "tarn/base/error.h"

namespace tarn {

/// Either a value or the Error that prevented it. Must not be dropped.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : rep_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : rep_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return rep_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    TARN_CHECK(ok());
    return std::get<0>(rep_);
  }
  const T& value() const& {
    TARN_CHECK(ok());
    return std::get<0>(rep_);
  }
  T&& value() && {
    TARN_CHECK(ok());
    return std::get<0>(std::move(rep_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    TARN_CHECK(!ok());
    return std::get<1>(rep_);
  }
  Error&& error() && {
    TARN_CHECK(!ok());
    return std::get<1>(std::move(rep_));
  }

 private:
  std::variant<T, Error> rep_;
};

/// Success, or the Error that prevented it. Must not be dropped.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& {
    TARN_CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    TARN_CHECK(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace tarn

#define TARN_CONCAT_INNER(a, b) a##b
#define TARN_CONCAT(a, b) TARN_CONCAT_INNER(a, b)

/// Returns the error of `expression` from the enclosing function, if it has one.
#define TARN_TRY(expression)                                              \
  do {                                                                    \
    auto tarn_try_result = (expression);                                  \
    if (!tarn_try_result.ok()) return std::move(tarn_try_result).error(); \
  } while (0)

#define TARN_ASSIGN_INNER(result, lhs, expression)    \
  auto result = (expression);                         \
  if (!result.ok()) return std::move(result).error(); \
  lhs = std::move(result).value()

/// Declares or assigns `lhs` from the value of `expression`, or returns its error.
#define TARN_ASSIGN(lhs, expression) \
  TARN_ASSIGN_INNER(TARN_CONCAT(tarn_result_, __LINE__), lhs, expression)
