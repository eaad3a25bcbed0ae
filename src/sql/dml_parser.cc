// INSERT, DELETE, UPDATE, MERGE and COPY INTO.

#include <iterator>
#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

void StatementParser::ParseInsertTarget(Insert* insert) {
  Accept(K::kTable);
  insert->table = ParseTableOrPath();
  if (Is(K::kPartition) && IsAhead(1, T::kLeftParen)) insert->partition = ParsePartitionSpec();
  insert->if_not_exists = AcceptIfNotExists();
  if (Accept(K::kAs)) {
    insert->alias.name = ParseIdentifier("an alias");
  } else if (IsIdentifier() && (IsAhead(1, K::kReplace) || IsAhead(1, K::kBy)) &&
             !Is(K::kReplace) && !Is(K::kBy)) {
    insert->alias.name = ParseIdentifier();
  }
  if (AcceptSequence({K::kBy, K::kName})) {
    insert->by_name = true;
  } else if (Is(T::kLeftParen) && !IsQueryParenHere()) {
    Skip();
    insert->columns = ParsePartsSequence();
    Expect(T::kRightParen);
    if (AcceptSequence({K::kBy, K::kName})) insert->by_name = true;
  }
}

StatementNode StatementParser::ParseInsert(std::vector<CommonTable> with, bool recursive) {
  Insert insert;
  Skip();
  if (AcceptSequence({K::kWith, K::kSchema, K::kEvolution})) insert.with_schema_evolution = true;
  if (Accept(K::kOverwrite)) {
    insert.mode = InsertMode::kOverwrite;
    Accept(K::kInto);
    if ((Is(K::kLocal) && IsWord("DIRECTORY", 1)) || (IsWord("DIRECTORY") && IsString(1))) {
      return SkipStatement("INSERT OVERWRITE DIRECTORY");
    }
  } else {
    if (!Accept(K::kInto)) FailExpected("INTO or OVERWRITE");
    if (in_flow_) insert.once = Accept(K::kOnce);
  }
  ParseInsertTarget(&insert);
  if (Is(K::kReplace) && insert.mode == InsertMode::kInto) {
    Skip();
    if (Accept(K::kWhere)) {
      insert.mode = InsertMode::kReplaceWhere;
      query_may_follow_ = true;
      insert.replace_condition = ParseExpression();
      query_may_follow_ = false;
    } else if (Accept(K::kUsing)) {
      insert.mode = InsertMode::kReplaceUsing;
      insert.replace_columns = ParseIdentifierList();
    } else if (Accept(K::kOn)) {
      insert.mode = InsertMode::kReplaceOn;
      query_may_follow_ = true;
      insert.replace_condition = ParseExpression();
      query_may_follow_ = false;
    } else {
      FailExpected("WHERE, USING or ON");
    }
  }
  if (ok() && !IsQueryHere()) FailExpected("VALUES, SELECT or another query");
  const bool parenthesised = IsQueryParenHere();
  insert.query = ParseQuery();
  if (parenthesised) {
    const auto* body = insert.query->body->As<ParenthesizedBody>();
    if (body != nullptr && (Is(K::kAs) || Is(T::kQuotedIdentifier) || Is(T::kWord)) &&
        !StopsAlias()) {
      insert.query_alias = ParseTableAlias();
    }
  }
  if (!with.empty()) {
    insert.query->with.insert(insert.query->with.begin(), std::make_move_iterator(with.begin()),
                              std::make_move_iterator(with.end()));
    insert.query->recursive = insert.query->recursive || recursive;
  }
  return insert;
}

Delete StatementParser::ParseDelete(std::vector<CommonTable> with) {
  Delete node;
  node.with = std::move(with);
  Skip();
  Expect(K::kFrom);
  node.table = ParseTableOrPath();
  node.alias = ParseTableAlias();
  if (Accept(K::kWhere)) node.where = ParseExpression();
  return node;
}

Update StatementParser::ParseUpdate(std::vector<CommonTable> with) {
  Update node;
  node.with = std::move(with);
  Skip();
  node.table = ParseTableOrPath();
  node.alias = ParseTableAlias();
  Expect(K::kSet);
  node.assignments = ParseAssignments();
  if (Accept(K::kWhere)) node.where = ParseExpression();
  return node;
}

Merge StatementParser::ParseMerge(std::vector<CommonTable> with) {
  Merge node;
  node.with = std::move(with);
  Skip();
  if (AcceptSequence({K::kWith, K::kSchema, K::kEvolution})) node.with_schema_evolution = true;
  Expect(K::kInto);
  node.table = ParseTableOrPath();
  node.alias = ParseTableAlias();
  Expect(K::kUsing);
  node.from = ParseRelationPrimary();
  Expect(K::kOn);
  node.on = ParseExpression();
  if (!Is(K::kWhen)) FailExpected("WHEN");
  while (Is(K::kWhen)) node.clauses.push_back(ParseMergeClause());
  return node;
}

MergeClause StatementParser::ParseMergeClause() {
  MergeClause clause;
  const SourceRange begin = Here();
  Skip();
  const bool negated = Accept(K::kNot);
  Expect(K::kMatched);
  clause.when = negated ? MergeWhen::kNotMatched : MergeWhen::kMatched;
  if (negated && Accept(K::kBy)) {
    if (Accept(K::kSource)) {
      clause.when = MergeWhen::kNotMatchedBySource;
    } else {
      Expect(K::kTarget);
    }
  }
  if (Accept(K::kAnd)) clause.condition = ParseExpression();
  Expect(K::kThen);
  ParseMergeAction(&clause);
  clause.source = Since(begin);
  return clause;
}

void StatementParser::ParseMergeAction(MergeClause* clause) {
  const auto star = [&] {
    Skip();
    if (Accept(K::kExcept)) {
      Expect(T::kLeftParen);
      clause->star_except = ParsePartsSequence();
      Expect(T::kRightParen);
    }
  };
  if (clause->when == MergeWhen::kNotMatched) {
    if (!Accept(K::kInsert)) FailExpected("INSERT");
    if (Is(T::kAsterisk)) {
      clause->action = MergeActionKind::kInsertStar;
      star();
      return;
    }
    clause->action = MergeActionKind::kInsert;
    if (Accept(T::kLeftParen)) {
      clause->insert_columns = ParsePartsSequence();
      Expect(T::kRightParen);
    }
    Expect(K::kValues);
    clause->insert_values = ParseExpressionList();
    return;
  }
  if (Accept(K::kDelete)) {
    clause->action = MergeActionKind::kDelete;
    return;
  }
  if (!Accept(K::kUpdate)) FailExpected("UPDATE or DELETE");
  Expect(K::kSet);
  if (Is(T::kAsterisk)) {
    if (clause->when == MergeWhen::kNotMatchedBySource) FailExpected("a column");
    clause->action = MergeActionKind::kUpdateStar;
    star();
    return;
  }
  clause->action = MergeActionKind::kUpdate;
  clause->assignments = ParseAssignments();
}

CopyInto StatementParser::ParseCopyInto() {
  CopyInto copy;
  Skip();
  Expect(K::kInto);
  copy.table = ParseTableOrPath();
  if (Is(K::kBy)) {
    copy.position_source = Here();
    Skip();
    if (!AcceptWord("POSITION")) FailExpected("POSITION");
    copy.by_position = true;
  } else if (!Is(K::kFrom)) {
    copy.alias = ParseTableAlias();
  }
  if (!copy.by_position && Accept(T::kLeftParen)) {
    copy.columns = ParsePartsSequence();
    Expect(T::kRightParen);
  }
  Expect(K::kFrom);
  if (Accept(T::kLeftParen)) {
    Expect(K::kSelect);
    copy.select = ParseNamedExprs();
    Expect(K::kFrom);
    ParseCopySource(&copy);
    Expect(T::kRightParen);
  } else {
    ParseCopySource(&copy);
  }
  ParseCopyOptions(&copy);
  return copy;
}

void StatementParser::ParseCopySource(CopyInto* copy) {
  copy->path = ParseString("a path");
  if (!Accept(K::kWith)) return;
  Expect(T::kLeftParen);
  while (!Is(T::kRightParen) && !AtEnd()) {
    if (Accept(K::kCredential)) {
      if (Is(T::kLeftParen)) {
        copy->credential = ParseProperties();
      } else {
        Property property;
        property.key = "name";
        property.value = ParseIdentifier("a credential").text;
        property.has_value = true;
        copy->credential.push_back(std::move(property));
      }
    } else if (Accept(K::kEncryption)) {
      copy->encryption = ParseProperties();
    } else {
      FailExpected("CREDENTIAL or ENCRYPTION");
    }
  }
  Expect(T::kRightParen);
}

void StatementParser::ParseCopyOptions(CopyInto* copy) {
  while (ok() && !IsStatementEnd()) {
    if (AcceptWord("FILEFORMAT")) {
      Accept(T::kEqual);
      copy->file_format = UpperText();
      ParseIdentifier("a format");
    } else if (Accept(K::kFiles)) {
      Accept(T::kEqual);
      Expect(T::kLeftParen);
      do {
        copy->files.push_back(ParseString("a file"));
      } while (Accept(T::kComma));
      Expect(T::kRightParen);
    } else if (Accept(K::kPattern)) {
      Accept(T::kEqual);
      copy->pattern = ParseString("a pattern");
    } else if (Accept(K::kValidate)) {
      copy->validate = "ALL";
      if (!Accept(K::kAll) && Is(T::kInteger)) {
        copy->validate = std::to_string(ParseInteger()) + " ROWS";
        Expect(K::kRows);
      }
    } else if (Accept(K::kFormatOptions)) {
      copy->format_options = ParseProperties();
    } else if (AcceptWord("COPY_OPTIONS")) {
      copy->copy_options = ParseProperties();
    } else {
      FailExpected("FILEFORMAT, FILES, PATTERN, VALIDATE, FORMAT_OPTIONS or COPY_OPTIONS");
    }
  }
}

}  // namespace tarn::sql
