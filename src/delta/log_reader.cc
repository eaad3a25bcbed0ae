#include "log_reader.h"

#include <simdjson.h>

#include <array>
#include <limits>

#include "json_text.h"
#include "tarn/delta/path.h"
#include "tarn/types/schema_json.h"

namespace tarn::delta {
namespace {

namespace od = simdjson::ondemand;

/// The bytes that stay themselves in a URI path and need no second look.
constexpr auto kPlainPathBytes = [] {
  std::array<bool, 256> plain{};
  for (int c = 0; c < 256; ++c) {
    plain[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '=' || c == '.' || c == '/';
  }
  return plain;
}();

/// True for the paths that writers make: nothing to decode and no way out.
bool IsPlainPath(std::string_view path) {
  constexpr size_t kPlainBytesMax = 4096;
  if (path.empty() || path.size() > kPlainBytesMax || path.front() == '.' || path.front() == '/' ||
      path.back() == '/') {
    return false;
  }
  bool plain = true;
  for (const char c : path) plain &= kPlainPathBytes[static_cast<unsigned char>(c)];
  // A segment that is empty or starts with a dot goes the long way.
  for (size_t at = path.find('/'); plain && at != std::string_view::npos;
       at = path.find('/', at + 1)) {
    plain = path[at + 1] != '/' && path[at + 1] != '.';
  }
  return plain;
}

/// simdjson's outcome with what our own code found wrong; the first failure stops the line.
class Failure {
 public:
  bool ok() const { return code_ == simdjson::SUCCESS && !error_; }
  /// False if `code` is a failure.
  bool Take(simdjson::error_code code) {
    if (code_ == simdjson::SUCCESS) code_ = code;
    return code == simdjson::SUCCESS;
  }
  void Set(Error error) {
    if (!error_) error_ = std::move(error);
  }
  const std::optional<Error>& error() const { return error_; }
  std::string Detail() const { return simdjson::error_message(code_); }

 private:
  simdjson::error_code code_ = simdjson::SUCCESS;
  std::optional<Error> error_;
};

class LineReader {
 public:
  LineReader(std::string_view table_root, std::string_view file_name, const ReadWants& wants,
             LogBlock& block, LogActions& actions)
      : root_(table_root), file_(file_name), wants_(wants), block_(block), actions_(actions) {}

  /// `line` lies in memory that is readable for SIMDJSON_PADDING bytes beyond `line.size()`.
  Status Read(std::string_view line, size_t number);

 private:
  using Value = simdjson::simdjson_result<od::value>;

  void ReadAction(std::string_view name, Value value);
  void ReadAdd(od::object object);
  /// An action with an add's fields, for another block.
  void ReadAddInto(LogBlock& block, Value& value);
  bool ReadAddField(std::string_view key, Value& value);
  void ReadRemove(od::object object);
  void ReadProtocol(od::object object);
  void ReadMetadata(od::object object);
  void ReadTransaction(od::object object);
  void ReadDomain(od::object object);
  void ReadCommitInfo(od::object object);
  void ReadCommitInfoFlag(std::string_view key, Value& value, CommitInfo& info);
  void ReadSidecar(od::object object);
  int32_t ReadDeletionVector(od::object object);
  void ReadPartitionValues(od::object object);

  template <typename Visit>
  void ForEachField(od::object& object, Visit visit);
  bool IsNull(Value& value);
  std::string Text(Value& value);
  int64_t Int(Value& value);
  bool Bool(Value& value);
  std::vector<std::string> TextList(Value& value);
  std::map<std::string, std::string> TextMap(Value& value);
  std::string AnyAsText(Value& value);
  /// The content of a string, still escaped, as it lies in the file.
  std::string_view RawString(Value& value);
  std::string_view PathOf(Value& value);
  void Corrupt(std::string detail) { failure_.Set(LogCorrupt(root_, file_, std::move(detail))); }

  std::string_view root_;
  std::string_view file_;
  const ReadWants& wants_;
  LogBlock& block_;
  LogActions& actions_;
  od::parser parser_;
  Failure failure_;
  std::string scratch_;
};

Status LineReader::Read(std::string_view line, size_t number) {
  failure_ = Failure();
  od::document document;
  if (failure_.Take(
          parser_.iterate(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING)
              .get(document))) {
    od::object object;
    if (failure_.Take(document.get_object().get(object))) {
      ForEachField(object, [&](std::string_view key, Value& value) { ReadAction(key, value); });
      const char* rest = nullptr;
      if (failure_.ok() && document.current_location().get(rest) == simdjson::SUCCESS) {
        Corrupt("there is more than one object");
      }
    }
  }
  if (failure_.ok()) return {};
  const std::string where = "line " + std::to_string(number) + ": ";
  if (!failure_.error()) return LogCorrupt(root_, file_, where + failure_.Detail());
  if (failure_.error()->condition() != Condition("DELTA_LOG_CORRUPT")) return *failure_.error();
  return LogCorrupt(root_, file_, where + std::string(failure_.error()->parameter("detail")));
}

template <typename Visit>
void LineReader::ForEachField(od::object& object, Visit visit) {
  for (auto field : object) {
    std::string_view key;
    if (!failure_.Take(field.unescaped_key().get(key))) return;
    auto value = field.value();
    if (!failure_.Take(value.error())) return;
    visit(key, value);
    if (!failure_.ok()) return;
  }
}

void LineReader::ReadAction(std::string_view name, Value value) {
  const bool is_file = name == "add" || name == "remove" || name == "cdc";
  const bool is_info = name == "commitInfo";
  if (is_file ? !wants_.files : is_info ? !wants_.commit_info : !wants_.others) return;
  if (name == "cdc" || (name == "remove" && wants_.removed_files != nullptr)) {
    LogBlock* const block = name == "cdc" ? wants_.change_files : wants_.removed_files;
    if (block != nullptr) ReadAddInto(*block, value);
    return;
  }
  using Method = void (LineReader::*)(od::object);
  Method method = nullptr;
  if (name == "add") method = &LineReader::ReadAdd;
  if (name == "remove") method = &LineReader::ReadRemove;
  if (name == "protocol") method = &LineReader::ReadProtocol;
  if (name == "metaData") method = &LineReader::ReadMetadata;
  if (name == "txn") method = &LineReader::ReadTransaction;
  if (name == "domainMetadata") method = &LineReader::ReadDomain;
  if (name == "commitInfo") method = &LineReader::ReadCommitInfo;
  if (name == "sidecar") method = &LineReader::ReadSidecar;
  if (method == nullptr || IsNull(value)) return;
  od::object object;
  if (failure_.Take(value.get_object().get(object))) (this->*method)(object);
}

void LineReader::ReadAddInto(LogBlock& block, Value& value) {
  od::object object;
  if (IsNull(value) || !failure_.Take(value.get_object().get(object))) return;
  LineReader other(root_, file_, wants_, block, actions_);
  other.ReadAdd(object);
  if (!other.failure_.ok()) failure_ = std::move(other.failure_);
}

bool LineReader::IsNull(Value& value) {
  bool is_null = false;
  // A malformed literal is reported by whoever reads the value next.
  return value.is_null().get(is_null) == simdjson::SUCCESS && is_null;
}

std::string LineReader::Text(Value& value) {
  if (IsNull(value)) return {};
  std::string_view text;
  if (!failure_.Take(value.get_string().get(text))) return {};
  return std::string(text);
}

int64_t LineReader::Int(Value& value) {
  int64_t number = 0;
  failure_.Take(value.get_int64().get(number));
  return number;
}

bool LineReader::Bool(Value& value) {
  bool flag = false;
  failure_.Take(value.get_bool().get(flag));
  return flag;
}

std::vector<std::string> LineReader::TextList(Value& value) {
  std::vector<std::string> list;
  if (IsNull(value)) return list;
  od::array array;
  if (!failure_.Take(value.get_array().get(array))) return list;
  for (auto element : array) {
    std::string_view text;
    if (!failure_.Take(element.get_string().get(text))) return list;
    list.emplace_back(text);
  }
  return list;
}

std::string LineReader::AnyAsText(Value& value) {
  od::json_type type;
  if (!failure_.Take(value.type().get(type))) return {};
  std::string_view text;
  switch (type) {
    case od::json_type::string:
      return Text(value);
    case od::json_type::null:
      return {};
    case od::json_type::object: {
      od::object object;
      if (failure_.Take(value.get_object().get(object))) failure_.Take(object.raw_json().get(text));
      return std::string(text);
    }
    case od::json_type::array: {
      od::array array;
      if (failure_.Take(value.get_array().get(array))) failure_.Take(array.raw_json().get(text));
      return std::string(text);
    }
    default:
      failure_.Take(value.raw_json_token().get(text));
      while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
        text.remove_suffix(1);
      }
      return std::string(text);
  }
}

std::map<std::string, std::string> LineReader::TextMap(Value& value) {
  std::map<std::string, std::string> map;
  if (IsNull(value)) return map;
  od::object object;
  if (!failure_.Take(value.get_object().get(object))) return map;
  ForEachField(object, [&](std::string_view key, Value& entry) {
    std::string name(key);
    map[std::move(name)] = AnyAsText(entry);
  });
  return map;
}

std::string_view LineReader::RawString(Value& value) {
  std::string_view token;
  if (!failure_.Take(value.raw_json_token().get(token))) return {};
  while (!token.empty() && token.back() != '"') token.remove_suffix(1);
  if (token.size() < 2 || token.front() != '"') {
    Corrupt("a string was expected");
    return {};
  }
  return token.substr(1, token.size() - 2);
}

std::string_view LineReader::PathOf(Value& value) {
  std::string_view raw = RawString(value);
  if (!failure_.ok()) return {};
  const bool escaped = raw.find('\\') != std::string_view::npos;
  if (escaped) {
    if (!UnescapeJson(raw, scratch_)) {
      Corrupt("a path has a malformed escape");
      return {};
    }
    raw = scratch_;
  }
  auto kept = KeepPath(raw, root_, block_.arena, !escaped);
  if (kept.ok()) return *kept;
  failure_.Set(kept.error());
  return {};
}

void LineReader::ReadPartitionValues(od::object object) {
  size_t position = 0;
  ForEachField(object, [&](std::string_view key, Value& value) {
    std::string_view text;
    if (!IsNull(value)) {
      text = RawString(value);
      if (!failure_.ok()) return;
      if (text.empty()) text = std::string_view("", 0);
      if (text.find('\\') != std::string_view::npos) {
        if (!UnescapeJson(text, scratch_))
          return Corrupt("a partition value has a malformed escape");
        text = block_.arena.Store(scratch_);
      }
    }
    block_.SetPartitionValue(key, position++, text);
  });
}

int32_t LineReader::ReadDeletionVector(od::object object) {
  DeletionVectorDescriptor vector;
  ForEachField(object, [&](std::string_view key, Value& value) {
    if (key == "storageType") {
      const std::string type = Text(value);
      vector.storage_type = type.size() == 1 ? type[0] : '?';
    } else if (key == "pathOrInlineDv") {
      vector.path_or_inline = Text(value);
    } else if (key == "offset") {
      if (!IsNull(value)) vector.offset = static_cast<int32_t>(Int(value));
    } else if (key == "sizeInBytes") {
      const int64_t size = Int(value);
      if (size < 0 || size > std::numeric_limits<int32_t>::max()) {
        return Corrupt("a deletion vector has an impossible size");
      }
      vector.size_in_bytes = static_cast<int32_t>(size);
    } else if (key == "cardinality") {
      vector.cardinality = Int(value);
    }
  });
  block_.deletion_vectors.push_back(std::move(vector));
  return static_cast<int32_t>(block_.deletion_vectors.size() - 1);
}

bool LineReader::ReadAddField(std::string_view key, Value& value) {
  const auto row = static_cast<uint32_t>(block_.adds() - 1);
  if (key == "path") {
    block_.path[row] = PathOf(value);
  } else if (key == "partitionValues") {
    od::object values;
    if (!IsNull(value) && failure_.Take(value.get_object().get(values)))
      ReadPartitionValues(values);
  } else if (key == "size") {
    block_.size[row] = Int(value);
  } else if (key == "modificationTime") {
    block_.modification_time_ms[row] = Int(value);
  } else if (key == "dataChange") {
    block_.data_change[row] = Bool(value) ? 1 : 0;
  } else if (key == "stats") {
    if (!IsNull(value)) block_.SetStats(RawString(value));
  } else if (key == "deletionVector") {
    od::object vector;
    if (!IsNull(value) && failure_.Take(value.get_object().get(vector))) {
      block_.deletion_vector_rows.emplace_back(row, ReadDeletionVector(vector));
    }
  } else if (key == "tags") {
    if (!IsNull(value)) block_.tags.emplace_back(row, AnyAsText(value));
  } else if (key == "baseRowId") {
    if (!IsNull(value)) block_.base_row_ids.emplace_back(row, Int(value));
  } else if (key == "defaultRowCommitVersion") {
    if (!IsNull(value)) block_.default_row_commit_versions.emplace_back(row, Int(value));
  }
  return failure_.ok();
}

void LineReader::ReadAdd(od::object object) {
  block_.StartAdd();
  ForEachField(object, [&](std::string_view key, Value& value) { ReadAddField(key, value); });
  if (!failure_.ok()) return;
  if (block_.path.back().empty()) return Corrupt("an add action has no path");
  if (block_.size.back() < 0) return Corrupt("an add action has a negative size");
  block_.FinishAdd();
}

void LineReader::ReadRemove(od::object object) {
  Removal removal;
  ForEachField(object, [&](std::string_view key, Value& value) {
    if (key == "path") {
      removal.path = PathOf(value);
    } else if (key == "deletionTimestamp") {
      if (!IsNull(value)) removal.deletion_timestamp_ms = Int(value);
    } else if (key == "dataChange") {
      removal.data_change = Bool(value);
    } else if (key == "size") {
      if (!IsNull(value)) removal.size = Int(value);
    } else if (key == "deletionVector") {
      od::object vector;
      if (!IsNull(value) && failure_.Take(value.get_object().get(vector))) {
        removal.deletion_vector = ReadDeletionVector(vector);
      }
    }
  });
  if (!failure_.ok()) return;
  if (removal.path.empty()) return Corrupt("a remove action has no path");
  removal.hash = FileKeyHash(removal.path, block_.DeletionVectorOf(removal));
  removal.after_add = static_cast<uint32_t>(block_.adds());
  block_.removals.push_back(removal);
}

void LineReader::ReadProtocol(od::object object) {
  Protocol protocol;
  const auto version = [&](Value& value) {
    const int64_t number = Int(value);
    // Out of range means unknown, and unknown versions are refused by name.
    return static_cast<int32_t>(number < 0 || number > 1'000'000 ? 1'000'000 : number);
  };
  ForEachField(object, [&](std::string_view key, Value& value) {
    if (key == "minReaderVersion") {
      protocol.reader_version = version(value);
    } else if (key == "minWriterVersion") {
      protocol.writer_version = version(value);
    } else if (key == "readerFeatures") {
      protocol.reader_features = TextList(value);
    } else if (key == "writerFeatures") {
      protocol.writer_features = TextList(value);
    }
  });
  actions_.protocol = std::move(protocol);
}

void LineReader::ReadMetadata(od::object object) {
  Metadata metadata;
  std::optional<std::string> schema;
  ForEachField(object, [&](std::string_view key, Value& value) {
    if (key == "id") {
      metadata.id = Text(value);
    } else if (key == "name") {
      metadata.name = Text(value);
    } else if (key == "description") {
      metadata.description = Text(value);
    } else if (key == "format") {
      od::object format;
      if (IsNull(value) || !failure_.Take(value.get_object().get(format))) return;
      ForEachField(format, [&](std::string_view inner, Value& entry) {
        if (inner == "provider") metadata.provider = Text(entry);
      });
    } else if (key == "schemaString") {
      if (!IsNull(value)) schema = Text(value);
    } else if (key == "partitionColumns") {
      metadata.partition_columns = TextList(value);
    } else if (key == "configuration") {
      metadata.configuration = TextMap(value);
    } else if (key == "createdTime") {
      if (!IsNull(value)) metadata.created_time_ms = Int(value);
    }
  });
  if (!failure_.ok()) return;
  if (!schema) return Corrupt("the metaData action has no schemaString");
  auto parsed = ParseSchemaJson(*schema);
  actions_.schema_error.reset();
  if (parsed.ok()) {
    metadata.schema = std::move(*parsed);
  } else {
    actions_.schema_error = LogCorrupt(
        root_, file_, "schemaString: " + std::string(parsed.error().parameter("detail")));
  }
  actions_.metadata = std::move(metadata);
}

void LineReader::ReadTransaction(od::object object) {
  SetTransaction txn;
  ForEachField(object, [&](std::string_view key, Value& value) {
    if (key == "appId") {
      txn.app_id = Text(value);
    } else if (key == "version") {
      txn.version = Int(value);
    } else if (key == "lastUpdated") {
      if (!IsNull(value)) txn.last_updated_ms = Int(value);
    }
  });
  actions_.transactions.push_back(std::move(txn));
}

void LineReader::ReadDomain(od::object object) {
  DomainMetadata domain;
  ForEachField(object, [&](std::string_view key, Value& value) {
    if (key == "domain") {
      domain.domain = Text(value);
    } else if (key == "configuration") {
      domain.configuration = Text(value);
    } else if (key == "removed") {
      domain.removed = Bool(value);
    }
  });
  actions_.domains.push_back(std::move(domain));
}

void LineReader::ReadSidecar(od::object object) {
  Sidecar sidecar;
  ForEachField(object, [&](std::string_view key, Value& value) {
    if (key == "path") {
      sidecar.path = Text(value);
    } else if (key == "sizeInBytes") {
      sidecar.size = Int(value);
    }
  });
  actions_.sidecars.push_back(std::move(sidecar));
}

void LineReader::ReadCommitInfoFlag(std::string_view key, Value& value, CommitInfo& info) {
  // Provenance is free-form: a value of an unexpected type is left out rather than refused.
  int64_t number = 0;
  bool flag = false;
  if (key == "timestamp") {
    if (value.get_int64().get(number) == simdjson::SUCCESS) info.timestamp_ms = number;
  } else if (key == "inCommitTimestamp") {
    if (value.get_int64().get(number) == simdjson::SUCCESS) info.in_commit_timestamp_ms = number;
  } else if (key == "readVersion") {
    if (value.get_int64().get(number) == simdjson::SUCCESS) info.read_version = number;
  } else if (key == "isBlindAppend") {
    if (value.get_bool().get(flag) == simdjson::SUCCESS) info.is_blind_append = flag;
  }
}

void LineReader::ReadCommitInfo(od::object object) {
  CommitInfo info;
  const std::pair<std::string_view, std::string CommitInfo::*> kTexts[] = {
      {"operation", &CommitInfo::operation},
      {"userId", &CommitInfo::user_id},
      {"userName", &CommitInfo::user_name},
      {"engineInfo", &CommitInfo::engine_info},
      {"txnId", &CommitInfo::txn_id},
      {"isolationLevel", &CommitInfo::isolation_level},
      {"userMetadata", &CommitInfo::user_metadata},
      {"clusterId", &CommitInfo::cluster_id},
  };
  ForEachField(object, [&](std::string_view key, Value& value) {
    for (const auto& [name, member] : kTexts) {
      if (key == name) {
        info.*member = AnyAsText(value);
        return;
      }
    }
    od::json_type type;
    if (!failure_.Take(value.type().get(type))) return;
    if (key == "operationParameters" && type == od::json_type::object) {
      info.operation_parameters = TextMap(value);
    } else if (key == "operationMetrics" && type == od::json_type::object) {
      info.operation_metrics = TextMap(value);
    } else if (key == "job" && type == od::json_type::object) {
      info.job = TextMap(value);
    } else if (key == "notebook" && type == od::json_type::object) {
      info.notebook = TextMap(value);
    } else {
      ReadCommitInfoFlag(key, value, info);
    }
  });
  actions_.commit_info = std::move(info);
}

}  // namespace

Error LogCorrupt(std::string_view table, std::string_view file, std::string detail) {
  return Error(
      Condition("DELTA_LOG_CORRUPT"),
      {{"table", std::string(table)}, {"file", std::string(file)}, {"detail", std::move(detail)}});
}

Result<std::string_view> KeepPath(std::string_view path, std::string_view table_root, Arena& arena,
                                  bool stable) {
  if (IsPlainPath(path)) return stable ? path : arena.Store(path);
  TARN_ASSIGN(const std::string decoded, DecodeLogPath(path, table_root));
  return arena.Store(decoded);
}

Status ReadLogFile(std::string bytes, std::string_view table_root, std::string_view file_name,
                   const ReadWants& wants, LogBlock& block, LogActions& actions) {
  const std::string_view text = block.arena.Adopt(std::move(bytes));
  // Lines near the end are read from a copy with room behind it, as the parser reads ahead.
  size_t tail_begin =
      text.size() > simdjson::SIMDJSON_PADDING ? text.size() - simdjson::SIMDJSON_PADDING : 0;
  const size_t newline =
      tail_begin == 0 ? std::string_view::npos : text.rfind('\n', tail_begin - 1);
  tail_begin = newline == std::string_view::npos ? 0 : newline + 1;
  std::string padded(text.substr(tail_begin));
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  const std::string_view tail = block.arena.Adopt(std::move(padded));

  LineReader reader(table_root, file_name, wants, block, actions);
  size_t number = 0;
  const auto read_lines = [&](std::string_view part) -> Status {
    while (!part.empty()) {
      size_t end = part.find('\n');
      if (end == std::string_view::npos) end = part.size();
      const std::string_view line = part.substr(0, end);
      ++number;
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
        TARN_TRY(reader.Read(line, number));
      }
      part.remove_prefix(end == part.size() ? end : end + 1);
    }
    return {};
  };
  TARN_TRY(read_lines(text.substr(0, tail_begin)));
  return read_lines(tail.substr(0, text.size() - tail_begin));
}

}  // namespace tarn::delta
