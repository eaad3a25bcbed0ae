#include <string>
#include <string_view>

#include "tarn/sql/ast.h"
#include "tarn/types/data_type.h"

namespace tarn::sql {

std::string_view ToSql(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kCatalog:
      return "CATALOG";
    case ObjectKind::kSchema:
      return "SCHEMA";
    case ObjectKind::kTable:
      return "TABLE";
    case ObjectKind::kView:
      return "VIEW";
    case ObjectKind::kMaterializedView:
      return "MATERIALIZED VIEW";
    case ObjectKind::kStreamingTable:
      return "STREAMING TABLE";
    case ObjectKind::kVolume:
      return "VOLUME";
    case ObjectKind::kFunction:
      return "FUNCTION";
    case ObjectKind::kProcedure:
      return "PROCEDURE";
    case ObjectKind::kVariable:
      return "VARIABLE";
    case ObjectKind::kColumn:
      return "COLUMN";
    case ObjectKind::kConnection:
      return "CONNECTION";
    case ObjectKind::kExternalLocation:
      return "EXTERNAL LOCATION";
    case ObjectKind::kStorageCredential:
      return "STORAGE CREDENTIAL";
    case ObjectKind::kServiceCredential:
      return "SERVICE CREDENTIAL";
    case ObjectKind::kShare:
      return "SHARE";
    case ObjectKind::kRecipient:
      return "RECIPIENT";
    case ObjectKind::kProvider:
      return "PROVIDER";
    case ObjectKind::kModel:
      return "MODEL";
    case ObjectKind::kPolicy:
      return "POLICY";
    case ObjectKind::kServer:
      return "SERVER";
    case ObjectKind::kMetastore:
      return "METASTORE";
    case ObjectKind::kAnyFile:
      return "ANY FILE";
    case ObjectKind::kUnspecified:
      return "";
  }
  return "";
}

namespace {

std::string_view SelectName(const Query& query) {
  if (!query.body) return "SELECT";
  if (query.body->As<InlineTable>()) return "VALUES";
  if (query.body->As<TableBody>()) return "TABLE";
  return "SELECT";
}

std::string_view ShowName(const Show& show) {
  static constexpr std::string_view kNames[] = {"SHOW CATALOGS",
                                                "SHOW SCHEMAS",
                                                "SHOW TABLES",
                                                "SHOW TABLE EXTENDED",
                                                "SHOW TABLES DROPPED",
                                                "SHOW VIEWS",
                                                "SHOW COLUMNS",
                                                "SHOW PARTITIONS",
                                                "SHOW FUNCTIONS",
                                                "SHOW VOLUMES",
                                                "SHOW CREATE TABLE",
                                                "SHOW TBLPROPERTIES",
                                                "SHOW CURRENT SCHEMA",
                                                "SHOW GRANTS",
                                                "SHOW CONNECTIONS",
                                                "SHOW CREDENTIALS",
                                                "SHOW EXTERNAL LOCATIONS",
                                                "SHOW SHARES",
                                                "SHOW RECIPIENTS",
                                                "SHOW PROVIDERS",
                                                "SHOW USERS",
                                                "SHOW GROUPS",
                                                "SHOW POLICIES",
                                                "SHOW PROCEDURES",
                                                "SHOW VARIABLES",
                                                "SHOW"};
  return kNames[static_cast<size_t>(show.kind)];
}

std::string_view DescribeName(const Describe& describe) {
  static constexpr std::string_view kNames[] = {"DESCRIBE TABLE",
                                                "DESCRIBE HISTORY",
                                                "DESCRIBE DETAIL",
                                                "DESCRIBE QUERY",
                                                "DESCRIBE CATALOG",
                                                "DESCRIBE SCHEMA",
                                                "DESCRIBE FUNCTION",
                                                "DESCRIBE VOLUME",
                                                "DESCRIBE CONNECTION",
                                                "DESCRIBE CREDENTIAL",
                                                "DESCRIBE EXTERNAL LOCATION",
                                                "DESCRIBE SHARE",
                                                "DESCRIBE RECIPIENT",
                                                "DESCRIBE PROVIDER",
                                                "DESCRIBE POLICY",
                                                "DESCRIBE PROCEDURE"};
  return kNames[static_cast<size_t>(describe.kind)];
}

std::string CreateName(CreateMode mode, std::string_view kind) {
  return (mode == CreateMode::kReplace ? "REPLACE " : "CREATE ") + std::string(kind);
}

struct Namer {
  std::string operator()(const QueryStatement& n) const {
    return std::string(SelectName(*n.query));
  }
  std::string operator()(const Explain&) const { return "EXPLAIN"; }
  std::string operator()(const Insert& n) const {
    return n.mode == InsertMode::kOverwrite ? "INSERT OVERWRITE" : "INSERT";
  }
  std::string operator()(const Delete&) const { return "DELETE"; }
  std::string operator()(const Update&) const { return "UPDATE"; }
  std::string operator()(const Merge&) const { return "MERGE"; }
  std::string operator()(const CopyInto&) const { return "COPY INTO"; }
  std::string operator()(const CreateTable& n) const { return CreateName(n.mode, ToSql(n.kind)); }
  std::string operator()(const CreateView& n) const { return CreateName(n.mode, ToSql(n.kind)); }
  std::string operator()(const CreateCatalog& n) const {
    return n.foreign ? "CREATE FOREIGN CATALOG" : "CREATE CATALOG";
  }
  std::string operator()(const CreateSchema&) const { return "CREATE SCHEMA"; }
  std::string operator()(const CreateVolume&) const { return "CREATE VOLUME"; }
  std::string operator()(const CreateFunction& n) const {
    return n.is_procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
  }
  std::string operator()(const Drop& n) const { return "DROP " + std::string(ToSql(n.kind)); }
  std::string operator()(const Undrop& n) const { return "UNDROP " + std::string(ToSql(n.kind)); }
  std::string operator()(const Alter& n) const { return "ALTER " + std::string(ToSql(n.kind)); }
  std::string operator()(const Show& n) const { return std::string(ShowName(n)); }
  std::string operator()(const Describe& n) const { return std::string(DescribeName(n)); }
  std::string operator()(const Use& n) const {
    return n.kind == ObjectKind::kCatalog ? "USE CATALOG" : "USE SCHEMA";
  }
  std::string operator()(const SetConfiguration&) const { return "SET"; }
  std::string operator()(const SetTimeZone&) const { return "SET TIME ZONE"; }
  std::string operator()(const SetVariable&) const { return "SET VARIABLE"; }
  std::string operator()(const ResetConfiguration&) const { return "RESET"; }
  std::string operator()(const DeclareVariable&) const { return "DECLARE VARIABLE"; }
  std::string operator()(const ExecuteImmediate&) const { return "EXECUTE IMMEDIATE"; }
  std::string operator()(const Optimize&) const { return "OPTIMIZE"; }
  std::string operator()(const Vacuum&) const { return "VACUUM"; }
  std::string operator()(const Restore&) const { return "RESTORE"; }
  std::string operator()(const Analyze&) const { return "ANALYZE TABLE"; }
  std::string operator()(const Reorg&) const { return "REORG TABLE"; }
  std::string operator()(const Fsck&) const { return "FSCK REPAIR TABLE"; }
  std::string operator()(const ConvertToDelta&) const { return "CONVERT TO DELTA"; }
  std::string operator()(const Refresh& n) const { return "REFRESH " + std::string(ToSql(n.kind)); }
  std::string operator()(const CacheTable&) const { return "CACHE TABLE"; }
  std::string operator()(const CacheSelect&) const { return "CACHE SELECT"; }
  std::string operator()(const UncacheTable&) const { return "UNCACHE TABLE"; }
  std::string operator()(const ClearCache&) const { return "CLEAR CACHE"; }
  std::string operator()(const Truncate&) const { return "TRUNCATE TABLE"; }
  std::string operator()(const RepairTable&) const { return "REPAIR TABLE"; }
  std::string operator()(const CommentOn&) const { return "COMMENT ON"; }
  std::string operator()(const Grant& n) const {
    return n.kind == GrantKind::kGrant ? "GRANT" : n.kind == GrantKind::kRevoke ? "REVOKE" : "DENY";
  }
  std::string operator()(const FileCommand& n) const {
    static constexpr const char* kNames[] = {"LIST", "PUT", "GET", "REMOVE"};
    return kNames[static_cast<size_t>(n.kind)];
  }
  std::string operator()(const Call&) const { return "CALL"; }
  std::string operator()(const AutoCdc&) const { return "AUTO CDC INTO"; }
  std::string operator()(const CreateFlow&) const { return "CREATE FLOW"; }
  std::string operator()(const CompoundStatement& n) const {
    return n.atomic ? "BEGIN ATOMIC" : "BEGIN END";
  }
  std::string operator()(const BeginTransaction&) const { return "BEGIN TRANSACTION"; }
  std::string operator()(const EndTransaction& n) const { return n.commit ? "COMMIT" : "ROLLBACK"; }
  std::string operator()(const IfStatement&) const { return "IF"; }
  std::string operator()(const CaseStatement&) const { return "CASE"; }
  std::string operator()(const WhileStatement&) const { return "WHILE"; }
  std::string operator()(const RepeatStatement&) const { return "REPEAT"; }
  std::string operator()(const LoopStatement&) const { return "LOOP"; }
  std::string operator()(const ForStatement&) const { return "FOR"; }
  std::string operator()(const LeaveStatement& n) const { return n.iterate ? "ITERATE" : "LEAVE"; }
  std::string operator()(const SignalStatement& n) const { return n.verb; }
  std::string operator()(const ReturnStatement&) const { return "RETURN"; }
  std::string operator()(const OtherStatement& n) const { return n.name; }
};

}  // namespace

std::string StatementName(const Statement& statement) {
  return std::visit(Namer(), statement.node);
}

}  // namespace tarn::sql
