// SQL scripting: BEGIN … END and the statements that stand inside.

#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

StatementNode StatementParser::ParseBegin() {
  const bool alone = IsAhead(1, T::kEnd) || IsAhead(1, T::kSemicolon);
  if (alone || IsAhead(1, K::kTransaction) || IsAhead(1, K::kWork)) {
    Skip();
    AcceptTransactionWord();
    return BeginTransaction{};
  }
  return ParseCompound({});
}

EndTransaction StatementParser::ParseEndTransaction() {
  const bool commit = Is(K::kCommit);
  Skip();
  AcceptTransactionWord();
  return {commit};
}

void StatementParser::AcceptTransactionWord() {
  if (IsAnyOf({K::kTransaction, K::kWork})) Skip();
}

bool StatementParser::IsLabel() const {
  if (!IsIdentifier() || !IsAhead(1, T::kColon)) return false;
  switch (Ahead(2).keyword) {
    case K::kBegin:
    case K::kWhile:
    case K::kRepeat:
    case K::kLoop:
    case K::kFor:
      return true;
    default:
      return false;
  }
}

StatementNode StatementParser::ParseLabelled() {
  Identifier label = ParseIdentifier();
  Expect(T::kColon);
  switch (Now().keyword) {
    case K::kWhile:
      return ParseWhile(std::move(label));
    case K::kRepeat:
      return ParseRepeat(std::move(label));
    case K::kLoop:
      return ParseLoop(std::move(label));
    case K::kFor:
      return ParseFor(std::move(label));
    default:
      return ParseCompound(std::move(label));
  }
}

void StatementParser::AcceptEndLabel(const Identifier& label) {
  if (!IsIdentifier()) return;
  const SourceRange where = Here();
  const Identifier end = ParseIdentifier();
  if (ok() && !SameName(end.text, label.text)) {
    FailAt(where,
           label.empty() ? "this block has no label" : "the label of this block is " + label.text);
  }
}

CompoundStatement StatementParser::ParseCompound(Identifier label) {
  CompoundStatement compound;
  compound.label = std::move(label);
  Expect(K::kBegin);
  compound.not_atomic = AcceptSequence({K::kNot, K::kAtomic});
  if (!compound.not_atomic) compound.atomic = Accept(K::kAtomic);
  ++block_depth_;
  while (ok() && Is(K::kDeclare)) {
    ParseCompoundDeclaration(&compound);
    Expect(T::kSemicolon);
    while (Accept(T::kSemicolon)) {
    }
  }
  StatementBlock rest = ParseBlock();
  for (StatementPtr& statement : rest) compound.body.push_back(std::move(statement));
  --block_depth_;
  Expect(K::kEnd);
  if (ok()) AcceptEndLabel(compound.label);
  return compound;
}

void StatementParser::ParseCompoundDeclaration(CompoundStatement* compound) {
  if (IsAhead(2, K::kCondition)) {
    Skip();
    ConditionDeclaration condition;
    condition.name = ParseIdentifier("a condition");
    Skip();
    if (Accept(K::kFor)) {
      Expect(K::kSqlstate);
      Accept(K::kValue);
      condition.sqlstate = ParseString("an SQLSTATE");
    }
    compound->conditions.push_back(std::move(condition));
    return;
  }
  if ((IsAhead(1, K::kExit) || IsAhead(1, K::kContinue)) && IsAhead(2, K::kHandler)) {
    HandlerDeclaration handler;
    handler.exit = IsAhead(1, K::kExit);
    Skip(3);
    Expect(K::kFor);
    do {
      if (AcceptSequence({K::kNot, K::kFound})) {
        handler.conditions.emplace_back("NOT FOUND");
      } else if (Accept(K::kSqlstate)) {
        Accept(K::kValue);
        handler.conditions.push_back("SQLSTATE " + ParseString("an SQLSTATE"));
      } else {
        std::string name;
        for (const Identifier& part : ParseParts("a condition")) {
          if (!name.empty()) name += ".";
          name += part.text;
        }
        handler.conditions.push_back(std::move(name));
      }
    } while (Accept(T::kComma));
    handler.body = ParseStatementPtr();
    compound->handlers.push_back(std::move(handler));
    return;
  }
  compound->body.push_back(ParseStatementPtr());
}

bool StatementParser::IsBlockEnd() const {
  return AtEnd() || IsAnyOf({K::kEnd, K::kElse, K::kElseif, K::kWhen, K::kUntil});
}

StatementBlock StatementParser::ParseBlock() {
  StatementBlock block;
  ++block_depth_;
  while (ok() && !IsBlockEnd()) {
    if (Accept(T::kSemicolon)) continue;
    block.push_back(ParseStatementPtr());
    if (!IsBlockEnd() && !Is(T::kSemicolon)) FailExpected("';'");
  }
  --block_depth_;
  return block;
}

IfStatement StatementParser::ParseIf() {
  IfStatement node;
  do {
    Skip();
    IfBranch branch;
    branch.condition = ParseExpression();
    Expect(K::kThen);
    branch.body = ParseBlock();
    node.branches.push_back(std::move(branch));
  } while (Is(K::kElseif) && ok());
  if (Accept(K::kElse)) node.otherwise = ParseBlock();
  ExpectSequence({K::kEnd, K::kIf});
  return node;
}

CaseStatement StatementParser::ParseCaseStatement() {
  CaseStatement node;
  Skip();
  if (!Is(K::kWhen)) node.operand = ParseExpression();
  if (!Is(K::kWhen)) FailExpected("WHEN");
  while (Accept(K::kWhen)) {
    IfBranch branch;
    branch.condition = ParseExpression();
    Expect(K::kThen);
    branch.body = ParseBlock();
    node.branches.push_back(std::move(branch));
  }
  if (Accept(K::kElse)) node.otherwise = ParseBlock();
  ExpectSequence({K::kEnd, K::kCase});
  return node;
}

WhileStatement StatementParser::ParseWhile(Identifier label) {
  WhileStatement node;
  node.label = std::move(label);
  Skip();
  node.condition = ParseExpression();
  Expect(K::kDo);
  node.body = ParseBlock();
  ExpectSequence({K::kEnd, K::kWhile});
  AcceptEndLabel(node.label);
  return node;
}

RepeatStatement StatementParser::ParseRepeat(Identifier label) {
  RepeatStatement node;
  node.label = std::move(label);
  Skip();
  node.body = ParseBlock();
  Expect(K::kUntil);
  node.until = ParseExpression();
  ExpectSequence({K::kEnd, K::kRepeat});
  AcceptEndLabel(node.label);
  return node;
}

LoopStatement StatementParser::ParseLoop(Identifier label) {
  LoopStatement node;
  node.label = std::move(label);
  Skip();
  node.body = ParseBlock();
  ExpectSequence({K::kEnd, K::kLoop});
  AcceptEndLabel(node.label);
  return node;
}

ForStatement StatementParser::ParseFor(Identifier label) {
  ForStatement node;
  node.label = std::move(label);
  Skip();
  if (IsIdentifier() && IsAhead(1, K::kAs)) {
    node.variable = ParseIdentifier();
    Skip();
  }
  node.query = ParseQuery();
  Expect(K::kDo);
  node.body = ParseBlock();
  ExpectSequence({K::kEnd, K::kFor});
  AcceptEndLabel(node.label);
  return node;
}

SignalStatement StatementParser::ParseSignal() {
  SignalStatement node;
  if (AcceptSequence({K::kGet, K::kDiagnostics})) {
    node.verb = "GET DIAGNOSTICS";
    Expect(K::kCondition);
    ParseInteger("1");
    do {
      const std::string target = ToSql(ParseParts("a variable"));
      Expect(T::kEqual);
      node.items.emplace_back(target, ParseExpression());
    } while (Accept(T::kComma));
    return node;
  }
  node.verb = UpperText();
  Skip();
  if (Accept(K::kSqlstate)) {
    Accept(K::kValue);
    node.sqlstate = ParseString("an SQLSTATE");
  } else if (IsIdentifier() && !Is(K::kSet)) {
    node.condition = ParseIdentifier();
  }
  if (Accept(K::kSet)) {
    do {
      std::string item = UpperText();
      ParseIdentifier("MESSAGE_TEXT or MESSAGE_ARGUMENTS");
      Expect(T::kEqual);
      node.items.emplace_back(std::move(item), ParseExpression());
    } while (Accept(T::kComma));
  }
  return node;
}

ReturnStatement StatementParser::ParseReturn() {
  ReturnStatement node;
  Skip();
  if (IsStatementEnd() || IsBlockEnd()) return node;
  if (IsQueryStart(at())) {
    node.query = ParseQuery();
  } else {
    node.value = ParseExpression();
  }
  return node;
}

}  // namespace tarn::sql
