#include <algorithm>

#include "query_analyzer.h"
#include "tarn/catalog/catalog.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/delta/snapshot.h"
#include "tarn/plan/coercion.h"
#include "tarn/sql/parser.h"

namespace tarn::analyze {

namespace {

constexpr int kViewDepthMax = 100;

bool IsFileFormat(std::string_view name) {
  for (const char* format : {"parquet", "csv", "json", "text", "delta", "binaryfile", "avro"}) {
    if (SameName(name, format)) return true;
  }
  return false;
}

/// An error about a table's folder, told by the table's name.
Error NamedTable(const Error& error, const catalog::TableInfo& table, const SourceRange& source) {
  std::vector<Error::Parameter> parameters = error.parameters();
  for (auto& [key, value] : parameters) {
    if (key == "table" && value == table.location) value = table.name.ToSql();
  }
  return Error(error.condition(), std::move(parameters)).WithPosition(source);
}

Error TableNotFound(std::span<const sql::Identifier> parts, const SourceRange& source) {
  std::string name;
  for (const sql::Identifier& part : parts) {
    name += (name.empty() ? "" : ".") + QuoteIdentifier(part.text);
  }
  return Error(Condition("TABLE_OR_VIEW_NOT_FOUND"), {{"relationName", name}}).WithPosition(source);
}

}  // namespace

RequestContext QueryAnalyzer::RequestFor(const Environment& env) const {
  RequestContext request = request_;
  if (!env.principal.empty()) request.principal = env.principal;
  return request;
}

Result<std::vector<sql::Identifier>> QueryAnalyzer::NameParts(const sql::ObjectName& name,
                                                              const Environment& env) {
  if (!name.identifier_clause) return name.parts;
  ExprContext context;
  context.environment = &env;
  TARN_ASSIGN(ExprPtr text, Analyze(*name.identifier_clause, context));
  if (!text->type.IsString()) {
    return Error(Condition("NOT_A_CONSTANT_STRING.WRONG_TYPE"),
                 {{"name", "IDENTIFIER"},
                  {"expr", Quoted(ShownAs(*text))},
                  {"dataType", Quoted(text->type.ToSql())}})
        .WithPosition(name.source);
  }
  TARN_ASSIGN(const auto value, EvaluateConstant(*text));
  if (!value) {
    return Error(Condition("NOT_A_CONSTANT_STRING.NOT_CONSTANT"),
                 {{"name", "IDENTIFIER"}, {"expr", Quoted(ShownAs(*text))}})
        .WithPosition(name.source);
  }
  if (value->is_null()) {
    return Error(Condition("NOT_A_CONSTANT_STRING.NULL"),
                 {{"name", "IDENTIFIER"}, {"expr", Quoted(ShownAs(*text))}})
        .WithPosition(name.source);
  }
  auto parsed = sql::ParseMultipartName(value->text());
  if (!parsed.ok()) return std::move(parsed).error();
  std::vector<sql::Identifier> parts = std::move(*parsed);
  for (sql::Identifier& part : parts) part.source = name.source;
  parts.insert(parts.end(), name.parts.begin(), name.parts.end());
  return parts;
}

Result<Source> QueryAnalyzer::ScanOf(plan::Relation relation, std::vector<std::string> qualifier) {
  plan::Scan scan;
  scan.relation = static_cast<plan::RelationId>(relations_.size());
  const auto* table = std::get_if<plan::DeltaRelation>(&relation.source);
  if (table != nullptr) scan.file_subset = table->file_subset;
  std::vector<plan::OutputColumn> columns;
  Source source;
  const auto* rows = std::get_if<plan::RowsRelation>(&relation.source);
  const bool files = std::holds_alternative<plan::DeltaRelation>(relation.source) ||
                     std::holds_alternative<plan::FileRelation>(relation.source) ||
                     (rows != nullptr && rows->rows == nullptr);
  const auto& fields = relation.schema.fields;
  columns.reserve(fields.size());
  source.scope.columns.reserve(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    const ColumnId id = NewColumn();
    SetOrigin(id, relation.name + "." + fields[i].name);
    // char(n) and varchar(n) read as strings.
    const DataType type = fields[i].type.IsString() ? DataType(TypeId::kString) : fields[i].type;
    scan.columns.push_back({id, static_cast<int>(i), plan::VirtualColumn::kNone});
    columns.push_back({id, fields[i].name, type, fields[i].nullable});
    source.scope.columns.push_back({id, fields[i].name, type, fields[i].nullable, 0});
  }
  if (context_.row_identity && table != nullptr) {
    const auto add = [&](const char* name, TypeId type, bool nullable, plan::VirtualColumn column) {
      const ColumnId id = NewColumn();
      scan.columns.push_back({id, -1, column});
      columns.push_back({id, name, type, nullable});
      source.scope.columns.push_back({id, name, type, nullable, 0, false, true});
    };
    add("__file_index", TypeId::kInt, false, plan::VirtualColumn::kFileIndex);
    add("__row_index", TypeId::kLong, false, plan::VirtualColumn::kRowIndex);
    if (delta::TrackedColumns(table->snapshot->metadata())) {
      add("__base_row_id", TypeId::kLong, true, plan::VirtualColumn::kBaseRowId);
      add("__file_commit_version", TypeId::kLong, true,
          plan::VirtualColumn::kDefaultRowCommitVersion);
      add("__stored_row_id", TypeId::kLong, true, plan::VirtualColumn::kMaterializedRowId);
      add("__stored_commit_version", TypeId::kLong, true,
          plan::VirtualColumn::kMaterializedRowCommitVersion);
    }
  }
  source.node = MakeNode(std::move(scan), std::move(columns));
  source.scope.relations.push_back({std::move(qualifier), files ? source.node.get() : nullptr});
  TARN_TRY(PadColumns(relation.schema, &source));
  relations_.push_back(std::move(relation));
  return source;
}

Result<Source> QueryAnalyzer::AnalyzeFrom(const std::vector<sql::RelationPtr>& from,
                                          const Scope* outer, const Environment& env) {
  Source source;
  if (from.empty()) {
    source.node = MakeSingleRow();
    source.scope.outer = outer;
    return source;
  }
  TARN_ASSIGN(source, AnalyzeRelation(*from[0], outer, env));
  source.scope.outer = outer;
  for (size_t i = 1; i < from.size(); ++i) {
    const bool lateral = from[i]->lateral;
    TARN_ASSIGN(Source right, AnalyzeRelation(*from[i], lateral ? &source.scope : outer, env));
    plan::Join join;
    join.kind = plan::JoinKind::kCross;
    join.lateral = lateral;
    auto columns = source.node->columns;
    columns.insert(columns.end(), right.node->columns.begin(), right.node->columns.end());
    join.left = std::move(source.node);
    join.right = std::move(right.node);
    source.node = MakeNode(std::move(join), std::move(columns));
    source.scope.Append(std::move(right.scope));
  }
  return source;
}

Result<Source> QueryAnalyzer::AnalyzeRelation(const sql::Relation& relation, const Scope* outer,
                                              const Environment& env) {
  Source source;
  if (const auto* table = relation.As<sql::TableRelation>()) {
    if (table->stream) {
      TARN_ASSIGN(source, OpenTableStream(*table, relation.source, env));
    } else {
      TARN_ASSIGN(source, OpenRelation(table->name, table, env));
    }
  } else if (const auto* subquery = relation.As<sql::SubqueryRelation>()) {
    TARN_ASSIGN(source, AnalyzeQuery(*subquery->query, outer, env));
    source.scope.Requalify({});
  } else if (const auto* function = relation.As<sql::FunctionRelation>()) {
    TARN_ASSIGN(source, AnalyzeTableFunction(relation, *function, outer, env));
  } else if (const auto* values = relation.As<sql::InlineTable>()) {
    TARN_ASSIGN(source, AnalyzeValues(*values, relation.sample ? nullptr : &relation.alias, outer,
                                      env, relation.source));
    if (!relation.sample) return source;
  } else if (const auto* inner = relation.As<sql::ParenthesizedRelation>()) {
    TARN_ASSIGN(source, AnalyzeRelation(*inner->relation, outer, env));
  } else if (const auto* join = relation.As<sql::JoinRelation>()) {
    TARN_ASSIGN(source, AnalyzeJoin(relation, *join, outer, env));
  } else if (const auto* pivot = relation.As<sql::PivotRelation>()) {
    TARN_ASSIGN(source, AnalyzeRelation(*pivot->input, outer, env));
    TARN_ASSIGN(source, AnalyzePivot(std::move(source), *pivot, relation.source, env));
  } else if (const auto* unpivot = relation.As<sql::UnpivotRelation>()) {
    TARN_ASSIGN(source, AnalyzeRelation(*unpivot->input, outer, env));
    TARN_ASSIGN(source, AnalyzeUnpivot(std::move(source), *unpivot, relation.source, env));
  }
  if (relation.sample) {
    TARN_ASSIGN(source, ApplySample(std::move(source), *relation.sample, env));
  }
  if (!relation.alias.empty() || !relation.alias.columns.empty()) {
    TARN_ASSIGN(source, ApplyAlias(std::move(source), relation.alias, relation.source));
  }
  return source;
}

Result<Source> QueryAnalyzer::ApplyAlias(Source source, const sql::TableAlias& alias,
                                         const SourceRange& position) {
  if (alias.empty() && alias.columns.empty()) return source;
  std::vector<std::string> qualifier;
  if (!alias.name.empty()) qualifier.push_back(alias.name.text);
  source.scope.Requalify(std::move(qualifier));
  if (alias.columns.empty()) return source;
  const auto visible =
      static_cast<size_t>(std::count_if(source.scope.columns.begin(), source.scope.columns.end(),
                                        [](const ScopeColumn& column) { return !column.hidden; }));
  if (alias.columns.size() != visible) {
    return Error(Condition("ASSIGNMENT_ARITY_MISMATCH"),
                 {{"numExpr", std::to_string(visible)},
                  {"numTarget", std::to_string(alias.columns.size())}})
        .WithPosition(position);
  }
  for (size_t i = 0; i < alias.columns.size(); ++i) {
    source.scope.columns[i].name = alias.columns[i].text;
  }
  return source;
}

Result<Source> QueryAnalyzer::ApplySample(Source source, const sql::TableSample& sample,
                                          const Environment& env) {
  if (sample.kind == sql::SampleKind::kBytes) {
    return UnsupportedFeature("TABLESAMPLE by bytes", sample.source);
  }
  auto columns = source.node->columns;
  if (sample.kind == sql::SampleKind::kRows) {
    TARN_ASSIGN(auto rows, LimitValue(*sample.amount, "TABLESAMPLE", nullptr, env));
    plan::Limit limit;
    limit.count = plan::MakeLiteral(Value::Long(*rows), sample.source);
    limit.input = std::move(source.node);
    source.node = MakeNode(std::move(limit), std::move(columns));
    return source;
  }
  plan::Sample node;
  node.seed = sample.seed;
  if (sample.kind == sql::SampleKind::kBucket) {
    node.fraction = sample.buckets > 0 ? double(sample.bucket) / double(sample.buckets) : 0;
  } else {
    ExprContext context;
    context.environment = &env;
    TARN_ASSIGN(ExprPtr amount, Analyze(*sample.amount, context));
    amount = plan::MakeCast(std::move(amount), TypeId::kDouble);
    const auto value = FoldConstant(*amount, context_.session_zone);
    if (!value || value->is_null() || value->real() < 0 || value->real() > 100) {
      return Error(Condition("INVALID_PARAMETER_VALUE"),
                   {{"value", ShownAs(*amount)},
                    {"parameter", "TABLESAMPLE"},
                    {"detail", "a percentage is between 0 and 100"}})
          .WithPosition(sample.source);
    }
    node.fraction = value->real() / 100;
  }
  node.input = std::move(source.node);
  source.node = MakeNode(std::move(node), std::move(columns));
  return source;
}

Result<TimeTravel> QueryAnalyzer::SettleTimeTravel(const sql::TimeTravel& travel,
                                                   const Environment& env) {
  TimeTravel settled;
  ExprContext context;
  context.environment = &env;
  const sql::Expr& expr = travel.version ? *travel.version : *travel.timestamp;
  TARN_ASSIGN(ExprPtr value, Analyze(expr, context));
  const bool version = travel.version != nullptr;
  if (!version && value->type.Is(TypeId::kNull)) {
    return Error(Condition("INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT"),
                 {{"expr", Quoted(ShownAs(*value))}})
        .WithPosition(travel.source);
  }
  const std::string shown = ShownAs(*value);
  TARN_ASSIGN(value, CastTo(std::move(value), version ? TypeId::kLong : TypeId::kTimestamp,
                            plan::CastMode::kAnsi, true, travel.source));
  const auto folded = FoldConstant(*value, context_.session_zone);
  if (!folded || folded->is_null()) {
    return Error(Condition("INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT"), {{"expr", Quoted(shown)}})
        .WithPosition(travel.source);
  }
  (version ? settled.version : settled.timestamp_us) = folded->integer();
  return settled;
}

Result<Source> QueryAnalyzer::OpenPath(std::string_view format, const std::string& path,
                                       const sql::TableRelation* reference,
                                       const SourceRange& position, const Environment& env) {
  if (!context_.relations) return InternalError("no source of relations");
  const RequestContext request = RequestFor(env);
  plan::Relation relation;
  std::vector<std::string> qualifier = {std::string(format), path};
  if (SameName(format, "delta")) {
    TimeTravel travel;
    if (reference && reference->time_travel) {
      TARN_ASSIGN(travel, SettleTimeTravel(*reference->time_travel, env));
    }
    const auto root = context_.relations->ResolvePath(request, path);
    if (!root.ok()) return Error(root.error()).WithDefaultPosition(position);
    auto snapshot = context_.relations->OpenSnapshot(request, *root, travel);
    if (!snapshot.ok()) return std::move(snapshot).error().WithDefaultPosition(position);
    relation.name = "delta.`" + path + "`";
    relation.schema = (*snapshot)->schema();
    relation.source = plan::DeltaRelation{*snapshot, *root};
    return ScanOf(std::move(relation), std::move(qualifier));
  }
  if (reference && reference->time_travel) {
    return UnsupportedFeature("time travel over files of this format",
                              reference->time_travel->source);
  }
  FilesReference files;
  files.path = path;
  files.format = Lower(format);
  files.plain = true;
  if (reference) {
    for (const sql::Property& option : reference->options) {
      files.options.emplace_back(Lower(option.key), option.value);
    }
  }
  auto opened = context_.relations->OpenFiles(request, std::move(files));
  if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(position);
  return ScanOf(std::move(*opened), std::move(qualifier));
}

Status QueryAnalyzer::CheckNotDefined(const catalog::ObjectName& view,
                                      const SourceRange& source) const {
  if (context_.defined_view == nullptr || !context_.defined_view->SameAs(view)) return {};
  const bool temporary = view.schema.empty();
  return Error(Condition("RECURSIVE_VIEW"),
               {{"viewIdent", temporary ? QuoteIdentifier(view.object) : view.ToSql()}})
      .WithPosition(source);
}

Result<Source> QueryAnalyzer::OpenView(const catalog::ViewInfo& view, const SourceRange& source,
                                       const Environment& env) {
  if (env.view_depth >= kViewDepthMax) {
    return Error(
               Condition("VIEW_EXCEED_MAX_NESTED_DEPTH"),
               {{"viewName", view.name.ToSql()}, {"maxNestedDepth", std::to_string(kViewDepthMax)}})
        .WithPosition(source);
  }
  TARN_TRY(CheckNotDefined(view.name, source));
  auto parsed = sql::ParseQuery(view.text);
  if (!parsed.ok()) return std::move(parsed).error();
  Environment inner;
  inner.catalog = view.default_catalog;
  inner.schema = view.default_schema;
  inner.view_depth = env.view_depth + 1;
  inner.query_depth = env.query_depth;
  inner.session_names = false;
  inner.principal = view.owner;
  auto body = AnalyzeQuery(**parsed, nullptr, inner);
  if (!body.ok()) {
    // Positions inside the view's text mean nothing in the user's.
    return std::move(body).error().WithPosition(source);
  }
  Source result = std::move(*body);
  if (!view.columns.empty() && view.columns.size() != result.node->columns.size()) {
    return Error(Condition("INCOMPATIBLE_VIEW_SCHEMA_CHANGE"),
                 {{"viewName", view.name.ToSql()},
                  {"colName", ""},
                  {"expectedNum", std::to_string(view.columns.size())},
                  {"actualCols", std::to_string(result.node->columns.size())},
                  {"suggestion", "CREATE OR REPLACE VIEW"}})
        .WithPosition(source);
  }
  std::vector<plan::NamedExpr> items;
  Source renamed;
  renamed.scope.relations.push_back({{view.name.catalog, view.name.schema, view.name.object}});
  for (size_t i = 0; i < result.node->columns.size(); ++i) {
    const plan::OutputColumn& from = result.node->columns[i];
    ExprPtr value = plan::MakeColumnRef(from.id, from.name, from.type, from.nullable);
    std::string name = from.name;
    if (!view.columns.empty()) {
      name = view.columns[i].name;
      const DataType& type = view.columns[i].type;
      if (!type.Is(TypeId::kNull) && !type.EquivalentTo(from.type)) {
        TARN_ASSIGN(value, CastTo(std::move(value), type, plan::CastMode::kAnsi, true, source));
      }
    }
    const ColumnId id = NewColumn();
    SetOrigin(id, std::vector<ColumnId>{from.id});
    renamed.scope.columns.push_back({id, name, value->type, value->nullable, 0});
    items.push_back({id, std::move(name), std::move(value)});
  }
  renamed.node = MakeProject(std::move(result.node), std::move(items));
  return renamed;
}

Result<Source> QueryAnalyzer::ScanOfAll(std::vector<plan::Relation> relations,
                                        const std::vector<std::string>& qualifier,
                                        const SourceRange& position) {
  std::optional<Source> all;
  for (plan::Relation& relation : relations) {
    TARN_ASSIGN(Source part, ScanOf(std::move(relation), qualifier));
    if (!all) {
      all = std::move(part);
      continue;
    }
    TARN_ASSIGN(all, CombineSets(std::move(*all), std::move(part), sql::SetOperator::kUnion, true,
                                 false, position));
    all->scope.relations.assign(1, {qualifier});
  }
  if (!all) return InternalError("a reference without relations");
  return *std::move(all);
}

Result<Source> QueryAnalyzer::OpenStream(StreamReference stream, std::vector<std::string> qualifier,
                                         const SourceRange& position, const Environment& env) {
  if (!context_.flow) return UnsupportedFeature("STREAM outside of a flow", position);
  stream.ordinal = streams_++;
  auto opened = context_.flow->OpenStream(RequestFor(env), stream);
  if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(position);
  return ScanOfAll(*std::move(opened), qualifier, position);
}

Result<Source> QueryAnalyzer::OpenTableStream(const sql::TableRelation& table,
                                              const SourceRange& position, const Environment& env) {
  if (table.time_travel) {
    return UnsupportedFeature("time travel of a stream", table.time_travel->source);
  }
  TARN_ASSIGN(std::vector<sql::Identifier> parts, NameParts(table.name, env));
  DropLivePrefix(&parts);
  if (parts.size() == 1 && IsTemporaryView(parts[0].text, env)) {
    // The view's own text says what of it is a stream.
    return OpenRelation(table.name, &table, env);
  }
  StreamReference stream;
  TARN_ASSIGN(stream.table, CompletedName(parts, table.name.source, env));
  for (const sql::Property& option : table.options) {
    std::string name = Lower(option.key);
    if (name == "readchangefeed" || name == "readchangedata") {
      stream.change_feed = SameName(option.value, "true");
    } else {
      stream.options.emplace_back(std::move(name), option.value);
    }
  }
  std::vector<std::string> qualifier = stream.table;
  return OpenStream(std::move(stream), std::move(qualifier), position, env);
}

Result<std::vector<std::string>> QueryAnalyzer::CompletedName(
    std::span<const sql::Identifier> parts, const SourceRange& source,
    const Environment& env) const {
  if (parts.empty() || parts.size() > 3) return TableNotFound(parts, source);
  std::vector<std::string> name = {env.catalog, env.schema, parts.back().text};
  if (parts.size() > 1) name[1] = parts[parts.size() - 2].text;
  if (parts.size() > 2) name[0] = parts[0].text;
  return name;
}

void QueryAnalyzer::DropLivePrefix(std::vector<sql::Identifier>* parts) const {
  if (!context_.flow || !context_.flow->KnowsLiveNames()) return;
  if (parts->size() == 2 && SameName(parts->front().text, "live")) parts->erase(parts->begin());
}

bool QueryAnalyzer::IsTemporaryView(std::string_view name, const Environment& env) const {
  const auto is_it = [&](const std::string& hidden) { return SameName(hidden, name); };
  if (std::any_of(env.hidden_views.begin(), env.hidden_views.end(), is_it)) return false;
  return env.session_names &&
         std::any_of(context_.temporary_views.begin(), context_.temporary_views.end(),
                     [&](const TemporaryView& view) { return SameName(view.name, name); });
}

Result<Source> QueryAnalyzer::OpenTemporaryView(const TemporaryView& view,
                                                const SourceRange& position,
                                                const Environment& env) {
  TARN_TRY(CheckNotDefined({"", "", view.name}, position));
  Environment inner = env;
  inner.common_tables = nullptr;
  if (!view.catalog.empty()) inner.catalog = view.catalog;
  if (!view.schema.empty()) inner.schema = view.schema;
  inner.hidden_views.push_back(view.name);
  auto parsed = sql::ParseQuery(view.text);
  if (!parsed.ok()) return std::move(parsed).error();
  inner.view_depth = env.view_depth + 1;
  if (inner.view_depth > kViewDepthMax) {
    return Error(Condition("VIEW_EXCEED_MAX_NESTED_DEPTH"),
                 {{"viewName", QuoteIdentifier(view.name)},
                  {"maxNestedDepth", std::to_string(kViewDepthMax)}})
        .WithPosition(position);
  }
  TARN_ASSIGN(Source source, AnalyzeQuery(**parsed, nullptr, inner));
  source.scope.Requalify({view.name});
  for (size_t i = 0; i < view.column_names.size() && i < source.scope.columns.size(); ++i) {
    source.scope.columns[i].name = view.column_names[i];
  }
  if (!view.checks.empty()) TARN_TRY(CheckRows(view, inner, &source));
  return source;
}

Status QueryAnalyzer::CheckRows(const TemporaryView& view, const Environment& env, Source* source) {
  plan::Check check;
  check.checks = view.checks;
  for (const plan::RowCheck& row_check : view.checks) {
    TARN_ASSIGN(const sql::ExprPtr parsed, sql::ParseExpression(row_check.condition));
    ExprContext context;
    context.environment = &env;
    context.scope = &source->scope;
    TARN_ASSIGN(ExprPtr condition, Analyze(*parsed, context));
    check.conditions.push_back(std::move(condition));
  }
  auto columns = source->node->columns;
  check.input = std::move(source->node);
  source->node = MakeNode(std::move(check), std::move(columns));
  return {};
}

Result<Source> QueryAnalyzer::OpenRelation(const sql::ObjectName& name,
                                           const sql::TableRelation* reference,
                                           const Environment& env) {
  TARN_ASSIGN(std::vector<sql::Identifier> parts, NameParts(name, env));
  if (parts.empty()) return InternalError("a relation without a name");
  DropLivePrefix(&parts);
  const std::string& last = parts.back().text;
  if (parts.size() == 1) {
    for (const CommonTables* tables = env.common_tables; tables; tables = tables->outer) {
      for (const CommonTable& table : tables->entries) {
        if (!SameName(table.name, last)) continue;
        Source source;
        source.scope.relations.push_back({{table.name}});
        std::vector<plan::OutputColumn> columns = table.columns;
        for (plan::OutputColumn& column : columns) {
          const ColumnId from = column.id;
          column.id = NewColumn();
          SetOrigin(column.id, std::vector<ColumnId>{from});
          source.scope.columns.push_back({column.id, column.name, column.type, column.nullable, 0});
        }
        source.node = MakeNode(plan::CteScan{table.id}, std::move(columns));
        return source;
      }
    }
  }
  if (parts.size() == 1) {
    for (const auto& [provided, relation] : context_.provided_relations) {
      if (SameName(provided, last)) return ScanOf(relation, {provided});
    }
  }
  const bool temporary =
      parts.size() == 1 || (parts.size() == 2 && SameName(parts[0].text, "session"));
  if (temporary && IsTemporaryView(last, env)) {
    for (const TemporaryView& view : context_.temporary_views) {
      if (SameName(view.name, last)) return OpenTemporaryView(view, name.source, env);
    }
  }
  if (parts.size() == 2 && IsFileFormat(parts[0].text) &&
      (last.find('/') != std::string::npos || last.find(':') != std::string::npos)) {
    return OpenPath(parts[0].text, last, reference, name.source, env);
  }
  if (parts.size() > 3 || !context_.catalog) return TableNotFound(parts, name.source);
  catalog::ObjectName object;
  object.object = last;
  object.schema = parts.size() > 1 ? parts[parts.size() - 2].text : env.schema;
  object.catalog = parts.size() > 2 ? parts[0].text : env.catalog;
  const RequestContext request = RequestFor(env);
  std::vector<std::string> qualifier = {object.catalog, object.schema, object.object};
  if (SameName(object.schema, "information_schema") || SameName(object.catalog, "system")) {
    auto opened =
        context_.relations->OpenSystemTable(request, object.catalog, object.schema, object.object);
    if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(name.source);
    return ScanOf(std::move(*opened), std::move(qualifier));
  }
  if (context_.flow) {
    TARN_ASSIGN(auto dataset, context_.flow->FindDataset(request, object));
    if (dataset) return ScanOf(std::move(*dataset), std::move(qualifier));
  }
  auto found = context_.catalog->LookupRelation(request, object, catalog::Purpose::kRead);
  if (!found.ok()) {
    const Condition condition = found.error().condition();
    if (parts.size() == 2 && IsFileFormat(parts[0].text)) {
      return OpenPath(parts[0].text, last, reference, name.source, env);
    }
    if (condition == Condition("SCHEMA_NOT_FOUND") || condition == Condition("CATALOG_NOT_FOUND")) {
      return TableNotFound(parts, name.source).WithHint(found.error().message());
    }
    return std::move(found).error().WithPosition(name.source);
  }
  if (const auto* view = std::get_if<catalog::ViewPtr>(&*found)) {
    if (reference && reference->time_travel) {
      return UnsupportedFeature("time travel over a view", reference->time_travel->source);
    }
    return OpenView(**view, name.source, env);
  }
  const catalog::TableInfo& table = *std::get<catalog::TablePtr>(*found);
  qualifier = {table.name.catalog, table.name.schema, table.name.object};
  plan::Relation relation;
  relation.name = table.name.ToString();
  if (!SameName(table.format, "delta")) {
    FilesReference files;
    files.path = table.location;
    files.format = Lower(table.format);
    files.schema = table.schema;
    files.plain = true;
    for (const auto& [key, value] : table.properties) files.options.emplace_back(Lower(key), value);
    auto opened = context_.relations->OpenFiles(request, std::move(files));
    if (!opened.ok()) return std::move(opened).error().WithDefaultPosition(name.source);
    opened->name = relation.name;
    return ScanOf(std::move(*opened), std::move(qualifier));
  }
  TimeTravel travel;
  if (reference && reference->time_travel) {
    TARN_ASSIGN(travel, SettleTimeTravel(*reference->time_travel, env));
  }
  auto snapshot = context_.relations->OpenSnapshot(request, table.location, travel);
  if (!snapshot.ok()) return NamedTable(snapshot.error(), table, name.source);
  relation.schema = (*snapshot)->schema();
  relation.source = plan::DeltaRelation{*snapshot, table.location};
  return ScanOf(std::move(relation), std::move(qualifier));
}

}  // namespace tarn::analyze
