#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "statement_scope.h"
#include "tarn/plan/node.h"

namespace tarn::session {

/// A query that a statement is carried out by (the passes of DELETE, UPDATE, MERGE), written as
/// text in which pieces of the user's statement stand unchanged. Errors inside such a piece are
/// told at its place in the user's text.
class GeneratedQuery {
 public:
  explicit GeneratedQuery(StatementScope& scope) : scope_(scope) {}

  GeneratedQuery& Add(std::string_view text) {
    text_ += text;
    return *this;
  }
  /// "WITH a AS (…), b AS (…) " as the user wrote it, or a blank.
  GeneratedQuery& AddCommonTables(const std::vector<sql::CommonTable>& with);
  /// A piece of the user's statement.
  GeneratedQuery& AddPiece(const SourceRange& piece);
  const std::string& text() const { return text_; }

  /// Parses and analyses; Delta tables show `__file_index` and `__row_index`. `provided` are
  /// relations that single names stand for.
  Result<plan::Query> Analyze(
      const std::vector<std::pair<std::string, plan::Relation>>& provided = {}) const;

 private:
  struct Piece {
    uint32_t begin;  // in text_
    SourceRange source;
  };
  Error Relocated(Error error) const;

  StatementScope& scope_;
  std::string text_;
  std::vector<Piece> pieces_;
};

/// Limits the scan that produces `__file_index` for the result to these files.
void RestrictToFiles(plan::Query& query, const std::vector<uint32_t>& files);

/// PARSE error for '?', whose order would be lost when pieces are used more than once.
Status RefusePositionalParameters(const StatementScope& scope, std::string_view statement);

}  // namespace tarn::session
