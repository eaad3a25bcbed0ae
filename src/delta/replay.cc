#include "replay.h"

#include <algorithm>

#include "log_reader.h"
#include "tarn/delta/protocol.h"

namespace tarn::delta {
namespace {

constexpr size_t kKeysToScanMax = 8;

}  // namespace

void FileKeySet::Reserve(size_t keys) {
  size_t capacity = 64;
  while (capacity < keys * 2) capacity *= 2;
  if (capacity <= slots_.size()) return;
  slots_.assign(capacity, 0);
  for (size_t i = 0; i < keys_.size(); ++i) {
    slots_[Slot(keys_[i])] = static_cast<uint32_t>(i + 1);
  }
}

size_t FileKeySet::Slot(const Key& key) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = key.hash & mask;
  while (slots_[slot] != 0) {
    const Key& other = keys_[slots_[slot] - 1];
    if (other.hash == key.hash && other.path == key.path &&
        SameDeletionVector(other.deletion_vector, key.deletion_vector)) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

bool FileKeySet::Insert(const Key& key) {
  if ((keys_.size() + 1) * 2 > slots_.size()) Reserve((keys_.size() + 1) * 2);
  const size_t slot = Slot(key);
  if (slots_[slot] != 0) return false;
  keys_.push_back(key);
  slots_[slot] = static_cast<uint32_t>(keys_.size());
  return true;
}

bool FileKeySet::Contains(const Key& key) const { return !keys_.empty() && slots_[Slot(key)] != 0; }

void Replay::Take(std::shared_ptr<const LogBlock> block, LogActions actions, bool keep_tombstones,
                  bool oldest) {
  TakeActions(std::move(actions));
  Live live{block, {}};
  if (!oldest) seen_.Reserve(seen_.size() + block->adds() + block->removals.size());
  size_t removal = block->removals.size();
  const auto take_removals = [&](size_t row) {
    // Removals that stand after the add of that row come first when going back in time.
    for (; removal > 0 && block->removals[removal - 1].after_add > row; --removal) {
      const Removal& r = block->removals[removal - 1];
      const bool is_new = seen_.Insert({r.hash, r.path, block->DeletionVectorOf(r)});
      if (is_new && keep_tombstones) {
        tombstones_.push_back({block, static_cast<uint32_t>(removal - 1)});
      }
    }
  };
  // Without removals of its own, a checkpoint needs only look-ups: it names each file once.
  const bool insert = !oldest || !block->removals.empty();
  for (size_t row = block->adds(); row-- > 0;) {
    take_removals(row);
    const FileKeySet::Key key{block->hash[row], block->path[row], block->DeletionVectorOf(row)};
    if (insert ? seen_.Insert(key) : !seen_.Contains(key)) {
      live.rows.push_back(static_cast<uint32_t>(row));
    }
  }
  for (; removal > 0; --removal) {
    const Removal& r = block->removals[removal - 1];
    if (seen_.Insert({r.hash, r.path, block->DeletionVectorOf(r)}) && keep_tombstones) {
      tombstones_.push_back({block, static_cast<uint32_t>(removal - 1)});
    }
  }
  live_.push_back(std::move(live));
}

void Replay::TakeActions(LogActions actions) {
  if (!protocol_) protocol_ = std::move(actions.protocol);
  if (!metadata_ && actions.metadata) {
    metadata_ = std::move(actions.metadata);
    schema_error_ = std::move(actions.schema_error);
  }
  for (auto it = actions.transactions.rbegin(); it != actions.transactions.rend(); ++it) {
    std::string app_id = it->app_id;
    transactions_.emplace(std::move(app_id), std::move(*it));
  }
  for (auto it = actions.domains.rbegin(); it != actions.domains.rend(); ++it) {
    std::string domain = it->domain;
    domains_.emplace(std::move(domain), std::move(*it));
  }
}

void Replay::TakeKnown(const SnapshotState& known) {
  if (!protocol_) protocol_ = known.protocol;
  if (!metadata_) metadata_ = known.metadata;
  for (const auto& [app_id, txn] : known.transactions) transactions_.emplace(app_id, txn);
  for (const auto& [domain, entry] : known.domains) domains_.emplace(domain, entry);
  for (const FileSegment& segment : known.files.rep().segments) {
    FileSegment rest = Remaining(segment);
    if (rest.size > 0) known_segments_.push_back(std::move(rest));
  }
  for (auto it = known.tombstones.rbegin(); it != known.tombstones.rend(); ++it) {
    const Removal& r = it->removal();
    if (!seen_.Contains({r.hash, r.path, it->block->DeletionVectorOf(r)})) {
      tombstones_.push_back(*it);
    }
  }
}

FileSegment Replay::Remaining(const FileSegment& segment) const {
  const LogBlock& block = *segment.block;
  // Going through the hashes is several times faster than a look-up of each file, but for each key.
  const bool few = seen_.size() <= kKeysToScanMax;
  if (few && std::ranges::none_of(seen_.keys(), [&](const FileKeySet::Key& key) {
        return std::ranges::find(block.hash, key.hash) != block.hash.end();
      })) {
    return segment;
  }
  auto rows = std::make_shared<std::vector<uint32_t>>();
  rows->reserve(segment.size);
  for (size_t i = 0; i < segment.size; ++i) {
    const size_t row = segment.RowOf(i);
    if (!seen_.Contains({block.hash[row], block.path[row], block.DeletionVectorOf(row)})) {
      rows->push_back(static_cast<uint32_t>(row));
    }
  }
  if (rows->size() == segment.size) return segment;
  return MakeSegmentOf(segment.block, std::move(rows));
}

Result<std::shared_ptr<SnapshotState>> Replay::Finish(const std::string& log_name) {
  if (!protocol_) return LogCorrupt(root_, log_name, "the log has no protocol action");
  TARN_TRY(CheckReadable(*protocol_, root_));
  if (!metadata_) return LogCorrupt(root_, log_name, "the log has no metaData action");
  if (schema_error_) return std::move(*schema_error_);
  auto state = std::make_shared<SnapshotState>();
  state->root = root_;
  state->protocol = std::move(*protocol_);
  state->metadata = std::move(*metadata_);
  const auto in_table = [&](Error error) -> Error {
    if (error.condition() != Condition("DELTA_LOG_CORRUPT")) return error;
    return LogCorrupt(root_, log_name, std::string(error.parameter("detail")));
  };
  // The mapping property has no meaning for a protocol without the feature.
  Metadata effective = state->metadata;
  if (state->protocol.reader_version < 2 && !SupportsFeature(state->protocol, "columnMapping")) {
    effective.configuration.erase("delta.columnMapping.mode");
  }
  auto properties = ReadTableProperties(effective);
  if (!properties.ok()) return in_table(std::move(properties).error());
  state->properties = std::move(*properties);
  auto physical = MakePhysicalSchema(effective);
  if (!physical.ok()) return in_table(std::move(physical).error());
  state->physical = std::move(*physical);
  auto constraints = ConstraintsOf(state->metadata);
  if (!constraints.ok()) return in_table(std::move(constraints).error());
  state->constraints = std::move(*constraints);
  for (const std::string& name : state->metadata.partition_columns) {
    if (state->metadata.schema.Find(name) < 0) {
      return LogCorrupt(root_, log_name, "the partition column " + name + " isn't in the schema");
    }
  }
  state->transactions = std::move(transactions_);
  std::erase_if(domains_, [](const auto& entry) { return entry.second.removed; });
  state->domains = std::move(domains_);
  state->tombstones.assign(tombstones_.rbegin(), tombstones_.rend());

  auto rep = std::make_shared<FileSet::Rep>();
  rep->table = root_;
  rep->segments = std::move(known_segments_);
  for (auto live = live_.rbegin(); live != live_.rend(); ++live) {
    if (live->rows.empty()) continue;
    std::shared_ptr<const std::vector<uint32_t>> rows;
    if (live->rows.size() < live->block->adds()) {
      rows = std::make_shared<std::vector<uint32_t>>(live->rows.rbegin(), live->rows.rend());
    }
    rep->segments.push_back(MakeSegmentOf(live->block, std::move(rows)));
  }
  rep->Bind(state->metadata, state->physical);
  state->files = FileSet(std::move(rep));
  return state;
}

}  // namespace tarn::delta
