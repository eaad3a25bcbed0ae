#include "duck/file_formats.h"

#include "tarn/io/local_object_store.h"

namespace tarn::engine::duck {

namespace {

std::string HiveUnescape(std::string_view text) {
  Result<std::string> decoded = io::PercentDecode(text);
  return decoded.ok() ? *std::move(decoded) : std::string(text);
}

std::vector<std::pair<std::string, std::optional<std::string>>> PartitionsOfPath(
    std::string_view path) {
  std::vector<std::pair<std::string, std::optional<std::string>>> result;
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

}  // namespace

Result<GrantedFiles> GrantFiles(const plan::FileRelation& relation, StatementFiles& files,
                                std::shared_ptr<io::ObjectStore> store) {
  const bool absolute = store == nullptr;
  if (absolute) {
    // A local user reads what the system lets him: links are followed.
    TARN_ASSIGN(store, io::OpenRootlessStore());
  }
  std::vector<io::ObjectPath> paths;
  for (const std::string& path : relation.paths) {
    TARN_ASSIGN(io::ObjectPath parsed,
                absolute ? io::ObjectPath::FromAbsolute(path) : io::ObjectPath::Parse(path));
    paths.push_back(std::move(parsed));
  }
  const size_t grant = files.GrantRead([store, paths](size_t n) -> Result<GrantedFile> {
    if (n >= paths.size()) {
      return Error(
          Condition("PATH_NOT_ALLOWED"),
          {{"path", std::to_string(n)}, {"detail", "the statement's plan doesn't name it"}});
    }
    return GrantedFile{store, paths[n]};
  });
  GrantedFiles result;
  for (size_t i = 0; i < relation.paths.size(); ++i) {
    result.names.push_back(files.NameToRead(grant, i));
    result.paths.push_back(relation.paths[i]);
  }
  return result;
}

int HivePartitions::Find(std::string_view name) const {
  for (size_t i = 0; i < names.size(); ++i) {
    if (SameName(names[i], name)) return static_cast<int>(i);
  }
  return -1;
}

HivePartitions PartitionsOf(const std::vector<std::string>& paths) {
  HivePartitions result;
  for (size_t i = 0; i < paths.size(); ++i) {
    const auto found = PartitionsOfPath(paths[i]);
    std::vector<std::string> names;
    std::vector<std::optional<std::string>> values;
    for (const auto& [name, value] : found) {
      names.push_back(name);
      values.push_back(value);
    }
    if (i == 0) result.names = names;
    if (names != result.names) return {};
    result.values.push_back(std::move(values));
  }
  return result;
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
