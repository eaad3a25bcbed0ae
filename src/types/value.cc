#include "tarn/types/value.h"

#include <cmath>

namespace tarn {

namespace {

bool SameReal(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

template <typename T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int OrderReals(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Order(std::isnan(a), std::isnan(b));
  return Order(a, b);
}

}  // namespace

bool Value::operator==(const Value& other) const {
  if (!(type_ == other.type_)) return false;
  if (const auto* real = std::get_if<double>(&rep_)) {
    const auto* theirs = std::get_if<double>(&other.rep_);
    return theirs != nullptr && SameReal(*real, *theirs);
  }
  return rep_ == other.rep_;
}

int Compare(const Value& a, const Value& b) {
  TARN_CHECK(a.rep().index() == b.rep().index());
  TARN_CHECK(!a.is_null());
  return std::visit(
      [&](const auto& left) -> int {
        using T = std::decay_t<decltype(left)>;
        const T& right = std::get<T>(b.rep());
        if constexpr (std::is_same_v<T, double>) {
          return OrderReals(left, right);
        } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, int64_t>) {
          return Order(left, right);
        } else if constexpr (std::is_same_v<T, Int128>) {
          TARN_CHECK(a.type().scale() == b.type().scale());
          return Order(left, right);
        } else if constexpr (std::is_same_v<T, std::string>) {
          // std::string compares as unsigned bytes.
          return Order(left, right);
        } else {
          TARN_UNREACHABLE();
        }
      },
      a.rep());
}

}  // namespace tarn
