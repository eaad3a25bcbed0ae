// Variants: JSON values as their texts.

#include <algorithm>

#include "duck/functions/json_path.h"
#include "duck/functions/json_tree.h"
#include "duck/functions/kernel.h"
#include "duck/functions/row_functions.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;

/// Where `path` leads in the value; null if nowhere.
const JsonTree* At(const JsonTree& tree, const std::vector<JsonPathStep>& steps) {
  const JsonTree* now = &tree;
  for (const JsonPathStep& step : steps) {
    if (step.kind == JsonPathStep::kName) {
      now = now->kind == JsonTree::kObject ? now->Find(step.name) : nullptr;
    } else if (step.kind == JsonPathStep::kIndex) {
      now = now->kind == JsonTree::kArray && step.index < now->items.size()
                ? &now->items[step.index]
                : nullptr;
    } else {
      now = nullptr;
    }
    if (now == nullptr) return nullptr;
  }
  return now;
}

std::optional<std::string> Extract(Call& call, std::string_view json, std::string_view path) {
  struct Compiled {
    std::string source;
    bool ready = false;
    std::vector<JsonPathStep> steps;
  };
  auto& compiled = call.State<Compiled>();
  if (!compiled.ready || compiled.source != path) {
    compiled = {std::string(path), true, {}};
    if (!ParseJsonPath(path, &compiled.steps)) {
      Raise(Condition("INVALID_VARIANT_GET_PATH"),
            {{"path", std::string(path)}, {"functionName", "`variant_get`"}});
    }
  }
  const auto tree = ParseJson(json);
  const JsonTree* found = tree ? At(*tree, compiled.steps) : nullptr;
  return found ? std::optional(JsonText(*found)) : std::nullopt;
}

/// The text that a cast of the variant starts from; NULL for the variant's null.
std::optional<std::string> ScalarText(Call&, std::string_view json) {
  if (json == "null") return std::nullopt;
  return UnquoteJson(json);
}

DuckExpr IsNull(const DuckExpr& expr, bool null) {
  return duckdb::make_uniq<duckdb::OperatorExpression>(
      null ? duckdb::ExpressionType::OPERATOR_IS_NULL
           : duckdb::ExpressionType::OPERATOR_IS_NOT_NULL,
      expr->Copy());
}

/// variant_get with a type: a value that isn't of the type fails, or gives NULL.
DuckExpr LowerGet(LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args, bool tried) {
  args.resize(2);
  DuckExpr part = CallKernel(context, "variant_extract", TypeId::kVariant,
                             {TypeId::kVariant, TypeId::kString}, std::move(args));
  if (expr.type.Is(TypeId::kVariant)) return part;
  DuckExpr text = CallKernel(context, "variant_scalar_text", TypeId::kString, {TypeId::kVariant},
                             MakeArgs(std::move(part)));
  DuckExpr value;
  if (expr.type.IsNested()) {
    value = CallKernel(context, "from_json", expr.type, {TypeId::kString}, MakeArgs(text->Copy()));
  } else {
    value = context.Cast(text->Copy(), TypeId::kString, expr.type, plan::CastMode::kTry);
  }
  if (tried || expr.type.IsString()) return value;
  auto result = duckdb::make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = duckdb::make_uniq<duckdb::ConjunctionExpression>(
      duckdb::ExpressionType::CONJUNCTION_AND, IsNull(value, true), IsNull(text, false));
  check.then_expr =
      CastNative(CallKernel(context, "variant_misfit", TypeId::kBoolean, {TypeId::kString},
                            MakeArgs(std::move(text)), "\"" + expr.type.ToSql() + "\""),
                 LogicalType::SQLNULL);
  result->case_checks.push_back(std::move(check));
  result->else_expr = std::move(value);
  return result;
}

/// The kind of a number as a variant stores it.
std::string NumberType(const std::string& text) {
  if (text.find_first_of("eE") != text.npos) return "DOUBLE";
  const size_t digits = static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
  const size_t point = text.find('.');
  if (point == text.npos) {
    if (digits <= 18) return "BIGINT";
    return digits <= 38 ? "DECIMAL(" + std::to_string(digits) + ",0)" : "DOUBLE";
  }
  const size_t scale = text.size() - point - 1;
  const size_t leading = text[text.starts_with('-') ? 1 : 0] == '0' ? 1 : 0;
  const size_t precision = std::max(digits - leading, scale);
  if (precision > 38) return "DOUBLE";
  return "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
}

/// The schema of a variant: its kind, and the parts' schemas.
struct Shape {
  std::string kind = "VOID";  // a scalar's type, "ARRAY", "OBJECT" or "VARIANT"
  std::vector<Shape> element;
  std::vector<std::pair<std::string, Shape>> fields;  // sorted by name
};

bool IsNumber(const std::string& kind) {
  return kind == "BIGINT" || kind == "DOUBLE" || kind.starts_with("DECIMAL");
}

std::pair<int, int> DecimalOf(const std::string& kind) {
  if (kind == "BIGINT") return {20, 0};
  int precision = 0;
  int scale = 0;
  for (size_t i = kind.find('(') + 1; i < kind.size() && kind[i] != ','; ++i)
    precision = precision * 10 + (kind[i] - '0');
  for (size_t i = kind.find(',') + 1; i < kind.size() && kind[i] != ')'; ++i)
    scale = scale * 10 + (kind[i] - '0');
  return {precision, scale};
}

Shape Merge(Shape a, Shape b) {
  if (a.kind == "VOID") return b;
  if (b.kind == "VOID") return a;
  if (a.kind == "ARRAY" && b.kind == "ARRAY") {
    a.element[0] = Merge(std::move(a.element[0]), std::move(b.element[0]));
    return a;
  }
  if (a.kind == "OBJECT" && b.kind == "OBJECT") {
    for (auto& [name, shape] : b.fields) {
      const auto known = std::find_if(a.fields.begin(), a.fields.end(),
                                      [&](const auto& field) { return field.first == name; });
      if (known == a.fields.end()) {
        a.fields.emplace_back(name, std::move(shape));
      } else {
        known->second = Merge(std::move(known->second), std::move(shape));
      }
    }
    std::sort(a.fields.begin(), a.fields.end(),
              [](const auto& x, const auto& y) { return x.first < y.first; });
    return a;
  }
  if (a.kind == b.kind) return a;
  if (!IsNumber(a.kind) || !IsNumber(b.kind)) return {"VARIANT", {}, {}};
  if (a.kind == "DOUBLE" || b.kind == "DOUBLE") return {"DOUBLE", {}, {}};
  const auto [p1, s1] = DecimalOf(a.kind);
  const auto [p2, s2] = DecimalOf(b.kind);
  const int scale = std::max(s1, s2);
  const int precision = std::max(p1 - s1, p2 - s2) + scale;
  if (precision > 38) return {"DOUBLE", {}, {}};
  return {"DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")", {}, {}};
}

Shape ShapeOf(const JsonTree& tree) {
  switch (tree.kind) {
    case JsonTree::kNull:
      return {};
    case JsonTree::kTrue:
    case JsonTree::kFalse:
      return {"BOOLEAN", {}, {}};
    case JsonTree::kNumber:
      return {NumberType(tree.text), {}, {}};
    case JsonTree::kString:
      return {"STRING", {}, {}};
    case JsonTree::kArray: {
      Shape element;
      for (const JsonTree& item : tree.items) element = Merge(std::move(element), ShapeOf(item));
      Shape shape{"ARRAY", {}, {}};
      shape.element.push_back(std::move(element));
      return shape;
    }
    case JsonTree::kObject:
      break;
  }
  Shape shape{"OBJECT", {}, {}};
  for (const auto& [name, member] : tree.members) shape.fields.emplace_back(name, ShapeOf(member));
  std::sort(shape.fields.begin(), shape.fields.end(),
            [](const auto& x, const auto& y) { return x.first < y.first; });
  return shape;
}

std::string Text(const Shape& shape) {
  if (shape.kind == "ARRAY") return "ARRAY<" + Text(shape.element[0]) + ">";
  if (shape.kind != "OBJECT") return shape.kind;
  std::string text = "OBJECT<";
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    if (i > 0) text += ", ";
    text += shape.fields[i].first + ": " + Text(shape.fields[i].second);
  }
  return text + ">";
}

std::string SchemaOf(Call&, std::string_view json) {
  const auto tree = ParseJson(json);
  return Text(tree ? ShapeOf(*tree) : Shape{});
}

std::string SchemaOfList(Call&, std::optional<duckdb::Value> list) {
  Shape all;
  if (!list) return Text(all);
  for (const duckdb::Value& item : duckdb::ListValue::GetChildren(*list)) {
    if (item.IsNull()) continue;
    const auto tree = ParseJson(duckdb::StringValue::Get(item));
    if (tree) all = Merge(std::move(all), ShapeOf(*tree));
  }
  return Text(all);
}

/// variant_explode as a list of structs (pos, key, value).
duckdb::Value Explode(Call& call, const duckdb::vector<duckdb::Value>& args) {
  const LogicalType row = ToDuckType(call.info.result.element());
  duckdb::vector<duckdb::Value> rows;
  const auto add = [&](duckdb::Value key, const JsonTree& value) {
    duckdb::vector<duckdb::Value> fields = {
        duckdb::Value::INTEGER(static_cast<int32_t>(rows.size())), std::move(key),
        duckdb::Value(JsonText(value))};
    rows.push_back(duckdb::Value::STRUCT(row, std::move(fields)));
  };
  if (!args[0].IsNull()) {
    if (const auto tree = ParseJson(duckdb::StringValue::Get(args[0]))) {
      for (const JsonTree& item : tree->items) add(duckdb::Value(LogicalType::VARCHAR), item);
      for (const auto& [name, member] : tree->members) add(duckdb::Value(name), member);
    }
  }
  return duckdb::Value::LIST(row, std::move(rows));
}

}  // namespace

void RegisterVariants(FunctionSet& set) {
  set.Kernel("variant_extract", Extract, kFallible);
  set.Kernel("variant_scalar_text", ScalarText);
  set.Kernel(
      "variant_misfit",
      [](Call& call, std::string_view text) -> std::optional<bool> {
        Raise(Condition("INVALID_VARIANT_CAST"),
              {{"value", std::string(text)}, {"dataType", call.info.extra}});
      },
      kFallible);
  for (const bool tried : {false, true}) {
    set.Template(
        tried ? "try_variant_get" : "variant_get",
        [tried](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                DuckArgs args) { return LowerGet(context, expr, call, std::move(args), tried); });
  }
  set.Function("is_variant_null", [](Call&, std::optional<std::string_view> json) {
    return json.has_value() && *json == "null";
  });
  set.Use("to_variant_object", "cast_variant");
  set.Function("schema_of_variant", SchemaOf);
  set.Kernel("variant_schema_of_list", SchemaOfList);
  set.Template("schema_of_variant_agg",
               [](LoweringContext& context, const plan::Expr& expr, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 DuckExpr list = context.Aggregate("list", std::move(args), call);
                 return CallKernel(context, "variant_schema_of_list", expr.type,
                                   {DataType::Array(TypeId::kVariant)}, MakeArgs(std::move(list)));
               });
  set.Batch("variant_explode", ByValues(Explode));
  set.Template("variant_explode",
               [](LoweringContext& context, const plan::Expr&, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 const DataType row = DataType::Struct({{"pos", TypeId::kInt, false},
                                                        {"key", TypeId::kString, true},
                                                        {"value", TypeId::kVariant, false}});
                 return CallKernel(context, "variant_explode", DataType::Array(row), TypesOf(call),
                                   std::move(args));
               });
}

}  // namespace tarn::engine::duck
