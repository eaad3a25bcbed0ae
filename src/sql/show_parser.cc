// SHOW and DESCRIBE.

#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

/// [FROM|IN name] [[LIKE] 'pattern']
void StatementParser::ParseShowTail(Show* show) {
  if (Accept(K::kFrom) || Accept(K::kIn)) show->in = ParseObjectName();
  if (Accept(K::kLike) || IsString()) show->like = ParseString("a pattern");
}

Show StatementParser::ParseShowTables() {
  Show show;
  if (Accept(K::kTables)) {
    if (Accept(K::kDropped)) show.kind = ShowKind::kTablesDropped;
    ParseShowTail(&show);
    if (show.kind == ShowKind::kTablesDropped && Accept(K::kLimit)) ParseInteger();
    return show;
  }
  ExpectSequence({K::kTable, K::kExtended});
  show.kind = ShowKind::kTableExtended;
  ParseShowTail(&show);
  if (Is(K::kPartition)) show.partition = ParsePartitionSpec();
  return show;
}

Show StatementParser::ParseShowGrants() {
  Show show;
  show.kind = ShowKind::kGrants;
  if (!Accept(K::kGrants)) Expect(K::kGrant);
  if (!Is(K::kOn)) {
    if (IsString()) {
      show.principal = {ParseString(), {}, true};
    } else {
      show.principal = ParseIdentifier("a principal or ON");
    }
  }
  Expect(K::kOn);
  if (AcceptSequence({K::kAny}) && AcceptWord("FILE")) {
    show.on_kind = ObjectKind::kAnyFile;
    return show;
  }
  if (Accept(K::kMetastore)) {
    show.on_kind = ObjectKind::kMetastore;
    return show;
  }
  show.on_kind = AcceptObjectKind().value_or(ObjectKind::kUnspecified);
  show.name = ParseObjectName();
  return show;
}

Show StatementParser::ParseShowFunctions() {
  Show show;
  show.kind = ShowKind::kFunctions;
  if (IsAnyOf({K::kUser, K::kSystem, K::kAll})) {
    show.scope = UpperText();
    Skip();
  }
  Expect(K::kFunctions);
  if (Accept(K::kFrom) || Accept(K::kIn)) show.in = ParseObjectName("a schema");
  const bool like = Accept(K::kLike);
  if (IsString()) {
    show.like = ParseString();
  } else if (IsIdentifier()) {
    show.name = ParseObjectName();
  } else if (like) {
    FailExpected("a pattern");
  }
  return show;
}

StatementNode StatementParser::ParseShow() {
  Skip();
  struct Listing {
    K word;
    ShowKind kind;
  };
  static constexpr Listing kListings[] = {
      {K::kCatalogs, ShowKind::kCatalogs},     {K::kSchemas, ShowKind::kSchemas},
      {K::kDatabases, ShowKind::kSchemas},     {K::kNamespaces, ShowKind::kSchemas},
      {K::kViews, ShowKind::kViews},           {K::kVolumes, ShowKind::kVolumes},
      {K::kProcedures, ShowKind::kProcedures}, {K::kConnections, ShowKind::kConnections},
      {K::kShares, ShowKind::kShares},         {K::kRecipients, ShowKind::kRecipients},
      {K::kProviders, ShowKind::kProviders},   {K::kUsers, ShowKind::kUsers},
      {K::kGroups, ShowKind::kGroups},         {K::kPolicies, ShowKind::kPolicies},
      {K::kVariables, ShowKind::kVariables},
  };
  for (const Listing& listing : kListings) {
    if (!Is(listing.word)) continue;
    Skip();
    Show show;
    show.kind = listing.kind;
    ParseShowTail(&show);
    return show;
  }
  switch (Now().keyword) {
    case K::kTables:
    case K::kTable:
      return ParseShowTables();
    case K::kGrants:
    case K::kGrant:
      return ParseShowGrants();
    case K::kFunctions:
    case K::kUser:
    case K::kSystem:
    case K::kAll:
      return ParseShowFunctions();
    default:
      return ParseShowOfObject();
  }
}

StatementNode StatementParser::ParseShowOfObject() {
  Show show;
  if (Accept(K::kColumns)) {
    show.kind = ShowKind::kColumns;
    if (!Accept(K::kFrom)) Expect(K::kIn);
    show.name = ParseTableOrPath();
    if (Accept(K::kFrom) || Accept(K::kIn)) show.in = ParseObjectName("a schema");
  } else if (Accept(K::kPartitions)) {
    show.kind = ShowKind::kPartitions;
    show.name = ParseTableOrPath();
    if (Is(K::kPartition)) show.partition = ParsePartitionSpec();
  } else if (Accept(K::kCreate)) {
    show.kind = ShowKind::kCreateTable;
    if (AcceptSequence({K::kMaterialized, K::kView}) ||
        AcceptSequence({K::kStreaming, K::kTable}) || Accept(K::kTable) || Accept(K::kView)) {
      show.name = ParseTableOrPath();
      if (AcceptSequence({K::kAs}) && !AcceptWord("SERDE")) FailExpected("SERDE");
    } else {
      return SkipStatement("SHOW CREATE " + UpperText());
    }
  } else if (Accept(K::kTblproperties)) {
    show.kind = ShowKind::kTableProperties;
    show.name = ParseTableOrPath();
    if (Accept(T::kLeftParen)) {
      if (IsString()) {
        show.property_key = ParseString();
      } else {
        for (const Identifier& part : ParseParts("a property")) {
          if (!show.property_key.empty()) show.property_key += ".";
          show.property_key += part.text;
        }
      }
      Expect(T::kRightParen);
    }
  } else if (Is(K::kCurrent) &&
             (IsAhead(1, K::kSchema) || IsAhead(1, K::kDatabase) || IsAhead(1, K::kNamespace))) {
    Skip(2);
    show.kind = ShowKind::kCurrentSchema;
  } else if (IsSequence({K::kExternal}) && IsWord("LOCATIONS", 1)) {
    Skip(2);
    show.kind = ShowKind::kExternalLocations;
    ParseShowTail(&show);
  } else if (Is(K::kCredentials) || (IsAhead(1, K::kCredentials))) {
    Skip(Is(K::kCredentials) ? 1 : 2);
    show.kind = ShowKind::kCredentials;
    ParseShowTail(&show);
  } else if (Is(T::kWord) && !IsStatementEnd()) {
    return SkipStatement("SHOW " + UpperText());
  } else {
    FailExpected("TABLES, SCHEMAS, CATALOGS, COLUMNS, CREATE TABLE or another thing to show");
  }
  return show;
}

Describe StatementParser::ParseDescribeFunction() {
  Describe describe;
  describe.kind = DescribeKind::kFunction;
  Skip();
  describe.extended = Accept(K::kExtended);
  if (IsIdentifier()) {
    describe.name = ParseObjectName("a function");
    return describe;
  }
  // An operator, or a name in quotes.
  Identifier name;
  name.source = Here();
  name.quoted = true;
  if (IsString()) {
    name.text = ParseString();
  } else {
    while (!IsStatementEnd()) {
      name.text += Text(Now());
      Skip();
    }
    if (name.text.empty()) FailExpected("a function");
  }
  describe.name.source = name.source;
  describe.name.parts.push_back(std::move(name));
  return describe;
}

Describe StatementParser::ParseDescribeTable() {
  Describe describe;
  Accept(K::kTable);
  if ((Is(K::kExtended) || Is(K::kFormatted)) && (IsIdentifier(1) || IsString(1))) {
    Skip();
    describe.extended = true;
  }
  describe.name = ParseTableOrPath();
  if (Is(K::kPartition) && IsAhead(1, T::kLeftParen)) describe.partition = ParsePartitionSpec();
  if (IsIdentifier() && !Is(K::kAs)) describe.column = ParseParts("a column");
  return describe;
}

/// HISTORY table [LIMIT n], DETAIL table
Describe StatementParser::ParseDescribeDelta() {
  Describe describe;
  describe.kind = Is(K::kHistory) ? DescribeKind::kHistory : DescribeKind::kDetail;
  Skip();
  describe.name = ParseTableOrPath();
  if (describe.kind == DescribeKind::kHistory && Accept(K::kLimit)) {
    if (Is(T::kMinus)) FailExpected("a number of versions");
    describe.limit = ParseInteger();
  }
  return describe;
}

Describe StatementParser::ParseDescribe() {
  Skip();
  Describe describe;
  const bool named = IsIdentifier(1) || IsString(1);
  switch (Now().keyword) {
    case K::kHistory:
    case K::kDetail:
      if (!named) break;
      return ParseDescribeDelta();
    case K::kFunction:
      if (IsAhead(1, T::kEnd) || IsAhead(1, T::kSemicolon)) break;
      return ParseDescribeFunction();
    case K::kQuery:
      if (!IsQueryStart(at() + 1) && !IsAhead(1, T::kLeftParen)) break;
      Skip();
      describe.kind = DescribeKind::kQuery;
      describe.query = ParseQuery();
      return describe;
    case K::kTable:
    case K::kExtended:
    case K::kFormatted:
      describe = ParseDescribeTable();
      if (AcceptSequence({K::kAs, K::kJson})) describe.as_json = true;
      return describe;
    default:
      break;
  }
  if (IsQueryHere()) {
    describe.kind = DescribeKind::kQuery;
    describe.query = ParseQuery();
    return describe;
  }
  // DESCRIBE SCHEMA EXTENDED name: the option stands between the kind and the name.
  static constexpr std::pair<K, DescribeKind> kKinds[] = {
      {K::kCatalog, DescribeKind::kCatalog},       {K::kSchema, DescribeKind::kSchema},
      {K::kDatabase, DescribeKind::kSchema},       {K::kNamespace, DescribeKind::kSchema},
      {K::kVolume, DescribeKind::kVolume},         {K::kConnection, DescribeKind::kConnection},
      {K::kCredential, DescribeKind::kCredential}, {K::kShare, DescribeKind::kShare},
      {K::kRecipient, DescribeKind::kRecipient},   {K::kProvider, DescribeKind::kProvider},
      {K::kPolicy, DescribeKind::kPolicy},         {K::kProcedure, DescribeKind::kProcedure},
  };
  for (const auto& [keyword, kind] : kKinds) {
    if (!Is(keyword) || !named) continue;
    Skip();
    describe.kind = kind;
    if (Is(K::kExtended) && IsIdentifier(1)) {
      Skip();
      describe.extended = true;
    }
    describe.name = ParseObjectName();
    return describe;
  }
  if ((Is(K::kStorage) || Is(K::kService)) && IsAhead(1, K::kCredential)) {
    Skip(2);
    describe.kind = DescribeKind::kCredential;
    describe.name = ParseObjectName();
    return describe;
  }
  if (IsSequence({K::kExternal, K::kLocation})) {
    Skip(2);
    describe.kind = DescribeKind::kExternalLocation;
    describe.name = ParseObjectName();
    return describe;
  }
  describe = ParseDescribeTable();
  if (AcceptSequence({K::kAs, K::kJson})) describe.as_json = true;
  return describe;
}

}  // namespace tarn::sql
