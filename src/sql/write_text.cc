// The leaves of printed text: names, strings, types, words of enumerations.

#include <utility>

#include "sql_writer.h"
#include "tarn/sql/printer.h"
#include "tarn/types/data_type.h"
#include "token.h"

namespace tarn::sql {

namespace {

/// Words that a name can't be without quotes everywhere: they begin or end what stands around it.
bool NeedsQuotes(Keyword keyword) {
  switch (keyword) {
    case Keyword::kAll:
    case Keyword::kAnd:
    case Keyword::kAnti:
    case Keyword::kAny:
    case Keyword::kAs:
    case Keyword::kAsc:
    case Keyword::kBetween:
    case Keyword::kCase:
    case Keyword::kCatalog:
    case Keyword::kCheck:
    case Keyword::kCluster:
    case Keyword::kCollate:
    case Keyword::kColumn:
    case Keyword::kColumns:
    case Keyword::kComment:
    case Keyword::kConstraint:
    case Keyword::kCross:
    case Keyword::kDatabase:
    case Keyword::kDefault:
    case Keyword::kDesc:
    case Keyword::kDistinct:
    case Keyword::kDistribute:
    case Keyword::kDiv:
    case Keyword::kDo:
    case Keyword::kElse:
    case Keyword::kEnd:
    case Keyword::kEscape:
    case Keyword::kExcept:
    case Keyword::kExists:
    case Keyword::kExtended:
    case Keyword::kFalse:
    case Keyword::kFor:
    case Keyword::kForeign:
    case Keyword::kFormatted:
    case Keyword::kFrom:
    case Keyword::kFull:
    case Keyword::kFunction:
    case Keyword::kGroup:
    case Keyword::kHaving:
    case Keyword::kIdentifier:
    case Keyword::kIf:
    case Keyword::kIlike:
    case Keyword::kIn:
    case Keyword::kInner:
    case Keyword::kIntersect:
    case Keyword::kInterval:
    case Keyword::kInto:
    case Keyword::kIs:
    case Keyword::kJoin:
    case Keyword::kLateral:
    case Keyword::kLeft:
    case Keyword::kLike:
    case Keyword::kLimit:
    case Keyword::kMinus:
    case Keyword::kNatural:
    case Keyword::kNot:
    case Keyword::kNull:
    case Keyword::kOffset:
    case Keyword::kOn:
    case Keyword::kOr:
    case Keyword::kOrder:
    case Keyword::kOuter:
    case Keyword::kOver:
    case Keyword::kPartition:
    case Keyword::kPivot:
    case Keyword::kPrimary:
    case Keyword::kQualify:
    case Keyword::kQuery:
    case Keyword::kRecursive:
    case Keyword::kRegexp:
    case Keyword::kRight:
    case Keyword::kRlike:
    case Keyword::kSchema:
    case Keyword::kSelect:
    case Keyword::kSemi:
    case Keyword::kSet:
    case Keyword::kSetminus:
    case Keyword::kSome:
    case Keyword::kSort:
    case Keyword::kStream:
    case Keyword::kTable:
    case Keyword::kTablesample:
    case Keyword::kThen:
    case Keyword::kTimestamp:
    case Keyword::kTrue:
    case Keyword::kUnion:
    case Keyword::kUnique:
    case Keyword::kUnpivot:
    case Keyword::kUsing:
    case Keyword::kValues:
    case Keyword::kVar:
    case Keyword::kVariable:
    case Keyword::kVersion:
    case Keyword::kView:
    case Keyword::kVolume:
    case Keyword::kWhen:
    case Keyword::kWhere:
    case Keyword::kWindow:
    case Keyword::kWith:
      return true;
    default:
      return false;
  }
}

/// Those of them that are harmless before a '('.
bool CanBeFunction(Keyword keyword) {
  switch (keyword) {
    case Keyword::kAny:
    case Keyword::kCollate:
    case Keyword::kDiv:
    case Keyword::kExists:
    case Keyword::kIf:
    case Keyword::kIlike:
    case Keyword::kLeft:
    case Keyword::kLike:
    case Keyword::kRegexp:
    case Keyword::kRight:
    case Keyword::kRlike:
    case Keyword::kSome:
    case Keyword::kTimestamp:
    case Keyword::kVersion:
      return true;
    default:
      return !NeedsQuotes(keyword);
  }
}

bool IsPlainWord(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) return false;
  }
  return true;
}

}  // namespace

void SqlWriter::PutName(std::string_view name) {
  const bool plain = IsPlainWord(name) && !NeedsQuotes(FindKeyword(name));
  Put(plain ? std::string(name) : QuoteIdentifier(name));
}

void SqlWriter::PutFunction(const ObjectName& name) {
  const bool plain = name.parts.size() == 1 && !name.identifier_clause &&
                     IsPlainWord(name.parts[0].text) &&
                     CanBeFunction(FindKeyword(name.parts[0].text));
  if (!plain) return PutObject(name);
  Put(name.parts[0].text);
}

void SqlWriter::PutParts(const std::vector<Identifier>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) Put(".");
    // The word DEFAULT alone stands for a column's default.
    if (parts.size() == 1 && !parts[i].quoted && FindKeyword(parts[i].text) == Keyword::kDefault) {
      Put("DEFAULT");
    } else {
      PutName(parts[i].text);
    }
  }
}

void SqlWriter::PutObject(const ObjectName& name) {
  if (name.identifier_clause) {
    Put("IDENTIFIER(");
    Write(*name.identifier_clause);
    Put(name.parts.empty() ? ")" : ").");
  }
  for (size_t i = 0; i < name.parts.size(); ++i) {
    if (i > 0) Put(".");
    PutName(name.parts[i].text);
  }
}

void SqlWriter::PutString(std::string_view text) { Put(QuoteString(text)); }

void SqlWriter::PutFieldTypes(const std::vector<Field>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) Put(", ");
    PutName(fields[i].name);
    Put(": ");
    PutType(fields[i].type);
    if (!fields[i].nullable) Put(" NOT NULL");
    const std::string comment = fields[i].Comment();
    if (!comment.empty()) {
      Put(" COMMENT ");
      PutString(comment);
    }
  }
}

void SqlWriter::PutType(const DataType& type) {
  switch (type.id()) {
    case TypeId::kArray:
      Put("ARRAY<");
      PutType(type.element());
      return Put(">");
    case TypeId::kMap:
      Put("MAP<");
      PutType(type.key());
      Put(", ");
      PutType(type.value());
      return Put(">");
    case TypeId::kStruct:
      Put("STRUCT<");
      PutFieldTypes(type.fields());
      return Put(">");
    case TypeId::kNull:
      return Put("VOID");
    case TypeId::kTime:
      return Put("TIME(6)");
    case TypeId::kCalendarInterval:
      return Put("INTERVAL");
    default:
      Put(type.ToSql());
  }
}

void SqlWriter::PutProperties(const std::vector<Property>& properties) {
  Put("(");
  for (size_t i = 0; i < properties.size(); ++i) {
    if (i > 0) Put(", ");
    PutString(properties[i].key);
    if (!properties[i].has_value) continue;
    Put(" = ");
    PutString(properties[i].value);
  }
  Put(")");
}

void SqlWriter::PutNames(const std::vector<Identifier>& names) {
  Put("(");
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) Put(", ");
    PutName(names[i]);
  }
  Put(")");
}

void SqlWriter::PutPartsList(const std::vector<std::vector<Identifier>>& list) {
  Put("(");
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) Put(", ");
    for (size_t k = 0; k < list[i].size(); ++k) {
      if (k > 0) Put(".");
      PutName(list[i][k]);
    }
  }
  Put(")");
}

void SqlWriter::PutComment(const std::optional<std::string>& comment) {
  if (!comment) return;
  Put(" COMMENT ");
  PutString(*comment);
}

std::string QuoteString(std::string_view text) {
  std::string out = "'";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '\'':
        out += "\\'";
        break;
      case '\\':
        // \% and \_ stay escaped when they are read; every other backslash is doubled.
        if (i + 1 < text.size() && (text[i + 1] == '%' || text[i + 1] == '_')) {
          out += c;
        } else {
          out += "\\\\";
        }
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\0':
        out += "\\u0000";
        break;
      default:
        out += c;
    }
  }
  return out + "'";
}

std::string_view ToSql(BinaryOperator op) {
  static constexpr std::string_view kTexts[] = {"OR", "AND", "=", "<=>", "<>",  "<",  "<=",  ">",
                                                ">=", "|",   "^", "&",   "<<",  ">>", ">>>", "||",
                                                "+",  "-",   "*", "/",   "DIV", "%"};
  return kTexts[static_cast<size_t>(op)];
}

std::string_view ToSql(UnaryOperator op) {
  static constexpr std::string_view kTexts[] = {"+", "-", "~", "NOT"};
  return kTexts[static_cast<size_t>(op)];
}

std::string_view ToSql(JoinType type) {
  static constexpr std::string_view kTexts[] = {
      "INNER JOIN",      "CROSS JOIN",     "LEFT OUTER JOIN", "RIGHT OUTER JOIN",
      "FULL OUTER JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"};
  return kTexts[static_cast<size_t>(type)];
}

std::string_view ToSql(IntervalUnit unit) {
  static constexpr std::string_view kTexts[] = {"YEAR",        "QUARTER",     "MONTH",     "WEEK",
                                                "DAY",         "HOUR",        "MINUTE",    "SECOND",
                                                "MILLISECOND", "MICROSECOND", "NANOSECOND"};
  return kTexts[static_cast<size_t>(unit)];
}

std::string ToSql(const Expr& expr) {
  SqlWriter writer;
  writer.Write(expr);
  return writer.Take();
}

std::string ToSql(const Query& query) {
  SqlWriter writer;
  writer.Write(query);
  return writer.Take();
}

std::string ToSql(const Relation& relation) {
  SqlWriter writer;
  writer.Write(relation);
  return writer.Take();
}

std::string ToSql(const Statement& statement) {
  SqlWriter writer;
  writer.Write(statement);
  return writer.Take();
}

}  // namespace tarn::sql
