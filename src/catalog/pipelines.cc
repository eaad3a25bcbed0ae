#include "tarn/catalog/pipelines.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tarn/base/random.h"
#include "tarn/io/sub_store.h"
#include "tarn/types/data_type.h"

namespace tarn::catalog {

namespace {

constexpr int kFormat = 1;
constexpr int64_t kEntryBytesMax = 64 << 10;

io::ObjectPath Root() { return io::ObjectPath() / "pipelines"; }
io::ObjectPath NamesFolder() { return Root() / "names"; }

/// One path segment for any text: all but letters, digits, '_', '-' and inner dots as %XX.
std::string Segment(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string segment;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || (c == '.' && !segment.empty());
    if (plain) {
      segment += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    segment += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return segment;
}

bool IsId(std::string_view text) {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdef-") == text.npos;
}

Result<PipelineEntry> ParseEntry(std::string_view text, const std::string& path) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  PipelineEntry entry;
  if (json.is_object() && json.value("format", nlohmann::json()) == kFormat) {
    const auto id = json.find("id");
    const auto name = json.find("name");
    if (id != json.end() && id->is_string()) entry.id = id->get<std::string>();
    if (name != json.end() && name->is_string()) entry.name = name->get<std::string>();
  }
  if (IsId(entry.id) && !entry.name.empty()) return entry;
  return Error(Condition("METASTORE_ERROR"),
               {{"path", path}, {"detail", "it describes no pipeline"}});
}

Status CheckName(const std::string& name) {
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!name.empty() && name.size() <= Pipelines::kNameBytesMax && !control) return {};
  return Error(Condition("PIPELINE_NAME_INVALID"),
               {{"name", name}, {"limit", std::to_string(Pipelines::kNameBytesMax)}});
}

Error LeaseError(const std::string& path) {
  return Error(
      Condition("IO_ERROR"),
      {{"operation", "Taking the lease"}, {"path", path}, {"detail", std::strerror(errno)}});
}

}  // namespace

io::ObjectPath CheckpointPath(const std::string& dataset, const std::string& flow) {
  return (io::ObjectPath() / "checkpoints")
      .Child(Segment(FoldName(dataset)))
      .Child(Segment(FoldName(flow)));
}

io::ObjectPath SourceStatePath(size_t n) {
  return io::ObjectPath() / "sources" / std::to_string(n);
}

std::optional<std::string> PipelineIdOf(const Properties& properties) {
  const auto found = properties.find(kPipelineIdProperty);
  if (found == properties.end() || !IsId(found->second)) return std::nullopt;
  return found->second;
}

std::optional<std::string> PrivateTo(const Properties& properties) {
  const auto found = properties.find(kPrivateProperty);
  if (found == properties.end() || found->second != "true") return std::nullopt;
  return PipelineIdOf(properties);
}

UpdateLease::~UpdateLease() { close(fd_); }

Result<std::optional<PipelineEntry>> Pipelines::Find(const RequestContext& ctx,
                                                     const std::string& name) const {
  TARN_TRY(CheckName(name));
  const io::ObjectPath path = NamesFolder().Child(Segment(name) + ".json");
  auto text = store_->ReadAll(ctx, path, kEntryBytesMax);
  if (!text.ok() && text.error().condition() == Condition("PATH_NOT_FOUND")) {
    return std::optional<PipelineEntry>();
  }
  if (!text.ok()) return std::move(text).error();
  TARN_ASSIGN(PipelineEntry entry, ParseEntry(*text, store_->Display(path)));
  return std::optional(std::move(entry));
}

Result<PipelineEntry> Pipelines::FindOrCreate(const RequestContext& ctx,
                                              const std::string& name) const {
  TARN_ASSIGN(std::optional<PipelineEntry> found, Find(ctx, name));
  if (found) return *std::move(found);
  const nlohmann::json json = {{"format", kFormat}, {"id", SystemIds().NewUuid()}, {"name", name}};
  const io::ObjectPath path = NamesFolder().Child(Segment(name) + ".json");
  // Whoever was first decides.
  TARN_TRY(store_->PutOnce(
      ctx, path, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"));
  TARN_ASSIGN(found, Find(ctx, name));
  if (found) return *std::move(found);
  return InternalError("a pipeline's entry vanished");
}

Result<std::vector<PipelineEntry>> Pipelines::List(const RequestContext& ctx) const {
  std::vector<PipelineEntry> entries;
  TARN_ASSIGN(const auto files, store_->ListAll(ctx, NamesFolder()));
  for (const io::ObjectInfo& file : files) {
    if (!file.path.Name().ends_with(".json")) continue;
    TARN_ASSIGN(const std::string text, store_->ReadAll(ctx, file.path, kEntryBytesMax));
    TARN_ASSIGN(PipelineEntry entry, ParseEntry(text, store_->Display(file.path)));
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::shared_ptr<io::ObjectStore> Pipelines::Folder(const std::string& id) const {
  return io::NewSubStore(store_, Root().Child(id));
}

std::string Pipelines::EventLogPath(const std::string& id) const {
  return home_ + "/pipelines/" + id + "/event_log";
}

Result<std::unique_ptr<UpdateLease>> Pipelines::BeginUpdate(const RequestContext& ctx,
                                                            const PipelineEntry& pipeline,
                                                            const std::string& update_id) const {
  TARN_TRY(store_->CreateDirectories(ctx, Root().Child(pipeline.id)));
  const std::string path = home_ + "/pipelines/" + pipeline.id + "/update.lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return LeaseError(path);
  auto lease = std::make_unique<UpdateLease>(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return LeaseError(path);
    char holder[64] = {};
    const ssize_t count = pread(fd, holder, sizeof holder, 0);
    return Error(Condition("PIPELINE_UPDATE_RUNNING"),
                 {{"update", std::string(holder, count > 0 ? static_cast<size_t>(count) : 0)},
                  {"pipeline", pipeline.name}});
  }
  // Only a sign for others: the lock is what counts, so it needs no sync.
  if (ftruncate(fd, 0) != 0 ||
      pwrite(fd, update_id.data(), update_id.size(), 0) != static_cast<ssize_t>(update_id.size())) {
    return LeaseError(path);
  }
  return lease;
}

}  // namespace tarn::catalog
