#include "file_set.h"

#include <nlohmann/json.hpp>

#include "json_text.h"
#include "tarn/delta/partition_value.h"
#include "tarn/delta/statistics.h"

namespace tarn::delta {

void FileSet::Rep::Bind(const Metadata& metadata, const PhysicalSchema& schema) {
  partition_names.clear();
  partition_types.clear();
  for (const std::string& name : metadata.partition_columns) {
    const PhysicalField* field = schema.Find(name);
    partition_names.push_back(field == nullptr ? name : field->physical_name);
    partition_types.push_back(field == nullptr ? DataType(TypeId::kString) : field->type);
  }
  partition_slots.assign(blocks.size(), {});
  for (size_t b = 0; b < blocks.size(); ++b) {
    for (const std::string& name : partition_names) {
      int slot = -1;
      for (size_t k = 0; k < blocks[b]->partition_keys.size(); ++k) {
        if (blocks[b]->partition_keys[k] == name) slot = static_cast<int>(k);
      }
      partition_slots[b].push_back(slot);
    }
  }
  total_size = 0;
  for (const FileRef& file : files) total_size += blocks[file.block]->size[file.row];
}

FileSet::FileSet(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
FileSet::~FileSet() = default;

size_t FileSet::size() const { return rep_->files.size(); }
int64_t FileSet::total_size() const { return rep_->total_size; }

std::string_view FileSet::path(size_t i) const { return rep_->BlockOf(i).path[rep_->RowOf(i)]; }
int64_t FileSet::file_size(size_t i) const { return rep_->BlockOf(i).size[rep_->RowOf(i)]; }
int64_t FileSet::modification_time_ms(size_t i) const {
  return rep_->BlockOf(i).modification_time_ms[rep_->RowOf(i)];
}

std::optional<std::string_view> FileSet::partition_text(size_t i, size_t k) const {
  const std::string_view text = rep_->RawPartition(i, k);
  return text.data() == nullptr ? std::nullopt : std::optional(text);
}

Result<Value> FileSet::partition_value(size_t i, size_t k, const TimeZone& zone) const {
  return ParsePartitionValue(partition_text(i, k), rep_->partition_types[k], zone, rep_->table);
}

std::string FileSet::stats(size_t i) const {
  bool escaped = false;
  const std::string_view raw = rep_->RawStats(i, escaped);
  if (!escaped) return std::string(raw);
  std::string text;
  if (!UnescapeJson(raw, text)) text.clear();
  return text;
}

std::optional<int64_t> FileSet::num_records(size_t i) const { return NumRecordsOf(stats(i)); }

const DeletionVectorDescriptor* FileSet::deletion_vector(size_t i) const {
  return rep_->BlockOf(i).DeletionVectorOf(rep_->RowOf(i));
}

std::optional<int64_t> FileSet::base_row_id(size_t i) const {
  const int64_t* id = FindSparse(rep_->BlockOf(i).base_row_ids, rep_->RowOf(i));
  return id == nullptr ? std::nullopt : std::optional(*id);
}

std::optional<int64_t> FileSet::default_row_commit_version(size_t i) const {
  const int64_t* version = FindSparse(rep_->BlockOf(i).default_row_commit_versions, rep_->RowOf(i));
  return version == nullptr ? std::nullopt : std::optional(*version);
}

std::vector<std::pair<std::string, std::string>> FileSet::tags(size_t i) const {
  std::vector<std::pair<std::string, std::string>> out;
  const std::string* json = FindSparse(rep_->BlockOf(i).tags, rep_->RowOf(i));
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
