#pragma once

namespace tarn::format {

/// Takes a fraction of what comes, evenly.
class Sample {
 public:
  explicit Sample(double ratio) : ratio_(ratio) {}

  bool Takes() {
    sum_ += ratio_;
    if (sum_ < 1) return false;
    sum_ -= 1;
    return true;
  }

 private:
  const double ratio_;
  // The first one is taken.
  double sum_ = 1;
};

}  // namespace tarn::format
