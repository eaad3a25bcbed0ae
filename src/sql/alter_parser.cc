// ALTER.

#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

StatementNode StatementParser::ParseAlter() {
  Skip();
  Alter alter;
  const std::string word = UpperText();
  const std::optional<ObjectKind> kind = AcceptObjectKind();
  if (!kind) {
    if (Is(K::kRole) || Is(K::kGroup) || Is(K::kUser) || IsWord("METASTORE") || IsWord("INDEX")) {
      return SkipStatement("ALTER " + word);
    }
    FailExpected("TABLE, VIEW, SCHEMA, CATALOG, VOLUME, FUNCTION or another kind of object");
    return OtherStatement{};
  }
  switch (*kind) {
    case ObjectKind::kCatalog:
    case ObjectKind::kSchema:
    case ObjectKind::kTable:
    case ObjectKind::kView:
    case ObjectKind::kMaterializedView:
    case ObjectKind::kStreamingTable:
    case ObjectKind::kVolume:
    case ObjectKind::kFunction:
      break;
    default:
      return SkipStatement("ALTER " + std::string(ToSql(*kind)));
  }
  alter.kind = *kind;
  alter.name = *kind == ObjectKind::kTable ? ParseTableOrPath() : ParseObjectName();
  const SourceRange begin = Here();
  if (std::optional<AlterAction> action = ParseAlterAction(*kind)) {
    alter.action = *std::move(action);
  } else {
    FailExpected("an action of ALTER, as ADD, DROP, RENAME or SET");
  }
  alter.action_source = Since(begin);
  return alter;
}

AlterAction StatementParser::ParseOtherAction() {
  OtherAction action;
  action.name = UpperText();
  Skip();
  if (Is(T::kWord)) action.name += " " + UpperText();
  while (!IsStatementEnd()) Skip();
  return action;
}

std::optional<AlterAction> StatementParser::ParseAlterAction(ObjectKind kind) {
  switch (Now().keyword) {
    case K::kAdd:
      return ParseAlterAdd();
    case K::kDrop:
      return ParseAlterDrop();
    case K::kSet:
      return ParseAlterSet();
    case K::kUnset:
      return ParseAlterUnset();
    case K::kRename:
      return ParseAlterRename();
    case K::kAlter:
    case K::kChange:
      return ParseAlterColumns();
    case K::kReplace:
      Skip();
      Expect(K::kColumns);
      return ReplaceColumns{ParseColumnsWithPosition()};
    case K::kOwner:
      Skip();
      Expect(K::kTo);
      return SetOwner{ParseIdentifier("a principal")};
    case K::kCluster:
      Skip();
      Expect(K::kBy);
      return SetClusterBy{ParseClusterBy()};
    case K::kDefault: {
      Skip();
      Expect(K::kCollation);
      return SetDefaultCollation{ParseIdentifier("a collation").text};
    }
    case K::kWith:
      return SetSchemaBinding{ParseSchemaBinding()};
    case K::kRecover:
      Skip();
      Expect(K::kPartitions);
      return RecoverPartitions{};
    case K::kPartition: {
      RenamePartition rename;
      rename.from = ParsePartitionSpec();
      if (!Is(K::kRename)) return ParseOtherAction();
      ExpectSequence({K::kRename, K::kTo});
      rename.to = ParsePartitionSpec();
      return rename;
    }
    case K::kEnable:
    case K::kDisable:
    case K::kInherit: {
      std::string value = UpperText();
      Skip();
      ExpectSequence({K::kPredictive, K::kOptimization});
      return SetPredictiveOptimization{std::move(value)};
    }
    default:
      break;
  }
  if (kind == ObjectKind::kView || kind == ObjectKind::kMaterializedView) {
    if (Accept(K::kAs) || IsQueryHere()) return SetViewQuery{ParseQuery()};
  }
  if (IsStatementEnd()) return std::nullopt;
  return Is(T::kWord) ? std::optional<AlterAction>(ParseOtherAction()) : std::nullopt;
}

std::vector<ColumnDefinition> StatementParser::ParseColumnsWithPosition() {
  std::vector<ColumnDefinition> columns;
  const bool parenthesised = Accept(T::kLeftParen);
  do {
    columns.push_back(ParseColumnDefinition(true));
  } while (Accept(T::kComma));
  if (parenthesised && !Accept(T::kRightParen)) FailExpected("',' or ')'");
  return columns;
}

AlterAction StatementParser::ParseAlterAdd() {
  const Mark start = Save();
  Skip();
  if (Accept(K::kColumn) || Accept(K::kColumns)) {
    AddColumns add;
    add.if_not_exists = AcceptIfNotExists();
    add.columns = ParseColumnsWithPosition();
    return add;
  }
  const bool if_not_exists = AcceptIfNotExists();
  if (Is(K::kPartition)) {
    AddPartitions add;
    add.if_not_exists = if_not_exists;
    while (Is(K::kPartition)) {
      add.partitions.push_back(ParsePartitionSpec());
      if (Accept(K::kLocation)) ParseString("a path");
    }
    return add;
  }
  if (IsTableConstraint()) return AddConstraint{ParseConstraint()};
  if (Is(T::kLeftParen)) return AddColumns{if_not_exists, ParseColumnsWithPosition()};
  if (!ok()) return OtherAction{};
  GoTo(start);
  return ParseOtherAction();
}

AlterAction StatementParser::ParseAlterDrop() {
  const Mark start = Save();
  Skip();
  if (Accept(K::kColumn) || Accept(K::kColumns)) {
    DropColumns drop;
    drop.if_exists = AcceptIfExists();
    const bool parenthesised = Accept(T::kLeftParen);
    drop.columns = ParsePartsSequence();
    if (parenthesised) Expect(T::kRightParen);
    return drop;
  }
  if (Is(K::kConstraint) || Is(K::kPrimary) || Is(K::kForeign)) {
    DropConstraint drop;
    drop.primary_key = Is(K::kPrimary);
    drop.foreign_key = Is(K::kForeign);
    Skip();
    if (drop.primary_key || drop.foreign_key) Expect(K::kKey);
    drop.if_exists = AcceptIfExists();
    if (drop.foreign_key) {
      drop.columns = ParseIdentifierList();
    } else if (!drop.primary_key) {
      drop.name = ParseIdentifier("a constraint");
    }
    drop.cascade = Accept(K::kCascade);
    if (!drop.cascade) Accept(K::kRestrict);
    return drop;
  }
  if (Accept(K::kFeature)) {
    DropFeature drop;
    drop.feature = IsString() ? ParseString() : ParseIdentifier("a table feature").text;
    drop.truncate_history = AcceptSequence({K::kTruncate, K::kHistory});
    return drop;
  }
  if (AcceptSequence({K::kRow, K::kFilter})) return DropRowFilter{};
  DropPartitions drop;
  drop.if_exists = AcceptIfExists();
  if (Is(K::kPartition)) {
    do {
      drop.partitions.push_back(ParsePartitionSpec());
    } while (Accept(T::kComma));
    drop.purge = Accept(K::kPurge);
    return drop;
  }
  GoTo(start);
  return ParseOtherAction();
}

AlterAction StatementParser::ParseAlterSet() {
  const Mark start = Save();
  Skip();
  if (Accept(K::kTblproperties) || Accept(K::kDbproperties) || Accept(K::kProperties)) {
    return SetProperties{ParseProperties()};
  }
  if (Is(K::kTags) || IsWord("TAG")) return SetTags{ParseTags()};
  if (AcceptSequence({K::kOwner, K::kTo})) return SetOwner{ParseIdentifier("a principal")};
  if (AcceptSequence({K::kManaged, K::kLocation})) return SetManagedLocation{ParseString("a path")};
  if (Is(K::kLocation)) {
    Skip();
    return SetLocation{ParseString("a path")};
  }
  if (AcceptSequence({K::kRow, K::kFilter})) return SetRowFilter{ParseRowFilter()};
  if (AcceptSequence({K::kDefault, K::kCollation})) {
    return SetDefaultCollation{ParseIdentifier("a collation").text};
  }
  if (Accept(K::kComment)) {
    if (Accept(K::kNull)) return SetComment{};
    return SetComment{ParseString("a comment")};
  }
  GoTo(start);
  return ParseOtherAction();
}

std::vector<std::string> StatementParser::ParseTagKeys() {
  std::vector<std::string> keys;
  if (!Accept(K::kTags) && !AcceptWord("TAG")) FailExpected("TAGS");
  Expect(T::kLeftParen);
  do {
    keys.push_back(IsString() ? ParseString() : ParseIdentifier("a tag").text);
  } while (Accept(T::kComma));
  Expect(T::kRightParen);
  return keys;
}

AlterAction StatementParser::ParseAlterUnset() {
  const Mark start = Save();
  Skip();
  if (Accept(K::kTblproperties) || Accept(K::kDbproperties) || Accept(K::kProperties)) {
    UnsetProperties unset;
    unset.if_exists = AcceptIfExists();
    unset.properties = ParseProperties();
    return unset;
  }
  if (Is(K::kTags) || IsWord("TAG")) return UnsetTags{ParseTagKeys()};
  GoTo(start);
  return ParseOtherAction();
}

AlterAction StatementParser::ParseAlterRename() {
  Skip();
  if (Accept(K::kColumn)) {
    RenameColumn rename;
    rename.from = ParseParts("a column");
    Expect(K::kTo);
    rename.to = ParseIdentifier("a column's name");
    return rename;
  }
  Expect(K::kTo);
  return RenameTo{ParseObjectName()};
}

AlterAction StatementParser::ParseAlterColumns() {
  Skip();
  Accept(K::kColumn);
  AlterColumns alter;
  do {
    alter.changes.push_back(ParseColumnChange());
  } while (Accept(T::kComma));
  return alter;
}

ColumnChange StatementParser::ParseColumnChange() {
  ColumnChange change;
  const SourceRange begin = Here();
  change.column = ParseParts("a column");
  const auto type = [&] {
    change.type_source = Here();
    change.type = ParseType();
    change.type_source = Since(change.type_source);
  };
  if (Accept(K::kType)) {
    type();
  } else if (Is(K::kSet)) {
    ParseColumnSet(&change);
  } else if (Is(K::kDrop)) {
    ParseColumnDrop(&change);
  } else if (AcceptSequence({K::kSync, K::kIdentity})) {
    change.sync_identity = true;
  } else if (Is(K::kUnset)) {
    Skip();
    change.unset_tags = ParseTagKeys();
  } else if (!IsAnyOf({K::kComment, K::kFirst, K::kAfter})) {
    // CHANGE COLUMN a a INT: the old name, the new name and the type.
    const SourceRange where = Here();
    const Identifier name = ParseIdentifier("TYPE, COMMENT, SET, DROP, FIRST or AFTER");
    if (ok() && !SameName(name.text, change.column.back().text)) {
      FailAt(where, "a column is renamed by RENAME COLUMN");
    }
    if (ok()) type();
  }
  if (Accept(K::kComment)) {
    change.has_comment = true;
    if (!Accept(K::kNull)) change.comment = ParseString("a comment");
  }
  if (Accept(K::kFirst)) change.first = true;
  if (Accept(K::kAfter)) change.after = ParseIdentifier("a column");
  change.source = Since(begin);
  return change;
}

void StatementParser::ParseColumnSet(ColumnChange* change) {
  Skip();
  if (AcceptSequence({K::kNot, K::kNull})) {
    change->set_not_null = true;
  } else if (Accept(K::kDefault)) {
    change->set_default = ParseExpression();
  } else if (Accept(K::kMask)) {
    change->set_mask = ParseMask();
  } else if (Is(K::kTags) || IsWord("TAG")) {
    change->set_tags = ParseTags();
  } else {
    FailExpected("NOT NULL, DEFAULT, MASK or TAGS");
  }
}

void StatementParser::ParseColumnDrop(ColumnChange* change) {
  Skip();
  if (AcceptSequence({K::kNot, K::kNull})) {
    change->drop_not_null = true;
  } else if (Accept(K::kDefault)) {
    change->drop_default = true;
  } else if (Accept(K::kMask)) {
    change->drop_mask = true;
  } else {
    FailExpected("NOT NULL, DEFAULT or MASK");
  }
}

}  // namespace tarn::sql
