#include "tarn/catalog/securable.h"

namespace tarn::catalog {

std::string_view NameOfKind(SecurableKind kind) {
  switch (kind) {
    case SecurableKind::kCatalog:
      return "CATALOG";
    case SecurableKind::kSchema:
      return "SCHEMA";
    case SecurableKind::kTable:
      return "TABLE";
    case SecurableKind::kView:
      return "VIEW";
    case SecurableKind::kVolume:
      return "VOLUME";
    case SecurableKind::kFunction:
      return "FUNCTION";
  }
  return "";
}

std::string ObjectName::ToSql() const {
  return QuoteIdentifier(catalog) + '.' + QuoteIdentifier(schema) + '.' + QuoteIdentifier(object);
}

std::string ObjectName::ToString() const {
  return QuoteIfNeeded(catalog) + '.' + QuoteIfNeeded(schema) + '.' + QuoteIfNeeded(object);
}

bool ObjectName::SameAs(const ObjectName& other) const {
  return SameName(catalog, other.catalog) && SameName(schema, other.schema) &&
         SameName(object, other.object);
}

}  // namespace tarn::catalog
