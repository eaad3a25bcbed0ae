#include "tarn/sql/ast.h"

#include <string_view>

namespace tarn::sql {

namespace {

bool EqualsDefault(std::string_view word) {
  constexpr std::string_view kWord = "default";
  if (word.size() != kWord.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if ((word[i] | 0x20) != kWord[i]) return false;
  }
  return true;
}

}  // namespace

// The special members live here so that other files needn't compile the destruction of the tree.
#define TARN_AST_NODE(Type, Node)                                                      \
  Type::Type(SourceRange source, Node node) : source(source), node(std::move(node)) {} \
  Type::~Type() = default;                                                             \
  Type::Type(Type&&) noexcept = default;                                               \
  Type& Type::operator=(Type&&) noexcept = default;

TARN_AST_NODE(Expr, ExprNode)
TARN_AST_NODE(Relation, RelationNode)
TARN_AST_NODE(QueryBody, QueryBodyNode)
TARN_AST_NODE(Statement, StatementNode)
#undef TARN_AST_NODE

Query::Query() = default;
Query::~Query() = default;
Query::Query(Query&&) noexcept = default;
Query& Query::operator=(Query&&) noexcept = default;

bool IsDefaultKeyword(const Expr& expr) {
  const Name* name = expr.As<Name>();
  return name != nullptr && name->parts.size() == 1 && !name->parts[0].quoted &&
         EqualsDefault(name->parts[0].text);
}

}  // namespace tarn::sql
