#include <algorithm>

#include "alter_columns.h"
#include "assignment.h"
#include "column_expressions.h"
#include "drop_feature.h"
#include "history_parameters.h"
#include "statements.h"
#include "table_commit.h"
#include "table_definition.h"
#include "tarn/sql/parser.h"
#include "tarn/sql/printer.h"
#include "write_plan.h"

namespace tarn::session {

namespace {

using catalog::Purpose;

Status Apply(TableChange& change, const sql::SetProperties& action) {
  change.operation = "SET TBLPROPERTIES";
  TARN_TRY(RefuseWriterProperties(action.properties));
  for (const sql::Property& property : action.properties) {
    if (!property.key.starts_with(kConstraintPrefix)) continue;
    return Error(Condition("DELTA_ADD_CONSTRAINTS")).WithPosition(property.source);
  }
  std::map<std::string, std::string> set;
  for (const sql::Property& property : action.properties) set[property.key] = property.value;
  change.parameters = {{"properties", PropertyObject(set)}};
  for (auto& [key, value] : set) change.metadata.configuration[key] = std::move(value);
  return {};
}

Status Apply(TableChange& change, const sql::UnsetProperties& action) {
  change.operation = "UNSET TBLPROPERTIES";
  TARN_TRY(RefuseWriterProperties(action.properties));
  std::vector<std::string> keys;
  for (const sql::Property& property : action.properties) {
    keys.push_back(property.key);
    if (change.metadata.configuration.erase(property.key) == 0 && !action.if_exists) {
      return Error(Condition("DELTA_UNSET_NON_EXISTENT_PROPERTY"),
                   {{"tableName", change.target.display}, {"property", property.key}})
          .WithPosition(property.source);
    }
  }
  change.parameters = {{"properties", NameList(keys)},
                       {"ifExists", action.if_exists ? "true" : "false"}};
  return {};
}

Status Apply(TableChange& change, const sql::SetComment& action) {
  change.operation = "SET TBLPROPERTIES";
  change.metadata.description = action.comment.value_or("");
  change.parameters = {{"properties", PropertyObject({{"comment", change.metadata.description}})}};
  return {};
}

/// The rows there are must satisfy a new constraint.
Status RequireAllRows(TableChange& change, const std::string& name, const std::string& text) {
  TARN_ASSIGN(const Value violations,
              OnlyValue(change, "count(*)", "NOT coalesce(" + text + ", false)"));
  const int64_t count = violations.integer();
  if (count == 0) return {};
  return Error(Condition("DELTA_NEW_CHECK_CONSTRAINT_VIOLATION"),
               {{"numRows", std::to_string(count)},
                {"tableName", change.target.display},
                {"checkConstraint", name + " (" + text + ")"}});
}

Status Apply(TableChange& change, const sql::AddConstraint& action) {
  const sql::Constraint& constraint = action.constraint;
  // Keys are informational: nothing enforces them.
  if (constraint.kind == sql::ConstraintKind::kPrimaryKey ||
      constraint.kind == sql::ConstraintKind::kForeignKey) {
    return {};
  }
  if (constraint.kind != sql::ConstraintKind::kCheck) {
    return UnsupportedFeature("This kind of constraint", constraint.source);
  }
  change.operation = "ADD CONSTRAINT";
  const std::string key = kConstraintPrefix + FoldName(constraint.name.text);
  if (change.metadata.configuration.contains(key)) {
    return Error(Condition("DELTA_CONSTRAINT_ALREADY_EXISTS"),
                 {{"constraintName", constraint.name.text}, {"table", change.target.display}})
        .WithPosition(constraint.source);
  }
  TARN_TRY(
      RequireCheck(change.scope, change.metadata.schema, constraint.name.text, *constraint.check));
  const std::string text(sql::Slice(change.scope.text(), constraint.check->source));
  TARN_TRY(RequireAllRows(change, constraint.name.text, text));
  change.parameters = {{"name", constraint.name.text}, {"expr", text}};
  change.metadata.configuration[key] = text;
  return {};
}

Status Apply(TableChange& change, const sql::DropConstraint& action) {
  if (action.primary_key || action.foreign_key) return {};
  change.operation = "DROP CONSTRAINT";
  const std::string key = kConstraintPrefix + FoldName(action.name.text);
  const auto existing = change.metadata.configuration.find(key);
  if (existing == change.metadata.configuration.end() && !action.if_exists) {
    return Error(Condition("DELTA_CONSTRAINT_DOES_NOT_EXIST"),
                 {{"constraintName", action.name.text}, {"table", change.target.display}})
        .WithPosition(action.name.source);
  }
  change.parameters = {{"name", action.name.text}, {"existed", "false"}};
  if (existing != change.metadata.configuration.end()) {
    change.parameters["existed"] = "true";
    change.parameters["expr"] = existing->second;
    change.metadata.configuration.erase(existing);
  }
  return {};
}

Status Apply(TableChange& change, const sql::SetClusterBy& action) {
  if (action.cluster_by.automatic) return UnsupportedFeature("CLUSTER BY AUTO");
  if (!change.metadata.partition_columns.empty()) {
    return Error(Condition("DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED"));
  }
  change.operation = "CLUSTER BY";
  TARN_ASSIGN(change.clustering, ColumnPaths(change.metadata.schema, action.cluster_by.columns));
  RequireClustering(change.metadata);
  TARN_ASSIGN(const auto before, delta::ClusteringColumns(*change.snapshot));
  const auto shown = [](const std::vector<delta::ColumnPath>& columns) {
    std::string text;
    for (const delta::ColumnPath& path : columns) {
      text += (text.empty() ? "" : ",") + delta::ShownPath(path);
    }
    return text;
  };
  change.parameters = {{"oldClusteringColumns", before ? shown(*before) : ""},
                       {"newClusteringColumns", shown(*change.clustering)}};
  return {};
}

Status Apply(TableChange&, const sql::OtherAction& action) {
  return UnsupportedFeature("ALTER TABLE " + action.name);
}

template <typename T>
Status Apply(TableChange&, const T&) {
  return UnsupportedFeature("This form of ALTER TABLE");
}

Result<Answer> AlterTable(StatementScope& scope, const sql::Alter& statement) {
  TARN_ASSIGN(TableTarget target, scope.FindTable(statement.name, Purpose::kAlter, "ALTER TABLE"));
  TARN_ASSIGN(auto snapshot, scope.PinLatest(target.root));
  if (const auto* drop = std::get_if<sql::DropFeature>(&statement.action)) {
    const Status dropped = DropTableFeature(scope, target, snapshot, *drop);
    if (!dropped.ok()) return Error(dropped.error()).WithDefaultPosition(statement.action_source);
    return NothingToShow();
  }
  TableChange change{scope, target, snapshot, snapshot->metadata(), "", {}, {}};
  const Status applied =
      std::visit([&](const auto& action) { return Apply(change, action); }, statement.action);
  if (!applied.ok()) return Error(applied.error()).WithDefaultPosition(statement.action_source);
  if (change.operation.empty()) return NothingToShow();
  TARN_ASSIGN(delta::Transaction transaction, BeginChange(scope, target.root, snapshot));
  transaction.ReadWholeTable();
  TARN_TRY(transaction.SetMetadata(std::move(change.metadata)));
  if (change.clustering) {
    TARN_ASSIGN(delta::DomainMetadata domain,
                delta::ClusteringDomain(transaction.metadata(), *change.clustering));
    transaction.SetDomainMetadata(std::move(domain));
  }
  transaction.SetOperation(change.operation, std::move(change.parameters));
  TARN_TRY(CommitAndPublish(scope, target, transaction));
  return NothingToShow();
}

catalog::SecurableKind KindOf(sql::ObjectKind kind) {
  return kind == sql::ObjectKind::kView ? catalog::SecurableKind::kView
                                        : catalog::SecurableKind::kTable;
}

/// ALTER of what only the catalog knows: owner, comments, properties of catalogs, schemas, views,
/// volumes.
Result<Answer> AlterSecurable(StatementScope& scope, const sql::Alter& statement,
                              const catalog::SecurableChange& change) {
  catalog::Catalog& catalog = scope.rooms().catalog();
  const RequestContext& request = scope.request();
  switch (statement.kind) {
    case sql::ObjectKind::kCatalog: {
      TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
      TARN_TRY(catalog.AlterCatalog(request, parts.back(), change));
      return NothingToShow();
    }
    case sql::ObjectKind::kSchema: {
      TARN_ASSIGN(auto name, scope.QualifiedSchema(statement.name));
      TARN_TRY(catalog.AlterSchema(request, name.first, name.second, change));
      return NothingToShow();
    }
    case sql::ObjectKind::kVolume: {
      TARN_ASSIGN(catalog::ObjectName name, scope.QualifiedName(statement.name));
      TARN_TRY(catalog.AlterVolume(request, name, change));
      return NothingToShow();
    }
    case sql::ObjectKind::kTable:
    case sql::ObjectKind::kView: {
      TARN_ASSIGN(catalog::ObjectName name, scope.QualifiedName(statement.name));
      TARN_TRY(catalog.AlterRelation(request, name, KindOf(statement.kind), change));
      return NothingToShow();
    }
    default:
      return UnsupportedFeature("ALTER " + std::string(sql::ToSql(statement.kind)),
                                statement.action_source);
  }
}

}  // namespace

namespace {

/// ALTER VIEW … AS: another query; comment and properties stay.
Result<Answer> AlterViewQuery(StatementScope& scope, const sql::Alter& statement,
                              const sql::SetViewQuery& action) {
  TARN_ASSIGN(catalog::ObjectName name, scope.QualifiedName(statement.name));
  TARN_ASSIGN(std::vector<std::string> parts, scope.NameParts(statement.name));
  SessionState& session = scope.session();
  const auto temporary =
      std::ranges::find_if(session.temporary_views, [&](const analyze::TemporaryView& view) {
        return parts.size() == 1 && SameName(view.name, parts[0]);
      });
  const bool is_temporary = temporary != session.temporary_views.end();
  if (is_temporary) name = {"", "", parts[0]};
  analyze::AnalyzerContext context = scope.AnalyzerView();
  context.defined_view = &name;
  TARN_ASSIGN(plan::Query query, analyze::AnalyzeQuery(scope.request(), context, *action.query));
  std::string text(sql::Slice(scope.text(), action.query->source));
  if (is_temporary) {
    *temporary = {temporary->name, std::move(text), {}};
    return NothingToShow();
  }
  catalog::Catalog& catalog = scope.rooms().catalog();
  auto found = catalog.LookupRelation(scope.request(), name, Purpose::kAlter);
  if (!found.ok()) return std::move(found).error().WithDefaultPosition(statement.name.source);
  const auto* existing = std::get_if<catalog::ViewPtr>(&*found);
  if (existing == nullptr) {
    return Error(Condition("WRONG_COMMAND_FOR_OBJECT_TYPE"), {{"operation", "ALTER VIEW … AS"},
                                                              {"requiredType", "VIEW"},
                                                              {"objectName", name.ToSql()},
                                                              {"foundType", "TABLE"},
                                                              {"alternative", "ALTER TABLE"}})
        .WithPosition(statement.name.source);
  }
  catalog::ViewInfo view = **existing;
  view.text = std::move(text);
  view.default_catalog = session.current_catalog;
  view.default_schema = session.current_schema;
  view.settings["timezone"] = session.session_zone;
  view.columns.clear();
  for (const plan::OutputColumn& column : query.root->columns) {
    view.columns.push_back({column.name, column.type, column.nullable, ""});
  }
  TARN_TRY(catalog.CreateView(scope.request(), view, catalog::IfTaken::kReplace));
  return NothingToShow();
}

}  // namespace

Result<Answer> RunAlter(StatementScope& scope, const sql::Alter& statement) {
  if (const auto* owner = std::get_if<sql::SetOwner>(&statement.action)) {
    catalog::SecurableChange change;
    change.owner = owner->owner.text;
    return AlterSecurable(scope, statement, change);
  }
  const bool relation =
      statement.kind == sql::ObjectKind::kTable || statement.kind == sql::ObjectKind::kView;
  if (const auto* rename = std::get_if<sql::RenameTo>(&statement.action); rename && relation) {
    TARN_ASSIGN(catalog::ObjectName from, scope.QualifiedName(statement.name));
    TARN_ASSIGN(catalog::ObjectName to, scope.QualifiedName(rename->name));
    const Status renamed =
        scope.rooms().catalog().RenameRelation(scope.request(), from, to, KindOf(statement.kind));
    if (!renamed.ok()) return Error(renamed.error()).WithDefaultPosition(statement.name.source);
    return NothingToShow();
  }
  if (statement.kind == sql::ObjectKind::kTable) return AlterTable(scope, statement);
  if (const auto* query = std::get_if<sql::SetViewQuery>(&statement.action)) {
    return AlterViewQuery(scope, statement, *query);
  }
  catalog::SecurableChange change;
  if (const auto* set = std::get_if<sql::SetProperties>(&statement.action)) {
    change.properties.emplace();
    for (const sql::Property& property : set->properties) {
      (*change.properties)[property.key] = property.value;
    }
    return AlterSecurable(scope, statement, change);
  }
  if (const auto* comment = std::get_if<sql::SetComment>(&statement.action)) {
    change.comment = comment->comment.value_or("");
    return AlterSecurable(scope, statement, change);
  }
  return UnsupportedFeature("This form of ALTER " + std::string(sql::ToSql(statement.kind)),
                            statement.action_source);
}

Result<Answer> RunCommentOn(StatementScope& scope, const sql::CommentOn& statement) {
  sql::Alter alter;
  alter.kind = statement.kind;
  for (const sql::Identifier& part : statement.name.parts) alter.name.parts.push_back(part);
  alter.name.source = statement.name.source;
  alter.action_source = statement.name.source;
  if (statement.kind == sql::ObjectKind::kColumn) {
    if (alter.name.parts.size() < 2) {
      return UnsupportedFeature("COMMENT ON COLUMN without its table", statement.name.source);
    }
    sql::ColumnChange column;
    column.column = {alter.name.parts.back()};
    column.has_comment = true;
    column.comment = statement.comment;
    alter.name.parts.pop_back();
    alter.kind = sql::ObjectKind::kTable;
    sql::AlterColumns columns;
    columns.changes.push_back(std::move(column));
    alter.action = std::move(columns);
  } else {
    alter.action = sql::SetComment{statement.comment};
  }
  return RunAlter(scope, alter);
}

}  // namespace tarn::session
