#include "tarn/stream/checkpoint.h"

#include <nlohmann/json.hpp>

#include "tarn/base/parse_number.h"
#include "tarn/catalog/pipelines.h"
#include "tarn/io/sub_store.h"

namespace tarn::stream {

namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr int kBatchDigits = 20;
constexpr int64_t kFileBytesMax = 64 << 20;
constexpr std::string_view kSuffix = ".json";

io::ObjectPath FileOf(std::string_view folder, BatchId id) {
  std::string digits = std::to_string(static_cast<int64_t>(id));
  digits.insert(0, kBatchDigits - digits.size(), '0');
  return io::ObjectPath() / folder / (digits + std::string(kSuffix));
}

std::optional<BatchId> BatchOf(const io::ObjectPath& path) {
  std::string_view name = path.Name();
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  const auto number = ParseNumber<int64_t>(name);
  if (!number || name.size() != kBatchDigits) return std::nullopt;
  return BatchId{*number};
}

/// The batches that have a file in `folder`, in order.
Result<std::vector<BatchId>> ListBatches(const RequestContext& context, io::ObjectStore& store,
                                         std::string_view folder) {
  std::vector<BatchId> batches;
  TARN_TRY(store.List(context, io::ObjectPath() / folder, {},
                      [&](const io::ObjectInfo& info) -> Result<io::ListNext> {
                        if (const auto batch = BatchOf(info.path)) batches.push_back(*batch);
                        return io::ListNext::kContinue;
                      }));
  return batches;
}

Error Corrupt(const io::ObjectStore& store, const io::ObjectPath& path, std::string detail) {
  return Error(Condition("STREAM_CHECKPOINT_CORRUPT"),
               {{"path", store.Display(path)}, {"detail", std::move(detail)}});
}

Result<Json> ReadJson(const RequestContext& context, io::ObjectStore& store,
                      const io::ObjectPath& path) {
  TARN_ASSIGN(const std::string text, store.ReadAll(context, path, kFileBytesMax));
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Corrupt(store, path, "it isn't a JSON object");
  return json;
}

Json OffsetToJson(const std::optional<Offset>& offset) {
  return offset ? Json(offset->text) : Json(nullptr);
}

Result<std::optional<Offset>> OffsetFromJson(const Json& range, const char* key,
                                             const io::ObjectStore& store,
                                             const io::ObjectPath& path) {
  const auto found = range.find(key);
  if (found == range.end() || !(found->is_null() || found->is_string())) {
    return Corrupt(store, path, "a range has no offset \"" + std::string(key) + "\"");
  }
  if (found->is_null()) return std::optional<Offset>();
  return std::optional(Offset{found->get<std::string>()});
}

Result<BatchPlan> ReadPlan(const RequestContext& context, io::ObjectStore& store, BatchId id) {
  const io::ObjectPath path = FileOf("offsets", id);
  TARN_ASSIGN(const Json json, ReadJson(context, store, path));
  BatchPlan plan;
  plan.id = id;
  const auto sources = json.find("sources");
  if (json.value("batch", Json()) != Json(static_cast<int64_t>(id)) || sources == json.end() ||
      !sources->is_array()) {
    return Corrupt(store, path, "it doesn't describe this batch");
  }
  for (const Json& range : *sources) {
    if (!range.is_object()) return Corrupt(store, path, "a range isn't an object");
    SourceRange read;
    TARN_ASSIGN(read.from, OffsetFromJson(range, "from", store, path));
    TARN_ASSIGN(read.to, OffsetFromJson(range, "to", store, path));
    plan.ranges.push_back(std::move(read));
  }
  return plan;
}

}  // namespace

Result<Checkpoint> Checkpoint::Open(const RequestContext& context,
                                    std::shared_ptr<io::ObjectStore> store) {
  Checkpoint checkpoint(std::move(store));
  io::ObjectStore& files = *checkpoint.store_;
  const io::ObjectPath metadata = io::ObjectPath() / "metadata.json";
  TARN_ASSIGN(const std::vector<BatchId> planned, ListBatches(context, files, "offsets"));
  TARN_ASSIGN(const std::vector<BatchId> done, ListBatches(context, files, "commits"));
  TARN_ASSIGN(const bool known, files.Exists(context, metadata));
  if (known) {
    TARN_ASSIGN(const Json json, ReadJson(context, files, metadata));
    if (json.value("format", Json()) != Json(kFormat)) {
      return Error(Condition("STREAM_CHECKPOINT_FORMAT"),
                   {{"path", files.Display(metadata)},
                    {"format", json.value("format", Json()).dump()},
                    {"supported", std::to_string(kFormat)}});
    }
  } else if (!planned.empty() || !done.empty()) {
    return Corrupt(files, metadata, "it is missing while there are batches");
  }
  if (planned.empty()) {
    if (!done.empty()) return Corrupt(files, FileOf("offsets", done.back()), "it is missing");
    return checkpoint;
  }
  TARN_ASSIGN(checkpoint.planned_, ReadPlan(context, files, planned.back()));
  const auto last = static_cast<int64_t>(planned.back());
  if (!done.empty() && static_cast<int64_t>(done.back()) > last) {
    return Corrupt(files, FileOf("offsets", done.back()), "it is missing");
  }
  // A batch is planned only after the one before it is in the table, whether or not the note of
  // that survived.
  if (!done.empty() && done.back() == planned.back()) {
    checkpoint.done_ = done.back();
  } else if (last > 0) {
    checkpoint.done_ = BatchId{last - 1};
  }
  return checkpoint;
}

Status Checkpoint::Identify(const RequestContext& context, const std::string& flow_id,
                            const std::string& flow_name, int64_t generation,
                            const std::vector<std::string>& sources) {
  const io::ObjectPath path = io::ObjectPath() / "metadata.json";
  const Json wanted = {
      {"format", kFormat}, {"flow", flow_id}, {"generation", generation}, {"sources", sources}};
  TARN_ASSIGN(const io::PutOutcome outcome, store_->PutOnce(context, path, wanted.dump()));
  if (outcome == io::PutOutcome::kCreated) return {};
  TARN_ASSIGN(const Json found, ReadJson(context, *store_, path));
  // Whoever put it may have died before it was durable.
  if (found == wanted) return planned_ ? Status() : store_->SyncDirectories(context, {});
  return Error(Condition("STREAM_SOURCES_CHANGED"),
               {{"flow", flow_name},
                {"before", found.value("sources", Json()).dump()},
                {"now", Json(sources).dump()}});
}

Status Checkpoint::WriteAhead(const RequestContext& context, BatchPlan plan) {
  Json sources = Json::array();
  for (const SourceRange& range : plan.ranges) {
    sources.push_back({{"from", OffsetToJson(range.from)}, {"to", OffsetToJson(range.to)}});
  }
  const Json json = {{"batch", static_cast<int64_t>(plan.id)}, {"sources", std::move(sources)}};
  const io::ObjectPath path = FileOf("offsets", plan.id);
  const std::string text = json.dump();
  TARN_ASSIGN(const io::PutOutcome outcome, store_->PutOnce(context, path, text));
  if (outcome == io::PutOutcome::kExists) {
    return Error(Condition("STREAM_CONCURRENT_RUN"), {{"path", store_->Display(path)}});
  }
  planned_ = std::move(plan);
  return {};
}

Status Checkpoint::SettlePlan(const RequestContext& context) {
  return store_->SyncDirectories(context, io::ObjectPath() / "offsets");
}

Status Checkpoint::NoteDone(const RequestContext& context, int64_t table_version, int64_t rows) {
  const Json json = {
      {"batch", static_cast<int64_t>(planned_->id)}, {"version", table_version}, {"rows", rows}};
  TARN_TRY(store_->PutIfAbsent(context, FileOf("commits", planned_->id), json.dump()));
  done_ = planned_->id;
  return ForgetOld(context);
}

Status Checkpoint::ForgetOld(const RequestContext& context) {
  const int64_t last = static_cast<int64_t>(*done_);
  // Now and then, so that a batch needn't list.
  if (last % kBatchesKept != 0 || last < 2 * kBatchesKept) return {};
  for (const std::string_view folder : {"offsets", "commits"}) {
    TARN_ASSIGN(const std::vector<BatchId> batches, ListBatches(context, *store_, folder));
    for (const BatchId batch : batches) {
      if (static_cast<int64_t>(batch) > last - kBatchesKept) break;
      TARN_TRY(store_->Delete(context, FileOf(folder, batch)));
    }
  }
  return {};
}

std::shared_ptr<io::ObjectStore> Checkpoint::SourceState(size_t n) const {
  return io::NewSubStore(store_, catalog::SourceStatePath(n));
}

}  // namespace tarn::stream
