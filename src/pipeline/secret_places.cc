#include "secret_places.h"

#include <algorithm>

namespace tarn::pipeline {

namespace {

/// The part of the statement that is run, and not stored.
SourceRange ReadByFlow(const sql::Statement& tree) {
  if (const auto* table = tree.As<sql::CreateTable>()) {
    if (table->query) return table->query->source;
    return table->flow ? ReadByFlow(*table->flow) : SourceRange();
  }
  if (const auto* view = tree.As<sql::CreateView>()) {
    const bool stored = view->kind != sql::ObjectKind::kMaterializedView && !view->temporary;
    return view->query && !stored ? view->query->source : SourceRange();
  }
  if (const auto* flow = tree.As<sql::CreateFlow>()) return ReadByFlow(*flow->statement);
  if (const auto* insert = tree.As<sql::Insert>()) {
    return insert->query ? insert->query->source : SourceRange();
  }
  const auto* cdc = tree.As<sql::AutoCdc>();
  return cdc != nullptr && cdc->from ? cdc->from->source : SourceRange();
}

}  // namespace

Status CheckSecrets(const SourceStatement& statement) {
  if (statement.secrets.empty()) return {};
  const SourceRange read = ReadByFlow(*statement.tree);
  for (const SecretPlace& secret : statement.secrets) {
    if (secret.begin >= read.begin && secret.end <= read.end) continue;
    const std::string_view before = std::string_view(statement.text).substr(0, secret.begin);
    SourceRange place;
    place.begin = static_cast<uint32_t>(secret.begin);
    place.end = static_cast<uint32_t>(secret.end);
    place.line = 1 + static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
    place.column = place.begin - static_cast<uint32_t>(before.rfind('\n') + 1) + 1;
    return UnsupportedFeature("{{secrets/…}} outside of what a table or temporary view reads",
                              place);
  }
  return {};
}

}  // namespace tarn::pipeline
