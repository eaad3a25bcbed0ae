#include "tarn/delta/constraints.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "json_text.h"
#include "log_reader.h"

namespace tarn::delta {
namespace {

Error Corrupt(const std::string& column, std::string_view key) {
  return LogCorrupt("the table", "metaData",
                    "column " + column + " has a malformed " + std::string(key));
}

Result<std::string> TextOf(const Field& field, std::string_view key) {
  const std::string_view json = field.Metadata(key);
  std::string text;
  if (json.size() < 2 || json.front() != '"' || json.back() != '"' ||
      !UnescapeJson(json.substr(1, json.size() - 2), text)) {
    return Corrupt(field.name, key);
  }
  return text;
}

Result<std::optional<int64_t>> IntOf(const Field& field, std::string_view key) {
  const std::string_view json = field.Metadata(key);
  if (json.empty() || json == "null") return std::optional<int64_t>();
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (failure != std::errc() || end != json.data() + json.size()) return Corrupt(field.name, key);
  return std::optional(number);
}

/// {"expression":{"expression":"x > 3"}}, stored as a string or as JSON.
Result<std::string> InvariantOf(const Field& field) {
  constexpr std::string_view kKey = "delta.invariants";
  std::string text(field.Metadata(kKey));
  if (text.starts_with('"')) {
    TARN_ASSIGN(text, TextOf(field, kKey));
  }
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("expression")) return Corrupt(field.name, kKey);
  const auto& outer = json["expression"];
  if (!outer.is_object() || !outer.contains("expression") || !outer["expression"].is_string()) {
    return Corrupt(field.name, kKey);
  }
  return outer["expression"].get<std::string>();
}

/// NOT NULL through structs; inside arrays and maps it isn't enforced by anybody.
void CollectNotNull(const std::vector<Field>& fields, std::vector<std::string>& path,
                    std::vector<std::vector<std::string>>& out) {
  for (const Field& field : fields) {
    path.push_back(field.name);
    if (!field.nullable) out.push_back(path);
    if (field.type.Is(TypeId::kStruct)) CollectNotNull(field.type.fields(), path, out);
    path.pop_back();
  }
}

Status CollectIdentity(const Field& field, TableConstraints& out) {
  if (!IsIdentityColumn(field)) return {};
  IdentityColumn identity;
  identity.column = field.name;
  TARN_ASSIGN(const auto start, IntOf(field, "delta.identity.start"));
  TARN_ASSIGN(const auto step, IntOf(field, "delta.identity.step"));
  TARN_ASSIGN(identity.high_water_mark, IntOf(field, "delta.identity.highWaterMark"));
  identity.start = start.value_or(1);
  identity.step = step.value_or(1);
  if (identity.step == 0) return Corrupt(field.name, "delta.identity.step");
  identity.allow_explicit_insert = field.Metadata("delta.identity.allowExplicitInsert") == "true";
  out.identity.push_back(std::move(identity));
  return {};
}

}  // namespace

bool IsIdentityColumn(const Field& field) {
  return !field.Metadata("delta.identity.start").empty();
}

Result<TableConstraints> ConstraintsOf(const Metadata& metadata) {
  TableConstraints out;
  constexpr std::string_view kPrefix = "delta.constraints.";
  for (const auto& [key, value] : metadata.configuration) {
    if (key.starts_with(kPrefix)) out.checks.push_back({key.substr(kPrefix.size()), value});
  }
  std::vector<std::string> path;
  CollectNotNull(metadata.schema.fields, path, out.not_null);
  for (const Field& field : metadata.schema.fields) {
    if (!field.Metadata("delta.invariants").empty()) {
      TARN_ASSIGN(std::string sql, InvariantOf(field));
      out.invariants.push_back({field.name, std::move(sql)});
    }
    if (!field.Metadata("delta.generationExpression").empty()) {
      TARN_ASSIGN(std::string sql, TextOf(field, "delta.generationExpression"));
      out.generated.push_back({field.name, std::move(sql)});
    }
    if (!field.Metadata("CURRENT_DEFAULT").empty()) {
      TARN_ASSIGN(std::string sql, TextOf(field, "CURRENT_DEFAULT"));
      out.defaults.push_back({field.name, std::move(sql)});
    }
    TARN_TRY(CollectIdentity(field, out));
  }
  return out;
}

}  // namespace tarn::delta
