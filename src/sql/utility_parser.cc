// The upkeep of tables, files and caches.

#include <charconv>
#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using K = Keyword;
using T = TokenKind;

}  // namespace

Optimize StatementParser::ParseOptimize() {
  Optimize optimize;
  Skip();
  optimize.table = ParseTableOrPath();
  optimize.full = Accept(K::kFull);
  if (Accept(K::kWhere)) optimize.where = ParseExpression();
  if (AcceptSequence({K::kZorder, K::kBy})) {
    const bool parenthesised = Accept(T::kLeftParen);
    optimize.zorder_by = ParsePartsSequence();
    if (parenthesised) Expect(T::kRightParen);
  }
  return optimize;
}

Vacuum StatementParser::ParseVacuum() {
  Vacuum vacuum;
  Skip();
  if (Is(K::kTable) && IsIdentifier(1)) Skip();
  vacuum.table = ParseTableOrPath();
  while (ok() && !IsStatementEnd()) {
    if (Accept(K::kFull)) {
      vacuum.full = true;
    } else if (Accept(K::kLite)) {
      vacuum.lite = true;
    } else if (Accept(K::kRetain)) {
      vacuum.retain_hours = ParsePrimary();
      if (!Accept(K::kHours)) Expect(K::kHour);
    } else if (AcceptSequence({K::kDry, K::kRun})) {
      vacuum.dry_run = true;
    } else {
      FailExpected("FULL, LITE, RETAIN n HOURS or DRY RUN");
    }
  }
  return vacuum;
}

Restore StatementParser::ParseRestore() {
  Restore restore;
  Skip();
  if (Is(K::kTable) && (IsIdentifier(1) || IsString(1))) Skip();
  restore.table = ParseTableOrPath();
  if (IsAtTimeTravel()) {
    restore.to = ParseAtTimeTravel();
    return restore;
  }
  Accept(K::kTo);
  if (!IsTimeTravel()) {
    FailExpected("VERSION AS OF or TIMESTAMP AS OF");
    return restore;
  }
  restore.to = ParseTimeTravel();
  return restore;
}

StatementNode StatementParser::ParseAnalyze() {
  Analyze analyze;
  Skip();
  if (Accept(K::kTables)) {
    analyze.all_tables = true;
    if (Accept(K::kFrom) || Accept(K::kIn)) analyze.table = ParseObjectName("a schema");
  } else {
    Expect(K::kTable);
    analyze.table = ParseTableOrPath();
    if (Is(K::kPartition)) analyze.partition = ParsePartitionSpec();
  }
  Expect(K::kCompute);
  if (Is(K::kStorage)) return SkipStatement("ANALYZE TABLE … COMPUTE STORAGE METRICS");
  analyze.delta_statistics = Accept(K::kDelta);
  Expect(K::kStatistics);
  if (Accept(K::kNoscan)) {
    analyze.no_scan = true;
  } else if (Accept(K::kFor)) {
    if (Accept(K::kAll)) {
      Expect(K::kColumns);
      analyze.all_columns = true;
    } else {
      Expect(K::kColumns);
      const bool parenthesised = Accept(T::kLeftParen);
      analyze.columns = ParsePartsSequence();
      if (parenthesised) Expect(T::kRightParen);
    }
  }
  return analyze;
}

std::optional<int> StatementParser::ParseUpgradeUniform(uint32_t close) {
  const bool upgrades = AcceptWord("UPGRADE") && AcceptWord("UNIFORM") && Accept(T::kLeftParen) &&
                        AcceptWord("ICEBERG_COMPAT_VERSION") && Accept(T::kEqual) &&
                        Is(T::kInteger);
  if (!upgrades) return std::nullopt;
  const std::string_view digits = Text(Now());
  int version = 0;
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), version);
  Skip();
  const bool whole = failure == std::errc() && Accept(T::kRightParen) && at() == close;
  return whole ? std::optional(version) : std::nullopt;
}

Reorg StatementParser::ParseReorg() {
  Reorg reorg;
  Skip();
  Expect(K::kTable);
  reorg.table = ParseTableOrPath();
  if (Accept(K::kWhere)) reorg.where = ParseExpression();
  Expect(K::kApply);
  const uint32_t close = Is(T::kLeftParen) ? Now().match : 0;
  Expect(T::kLeftParen);
  const SourceRange begin = Here();
  if (ok()) {
    const Mark start = Save();
    reorg.iceberg_compat_version = ParseUpgradeUniform(close);
    GoTo(start);
  }
  if (ok() && at() >= close) FailExpected("PURGE or UPGRADE UNIFORM");
  while (ok() && !AtEnd() && at() < close) Skip();
  const SourceRange range = Since(begin);
  reorg.apply = std::string(text().substr(range.begin, range.end - range.begin));
  Expect(T::kRightParen);
  return reorg;
}

Fsck StatementParser::ParseFsck() {
  Fsck fsck;
  Skip();
  ExpectSequence({K::kRepair, K::kTable});
  fsck.table = ParseTableOrPath();
  if (AcceptSequence({K::kMetadata, K::kOnly})) fsck.metadata_only = true;
  if (AcceptSequence({K::kDry, K::kRun})) fsck.dry_run = true;
  return fsck;
}

ConvertToDelta StatementParser::ParseConvert() {
  ConvertToDelta convert;
  Skip();
  ExpectSequence({K::kTo, K::kDelta});
  convert.table = ParseTableOrPath();
  convert.no_statistics = AcceptSequence({K::kNo, K::kStatistics});
  if (AcceptSequence({K::kPartitioned, K::kBy})) convert.partitioned_by = ParsePartitionFields();
  return convert;
}

Refresh StatementParser::ParseRefresh() {
  Refresh refresh;
  Skip();
  if (IsString()) {
    refresh.path = ParseString();
    return refresh;
  }
  if (Is(K::kForeign) && IsIdentifier(1)) {
    Skip();
    refresh.foreign = true;
  }
  refresh.kind = AcceptObjectKind().value_or(ObjectKind::kTable);
  refresh.name = ParseTableOrPath();
  while (ok() && !IsStatementEnd()) {
    if (Accept(K::kFull)) {
      refresh.full = true;
    } else if (Accept(K::kAsync)) {
      refresh.async = true;
    } else if (!Accept(K::kSync)) {
      FailExpected("FULL, SYNC or ASYNC");
    }
  }
  return refresh;
}

StatementNode StatementParser::ParseCache() {
  if (Is(K::kClear)) {
    Skip();
    Expect(K::kCache);
    return ClearCache{};
  }
  if (Is(K::kUncache)) {
    Skip();
    Expect(K::kTable);
    UncacheTable uncache;
    uncache.if_exists = AcceptIfExists();
    uncache.name = ParseTableOrPath();
    return uncache;
  }
  Skip();
  if (Is(K::kSelect)) return CacheSelect{ParseQuery()};
  CacheTable cache;
  cache.lazy = Accept(K::kLazy);
  Expect(K::kTable);
  cache.name = ParseTableOrPath();
  if (Accept(K::kOptions)) cache.options = ParseProperties();
  if (Accept(K::kAs) || IsQueryHere()) cache.query = ParseQuery();
  return cache;
}

Truncate StatementParser::ParseTruncate() {
  Truncate truncate;
  Skip();
  Expect(K::kTable);
  truncate.table = ParseTableOrPath();
  if (Is(K::kPartition)) truncate.partition = ParsePartitionSpec();
  return truncate;
}

RepairTable StatementParser::ParseRepair() {
  RepairTable repair;
  if (Accept(K::kMsck) && !Is(K::kRepair)) FailExpected("REPAIR");
  Skip();
  Expect(K::kTable);
  repair.table = ParseTableOrPath();
  if (IsAnyOf({K::kAdd, K::kDrop, K::kSync})) {
    repair.mode = UpperText();
    Skip();
    repair.mode += Is(K::kMetadata) ? " METADATA" : " PARTITIONS";
    if (!Accept(K::kMetadata)) Expect(K::kPartitions);
  }
  return repair;
}

CommentOn StatementParser::ParseCommentOn() {
  CommentOn comment;
  Skip();
  Expect(K::kOn);
  if (const std::optional<ObjectKind> kind = AcceptObjectKind()) {
    comment.kind = *kind;
  } else {
    FailExpected("TABLE, VIEW, SCHEMA, CATALOG, VOLUME, FUNCTION or COLUMN");
  }
  comment.name = comment.kind == ObjectKind::kTable ? ParseTableOrPath() : ParseObjectName();
  Expect(K::kIs);
  if (!Accept(K::kNull)) comment.comment = ParseString("a comment or NULL");
  return comment;
}

FileCommand StatementParser::ParseFileCommand(FileCommandKind kind) {
  FileCommand command;
  command.kind = kind;
  Skip();
  switch (kind) {
    case FileCommandKind::kPut:
      command.local = ParseString("a local path");
      Expect(K::kInto);
      command.path = ParseString("a path in a volume");
      command.overwrite = Accept(K::kOverwrite);
      break;
    case FileCommandKind::kGet:
      command.path = ParseString("a path in a volume");
      Expect(K::kTo);
      command.local = ParseString("a local path");
      break;
    default:
      command.path = ParseString("a path");
      if (Accept(K::kWith)) {
        Expect(T::kLeftParen);
        Expect(K::kCredential);
        ParseIdentifier("a credential");
        Expect(T::kRightParen);
      }
      if (Accept(K::kLimit)) command.limit = ParseInteger();
      break;
  }
  return command;
}

Call StatementParser::ParseCall() {
  Call call;
  Skip();
  call.procedure = ParseObjectName("a procedure");
  call.args = ParseArguments();
  return call;
}

}  // namespace tarn::sql
