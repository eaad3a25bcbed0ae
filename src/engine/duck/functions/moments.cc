#include <cmath>

#include "duck/functions/aggregate.h"

namespace tarn::engine::duck {

namespace {

/// Central moments, updated as Spark's CentralMomentAgg does.
struct Moments {
  double count = 0;
  double mean = 0;
  double m2 = 0;
  double m3 = 0;
  double m4 = 0;
};

void Add(Moments& state, double value) {
  const double count = state.count + 1;
  const double delta = value - state.mean;
  const double delta_n = delta / count;
  const double mean = state.mean + delta_n;
  const double m2 = state.m2 + delta * (delta - delta_n);
  const double delta2 = delta * delta;
  const double delta_n2 = delta_n * delta_n;
  const double m3 = state.m3 - 3.0 * delta_n * m2 + delta * (delta2 - delta_n2);
  state.m4 = state.m4 - 4.0 * delta_n * m3 - 6.0 * delta_n2 * m2 +
             delta * (delta * delta2 - delta_n * delta_n2);
  state.m3 = m3;
  state.m2 = m2;
  state.mean = mean;
  state.count = count;
}

void Merge(const Moments& from, Moments& into) {
  if (from.count == 0) return;
  if (into.count == 0) {
    into = from;
    return;
  }
  const double n1 = into.count;
  const double n2 = from.count;
  const double n = n1 + n2;
  const double delta = from.mean - into.mean;
  const double delta_n = delta / n;
  const double m2 = into.m2 + from.m2 + delta * delta_n * n1 * n2;
  const double m3 = into.m3 + from.m3 + delta_n * delta_n * delta * n1 * n2 * (n1 - n2) +
                    3.0 * delta_n * (n1 * from.m2 - n2 * into.m2);
  const double m4 = into.m4 + from.m4 +
                    delta_n * delta_n * delta_n * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2) +
                    6.0 * delta_n * delta_n * (n1 * n1 * from.m2 + n2 * n2 * into.m2) +
                    4.0 * delta_n * (n1 * from.m3 - n2 * into.m3);
  into.mean += delta_n * n2;
  into.count = n;
  into.m2 = m2;
  into.m3 = m3;
  into.m4 = m4;
}

struct MomentsOperation {
  template <class State>
  static void Initialize(State& state) {
    state = State();
  }
  template <class Input, class State, class Op>
  static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
    Add(state, input);
  }
  template <class Input, class State, class Op>
  static void ConstantOperation(State& state, const Input& input, duckdb::AggregateUnaryInput&,
                                idx_t count) {
    for (idx_t i = 0; i < count; ++i) Add(state, input);
  }
  template <class State, class Op>
  static void Combine(const State& source, State& target, duckdb::AggregateInputData&) {
    Merge(source, target);
  }
  static bool IgnoreNull() { return true; }
};

struct Skewness : MomentsOperation {
  template <class T, class State>
  static void Finalize(State& state, T& target, duckdb::AggregateFinalizeData& data) {
    if (state.count == 0 || state.m2 == 0) {
      data.ReturnNull();
    } else {
      target = std::sqrt(state.count) * state.m3 / std::sqrt(state.m2 * state.m2 * state.m2);
    }
  }
};

struct Kurtosis : MomentsOperation {
  template <class T, class State>
  static void Finalize(State& state, T& target, duckdb::AggregateFinalizeData& data) {
    if (state.count == 0 || state.m2 == 0) {
      data.ReturnNull();
    } else {
      target = state.count * state.m4 / (state.m2 * state.m2) - 3.0;
    }
  }
};

template <typename Op>
duckdb::AggregateFunction Make(const char* name) {
  using duckdb::LogicalType;
  auto function = duckdb::AggregateFunction::UnaryAggregate<Moments, double, double, Op>(
      LogicalType::DOUBLE, LogicalType::DOUBLE);
  function.name = name;
  return function;
}

}  // namespace

void RegisterMoments(FunctionSet& set) {
  set.loader().RegisterFunction(Make<Skewness>("spark_skewness"));
  set.loader().RegisterFunction(Make<Kurtosis>("spark_kurtosis"));
  set.registry().Native("skewness", "spark_skewness");
  set.registry().Native("kurtosis", "spark_kurtosis");
}

}  // namespace tarn::engine::duck
