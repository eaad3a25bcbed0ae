// CREATE FUNCTION and PROCEDURE; flows and AUTO CDC of declarative pipelines.

#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

std::vector<RoutineParameter> StatementParser::ParseRoutineParameters() {
  std::vector<RoutineParameter> parameters;
  Expect(T::kLeftParen);
  if (Accept(T::kRightParen)) return parameters;
  do {
    RoutineParameter parameter;
    const SourceRange begin = Here();
    const bool has_mode = IsAnyOf({K::kIn, K::kOut, K::kInout}) && IsIdentifier(1);
    // "in INT" is a parameter called in; "IN a INT" has a mode.
    if (has_mode && IsIdentifier(2)) {
      parameter.mode = UpperText();
      Skip();
    }
    parameter.name = ParseIdentifier("a parameter's name");
    parameter.type = ParseType();
    for (bool more = true; more && ok();) {
      if (Accept(K::kDefault)) {
        parameter.default_value = ParseExpression();
      } else if (Accept(K::kComment)) {
        parameter.comment = ParseString("a comment");
      } else if (!AcceptSequence({K::kNot, K::kNull})) {
        more = false;
      }
    }
    parameter.source = Since(begin);
    parameters.push_back(std::move(parameter));
  } while (Accept(T::kComma));
  if (!Accept(T::kRightParen)) FailExpected("',' or ')'");
  return parameters;
}

CreateFunction StatementParser::ParseCreateFunction(const Modifiers& modifiers) {
  CreateFunction function;
  function.mode = modifiers.mode;
  function.temporary = modifiers.temporary;
  function.is_procedure = Is(K::kProcedure);
  Skip();
  AcceptIfNotExistsInto(&function.mode);
  function.name = ParseObjectName("a function");
  if (Is(T::kLeftParen)) function.parameters = ParseRoutineParameters();
  if (Accept(K::kReturns)) {
    if (Accept(K::kTable)) {
      function.returns_table = true;
      if (Is(T::kLeftParen)) function.table_columns = ParseRoutineParameters();
    } else {
      function.returns = ParseType();
    }
  }
  while (ok() && ParseRoutineCharacteristic(&function)) {
  }
  ParseRoutineBody(&function);
  return function;
}

bool StatementParser::ParseRoutineCharacteristic(CreateFunction* function) {
  if (Accept(K::kLanguage)) {
    function->language = UpperText();
    ParseIdentifier("a language");
  } else if (AcceptSequence({K::kNot, K::kDeterministic})) {
    function->deterministic = false;
  } else if (Accept(K::kDeterministic)) {
    function->deterministic = true;
  } else if (Accept(K::kComment)) {
    function->comment = ParseString("a comment");
  } else if (AcceptSequence({K::kContains, K::kSql})) {
    function->data_access = "CONTAINS SQL";
  } else if (AcceptSequence({K::kReads, K::kSql, K::kData})) {
    function->data_access = "READS SQL DATA";
  } else if (AcceptSequence({K::kModifies, K::kSql, K::kData})) {
    function->data_access = "MODIFIES SQL DATA";
  } else if (AcceptSequence({K::kSql, K::kSecurity})) {
    function->options.push_back("SQL SECURITY " + UpperText());
    if (!Accept(K::kInvoker)) Expect(K::kDefiner);
  } else if (Is(K::kSpecific) && IsIdentifier(1)) {
    Skip(2);
  } else if (Accept(K::kHandler)) {
    function->handler = ParseString("the handler's name");
  } else if (Accept(K::kEnvironment)) {
    function->environment = ParseProperties();
  } else if (IsWord("PARAMETER") && IsWord("STYLE", 1)) {
    Skip(2);
    function->options.push_back("PARAMETER STYLE " + UpperText());
    ParseIdentifier();
  } else if (AcceptSequence({K::kDefault, K::kCollation})) {
    function->options.push_back("DEFAULT COLLATION " + UpperText());
    ParseIdentifier("a collation");
  } else if (Is(K::kCalled) || (Is(K::kReturns) && IsAhead(1, K::kNull))) {
    const bool called = Is(K::kCalled);
    function->options.push_back(called ? "CALLED ON NULL INPUT" : "RETURNS NULL ON NULL INPUT");
    Skip(called ? 1 : 2);
    ExpectSequence({K::kOn, K::kNull, K::kInput});
  } else {
    return false;
  }
  return true;
}

void StatementParser::ParseRoutineBody(CreateFunction* function) {
  if (function->is_procedure) {
    Expect(K::kAs);
    if (!Is(K::kBegin)) FailExpected("BEGIN");
    if (ok()) function->body_block = ParseStatementPtr();
    return;
  }
  if (Accept(K::kReturn)) {
    if (IsQueryStart(at()) || (function->returns_table && IsQueryParenHere())) {
      function->body_query = ParseQuery();
    } else {
      function->body_expr = ParseExpression();
    }
    return;
  }
  if (!Accept(K::kAs)) {
    FailExpected("RETURN or AS");
    return;
  }
  if (Is(T::kDollarString)) {
    function->body_text = DecodeString(Text(Now()));
    Skip();
    return;
  }
  function->body_text = ParseString("the function's body");
  if (Accept(K::kUsing)) {
    do {
      function->options.push_back("USING " + UpperText());
      ParseIdentifier("JAR, FILE or ARCHIVE");
      function->options.back() += " " + ParseString("a path");
    } while (Accept(T::kComma));
  }
}

CreateFlow StatementParser::ParseCreateFlow() {
  CreateFlow flow;
  flow.name = ParseObjectName("a flow");
  if (Accept(K::kComment)) flow.comment = ParseString("a comment");
  Expect(K::kAs);
  in_flow_ = true;
  flow.statement = ParseStatementPtr();
  in_flow_ = false;
  return flow;
}

AutoCdc StatementParser::ParseAutoCdc() {
  AutoCdc cdc;
  if (Accept(K::kApply)) {
    Expect(K::kChanges);
  } else if (!AcceptSequence({K::kAuto, K::kCdc})) {
    FailExpected("AUTO CDC");
  }
  cdc.once = Accept(K::kOnce);
  if (Accept(K::kInto)) {
    Accept(K::kLive);
    Accept(T::kDot);
    cdc.target = ParseObjectName("a streaming table");
  }
  Expect(K::kFrom);
  cdc.from_snapshot = Accept(K::kSnapshot);
  cdc.from = ParseRelationAtom();
  while (ok() && ParseAutoCdcClause(&cdc)) {
  }
  return cdc;
}

void StatementParser::ParseColumnSelection(bool* all_except,
                                           std::vector<std::vector<Identifier>>* columns) {
  if (Accept(T::kAsterisk)) {
    *all_except = true;
    Expect(K::kExcept);
  }
  const bool parenthesised = Accept(T::kLeftParen);
  *columns = ParsePartsSequence();
  if (parenthesised) Expect(T::kRightParen);
}

bool StatementParser::ParseAutoCdcClause(AutoCdc* cdc) {
  if (Accept(K::kKeys)) {
    Expect(T::kLeftParen);
    cdc->keys = ParsePartsSequence();
    Expect(T::kRightParen);
  } else if (Is(K::kWhere)) {
    Fail(UnsupportedFeature("WHERE of APPLY CHANGES", Here()));
  } else if (AcceptSequence({K::kIgnore, K::kNull, K::kUpdates})) {
    cdc->ignore_null_updates = true;
  } else if (AcceptSequence({K::kApply, K::kAs, K::kDelete, K::kWhen})) {
    cdc->apply_as_delete_when = ParseExpression();
  } else if (AcceptSequence({K::kApply, K::kAs, K::kTruncate, K::kWhen})) {
    cdc->apply_as_truncate_when = ParseExpression();
  } else if (AcceptSequence({K::kSequence, K::kBy})) {
    cdc->sequence_by = ParseExpression();
  } else if (Accept(K::kColumns)) {
    ParseColumnSelection(&cdc->columns_all_except, &cdc->columns);
  } else if (AcceptSequence({K::kStored, K::kAs})) {
    ExpectSequence({K::kScd, K::kType});
    cdc->stored_as_scd_type = static_cast<int>(ParseInteger("1 or 2"));
    if (ok() && cdc->stored_as_scd_type != 1 && cdc->stored_as_scd_type != 2) {
      FailExpected("SCD TYPE 1 or 2");
    }
  } else if (AcceptSequence({K::kTrack, K::kHistory, K::kOn})) {
    ParseColumnSelection(&cdc->track_history_all_except, &cdc->track_history_columns);
  } else {
    return false;
  }
  return true;
}

}  // namespace tarn::sql
