#include "duck/file_formats.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "duck/statement.h"
#include "tarn/format/read_options.h"
#include "tarn/io/location.h"

namespace tarn::engine::duck {

namespace {

std::string HiveUnescape(std::string_view text) {
  Result<std::string> decoded = io::PercentDecode(text);
  return decoded.ok() ? *std::move(decoded) : std::string(text);
}

std::vector<std::pair<std::string, std::optional<std::string>>> PartitionsOfPath(
    std::string_view path) {
  std::vector<std::pair<std::string, std::optional<std::string>>> result;
  if (path.find('=') == path.npos) return result;
  while (true) {
    const size_t slash = path.find('/');
    if (slash == path.npos) return result;  // the last segment is the file
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash + 1);
    const size_t equals = segment.find('=');
    if (equals == 0 || equals == segment.npos) continue;
    std::optional<std::string> value = HiveUnescape(segment.substr(equals + 1));
    if (*value == "__HIVE_DEFAULT_PARTITION__") value.reset();
    result.emplace_back(HiveUnescape(segment.substr(0, equals)), std::move(value));
  }
}

/// The part of a path that lies below a folder; nothing of a path that isn't there.
std::string_view Below(std::string_view path, std::string_view base) {
  while (base.ends_with('/')) base.remove_suffix(1);
  if (!path.starts_with(base) || path.size() <= base.size() || path[base.size()] != '/') return {};
  return path.substr(base.size() + 1);
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<GrantedFile> FileRoots::Find(const std::string& path) {
  TARN_ASSIGN(io::ObjectPath parsed, io::PathBelowRoot(path));
  const std::string_view root = io::RootOf(path);
  auto found = opened_.find(root);
  if (found == opened_.end()) {
    // A local user reads what the system lets him: links are followed.
    TARN_ASSIGN(auto store, storage_.OpenRoot(path));
    found = opened_.emplace(root, std::move(store)).first;
  }
  return GrantedFile{found->second, std::move(parsed)};
}

Result<GrantedFiles> GrantFiles(const plan::FileRelation& relation, StatementFiles& files,
                                FileRoots roots) {
  std::vector<GrantedFile> found;
  for (const std::string& path : relation.paths) {
    TARN_ASSIGN(found.emplace_back(), roots.Find(path));
  }
  const size_t grant = files.GrantRead([found](size_t n) -> Result<GrantedFile> {
    if (n >= found.size()) {
      return Error(
          Condition("PATH_NOT_ALLOWED"),
          {{"path", std::to_string(n)}, {"detail", "the statement's plan doesn't name it"}});
    }
    return found[n];
  });
  GrantedFiles result;
  for (size_t i = 0; i < relation.paths.size(); ++i) {
    result.names.push_back(files.NameToRead(grant, i));
    result.paths.push_back(relation.paths[i]);
  }
  result.stamps = relation.stamps;
  return result;
}

int HivePartitions::Find(std::string_view name) const {
  for (size_t i = 0; i < names.size(); ++i) {
    if (SameName(names[i], name)) return static_cast<int>(i);
  }
  return -1;
}

HivePartitions PartitionsOf(const plan::FileRelation& files) {
  HivePartitions result;
  const format::ReadOptions options(files.options);
  const auto wanted = options.Find({"partitionColumns"});
  const bool listed = wanted.has_value();
  if (listed) {
    for (std::string_view rest = *wanted; !rest.empty();) {
      const std::string_view name = Trimmed(rest.substr(0, rest.find(',')));
      if (!name.empty() && result.Find(name) < 0) result.names.emplace_back(name);
      rest.remove_prefix(
          std::min(rest.size(), rest.find(',') == rest.npos ? rest.size() : rest.find(',') + 1));
    }
    if (result.names.empty()) return result;
  } else if (files.base.empty() || SameName(options.Text("recursiveFileLookup"), "true")) {
    return result;
  }
  for (const std::string& path : files.paths) {
    const auto found = PartitionsOfPath(Below(path, files.base));
    for (const auto& [name, value] : found) {
      if (!listed && result.Find(name) < 0) result.names.push_back(name);
    }
  }
  if (result.names.empty()) return result;
  for (const std::string& path : files.paths) {
    auto& row = result.values.emplace_back(result.names.size());
    for (auto& [name, value] : PartitionsOfPath(Below(path, files.base))) {
      if (const int at = result.Find(name); at >= 0) {
        row[static_cast<size_t>(at)] = std::move(value);
      }
    }
  }
  return result;
}

HivePartitions InferredPartitionsOf(const plan::FileRelation& files) {
  HivePartitions all = PartitionsOf(files);
  if (format::ReadOptions(files.options).Find({"partitionColumns"})) return all;
  for (const std::string& path : files.paths) {
    const auto found = PartitionsOfPath(Below(path, files.base));
    if (found.size() < all.names.size()) return {};
  }
  return all;
}

namespace {

/// Whether a file begins and ends as Parquet does, with a footer of a length that it can have.
Result<bool> EndsAsParquet(const RequestContext& context, io::ObjectStore& store,
                           const io::ObjectPath& path) {
  constexpr std::string_view kMagic = "PAR1";
  TARN_ASSIGN(const std::unique_ptr<io::ReadableFile> file, store.Open(context, path));
  const int64_t size = file->info().size;
  if (size < 12) return false;
  std::array<char, 4> head{};
  std::array<char, 8> tail{};
  TARN_TRY(file->Read(0, head));
  TARN_TRY(file->Read(size - 8, tail));
  uint32_t footer = 0;
  std::memcpy(&footer, tail.data(), sizeof(footer));
  return std::string_view(head.data(), 4) == kMagic &&
         std::string_view(tail.data() + 4, 4) == kMagic && int64_t{footer} + 12 <= size;
}

}  // namespace

Result<plan::FileRelation> UndamagedParquet(const plan::FileRelation& files,
                                            const RequestContext& context, FileRoots roots,
                                            ScanCounters& counters) {
  const format::ReadOptions options(files.options);
  TARN_ASSIGN(const bool ignore_missing, options.Flag("ignoreMissingFiles", false));
  TARN_ASSIGN(const bool ignore_corrupt, options.Flag("ignoreCorruptFiles", false));
  plan::FileRelation kept = files;
  if (!ignore_missing && !ignore_corrupt) return kept;
  kept.paths.clear();
  kept.stamps.clear();
  for (size_t i = 0; i < files.paths.size(); ++i) {
    const std::string& path = files.paths[i];
    TARN_ASSIGN(const GrantedFile file, roots.Find(path));
    const auto whole = EndsAsParquet(context, *file.store, file.path);
    if (!whole.ok()) {
      const bool missing = whole.error().condition() == Condition("PATH_NOT_FOUND");
      const bool unreadable = whole.error().condition() == Condition("IO_ERROR");
      if (!(missing && ignore_missing) && !(unreadable && ignore_corrupt)) {
        return Error(whole.error());
      }
      ++(missing ? counters.files_missing : counters.files_corrupt);
    } else if (!*whole && ignore_corrupt) {
      ++counters.files_corrupt;
    } else {
      kept.paths.push_back(path);
      if (!files.stamps.empty()) kept.stamps.push_back(files.stamps[i]);
    }
  }
  return kept;
}

DuckTable FunctionCall(std::string name, DuckArgs args,
                       std::vector<std::pair<std::string, duckdb::Value>> named) {
  for (auto& [parameter, value] : named) {
    DuckExpr argument = Constant(std::move(value));
    argument->SetAlias(parameter);
    args.push_back(std::move(argument));
  }
  auto table = duckdb::make_uniq<duckdb::TableFunctionRef>();
  table->function = CallNative(std::move(name), std::move(args));
  return table;
}

}  // namespace tarn::engine::duck
