#include "generated_query.h"

#include "tarn/sql/parser.h"

namespace tarn::session {

GeneratedQuery& GeneratedQuery::AddCommonTables(const std::vector<sql::CommonTable>& with) {
  for (size_t i = 0; i < with.size(); ++i) {
    Add(i == 0 ? "WITH " : ", ").AddPiece(with[i].source);
  }
  return Add(" ");
}

GeneratedQuery& GeneratedQuery::AddPiece(const SourceRange& piece) {
  pieces_.push_back({static_cast<uint32_t>(text_.size()), piece});
  text_ += sql::Slice(scope_.text(), piece);
  return *this;
}

Error GeneratedQuery::Relocated(Error error) const {
  if (!error.position().known()) return error;
  const SourceRange at = error.position();
  SourceRange moved;
  for (const Piece& piece : pieces_) {
    const uint32_t length = piece.source.end - piece.source.begin;
    if (at.begin < piece.begin || at.begin >= piece.begin + length) continue;
    moved.begin = piece.source.begin + (at.begin - piece.begin);
    moved.end = std::min(moved.begin + (at.end - at.begin), piece.source.end);
    // Count lines and columns from the piece's own place.
    moved.line = piece.source.line;
    moved.column = piece.source.column;
    for (uint32_t i = piece.source.begin; i < moved.begin; ++i) {
      const char c = scope_.text()[i];
      if (c == '\n') {
        ++moved.line;
        moved.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++moved.column;
      }
    }
    break;
  }
  return std::move(error).WithPosition(moved);
}

Result<plan::Query> GeneratedQuery::Analyze(
    const std::vector<std::pair<std::string, plan::Relation>>& provided) const {
  auto parsed = sql::ParseQuery(text_);
  if (!parsed.ok()) return Relocated(std::move(parsed).error());
  analyze::AnalyzerContext view = scope_.AnalyzerView();
  view.row_identity = true;
  view.provided_relations = provided;
  auto query = analyze::AnalyzeQuery(scope_.request(), view, **parsed);
  if (!query.ok()) return Relocated(std::move(query).error());
  return query;
}

namespace {

/// Finds the scan with the file index below nodes that only pass rows on; subqueries are not
/// entered.
void Restrict(plan::Node& node, const std::vector<uint32_t>& files) {
  if (auto* scan = node.As<plan::Scan>()) {
    for (const plan::Scan::Column& column : scan->columns) {
      if (column.virtual_column == plan::VirtualColumn::kFileIndex) scan->file_subset = files;
    }
    return;
  }
  if (auto* project = node.As<plan::Project>()) {
    Restrict(*project->input, files);
  } else if (auto* filter = node.As<plan::Filter>()) {
    Restrict(*filter->input, files);
  } else if (auto* join = node.As<plan::Join>()) {
    Restrict(*join->left, files);
    Restrict(*join->right, files);
  } else if (auto* set = node.As<plan::SetOperation>()) {
    Restrict(*set->left, files);
    Restrict(*set->right, files);
  } else if (auto* with = node.As<plan::With>()) {
    Restrict(*with->input, files);
  } else if (auto* aggregate = node.As<plan::Aggregate>()) {
    Restrict(*aggregate->input, files);
  }
}

}  // namespace

void RestrictToFiles(plan::Query& query, const std::vector<uint32_t>& files) {
  Restrict(*query.root, files);
}

Status RefusePositionalParameters(const StatementScope& scope, std::string_view statement) {
  if (scope.parameters().positional.empty()) return {};
  return UnsupportedFeature("The parameter ? in " + std::string(statement) + " (use :name)");
}

}  // namespace tarn::session
