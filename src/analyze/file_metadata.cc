// The column `_metadata` of relations that are files.

#include <algorithm>
#include <functional>

#include "query_analyzer.h"
#include "tarn/delta/row_tracking.h"
#include "tarn/delta/snapshot.h"

namespace tarn::analyze {

namespace {

struct MetadataField {
  const char* name;
  plan::VirtualColumn column;
  TypeId type;
};

constexpr MetadataField kFileFields[] = {
    {"file_path", plan::VirtualColumn::kFilePath, TypeId::kString},
    {"file_name", plan::VirtualColumn::kFileName, TypeId::kString},
    {"file_size", plan::VirtualColumn::kFileSize, TypeId::kLong},
    {"file_block_start", plan::VirtualColumn::kFileBlockStart, TypeId::kLong},
    {"file_block_length", plan::VirtualColumn::kFileBlockLength, TypeId::kLong},
    {"file_modification_time", plan::VirtualColumn::kFileModificationTime, TypeId::kTimestamp}};

/// Of Delta tables with row tracking.
constexpr MetadataField kTrackedFields[] = {
    {"base_row_id", plan::VirtualColumn::kBaseRowId, TypeId::kLong},
    {"default_row_commit_version", plan::VirtualColumn::kDefaultRowCommitVersion, TypeId::kLong}};
constexpr MetadataField kRowIndex = {"row_index", plan::VirtualColumn::kRowIndex, TypeId::kLong};
constexpr MetadataField kMaterializedRowId = {"row_id", plan::VirtualColumn::kMaterializedRowId,
                                              TypeId::kLong};
constexpr MetadataField kMaterializedRowCommitVersion = {
    "row_commit_version", plan::VirtualColumn::kMaterializedRowCommitVersion, TypeId::kLong};

bool TracksRows(const plan::Relation& relation) {
  const auto* table = std::get_if<plan::DeltaRelation>(&relation.source);
  return table != nullptr && delta::TrackedColumns(table->snapshot->metadata()).has_value();
}

/// The scan that a relation's node is, or whose columns it fills up.
plan::Node& ScanBelow(plan::Node& node) {
  auto* project = node.As<plan::Project>();
  return project ? *project->input : node;
}

/// A reference to a virtual column of a scan, which gets it if it hasn't.
class VirtualColumns {
 public:
  VirtualColumns(plan::Node& node, std::function<ColumnId()> new_column, const SourceRange& source)
      : node_(node), new_column_(std::move(new_column)), source_(source) {}

  ExprPtr Ref(const MetadataField& field) {
    auto& scan = *ScanBelow(node_).As<plan::Scan>();
    const bool nullable = field.column >= plan::VirtualColumn::kBaseRowId;
    const auto found =
        std::ranges::find(scan.columns, field.column, &plan::Scan::Column::virtual_column);
    ColumnId id{};
    if (found != scan.columns.end()) {
      id = found->id;
    } else {
      id = new_column_();
      scan.columns.push_back({id, -1, field.column});
      ScanBelow(node_).columns.push_back({id, field.name, field.type, nullable});
      if (auto* project = node_.As<plan::Project>()) {
        project->items.push_back(
            {id, field.name, plan::MakeColumnRef(id, field.name, field.type, nullable, source_)});
        node_.columns.push_back({id, field.name, field.type, nullable});
      }
    }
    return plan::MakeColumnRef(id, field.name, field.type, nullable, source_);
  }

 private:
  plan::Node& node_;
  const std::function<ColumnId()> new_column_;
  const SourceRange& source_;
};

}  // namespace

Result<std::vector<std::pair<std::string, ExprPtr>>> QueryAnalyzer::MetadataFields(
    plan::Node& node, std::string_view only, const SourceRange& source) {
  const auto& scan = *ScanBelow(node).As<plan::Scan>();
  const plan::Relation& relation = relations_[static_cast<size_t>(scan.relation)];
  VirtualColumns columns(
      node,
      [this, &relation] {
        const ColumnId id = NewColumn();
        SetOrigin(id, relation.name + "._metadata");
        return id;
      },
      source);
  std::vector<std::pair<std::string, ExprPtr>> fields;
  const auto wants = [&](const char* name) { return only.empty() || SameName(only, name); };
  for (const MetadataField& field : kFileFields) {
    if (wants(field.name)) fields.emplace_back(field.name, columns.Ref(field));
  }
  if (!TracksRows(relation)) return fields;
  for (const MetadataField& field : kTrackedFields) {
    if (wants(field.name)) fields.emplace_back(field.name, columns.Ref(field));
  }
  // Delta protocol, "Reader Requirements for Row Tracking".
  const auto add = [&](const MetadataField& materialized, ExprPtr otherwise) -> Status {
    std::vector<ExprPtr> choices;
    choices.push_back(columns.Ref(materialized));
    choices.push_back(std::move(otherwise));
    TARN_ASSIGN(ExprPtr value, Build("coalesce", std::move(choices), source));
    fields.emplace_back(materialized.name, std::move(value));
    return {};
  };
  if (wants(kMaterializedRowId.name)) {
    std::vector<ExprPtr> terms;
    terms.push_back(columns.Ref(kTrackedFields[0]));
    terms.push_back(columns.Ref(kRowIndex));
    TARN_ASSIGN(ExprPtr fresh, Build("+", std::move(terms), source));
    TARN_TRY(add(kMaterializedRowId, std::move(fresh)));
  }
  if (wants(kMaterializedRowCommitVersion.name)) {
    TARN_TRY(add(kMaterializedRowCommitVersion, columns.Ref(kTrackedFields[1])));
  }
  return fields;
}

Result<ExprPtr> QueryAnalyzer::ResolveMetadata(const Scope& scope,
                                               std::span<const sql::Identifier> parts,
                                               const SourceRange& source) {
  size_t name = 0;
  while (name < parts.size() && !SameName(parts[name].text, "_metadata")) ++name;
  if (name == parts.size()) return ExprPtr();
  for (size_t i = 0; i < scope.relations.size(); ++i) {
    plan::Node* node = scope.relations[i].scan;
    if (!node || (name > 0 && !scope.Qualifies(parts.first(name), static_cast<int>(i)))) continue;
    // One field of them costs no reading of the others.
    std::vector<std::pair<std::string, ExprPtr>> fields;
    if (name + 1 < parts.size()) {
      TARN_ASSIGN(fields, MetadataFields(*node, parts[name + 1].text, source));
    }
    if (fields.empty()) {
      TARN_ASSIGN(fields, MetadataFields(*node, "", source));
    }
    std::vector<ExprPtr> args;
    for (auto& [field, value] : fields) {
      args.push_back(plan::MakeLiteral(Value::String(field)));
      args.push_back(std::move(value));
    }
    TARN_ASSIGN(ExprPtr expr, Build("named_struct", std::move(args), source));
    shown_[expr.get()] = parts[name].text;
    for (size_t k = name + 1; k < parts.size(); ++k) {
      TARN_ASSIGN(expr, AccessField(std::move(expr), parts[k], source));
    }
    return expr;
  }
  return ExprPtr();
}

}  // namespace tarn::analyze
