#include "tarn/session/files.h"
#include "tarn/sql/parser.h"

namespace tarn::session {

namespace {

Error BadHints(std::string detail) {
  return Error(Condition("CF_INVALID_SCHEMA_HINTS_OPTION"), {{"detail", std::move(detail)}});
}

/// Cuts at commas that stand outside of brackets and quotes.
std::vector<std::string> HintsOf(std::string_view text) {
  std::vector<std::string> hints(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      quote = c == quote ? 0 : quote;
    } else if (c == '`' || c == '\'' || c == '"') {
      quote = c;
    } else {
      depth += c == '<' || c == '(' ? 1 : 0;
      depth -= c == '>' || c == ')' ? 1 : 0;
      if (c == ',' && depth == 0) {
        hints.emplace_back();
        continue;
      }
    }
    hints.back() += c;
  }
  return hints;
}

/// Where the name of a hint ends: at a blank or colon outside of quotes.
size_t EndOfName(std::string_view hint) {
  bool quoted = false;
  for (size_t i = 0; i < hint.size(); ++i) {
    quoted ^= hint[i] == '`';
    if (!quoted && (hint[i] == ' ' || hint[i] == ':' || hint[i] == '\t' || hint[i] == '\n'))
      return i;
  }
  return hint.size();
}

/// The type with the part that `path` names from `depth` on changed to `hinted`.
Result<DataType> Changed(const DataType& type, const std::vector<sql::Identifier>& path,
                         size_t depth, const DataType& hinted) {
  if (depth == path.size()) return hinted;
  const std::string& part = path[depth].text;
  if (type.Is(TypeId::kArray) && SameName(part, "element")) {
    TARN_ASSIGN(DataType element, Changed(type.element(), path, depth + 1, hinted));
    return DataType::Array(std::move(element));
  }
  if (type.Is(TypeId::kMap) && (SameName(part, "key") || SameName(part, "value"))) {
    const bool key = SameName(part, "key");
    TARN_ASSIGN(DataType changed,
                Changed(key ? type.key() : type.value(), path, depth + 1, hinted));
    return key ? DataType::Map(std::move(changed), type.value())
               : DataType::Map(type.key(), std::move(changed));
  }
  std::vector<Field> fields;
  if (type.Is(TypeId::kStruct)) fields = type.fields();
  for (Field& field : fields) {
    if (!SameName(field.name, part)) continue;
    TARN_ASSIGN(field.type, Changed(field.type, path, depth + 1, hinted));
    return DataType::Struct(std::move(fields));
  }
  if (!type.Is(TypeId::kStruct) && !type.Is(TypeId::kNull)) {
    return BadHints(QuoteIdentifier(path[depth - 1].text) + " is " + type.ToSql() +
                    ", which has no field " + QuoteIdentifier(part));
  }
  TARN_ASSIGN(DataType added, Changed(TypeId::kNull, path, depth + 1, hinted));
  fields.push_back({part, std::move(added)});
  return DataType::Struct(std::move(fields));
}

Status Apply(std::string_view hint, Schema& schema) {
  while (hint.starts_with(' ') || hint.starts_with('\n') || hint.starts_with('\t')) {
    hint.remove_prefix(1);
  }
  const size_t end = EndOfName(hint);
  auto path = sql::ParseMultipartName(hint.substr(0, end));
  if (!path.ok() || path->empty()) return BadHints("'" + std::string(hint) + "' names no column");
  auto typed = sql::ParseTableSchema("hint" + std::string(hint.substr(end)));
  if (!typed.ok() || typed->fields.size() != 1) {
    return BadHints("'" + std::string(hint) + "' has no type that is known");
  }
  const DataType hinted = typed->fields[0].type;
  const int at = schema.Find((*path)[0].text);
  if (at >= 0) {
    DataType& type = schema.fields[static_cast<size_t>(at)].type;
    TARN_ASSIGN(type, Changed(type, *path, 1, hinted));
    return {};
  }
  TARN_ASSIGN(DataType type, Changed(TypeId::kNull, *path, 1, hinted));
  schema.fields.push_back({(*path)[0].text, std::move(type)});
  return {};
}

}  // namespace

Result<Schema> WithHints(Schema schema, const std::string& hints) {
  if (hints.empty()) return schema;
  for (const std::string& hint : HintsOf(hints)) TARN_TRY(Apply(hint, schema));
  return schema;
}

}  // namespace tarn::session
