#include "tarn/delta/type_widening.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "log_reader.h"
#include "table_switch.h"
#include "tarn/types/schema_json.h"

namespace tarn::delta {

namespace {

constexpr std::string_view kTypeChanges = "delta.typeChanges";

/// Digits before the point that a decimal in place of an integer needs; 0 for other types.
int DecimalDigits(const DataType& type) {
  if (type.Is(TypeId::kLong)) return 20;
  return type.IsIntegral() ? 10 : 0;
}

/// The type with `to` at the end of the way.
DataType Replaced(const DataType& type, InnerPath path, const DataType& to) {
  if (path.empty()) return to;
  const InnerPath rest = path.subspan(1);
  if (type.Is(TypeId::kArray)) {
    return DataType::Array(Replaced(type.element(), rest, to), type.contains_null());
  }
  if (path[0] == "key") {
    return DataType::Map(Replaced(type.key(), rest, to), type.value(), type.contains_null());
  }
  return DataType::Map(type.key(), Replaced(type.value(), rest, to), type.contains_null());
}

int WholeDigits(const DataType& decimal) { return decimal.precision() - decimal.scale(); }

}  // namespace

bool IsTypeWidening(const DataType& from, const DataType& to) {
  if (from == to) return false;
  // The ids of integers are in the order of their widths.
  if (from.IsIntegral() && to.IsIntegral()) return from.id() < to.id();
  if (to.Is(TypeId::kDouble)) {
    return from.Is(TypeId::kFloat) || (from.IsIntegral() && !from.Is(TypeId::kLong));
  }
  if (to.Is(TypeId::kDecimal)) {
    if (from.IsIntegral()) return WholeDigits(to) >= DecimalDigits(from);
    return from.Is(TypeId::kDecimal) && to.scale() >= from.scale() &&
           WholeDigits(to) >= WholeDigits(from);
  }
  return from.Is(TypeId::kDate) && to.Is(TypeId::kTimestampNtz);
}

std::optional<DataType> WidenedFor(const DataType& from, const DataType& found) {
  if (IsTypeWidening(from, found)) return found;
  const bool numbers =
      (from.IsIntegral() || from.Is(TypeId::kDecimal)) && found.Is(TypeId::kDecimal);
  if (!numbers) return std::nullopt;
  const int scale = std::max(from.IsIntegral() ? 0 : from.scale(), found.scale());
  const int whole =
      std::max(from.IsIntegral() ? DecimalDigits(from) : WholeDigits(from), WholeDigits(found));
  if (whole + scale > 38) return std::nullopt;
  const DataType wider = DataType::Decimal(whole + scale, scale);
  if (IsTypeWidening(from, wider)) return wider;
  return std::nullopt;
}

const DataType* TypeWithin(const DataType& type, InnerPath path) {
  const DataType* at = &type;
  for (const std::string& part : path) {
    if (at->Is(TypeId::kArray) && part == "element") {
      at = &at->element();
    } else if (at->Is(TypeId::kMap) && (part == "key" || part == "value")) {
      at = part == "key" ? &at->key() : &at->value();
    } else {
      return nullptr;
    }
  }
  return at;
}

void WidenColumn(Field& column, const DataType& to, InnerPath path) {
  std::string changes(column.Metadata(kTypeChanges));
  changes = changes.size() > 2 ? changes.substr(0, changes.rfind(']')) + "," : "[";
  changes += "{\"toType\":" + DataTypeToJson(to) +
             ",\"fromType\":" + DataTypeToJson(*TypeWithin(column.type, path));
  for (size_t i = 0; i < path.size(); ++i) {
    changes += (i == 0 ? ",\"fieldPath\":\"" : ".") + path[i];
  }
  changes += path.empty() ? "}]" : "\"}]";
  column.SetMetadata(std::string(kTypeChanges), std::move(changes));
  column.type = Replaced(column.type, path, to);
}

bool WasWidened(const Field& column) {
  const auto within = [](const DataType& type, const auto& self) -> bool {
    switch (type.id()) {
      case TypeId::kStruct:
        return std::ranges::any_of(type.fields(), WasWidened);
      case TypeId::kArray:
        return self(type.element(), self);
      case TypeId::kMap:
        return self(type.key(), self) || self(type.value(), self);
      default:
        return false;
    }
  };
  return !column.Metadata(kTypeChanges).empty() || within(column.type, within);
}

namespace {

Status AppendTypeChanges(const std::string& path, const DataType& type,
                         std::vector<TypeChange>& out);

Status AppendTypeChanges(const std::string& path, const Field& field,
                         std::vector<TypeChange>& out) {
  const std::string_view json = field.Metadata(kTypeChanges);
  if (!json.empty()) {
    const auto changes = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    const auto corrupt = [&] {
      return LogCorrupt("the table", "metaData",
                        "column " + path + " has malformed " + std::string(kTypeChanges));
    };
    if (!changes.is_array()) return corrupt();
    for (const auto& change : changes) {
      const bool whole =
          change.is_object() && change.contains("fromType") && change.contains("toType");
      if (!whole) return corrupt();
      TARN_ASSIGN(DataType from, ParseDataTypeJson(change["fromType"].dump()));
      TARN_ASSIGN(DataType to, ParseDataTypeJson(change["toType"].dump()));
      out.push_back({path, std::move(from), std::move(to)});
    }
  }
  return AppendTypeChanges(path, field.type, out);
}

Status AppendTypeChanges(const std::string& path, const DataType& type,
                         std::vector<TypeChange>& out) {
  switch (type.id()) {
    case TypeId::kStruct:
      for (const Field& field : type.fields()) {
        TARN_TRY(AppendTypeChanges(path + "." + field.name, field, out));
      }
      return {};
    case TypeId::kArray:
      return AppendTypeChanges(path + ".element", type.element(), out);
    case TypeId::kMap:
      TARN_TRY(AppendTypeChanges(path + ".key", type.key(), out));
      return AppendTypeChanges(path + ".value", type.value(), out);
    default:
      return {};
  }
}

}  // namespace

Result<std::vector<TypeChange>> TypeChangesOf(const Field& column) {
  std::vector<TypeChange> changes;
  TARN_TRY(AppendTypeChanges(column.name, column, changes));
  return changes;
}

bool AllowsTypeWidening(const Metadata& metadata) {
  return IsSwitchedOn(metadata, "delta.enableTypeWidening");
}

}  // namespace tarn::delta
