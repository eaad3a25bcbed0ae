#include "statement_parser.h"

#include <utility>

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

Statement StatementParser::ParseWholeStatement() {
  if (AtEnd() || Is(T::kSemicolon)) {
    Fail(Error(Condition("PARSE_EMPTY_STATEMENT")).WithPosition(Here()));
  }
  Statement statement = ParseStatement();
  while (Accept(T::kSemicolon)) {
  }
  ExpectEnd();
  return statement;
}

std::vector<Identifier> StatementParser::ParseWholeName() {
  std::vector<Identifier> parts = ParseParts();
  ExpectEnd();
  return parts;
}

bool StatementParser::IsStatementEnd() const { return AtEnd() || Is(T::kSemicolon); }

Statement StatementParser::ParseStatement() {
  const Nesting nesting(this);
  const SourceRange begin = Here();
  StatementNode node = ok() ? ParseNode() : StatementNode(OtherStatement{});
  return Statement(Since(begin), std::move(node));
}

StatementPtr StatementParser::ParseStatementPtr() {
  return std::make_unique<Statement>(ParseStatement());
}

OtherStatement StatementParser::SkipStatement(std::string name) {
  while (!IsStatementEnd()) Skip();
  return {std::move(name)};
}

std::string StatementParser::ParseRest() {
  if (IsStatementEnd()) return {};
  const SourceRange begin = Here();
  while (!IsStatementEnd()) Skip();
  const SourceRange range = Since(begin);
  return std::string(text().substr(range.begin, range.end - range.begin));
}

StatementNode StatementParser::ParseNode() {
  if (Is(T::kLeftParen)) return ParseQueryStatement();
  if (!Is(T::kWord)) {
    if (IsLabel()) return ParseLabelled();
    FailExpected("a statement");
    return OtherStatement{};
  }
  switch (Now().keyword) {
    case K::kSelect:
    case K::kValues:
    case K::kTable:
    case K::kFrom:
      return ParseQueryStatement();
    case K::kWith:
      return ParseWithStatement();
    case K::kExplain:
      return ParseExplain();
    case K::kInsert:
      return ParseInsert({}, false);
    case K::kDelete:
      return ParseDelete({});
    case K::kUpdate:
      return ParseUpdate({});
    case K::kMerge:
      return ParseMerge({});
    case K::kCopy:
      return ParseCopyInto();
    case K::kCreate:
      return ParseCreate();
    case K::kReplace:
      return ParseReplace();
    case K::kAlter:
      return ParseAlter();
    case K::kDrop:
      return ParseDrop();
    case K::kUndrop:
      return ParseUndrop();
    case K::kShow:
      return ParseShow();
    case K::kDescribe:
    case K::kDesc:
      return ParseDescribe();
    case K::kUse:
      return ParseUse();
    case K::kSet:
      return ParseSet();
    case K::kBegin:
      return ParseBegin();
    case K::kCommit:
    case K::kRollback:
      return ParseEndTransaction();
    default:
      break;
  }
  if (IsLabel()) return ParseLabelled();
  return ParseUtility();
}

StatementNode StatementParser::ParseUtility() {
  switch (Now().keyword) {
    case K::kReset:
      return ParseReset();
    case K::kDeclare:
      return ParseDeclare();
    case K::kExecute:
      return ParseExecuteImmediate();
    case K::kOptimize:
      return ParseOptimize();
    case K::kVacuum:
      return ParseVacuum();
    case K::kRestore:
      return ParseRestore();
    case K::kAnalyze:
      return ParseAnalyze();
    case K::kReorg:
      return ParseReorg();
    case K::kFsck:
      return ParseFsck();
    case K::kConvert:
      return ParseConvert();
    case K::kRefresh:
      return ParseRefresh();
    case K::kCache:
    case K::kUncache:
    case K::kClear:
      return ParseCache();
    case K::kTruncate:
      return ParseTruncate();
    case K::kMsck:
    case K::kRepair:
      return ParseRepair();
    case K::kComment:
      return ParseCommentOn();
    case K::kGrant:
    case K::kRevoke:
    case K::kDeny:
      return ParseGrant();
    case K::kList:
      return ParseFileCommand(FileCommandKind::kList);
    case K::kPut:
      return ParseFileCommand(FileCommandKind::kPut);
    case K::kGet:
      if (IsAhead(1, K::kDiagnostics)) return ParseSignal();
      return ParseFileCommand(FileCommandKind::kGet);
    case K::kRemove:
      return ParseFileCommand(FileCommandKind::kRemove);
    case K::kCall:
      return ParseCall();
    case K::kApply:
    case K::kAuto:
      return ParseAutoCdc();
    case K::kIf:
      return ParseIf();
    case K::kCase:
      return ParseCaseStatement();
    case K::kWhile:
      return ParseWhile({});
    case K::kRepeat:
      return ParseRepeat({});
    case K::kLoop:
      return ParseLoop({});
    case K::kFor:
      return ParseFor({});
    case K::kLeave:
    case K::kIterate: {
      const bool iterate = Is(K::kIterate);
      Skip();
      return LeaveStatement{iterate, ParseIdentifier("a label")};
    }
    case K::kSignal:
    case K::kResignal:
      return ParseSignal();
    case K::kReturn:
      return ParseReturn();
    case K::kSync:
    case K::kLoad:
      return SkipStatement(std::string(KeywordText(Now().keyword)));
    default:
      FailExpected("a statement");
      return OtherStatement{};
  }
}

QueryStatement StatementParser::ParseQueryStatement() { return {ParseQuery()}; }

Explain StatementParser::ParseExplain() {
  Explain explain;
  Skip();
  switch (Now().keyword) {
    case K::kExtended:
      explain.mode = ExplainMode::kExtended;
      break;
    case K::kFormatted:
      explain.mode = ExplainMode::kFormatted;
      break;
    case K::kCodegen:
      explain.mode = ExplainMode::kCodegen;
      break;
    case K::kCost:
      explain.mode = ExplainMode::kCost;
      break;
    case K::kLogical:
      explain.mode = ExplainMode::kLogical;
      break;
    case K::kAnalyze:
      if (!IsAhead(1, K::kTable) || IsAhead(2, T::kEnd)) explain.mode = ExplainMode::kAnalyze;
      break;
    default:
      break;
  }
  if (explain.mode != ExplainMode::kPlain) Skip();
  explain.statement = ParseStatementPtr();
  return explain;
}

StatementNode StatementParser::ParseWithStatement() {
  const SourceRange begin = Here();
  bool recursive = false;
  std::vector<CommonTable> with = ParseWith(&recursive);
  switch (Now().keyword) {
    case K::kInsert:
      return ParseInsert(std::move(with), recursive);
    case K::kDelete:
      return ParseDelete(std::move(with));
    case K::kUpdate:
      return ParseUpdate(std::move(with));
    case K::kMerge:
      return ParseMerge(std::move(with));
    default:
      if (ok() && !IsQueryHere()) {
        FailExpected("SELECT or another query after the common tables");
        return OtherStatement{};
      }
      return QueryStatement{ParseQueryAfterWith(std::move(with), recursive, begin)};
  }
}

}  // namespace tarn::sql
