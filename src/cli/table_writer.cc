#include "table_writer.h"

#include <algorithm>
#include <cstdio>
#include <deque>

namespace tarn::cli {

namespace {

/// More rows than this are shown as a head and a tail.
constexpr size_t kRowsShownMax = 1000;
constexpr size_t kHeadRows = kRowsShownMax / 2;
constexpr size_t kTailRows = kRowsShownMax - kHeadRows;

using Cells = std::vector<std::string>;

/// The lines of each cell of a row.
using Row = std::vector<std::vector<std::string>>;

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(Printable(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

class TableWriter : public RowWriter {
 public:
  explicit TableWriter(const Terminal& terminal) : terminal_(terminal) {}

  Status Write(int, engine::ResultStream& rows,
               const std::function<void()>& before_output) override {
    std::vector<Row> head;
    std::deque<Row> tail;
    int64_t count = 0;
    while (true) {
      TARN_ASSIGN(auto batch, rows.NextRendered());
      if (batch.empty()) break;
      for (const auto& row : batch) {
        ++count;
        Row shown;
        for (const auto& cell : row) shown.push_back(LinesOf(cell ? *cell : "NULL"));
        if (head.size() < kHeadRows) {
          head.push_back(std::move(shown));
          continue;
        }
        tail.push_back(std::move(shown));
        if (tail.size() > kTailRows) tail.pop_front();
      }
    }
    if (rows.columns().empty()) return {};
    before_output();
    Show(rows.columns(), head, tail, count);
    return {};
  }

 private:
  void Show(const std::vector<plan::OutputColumn>& columns, const std::vector<Row>& head,
            const std::deque<Row>& tail, int64_t count) {
    std::vector<size_t> widths;
    for (const plan::OutputColumn& column : columns) {
      widths.push_back(DisplayWidth(Printable(column.name)));
    }
    const auto widen = [&](const Row& row) {
      for (size_t i = 0; i < row.size(); ++i) {
        for (const std::string& line : row[i]) widths[i] = std::max(widths[i], DisplayWidth(line));
      }
    };
    std::for_each(head.begin(), head.end(), widen);
    std::for_each(tail.begin(), tail.end(), widen);
    Shrink(widths);

    std::string text = Rule(widths, "┌", "┬", "┐");
    Cells names;
    for (const plan::OutputColumn& column : columns) names.push_back(Printable(column.name));
    text += Line(names, widths, columns) + Rule(widths, "├", "┼", "┤");
    for (const Row& row : head) text += Lines(row, widths, columns);
    const int64_t hidden = count - static_cast<int64_t>(head.size() + tail.size());
    if (hidden > 0) {
      text += Line(Cells(columns.size(), "…"), widths, columns);
    }
    for (const Row& row : tail) text += Lines(row, widths, columns);
    text += Rule(widths, "└", "┴", "┘");
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::printf("%s %s%s\n", Grouped(count).c_str(), count == 1 ? "row" : "rows",
                hidden > 0 ? (" (" + Grouped(hidden) + " not shown)").c_str() : "");
  }

  /// Narrows the widest columns until the table fits the terminal.
  void Shrink(std::vector<size_t>& widths) const {
    if (!terminal_.out_is_terminal) return;
    const auto total = [&] {
      size_t sum = 1;
      for (const size_t width : widths) sum += width + 3;
      return sum;
    };
    while (total() > static_cast<size_t>(terminal_.width)) {
      auto widest = std::max_element(widths.begin(), widths.end());
      if (*widest <= 8) return;
      --*widest;
    }
  }

  static std::string Rule(const std::vector<size_t>& widths, const char* left, const char* middle,
                          const char* right) {
    std::string line = left;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (i > 0) line += middle;
      for (size_t n = 0; n < widths[i] + 2; ++n) line += "─";
    }
    return line + right + "\n";
  }

  /// A row is as high as its highest cell.
  static std::string Lines(const Row& row, const std::vector<size_t>& widths,
                           const std::vector<plan::OutputColumn>& columns) {
    size_t height = 1;
    for (const auto& cell : row) height = std::max(height, cell.size());
    std::string text;
    for (size_t line = 0; line < height; ++line) {
      Cells cells;
      for (const auto& cell : row) cells.push_back(line < cell.size() ? cell[line] : "");
      text += Line(cells, widths, columns);
    }
    return text;
  }

  static std::string Line(const Cells& cells, const std::vector<size_t>& widths,
                          const std::vector<plan::OutputColumn>& columns) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string cell = CutToWidth(cells[i], widths[i]);
      const std::string padding(widths[i] - std::min(widths[i], DisplayWidth(cell)), ' ');
      line += "│ ";
      line += columns[i].type.IsNumeric() ? padding + cell : cell + padding;
      line += ' ';
    }
    return line + "│\n";
  }

  Terminal terminal_;
};

}  // namespace

std::unique_ptr<RowWriter> MakeTableWriter(const Terminal& terminal) {
  return std::make_unique<TableWriter>(terminal);
}

}  // namespace tarn::cli
