#include <functional>

#include "query_analyzer.h"
#include "tarn/plan/coercion.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

/// Uses of a common table in a tree, subqueries included.
void FindUses(plan::Node& node, plan::CteId id, std::vector<plan::Node*>& uses) {
  if (const auto* scan = node.As<plan::CteScan>(); scan && scan->cte == id) uses.push_back(&node);
  const std::function<void(ExprPtr&)> look = [&](ExprPtr& expr) {
    if (auto* subquery = expr->As<plan::Subquery>()) FindUses(*subquery->query, id, uses);
    ForEachChild(*expr, look);
  };
  ForEachNodeExpr(node, look);
  ForEachInput(node, [&](NodePtr& input) { FindUses(*input, id, uses); });
}

constexpr int64_t kRecursionLimit = 100;

/// Whether a relation of the body names the table itself (not inside nested expressions).
bool SplitRecursion(const sql::QueryBody& body, const sql::QueryBody** anchor,
                    const sql::QueryBody** step, bool* all) {
  const sql::QueryBody* current = &body;
  while (const auto* inner = current->As<sql::ParenthesizedBody>()) {
    current = inner->query->body.get();
  }
  const auto* operation = current->As<sql::SetOperation>();
  if (!operation || operation->op != sql::SetOperator::kUnion) return false;
  *anchor = operation->left.get();
  *step = operation->right.get();
  *all = operation->all;
  return true;
}

/// What Spark takes as the recursive part of a table.
Status CheckStep(const plan::Node& start, const plan::Node& step, bool all,
                 const SourceRange& source) {
  if (!all) return Error(Condition("UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE")).WithPosition(source);
  if (step.columns.size() == start.columns.size()) return {};
  return Error(Condition("NUM_COLUMNS_MISMATCH"),
               {{"operator", "UNION"},
                {"firstNumColumns", std::to_string(start.columns.size())},
                {"invalidOrdinalNum", "second"},
                {"invalidNumColumns", std::to_string(step.columns.size())}})
      .WithPosition(source);
}

}  // namespace

Result<std::vector<plan::With::Definition>> QueryAnalyzer::DefineCommonTables(
    const sql::Query& query, const Scope* outer, const Environment& env, CommonTables& tables) {
  std::vector<plan::With::Definition> definitions;
  Environment inner = env;
  inner.common_tables = &tables;
  for (const sql::CommonTable& table : query.with) {
    for (const CommonTable& known : tables.entries) {
      if (SameName(known.name, table.name.text)) {
        return Error(Condition("DUPLICATED_CTE_NAMES"),
                     {{"duplicateNames", QuoteIdentifier(table.name.text)}})
            .WithPosition(table.name.source);
      }
    }
    plan::With::Definition definition;
    definition.id = static_cast<plan::CteId>(next_cte_++);
    definition.name = table.name.text;
    definition.recursion_limit = table.max_recursion.value_or(kRecursionLimit);
    const auto rename = [&](Source& source) -> Status {
      if (table.columns.empty()) return Status();
      if (table.columns.size() != source.node->columns.size()) {
        return Error(Condition("ASSIGNMENT_ARITY_MISMATCH"),
                     {{"numExpr", std::to_string(source.node->columns.size())},
                      {"numTarget", std::to_string(table.columns.size())}})
            .WithPosition(table.source);
      }
      return Status();
    };
    const auto entry_for = [&](const plan::Node& node) {
      CommonTable entry;
      entry.name = table.name.text;
      entry.id = definition.id;
      entry.columns = node.columns;
      for (size_t i = 0; i < table.columns.size(); ++i) {
        entry.columns[i].name = table.columns[i].text;
      }
      return entry;
    };
    const sql::QueryBody* anchor = nullptr;
    const sql::QueryBody* step = nullptr;
    bool all = true;
    if (query.recursive && table.query->with.empty() &&
        SplitRecursion(*table.query->body, &anchor, &step, &all)) {
      TARN_ASSIGN(Source start, AnalyzeBody(*anchor, outer, inner));
      TARN_TRY(rename(start));
      // Every column may become NULL in a later step.
      for (plan::OutputColumn& column : start.node->columns) column.nullable = true;
      tables.entries.push_back(entry_for(*start.node));
      TARN_ASSIGN(Source next, AnalyzeBody(*step, outer, inner));
      std::vector<plan::Node*> uses;
      FindUses(*next.node, definition.id, uses);
      if (uses.empty()) {
        // Not recursive after all: an ordinary union.
        tables.entries.pop_back();
        TARN_ASSIGN(Source both, CombineSets(std::move(start), std::move(next),
                                             sql::SetOperator::kUnion, all, false, table.source));
        tables.entries.push_back(entry_for(*both.node));
        definition.query = std::move(both.node);
        definitions.push_back(std::move(definition));
        continue;
      }
      TARN_TRY(CheckStep(*start.node, *next.node, all, table.source));
      std::vector<plan::NamedExpr> items;
      for (size_t i = 0; i < next.node->columns.size(); ++i) {
        const plan::OutputColumn& from = next.node->columns[i];
        const plan::OutputColumn& to = start.node->columns[i];
        ExprPtr value = plan::MakeColumnRef(from.id, from.name, from.type, from.nullable);
        if (!(from.type == to.type)) {
          if (!plan::SetOperationType(from.type, to.type)) {
            return Error(Condition("INCOMPATIBLE_COLUMN_TYPE"),
                         {{"tableOrdinalNumber", "second"},
                          {"columnOrdinalNumber", std::to_string(i + 1)},
                          {"dataType2", Quoted(to.type.ToSql())},
                          {"operator", "UNION"},
                          {"hint", ""},
                          {"dataType1", Quoted(from.type.ToSql())}})
                .WithPosition(table.source);
          }
          value = plan::MakeCast(std::move(value), to.type);
        }
        items.push_back({NewColumn(), to.name, std::move(value)});
      }
      definition.query = std::move(start.node);
      definition.recursive_part = MakeProject(std::move(next.node), std::move(items));
      definition.union_all = all;
      definitions.push_back(std::move(definition));
      continue;
    }
    TARN_ASSIGN(Source source, AnalyzeQuery(*table.query, outer, inner));
    TARN_TRY(rename(source));
    tables.entries.push_back(entry_for(*source.node));
    definition.query = std::move(source.node);
    definitions.push_back(std::move(definition));
  }
  return definitions;
}

NodePtr QueryAnalyzer::WrapWith(NodePtr node, std::vector<plan::With::Definition> definitions) {
  plan::With with;
  // From the last to the first, since later ones may use earlier ones.
  std::vector<plan::With::Definition> kept;
  for (size_t i = definitions.size(); i-- > 0;) {
    plan::With::Definition& definition = definitions[i];
    std::vector<plan::Node*> uses;
    FindUses(*node, definition.id, uses);
    for (plan::With::Definition& later : kept) {
      FindUses(*later.query, definition.id, uses);
      if (later.recursive_part) FindUses(*later.recursive_part, definition.id, uses);
    }
    if (uses.empty()) continue;
    if (uses.size() == 1 && !definition.recursive_part) {
      // Used once: it becomes part of the query that uses it.
      plan::Node& use = *uses[0];
      std::vector<plan::NamedExpr> items;
      for (size_t k = 0; k < use.columns.size(); ++k) {
        const plan::OutputColumn& from = definition.query->columns[k];
        items.push_back({use.columns[k].id, use.columns[k].name,
                         plan::MakeColumnRef(from.id, from.name, from.type, from.nullable)});
      }
      use.kind = plan::Project{std::move(definition.query), std::move(items)};
      continue;
    }
    kept.push_back(std::move(definition));
  }
  if (kept.empty()) return node;
  with.definitions.assign(std::make_move_iterator(kept.rbegin()),
                          std::make_move_iterator(kept.rend()));
  auto columns = node->columns;
  with.input = std::move(node);
  return MakeNode(std::move(with), std::move(columns));
}

}  // namespace tarn::analyze
