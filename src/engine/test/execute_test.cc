#include <gtest/gtest.h>

#include "plan_builder.h"
#include "tarn/engine/engine.h"

namespace tarn::engine {
namespace {

class ExecuteTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = StartDuckEngine({});
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = std::move(engine).value();
  }

  // All rows as text: cells separated by ',', rows by ';'; an error as its condition.
  std::string Run(const plan::Query& query, const RequestContext& context = {}) {
    auto stream = engine_->Execute(context, query, {});
    if (!stream.ok()) return stream.error().ToString();
    std::string text;
    while (true) {
      auto batch = (*stream)->NextRendered();
      if (!batch.ok()) return batch.error().ToString();
      if (batch->empty()) return text;
      for (const auto& row : *batch) {
        if (!text.empty()) text += ';';
        for (size_t i = 0; i < row.size(); ++i) text += (i ? "," : "") + row[i].value_or("NULL");
      }
    }
  }

  std::unique_ptr<Engine> engine_;
};

std::vector<std::vector<plan::ExprPtr>> NumberedRows(
    std::vector<std::pair<int, std::string>> rows) {
  std::vector<std::vector<plan::ExprPtr>> result;
  for (auto& [number, text] : rows) {
    std::vector<plan::ExprPtr> row;
    row.push_back(Int(number));
    row.push_back(Text(text));
    result.push_back(std::move(row));
  }
  return result;
}

TEST_F(ExecuteTest, SelectsLiteralWithoutFrom) {
  EXPECT_EQ(Run(QueryOf(ProjectOf(OneRow(), Items_(Named(1, Int(1)), Named(2, Text("a")))))),
            "1,a");
}

TEST_F(ExecuteTest, FiltersProjectsAndSortsValues) {
  auto values = ValuesOf(NumberedRows({{1, "a"}, {3, "c"}, {2, "b"}}), 1);
  auto filtered = FilterOf(std::move(values), Fn(">", Col(1, TypeId::kInt), Int(1)));
  auto projected = ProjectOf(std::move(filtered), Items_(Named(3, Col(2, TypeId::kString)),
                                                         Named(4, Col(1, TypeId::kInt))));
  EXPECT_EQ(Run(QueryOf(SortOf(std::move(projected), Col(4, TypeId::kInt)))), "b,2;c,3");
}

TEST_F(ExecuteTest, JoinsOfEachKindKeepTheirRows) {
  const auto joined = [&](plan::JoinKind kind) {
    auto left = ValuesOf(NumberedRows({{1, "a"}, {2, "b"}}), 1);
    auto right = ValuesOf(NumberedRows({{2, "x"}, {3, "y"}}), 11);
    auto condition = Fn("=", Col(1, TypeId::kInt), Col(11, TypeId::kInt));
    return Run(QueryOf(SortOf(JoinOf(kind, std::move(left), std::move(right), std::move(condition)),
                              Col(1, TypeId::kInt))));
  };
  EXPECT_EQ(joined(plan::JoinKind::kInner), "2,b,2,x");
  EXPECT_EQ(joined(plan::JoinKind::kLeft), "1,a,NULL,NULL;2,b,2,x");
  EXPECT_EQ(joined(plan::JoinKind::kFull), "NULL,NULL,3,y;1,a,NULL,NULL;2,b,2,x");
  EXPECT_EQ(joined(plan::JoinKind::kLeftSemi), "2,b");
  EXPECT_EQ(joined(plan::JoinKind::kLeftAnti), "1,a");
}

TEST_F(ExecuteTest, AggregatesByGroupsAndGroupingSets) {
  auto values = ValuesOf(NumberedRows({{1, "a"}, {2, "a"}, {5, "b"}}), 1);
  plan::Aggregate aggregate;
  aggregate.input = std::move(values);
  aggregate.groups.push_back(Named(3, Col(2, TypeId::kString)));
  aggregate.grouping_sets = {{0}, {}};
  aggregate.grouping_id = Id(4);
  aggregate.aggregates.push_back(Named(5, Fn("sum", Col(1, TypeId::kInt))));
  auto node = MakeNode(
      std::move(aggregate),
      {{Id(3), "g", TypeId::kString}, {Id(4), "gid", TypeId::kLong}, {Id(5), "s", TypeId::kLong}});
  EXPECT_EQ(Run(QueryOf(SortOf(std::move(node), Col(5, TypeId::kLong)))), "a,0,3;b,0,5;NULL,1,8");
}

TEST_F(ExecuteTest, WindowFunctionSeesItsFrame) {
  plan::WindowCall window;
  auto sum = Fn("sum", Col(1, TypeId::kInt));
  window.call = std::move(*sum->As<plan::Call>());
  plan::SortKey key;
  key.expr = Col(1, TypeId::kInt);
  window.order_by.push_back(std::move(key));
  window.frame = plan::WindowFrame{plan::FrameUnit::kRows,
                                   {plan::BoundKind::kPreceding, Int(1)},
                                   {plan::BoundKind::kCurrentRow, nullptr}};
  auto call = std::make_unique<plan::Expr>();
  call->type = TypeId::kLong;
  call->kind = std::move(window);
  plan::Window node;
  node.input = ValuesOf(NumberedRows({{1, "a"}, {2, "b"}, {4, "c"}}), 1);
  auto columns = node.input->columns;
  columns.push_back({Id(5), "w", TypeId::kLong});
  node.calls.push_back({Id(5), "w", std::move(call)});
  EXPECT_EQ(Run(QueryOf(SortOf(MakeNode(std::move(node), columns), Col(1, TypeId::kInt)))),
            "1,a,1;2,b,3;4,c,6");
}

TEST_F(ExecuteTest, CorrelatedExistsSeesOuterColumn) {
  plan::Subquery exists;
  exists.kind = plan::SubqueryKind::kExists;
  exists.query = FilterOf(ValuesOf(NumberedRows({{2, "x"}, {3, "y"}}), 11),
                          Fn("=", Col(11, TypeId::kInt), Col(1, TypeId::kInt)));
  auto condition = std::make_unique<plan::Expr>();
  condition->type = TypeId::kBoolean;
  condition->kind = std::move(exists);
  EXPECT_EQ(
      Run(QueryOf(FilterOf(ValuesOf(NumberedRows({{1, "a"}, {2, "b"}}), 1), std::move(condition)))),
      "2,b");
}

TEST_F(ExecuteTest, ReadsRowsHeldInMemory) {
  plan::Relation relation;
  relation.name = "rows";
  relation.schema.fields = {{"a", TypeId::kInt}, {"b", TypeId::kString}};
  auto rows = std::make_shared<std::vector<std::vector<Value>>>();
  rows->push_back({Value::Int(7), Value::String("x")});
  rows->push_back({Value::Null(TypeId::kInt), Value::String("y")});
  relation.source = plan::RowsRelation{rows};
  plan::Scan scan;
  scan.columns = {{Id(1), 1}, {Id(2), 0}};
  std::vector<plan::Relation> relations;
  relations.push_back(std::move(relation));
  EXPECT_EQ(Run(QueryOf(MakeNode(std::move(scan),
                                 {{Id(1), "b", TypeId::kString}, {Id(2), "a", TypeId::kInt}}),
                        std::move(relations))),
            "x,7;y,NULL");
}

TEST_F(ExecuteTest, MaterializedRowsAreReadUntilDiscarded) {
  auto stored =
      engine_->Materialize({}, QueryOf(ValuesOf(NumberedRows({{1, "a"}, {2, "b"}}), 1)), {});
  ASSERT_TRUE(stored.ok()) << stored.error().ToString();
  plan::Scan scan;
  scan.columns = {{Id(1), 0}};
  const auto scan_query = [&] {
    return QueryOf(MakeNode(scan, {{Id(1), "a", TypeId::kInt}}), {*stored});
  };
  EXPECT_EQ(Run(scan_query()), "1;2");
  engine_->Discard(*stored);
  EXPECT_EQ(Run(scan_query()).find("[INTERNAL_ERROR]"), 0u);
}

TEST_F(ExecuteTest, CancelledStatementStops) {
  // A cross join of billions of rows, aggregated.
  std::vector<std::vector<plan::ExprPtr>> rows;
  for (int i = 0; i < 2000; ++i) {
    std::vector<plan::ExprPtr> row;
    row.push_back(Int(i));
    rows.push_back(std::move(row));
  }
  plan::NodePtr node = ValuesOf(std::move(rows), 1);
  for (uint32_t i = 1; i <= 3; ++i) {
    auto other = plan::Clone(*node);
    std::vector<plan::NamedExpr> renamed;
    renamed.push_back(
        Named(i * 100, plan::MakeColumnRef(node->columns[0].id, "x", TypeId::kInt, true)));
    auto right = ProjectOf(std::move(other), std::move(renamed));
    node = JoinOf(plan::JoinKind::kCross, std::move(node), std::move(right), nullptr);
  }
  plan::Aggregate aggregate;
  aggregate.input = std::move(node);
  aggregate.aggregates.push_back(Named(999, Fn("sum", Col(100, TypeId::kInt))));
  auto query = QueryOf(MakeNode(std::move(aggregate), {{Id(999), "s", TypeId::kLong}}));
  RequestContext context;
  context.deadline_us = context.clock->SteadyMicros() + 50'000;
  context.timeout_ms = 50;
  EXPECT_EQ(Run(query, context).find("[OPERATION_TIMED_OUT]"), 0u);
}

}  // namespace
}  // namespace tarn::engine
