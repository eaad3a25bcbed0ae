#include "tarn/delta/version_checksum.h"

#include <simdjson.h>

#include <algorithm>
#include <limits>

#include "action_json.h"
#include "json_text.h"
#include "log_reader.h"
#include "log_segment.h"
#include "snapshot_state.h"
#include "tarn/base/fault_point.h"
#include "tarn/delta/protocol.h"

namespace tarn::delta {
namespace {

namespace od = simdjson::ondemand;

constexpr int64_t kChecksumBytesMax = int64_t{64} << 20;

void CountDeletionVectors(const FileSet& files, VersionChecksum& checksum) {
  checksum.num_deleted_records = checksum.num_deletion_vectors = 0;
  for (const FileSegment& segment : files.rep().segments) {
    for (const auto& [row, index] : segment.block->deletion_vector_rows) {
      if (segment.rows && !std::ranges::binary_search(*segment.rows, row)) continue;
      ++*checksum.num_deletion_vectors;
      *checksum.num_deleted_records = SaturatingSum(
          *checksum.num_deleted_records, segment.block->deletion_vectors[index].cardinality);
    }
  }
}

template <typename Action>
void WriteList(std::string_view key, const std::map<std::string, Action, std::less<>>& actions,
               ObjectWriter& writer, std::string& out) {
  writer.Key(key);
  out.push_back('[');
  for (bool first = true; const auto& [name, action] : actions) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendObject(action, out);
  }
  out.push_back(']');
}

/// The fields of a checksum file; its actions become the lines of a log, for the log's own reader.
class ChecksumFields {
 public:
  explicit ChecksumFields(VersionChecksum& out) : out_(out) {}

  simdjson::error_code Read(od::object object) {
    for (auto field : object) {
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return error;
      if (const auto error = ReadField(key, field.value())) return error;
    }
    return sizes_ == 2 ? simdjson::SUCCESS : simdjson::NO_SUCH_FIELD;
  }
  const std::string& lines() const { return lines_; }
  bool has_transactions() const { return transactions_; }
  bool has_domains() const { return domains_; }

 private:
  simdjson::error_code ReadField(std::string_view key, simdjson::simdjson_result<od::value> value) {
    if (key == "txnId") return ReadText(value, out_.txn_id);
    if (key == "tableSizeBytes") return ReadSize(value, out_.table_size_bytes);
    if (key == "numFiles") return ReadSize(value, out_.num_files);
    if (key == "numDeletedRecordsOpt") return ReadOptional(value, out_.num_deleted_records);
    if (key == "numDeletionVectorsOpt") return ReadOptional(value, out_.num_deletion_vectors);
    if (key == "inCommitTimestampOpt") return ReadOptional(value, out_.in_commit_timestamp_ms);
    if (key == "protocol") return AddLine("protocol", value);
    if (key == "metadata") return AddLine("metaData", value);
    if (key == "setTransactions") return AddLines("txn", value, transactions_);
    if (key == "domainMetadata") return AddLines("domainMetadata", value, domains_);
    return value.error();
  }

  static bool IsNull(simdjson::simdjson_result<od::value>& value) {
    bool is_null = false;
    // A malformed literal is reported by whoever reads the value next.
    return value.is_null().get(is_null) == simdjson::SUCCESS && is_null;
  }

  static simdjson::error_code ReadText(simdjson::simdjson_result<od::value> value,
                                       std::string& text) {
    if (IsNull(value)) return simdjson::SUCCESS;
    std::string_view view;
    const auto error = value.get_string().get(view);
    if (!error) text = view;
    return error;
  }

  simdjson::error_code ReadSize(simdjson::simdjson_result<od::value> value, int64_t& size) {
    ++sizes_;
    return value.get_int64().get(size);
  }

  static simdjson::error_code ReadOptional(simdjson::simdjson_result<od::value> value,
                                           std::optional<int64_t>& out) {
    if (IsNull(value)) return simdjson::SUCCESS;
    return value.get_int64().get(out.emplace());
  }

  simdjson::error_code AddLine(std::string_view name, simdjson::simdjson_result<od::value> value) {
    std::string_view json;
    if (const auto error = simdjson::to_json_string(value).get(json)) return error;
    std::string line = "{\"" + std::string(name) + "\":" + std::string(json) + "}";
    // It may have been written over several lines.
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    lines_ += line + "\n";
    return simdjson::SUCCESS;
  }

  simdjson::error_code AddLines(std::string_view name, simdjson::simdjson_result<od::value> value,
                                bool& known) {
    if (IsNull(value)) return simdjson::SUCCESS;
    od::array array;
    if (const auto error = value.get_array().get(array)) return error;
    known = true;
    for (auto element : array) {
      if (const auto error = element.error()) return error;
      if (const auto error = AddLine(name, element)) return error;
    }
    return simdjson::SUCCESS;
  }

  VersionChecksum& out_;
  std::string lines_;
  int sizes_ = 0;
  bool transactions_ = false;
  bool domains_ = false;
};

/// Collects what two checksums of one version have different.
class Comparison {
 public:
  void Number(const std::string& name, int64_t said, int64_t found) {
    if (said != found) {
      Add(name + " is " + std::to_string(said) + ", but the log has " + std::to_string(found));
    }
  }
  void Number(const std::string& name, const std::optional<int64_t>& said,
              const std::optional<int64_t>& found) {
    if (said && found) Number(name, *said, *found);
  }
  void Same(bool same, const std::string& name) {
    if (!same) Add(name + " is another than that of the log");
  }
  void Add(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  std::vector<std::string> Take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

bool SameProtocol(const Protocol& a, const Protocol& b) {
  const auto sorted = [](std::vector<std::string> features) {
    std::ranges::sort(features);
    return features;
  };
  return a.reader_version == b.reader_version && a.writer_version == b.writer_version &&
         sorted(a.reader_features) == sorted(b.reader_features) &&
         sorted(a.writer_features) == sorted(b.writer_features);
}

bool SameMetadata(const Metadata& a, const Metadata& b) {
  return a.id == b.id && a.schema == b.schema && a.partition_columns == b.partition_columns &&
         a.configuration == b.configuration;
}

void Compare(const VersionChecksum& said, const VersionChecksum& found, Comparison& out) {
  out.Number("numFiles", said.num_files, found.num_files);
  out.Number("tableSizeBytes", said.table_size_bytes, found.table_size_bytes);
  out.Number("numDeletedRecordsOpt", said.num_deleted_records, found.num_deleted_records);
  out.Number("numDeletionVectorsOpt", said.num_deletion_vectors, found.num_deletion_vectors);
  out.Number("inCommitTimestampOpt", said.in_commit_timestamp_ms, found.in_commit_timestamp_ms);
  out.Same(!said.protocol || SameProtocol(*said.protocol, *found.protocol), "protocol");
  out.Same(!said.metadata || SameMetadata(*said.metadata, *found.metadata), "metadata");
  if (said.transactions && found.transactions) {
    const bool same = std::ranges::equal(
        *said.transactions, *found.transactions, [](const auto& a, const auto& b) {
          return a.first == b.first && a.second.version == b.second.version;
        });
    out.Same(same, "setTransactions");
  }
  if (said.domains && found.domains) {
    const bool same =
        std::ranges::equal(*said.domains, *found.domains, [](const auto& a, const auto& b) {
          return a.first == b.first && a.second.configuration == b.second.configuration;
        });
    out.Same(same, "domainMetadata");
  }
}

}  // namespace

std::optional<VersionChecksum> ChecksumOf(const Snapshot& snapshot) {
  VersionChecksum checksum;
  checksum.version = snapshot.version();
  checksum.num_files = static_cast<int64_t>(snapshot.files().size());
  checksum.table_size_bytes = snapshot.files().total_size();
  if (checksum.table_size_bytes == std::numeric_limits<int64_t>::max()) return std::nullopt;
  if (SupportsFeature(snapshot.protocol(), "deletionVectors")) {
    CountDeletionVectors(snapshot.files(), checksum);
  }
  checksum.in_commit_timestamp_ms = snapshot.state().in_commit_timestamp_ms;
  checksum.protocol = std::make_shared<const Protocol>(snapshot.protocol());
  checksum.metadata = std::make_shared<const Metadata>(snapshot.metadata());
  // Which of them are still live depends on the time, where they are forgotten one day.
  const bool for_ever = snapshot.properties().set_transaction_retention_ms < 0;
  if (for_ever && snapshot.transactions().size() <= kChecksumTransactionsMax) {
    checksum.transactions = snapshot.transactions();
  }
  if (snapshot.domains().size() <= kChecksumDomainsMax) checksum.domains = snapshot.domains();
  return checksum;
}

std::string ChecksumPath(Version version) {
  return std::string(kLogDirectory) + "/" + VersionPrefix(version) + ".crc";
}

std::string ChecksumToJson(const VersionChecksum& checksum) {
  std::string out;
  ObjectWriter writer(out);
  if (!checksum.txn_id.empty()) writer.Text("txnId", checksum.txn_id);
  writer.Int("tableSizeBytes", checksum.table_size_bytes);
  writer.Int("numFiles", checksum.num_files);
  if (checksum.num_deleted_records) {
    writer.Int("numDeletedRecordsOpt", *checksum.num_deleted_records);
  }
  if (checksum.num_deletion_vectors) {
    writer.Int("numDeletionVectorsOpt", *checksum.num_deletion_vectors);
  }
  writer.Int("numMetadata", 1);
  writer.Int("numProtocol", 1);
  if (checksum.in_commit_timestamp_ms) {
    writer.Int("inCommitTimestampOpt", *checksum.in_commit_timestamp_ms);
  }
  if (checksum.transactions) WriteList("setTransactions", *checksum.transactions, writer, out);
  if (checksum.domains) WriteList("domainMetadata", *checksum.domains, writer, out);
  writer.Key("metadata");
  AppendObject(*checksum.metadata, out);
  writer.Key("protocol");
  AppendObject(*checksum.protocol, out);
  writer.Close();
  out.push_back('\n');
  return out;
}

Result<VersionChecksum> ParseChecksum(const std::string& bytes, Version version,
                                      const std::string& table_root) {
  const std::string path = ChecksumPath(version);
  VersionChecksum checksum;
  checksum.version = version;
  ChecksumFields fields(checksum);
  const simdjson::padded_string padded(bytes);
  od::parser parser;
  od::document document;
  od::object object;
  auto error = parser.iterate(padded).get(document);
  if (!error) error = document.get_object().get(object);
  if (!error) error = fields.Read(object);
  if (error) return LogCorrupt(table_root, path, simdjson::error_message(error));
  LogBlock block;
  LogActions actions;
  TARN_TRY(ReadLogFile(fields.lines(), table_root, path, ReadWants(), block, actions));
  if (actions.schema_error) return std::move(*actions.schema_error);
  if (actions.protocol) checksum.protocol = std::make_shared<const Protocol>(*actions.protocol);
  if (actions.metadata) checksum.metadata = std::make_shared<const Metadata>(*actions.metadata);
  if (fields.has_transactions()) {
    auto& transactions = checksum.transactions.emplace();
    for (SetTransaction& txn : actions.transactions) transactions[txn.app_id] = txn;
  }
  if (fields.has_domains()) {
    auto& domains = checksum.domains.emplace();
    for (DomainMetadata& domain : actions.domains) domains[domain.domain] = domain;
  }
  return checksum;
}

Status WriteChecksum(const RequestContext& ctx, const Handlers& handlers,
                     const VersionChecksum& checksum) {
  TARN_FAULT_POINT("delta.checksum.before_write");
  return handlers.log->PutUnsynced(ctx, ChecksumPath(checksum.version), ChecksumToJson(checksum));
}

Result<std::vector<std::string>> CheckChecksum(const RequestContext& ctx, const Handlers& handlers,
                                               const Snapshot& snapshot) {
  auto bytes = handlers.log->Read(ctx, ChecksumPath(snapshot.version()), kChecksumBytesMax);
  if (!bytes.ok()) {
    if (bytes.error().condition() == Condition("PATH_NOT_FOUND")) return std::vector<std::string>();
    return std::move(bytes).error();
  }
  Comparison comparison;
  auto said = ParseChecksum(*bytes, snapshot.version(), snapshot.table_root());
  const auto found = ChecksumOf(snapshot);
  if (!said.ok()) {
    comparison.Add("it can't be read: " + std::string(said.error().parameter("detail")));
  } else if (found) {
    Compare(*said, *found, comparison);
  }
  return comparison.Take();
}

}  // namespace tarn::delta
