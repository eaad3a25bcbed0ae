// What changes a session: USE, SET, RESET, variables, EXECUTE IMMEDIATE; and GRANT.

#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

Use StatementParser::ParseUse() {
  Use use;
  Skip();
  const bool named = IsIdentifier(1) || IsString(1);
  if (Is(K::kCatalog) && named) {
    Skip();
    use.kind = ObjectKind::kCatalog;
  } else if (IsAnyOf({K::kSchema, K::kDatabase, K::kNamespace}) && named) {
    Skip();
    use.kind = ObjectKind::kSchema;
  }
  if (IsString()) {
    const SourceRange begin = Here();
    use.name.parts.push_back({ParseString(), begin, true});
    use.name.source = Since(begin);
  } else {
    use.name = ParseObjectName();
  }
  return use;
}

StatementNode StatementParser::ParseSet() {
  Skip();
  if (Is(K::kCatalog) && (IsIdentifier(1) || IsString(1))) {
    Use use;
    use.kind = ObjectKind::kCatalog;
    Skip();
    const SourceRange begin = Here();
    if (IsString()) {
      use.name.parts.push_back({ParseString(), begin, true});
      use.name.source = Since(begin);
    } else {
      use.name = ParseObjectName("a catalog");
    }
    return use;
  }
  if (AcceptSequence({K::kTime, K::kZone})) {
    SetTimeZone zone;
    zone.local = Accept(K::kLocal);
    if (!zone.local) {
      if (!IsString() && !Is(K::kInterval)) FailExpected("LOCAL, a zone in quotes or an INTERVAL");
      zone.zone = ParsePrimary();
    }
    return zone;
  }
  if ((Is(K::kVar) || Is(K::kVariable)) && (IsIdentifier(1) || IsAhead(1, T::kLeftParen))) {
    Skip();
    return ParseSetVariable();
  }
  // Inside a block SET means variables.
  if (block_depth_ > 0 && (IsIdentifier() || Is(T::kLeftParen))) return ParseSetVariable();
  if (Is(K::kRole)) return SkipStatement("SET ROLE");
  if (Is(K::kCollation) && IsIdentifier(1)) return SkipStatement("SET COLLATION");
  return ParseSetConfiguration();
}

SetVariable StatementParser::ParseSetVariable() {
  SetVariable set;
  if (Accept(T::kLeftParen)) {
    do {
      set.targets.push_back(ParseObjectName("a variable"));
    } while (Accept(T::kComma));
    Expect(T::kRightParen);
    Expect(T::kEqual);
    Expect(T::kLeftParen);
    set.query = ParseQuery();
    Expect(T::kRightParen);
    return set;
  }
  set.assignments = ParseAssignments();
  return set;
}

SetConfiguration StatementParser::ParseSetConfiguration() {
  SetConfiguration set;
  if (IsStatementEnd()) return set;
  if (Is(T::kMinus) && IsWord("V", 1)) {
    Skip(2);
    set.verbose = true;
    return set;
  }
  const SourceRange begin = Here();
  if (Is(T::kQuotedIdentifier)) {
    set.key = ParseIdentifier().text;
  } else {
    if (!Is(T::kWord)) FailExpected("a setting");
    while (!IsStatementEnd() && !Is(T::kEqual)) Skip();
    const SourceRange range = Since(begin);
    set.key = std::string(text().substr(range.begin, range.end - range.begin));
    if (set.key.find_first_of(" \t\n") != std::string::npos) {
      FailAt(range, "a setting is written as key = value, a key with blanks in back-ticks");
    }
  }
  if (!Accept(T::kEqual)) return set;
  if (IsString() && (IsAhead(1, T::kEnd) || IsAhead(1, T::kSemicolon))) {
    set.value = ParseString();
  } else if (Is(T::kQuotedIdentifier)) {
    set.value = ParseIdentifier().text;
  } else {
    set.value = ParseRest();
  }
  return set;
}

ResetConfiguration StatementParser::ParseReset() {
  Skip();
  if (Is(T::kQuotedIdentifier)) return {ParseIdentifier().text};
  return {ParseRest()};
}

StatementNode StatementParser::ParseDeclare() {
  DeclareVariable declare;
  Skip();
  declare.or_replace = AcceptSequence({K::kOr, K::kReplace});
  if ((Is(K::kVariable) || Is(K::kVar)) && IsIdentifier(1)) Skip();
  do {
    declare.names.push_back(ParseObjectName("a variable"));
  } while (Accept(T::kComma));
  if (!IsStatementEnd() && !Is(K::kDefault) && !Is(T::kEqual)) declare.type = ParseType();
  if (Accept(K::kDefault) || Accept(T::kEqual)) declare.default_value = ParseExpression();
  return declare;
}

ExecuteImmediate StatementParser::ParseExecuteImmediate() {
  ExecuteImmediate execute;
  Skip();
  Expect(K::kImmediate);
  execute.statement = ParseExpression();
  if (Accept(K::kInto)) {
    do {
      execute.into.push_back(ParseObjectName("a variable"));
    } while (Accept(T::kComma));
  }
  if (Accept(K::kUsing)) {
    // USING (a, b) and USING a, b say the same.
    const uint32_t close = Is(T::kLeftParen) ? Now().match : 0;
    const bool parenthesised =
        close != 0 && !IsQueryParenHere() &&
        (tokens()[close + 1].kind == T::kEnd || tokens()[close + 1].kind == T::kSemicolon);
    if (parenthesised) Skip();
    execute.using_args = ParseNamedExprs();
    if (parenthesised) Expect(T::kRightParen);
  }
  return execute;
}

StatementNode StatementParser::ParseGrant() {
  Grant grant;
  grant.kind = Is(K::kGrant)    ? GrantKind::kGrant
               : Is(K::kRevoke) ? GrantKind::kRevoke
                                : GrantKind::kDeny;
  const std::string verb = UpperText();
  Skip();
  if (Is(K::kRole)) return SkipStatement(verb + " ROLE");
  do {
    std::string privilege;
    while (Is(T::kWord) && !Is(K::kOn)) {
      if (!privilege.empty()) privilege += " ";
      privilege += UpperText();
      Skip();
    }
    if (privilege.empty()) FailExpected("a privilege");
    if (privilege == "ALL") privilege = "ALL PRIVILEGES";
    grant.privileges.push_back(std::move(privilege));
  } while (Accept(T::kComma));
  Expect(K::kOn);
  if (Is(K::kAny) && IsWord("FILE", 1)) {
    Skip(2);
    grant.object_kind = ObjectKind::kAnyFile;
  } else if (Accept(K::kMetastore)) {
    grant.object_kind = ObjectKind::kMetastore;
  } else {
    grant.object_kind = AcceptObjectKind().value_or(ObjectKind::kUnspecified);
    grant.object = ParseObjectName();
  }
  if (!(grant.kind == GrantKind::kRevoke ? Accept(K::kFrom) : Accept(K::kTo))) {
    FailExpected(grant.kind == GrantKind::kRevoke ? "FROM" : "TO");
  }
  if (Is(K::kRecipient) && IsIdentifier(1)) Skip();
  if (IsString()) {
    const SourceRange where = Here();
    grant.principal = {ParseString(), where, true};
  } else {
    grant.principal = ParseIdentifier("a principal");
  }
  grant.with_grant_option = AcceptSequence({K::kWith, K::kGrant, K::kOption});
  return grant;
}

}  // namespace tarn::sql
