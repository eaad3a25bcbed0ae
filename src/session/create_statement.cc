#include "statements.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"

namespace tarn::session {

namespace {

using catalog::IfTaken;
using catalog::Purpose;

IfTaken TakenPolicy(sql::CreateMode mode) {
  switch (mode) {
    case sql::CreateMode::kCreate:
      return IfTaken::kFail;
    case sql::CreateMode::kCreateIfNotExists:
      return IfTaken::kKeep;
    default:
      return IfTaken::kReplace;
  }
}

catalog::Properties PropertiesOf(const std::vector<sql::Property>& properties) {
  catalog::Properties map;
  for (const sql::Property& property : properties) map[property.key] = property.value;
  return map;
}

/// The only part of a catalog's name.
Result<std::string> CatalogName(StatementScope& scope, const sql::ObjectName& name) {
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(name));
  if (parts.size() == 1) return parts[0];
  return Error(Condition("CATALOG_NOT_FOUND"), {{"catalogName", sql::ToSql(name)}})
      .WithPosition(name.source);
}

template <typename T>
Result<T> At(Result<T> result, const SourceRange& source) {
  if (result.ok()) return result;
  return std::move(result).error().WithDefaultPosition(source);
}

std::vector<catalog::FunctionParameter> ParametersOf(
    const std::vector<sql::RoutineParameter>& parameters) {
  std::vector<catalog::FunctionParameter> converted;
  for (const sql::RoutineParameter& parameter : parameters) {
    converted.push_back({parameter.name.text, parameter.type,
                         parameter.default_value ? sql::ToSql(*parameter.default_value) : "",
                         parameter.comment.value_or("")});
  }
  return converted;
}

}  // namespace

Result<Answer> RunCreateCatalog(StatementScope& scope, const sql::CreateCatalog& statement) {
  if (statement.foreign || !statement.using_kind.empty()) {
    return UnsupportedFeature("CREATE FOREIGN CATALOG", statement.name.source);
  }
  if (statement.managed_location) {
    return UnsupportedFeature("MANAGED LOCATION", statement.name.source);
  }
  TARN_ASSIGN(std::string name, CatalogName(scope, statement.name));
  TARN_TRY(At(
      scope.rooms().catalog().CreateCatalog(
          scope.request(), {name, statement.comment.value_or(""), PropertiesOf(statement.options)},
          TakenPolicy(statement.mode)),
      statement.name.source));
  return NothingToShow();
}

Result<Answer> RunCreateSchema(StatementScope& scope, const sql::CreateSchema& statement) {
  if (statement.location || statement.managed_location) {
    return UnsupportedFeature("MANAGED LOCATION", statement.name.source);
  }
  TARN_ASSIGN(auto name, scope.QualifiedSchema(statement.name));
  TARN_TRY(At(
      scope.rooms().catalog().CreateSchema(scope.request(),
                                           {name.first, name.second, statement.comment.value_or(""),
                                            PropertiesOf(statement.properties)},
                                           TakenPolicy(statement.mode)),
      statement.name.source));
  return NothingToShow();
}

Result<Answer> RunCreateVolume(StatementScope& scope, const sql::CreateVolume& statement) {
  catalog::VolumeInfo volume;
  TARN_ASSIGN(volume.name, scope.QualifiedName(statement.name));
  volume.type = statement.external ? catalog::TableType::kExternal : catalog::TableType::kManaged;
  if (statement.location) {
    TARN_ASSIGN(volume.location, scope.AllowedPath(*statement.location));
  }
  volume.comment = statement.comment.value_or("");
  TARN_TRY(
      At(scope.rooms().catalog().CreateVolume(scope.request(), volume, TakenPolicy(statement.mode)),
         statement.name.source));
  return NothingToShow();
}

namespace {

Status CheckViewColumns(const sql::CreateView& statement, size_t found) {
  if (!statement.has_columns || statement.columns.size() == found) return {};
  return Error(Condition("CREATE_VIEW_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS"),
               {{"viewName", sql::ToSql(statement.name)},
                {"viewColumns", std::to_string(statement.columns.size())},
                {"dataColumns", std::to_string(found)}})
      .WithPosition(statement.name.source);
}

Status CreateTemporaryView(StatementScope& scope, const sql::CreateView& statement,
                           std::string text) {
  SessionState& session = scope.session();
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  const std::string& name = parts.back();
  analyze::TemporaryView view{name, std::move(text), {}};
  for (const sql::ColumnDefinition& column : statement.columns) {
    view.column_names.push_back(column.name.back().text);
  }
  for (analyze::TemporaryView& existing : session.temporary_views) {
    if (!SameName(existing.name, name)) continue;
    if (statement.mode == sql::CreateMode::kCreateOrReplace) {
      existing = std::move(view);
      return {};
    }
    if (statement.mode == sql::CreateMode::kCreateIfNotExists) return {};
    return Error(Condition("TEMP_TABLE_OR_VIEW_ALREADY_EXISTS"),
                 {{"relationName", QuoteIdentifier(name)}})
        .WithPosition(statement.name.source);
  }
  session.temporary_views.push_back(std::move(view));
  return {};
}

}  // namespace

Status StoreView(StatementScope& scope, const sql::CreateView& statement,
                 const catalog::ObjectName& name, IfTaken taken) {
  analyze::AnalyzerContext context = scope.AnalyzerView();
  context.defined_view = &name;
  TARN_ASSIGN(plan::Query query, analyze::AnalyzeQuery(scope.request(), context, *statement.query));
  TARN_TRY(CheckViewColumns(statement, query.root->columns.size()));
  catalog::ViewInfo view;
  view.name = name;
  view.text = std::string(sql::Slice(scope.text(), statement.query->source));
  view.default_catalog = scope.session().current_catalog;
  view.default_schema = scope.session().current_schema;
  view.comment = statement.clauses.comment.value_or("");
  view.properties = PropertiesOf(statement.clauses.properties);
  view.settings["timezone"] = scope.session().session_zone;
  for (size_t i = 0; i < query.root->columns.size(); ++i) {
    const plan::OutputColumn& column = query.root->columns[i];
    catalog::ViewColumn shown{column.name, column.type, column.nullable, ""};
    if (statement.has_columns) {
      shown.name = statement.columns[i].name.back().text;
      shown.comment = statement.columns[i].comment.value_or("");
    }
    for (const catalog::ViewColumn& earlier : view.columns) {
      if (!SameName(earlier.name, shown.name)) continue;
      return Error(Condition("COLUMN_ALREADY_EXISTS"),
                   {{"columnName", QuoteIdentifier(FoldName(shown.name))}})
          .WithPosition(statement.query->source);
    }
    view.columns.push_back(std::move(shown));
  }
  TARN_TRY(
      At(scope.rooms().catalog().CreateView(scope.request(), view, taken), statement.name.source));
  return {};
}

Result<Answer> RunCreateView(StatementScope& scope, const sql::CreateView& statement) {
  if (statement.kind != sql::ObjectKind::kView || statement.metric || !statement.query) {
    const bool materialized = statement.kind == sql::ObjectKind::kMaterializedView;
    return UnsupportedFeature(materialized       ? "CREATE MATERIALIZED VIEW"
                              : statement.metric ? "CREATE VIEW WITH METRICS"
                                                 : "CREATE TEMPORARY VIEW USING",
                              statement.name.source);
  }
  if (statement.temporary) {
    TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
    const catalog::ObjectName own{"", "", parts.back()};
    analyze::AnalyzerContext context = scope.AnalyzerView();
    context.defined_view = &own;
    TARN_ASSIGN(plan::Query query,
                analyze::AnalyzeQuery(scope.request(), context, *statement.query));
    TARN_TRY(CheckViewColumns(statement, query.root->columns.size()));
    TARN_TRY(CreateTemporaryView(scope, statement,
                                 std::string(sql::Slice(scope.text(), statement.query->source))));
    return NothingToShow();
  }
  TARN_ASSIGN(const catalog::ObjectName name, scope.QualifiedName(statement.name));
  TARN_TRY(StoreView(scope, statement, name, TakenPolicy(statement.mode)));
  return NothingToShow();
}

namespace {

/// Analyses a call of the function, so that what its body lacks is told now and not to its callers.
Status CheckBody(StatementScope& scope, const catalog::FunctionInfo& function) {
  analyze::AnalyzerContext view = scope.AnalyzerView();
  view.defined_function = &function.name;
  view.temporary_functions.insert(view.temporary_functions.begin(),
                                  std::make_shared<const catalog::FunctionInfo>(function));
  // Its arguments are columns, since a body may ask more of a constant.
  std::string row = "(SELECT 1 AS p";
  std::string call = "session." + QuoteIdentifier(function.name.object) + "(";
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    const std::string name = "p" + std::to_string(i);
    row += ", CAST(NULL AS " + function.parameters[i].type.ToSql() + ") AS " + name;
    call += (i ? ", " : "") + name;
  }
  row += ") ";
  call += ") ";
  TARN_ASSIGN(sql::QueryPtr query,
              sql::ParseQuery(function.is_table ? "SELECT 1 FROM " + row + "AS r, LATERAL " + call
                                                : "SELECT " + call + "FROM " + row));
  auto analysed = analyze::AnalyzeQuery(scope.request(), view, *query);
  if (analysed.ok()) return {};
  return std::move(analysed).error().WithPosition({});
}

Result<Answer> CreateTemporaryFunction(StatementScope& scope, const sql::CreateFunction& statement,
                                       catalog::FunctionInfo function) {
  auto created = std::make_shared<const catalog::FunctionInfo>(std::move(function));
  for (catalog::FunctionPtr& existing : scope.session().temporary_functions) {
    if (!SameName(existing->name.object, created->name.object)) continue;
    if (statement.mode == sql::CreateMode::kCreateIfNotExists) return NothingToShow();
    if (statement.mode != sql::CreateMode::kCreateOrReplace) {
      return Error(Condition("ROUTINE_ALREADY_EXISTS"),
                   {{"routineName", QuoteIdentifier(created->name.object)},
                    {"newRoutineType", "routine"},
                    {"existingRoutineType", "routine"}})
          .WithPosition(statement.name.source);
    }
    existing = std::move(created);
    return NothingToShow();
  }
  scope.session().temporary_functions.push_back(std::move(created));
  return NothingToShow();
}

}  // namespace

Result<Answer> RunCreateFunction(StatementScope& scope, const sql::CreateFunction& statement) {
  const bool sql_language = statement.language.empty() || statement.language == "SQL";
  if (statement.is_procedure || !sql_language || (!statement.body_expr && !statement.body_query)) {
    return UnsupportedFeature(statement.is_procedure
                                  ? "CREATE PROCEDURE"
                                  : "CREATE FUNCTION LANGUAGE " + statement.language,
                              statement.name.source);
  }
  catalog::FunctionInfo function;
  if (statement.temporary) {
    TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
    function.name.object = parts.back();
  } else {
    TARN_ASSIGN(function.name, scope.QualifiedName(statement.name));
  }
  function.parameters = ParametersOf(statement.parameters);
  function.is_table = statement.returns_table;
  function.return_type = statement.returns;
  function.columns = ParametersOf(statement.table_columns);
  function.body = sql::Slice(scope.text(), statement.body_expr ? statement.body_expr->source
                                                               : statement.body_query->source);
  // A scalar function whose body is a query returns the query's only value.
  if (statement.body_query && !statement.returns_table) function.body = "(" + function.body + ")";
  function.deterministic = statement.deterministic.value_or(true);
  function.contains_sql = statement.data_access != "READS SQL DATA";
  function.comment = statement.comment.value_or("");
  function.default_catalog = scope.session().current_catalog;
  function.default_schema = scope.session().current_schema;
  TARN_TRY(CheckBody(scope, function));
  if (statement.temporary) return CreateTemporaryFunction(scope, statement, std::move(function));
  TARN_TRY(At(scope.rooms().catalog().CreateFunction(scope.request(), function,
                                                     TakenPolicy(statement.mode)),
              statement.name.source));
  return NothingToShow();
}

namespace {

Result<bool> DropTemporaryView(StatementScope& scope, const sql::Drop& statement) {
  if (statement.kind != sql::ObjectKind::kView) return false;
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  if (parts.size() != 1) return false;
  return std::erase_if(scope.session().temporary_views, [&](const analyze::TemporaryView& view) {
           return SameName(view.name, parts[0]);
         }) > 0;
}

Status DropVariable(StatementScope& scope, const sql::Drop& statement) {
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  const size_t dropped = std::erase_if(
      scope.session().variables,
      [&](const analyze::Variable& variable) { return SameName(variable.name, parts.back()); });
  if (dropped == 0 && !statement.if_exists) {
    return Error(Condition("VARIABLE_NOT_FOUND"), {{"variableName", sql::ToSql(statement.name)}});
  }
  return {};
}

Status DropTemporaryFunction(StatementScope& scope, const sql::Drop& statement) {
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  const size_t dropped =
      std::erase_if(scope.session().temporary_functions, [&](const catalog::FunctionPtr& function) {
        return SameName(function->name.object, parts.back());
      });
  if (dropped == 0 && !statement.if_exists) {
    return Error(Condition("ROUTINE_NOT_FOUND"), {{"routineName", sql::ToSql(statement.name)}});
  }
  return {};
}

Status DropObject(StatementScope& scope, const sql::Drop& statement) {
  catalog::Catalog& catalog = scope.rooms().catalog();
  const RequestContext& request = scope.request();
  switch (statement.kind) {
    case sql::ObjectKind::kCatalog: {
      TARN_ASSIGN(std::string name, CatalogName(scope, statement.name));
      return catalog.DropCatalog(request, name, statement.if_exists, statement.cascade);
    }
    case sql::ObjectKind::kSchema: {
      TARN_ASSIGN(auto name, scope.QualifiedSchema(statement.name));
      return catalog.DropSchema(request, name.first, name.second, statement.if_exists,
                                statement.cascade);
    }
    case sql::ObjectKind::kVariable:
      return DropVariable(scope, statement);
    case sql::ObjectKind::kFunction:
      if (statement.temporary) return DropTemporaryFunction(scope, statement);
      break;
    default:
      break;
  }
  TARN_ASSIGN(catalog::ObjectName name, scope.QualifiedName(statement.name));
  switch (statement.kind) {
    case sql::ObjectKind::kTable:
      return catalog.DropRelation(request, name, catalog::SecurableKind::kTable,
                                  statement.if_exists);
    case sql::ObjectKind::kView:
      return catalog.DropRelation(request, name, catalog::SecurableKind::kView,
                                  statement.if_exists);
    case sql::ObjectKind::kVolume:
      return catalog.DropVolume(request, name, statement.if_exists);
    case sql::ObjectKind::kFunction:
      return catalog.DropFunction(request, name, statement.if_exists);
    default:
      return UnsupportedFeature("DROP " + std::string(sql::ToSql(statement.kind)));
  }
}

}  // namespace

Result<Answer> RunDrop(StatementScope& scope, const sql::Drop& statement) {
  TARN_ASSIGN(bool dropped, DropTemporaryView(scope, statement));
  if (dropped) return NothingToShow();
  const Status status = DropObject(scope, statement);
  if (!status.ok()) return Error(status.error()).WithDefaultPosition(statement.name.source);
  return NothingToShow();
}

Result<Answer> RunUndrop(StatementScope& scope, const sql::Undrop& statement) {
  if (statement.kind != sql::ObjectKind::kTable) {
    return UnsupportedFeature("UNDROP " + std::string(sql::ToSql(statement.kind)),
                              statement.name.source);
  }
  catalog::Catalog& catalog = scope.rooms().catalog();
  if (!statement.id.empty()) {
    TARN_TRY(catalog.UndropTableById(scope.request(), statement.id));
    return NothingToShow();
  }
  TARN_ASSIGN(catalog::ObjectName name, scope.QualifiedName(statement.name));
  TARN_TRY(At(catalog.UndropTable(scope.request(), name), statement.name.source));
  return NothingToShow();
}

}  // namespace tarn::session
