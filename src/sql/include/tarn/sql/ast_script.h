#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tarn/sql/ast_expression.h"

namespace tarn::sql {

/// BEGIN [TRANSACTION | WORK]
struct BeginTransaction {};
/// COMMIT [TRANSACTION | WORK], ROLLBACK [TRANSACTION | WORK]
struct EndTransaction {
  bool commit = false;
};

/// DECLARE name CONDITION [FOR SQLSTATE 'xxxxx']
struct ConditionDeclaration {
  Identifier name;
  std::string sqlstate;
};

/// DECLARE EXIT|CONTINUE HANDLER FOR conditions statement
struct HandlerDeclaration {
  bool exit = true;
  std::vector<std::string> conditions;  ///< "SQLEXCEPTION", "NOT FOUND", "SQLSTATE 22012", a name
  StatementPtr body;
};

/// Statements that follow each other: the body of a block, a branch or a loop.
using StatementBlock = std::vector<StatementPtr>;

/// [label:] BEGIN … END. Variables are DeclareVariable statements at the head of `body`.
struct CompoundStatement {
  Identifier label;
  bool not_atomic = false;
  bool atomic = false;  ///< one transaction
  std::vector<ConditionDeclaration> conditions;
  std::vector<HandlerDeclaration> handlers;
  StatementBlock body;
};

struct IfBranch {
  ExprPtr condition;
  StatementBlock body;
};
struct IfStatement {
  std::vector<IfBranch> branches;
  StatementBlock otherwise;
};
/// CASE [operand] WHEN … THEN statements … END CASE
struct CaseStatement {
  ExprPtr operand;
  std::vector<IfBranch> branches;
  StatementBlock otherwise;
};
struct WhileStatement {
  Identifier label;
  ExprPtr condition;
  StatementBlock body;
};
struct RepeatStatement {
  Identifier label;
  StatementBlock body;
  ExprPtr until;
};
struct LoopStatement {
  Identifier label;
  StatementBlock body;
};
struct ForStatement {
  Identifier label;
  Identifier variable;  ///< may be empty
  QueryPtr query;
  StatementBlock body;
};
/// LEAVE label, ITERATE label
struct LeaveStatement {
  bool iterate = false;
  Identifier label;
};
/// SIGNAL condition [SET MESSAGE_TEXT = …], RESIGNAL, GET DIAGNOSTICS
struct SignalStatement {
  std::string verb;  ///< "SIGNAL", "RESIGNAL" or "GET DIAGNOSTICS"
  Identifier condition;
  std::string sqlstate;
  std::vector<std::pair<std::string, ExprPtr>> items;  ///< MESSAGE_TEXT, MESSAGE_ARGUMENTS, …
};
struct ReturnStatement {
  ExprPtr value;
  QueryPtr query;
};

}  // namespace tarn::sql
