#include "definition_parser.h"

#include <utility>

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

std::optional<ObjectKind> DefinitionParser::AcceptObjectKind() {
  struct Spelling {
    ObjectKind kind;
    K first;
    K second;
  };
  static constexpr Spelling kSpellings[] = {
      {ObjectKind::kMaterializedView, K::kMaterialized, K::kView},
      {ObjectKind::kStreamingTable, K::kStreaming, K::kTable},
      {ObjectKind::kExternalLocation, K::kExternal, K::kLocation},
      {ObjectKind::kStorageCredential, K::kStorage, K::kCredential},
      {ObjectKind::kServiceCredential, K::kService, K::kCredential},
      {ObjectKind::kCatalog, K::kCatalog, K::kNoKeyword},
      {ObjectKind::kSchema, K::kSchema, K::kNoKeyword},
      {ObjectKind::kSchema, K::kDatabase, K::kNoKeyword},
      {ObjectKind::kSchema, K::kNamespace, K::kNoKeyword},
      {ObjectKind::kTable, K::kTable, K::kNoKeyword},
      {ObjectKind::kView, K::kView, K::kNoKeyword},
      {ObjectKind::kVolume, K::kVolume, K::kNoKeyword},
      {ObjectKind::kFunction, K::kFunction, K::kNoKeyword},
      {ObjectKind::kProcedure, K::kProcedure, K::kNoKeyword},
      {ObjectKind::kVariable, K::kVariable, K::kNoKeyword},
      {ObjectKind::kColumn, K::kColumn, K::kNoKeyword},
      {ObjectKind::kConnection, K::kConnection, K::kNoKeyword},
      {ObjectKind::kServiceCredential, K::kCredential, K::kNoKeyword},
      {ObjectKind::kShare, K::kShare, K::kNoKeyword},
      {ObjectKind::kRecipient, K::kRecipient, K::kNoKeyword},
      {ObjectKind::kProvider, K::kProvider, K::kNoKeyword},
      {ObjectKind::kModel, K::kModel, K::kNoKeyword},
      {ObjectKind::kPolicy, K::kPolicy, K::kNoKeyword},
      {ObjectKind::kServer, K::kServer, K::kNoKeyword},
  };
  for (const Spelling& spelling : kSpellings) {
    if (!Is(spelling.first)) continue;
    const bool two = spelling.second != K::kNoKeyword;
    if (two && !IsAhead(1, spelling.second)) continue;
    const size_t words = two ? 2 : 1;
    if (!IsIdentifier(words)) continue;
    Skip(words);
    return spelling.kind;
  }
  return std::nullopt;
}

ObjectName DefinitionParser::ParseTableOrPath() {
  if (!IsString()) return ParseObjectName("a table");
  ObjectName name;
  const SourceRange begin = Here();
  std::string path = ParseString();
  name.parts.push_back({"delta", begin, false});
  name.parts.push_back({std::move(path), begin, true});
  name.source = Since(begin);
  return name;
}

void DefinitionParser::ParseTableElements(std::vector<ColumnDefinition>* columns,
                                          std::vector<Constraint>* constraints) {
  Expect(T::kLeftParen);
  if (Accept(T::kRightParen)) return;
  do {
    if (IsTableConstraint()) {
      constraints->push_back(ParseConstraint());
    } else {
      columns->push_back(ParseColumnDefinition(false));
    }
  } while (Accept(T::kComma));
  if (!Accept(T::kRightParen)) FailExpected("',' or ')'");
}

bool DefinitionParser::IsColumnOption() const {
  switch (Now().keyword) {
    case K::kNot:
    case K::kDefault:
    case K::kGenerated:
    case K::kComment:
    case K::kConstraint:
    case K::kPrimary:
    case K::kForeign:
    case K::kReferences:
    case K::kCheck:
    case K::kMask:
    case K::kUnique:
      return true;
    default:
      return Is(T::kComma) || Is(T::kRightParen);
  }
}

ColumnDefinition DefinitionParser::ParseColumnDefinition(bool nested_name) {
  ColumnDefinition column;
  const SourceRange begin = Here();
  if (nested_name) {
    column.name = ParseParts("a column's name");
  } else {
    column.name.push_back(ParseIdentifier("a column's name"));
    Accept(T::kColon);
  }
  if (!IsColumnOption()) {
    column.type_source = Here();
    column.type = ParseType();
    column.type_source = Since(column.type_source);
  }
  ParseColumnOptions(&column);
  column.source = Since(begin);
  return column;
}

void DefinitionParser::ParseColumnOptions(ColumnDefinition* column) {
  while (ok() && ParseColumnOption(column)) {
  }
}

bool DefinitionParser::IsColumnConstraint() const {
  return Is(K::kConstraint) || IsSequence({K::kPrimary, K::kKey}) ||
         IsSequence({K::kForeign, K::kKey}) || Is(K::kReferences) ||
         (Is(K::kCheck) && IsAhead(1, T::kLeftParen)) || Is(K::kUnique);
}

bool DefinitionParser::ParseColumnOption(ColumnDefinition* column) {
  if (AcceptSequence({K::kNot, K::kNull})) {
    column->not_null = true;
  } else if (Accept(K::kNull)) {
    column->not_null = false;
  } else if (Accept(K::kDefault)) {
    column->default_value = ParseExpression();
  } else if (Is(K::kGenerated)) {
    ParseGenerated(column);
  } else if (Is(K::kComment) && IsString(1)) {
    Skip();
    column->comment = ParseString();
  } else if (Accept(K::kCollate)) {
    column->collation = ParseIdentifier("a collation").text;
  } else if (IsColumnConstraint()) {
    column->constraints.push_back(ParseConstraint());
  } else if (Accept(K::kMask)) {
    column->mask = ParseMask();
  } else if (Is(K::kWith) && (IsWord("TAG", 1) || IsAhead(1, K::kTags))) {
    Skip(2);
    column->tags = ParseProperties();
  } else if (Accept(K::kFirst)) {
    column->first = true;
  } else if (Accept(K::kAfter)) {
    column->after = ParseIdentifier("a column");
  } else {
    return false;
  }
  return true;
}

void DefinitionParser::ParseGenerated(ColumnDefinition* column) {
  Skip();
  const bool always = Accept(K::kAlways);
  if (!always) ExpectSequence({K::kBy, K::kDefault});
  Expect(K::kAs);
  if (always && !Is(K::kIdentity)) {
    Expect(T::kLeftParen);
    column->generated_as = ParseExpression();
    Expect(T::kRightParen);
    return;
  }
  Expect(K::kIdentity);
  Identity identity;
  identity.always = always;
  if (Accept(T::kLeftParen)) {
    while (!Is(T::kRightParen) && !AtEnd()) {
      if (Accept(K::kStart)) {
        Accept(K::kWith);
        identity.start = ParseInteger();
      } else if (Accept(K::kIncrement)) {
        Accept(K::kBy);
        identity.increment = ParseInteger();
      } else {
        FailExpected("START WITH or INCREMENT BY");
      }
      Accept(T::kComma);
    }
    Expect(T::kRightParen);
  }
  column->identity = identity;
}

ColumnMask DefinitionParser::ParseMask() {
  ColumnMask mask;
  mask.function = ParseObjectName("a function");
  if (AcceptSequence({K::kUsing, K::kColumns})) mask.using_columns = ParseExpressionList();
  return mask;
}

RowFilter DefinitionParser::ParseRowFilter() {
  RowFilter filter;
  filter.function = ParseObjectName("a function");
  Expect(K::kOn);
  Expect(T::kLeftParen);
  if (!Is(T::kRightParen)) filter.columns = ParseExpressions();
  Expect(T::kRightParen);
  return filter;
}

bool DefinitionParser::IsTableConstraint() const {
  return (Is(K::kConstraint) && IsIdentifier(1)) ||
         (IsSequence({K::kPrimary, K::kKey}) && IsAhead(2, T::kLeftParen)) ||
         (IsSequence({K::kForeign, K::kKey}) && IsAhead(2, T::kLeftParen)) ||
         (Is(K::kCheck) && IsAhead(1, T::kLeftParen)) ||
         (Is(K::kUnique) && IsAhead(1, T::kLeftParen));
}

Constraint DefinitionParser::ParseConstraint() {
  Constraint constraint;
  const SourceRange begin = Here();
  if (Accept(K::kConstraint)) constraint.name = ParseIdentifier("a constraint's name");
  if (AcceptSequence({K::kPrimary, K::kKey})) {
    constraint.kind = ConstraintKind::kPrimaryKey;
    if (Accept(T::kLeftParen)) {
      do {
        constraint.columns.push_back(ParseIdentifier("a column"));
        if (Accept(K::kTimeseries)) constraint.timeseries_column = constraint.columns.back();
      } while (Accept(T::kComma));
      Expect(T::kRightParen);
    }
  } else if (AcceptSequence({K::kForeign, K::kKey})) {
    constraint.kind = ConstraintKind::kForeignKey;
    if (Is(T::kLeftParen)) constraint.columns = ParseIdentifierList();
    ParseForeignKey(&constraint);
  } else if (Is(K::kReferences)) {
    constraint.kind = ConstraintKind::kForeignKey;
    ParseForeignKey(&constraint);
  } else if (Accept(K::kUnique)) {
    constraint.kind = ConstraintKind::kUnique;
    if (Is(T::kLeftParen)) constraint.columns = ParseIdentifierList();
  } else if (Is(K::kCheck) || Is(K::kExpect)) {
    constraint.kind = Is(K::kCheck) ? ConstraintKind::kCheck : ConstraintKind::kExpectation;
    Skip();
    Expect(T::kLeftParen);
    constraint.check = ParseExpression();
    Expect(T::kRightParen);
    if (AcceptSequence({K::kOn, K::kViolation})) {
      const bool fail = Accept(K::kFail);
      if (!fail) Expect(K::kDrop);
      fail ? Expect(K::kUpdate) : Expect(K::kRow);
      constraint.on_violation = fail ? "FAIL UPDATE" : "DROP ROW";
    }
  } else {
    FailExpected("PRIMARY KEY, FOREIGN KEY, CHECK, UNIQUE or EXPECT");
  }
  ParseConstraintOptions(&constraint);
  constraint.source = Since(begin);
  return constraint;
}

void DefinitionParser::ParseForeignKey(Constraint* constraint) {
  Expect(K::kReferences);
  constraint->references = ParseObjectName("a table");
  if (Is(T::kLeftParen)) constraint->reference_columns = ParseIdentifierList();
}

void DefinitionParser::ParseConstraintOptions(Constraint* constraint) {
  for (bool more = true; more && ok();) {
    more = true;
    if (Is(K::kNot) && (IsAhead(1, K::kEnforced) || IsWord("DEFERRABLE", 1))) {
      constraint->options.push_back(IsAhead(1, K::kEnforced) ? "NOT ENFORCED" : "NOT DEFERRABLE");
      Skip(2);
    } else if (Is(K::kEnforced) || IsWord("RELY") || IsWord("NORELY") || IsWord("DEFERRABLE")) {
      constraint->options.push_back(UpperText());
      Skip();
    } else if (IsWord("INITIALLY") || (IsWord("MATCH") && IsAhead(1, K::kFull))) {
      constraint->options.push_back(IsWord("MATCH") ? "MATCH FULL" : "INITIALLY DEFERRED");
      Skip(2);
    } else if (Is(K::kOn) && (IsAhead(1, K::kUpdate) || IsAhead(1, K::kDelete))) {
      std::string option = IsAhead(1, K::kUpdate) ? "ON UPDATE" : "ON DELETE";
      Skip(2);
      Expect(K::kNo);
      if (!AcceptWord("ACTION")) FailExpected("ACTION");
      constraint->options.push_back(option + " NO ACTION");
    } else {
      more = false;
    }
  }
}

ClusterBy DefinitionParser::ParseClusterBy() {
  ClusterBy cluster;
  if (Accept(K::kAuto)) {
    cluster.automatic = true;
  } else if (Accept(K::kNone)) {
    cluster.none = true;
  } else {
    Expect(T::kLeftParen);
    if (!Is(T::kRightParen)) cluster.columns = ParsePartsSequence();
    Expect(T::kRightParen);
  }
  return cluster;
}

std::vector<PartitionField> DefinitionParser::ParsePartitionFields() {
  std::vector<PartitionField> fields;
  Expect(T::kLeftParen);
  do {
    PartitionField field;
    const SourceRange begin = Here();
    if (IsIdentifier() && IsAhead(1, T::kLeftParen)) {
      field.transform = ParseIdentifier();
      field.arguments = ParseExpressionList();
    } else {
      field.column = ParseIdentifier("a column");
      if (!Is(T::kComma) && !Is(T::kRightParen)) field.type = ParseType();
      if (Is(K::kComment) && IsString(1)) Skip(2);
    }
    field.source = Since(begin);
    fields.push_back(std::move(field));
  } while (Accept(T::kComma));
  Expect(T::kRightParen);
  return fields;
}

PartitionSpec DefinitionParser::ParsePartitionSpec() {
  PartitionSpec spec;
  Expect(K::kPartition);
  Expect(T::kLeftParen);
  do {
    PartitionValue value;
    value.column = ParseIdentifier("a partition column");
    if (Accept(T::kEqual)) value.value = ParseValue();
    spec.push_back(std::move(value));
  } while (Accept(T::kComma));
  Expect(T::kRightParen);
  return spec;
}

std::vector<Property> DefinitionParser::ParseTags() {
  if (!Accept(K::kTags) && !AcceptWord("TAG")) FailExpected("TAGS");
  return ParseProperties();
}

std::vector<Assignment> DefinitionParser::ParseAssignments() {
  std::vector<Assignment> assignments;
  do {
    Assignment assignment;
    const SourceRange begin = Here();
    assignment.column = ParseParts("a column");
    Expect(T::kEqual);
    assignment.value = ParseExpression();
    assignment.source = Since(begin);
    assignments.push_back(std::move(assignment));
  } while (Accept(T::kComma));
  return assignments;
}

void DefinitionParser::ParseTableClauses(TableClauses* clauses) {
  while (ok() && ParseTableClauseOnce(clauses)) {
  }
}

bool DefinitionParser::ParseTableClause(TableClauses* clauses) {
  switch (Now().keyword) {
    case K::kUsing:
      Skip();
      clauses->provider = ParseObjectName("a format");
      return true;
    case K::kOptions:
      Skip();
      clauses->options = ParseProperties();
      return true;
    case K::kPartitioned:
      Skip();
      if (!Accept(K::kOn)) Expect(K::kBy);
      clauses->has_partitioned_by = true;
      clauses->partitioned_by = ParsePartitionFields();
      return true;
    case K::kCluster:
      Skip();
      Expect(K::kBy);
      clauses->cluster_by = ParseClusterBy();
      return true;
    case K::kLocation:
      Skip();
      clauses->location = ParseString("a path");
      if (Is(K::kWith) && IsAhead(1, T::kLeftParen) && IsAhead(2, K::kCredential)) {
        Skip(3);
        clauses->credential = ParseIdentifier("a credential").text;
        Expect(T::kRightParen);
      }
      return true;
    case K::kComment:
      Skip();
      clauses->comment = ParseString("a comment");
      return true;
    case K::kTblproperties:
      Skip();
      clauses->properties = ParseProperties();
      return true;
    case K::kDefault:
      Skip();
      Expect(K::kCollation);
      clauses->default_collation = ParseIdentifier("a collation").text;
      return true;
    case K::kSchedule:
    case K::kTrigger:
      clauses->schedule = ParseSchedule();
      return true;
    case K::kWith:
      if (IsSequence({K::kWith, K::kRow, K::kFilter})) {
        Skip(3);
        clauses->row_filter = ParseRowFilter();
        return true;
      }
      if (IsAhead(1, K::kTags) || IsWord("TAG", 1)) {
        Skip();
        clauses->tags = ParseTags();
        return true;
      }
      return false;
    default:
      return false;
  }
}

bool DefinitionParser::ParseStorageClause(TableClauses* clauses) {
  const SourceRange begin = Here();
  if (IsSequence({K::kRow, K::kFilter})) {
    Skip(2);
    clauses->row_filter = ParseRowFilter();
    return true;
  }
  if (AcceptSequence({K::kClustered, K::kBy}) || AcceptSequence({K::kSkewed, K::kBy})) {
    while (!AtEnd() && !Is(K::kAs) && !Is(T::kSemicolon) && !IsWord("BUCKETS")) Skip();
    AcceptWord("BUCKETS");
  } else if (AcceptSequence({K::kRow, K::kFormat})) {
    while (!AtEnd() && !Is(T::kSemicolon) &&
           !IsAnyOf({K::kStored, K::kLocation, K::kTblproperties, K::kComment, K::kPartitioned,
                     K::kSelect})) {
      Skip();
    }
  } else if (Is(K::kRefresh) && IsAhead(1, K::kPolicy)) {
    Skip(2);
    // A complete refresh is what AUTO may choose and FULL asks for.
    if (Accept(K::kAuto) || Accept(K::kFull)) return true;
    if (!AcceptWord("INCREMENTAL")) FailExpected("AUTO, FULL or INCREMENTAL");
    AcceptWord("STRICT");
  } else if (Is(K::kStored) && (IsAhead(1, K::kAs) || IsAhead(1, K::kBy))) {
    Skip(2);
    Skip();
    while (IsString() || IsWord("OUTPUTFORMAT")) Skip();
  } else {
    return false;
  }
  const SourceRange range = Since(begin);
  clauses->unsupported.emplace_back(text().substr(range.begin, range.end - range.begin));
  return true;
}

std::string DefinitionParser::ParseSchedule() {
  const SourceRange begin = Here();
  Skip();
  while (!AtEnd() && !Is(T::kSemicolon) &&
         !IsAnyOf({K::kAs, K::kComment, K::kTblproperties, K::kPartitioned, K::kCluster, K::kWith,
                   K::kFlow})) {
    Skip();
  }
  const SourceRange range = Since(begin);
  return std::string(text().substr(range.begin, range.end - range.begin));
}

}  // namespace tarn::sql
