#include "tarn/delta/snapshot.h"

#include "action_json.h"
#include "log_reader.h"
#include "snapshot_state.h"

namespace tarn::delta {

Snapshot::Snapshot(std::shared_ptr<const SnapshotState> state) : state_(std::move(state)) {}
Snapshot::~Snapshot() = default;

const std::string& Snapshot::table_root() const { return state_->root; }
Version Snapshot::version() const { return state_->version; }
int64_t Snapshot::timestamp_ms() const { return state_->timestamp_ms; }
const Protocol& Snapshot::protocol() const { return state_->protocol; }
const Metadata& Snapshot::metadata() const { return state_->metadata; }
const TableProperties& Snapshot::properties() const { return state_->properties; }
const PhysicalSchema& Snapshot::physical_schema() const { return state_->physical; }
const TableConstraints& Snapshot::constraints() const { return state_->constraints; }
const FileSet& Snapshot::files() const { return state_->files; }

std::optional<int64_t> Snapshot::TransactionVersion(std::string_view app_id) const {
  const auto found = state_->transactions.find(app_id);
  return found == state_->transactions.end() ? std::nullopt : std::optional(found->second.version);
}

const std::map<std::string, SetTransaction, std::less<>>& Snapshot::transactions() const {
  return state_->transactions;
}

const std::map<std::string, DomainMetadata, std::less<>>& Snapshot::domains() const {
  return state_->domains;
}

Result<std::shared_ptr<const Snapshot>> Snapshot::WithFiles(
    Metadata metadata, const std::vector<AddFile>& files) const {
  std::string bytes;
  for (const AddFile& file : files) AppendAction(file, bytes);
  auto block = std::make_shared<LogBlock>();
  LogActions actions;
  TARN_TRY(ReadLogFile(std::move(bytes), state_->root, "files", ReadWants(), *block, actions));
  auto state = std::make_shared<SnapshotState>();
  state->root = state_->root;
  state->version = state_->version;
  state->timestamp_ms = state_->timestamp_ms;
  state->protocol = state_->protocol;
  state->metadata = std::move(metadata);
  TARN_ASSIGN(state->properties, ReadTableProperties(state->metadata));
  TARN_ASSIGN(state->physical, MakePhysicalSchema(state->metadata));
  state->files =
      FilesOfBlock(state_->root, std::move(block), nullptr, state->metadata, state->physical);
  return std::shared_ptr<const Snapshot>(std::make_shared<Snapshot>(std::move(state)));
}

Version Snapshot::checkpoint_version() const {
  return state_->checkpoint ? state_->checkpoint->version : kNoVersion;
}

}  // namespace tarn::delta
