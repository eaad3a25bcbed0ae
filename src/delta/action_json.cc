#include "action_json.h"

#include "json_text.h"
#include "tarn/delta/path.h"
#include "tarn/types/schema_json.h"

namespace tarn::delta {
namespace {

/// Writes {…} around what `body` writes.
template <typename Body>
void Object(std::string& out, Body body) {
  ObjectWriter writer(out);
  body(writer);
  writer.Close();
}

/// Writes {"name":{…}} and a newline around what `body` writes.
template <typename Body>
void Line(std::string_view name, std::string& out, Body body) {
  ObjectWriter outer(out);
  outer.Key(name);
  Object(out, body);
  outer.Close();
  out.push_back('\n');
}

void WriteDeletionVector(const DeletionVectorDescriptor& vector, ObjectWriter& writer,
                         std::string& out) {
  writer.Key("deletionVector");
  ObjectWriter object(out);
  object.Text("storageType", std::string(1, vector.storage_type));
  object.Text("pathOrInlineDv", vector.path_or_inline);
  if (vector.offset) object.Int("offset", *vector.offset);
  object.Int("sizeInBytes", vector.size_in_bytes);
  object.Int("cardinality", vector.cardinality);
  object.Close();
}

/// commitInfo values that are themselves texts; empty ones are left out.
void TextIfAny(ObjectWriter& writer, std::string_view key, const std::string& value) {
  if (!value.empty()) writer.Text(key, value);
}

}  // namespace

void AppendObject(const Protocol& protocol, std::string& out) {
  Object(out, [&](ObjectWriter& writer) {
    writer.Int("minReaderVersion", protocol.reader_version);
    writer.Int("minWriterVersion", protocol.writer_version);
    if (protocol.reader_version >= 3) writer.TextList("readerFeatures", protocol.reader_features);
    if (protocol.writer_version >= 7) writer.TextList("writerFeatures", protocol.writer_features);
  });
}

void AppendObject(const Metadata& metadata, std::string& out) {
  Object(out, [&](ObjectWriter& writer) {
    writer.Text("id", metadata.id);
    TextIfAny(writer, "name", metadata.name);
    TextIfAny(writer, "description", metadata.description);
    writer.Key("format");
    ObjectWriter format(out);
    format.Text("provider", metadata.provider);
    format.Raw("options", "{}");
    format.Close();
    writer.Text("schemaString", SchemaToJson(metadata.schema));
    writer.TextList("partitionColumns", metadata.partition_columns);
    writer.TextMap("configuration", metadata.configuration);
    if (metadata.created_time_ms) writer.Int("createdTime", *metadata.created_time_ms);
  });
}

void AppendAction(const AddFile& add, std::string& out) {
  Line("add", out, [&](ObjectWriter& writer) {
    writer.Text("path", EncodeLogPath(add.path));
    writer.OptionalTextMap("partitionValues", add.partition_values);
    writer.Int("size", add.size);
    writer.Int("modificationTime", add.modification_time_ms);
    writer.Bool("dataChange", add.data_change);
    TextIfAny(writer, "stats", add.stats);
    if (!add.tags.empty()) writer.TextMap("tags", add.tags);
    if (add.deletion_vector) WriteDeletionVector(*add.deletion_vector, writer, out);
    if (add.base_row_id) writer.Int("baseRowId", *add.base_row_id);
    if (add.default_row_commit_version) {
      writer.Int("defaultRowCommitVersion", *add.default_row_commit_version);
    }
  });
}

void AppendChangeFile(const AddFile& file, std::string& out) {
  Line("cdc", out, [&](ObjectWriter& writer) {
    writer.Text("path", EncodeLogPath(file.path));
    writer.OptionalTextMap("partitionValues", file.partition_values);
    writer.Int("size", file.size);
    writer.Bool("dataChange", false);
    if (!file.tags.empty()) writer.TextMap("tags", file.tags);
  });
}

void AppendAction(const RemoveFile& remove, std::string& out) {
  Line("remove", out, [&](ObjectWriter& writer) {
    writer.Text("path", EncodeLogPath(remove.path));
    if (remove.deletion_timestamp_ms) {
      writer.Int("deletionTimestamp", *remove.deletion_timestamp_ms);
    }
    writer.Bool("dataChange", remove.data_change);
    if (remove.extended_file_metadata) {
      writer.Bool("extendedFileMetadata", true);
      writer.OptionalTextMap("partitionValues", remove.partition_values);
      writer.Int("size", remove.size.value_or(0));
    }
    if (remove.deletion_vector) WriteDeletionVector(*remove.deletion_vector, writer, out);
    if (remove.base_row_id) writer.Int("baseRowId", *remove.base_row_id);
    if (remove.default_row_commit_version) {
      writer.Int("defaultRowCommitVersion", *remove.default_row_commit_version);
    }
  });
}

void AppendObject(const SetTransaction& txn, std::string& out) {
  Object(out, [&](ObjectWriter& writer) {
    writer.Text("appId", txn.app_id);
    writer.Int("version", txn.version);
    if (txn.last_updated_ms) writer.Int("lastUpdated", *txn.last_updated_ms);
  });
}

void AppendObject(const DomainMetadata& domain, std::string& out) {
  Object(out, [&](ObjectWriter& writer) {
    writer.Text("domain", domain.domain);
    writer.Text("configuration", domain.configuration);
    writer.Bool("removed", domain.removed);
  });
}

namespace {

/// {"name":{…}} and a newline of an action that has an object of its own.
template <typename Action>
void ObjectLine(std::string_view name, const Action& action, std::string& out) {
  ObjectWriter outer(out);
  outer.Key(name);
  AppendObject(action, out);
  outer.Close();
  out.push_back('\n');
}

}  // namespace

void AppendAction(const Protocol& protocol, std::string& out) {
  ObjectLine("protocol", protocol, out);
}
void AppendAction(const Metadata& metadata, std::string& out) {
  ObjectLine("metaData", metadata, out);
}
void AppendAction(const SetTransaction& txn, std::string& out) { ObjectLine("txn", txn, out); }
void AppendAction(const DomainMetadata& domain, std::string& out) {
  ObjectLine("domainMetadata", domain, out);
}

void AppendAction(const CommitInfo& info, std::string& out) {
  Line("commitInfo", out, [&](ObjectWriter& writer) {
    if (info.in_commit_timestamp_ms) writer.Int("inCommitTimestamp", *info.in_commit_timestamp_ms);
    writer.Int("timestamp", info.timestamp_ms);
    TextIfAny(writer, "userId", info.user_id);
    TextIfAny(writer, "userName", info.user_name);
    writer.Text("operation", info.operation);
    writer.TextMap("operationParameters", info.operation_parameters);
    TextIfAny(writer, "clusterId", info.cluster_id);
    if (info.read_version) writer.Int("readVersion", *info.read_version);
    TextIfAny(writer, "isolationLevel", info.isolation_level);
    if (info.is_blind_append) writer.Bool("isBlindAppend", *info.is_blind_append);
    if (!info.operation_metrics.empty()) writer.TextMap("operationMetrics", info.operation_metrics);
    TextIfAny(writer, "userMetadata", info.user_metadata);
    if (!info.tags.empty()) writer.TextMap("tags", info.tags);
    TextIfAny(writer, "engineInfo", info.engine_info);
    TextIfAny(writer, "txnId", info.txn_id);
  });
}

}  // namespace tarn::delta
