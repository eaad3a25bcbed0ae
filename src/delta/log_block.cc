#include "log_block.h"

#include <cstring>
#include <functional>

namespace tarn::delta {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;

}  // namespace

std::string_view Arena::Store(std::string_view text) {
  if (text.empty()) return std::string_view("", 0);
  if (text.size() > left_) {
    const size_t bytes = text.size() > kChunkBytes / 4 ? text.size() : kChunkBytes;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    char* chunk = chunks_.back().get();
    if (bytes != kChunkBytes) {
      std::memcpy(chunk, text.data(), text.size());
      return {chunk, text.size()};
    }
    free_ = chunk;
    left_ = bytes;
  }
  char* place = free_;
  std::memcpy(place, text.data(), text.size());
  free_ += text.size();
  left_ -= text.size();
  return {place, text.size()};
}

std::string_view Arena::Adopt(std::string buffer) {
  buffers_.push_back(std::make_unique<std::string>(std::move(buffer)));
  return *buffers_.back();
}

const DeletionVectorDescriptor* LogBlock::DeletionVectorOf(size_t row) const {
  const int32_t* index = FindSparse(deletion_vector_rows, row);
  return index == nullptr ? nullptr : &deletion_vectors[*index];
}

void LogBlock::StartAdd() {
  path.emplace_back();
  size.push_back(0);
  modification_time_ms.push_back(0);
  hash.push_back(0);
  data_change.push_back(1);
  for (auto& column : partition_values) column.emplace_back();
}

void LogBlock::SetStats(std::string_view text) {
  stats.resize(path.size());
  stats.back() = text;
}

void LogBlock::SetPartitionValue(std::string_view key, size_t position, std::string_view value) {
  // Nearly every add names the same columns in the same order.
  size_t slot = position;
  if (slot >= partition_keys.size() || partition_keys[slot] != key) {
    for (slot = 0; slot < partition_keys.size() && partition_keys[slot] != key;) ++slot;
  }
  if (slot == partition_keys.size()) {
    partition_keys.emplace_back(key);
    partition_values.emplace_back(path.size());
  }
  partition_values[slot].back() = value;
}

void LogBlock::FinishAdd() {
  const size_t row = path.size() - 1;
  const bool has_vector = !deletion_vector_rows.empty() && deletion_vector_rows.back().first == row;
  hash[row] = FileKeyHash(
      path[row], has_vector ? &deletion_vectors[deletion_vector_rows.back().second] : nullptr);
}

uint64_t FileKeyHash(std::string_view path, const DeletionVectorDescriptor* deletion_vector) {
  uint64_t hash = std::hash<std::string_view>()(path);
  if (deletion_vector != nullptr) {
    const uint64_t other = std::hash<std::string>()(deletion_vector->UniqueId());
    hash ^= other + 0x9e3779b97f4a7c15 + (hash << 6) + (hash >> 2);
  }
  return hash;
}

bool SameDeletionVector(const DeletionVectorDescriptor* a, const DeletionVectorDescriptor* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->storage_type == b->storage_type && a->path_or_inline == b->path_or_inline &&
         a->offset == b->offset;
}

}  // namespace tarn::delta
