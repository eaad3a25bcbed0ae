#include "row_writer.h"

#include <cstdio>
#include <string_view>

#include "json_text.h"
#include "table_writer.h"
#include "tarn/base/json_string.h"

namespace tarn::cli {

namespace {

using RenderedRow = std::vector<std::optional<std::string>>;

void Print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// Calls `visit` for each rendered row.
template <typename Visit>
Status ForEachRow(engine::ResultStream& rows, Visit visit) {
  while (true) {
    TARN_ASSIGN(std::vector<RenderedRow> batch, rows.NextRendered());
    if (batch.empty()) return {};
    for (const RenderedRow& row : batch) visit(row);
  }
}

std::string CsvCell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// RFC 4180 with a header; NULL is an empty cell, an empty string is "".
class CsvWriter : public RowWriter {
 public:
  Status Write(int, engine::ResultStream& rows,
               const std::function<void()>& before_output) override {
    if (rows.columns().empty()) return ForEachRow(rows, [](const RenderedRow&) {});
    before_output();
    std::string line;
    for (const plan::OutputColumn& column : rows.columns()) {
      if (!line.empty()) line += ',';
      line += CsvCell(column.name);
    }
    Print(line + "\n");
    return ForEachRow(rows, [&](const RenderedRow& row) {
      line.clear();
      for (size_t i = 0; i < row.size(); ++i) {
        if (i > 0) line += ',';
        if (row[i]) line += row[i]->empty() ? "\"\"" : CsvCell(*row[i]);
      }
      Print(line + "\n");
    });
  }
};

/// One object per row; an array of them, or one per line.
class JsonWriter : public RowWriter {
 public:
  explicit JsonWriter(bool lines) : lines_(lines) {}

  Status Write(int, engine::ResultStream& rows,
               const std::function<void()>& before_output) override {
    const std::vector<plan::OutputColumn>& columns = rows.columns();
    if (columns.empty()) return ForEachRow(rows, [](const RenderedRow&) {});
    std::vector<std::string> keys;
    for (const plan::OutputColumn& column : columns) keys.push_back(JsonString(column.name) + ":");
    bool first = true;
    before_output();
    if (!lines_) Print("[");
    while (true) {
      auto batch = rows.Next();
      if (!batch.ok()) {
        if (!lines_) Print("]\n");
        return std::move(batch).error();
      }
      if (batch->empty()) break;
      for (const std::vector<Value>& row : *batch) {
        std::string text = lines_ ? "" : first ? "\n" : ",\n";
        text += "{";
        for (size_t i = 0; i < row.size(); ++i) {
          if (i > 0) text += ",";
          text += keys[i];
          AppendJsonValue(text, row[i]);
        }
        Print(text + (lines_ ? "}\n" : "}"));
        first = false;
      }
    }
    if (!lines_) Print(first ? "]\n" : "\n]\n");
    return {};
  }

 private:
  bool lines_;
};

/// Two digits a byte.
std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[c & 15];
  }
  return text;
}

/// For programs: one line of JSON per statement; bytes, which JSON can't hold, as hexadecimal
/// digits.
class ResultsWriter : public RowWriter {
 public:
  Status Write(int statement, engine::ResultStream& rows,
               const std::function<void()>& before_output) override {
    std::string line = "{\"statement\":" + std::to_string(statement) + ",\"columns\":[";
    bool first = true;
    for (const plan::OutputColumn& column : rows.columns()) {
      if (!first) line += ",";
      first = false;
      line += "{\"name\":" + JsonString(column.name) +
              ",\"type\":" + JsonString(column.type.ToString()) + "}";
    }
    line += "],\"rows\":[";
    first = true;
    TARN_TRY(ForEachRow(rows, [&](const RenderedRow& row) {
      line += first ? "[" : ",[";
      first = false;
      for (size_t i = 0; i < row.size(); ++i) {
        if (i > 0) line += ",";
        const bool binary = rows.columns()[i].type.Is(TypeId::kBinary);
        line += !row[i] ? "null" : JsonString(binary ? Hex(*row[i]) : *row[i]);
      }
      line += "]";
    }));
    before_output();
    Print(line + "],\"error\":null}\n");
    std::fflush(stdout);
    return {};
  }

  void WriteError(int statement, const Error& error) override {
    const SourceRange& at = error.position();
    std::string line =
        "{\"statement\":" + std::to_string(statement) +
        ",\"columns\":[],\"rows\":[],\"error\":{\"condition\":" + JsonString(error.name()) +
        ",\"sqlState\":" + JsonString(error.info().sqlstate) +
        ",\"message\":" + JsonString(error.message());
    line += ",\"line\":" + (at.known() ? std::to_string(at.line) : "null");
    line += ",\"column\":" + (at.known() ? std::to_string(at.column) : "null");
    Print(line + "}}\n");
    std::fflush(stdout);
  }
};

}  // namespace

std::optional<OutputFormat> ParseOutputFormat(std::string_view name) {
  if (name == "table") return OutputFormat::kTable;
  if (name == "csv") return OutputFormat::kCsv;
  if (name == "json") return OutputFormat::kJson;
  if (name == "jsonl") return OutputFormat::kJsonLines;
  if (name == "results") return OutputFormat::kResults;
  return std::nullopt;
}

std::unique_ptr<RowWriter> MakeRowWriter(OutputFormat format, const Terminal& terminal) {
  switch (format) {
    case OutputFormat::kTable:
      return MakeTableWriter(terminal);
    case OutputFormat::kCsv:
      return std::make_unique<CsvWriter>();
    case OutputFormat::kJson:
      return std::make_unique<JsonWriter>(false);
    case OutputFormat::kJsonLines:
      return std::make_unique<JsonWriter>(true);
    case OutputFormat::kResults:
      return std::make_unique<ResultsWriter>();
  }
  TARN_UNREACHABLE();
}

}  // namespace tarn::cli
