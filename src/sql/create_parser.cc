// CREATE, DROP and UNDROP.

#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

StatementParser::Modifiers StatementParser::ParseModifiers() {
  Modifiers modifiers;
  if (AcceptSequence({K::kOr, K::kReplace})) modifiers.mode = CreateMode::kCreateOrReplace;
  if (AcceptSequence({K::kOr, K::kRefresh})) modifiers.mode = CreateMode::kCreateOrRefresh;
  for (bool more = true; more;) {
    switch (Now().keyword) {
      case K::kPrivate:
        modifiers.is_private = true;
        break;
      case K::kTemp:
      case K::kTemporary:
        modifiers.temporary = true;
        break;
      case K::kGlobal:
        modifiers.global = true;
        break;
      case K::kExternal:
        more = !IsAhead(1, K::kLocation);
        modifiers.external = more;
        break;
      case K::kStreaming:
        modifiers.streaming = true;
        break;
      case K::kMaterialized:
        modifiers.materialized = true;
        break;
      case K::kForeign:
        modifiers.foreign = true;
        break;
      case K::kLive:
        modifiers.live = true;
        break;
      default:
        more = false;
    }
    if (more) Skip();
  }
  return modifiers;
}

StatementNode StatementParser::ParseCreate() {
  Skip();
  Modifiers modifiers = ParseModifiers();
  switch (Now().keyword) {
    case K::kTable:
      Skip();
      // LIVE TABLE is the older name of a materialized view.
      if (modifiers.materialized || (modifiers.live && !modifiers.streaming)) {
        modifiers.materialized = true;
        return ParseCreateView(modifiers);
      }
      return ParseCreateTable(modifiers);
    case K::kView:
      Skip();
      // A LIVE VIEW is known in its pipeline only.
      modifiers.temporary |= modifiers.live;
      return ParseCreateView(modifiers);
    case K::kCatalog:
      Skip();
      return ParseCreateCatalog(modifiers);
    case K::kSchema:
    case K::kDatabase:
    case K::kNamespace:
      Skip();
      return ParseCreateSchema(modifiers);
    case K::kVolume:
      Skip();
      return ParseCreateVolume(modifiers);
    case K::kFunction:
    case K::kProcedure:
      return ParseCreateFunction(modifiers);
    case K::kFlow:
      Skip();
      return ParseCreateFlow();
    case K::kExternal:
      return SkipStatement("CREATE EXTERNAL LOCATION");
    case K::kStorage:
    case K::kService:
      return SkipStatement("CREATE " + UpperText() + " CREDENTIAL");
    case K::kConnection:
    case K::kShare:
    case K::kRecipient:
    case K::kProvider:
    case K::kPolicy:
    case K::kServer:
    case K::kCredential:
    case K::kRole:
    case K::kModel:
    case K::kGroup:
    case K::kUser:
      return SkipStatement("CREATE " + UpperText());
    default:
      if (IsWord("INDEX") || IsWord("BLOOMFILTER")) return SkipStatement("CREATE INDEX");
      FailExpected("TABLE, VIEW, SCHEMA, CATALOG, VOLUME, FUNCTION or another kind of object");
      return OtherStatement{};
  }
}

StatementNode StatementParser::ParseReplace() {
  Skip();
  Modifiers modifiers;
  modifiers.mode = CreateMode::kReplace;
  Expect(K::kTable);
  return ParseCreateTable(modifiers);
}

void StatementParser::AcceptIfNotExistsInto(CreateMode* mode) {
  const SourceRange where = Here();
  if (!AcceptIfNotExists()) return;
  if (*mode == CreateMode::kCreateOrReplace || *mode == CreateMode::kReplace) {
    FailAt(where, "IF NOT EXISTS can't stand together with OR REPLACE");
  }
  // Refreshing an existing object is what OR REFRESH says; IF NOT EXISTS adds nothing to it.
  if (*mode == CreateMode::kCreate) *mode = CreateMode::kCreateIfNotExists;
}

CreateTable StatementParser::ParseCreateTable(const Modifiers& modifiers) {
  CreateTable table;
  table.mode = modifiers.mode;
  table.kind = modifiers.streaming ? ObjectKind::kStreamingTable : ObjectKind::kTable;
  table.external = modifiers.external;
  table.temporary = modifiers.temporary;
  table.is_private = modifiers.is_private;
  AcceptIfNotExistsInto(&table.mode);
  table.name = ParseTableOrPath();
  if (Accept(K::kLike)) {
    table.like = ParseObjectName("a table");
    ParseTableClauses(&table.clauses);
    return table;
  }
  if (Is(T::kLeftParen) && !IsQueryParenHere()) {
    table.has_columns = true;
    ParseTableElements(&table.columns, &table.constraints);
  }
  if ((Is(K::kShallow) || Is(K::kDeep) || Is(K::kClone)) && ok()) table.clone = ParseClone();
  ParseTableClauses(&table.clauses);
  if (Is(K::kFlow)) {
    Skip();
    const SourceRange begin = Here();
    AutoCdc cdc = ParseAutoCdc();
    table.flow = std::make_unique<Statement>(Since(begin), StatementNode(std::move(cdc)));
    return table;
  }
  if (Accept(K::kAs) || IsQueryHere()) table.query = ParseQuery();
  return table;
}

CloneSource StatementParser::ParseClone() {
  CloneSource clone;
  clone.shallow = Accept(K::kShallow);
  if (!clone.shallow) Accept(K::kDeep);
  Expect(K::kClone);
  clone.table = ParseTableOrPath();
  if (IsTimeTravel()) clone.time_travel = ParseTimeTravel();
  return clone;
}

SchemaBinding StatementParser::ParseSchemaBinding() {
  ExpectSequence({K::kWith, K::kSchema});
  if (Accept(K::kBinding)) return SchemaBinding::kBinding;
  if (Accept(K::kCompensation)) return SchemaBinding::kCompensation;
  if (AcceptSequence({K::kType, K::kEvolution})) return SchemaBinding::kTypeEvolution;
  if (!Accept(K::kEvolution)) FailExpected("BINDING, COMPENSATION, EVOLUTION or TYPE EVOLUTION");
  return SchemaBinding::kEvolution;
}

CreateView StatementParser::ParseCreateView(const Modifiers& modifiers) {
  CreateView view;
  view.mode = modifiers.mode;
  view.kind = modifiers.materialized ? ObjectKind::kMaterializedView : ObjectKind::kView;
  view.temporary = modifiers.temporary;
  view.global = modifiers.global;
  view.is_private = modifiers.is_private;
  AcceptIfNotExistsInto(&view.mode);
  view.name = ParseObjectName("a view");
  if (Is(T::kLeftParen) && !IsQueryParenHere()) {
    view.has_columns = true;
    ParseTableElements(&view.columns, &view.constraints);
  }
  while (ok()) {
    if (IsSequence({K::kWith, K::kSchema})) {
      view.binding = ParseSchemaBinding();
    } else if (AcceptSequence({K::kWith, K::kMetrics})) {
      view.metric = true;
    } else if (Accept(K::kLanguage)) {
      ParseIdentifier("a language");
    } else if (!ParseTableClauseOnce(&view.clauses)) {
      break;
    }
  }
  if (view.clauses.provider.empty() || Is(K::kAs)) {
    Expect(K::kAs);
    if (view.metric) {
      if (!Is(T::kDollarString)) FailExpected("a body in $$ … $$");
      if (ok()) view.yaml = DecodeString(Text(Now()));
      Skip();
      return view;
    }
    view.query = ParseQuery();
  }
  return view;
}

CreateCatalog StatementParser::ParseCreateCatalog(const Modifiers& modifiers) {
  CreateCatalog catalog;
  catalog.mode = modifiers.mode;
  catalog.foreign = modifiers.foreign;
  AcceptIfNotExistsInto(&catalog.mode);
  catalog.name = ParseObjectName("a catalog");
  while (ok() && !IsStatementEnd()) {
    if (Accept(K::kUsing)) {
      catalog.using_kind = UpperText();
      if (!Accept(K::kShare) && !Accept(K::kConnection)) FailExpected("SHARE or CONNECTION");
      catalog.using_object = ParseObjectName();
    } else if (AcceptSequence({K::kManaged, K::kLocation})) {
      catalog.managed_location = ParseString("a path");
    } else if (Accept(K::kComment)) {
      catalog.comment = ParseString("a comment");
    } else if (AcceptSequence({K::kDefault, K::kCollation})) {
      catalog.default_collation = ParseIdentifier("a collation").text;
    } else if (Accept(K::kOptions)) {
      catalog.options = ParseProperties();
    } else {
      FailExpected("MANAGED LOCATION, COMMENT, OPTIONS or USING");
    }
  }
  return catalog;
}

CreateSchema StatementParser::ParseCreateSchema(const Modifiers& modifiers) {
  CreateSchema schema;
  schema.mode = modifiers.mode;
  AcceptIfNotExistsInto(&schema.mode);
  schema.name = ParseObjectName("a schema");
  while (ok() && !IsStatementEnd()) {
    if (AcceptSequence({K::kManaged, K::kLocation})) {
      schema.managed_location = ParseString("a path");
    } else if (Accept(K::kLocation)) {
      schema.location = ParseString("a path");
    } else if (Accept(K::kComment)) {
      schema.comment = ParseString("a comment");
    } else if (AcceptSequence({K::kDefault, K::kCollation})) {
      schema.default_collation = ParseIdentifier("a collation").text;
    } else if (AcceptSequence({K::kWith, K::kDbproperties}) ||
               AcceptSequence({K::kWith, K::kProperties})) {
      schema.properties = ParseProperties();
    } else {
      FailExpected("COMMENT, MANAGED LOCATION, LOCATION or WITH DBPROPERTIES");
    }
  }
  return schema;
}

CreateVolume StatementParser::ParseCreateVolume(const Modifiers& modifiers) {
  CreateVolume volume;
  volume.mode = modifiers.mode;
  volume.external = modifiers.external;
  AcceptIfNotExistsInto(&volume.mode);
  volume.name = ParseObjectName("a volume");
  while (ok() && !IsStatementEnd()) {
    if (Accept(K::kLocation)) {
      volume.location = ParseString("a path");
    } else if (Accept(K::kComment)) {
      volume.comment = ParseString("a comment");
    } else {
      FailExpected("LOCATION or COMMENT");
    }
  }
  return volume;
}

StatementNode StatementParser::ParseDrop() {
  Skip();
  Drop drop;
  drop.temporary = Accept(K::kTemporary) || Accept(K::kTemp);
  const std::string word = UpperText();
  // IF EXISTS stands between the kind and the name, so the kind is read word by word.
  static constexpr std::pair<K, ObjectKind> kKinds[] = {
      {K::kCatalog, ObjectKind::kCatalog},       {K::kSchema, ObjectKind::kSchema},
      {K::kDatabase, ObjectKind::kSchema},       {K::kNamespace, ObjectKind::kSchema},
      {K::kTable, ObjectKind::kTable},           {K::kView, ObjectKind::kView},
      {K::kVolume, ObjectKind::kVolume},         {K::kFunction, ObjectKind::kFunction},
      {K::kProcedure, ObjectKind::kProcedure},   {K::kVariable, ObjectKind::kVariable},
      {K::kConnection, ObjectKind::kConnection}, {K::kShare, ObjectKind::kShare},
      {K::kRecipient, ObjectKind::kRecipient},   {K::kProvider, ObjectKind::kProvider},
      {K::kModel, ObjectKind::kModel},           {K::kPolicy, ObjectKind::kPolicy},
      {K::kServer, ObjectKind::kServer},         {K::kCredential, ObjectKind::kServiceCredential},
  };
  bool found = false;
  if (AcceptSequence({K::kMaterialized, K::kView})) {
    drop.kind = ObjectKind::kMaterializedView;
    found = true;
  } else if (AcceptSequence({K::kStreaming, K::kTable})) {
    drop.kind = ObjectKind::kStreamingTable;
    found = true;
  } else if (AcceptSequence({K::kExternal, K::kLocation})) {
    drop.kind = ObjectKind::kExternalLocation;
    found = true;
  } else if (AcceptSequence({K::kStorage, K::kCredential})) {
    drop.kind = ObjectKind::kStorageCredential;
    found = true;
  } else if (AcceptSequence({K::kService, K::kCredential})) {
    drop.kind = ObjectKind::kServiceCredential;
    found = true;
  }
  for (const auto& [keyword, kind] : kKinds) {
    if (found || !Is(keyword)) continue;
    Skip();
    drop.kind = kind;
    found = true;
  }
  if (!found) {
    if (IsWord("INDEX") || IsWord("BLOOMFILTER") || Is(K::kRole) || Is(K::kGroup)) {
      return SkipStatement("DROP " + word);
    }
    FailExpected("TABLE, VIEW, SCHEMA, CATALOG, VOLUME, FUNCTION or another kind of object");
    return OtherStatement{};
  }
  drop.if_exists = AcceptIfExists();
  drop.name = drop.kind == ObjectKind::kTable ? ParseTableOrPath() : ParseObjectName();
  if (Accept(K::kCascade) || Accept(K::kForce)) {
    drop.cascade = true;
  } else {
    Accept(K::kRestrict);
  }
  drop.purge = Accept(K::kPurge);
  if (drop.kind == ObjectKind::kPolicy) return SkipStatement("DROP POLICY");
  return drop;
}

StatementNode StatementParser::ParseUndrop() {
  Skip();
  Undrop undrop;
  if (AcceptSequence({K::kMaterialized, K::kView})) {
    undrop.kind = ObjectKind::kMaterializedView;
  } else if (Accept(K::kTable)) {
    undrop.kind = ObjectKind::kTable;
  } else if (Accept(K::kView)) {
    undrop.kind = ObjectKind::kView;
  } else if (Accept(K::kSchema) || Accept(K::kDatabase)) {
    undrop.kind = ObjectKind::kSchema;
  } else if (Accept(K::kCatalog)) {
    undrop.kind = ObjectKind::kCatalog;
  } else if (Accept(K::kVolume)) {
    undrop.kind = ObjectKind::kVolume;
  } else {
    FailExpected("TABLE, VIEW, VOLUME, SCHEMA or CATALOG");
  }
  if (Is(K::kWith) && IsWord("ID", 1)) {
    Skip(2);
    undrop.id = ParseString("an id");
    return undrop;
  }
  undrop.name = ParseObjectName();
  return undrop;
}

}  // namespace tarn::sql
