#include "checkpoint_statistics.h"

#include <zstd.h>

#include <algorithm>
#include <unordered_map>

#include "log_block.h"
#include "log_reader.h"
#include "stats_struct.h"
#include "tarn/base/check.h"
#include "tarn/delta/column_mapping.h"
#include "tarn/delta/statistics.h"

namespace tarn::delta {
namespace {

constexpr size_t kChunkBytes = size_t{128} << 10;
/// The texts of different files are much alike: the fastest level takes them to a tenth.
constexpr int kCompressionLevel = -3;
/// Of all leaf columns kept besides the one just asked for.
constexpr size_t kColumnsBytesMax = size_t{256} << 20;

constexpr uint8_t kMinKnown = 1;
constexpr uint8_t kMaxKnown = 2;

DataType StatisticsProjection(const StatsStruct* structs) {
  std::vector<Field> fields{{"path", TypeId::kString}, {"stats", TypeId::kString}};
  if (structs != nullptr) fields.push_back({"stats_parsed", structs->type()});
  return DataType::Struct(std::move(fields));
}

}  // namespace

void LeafColumn::Append(const LeafStatistics& leaf) {
  uint8_t known = 0;
  if (leaf.min) {
    known |= kMinKnown;
    text_ += *leaf.min;
  }
  ends_.push_back(text_.size());
  if (leaf.max) {
    known |= kMaxKnown;
    text_ += *leaf.max;
  }
  ends_.push_back(text_.size());
  known_.push_back(known);
  null_counts_.push_back(leaf.null_count.value_or(-1));
}

std::optional<std::string_view> LeafColumn::TextAt(size_t slot) const {
  const uint64_t begin = slot == 0 ? 0 : ends_[slot - 1];
  return std::string_view(text_).substr(begin, ends_[slot] - begin);
}

LeafStatistics LeafColumn::Row(size_t row) const {
  LeafStatistics leaf;
  if ((known_[row] & kMinKnown) != 0) leaf.min = TextAt(row * 2);
  if ((known_[row] & kMaxKnown) != 0) leaf.max = TextAt(row * 2 + 1);
  if (null_counts_[row] >= 0) leaf.null_count = null_counts_[row];
  return leaf;
}

size_t LeafColumn::bytes() const {
  return text_.capacity() + ends_.capacity() * sizeof(uint64_t) + known_.capacity() +
         null_counts_.capacity() * sizeof(int64_t);
}

/// Takes the rows of the checkpoint's files to the places of the adds.
class CheckpointStatistics::Loader {
 public:
  Loader(const CheckpointStatistics& owner, const RequestContext& ctx, const StatsStruct* structs)
      : owner_(owner), ctx_(ctx), structs_(structs) {
    loaded_.num_records.reserve(owner.paths_.size());
  }

  Status Read() {
    const Schema projection{{{"add", StatisticsProjection(structs_)}}};
    for (const std::string& file : owner_.files_) {
      TARN_TRY(owner_.handlers_.parquet->Read(ctx_, file, projection,
                                              [&](const ParquetBatch& batch) -> Status {
                                                TARN_TRY(ctx_.Check());
                                                return Take(batch);
                                              }));
    }
    if (!in_order_) return PutInOrder();
    if (row_ != owner_.paths_.size()) return OtherCheckpoint();
    Flush();
    return {};
  }

  Loaded Take() { return std::move(loaded_); }

 private:
  Error OtherCheckpoint() const {
    return LogCorrupt(owner_.root_, owner_.files_.front(),
                      "the checkpoint holds other files than when it was read first");
  }

  Status Take(const ParquetBatch& batch) {
    const size_t fields = structs_ == nullptr ? 2 : 3;
    if (batch.columns.size() != 1 || batch.columns[0].children.size() != fields) {
      return InternalError("the Parquet handler gave other columns than asked for");
    }
    const ParquetColumn& add = batch.columns[0];
    const ParquetColumn& path = add.children[0];
    const ParquetColumn& stats = add.children[1];
    for (size_t i = 0; i < batch.rows; ++i) {
      if (add.IsNull(i) || path.IsNull(i)) continue;
      std::string_view text = stats.IsNull(i) ? std::string_view() : stats.Text(i);
      std::string made;
      if (text.empty() && structs_ != nullptr) {
        text = made = structs_->TextOf(add.children[2], i);
        loaded_.from_structs |= !made.empty();
      }
      TARN_TRY(TakeRow(path.Text(i), text));
    }
    return {};
  }

  Status TakeRow(std::string_view raw_path, std::string_view text) {
    Arena arena;
    TARN_ASSIGN(const std::string_view path, KeepPath(raw_path, owner_.root_, arena, true));
    if (in_order_ && row_ < owner_.paths_.size() && owner_.paths_[row_] == path) {
      Append(text);
      return {};
    }
    in_order_ = false;
    moved_.emplace(std::string(path), std::string(text));
    return {};
  }

  void Append(std::string_view text) {
    ++row_;
    loaded_.num_records.push_back(NumRecordsOf(text).value_or(-1));
    open_text_ += text;
    open_.ends.push_back(static_cast<uint32_t>(open_text_.size()));
    if (open_text_.size() >= kChunkBytes) Flush();
  }

  void Flush() {
    if (open_.ends.empty()) return;
    open_.first_row = row_ - open_.ends.size();
    open_.compressed.resize(ZSTD_compressBound(open_text_.size()));
    const size_t size = ZSTD_compress(open_.compressed.data(), open_.compressed.size(),
                                      open_text_.data(), open_text_.size(), kCompressionLevel);
    TARN_CHECK(ZSTD_isError(size) == 0);
    open_.compressed.resize(size);
    open_.compressed.shrink_to_fit();
    loaded_.chunks.push_back(std::move(open_));
    open_ = Chunk();
    open_text_.clear();
  }

  /// The rest of the adds, by their paths.
  Status PutInOrder() {
    while (row_ < owner_.paths_.size()) {
      const auto found = moved_.find(std::string(owner_.paths_[row_]));
      if (found == moved_.end()) return OtherCheckpoint();
      Append(found->second);
    }
    Flush();
    return {};
  }

  const CheckpointStatistics& owner_;
  const RequestContext& ctx_;
  const StatsStruct* const structs_;
  Loaded loaded_;
  Chunk open_;
  std::string open_text_;
  size_t row_ = 0;
  bool in_order_ = true;
  std::unordered_map<std::string, std::string> moved_;
};

CheckpointStatistics::CheckpointStatistics(Handlers handlers, std::string table_root,
                                           std::vector<std::string> files,
                                           const std::vector<std::string_view>& paths,
                                           std::optional<Metadata> metadata)
    : handlers_(std::move(handlers)),
      root_(std::move(table_root)),
      files_(std::move(files)),
      paths_(paths),
      metadata_(std::move(metadata)) {}

CheckpointStatistics::~CheckpointStatistics() = default;

Result<CheckpointStatistics::Loaded> CheckpointStatistics::ReadFiles(
    const RequestContext& ctx, const StatsStruct* structs) const {
  Loader loader(*this, ctx, structs);
  TARN_TRY(loader.Read());
  return loader.Take();
}

Status CheckpointStatistics::LoadLocked(const RequestContext& ctx) const {
  tried_ = true;
  // Whether structs are needed is seen by their numbers of rows, which cost little to read. Structs
  // of other types than the table's columns tell nothing.
  const StatsStruct numbers({});
  auto loaded = ReadFiles(ctx, &numbers);
  if (!loaded.ok()) {
    loaded = ReadFiles(ctx, nullptr);
  } else if (loaded->from_structs && metadata_) {
    TARN_ASSIGN(const PhysicalSchema schema, MakePhysicalSchema(*metadata_));
    const StatsStruct structs(AllStatisticsColumns(*metadata_, schema));
    auto whole = ReadFiles(ctx, &structs);
    if (whole.ok()) loaded = std::move(whole);
  }
  TARN_TRY(ctx.Check());
  if (!loaded.ok()) return loaded.error();
  loaded_ = std::move(*loaded);
  is_loaded_ = true;
  return {};
}

Status CheckpointStatistics::Load(const RequestContext& ctx) const {
  std::lock_guard lock(mutex_);
  return is_loaded_ ? Status() : LoadLocked(ctx);
}

bool CheckpointStatistics::Ready() const {
  if (is_loaded_) return true;
  std::lock_guard lock(mutex_);
  if (!is_loaded_ && !tried_) (void)LoadLocked(RequestContext());
  return is_loaded_;
}

const CheckpointStatistics::Chunk& CheckpointStatistics::ChunkOf(size_t row) const {
  const auto after =
      std::upper_bound(loaded_.chunks.begin(), loaded_.chunks.end(), row,
                       [](size_t wanted, const Chunk& chunk) { return wanted < chunk.first_row; });
  TARN_CHECK(after != loaded_.chunks.begin());
  return *std::prev(after);
}

void CheckpointStatistics::Inflate(const Chunk& chunk, std::string& text) {
  text.resize(chunk.ends.back());
  const size_t size =
      ZSTD_decompress(text.data(), text.size(), chunk.compressed.data(), chunk.compressed.size());
  TARN_CHECK(ZSTD_isError(size) == 0 && size == text.size());
}

std::string CheckpointStatistics::Text(size_t row) const {
  if (!Ready()) return {};
  const Chunk& chunk = ChunkOf(row);
  std::lock_guard lock(mutex_);
  if (inflated_ != &chunk) {
    Inflate(chunk, inflated_text_);
    inflated_ = &chunk;
  }
  const size_t at = row - chunk.first_row;
  const uint32_t begin = at == 0 ? 0 : chunk.ends[at - 1];
  return inflated_text_.substr(begin, chunk.ends[at] - begin);
}

std::optional<int64_t> CheckpointStatistics::NumRecords(size_t row) const {
  if (!Ready() || loaded_.num_records[row] < 0) return std::nullopt;
  return loaded_.num_records[row];
}

std::shared_ptr<const LeafColumn> CheckpointStatistics::Column(
    const std::vector<std::string>& path) const {
  if (!Ready()) return nullptr;
  std::lock_guard lock(mutex_);
  for (auto at = columns_.begin(); at != columns_.end(); ++at) {
    if (at->path != path) continue;
    columns_.splice(columns_.begin(), columns_, at);
    return at->column;
  }
  auto column = std::make_shared<LeafColumn>();
  StatsReader reader({path});
  std::string text;
  for (const Chunk& chunk : loaded_.chunks) {
    Inflate(chunk, text);
    uint32_t begin = 0;
    for (const uint32_t end : chunk.ends) {
      reader.Read(std::string_view(text).substr(begin, end - begin), false);
      column->Append(reader.leaf(0));
      begin = end;
    }
  }
  columns_.push_front({path, column});
  size_t bytes = 0;
  for (auto at = std::next(columns_.begin()); at != columns_.end();) {
    bytes += at->column->bytes();
    at = bytes > kColumnsBytesMax ? columns_.erase(at) : std::next(at);
  }
  return column;
}

}  // namespace tarn::delta
