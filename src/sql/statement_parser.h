#pragma once

#include <optional>
#include <string>
#include <vector>

#include "definition_parser.h"

namespace tarn::sql {

/// Reads statements of every kind. One parser reads one text.
class StatementParser : public DefinitionParser {
 public:
  using DefinitionParser::DefinitionParser;

  Statement ParseStatement();
  /// One statement, semicolons, and the end.
  Statement ParseWholeStatement();
  std::vector<Identifier> ParseWholeName();

 private:
  StatementNode ParseNode();
  StatementNode ParseUtility();
  StatementPtr ParseStatementPtr();
  /// Takes everything up to the statement's end.
  OtherStatement SkipStatement(std::string name);
  /// Takes everything up to the statement's end; its text.
  std::string ParseRest();
  bool IsStatementEnd() const;

  // Queries and DML.
  StatementNode ParseWithStatement();
  QueryStatement ParseQueryStatement();
  Explain ParseExplain();
  StatementNode ParseInsert(std::vector<CommonTable> with, bool recursive);
  void ParseInsertTarget(Insert* insert);
  Delete ParseDelete(std::vector<CommonTable> with);
  Update ParseUpdate(std::vector<CommonTable> with);
  Merge ParseMerge(std::vector<CommonTable> with);
  MergeClause ParseMergeClause();
  void ParseMergeAction(MergeClause* clause);
  CopyInto ParseCopyInto();
  void ParseCopySource(CopyInto* copy);
  void ParseCopyOptions(CopyInto* copy);

  // DDL.
  struct Modifiers {
    CreateMode mode = CreateMode::kCreate;
    bool is_private = false;
    bool temporary = false;
    bool global = false;
    bool external = false;
    bool streaming = false;
    bool materialized = false;
    bool live = false;
    bool foreign = false;
  };
  StatementNode ParseCreate();
  StatementNode ParseReplace();
  Modifiers ParseModifiers();
  void AcceptIfNotExistsInto(CreateMode* mode);
  CreateTable ParseCreateTable(const Modifiers& modifiers);
  CloneSource ParseClone();
  CreateView ParseCreateView(const Modifiers& modifiers);
  SchemaBinding ParseSchemaBinding();
  CreateCatalog ParseCreateCatalog(const Modifiers& modifiers);
  CreateSchema ParseCreateSchema(const Modifiers& modifiers);
  CreateVolume ParseCreateVolume(const Modifiers& modifiers);
  CreateFunction ParseCreateFunction(const Modifiers& modifiers);
  std::vector<RoutineParameter> ParseRoutineParameters();
  bool ParseRoutineCharacteristic(CreateFunction* function);
  void ParseRoutineBody(CreateFunction* function);
  bool in_flow_ = false;  ///< INSERT INTO may be followed by ONCE
  CreateFlow ParseCreateFlow();
  AutoCdc ParseAutoCdc();
  bool ParseAutoCdcClause(AutoCdc* cdc);
  void ParseColumnSelection(bool* all_except, std::vector<std::vector<Identifier>>* columns);
  StatementNode ParseDrop();
  StatementNode ParseUndrop();

  StatementNode ParseAlter();
  std::optional<AlterAction> ParseAlterAction(ObjectKind kind);
  AlterAction ParseAlterAdd();
  AlterAction ParseAlterDrop();
  AlterAction ParseAlterSet();
  AlterAction ParseAlterUnset();
  AlterAction ParseAlterRename();
  AlterAction ParseAlterColumns();
  ColumnChange ParseColumnChange();
  void ParseColumnSet(ColumnChange* change);
  void ParseColumnDrop(ColumnChange* change);
  std::vector<ColumnDefinition> ParseColumnsWithPosition();
  std::vector<std::string> ParseTagKeys();
  AlterAction ParseOtherAction();

  // Looking at things.
  StatementNode ParseShow();
  Show ParseShowTables();
  Show ParseShowGrants();
  Show ParseShowFunctions();
  StatementNode ParseShowOfObject();
  void ParseShowTail(Show* show);
  Describe ParseDescribe();
  Describe ParseDescribeFunction();
  Describe ParseDescribeTable();
  Describe ParseDescribeDelta();

  // The session and utilities.
  Use ParseUse();
  StatementNode ParseSet();
  SetVariable ParseSetVariable();
  SetConfiguration ParseSetConfiguration();
  ResetConfiguration ParseReset();
  StatementNode ParseDeclare();
  ExecuteImmediate ParseExecuteImmediate();
  Optimize ParseOptimize();
  Vacuum ParseVacuum();
  Restore ParseRestore();
  StatementNode ParseAnalyze();
  Reorg ParseReorg();
  /// The n of UPGRADE UNIFORM (ICEBERG_COMPAT_VERSION = n), if that is all up to the token `close`.
  std::optional<int> ParseUpgradeUniform(uint32_t close);
  Fsck ParseFsck();
  ConvertToDelta ParseConvert();
  Refresh ParseRefresh();
  StatementNode ParseCache();
  Truncate ParseTruncate();
  RepairTable ParseRepair();
  CommentOn ParseCommentOn();
  StatementNode ParseGrant();
  FileCommand ParseFileCommand(FileCommandKind kind);
  Call ParseCall();

  // Scripts.
  StatementNode ParseBegin();
  EndTransaction ParseEndTransaction();
  /// TRANSACTION or WORK, which say nothing.
  void AcceptTransactionWord();
  bool IsLabel() const;
  StatementNode ParseLabelled();
  CompoundStatement ParseCompound(Identifier label);
  void ParseCompoundDeclaration(CompoundStatement* compound);
  StatementBlock ParseBlock();
  bool IsBlockEnd() const;
  void AcceptEndLabel(const Identifier& label);
  IfStatement ParseIf();
  CaseStatement ParseCaseStatement();
  WhileStatement ParseWhile(Identifier label);
  RepeatStatement ParseRepeat(Identifier label);
  LoopStatement ParseLoop(Identifier label);
  ForStatement ParseFor(Identifier label);
  SignalStatement ParseSignal();
  ReturnStatement ParseReturn();

  int block_depth_ = 0;
};

}  // namespace tarn::sql
