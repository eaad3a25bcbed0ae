#include "file_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "checkpoint_statistics.h"
#include "json_text.h"
#include "tarn/delta/partition_value.h"
#include "tarn/delta/statistics.h"

namespace tarn::delta {

FileSegment MakeSegmentOf(std::shared_ptr<const LogBlock> block,
                          std::shared_ptr<const std::vector<uint32_t>> rows) {
  FileSegment segment;
  segment.size = rows == nullptr ? block->adds() : rows->size();
  segment.block = std::move(block);
  segment.rows = std::move(rows);
  for (size_t i = 0; i < segment.size; ++i) {
    segment.bytes = SaturatingSum(segment.bytes, segment.block->size[segment.RowOf(i)]);
  }
  return segment;
}

FileSet::Rep::Place FileSet::Rep::At(size_t i) const {
  const auto after = std::upper_bound(starts.begin(), starts.end(), i);
  const auto segment = static_cast<size_t>(after - starts.begin()) - 1;
  return {segment, segments[segment].block.get(), segments[segment].RowOf(i - starts[segment])};
}

void FileSet::Rep::Bind(const Metadata& metadata, const PhysicalSchema& schema) {
  partition_names.clear();
  partition_types.clear();
  for (const std::string& name : metadata.partition_columns) {
    const PhysicalField* field = schema.Find(name);
    partition_names.push_back(field == nullptr ? name : field->physical_name);
    partition_types.push_back(field == nullptr ? DataType(TypeId::kString) : field->type);
  }
  partition_slots.assign(segments.size(), {});
  starts.clear();
  size = 0;
  total_size = 0;
  for (size_t s = 0; s < segments.size(); ++s) {
    const std::vector<std::string>& keys = segments[s].block->partition_keys;
    for (const std::string& name : partition_names) {
      const auto found = std::ranges::find(keys, name);
      partition_slots[s].push_back(found == keys.end() ? -1
                                                       : static_cast<int>(found - keys.begin()));
    }
    starts.push_back(size);
    size += segments[s].size;
    total_size = SaturatingSum(total_size, segments[s].bytes);
  }
}

FileSet FilesOfBlock(std::string table_root, std::shared_ptr<const LogBlock> block,
                     std::shared_ptr<const std::vector<uint32_t>> rows, const Metadata& metadata,
                     const PhysicalSchema& schema) {
  auto rep = std::make_shared<FileSet::Rep>();
  rep->table = std::move(table_root);
  rep->segments.push_back(MakeSegmentOf(std::move(block), std::move(rows)));
  rep->Bind(metadata, schema);
  return FileSet(std::move(rep));
}

FileSet::FileSet(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
FileSet::~FileSet() = default;

bool HasDeletionVectors(const FileSet& files) {
  for (size_t i = 0; i < files.size(); ++i) {
    if (files.deletion_vector(i) != nullptr) return true;
  }
  return false;
}

size_t FileSet::size() const { return rep_->size; }
int64_t FileSet::total_size() const { return rep_->total_size; }

std::string_view FileSet::path(size_t i) const {
  const Rep::Place at = rep_->At(i);
  return at.block->path[at.row];
}

int64_t FileSet::file_size(size_t i) const {
  const Rep::Place at = rep_->At(i);
  return at.block->size[at.row];
}

int64_t FileSet::modification_time_ms(size_t i) const {
  const Rep::Place at = rep_->At(i);
  return at.block->modification_time_ms[at.row];
}

std::optional<std::string_view> FileSet::partition_text(size_t i, size_t k) const {
  const std::string_view text = rep_->RawPartition(rep_->At(i), k);
  return text.data() == nullptr ? std::nullopt : std::optional(text);
}

Result<Value> FileSet::partition_value(size_t i, size_t k, const TimeZone& zone) const {
  return ParsePartitionValue(partition_text(i, k), rep_->partition_types[k], zone, rep_->table);
}

std::string FileSet::stats(size_t i) const {
  const Rep::Place at = rep_->At(i);
  if (at.block->later_stats != nullptr) return at.block->later_stats->Text(at.row);
  const std::string_view raw = at.block->StatsOf(at.row);
  if (!at.block->stats_escaped) return std::string(raw);
  std::string text;
  if (!UnescapeJson(raw, text)) text.clear();
  return text;
}

std::optional<int64_t> FileSet::num_records(size_t i) const {
  const Rep::Place at = rep_->At(i);
  if (at.block->later_stats != nullptr) return at.block->later_stats->NumRecords(at.row);
  return NumRecordsOf(stats(i));
}

Status FileSet::LoadStatistics(const RequestContext& ctx) const {
  for (const FileSegment& segment : rep_->segments) {
    if (segment.block->later_stats != nullptr) TARN_TRY(segment.block->later_stats->Load(ctx));
  }
  return {};
}

const DeletionVectorDescriptor* FileSet::deletion_vector(size_t i) const {
  const Rep::Place at = rep_->At(i);
  return at.block->DeletionVectorOf(at.row);
}

std::optional<int64_t> FileSet::base_row_id(size_t i) const {
  const Rep::Place at = rep_->At(i);
  const int64_t* id = FindSparse(at.block->base_row_ids, at.row);
  return id == nullptr ? std::nullopt : std::optional(*id);
}

std::optional<int64_t> FileSet::default_row_commit_version(size_t i) const {
  const Rep::Place at = rep_->At(i);
  const int64_t* version = FindSparse(at.block->default_row_commit_versions, at.row);
  return version == nullptr ? std::nullopt : std::optional(*version);
}

std::vector<std::pair<std::string, std::string>> FileSet::tags(size_t i) const {
  std::vector<std::pair<std::string, std::string>> out;
  const Rep::Place at = rep_->At(i);
  const std::string* json = FindSparse(at.block->tags, at.row);
  if (json == nullptr) return out;
  const auto object = nlohmann::json::parse(*json, nullptr, false);
  if (!object.is_object()) return out;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) out.emplace_back(key, value.get<std::string>());
  }
  return out;
}

AddFile FileSet::ToAdd(size_t i) const {
  AddFile add;
  add.path = path(i);
  for (size_t k = 0; k < rep_->partition_names.size(); ++k) {
    const auto text = partition_text(i, k);
    add.partition_values.emplace_back(rep_->partition_names[k],
                                      text ? PartitionText(*text) : std::nullopt);
  }
  add.size = file_size(i);
  add.modification_time_ms = modification_time_ms(i);
  add.stats = stats(i);
  for (auto& [key, value] : tags(i)) add.tags[key] = value;
  if (const auto* vector = deletion_vector(i)) add.deletion_vector = *vector;
  add.base_row_id = base_row_id(i);
  add.default_row_commit_version = default_row_commit_version(i);
  return add;
}

RemoveFile FileSet::ToRemove(size_t i) const {
  AddFile add = ToAdd(i);
  RemoveFile remove;
  remove.path = std::move(add.path);
  remove.extended_file_metadata = true;
  remove.partition_values = std::move(add.partition_values);
  remove.size = add.size;
  remove.deletion_vector = std::move(add.deletion_vector);
  remove.base_row_id = add.base_row_id;
  remove.default_row_commit_version = add.default_row_commit_version;
  return remove;
}

std::optional<size_t> FileSet::Find(std::string_view path_wanted) const {
  std::call_once(rep_->index_once, [this] {
    rep_->index.reserve(size());
    for (size_t i = 0; i < size(); ++i) rep_->index.emplace(path(i), i);
  });
  const auto found = rep_->index.find(path_wanted);
  return found == rep_->index.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace tarn::delta
