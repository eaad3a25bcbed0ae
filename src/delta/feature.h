#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "tarn/delta/action.h"

namespace tarn::delta {

inline constexpr int32_t kReaderVersionMax = 3;
inline constexpr int32_t kWriterVersionMax = 7;
inline constexpr int kNotLegacy = 0;

/// Whether a table with the feature can be written.
enum class WriteSupport : uint8_t {
  kYes,
  kNo,
};

/// Whether a table can be rid of a feature. Source: the removable features of Delta.
enum class Drop : uint8_t { kNever, kPossible };

/// A table feature that Tarn knows.
struct Feature {
  std::string_view name;
  bool reader;        ///< readers must know it too
  int legacy_reader;  ///< the version that implied it, or kNotLegacy
  int legacy_writer;
  WriteSupport write;
  Drop drop = Drop::kNever;
};

std::span<const Feature> AllFeatures();
/// nullptr for a name that Tarn doesn't know.
const Feature* FindFeature(std::string_view name);

/// A protocol that lists features by name, of the least versions but not below those of `least`.
Protocol FeatureProtocol(const std::set<std::string>& features, const Protocol& least);

}  // namespace tarn::delta
