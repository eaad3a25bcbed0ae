#include "tarn/sql/script.h"

#include <algorithm>
#include <utility>

#include "token.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

/// Follows BEGIN … END blocks over the tokens of one statement.
class BlockTracker {
 public:
  explicit BlockTracker(const std::vector<Token>& tokens) : tokens_(tokens) {}

  /// Takes the token at `i`, the `position`-th of its statement; true if the statement goes on
  /// even after a semicolon.
  bool Take(size_t i, size_t position) {
    if (position == 0) {
      depth_ = 0;
      procedure_ = false;
    }
    const K keyword = tokens_[i].keyword;
    if (position < 6 && keyword == K::kProcedure) procedure_ = true;
    if (depth_ == 0) {
      const bool labelled = position == 2 && tokens_[i - 1].kind == T::kColon;
      if (keyword == K::kBegin && (position == 0 || labelled || procedure_) && OpensBlock(i)) {
        depth_ = 1;
      }
      return depth_ > 0;
    }
    if (keyword == K::kBegin) {
      ++depth_;
    } else if (keyword == K::kCase) {
      // END CASE closes what CASE opened.
      if (tokens_[i - 1].keyword != K::kEnd) ++depth_;
    } else if (keyword == K::kEnd) {
      switch (tokens_[i + 1].keyword) {
        case K::kIf:
        case K::kWhile:
        case K::kLoop:
        case K::kRepeat:
        case K::kFor:
          break;
        default:
          --depth_;
      }
    }
    return depth_ > 0;
  }

  bool open() const { return depth_ > 0; }

 private:
  bool OpensBlock(size_t i) const {
    const Token& next = tokens_[i + 1];
    return next.keyword != K::kTransaction && next.keyword != K::kWork && next.kind != T::kEnd &&
           next.kind != T::kSemicolon && next.kind != T::kDot && next.kind != T::kComma;
  }

  const std::vector<Token>& tokens_;
  int depth_ = 0;
  bool procedure_ = false;
};

constexpr std::string_view kNotebookHead = "-- Databricks notebook source";
constexpr std::string_view kCellMark = "-- COMMAND ----------";
constexpr std::string_view kMagic = "-- MAGIC";

/// A notebook with what isn't SQL turned into blanks, and where its cells end.
struct Notebook {
  std::string text;
  std::vector<size_t> cell_ends;
};

std::string_view LineAt(std::string_view text, size_t begin) {
  const size_t end = text.find('\n', begin);
  std::string_view line =
      text.substr(begin, end == std::string_view::npos ? std::string_view::npos : end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view TrimLeft(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

bool IsNotebook(std::string_view script) {
  if (script.starts_with("\xEF\xBB\xBF")) script.remove_prefix(3);
  return LineAt(script, 0).starts_with(kNotebookHead);
}

/// The word after %, as "python"; "" for a line of a cell's text.
std::string_view MagicLanguage(std::string_view line) {
  std::string_view rest = TrimLeft(line.substr(kMagic.size()));
  if (!rest.starts_with('%')) return {};
  rest.remove_prefix(1);
  size_t end = 0;
  while (end < rest.size() && ((rest[end] | 0x20) >= 'a' && (rest[end] | 0x20) <= 'z')) ++end;
  return rest.substr(0, end);
}

Error UnsupportedCell(std::string_view language, size_t begin, uint32_t line, size_t length) {
  return UnsupportedFeature(
      "A notebook cell in %" + std::string(language),
      {static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + length), line, 1});
}

Result<Notebook> ReadNotebook(std::string_view script, std::vector<Error>* foreign_cells) {
  Notebook notebook{std::string(script), {}};
  bool in_sql_magic = false;
  uint32_t number = 1;
  for (size_t begin = 0; begin < script.size(); ++number) {
    const std::string_view line = LineAt(script, begin);
    if (line.starts_with(kCellMark)) {
      notebook.cell_ends.push_back(begin);
      in_sql_magic = false;
    } else if (line.starts_with(kMagic)) {
      const std::string_view language = MagicLanguage(line);
      size_t blanks = kMagic.size();
      if (language == "sql") {
        in_sql_magic = true;
        blanks = static_cast<size_t>(language.end() - line.begin());
      } else if (!language.empty() && language != "md") {
        // Its lines are comments to SQL.
        Error error = UnsupportedCell(language, begin, number, line.size());
        if (foreign_cells == nullptr) return error;
        foreign_cells->push_back(std::move(error));
      }
      if (in_sql_magic) std::fill_n(notebook.text.begin() + static_cast<long>(begin), blanks, ' ');
    }
    const size_t end = script.find('\n', begin);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return notebook;
}

/// Cuts tokens into statements; a token at or behind the next of `cell_ends` begins a new one.
std::vector<StatementSource> Cut(std::string_view script, const std::vector<Token>& tokens,
                                 const std::vector<size_t>& cell_ends) {
  std::vector<StatementSource> statements;
  BlockTracker blocks(tokens);
  size_t position = 0;
  size_t first = 0;
  size_t cell = 0;
  const auto finish = [&](size_t end) {
    if (position > 0) {
      SourceRange range = tokens[first].source;
      range.end = tokens[end - 1].source.end;
      statements.push_back(
          {std::string(script.substr(range.begin, range.end - range.begin)), range});
    }
    position = 0;
  };
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    bool new_cell = false;
    while (cell < cell_ends.size() && tokens[i].source.begin >= cell_ends[cell]) {
      new_cell = true;
      ++cell;
    }
    if (new_cell) finish(i);
    if (tokens[i].kind == T::kSemicolon && (position == 0 || !blocks.open())) {
      finish(i);
      continue;
    }
    if (position == 0) first = i;
    blocks.Take(i, position++);
  }
  finish(tokens.size() - 1);
  return statements;
}

}  // namespace

Result<std::vector<StatementSource>> SplitScript(std::string_view script,
                                                 std::vector<Error>* foreign_cells) {
  Notebook notebook;
  std::string_view text = script;
  if (IsNotebook(script)) {
    TARN_ASSIGN(notebook, ReadNotebook(script, foreign_cells));
    text = notebook.text;
  }
  TARN_ASSIGN(const std::vector<Token> tokens, Tokenize(text));
  return Cut(text, tokens, notebook.cell_ends);
}

bool IsComplete(std::string_view text) {
  const Result<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens.ok()) {
    // Only what more text could close is incomplete; anything else is for the parser to report.
    const std::string_view detail = tokens.error().parameter("detail");
    return tokens.error().condition() != Condition("UNCLOSED_BRACKETED_COMMENT") &&
           detail.find("closing") == std::string_view::npos;
  }
  const std::vector<Token>& list = *tokens;
  BlockTracker blocks(list);
  size_t position = 0;
  bool ended = false;
  for (size_t i = 0; i + 1 < list.size(); ++i) {
    if (list[i].kind == T::kSemicolon && (position == 0 || !blocks.open())) {
      position = 0;
      ended = true;
      continue;
    }
    ended = false;
    blocks.Take(i, position++);
  }
  return ended;
}

SourceRange InScript(const StatementSource& statement, const SourceRange& inner) {
  if (!inner.known()) return statement.source;
  SourceRange range = inner;
  range.begin += statement.source.begin;
  range.end += statement.source.begin;
  if (inner.line == 1) range.column += statement.source.column - 1;
  range.line += statement.source.line - 1;
  return range;
}

}  // namespace tarn::sql
