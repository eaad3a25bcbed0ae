#include "duck/file_formats.h"

#include "tarn/io/local_object_store.h"

namespace tarn::engine::duck {

namespace {

duckdb::Value NameList(const std::vector<std::string>& names) {
  duckdb::vector<duckdb::Value> values;
  for (const std::string& name : names) values.emplace_back(name);
  return duckdb::Value::LIST(duckdb::LogicalType::VARCHAR, std::move(values));
}

std::string CompressionSuffix(std::string_view path) {
  for (const std::string_view suffix : {".gz", ".zst"}) {
    if (path.ends_with(suffix)) return std::string(suffix);
  }
  return {};
}

duckdb::Value TextColumns(size_t count) {
  duckdb::child_list_t<duckdb::Value> columns;
  for (size_t i = 0; i < count; ++i)
    columns.emplace_back("k" + std::to_string(i), duckdb::Value("VARCHAR"));
  return duckdb::Value::STRUCT(std::move(columns));
}

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

FileOptions::FileOptions(const plan::FileRelation& files) {
  for (const auto& [name, value] : files.options) values_[FoldName(name)] = value;
}

std::string FileOptions::Text(std::string_view name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string(otherwise) : found->second;
}

std::optional<std::string> FileOptions::Find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    if (const auto found = values_.find(name); found != values_.end()) return found->second;
  }
  return std::nullopt;
}

bool FileOptions::Flag(std::string_view name, bool otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : SameName(found->second, "true");
}

bool FileOptions::Is(std::string_view name, std::string_view value) const {
  const auto found = values_.find(name);
  return found != values_.end() && SameName(found->second, value);
}

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
    result.names.push_back(files.NameToRead(grant, i, CompressionSuffix(relation.paths[i])));
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

std::string UnescapeOption(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char next = text[++i];
    switch (next) {
      case 't':
        result += '\t';
        break;
      case 'n':
        result += '\n';
        break;
      case 'r':
        result += '\r';
        break;
      case '0':
        result += '\0';
        break;
      default:
        result += next;
    }
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

DuckTable CsvTable(const GrantedFiles& files, const FileOptions& options, size_t columns) {
  const bool permissive = !options.Is("mode", "failfast") && !options.Is("mode", "dropmalformed");
  // An empty field is NULL besides nullValue; a quoted one is text.
  duckdb::vector<duckdb::Value> nulls = {duckdb::Value("")};
  if (const auto null = options.Find({"nullvalue"}); null && !null->empty())
    nulls.emplace_back(*null);
  std::vector<std::pair<std::string, duckdb::Value>> named = {
      {"columns", TextColumns(columns)},
      {"auto_detect", duckdb::Value::BOOLEAN(false)},
      {"header", duckdb::Value::BOOLEAN(options.Flag("header", false))},
      {"delim", duckdb::Value(UnescapeOption(options.Find({"sep", "delimiter"}).value_or(",")))},
      {"quote", duckdb::Value(options.Text("quote", "\""))},
      {"escape", duckdb::Value(options.Text("escape", "\\"))},
      {"nullstr", duckdb::Value::LIST(duckdb::LogicalType::VARCHAR, std::move(nulls))},
      {"allow_quoted_nulls", duckdb::Value::BOOLEAN(false)},
      {"strict_mode", duckdb::Value::BOOLEAN(!permissive)},
      {"null_padding", duckdb::Value::BOOLEAN(permissive)},
      {"ignore_errors", duckdb::Value::BOOLEAN(options.Is("mode", "dropmalformed"))},
      {"filename", duckdb::Value("file")},
      {"hive_partitioning", duckdb::Value::BOOLEAN(false)},
  };
  if (const auto comment = options.Find({"comment"}); comment && !comment->empty()) {
    named.emplace_back("comment", duckdb::Value(*comment));
  }
  if (const auto skip = options.Find({"skiprows"})) {
    named.emplace_back("skip", duckdb::Value(*skip).DefaultCastAs(duckdb::LogicalType::BIGINT));
  }
  if (const auto encoding = options.Find({"encoding", "charset"})) {
    std::string name = FoldName(*encoding);
    if (name == "iso-8859-1" || name == "windows-1252") name = "latin-1";
    if (name == "utf8") name = "utf-8";
    named.emplace_back("encoding", duckdb::Value(name));
  }
  return FunctionCall("read_csv", MakeArgs(Constant(NameList(files.names))), std::move(named));
}

DuckTable JsonTable(const GrantedFiles& files, const FileOptions& options,
                    const std::vector<std::pair<std::string, duckdb::LogicalType>>& columns) {
  const bool multi_line = options.Flag("multiline", false);
  std::vector<std::pair<std::string, duckdb::Value>> named = {
      {"format", duckdb::Value(multi_line ? "auto" : "newline_delimited")},
      {"records", duckdb::Value("true")},
      {"filename", duckdb::Value("file")},
      {"hive_partitioning", duckdb::Value::BOOLEAN(false)},
      {"maximum_object_size", duckdb::Value::UINTEGER(64U << 20)},
  };
  if (!multi_line && !options.Is("mode", "failfast")) {
    named.emplace_back("ignore_errors", duckdb::Value::BOOLEAN(true));
  }
  if (!columns.empty()) {
    duckdb::child_list_t<duckdb::Value> types;
    for (const auto& [name, type] : columns)
      types.emplace_back(name, duckdb::Value(type.ToString()));
    named.emplace_back("columns", duckdb::Value::STRUCT(std::move(types)));
  }
  return FunctionCall("read_json", MakeArgs(Constant(NameList(files.names))), std::move(named));
}

DuckTable TextTable(const GrantedFiles& files, const FileOptions& options) {
  // A delimiter that no text has.
  const std::string separator = UnescapeOption(options.Text("linesep", "\n"));
  return FunctionCall("read_csv", MakeArgs(Constant(NameList(files.names))),
                      {{"columns", TextColumns(1)},
                       {"auto_detect", duckdb::Value::BOOLEAN(false)},
                       {"header", duckdb::Value::BOOLEAN(false)},
                       {"delim", duckdb::Value("\x1f\x07\x1e")},
                       {"quote", duckdb::Value("")},
                       {"escape", duckdb::Value("")},
                       {"new_line", duckdb::Value(separator == "\r\n" ? "\\r\\n" : "\\n")},
                       {"strict_mode", duckdb::Value::BOOLEAN(false)},
                       {"filename", duckdb::Value("file")},
                       {"hive_partitioning", duckdb::Value::BOOLEAN(false)}});
}

}  // namespace tarn::engine::duck
