// JSON: reading into types, writing, paths, schemas.

#include <algorithm>

#include "duck/functions/casting.h"
#include "duck/functions/decimal_math.h"
#include "duck/functions/json_path.h"
#include "duck/functions/json_tree.h"
#include "duck/functions/string_functions.h"
#include "duck/functions/text.h"
#include "duck/functions/text_values.h"
#include "tarn/base/json_string.h"
#include "tarn/base/parse_number.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;

// ---- writing

void WriteJson(const Value& value, const TextOptions& options, std::string* out);

void WriteStruct(const Value& value, const TextOptions& options, std::string* out) {
  const auto& fields = value.type().fields();
  std::vector<size_t> order;
  for (size_t i = 0; i < fields.size(); ++i) order.push_back(i);
  if (options.Flag("sortkeys")) {
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return fields[a].name < fields[b].name; });
  }
  *out += '{';
  bool first = true;
  for (const size_t i : order) {
    const Value& child = value.children()[i];
    if (child.is_null() && options.Flag("ignorenullfields", true)) continue;
    if (!first) *out += ',';
    first = false;
    AppendJsonString(fields[i].name, out);
    *out += ':';
    WriteJson(child, options, out);
  }
  *out += '}';
}

/// A map's key as text: structs show as rows do, "[1]".
std::string KeyText(const Value& key, const TextOptions& options) {
  if (!key.type().Is(TypeId::kStruct)) return RenderAsString(key, options.zone().name());
  std::string text = "[";
  for (const Value& child : key.children()) {
    if (text.size() > 1) text += ',';
    text += child.is_null() ? "null" : KeyText(child, options);
  }
  return text + "]";
}

void WriteJson(const Value& value, const TextOptions& options, std::string* out) {
  if (value.is_null()) {
    *out += "null";
    return;
  }
  switch (value.type().id()) {
    case TypeId::kStruct:
      WriteStruct(value, options, out);
      return;
    case TypeId::kArray: {
      *out += '[';
      const auto& items = value.children();
      for (size_t i = 0; i < items.size(); ++i) {
        if (i > 0) *out += ',';
        WriteJson(items[i], options, out);
      }
      *out += ']';
      return;
    }
    case TypeId::kMap: {
      *out += '{';
      const auto& parts = value.children();
      for (size_t i = 0; i + 1 < parts.size(); i += 2) {
        if (i > 0) *out += ',';
        AppendJsonString(KeyText(parts[i], options), out);
        *out += ':';
        WriteJson(parts[i + 1], options, out);
      }
      *out += '}';
      return;
    }
    case TypeId::kBoolean:
    case TypeId::kByte:
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDecimal:
      *out += RenderAsString(value, "UTC");
      return;
    case TypeId::kVariant:
      *out += value.text();
      return;
    case TypeId::kFloat:
    case TypeId::kDouble: {
      const std::string text = RenderAsString(value, "UTC");
      if (text == "NaN" || text.ends_with("Infinity")) {
        AppendJsonString(text, out);
      } else {
        *out += text;
      }
      return;
    }
    default:
      AppendJsonString(options.Render(value), out);
  }
}

struct OptionState {
  std::optional<TextOptions> options;
};

/// Options are constants: read once per thread.
const TextOptions& OptionsOf(Call& call, const duckdb::vector<duckdb::Value>& args, size_t index) {
  auto& state = call.State<OptionState>();
  if (!state.options)
    state.options.emplace(index < args.size() ? &args[index] : nullptr, call.info.zone);
  return *state.options;
}

duckdb::Value ToJson(Call& call, const duckdb::vector<duckdb::Value>& args) {
  if (args[0].IsNull()) return duckdb::Value(LogicalType::VARCHAR);
  std::string text;
  WriteJson(FromDuckValue(args[0], call.info.args[0]), OptionsOf(call, args, 1), &text);
  return duckdb::Value(std::move(text));
}

// ---- reading

/// A value of `type` from a tree; false sets `*bad` where the tree doesn't fit (the value is NULL
/// then).
Value FromTree(const JsonTree& tree, const DataType& type, const TextOptions& options, bool* bad) {
  const Value null = Value::Null(type);
  const auto misfit = [&] {
    *bad = true;
    return null;
  };
  if (tree.kind == JsonTree::kNull) return null;
  switch (type.id()) {
    case TypeId::kStruct: {
      if (tree.kind != JsonTree::kObject) return misfit();
      std::vector<Value> children;
      for (const Field& field : type.fields()) {
        const JsonTree* member = tree.Find(field.name);
        children.push_back(member ? FromTree(*member, field.type, options, bad)
                                  : Value::Null(field.type));
      }
      return Value::Of(type, std::move(children));
    }
    case TypeId::kArray: {
      if (tree.kind != JsonTree::kArray) return misfit();
      std::vector<Value> items;
      for (const JsonTree& item : tree.items)
        items.push_back(FromTree(item, type.element(), options, bad));
      return Value::Of(type, std::move(items));
    }
    case TypeId::kMap: {
      if (tree.kind != JsonTree::kObject) return misfit();
      std::vector<Value> parts;
      for (const auto& [name, member] : tree.members) {
        const auto key = options.Read(name, type.key());
        if (!key) return misfit();
        parts.push_back(*key);
        parts.push_back(FromTree(member, type.value(), options, bad));
      }
      return Value::Of(type, std::move(parts));
    }
    case TypeId::kVariant:
      return Value::Of(type, JsonText(tree));
    case TypeId::kBoolean:
      if (tree.kind != JsonTree::kTrue && tree.kind != JsonTree::kFalse) return misfit();
      return Value::Boolean(tree.kind == JsonTree::kTrue);
    default:
      break;
  }
  if (type.IsString())
    return Value::String(tree.kind == JsonTree::kString ? tree.text : JsonText(tree));
  const bool number = type.IsNumeric();
  const bool special =
      type.IsFractional() && tree.kind == JsonTree::kString &&
      (tree.text == "NaN" || tree.text.ends_with("Infinity") || tree.text.ends_with("INF"));
  const bool decimal_text = type.Is(TypeId::kDecimal) && tree.kind == JsonTree::kString;
  if (number ? tree.kind != JsonTree::kNumber && !special && !decimal_text
             : tree.kind != JsonTree::kString) {
    if (!(type.IsDatetime() && tree.kind == JsonTree::kNumber)) return misfit();
  }
  const auto value = options.Read(tree.text, type);
  return value ? *value : misfit();
}

JsonOptions ReaderOptions(const TextOptions& options) {
  return {options.Flag("allownumericleadingzeros"), options.Flag("allowsinglequotes", true),
          options.Flag("allowunquotedfieldnames")};
}

Value AllNulls(const DataType& type) {
  if (!type.Is(TypeId::kStruct)) return Value::Null(type);
  std::vector<Value> children;
  for (const Field& field : type.fields()) children.push_back(Value::Null(field.type));
  return Value::Of(type, std::move(children));
}

duckdb::Value FromJson(Call& call, const duckdb::vector<duckdb::Value>& args) {
  const DataType& type = call.info.result;
  if (args[0].IsNull()) return duckdb::Value(ToDuckType(type));
  const std::string& text = duckdb::StringValue::Get(args[0]);
  const TextOptions& options = OptionsOf(call, args, 2);
  if (TrimAll(text).empty()) return duckdb::Value(ToDuckType(type));
  auto tree = ParseJson(text, ReaderOptions(options));
  bool bad = !tree.has_value();
  Value value = AllNulls(type);
  if (tree) {
    const bool first_of_array = type.Is(TypeId::kStruct) && tree->kind == JsonTree::kArray;
    if (first_of_array && tree->items.empty()) return duckdb::Value(ToDuckType(type));
    const JsonTree& root = first_of_array ? tree->items[0] : *tree;
    bool misfit = false;
    Value read = FromTree(root, type, options, &misfit);
    bad |= misfit;
    if (!read.is_null()) value = std::move(read);
  }
  if (bad && ToLowerUtf8(options.Get("mode")) == "failfast") {
    Raise(Condition("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"),
          {{"badRecord", text}, {"failFastMode", "FAILFAST"}});
  }
  return ToDuckValue(value);
}

// ---- schemas

DataType Infer(const JsonTree& tree);

DataType Merge(const DataType& a, const DataType& b) {
  if (a == b || b.Is(TypeId::kNull)) return a;
  if (a.Is(TypeId::kNull)) return b;
  if (a.IsNumeric() && b.IsNumeric()) {
    if (a.IsFractional() || b.IsFractional()) return TypeId::kDouble;
    const int digits = std::max(a.Is(TypeId::kDecimal) ? a.precision() : 20,
                                b.Is(TypeId::kDecimal) ? b.precision() : 20);
    return DataType::Decimal(digits, 0);
  }
  if (a.Is(TypeId::kArray) && b.Is(TypeId::kArray))
    return DataType::Array(Merge(a.element(), b.element()));
  if (a.Is(TypeId::kStruct) && b.Is(TypeId::kStruct)) {
    std::vector<Field> fields = a.fields();
    for (const Field& field : b.fields()) {
      const auto known = std::find_if(fields.begin(), fields.end(),
                                      [&](const Field& f) { return f.name == field.name; });
      if (known == fields.end()) {
        fields.push_back(field);
      } else {
        known->type = Merge(known->type, field.type);
      }
    }
    std::sort(fields.begin(), fields.end(),
              [](const Field& x, const Field& y) { return x.name < y.name; });
    return DataType::Struct(std::move(fields));
  }
  return TypeId::kString;
}

DataType Infer(const JsonTree& tree) {
  switch (tree.kind) {
    case JsonTree::kNull:
      return TypeId::kNull;
    case JsonTree::kTrue:
    case JsonTree::kFalse:
      return TypeId::kBoolean;
    case JsonTree::kNumber:
      return InferNumber(tree.text).value_or(DataType(TypeId::kDouble));
    case JsonTree::kString:
      return TypeId::kString;
    case JsonTree::kArray: {
      DataType element;
      for (const JsonTree& item : tree.items) element = Merge(element, Infer(item));
      return DataType::Array(element);
    }
    case JsonTree::kObject: {
      std::vector<Field> fields;
      for (const auto& [name, member] : tree.members) fields.push_back({name, Infer(member)});
      std::sort(fields.begin(), fields.end(),
                [](const Field& x, const Field& y) { return x.name < y.name; });
      return DataType::Struct(std::move(fields));
    }
  }
  return TypeId::kString;
}

/// What was nothing but null becomes text.
DataType Canonical(const DataType& type) {
  if (type.Is(TypeId::kNull)) return TypeId::kString;
  if (type.Is(TypeId::kArray)) return DataType::Array(Canonical(type.element()));
  if (!type.Is(TypeId::kStruct)) return type;
  std::vector<Field> fields = type.fields();
  for (Field& field : fields) field.type = Canonical(field.type);
  return DataType::Struct(std::move(fields));
}

duckdb::Value SchemaOfJson(Call& call, const duckdb::vector<duckdb::Value>& args) {
  if (args[0].IsNull()) return duckdb::Value(LogicalType::VARCHAR);
  const auto tree =
      ParseJson(duckdb::StringValue::Get(args[0]), ReaderOptions(OptionsOf(call, args, 1)));
  return duckdb::Value(Canonical(tree ? Infer(*tree) : DataType(TypeId::kString)).ToSql());
}

// ---- parts

std::optional<int32_t> ArrayLength(Call&, std::string_view text) {
  const auto tree = ParseJson(text);
  if (!tree || tree->kind != JsonTree::kArray) return std::nullopt;
  return static_cast<int32_t>(tree->items.size());
}

std::optional<std::vector<std::string>> ObjectKeys(Call&, std::string_view text) {
  const auto tree = ParseJson(text);
  if (!tree || tree->kind != JsonTree::kObject) return std::nullopt;
  std::vector<std::string> keys;
  for (const auto& [name, member] : tree->members) keys.push_back(name);
  return keys;
}

std::optional<std::string> PlainText(const JsonTree& tree) {
  if (tree.kind == JsonTree::kNull) return std::nullopt;
  return tree.kind == JsonTree::kString ? tree.text : JsonText(tree);
}

/// json_tuple as a list of one struct.
duckdb::Value JsonTuple(Call& call, const duckdb::vector<duckdb::Value>& args) {
  duckdb::vector<duckdb::Value> fields;
  const auto tree = args[0].IsNull() ? std::nullopt : ParseJson(duckdb::StringValue::Get(args[0]));
  for (size_t i = 1; i < args.size(); ++i) {
    const JsonTree* member =
        tree && !args[i].IsNull() ? tree->Find(duckdb::StringValue::Get(args[i])) : nullptr;
    const auto text = member ? PlainText(*member) : std::nullopt;
    fields.push_back(text ? duckdb::Value(*text) : duckdb::Value(LogicalType::VARCHAR));
  }
  const LogicalType row = ToDuckType(call.info.result.element());
  duckdb::vector<duckdb::Value> rows;
  rows.push_back(duckdb::Value::STRUCT(row, std::move(fields)));
  return duckdb::Value::LIST(row, std::move(rows));
}

struct Path {
  std::string source;
  bool parsed = false;
  bool valid = false;
  std::vector<JsonPathStep> steps;
};

void Follow(const JsonTree& tree, const std::vector<JsonPathStep>& steps, size_t step,
            std::vector<const JsonTree*>* found) {
  if (step == steps.size()) {
    if (tree.kind != JsonTree::kNull) found->push_back(&tree);
    return;
  }
  const JsonPathStep& now = steps[step];
  if (now.kind == JsonPathStep::kName) {
    if (tree.kind == JsonTree::kObject) {
      if (const JsonTree* member = tree.Find(now.name)) Follow(*member, steps, step + 1, found);
    }
  } else if (now.kind == JsonPathStep::kIndex) {
    if (tree.kind == JsonTree::kArray && now.index < tree.items.size()) {
      Follow(tree.items[now.index], steps, step + 1, found);
    }
  } else if (tree.kind == JsonTree::kArray) {
    for (const JsonTree& item : tree.items) Follow(item, steps, step + 1, found);
  }
}

std::optional<std::string> GetJsonObject(Call& call, std::string_view text,
                                         std::string_view path_text) {
  auto& path = call.State<Path>();
  if (!path.parsed || path.source != path_text) {
    path = {std::string(path_text), true, false, {}};
    path.valid = ParseJsonPath(path_text, &path.steps);
  }
  if (!path.valid) return std::nullopt;
  const auto tree = ParseJson(text);
  if (!tree) return std::nullopt;
  std::vector<const JsonTree*> found;
  Follow(*tree, path.steps, 0, &found);
  if (found.empty()) return std::nullopt;
  const bool many = std::any_of(path.steps.begin(), path.steps.end(), [](const JsonPathStep& step) {
    return step.kind == JsonPathStep::kAny;
  });
  if (!many) return PlainText(*found[0]);
  if (found.size() == 1) return JsonText(*found[0]);
  std::string all = "[";
  for (const JsonTree* item : found) {
    if (all.size() > 1) all += ',';
    all += JsonText(*item);
  }
  return all + "]";
}

}  // namespace

void RegisterJsonKernels(FunctionSet& set) {
  set.Batch("to_json", ByValues(ToJson));
  set.Use("to_json", "to_json");
  set.Batch("from_json", ByValues(FromJson), kFallible);
  set.Use("from_json", "from_json");
  set.Batch("schema_of_json", ByValues(SchemaOfJson));
  set.Use("schema_of_json", "schema_of_json");
  set.Function("get_json_object", GetJsonObject);
  set.Function("json_array_length", ArrayLength);
  set.Function("json_object_keys", ObjectKeys);
  set.Batch("json_tuple", ByValues(JsonTuple));
  set.Template("json_tuple",
               [](LoweringContext& context, const plan::Expr&, const plan::Call& call,
                  DuckArgs args) -> DuckExpr {
                 std::vector<Field> fields;
                 for (size_t i = 1; i < args.size(); ++i)
                   fields.push_back({"c" + std::to_string(i - 1), TypeId::kString});
                 return CallKernel(context, "json_tuple",
                                   DataType::Array(DataType::Struct(std::move(fields))),
                                   TypesOf(call), std::move(args));
               });
  set.Kernel(
      "parse_json",
      [](Call& call, std::string_view text) -> std::optional<std::string> {
        const auto tree = ParseJson(text);
        if (!tree && !IsTry(call))
          Raise(Condition("MALFORMED_VARIANT"), {{"detail", std::string(text)}});
        return tree ? std::optional(JsonText(*tree)) : std::nullopt;
      },
      kFallible);
  set.Use("parse_json", "parse_json");
  set.Use("try_parse_json", "parse_json", "try");
  set.Function("is_valid_variant", [](Call&, std::string_view) { return true; });
  set.Kernel("cast_variant", [](Call& call, duckdb::Value value) {
    std::string text;
    WriteJson(FromDuckValue(value, call.info.args[0]), TextOptions(nullptr, call.info.zone), &text);
    return text;
  });
  RegisterCsv(set);
}

}  // namespace tarn::engine::duck
