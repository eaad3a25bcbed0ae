// What stands in FROM.

#include <cctype>
#include <utility>

#include "query_parser.h"
#include "tarn/base/parse_number.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

RelationPtr QueryParser::ParseRelation() {
  const Nesting nesting(this);
  if (!ok()) return std::make_unique<Relation>(Here(), RelationNode(TableRelation{}));
  return ParseJoins(ParseRelationPrimary());
}

RelationPtr QueryParser::ParseJoins(RelationPtr left) {
  for (int chain = 0; ok(); ++chain) {
    if (chain > kChainMax) {
      FailAt(Here(), "too many joins in one chain");
      break;
    }
    if (Is(K::kPivot) && IsAhead(1, T::kLeftParen)) {
      left = ParsePivot(std::move(left));
      continue;
    }
    if (Is(K::kUnpivot) && (IsAhead(1, T::kLeftParen) || IsAhead(2, K::kNulls))) {
      left = ParseUnpivot(std::move(left));
      continue;
    }
    std::optional<JoinRelation> join = AcceptJoin();
    if (!join) break;
    join->right = ParseRelationPrimary();
    ParseJoinCriteria(&*join);
    const SourceRange range = Since(left->source);
    join->left = std::move(left);
    left = std::make_unique<Relation>(range, RelationNode(*std::move(join)));
  }
  return left;
}

std::optional<JoinRelation> QueryParser::AcceptJoin() {
  JoinRelation join;
  const Mark start = Save();
  join.natural = Accept(K::kNatural);
  if (Accept(K::kInner)) {
    join.type = JoinType::kInner;
  } else if (Accept(K::kCross)) {
    join.type = JoinType::kCross;
  } else if (Accept(K::kLeft)) {
    join.type = JoinType::kLeft;
    if (Accept(K::kSemi)) {
      join.type = JoinType::kLeftSemi;
    } else if (Accept(K::kAnti)) {
      join.type = JoinType::kLeftAnti;
    } else {
      Accept(K::kOuter);
    }
  } else if (Accept(K::kRight)) {
    join.type = JoinType::kRight;
    Accept(K::kOuter);
  } else if (Accept(K::kFull)) {
    join.type = JoinType::kFull;
    Accept(K::kOuter);
  } else if (Accept(K::kSemi)) {
    join.type = JoinType::kLeftSemi;
  } else if (Accept(K::kAnti)) {
    join.type = JoinType::kLeftAnti;
  }
  if (Accept(K::kJoin)) return join;
  if (ok()) GoTo(start);
  return std::nullopt;
}

void QueryParser::ParseJoinCriteria(JoinRelation* join) {
  if (join->natural) return;
  if (Accept(K::kOn)) {
    join->on = ParseExpression();
  } else if (Is(K::kUsing) && IsAhead(1, T::kLeftParen)) {
    Skip();
    join->has_using = true;
    join->using_columns = ParseIdentifierList();
  }
}

RelationPtr QueryParser::ParseRelationPrimary() {
  const SourceRange begin = Here();
  const bool lateral =
      Is(K::kLateral) && !IsAhead(1, K::kView) && (IsIdentifier(1) || IsAhead(1, T::kLeftParen));
  if (lateral) Skip();
  RelationPtr relation = ParseRelationAtom();
  relation->lateral = lateral;
  if (!ok()) return relation;
  ParseRelationTail(relation.get());
  relation->source = Since(begin);
  return relation;
}

void QueryParser::ParseRelationTail(Relation* relation) {
  if (IsWord("WATERMARK") && IsIdentifier(1) && IsWord("DELAY", 2)) {
    Fail(UnsupportedFeature("WATERMARK", Here()));
  }
  if (Is(K::kTablesample) && IsAhead(1, T::kLeftParen)) relation->sample = ParseSample();
  relation->alias = ParseTableAlias();
  // Databricks takes a sample after the alias too.
  if (!relation->sample && Is(K::kTablesample) && IsAhead(1, T::kLeftParen)) {
    relation->sample = ParseSample();
  }
}

RelationPtr QueryParser::ParseRelationAtom() {
  const SourceRange begin = Here();
  const auto make = [&](auto node) {
    return std::make_unique<Relation>(Since(begin), RelationNode(std::move(node)));
  };
  if (Is(T::kLeftParen)) return ParseParenthesizedRelation();
  if (Is(K::kValues) && !IsAhead(1, T::kDot) && !IsAhead(1, K::kAs)) {
    return make(ParseValues());
  }
  bool stream = false;
  if (Is(K::kStream) && IsIdentifier(1) && !IsAhead(1, K::kAs)) {
    Skip();
    stream = true;
  } else if (Is(K::kStream) && IsAhead(1, T::kLeftParen)) {
    // STREAM(name), STREAM(f(…)) and STREAM read_files(…) say the same.
    Skip(2);
    RelationPtr inner = ParseRelationAtom();
    Expect(T::kRightParen);
    if (auto* table = inner->As<TableRelation>()) {
      table->stream = true;
      if (Is(K::kWith) && IsAhead(1, T::kLeftParen)) {
        Skip();
        table->options = ParseProperties();
      }
    }
    if (auto* function = inner->As<FunctionRelation>()) function->stream = true;
    return inner;
  }
  if (!IsIdentifier() || (Is(K::kSelect) || Is(K::kWhere) || Is(K::kFrom) || Is(K::kOn))) {
    FailExpected("a table, a function or a query in parentheses");
    return make(TableRelation{});
  }
  ObjectName name = ParseObjectName("a table");
  if (Is(T::kLeftParen)) {
    FunctionRelation function;
    function.name = std::move(name);
    function.args = ParseArguments();
    function.stream = stream;
    return make(std::move(function));
  }
  TableRelation table;
  table.name = std::move(name);
  table.stream = stream;
  if (IsAtTimeTravel()) {
    table.time_travel = ParseAtTimeTravel();
  } else if (IsTimeTravel()) {
    table.time_travel = ParseTimeTravel();
  }
  if (Is(K::kWith) && IsAhead(1, T::kLeftParen)) {
    Skip();
    table.options = ParseProperties();
  }
  return make(std::move(table));
}

RelationPtr QueryParser::ParseParenthesizedRelation() {
  const SourceRange begin = Here();
  if (IsQueryParenHere()) {
    Skip();
    QueryPtr query = ParseQuery();
    if (!Accept(T::kRightParen)) FailExpected("')'");
    return std::make_unique<Relation>(Since(begin),
                                      RelationNode(SubqueryRelation{std::move(query)}));
  }
  Skip();
  if ((Is(K::kDescribe) || Is(K::kDesc)) && (IsAhead(1, K::kHistory) || IsAhead(1, K::kDetail)) &&
      IsIdentifier(2)) {
    return ParseDescription(begin);
  }
  RelationPtr inner = ParseRelation();
  Expect(T::kRightParen);
  return std::make_unique<Relation>(Since(begin),
                                    RelationNode(ParenthesizedRelation{std::move(inner)}));
}

/// (DESCRIBE HISTORY t) and (DESCRIBE DETAIL t) are table functions by these names.
RelationPtr QueryParser::ParseDescription(const SourceRange& begin) {
  Skip();
  const char* name = Is(K::kHistory) ? kDescribeHistory : kDescribeDetail;
  FunctionRelation function;
  const SourceRange word = Here();
  Skip();
  function.name.parts.push_back({name, word});
  function.name.source = word;
  TableArgument argument;
  const SourceRange table = Here();
  argument.table = ParseObjectName("a table");
  function.args.emplace_back();
  function.args[0].value = std::make_unique<Expr>(Since(table), ExprNode(std::move(argument)));
  if (!Accept(T::kRightParen)) FailExpected("')'");
  return std::make_unique<Relation>(Since(begin), RelationNode(std::move(function)));
}

bool QueryParser::StopsTableAlias() const {
  switch (Now().keyword) {
    case K::kAnti:
    case K::kCross:
    case K::kFull:
    case K::kInner:
    case K::kLateral:
    case K::kLeft:
    case K::kNatural:
    case K::kRight:
    case K::kSemi:
    case K::kSelect:
    case K::kInsert:
    case K::kSet:
    case K::kTablesample:
    case K::kAs:
      return true;
    case K::kPivot:
      return IsAhead(1, T::kLeftParen);
    case K::kUnpivot:
      return IsAhead(1, T::kLeftParen) || IsAhead(2, K::kNulls);
    case K::kValues:
    case K::kReplace:
    case K::kWith:
      return true;
    case K::kVersion:
    case K::kTimestamp:
    case K::kSystemVersion:
    case K::kSystemTime:
      return IsAhead(1, K::kAs) && IsAhead(2, K::kOf);
    case K::kKeys:
      return IsAhead(1, T::kLeftParen);
    default:
      return StopsAlias();
  }
}

TableAlias QueryParser::ParseTableAlias() {
  TableAlias alias;
  if (Accept(K::kAs)) {
    alias.name = ParseIdentifier("an alias");
  } else if (Is(T::kQuotedIdentifier) || (Is(T::kWord) && !StopsTableAlias())) {
    alias.name = ParseIdentifier();
  } else {
    return alias;
  }
  if (Is(T::kLeftParen)) alias.columns = ParseIdentifierList();
  return alias;
}

bool QueryParser::IsTimeTravel() const {
  const size_t skip = Is(K::kFor) ? 1 : 0;
  switch (Ahead(skip).keyword) {
    case K::kVersion:
    case K::kTimestamp:
    case K::kSystemVersion:
    case K::kSystemTime:
      return IsAhead(skip + 1, K::kAs) && IsAhead(skip + 2, K::kOf);
    default:
      return false;
  }
}

TimeTravel QueryParser::ParseTimeTravel() {
  TimeTravel travel;
  const SourceRange begin = Here();
  Accept(K::kFor);
  const bool version = Is(K::kVersion) || Is(K::kSystemVersion);
  Skip();
  ExpectSequence({K::kAs, K::kOf});
  (version ? travel.version : travel.timestamp) = ParseValue();
  travel.source = Since(begin);
  return travel;
}

bool QueryParser::IsAtTimeTravel() const {
  return Is(T::kAt) && (IsAhead(1, T::kWord) || IsAhead(1, T::kInteger)) && Touches(1);
}

TimeTravel QueryParser::ParseAtTimeTravel() {
  TimeTravel travel;
  travel.at_syntax = true;
  const SourceRange begin = Here();
  Skip();
  const SourceRange where = Here();
  std::string_view word = Text(Now());
  const bool version = !word.empty() && (word[0] == 'v' || word[0] == 'V');
  if (version) word.remove_prefix(1);
  bool digits = !word.empty();
  for (char c : word) digits = digits && c >= '0' && c <= '9';
  constexpr size_t kTimestampDigits = 17;
  if (!digits || word.size() > (version ? 18 : kTimestampDigits) ||
      (!version && word.size() != kTimestampDigits)) {
    FailAt(where, "expected v and a version number, or a timestamp as yyyyMMddHHmmssSSS");
    return travel;
  }
  Literal literal;
  literal.kind = version ? LiteralKind::kBigInt : LiteralKind::kString;
  literal.text = std::string(word);
  if (version) literal.integer = *tarn::ParseNumber<int64_t>(literal.text);
  Skip();
  (version ? travel.version : travel.timestamp) = MakeExpr(where, std::move(literal));
  travel.source = Since(begin);
  return travel;
}

TableSample QueryParser::ParseSample() {
  TableSample sample;
  const SourceRange begin = Here();
  Expect(K::kTablesample);
  Expect(T::kLeftParen);
  if (Is(K::kBucket) && IsAhead(1, T::kInteger)) {
    Skip();
    sample.kind = SampleKind::kBucket;
    sample.bucket = ParseInteger();
    ExpectSequence({K::kOut, K::kOf});
    sample.buckets = ParseInteger();
  } else if (Is(T::kWord) && IsAhead(1, T::kRightParen) && !Text(Now()).empty() &&
             Text(Now())[0] >= '0' && Text(Now())[0] <= '9') {
    // 10M: an amount of bytes looks like a word.
    sample.kind = SampleKind::kBytes;
    Literal literal;
    literal.kind = LiteralKind::kString;
    literal.text = std::string(Text(Now()));
    sample.amount = MakeExpr(Here(), std::move(literal));
    Skip();
  } else {
    sample.amount = ParseValue();
    if (Accept(K::kPercent)) {
      sample.kind = SampleKind::kPercent;
    } else if (Accept(K::kRows)) {
      sample.kind = SampleKind::kRows;
    } else {
      FailExpected("PERCENT or ROWS");
    }
  }
  Expect(T::kRightParen);
  if (Accept(K::kRepeatable)) {
    Expect(T::kLeftParen);
    sample.seed = ParseInteger();
    Expect(T::kRightParen);
  }
  sample.source = Since(begin);
  return sample;
}

RelationPtr QueryParser::ParsePivot(RelationPtr input) {
  const SourceRange begin = input ? input->source : Here();
  PivotRelation pivot;
  pivot.input = std::move(input);
  Expect(K::kPivot);
  Expect(T::kLeftParen);
  pivot.aggregates = ParseNamedExprs();
  Expect(K::kFor);
  if (Is(T::kLeftParen)) {
    pivot.columns = ParseIdentifierList();
  } else {
    pivot.columns.push_back(ParseIdentifier("a column"));
  }
  Expect(K::kIn);
  Expect(T::kLeftParen);
  pivot.values = ParseNamedExprs();
  Expect(T::kRightParen);
  Expect(T::kRightParen);
  auto relation = std::make_unique<Relation>(Since(begin), RelationNode(std::move(pivot)));
  if (ok()) relation->alias = ParseTableAlias();
  return relation;
}

RelationPtr QueryParser::ParseUnpivot(RelationPtr input) {
  const SourceRange begin = input ? input->source : Here();
  UnpivotRelation unpivot;
  unpivot.input = std::move(input);
  Expect(K::kUnpivot);
  if (AcceptSequence({K::kInclude, K::kNulls})) {
    unpivot.include_nulls = true;
  } else {
    AcceptSequence({K::kExclude, K::kNulls});
  }
  Expect(T::kLeftParen);
  if (Is(T::kLeftParen)) {
    unpivot.multi_value = true;
    unpivot.value_columns = ParseIdentifierList();
  } else {
    unpivot.value_columns.push_back(ParseIdentifier("a name for the values"));
  }
  Expect(K::kFor);
  unpivot.name_column = ParseIdentifier("a name for the names");
  Expect(K::kIn);
  Expect(T::kLeftParen);
  ParseUnpivotInputs(&unpivot);
  Expect(T::kRightParen);
  Expect(T::kRightParen);
  auto relation = std::make_unique<Relation>(Since(begin), RelationNode(std::move(unpivot)));
  if (ok()) relation->alias = ParseTableAlias();
  return relation;
}

void QueryParser::ParseUnpivotInputs(UnpivotRelation* unpivot) {
  do {
    UnpivotColumns columns;
    const SourceRange begin = Here();
    if (unpivot->multi_value) {
      Expect(T::kLeftParen);
      columns.columns = ParsePartsSequence();
      Expect(T::kRightParen);
    } else {
      columns.columns.push_back(ParseParts("a column"));
    }
    if (Accept(K::kAs) || IsIdentifier()) columns.alias = ParseIdentifier("an alias");
    columns.source = Since(begin);
    unpivot->inputs.push_back(std::move(columns));
  } while (Accept(T::kComma));
}

std::vector<Property> QueryParser::ParseProperties() {
  std::vector<Property> properties;
  Expect(T::kLeftParen);
  do {
    Property property;
    const SourceRange begin = Here();
    if (IsString()) {
      property.key = DecodeString(Text(Now()));
      Skip();
    } else {
      property.key = ParseIdentifier("a property's name").text;
      while (ok() && (Is(T::kDot) || Is(T::kMinus) || Is(T::kColon)) && IsIdentifier(1)) {
        property.key += Is(T::kDot) ? "." : Is(T::kMinus) ? "-" : ":";
        Skip();
        property.key += ParseIdentifier().text;
      }
    }
    const bool equal = Accept(T::kEqual) || Accept(T::kFatArrow);
    if (equal || (!Is(T::kComma) && !Is(T::kRightParen))) {
      property.has_value = true;
      if (IsString()) {
        property.value = ParseString();
      } else {
        const SourceRange value = Here();
        const bool sign = Is(T::kMinus);
        if (sign) Skip();
        if ((Now().kind >= T::kInteger && Now().kind <= T::kDecimalSuffix) ||
            (!sign && Is(T::kWord))) {
          Skip();
        } else {
          FailExpected("a value");
        }
        const SourceRange range = Since(value);
        property.value = std::string(text().substr(range.begin, range.end - range.begin));
      }
    }
    property.source = Since(begin);
    properties.push_back(std::move(property));
  } while (Accept(T::kComma));
  Expect(T::kRightParen);
  return properties;
}

}  // namespace tarn::sql
