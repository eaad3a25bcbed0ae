#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "duck/function_registry.h"
#include "tarn/plan/node.h"

namespace tarn::engine::duck {

using DuckTable = duckdb::unique_ptr<duckdb::TableRef>;

/// Gives the lowering the table that a scan reads; its columns are named "c<id>" as the scan lists
/// them. A scan without columns may have any. Throws LoweringFailure.
class ScanSource {
 public:
  virtual ~ScanSource() = default;
  virtual DuckTable TableOf(LoweringContext& context, const plan::Node& node,
                            const plan::Scan& scan) = 0;
  /// The number under which the check's rows are counted.
  virtual size_t NumberOf(const plan::Check& check) = 0;
};

/// "c7": the name of a column of the plan in DuckDB.
std::string ColumnName(plan::ColumnId id);

/// Where a part of the user's text stands, by the offset that DuckDB carries as query location.
using SourceMap = std::unordered_map<uint32_t, SourceRange>;

/// Makes DuckDB's statement of a plan. For one query; not thread-safe. The methods throw
/// LoweringFailure.
class Lowering final : public LoweringContext {
 public:
  Lowering(const FunctionRegistry& registry, const ExecutionSettings& settings, ScanSource& scans)
      : registry_(registry), settings_(settings), scans_(scans) {}

  /// The statement's columns are the root's, in order, with the types of ToDuckType.
  duckdb::unique_ptr<duckdb::SelectStatement> LowerQuery(const plan::Node& root);
  const SourceMap& positions() const { return positions_; }

  // LoweringContext
  const ExecutionSettings& settings() const override { return settings_; }
  DuckExpr Lower(const plan::Expr& expr) override;
  DuckExpr Cast(DuckExpr input, const DataType& from, const DataType& to,
                plan::CastMode mode) override;
  DuckExpr Aggregate(std::string name, DuckArgs args, const plan::Call& call,
                     DuckExpr filter) override;

 private:
  /// How far a SELECT is filled: a node of the plan merges into it if it comes later in SQL's
  /// order.
  enum class Stage : uint8_t { kFrom, kWhere, kProject, kDistinct, kOrder, kLimit };

  /// A SELECT in the making.
  struct Block {
    duckdb::unique_ptr<duckdb::SelectNode> select;
    Stage stage = Stage::kFrom;
    std::vector<plan::ColumnId> columns;  // what it produces, in order
  };

  Block LowerNode(const plan::Node& node);
  Block LowerKind(const plan::Node& node, const plan::Scan& scan);
  Block LowerKind(const plan::Node& node, const plan::Values& values);
  Block LowerKind(const plan::Node& node, const plan::Project& project);
  Block LowerKind(const plan::Node& node, const plan::Filter& filter);
  Block LowerKind(const plan::Node& node, const plan::Join& join);
  Block LowerKind(const plan::Node& node, const plan::Aggregate& aggregate);
  Block LowerKind(const plan::Node& node, const plan::Window& window);
  Block LowerKind(const plan::Node& node, const plan::Sort& sort);
  Block LowerKind(const plan::Node& node, const plan::Limit& limit);
  Block LowerKind(const plan::Node& node, const plan::Distinct& distinct);
  Block LowerKind(const plan::Node& node, const plan::SetOperation& operation);
  Block LowerKind(const plan::Node& node, const plan::Generate& generate);
  Block LowerKind(const plan::Node& node, const plan::Sample& sample);
  Block LowerKind(const plan::Node& node, const plan::Check& check);
  Block LowerKind(const plan::Node& node, const plan::With& with);
  Block LowerKind(const plan::Node& node, const plan::CteScan& scan);

  Block FromTable(DuckTable table, const plan::Node& node);
  Block Wrap(Block block);
  /// The input's block, wrapped if it is filled beyond `last`.
  Block InputUpTo(const plan::Node& input, Stage last);
  duckdb::unique_ptr<duckdb::QueryNode> Finish(Block block);
  duckdb::unique_ptr<duckdb::SelectStatement> FinishStatement(Block block);
  DuckTable ToTable(Block block);
  void AddColumn(Block& block, DuckExpr expr, plan::ColumnId id);
  void SelectColumns(Block& block, const std::vector<plan::ColumnId>& columns);
  std::string NextAlias() { return "t" + std::to_string(next_alias_++); }
  Block ComputeKeys(const plan::Aggregate& aggregate);
  void AddGroupingId(Block& block, plan::ColumnId id);
  /// The SELECT of a range's numbers in place of `generate`'s input, which is a single row.
  Block LowerRange(const plan::Generate& generate);
  duckdb::unique_ptr<duckdb::QueryNode> LowerRecursive(const plan::With::Definition& definition);
  void AddSteps(Block& block, DuckExpr level, DuckExpr rows);
  DuckArgs GeneratorLists(const plan::Call& call, size_t produced, bool& structs);

  DuckExpr LowerKind(const plan::Expr& expr, const plan::Literal& literal);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::ColumnRef& column);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::Call& call);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::Cast& cast);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::Case& branches);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::FieldAccess& access);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::Lambda& lambda);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::Subquery& subquery);
  DuckExpr LowerKind(const plan::Expr& expr, const plan::WindowCall& window);

  DuckExpr RankingWindow(const plan::Expr& expr, const plan::WindowCall& window,
                         duckdb::ExpressionType type);
  void FillWindow(duckdb::WindowExpression& result, const plan::WindowCall& window);
  DuckExpr FrameOffset(const plan::FrameBound& bound, const plan::WindowCall& window);
  duckdb::vector<duckdb::OrderByNode> LowerKeys(const std::vector<plan::SortKey>& keys);
  DuckExpr LowerIn(const plan::Subquery& subquery, bool negated, bool is_condition);
  /// A condition of WHERE: only whether it is true matters.
  DuckExpr LowerCondition(const plan::Expr& expr);

  const FunctionRegistry& registry_;
  const ExecutionSettings& settings_;
  ScanSource& scans_;
  SourceMap positions_;
  // Set while the template of an aggregate runs for a window call.
  const plan::WindowCall* window_ = nullptr;
  uint32_t next_alias_ = 0;
};

/// Operators that are parts of DuckDB's own language: comparisons, logic, IN, NULL tests, COALESCE.
void RegisterOperators(FunctionRegistry& registry);

}  // namespace tarn::engine::duck
