#include <string>

#include "tarn/sql/ast.h"
#include "tarn/sql/printer.h"
#include "tarn/types/data_type.h"

namespace tarn::sql {

std::string ToSql(const std::vector<Identifier>& parts) {
  std::string text;
  for (const Identifier& part : parts) {
    if (!text.empty()) text += ".";
    text += QuoteIfNeeded(part.text);
  }
  return text;
}

std::string ToSql(const ObjectName& name) {
  if (!name.identifier_clause) return ToSql(name.parts);
  std::string text = "IDENTIFIER(" + ToSql(*name.identifier_clause) + ")";
  if (!name.parts.empty()) text += "." + ToSql(name.parts);
  return text;
}

}  // namespace tarn::sql
