// CSV: one record at a time.

#include "duck/functions/casting.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"
#include "duck/functions/text_values.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;

struct CsvState {
  std::optional<TextOptions> options;
};

const TextOptions& OptionsOf(Call& call, const duckdb::vector<duckdb::Value>& args, size_t index) {
  auto& state = call.State<CsvState>();
  if (!state.options)
    state.options.emplace(index < args.size() ? &args[index] : nullptr, call.info.zone);
  return *state.options;
}

std::string Separator(const TextOptions& options) {
  return options.Get("sep", options.Get("delimiter", ","));
}

/// The fields of a record; a quoted field may hold separators, `\` escapes within quotes.
std::vector<std::string> SplitRecord(std::string_view text, const std::string& separator,
                                     char quote, char escape) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == escape && i + 1 < text.size() && (text[i + 1] == quote || text[i + 1] == escape)) {
        fields.back() += text[++i];
      } else if (c == quote) {
        quoted = false;
      } else {
        fields.back() += c;
      }
    } else if (c == quote && fields.back().empty()) {
      quoted = true;
    } else if (text.substr(i).starts_with(separator)) {
      fields.emplace_back();
      i += separator.size() - 1;
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

char CharOption(const TextOptions& options, const char* name, char otherwise) {
  const std::string text = options.Get(name);
  return text.empty() ? otherwise : text[0];
}

duckdb::Value FromCsv(Call& call, const duckdb::vector<duckdb::Value>& args) {
  const DataType& type = call.info.result;
  if (args[0].IsNull()) return duckdb::Value(ToDuckType(type));
  const TextOptions& options = OptionsOf(call, args, 2);
  const std::string& text = duckdb::StringValue::Get(args[0]);
  const auto fields = SplitRecord(text, Separator(options), CharOption(options, "quote", '"'),
                                  CharOption(options, "escape", '\\'));
  std::vector<Value> children;
  bool bad = fields.size() != type.fields().size();
  const std::string null_text = options.Get("nullvalue");
  for (size_t i = 0; i < type.fields().size(); ++i) {
    const DataType& field = type.fields()[i].type;
    std::string cell = i < fields.size() ? fields[i] : std::string();
    if (i >= fields.size() || cell == null_text || (cell.empty() && null_text.empty())) {
      children.push_back(Value::Null(field));
      continue;
    }
    if (!field.IsString()) cell = TrimAll(cell);
    auto value = options.Read(cell, field);
    bad |= !value;
    children.push_back(value ? *std::move(value) : Value::Null(field));
  }
  if (bad && ToLowerUtf8(options.Get("mode")) == "failfast") {
    Raise(Condition("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"), {{"badRecord", text}});
  }
  return ToDuckValue(Value::Of(type, std::move(children)));
}

std::string Quoted(const std::string& cell, const std::string& separator, char quote, char escape) {
  const bool needed = cell.find(separator) != cell.npos || cell.find(quote) != cell.npos ||
                      cell.find('\n') != cell.npos || cell.find('\r') != cell.npos;
  if (!needed) return cell.empty() ? std::string("\"\"") : cell;
  std::string quoted(1, quote);
  for (const char c : cell) {
    if (c == quote) quoted += escape;
    quoted += c;
  }
  return quoted + quote;
}

duckdb::Value ToCsv(Call& call, const duckdb::vector<duckdb::Value>& args) {
  if (args[0].IsNull()) return duckdb::Value(LogicalType::VARCHAR);
  const TextOptions& options = OptionsOf(call, args, 1);
  const Value row = FromDuckValue(args[0], call.info.args[0]);
  const std::string separator = Separator(options);
  std::string text;
  bool first = true;
  for (const Value& cell : row.children()) {
    if (!first) text += separator;
    first = false;
    if (cell.is_null()) {
      text += options.Get("nullvalue");
    } else {
      text += Quoted(options.Render(cell), separator, CharOption(options, "quote", '"'),
                     CharOption(options, "escape", '\\'));
    }
  }
  return duckdb::Value(std::move(text));
}

DataType InferCell(const std::string& cell, const TextOptions& options) {
  if (cell.empty()) return TypeId::kString;
  if (options.Read(cell, TypeId::kInt)) return TypeId::kInt;
  if (const auto number = InferNumber(cell)) return *number;
  if (TextToDouble(cell)) return TypeId::kDouble;
  if (ParseDate(cell) && cell.size() == 10) return TypeId::kDate;
  if (cell.size() > 10 && ParseTimestamp(cell, options.zone())) return TypeId::kTimestamp;
  return options.Read(cell, TypeId::kBoolean) ? TypeId::kBoolean : TypeId::kString;
}

duckdb::Value SchemaOfCsv(Call& call, const duckdb::vector<duckdb::Value>& args) {
  if (args[0].IsNull()) return duckdb::Value(LogicalType::VARCHAR);
  const TextOptions& options = OptionsOf(call, args, 1);
  std::vector<Field> fields;
  for (const std::string& cell :
       SplitRecord(duckdb::StringValue::Get(args[0]), Separator(options), '"', '\\')) {
    fields.push_back({"_c" + std::to_string(fields.size()), InferCell(cell, options)});
  }
  return duckdb::Value(DataType::Struct(std::move(fields)).ToSql());
}

}  // namespace

void RegisterCsv(FunctionSet& set) {
  set.Batch("from_csv", ByValues(FromCsv), kFallible);
  set.Use("from_csv", "from_csv");
  set.Batch("to_csv", ByValues(ToCsv));
  set.Use("to_csv", "to_csv");
  set.Batch("schema_of_csv", ByValues(SchemaOfCsv));
  set.Use("schema_of_csv", "schema_of_csv");
}

}  // namespace tarn::engine::duck
