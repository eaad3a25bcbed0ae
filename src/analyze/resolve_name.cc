#include <algorithm>

#include "query_analyzer.h"
#include "tree.h"

namespace tarn::analyze {

namespace {

/// Names that are functions without parentheses (LiteralFunctionResolution).
constexpr std::string_view kSpecialNames[] = {
    "current_date", "current_timestamp", "current_user",     "user",
    "session_user", "current_time",      "localtime",        "localtimestamp",
    "grouping__id", "current_catalog",   "current_database", "current_schema"};

std::string NameOf(std::span<const sql::Identifier> parts) {
  std::string name;
  for (const sql::Identifier& part : parts) {
    if (!name.empty()) name += '.';
    name += QuoteIdentifier(part.text);
  }
  return name;
}

std::string VariableShown(const Variable& variable, std::string_view zone) {
  const bool decimal = variable.value.type().Is(TypeId::kDecimal) && !variable.value.is_null();
  return "variablereference(system.session." + variable.name + "=" +
         (decimal ? RenderAsString(variable.value, zone) + "BD"
                  : RenderAsSqlLiteral(variable.value, zone)) +
         ")";
}

/// The type has no fields; a name beside an array is an index that is no number.
Error NoFields(const DataType& type, const std::string& base, const std::string& field) {
  if (!type.Is(TypeId::kArray)) {
    return Error(Condition("INVALID_EXTRACT_BASE_FIELD_TYPE"),
                 {{"base", Quoted(base)}, {"other", Quoted(type.ToSql())}});
  }
  return Error(Condition("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
               {{"sqlExpr", Quoted(base + "[" + field + "]")},
                {"paramIndex", "second"},
                {"requiredType", "\"INTEGRAL\""},
                {"inputSql", Quoted(field)},
                {"inputType", "\"STRING\""}});
}

}  // namespace

bool IsSpecialName(std::string_view name) {
  return std::any_of(std::begin(kSpecialNames), std::end(kSpecialNames),
                     [&](std::string_view special) { return SameName(special, name); });
}

ExprPtr QueryAnalyzer::RefTo(const ScopeColumn& column, std::string_view name,
                             const SourceRange& source) {
  if (!column.value) {
    return plan::MakeColumnRef(column.id, std::string(name), column.type, column.nullable, source);
  }
  ExprPtr value = plan::Clone(*column.value);
  value->source = source;
  shown_[value.get()] = std::string(name);
  return value;
}

Result<ExprPtr> QueryAnalyzer::ResolveInScope(const Scope& scope,
                                              std::span<const sql::Identifier> parts,
                                              const SourceRange& source) {
  ScopeMatch match = FindInScope(scope, parts);
  if (match.columns.empty()) return ResolveMetadata(scope, parts, source);
  if (match.columns.size() > 1) {
    // A column whose type hasn't the field isn't meant.
    std::string candidates;
    for (const ScopeColumn* column : match.columns) {
      if (!candidates.empty()) candidates += ", ";
      if (column->relation >= 0) {
        for (const std::string& part :
             scope.relations[static_cast<size_t>(column->relation)].qualifier) {
          candidates += QuoteIdentifier(part) + ".";
        }
      }
      candidates += QuoteIdentifier(column->name);
    }
    return Error(Condition("AMBIGUOUS_REFERENCE"), {{"name", NameOf(parts)},
                                                    {"referenceNames", "[" + candidates + "]"},
                                                    {"candidates", candidates}})
        .WithPosition(source);
  }
  ExprPtr expr = RefTo(*match.columns[0], parts[match.parts_used - 1].text, source);
  for (size_t i = match.parts_used; i < parts.size(); ++i) {
    TARN_ASSIGN(expr, AccessField(std::move(expr), parts[i], source));
  }
  return expr;
}

Result<ExprPtr> QueryAnalyzer::ResolveAlias(std::span<const sql::Identifier> parts,
                                            const SourceRange& source, const ExprContext& context) {
  if (!context.aliases) return ExprPtr();
  const SelectItem* found = nullptr;
  for (const SelectItem& item : *context.aliases) {
    if (!SameName(item.name, parts[0].text) || (context.lateral_aliases && !item.aliased)) continue;
    if (found) {
      const Condition condition = context.lateral_aliases
                                      ? Condition("AMBIGUOUS_LATERAL_COLUMN_ALIAS")
                                      : Condition("AMBIGUOUS_REFERENCE");
      return Error(condition, {{"name", NameOf(parts)},
                               {"n", "2"},
                               {"referenceNames", "[" + NameOf(parts) + "]"},
                               {"candidates", QuoteIdentifier(parts[0].text)}})
          .WithPosition(source);
    }
    found = &item;
  }
  for (const SelectItem& item : *context.aliases) {
    if (found || !context.lateral_aliases || !item.generator || !item.aliased) continue;
    for (const plan::OutputColumn& column : item.generated) {
      if (!SameName(column.name, parts[0].text)) continue;
      ExprPtr expr =
          plan::MakeColumnRef(column.id, column.name, column.type, column.nullable, source);
      shown_[expr.get()] = "lateralAliasReference(" + std::string(parts[0].text) + ")";
      for (size_t i = 1; i < parts.size(); ++i) {
        TARN_ASSIGN(expr, AccessField(std::move(expr), parts[i], source));
      }
      return expr;
    }
  }
  if (!found || !found->expr || found->generator) return ExprPtr();
  if (context.lateral_aliases && context.in_window) {
    return Error(Condition("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_WINDOW"),
                 {{"lca", NameOf(parts)}})
        .WithPosition(source);
  }
  ExprPtr expr = plan::Clone(*found->expr);
  expr->source = source;
  shown_[expr.get()] = context.lateral_aliases
                           ? "lateralAliasReference(" + std::string(parts[0].text) + ")"
                           : parts[0].text;
  for (size_t i = 1; i < parts.size(); ++i) {
    TARN_ASSIGN(expr, AccessField(std::move(expr), parts[i], source));
  }
  return expr;
}

Result<ExprPtr> QueryAnalyzer::ResolveSpecialName(std::string_view name,
                                                  const SourceRange& source) {
  for (const std::string_view special : kSpecialNames) {
    if (!SameName(special, name)) continue;
    if (special == "current_catalog" || special == "current_database" ||
        special == "current_schema") {
      return ExprPtr();
    }
    if (!plan::FindFunction(special)) return ExprPtr();
    return Build(special, {}, source);
  }
  return ExprPtr();
}

Result<ExprPtr> QueryAnalyzer::ResolveName(std::span<const sql::Identifier> parts,
                                           const SourceRange& source, const ExprContext& context) {
  for (const LambdaFrame* frame = context.lambdas; frame; frame = frame->outer) {
    for (const plan::Lambda::Parameter& parameter : *frame->parameters) {
      if (!SameName(parameter.name, parts[0].text)) continue;
      ExprPtr expr = plan::MakeColumnRef(parameter.id, parameter.name, parameter.type,
                                         parameter.nullable, source);
      shown_[expr.get()] = "namedlambdavariable()";
      for (size_t i = 1; i < parts.size(); ++i) {
        TARN_ASSIGN(expr, AccessField(std::move(expr), parts[i], source));
      }
      return expr;
    }
  }
  if (context.output_scope && !context.in_aggregate) {
    TARN_ASSIGN(ExprPtr expr, ResolveInScope(*context.output_scope, parts, source));
    if (expr) return expr;
  }
  ExprPtr alias;
  if (context.aliases_first && !context.in_aggregate) {
    TARN_ASSIGN(alias, ResolveAlias(parts, source, context));
    if (alias && !context.groups) return alias;
  }
  if (context.scope) {
    TARN_ASSIGN(ExprPtr expr, ResolveInScope(*context.scope, parts, source));
    if (expr && alias && context.groups) {
      // HAVING: a column that is grouped by wins over an alias of the select list.
      const bool grouped =
          std::any_of(context.groups->begin(), context.groups->end(),
                      [&](const plan::NamedExpr& group) { return SameExpr(*group.expr, *expr); });
      return grouped ? std::move(expr) : std::move(alias);
    }
    if (expr) return expr;
  }
  if (alias) return alias;
  if (parts.size() == 1) {
    TARN_ASSIGN(ExprPtr expr, ResolveSpecialName(parts[0].text, source));
    if (expr) return expr;
  }
  if (!context.aliases_first || context.in_aggregate) {
    TARN_ASSIGN(ExprPtr expr, ResolveAlias(parts, source, context));
    if (expr) return expr;
  }
  if (context.output_scope && context.in_aggregate) {
    TARN_ASSIGN(ExprPtr expr, ResolveInScope(*context.output_scope, parts, source));
    if (expr) return expr;
  }
  const Scope* outer = context.scope ? context.scope->outer : nullptr;
  for (; outer; outer = outer->outer) {
    TARN_ASSIGN(ExprPtr expr, ResolveInScope(*outer, parts, source));
    if (expr) return expr;
  }
  if (context.environment && context.environment->session_names) {
    // [system.][session.]variable[.field…]
    size_t first = 0;
    if (parts.size() > 2 && SameName(parts[0].text, "system")) first = 1;
    if (parts.size() > first + 1 && SameName(parts[first].text, "session")) {
      first += 1;
    } else {
      first = 0;
    }
    for (const Variable& variable : context_.variables) {
      if (!SameName(variable.name, parts[first].text)) continue;
      ExprPtr expr = plan::MakeLiteral(variable.value, source);
      expr->nullable = true;
      std::string shown = VariableShown(variable, context_.session_zone);
      shown_[expr.get()] = std::move(shown);
      for (size_t i = first + 1; i < parts.size(); ++i) {
        TARN_ASSIGN(expr, AccessField(std::move(expr), parts[i], source));
      }
      return expr;
    }
  }
  return UnresolvedColumn(parts, source, context);
}

Error QueryAnalyzer::UnresolvedColumn(std::span<const sql::Identifier> parts,
                                      const SourceRange& source, const ExprContext& context) const {
  std::vector<std::string> names;
  if (context.scope) names = NearestColumns(*context.scope, parts);
  if (names.empty()) {
    return Error(Condition("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"), {{"objectName", NameOf(parts)}})
        .WithPosition(source);
  }
  std::string proposal;
  for (const std::string& name : names) proposal += (proposal.empty() ? "" : ", ") + name;
  return Error(Condition("UNRESOLVED_COLUMN.WITH_SUGGESTION"),
               {{"objectName", NameOf(parts)}, {"proposal", proposal}})
      .WithPosition(source);
}

Result<ExprPtr> QueryAnalyzer::AccessField(ExprPtr base, const sql::Identifier& field,
                                           const SourceRange& source) {
  if (base->type.Is(TypeId::kMap)) {
    return AccessElement(std::move(base), plan::MakeLiteral(Value::String(field.text), source),
                         source);
  }
  const bool of_array = base->type.Is(TypeId::kArray) && base->type.element().Is(TypeId::kStruct);
  if (!of_array && !base->type.Is(TypeId::kStruct)) {
    return NoFields(base->type, ShownAs(*base), field.text).WithPosition(source);
  }
  const DataType& type = of_array ? base->type.element() : base->type;
  int index = -1;
  for (size_t i = 0; i < type.fields().size(); ++i) {
    if (!SameName(type.fields()[i].name, field.text)) continue;
    if (index >= 0) {
      return Error(Condition("AMBIGUOUS_REFERENCE_TO_FIELDS"),
                   {{"field", QuoteIdentifier(field.text)}, {"count", "2"}})
          .WithPosition(source);
    }
    index = static_cast<int>(i);
  }
  if (index < 0) {
    std::string fields;
    for (const Field& known : type.fields()) {
      fields += (fields.empty() ? "" : ", ") + QuoteIdentifier(known.name);
    }
    return Error(Condition("FIELD_NOT_FOUND"),
                 {{"fieldName", QuoteIdentifier(field.text)}, {"fields", fields}})
        .WithPosition(source);
  }
  const Field& known = type.fields()[static_cast<size_t>(index)];
  std::string shown = ShownAs(*base) + "." + field.text;
  auto access = std::make_unique<plan::Expr>();
  access->source = source;
  access->type = known.type;
  if (!of_array) {
    // A field of a struct that is made on the spot is the value it is made from.
    if (IsCallOf(*base, "named_struct")) {
      ExprPtr value = std::move(base->As<plan::Call>()->args[static_cast<size_t>(index) * 2 + 1]);
      shown_[value.get()] = std::move(shown);
      discarded_.push_back(std::move(base));
      return value;
    }
    access->nullable = base->nullable || known.nullable;
    access->kind = plan::FieldAccess{std::move(base), index};
    shown_[access.get()] = std::move(shown);
    return access;
  }
  // A field of an array of structs is the array of the fields.
  plan::Lambda lambda;
  const bool element_nullable = base->type.contains_null();
  lambda.parameters.push_back({NewColumn(), "element", type, element_nullable});
  access->nullable = element_nullable || known.nullable;
  access->kind = plan::FieldAccess{
      plan::MakeColumnRef(lambda.parameters[0].id, "element", type, element_nullable, source),
      index};
  const DataType element = access->type;
  const bool contains_null = access->nullable;
  lambda.body = std::move(access);
  auto function = std::make_unique<plan::Expr>();
  function->type = element;
  function->nullable = contains_null;
  function->source = source;
  function->kind = std::move(lambda);
  const bool nullable = base->nullable;
  std::vector<ExprPtr> args;
  args.push_back(std::move(base));
  args.push_back(std::move(function));
  TARN_ASSIGN(ExprPtr fields, Build("transform", std::move(args), source));
  fields->type = DataType::Array(element, contains_null);
  fields->nullable = nullable;
  shown_[fields.get()] = std::move(shown);
  return fields;
}

Result<ExprPtr> QueryAnalyzer::AccessElement(ExprPtr base, ExprPtr index,
                                             const SourceRange& source) {
  if (base->type.Is(TypeId::kStruct)) {
    const auto* literal = index->As<plan::Literal>();
    if (literal && literal->value.type().IsString() && !literal->value.is_null()) {
      sql::Identifier field;
      field.text = literal->value.text();
      return AccessField(std::move(base), field, source);
    }
  }
  if (base->type.Is(TypeId::kStruct)) {
    return Error(Condition("INVALID_EXTRACT_FIELD_TYPE"), {{"extraction", Quoted(ShownAs(*index))}})
        .WithPosition(source);
  }
  const bool of_structs = base->type.Is(TypeId::kArray) && base->type.element().Is(TypeId::kStruct);
  if (of_structs && index->type.IsString()) {
    const auto* literal = index->As<plan::Literal>();
    if (literal && !literal->value.is_null()) {
      sql::Identifier field;
      field.text = literal->value.text();
      return AccessField(std::move(base), field, source);
    }
  }
  if (!base->type.Is(TypeId::kArray) && !base->type.Is(TypeId::kMap)) {
    return Error(Condition("INVALID_EXTRACT_BASE_FIELD_TYPE"),
                 {{"base", Quoted(ShownAs(*base))}, {"other", Quoted(base->type.ToSql())}})
        .WithPosition(source);
  }
  std::string shown = ShownAs(*base) + "[" + ShownAs(*index) + "]";
  std::vector<ExprPtr> args;
  args.push_back(std::move(base));
  args.push_back(std::move(index));
  TARN_ASSIGN(ExprPtr element, Build("[]", std::move(args), source));
  shown_[element.get()] = std::move(shown);
  return element;
}

}  // namespace tarn::analyze
