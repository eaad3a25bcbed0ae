#include "feature.h"

#include <algorithm>

#include "tarn/delta/protocol.h"

namespace tarn::delta {

namespace {

/// Source: Delta protocol, "Valid Feature Names in Table Features".
constexpr Feature kFeatures[] = {
    {"allowColumnDefaults", false, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"appendOnly", false, kNotLegacy, 2, WriteSupport::kYes},
    {"catalogManaged", true, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"changeDataFeed", false, kNotLegacy, 4, WriteSupport::kYes},
    {"checkConstraints", false, kNotLegacy, 3, WriteSupport::kYes, Drop::kPossible},
    {"checkpointProtection", false, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"clustering", false, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"columnMapping", true, 2, 5, WriteSupport::kYes, Drop::kPossible},
    {"deletionVectors", true, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"domainMetadata", false, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"generatedColumns", false, kNotLegacy, 4, WriteSupport::kYes},
    {"icebergCompatV1", false, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"icebergCompatV2", false, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"identityColumns", false, kNotLegacy, 6, WriteSupport::kYes},
    {"inCommitTimestamp", false, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"invariants", false, kNotLegacy, 2, WriteSupport::kYes},
    {"rowTracking", false, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {kCatalogCommits, false, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"timestampNtz", true, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"typeWidening", true, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"typeWidening-preview", true, kNotLegacy, kNotLegacy, WriteSupport::kNo},
    {"v2Checkpoint", true, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"vacuumProtocolCheck", true, kNotLegacy, kNotLegacy, WriteSupport::kYes, Drop::kPossible},
    {"variantShredding", true, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"variantShredding-preview", true, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"variantType", true, kNotLegacy, kNotLegacy, WriteSupport::kYes},
    {"variantType-preview", true, kNotLegacy, kNotLegacy, WriteSupport::kYes},
};

}  // namespace

std::span<const Feature> AllFeatures() { return kFeatures; }

const Feature* FindFeature(std::string_view name) {
  for (const Feature& feature : kFeatures) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

Protocol FeatureProtocol(const std::set<std::string>& features, const Protocol& least) {
  Protocol out;
  out.writer_version = kWriterVersionMax;
  out.writer_features.assign(features.begin(), features.end());
  out.reader_version = least.reader_version;
  for (const std::string& name : features) {
    const Feature* feature = FindFeature(name);
    if (feature == nullptr || !feature->reader) continue;
    out.reader_version =
        std::max(out.reader_version,
                 feature->legacy_reader == kNotLegacy ? kReaderVersionMax : feature->legacy_reader);
  }
  if (out.reader_version == kReaderVersionMax) {
    for (const std::string& name : features) {
      const Feature* feature = FindFeature(name);
      if (feature != nullptr && feature->reader) out.reader_features.push_back(name);
    }
  }
  return out;
}

}  // namespace tarn::delta
