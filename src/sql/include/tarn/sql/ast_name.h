#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/source_position.h"

namespace tarn::sql {

struct Expr;
struct Query;
struct QueryBody;
struct Relation;
struct Statement;
struct WindowSpec;

using ExprPtr = std::unique_ptr<Expr>;
using QueryPtr = std::unique_ptr<Query>;
using QueryBodyPtr = std::unique_ptr<QueryBody>;
using RelationPtr = std::unique_ptr<Relation>;
using StatementPtr = std::unique_ptr<Statement>;

/// One part of a name, decoded (`a``b` → a`b), in the case the user wrote.
struct Identifier {
  std::string text;
  SourceRange source;
  bool quoted = false;

  bool empty() const { return text.empty(); }
};

/// The name of an object: one or more parts, or IDENTIFIER(clause) followed by zero or more parts.
struct ObjectName {
  std::vector<Identifier> parts;
  ExprPtr identifier_clause;  ///< IDENTIFIER(expr); the `parts`, if any, follow it after dots
  SourceRange source;

  bool empty() const { return parts.empty() && identifier_clause == nullptr; }
  /// The only or the last part.
  const Identifier& last() const { return parts.back(); }
};

/// key = 'value' of OPTIONS, TBLPROPERTIES, … The key's parts are joined with dots.
struct Property {
  std::string key;
  std::string value;       ///< as text; decoded if it was a string
  bool has_value = false;  ///< false for a bare key
  SourceRange source;
};

/// The name's parts joined with dots, quoted where needed: main.default.`my table`.
std::string ToSql(const ObjectName& name);
std::string ToSql(const std::vector<Identifier>& parts);

}  // namespace tarn::sql
