#include <algorithm>
#include <array>
#include <string_view>

#include "tarn/sql/keywords.h"
#include "token.h"

namespace tarn::sql {

namespace {

constexpr std::string_view kTexts[] = {
    "",
#define TARN_KEYWORD(enumerator, text) text,
#include "keyword_list.inc"
#undef TARN_KEYWORD
};

constexpr size_t kSlots = 2048;
constexpr size_t kLongest = 16;

constexpr char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

constexpr size_t Hash(std::string_view word) {
  uint32_t hash = 2166136261u;
  for (char c : word) hash = (hash ^ static_cast<unsigned char>(Upper(c))) * 16777619u;
  return (hash ^ (hash >> 15)) % kSlots;
}

constexpr std::array<uint16_t, kSlots> MakeSlots() {
  std::array<uint16_t, kSlots> slots{};
  for (size_t i = 1; i < std::size(kTexts); ++i) {
    size_t slot = Hash(kTexts[i]);
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<uint16_t>(i);
  }
  return slots;
}

constexpr std::array<uint16_t, kSlots> kTable = MakeSlots();

bool Same(std::string_view word, std::string_view upper) {
  if (word.size() != upper.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (Upper(word[i]) != upper[i]) return false;
  }
  return true;
}

}  // namespace

Keyword FindKeyword(std::string_view word) {
  if (word.size() > kLongest) return Keyword::kNoKeyword;
  for (size_t slot = Hash(word); kTable[slot] != 0; slot = (slot + 1) % kSlots) {
    if (Same(word, kTexts[kTable[slot]])) return static_cast<Keyword>(kTable[slot]);
  }
  return Keyword::kNoKeyword;
}

std::string_view KeywordText(Keyword keyword) { return kTexts[static_cast<size_t>(keyword)]; }

std::span<const std::string_view> Keywords() {
  return std::span<const std::string_view>(kTexts).subspan(1);
}

std::span<const std::string_view> StatementStarts() {
  static constexpr std::string_view kStarts[] = {
      "ALTER",    "ANALYZE", "APPLY",   "BEGIN",    "CACHE",    "CALL",   "CLEAR",    "COMMENT",
      "COMMIT",   "CONVERT", "COPY",    "CREATE",   "DECLARE",  "DELETE", "DENY",     "DESC",
      "DESCRIBE", "DROP",    "EXECUTE", "EXPLAIN",  "FROM",     "FSCK",   "GET",      "GRANT",
      "INSERT",   "LIST",    "MERGE",   "MSCK",     "OPTIMIZE", "PUT",    "REFRESH",  "REMOVE",
      "REORG",    "REPAIR",  "REPLACE", "RESET",    "RESTORE",  "REVOKE", "ROLLBACK", "SELECT",
      "SET",      "SHOW",    "TABLE",   "TRUNCATE", "UNCACHE",  "UNDROP", "UPDATE",   "USE",
      "VACUUM",   "VALUES",  "WITH"};
  return kStarts;
}

std::span<const std::string_view> TypeNames() {
  static constexpr std::string_view kTypes[] = {
      "ARRAY",         "BIGINT",        "BINARY",  "BOOLEAN", "BYTE",    "CHAR",
      "DATE",          "DEC",           "DECIMAL", "DOUBLE",  "FLOAT",   "INT",
      "INTEGER",       "INTERVAL",      "LONG",    "MAP",     "NUMERIC", "REAL",
      "SHORT",         "SMALLINT",      "STRING",  "STRUCT",  "TIME",    "TIMESTAMP",
      "TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "TINYINT", "VARCHAR", "VARIANT", "VOID"};
  return kTypes;
}

bool IsReservedInStandard(std::string_view keyword) {
  static constexpr std::string_view kReserved[] = {
      "ALL",          "AND",        "ANTI",    "ANY",          "AS",           "AUTHORIZATION",
      "BOTH",         "CASE",       "CAST",    "CHECK",        "COLLATE",      "COLUMN",
      "CONSTRAINT",   "CREATE",     "CROSS",   "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
      "CURRENT_USER", "DISTINCT",   "ELSE",    "END",          "ESCAPE",       "EXCEPT",
      "EXECUTE",      "FALSE",      "FETCH",   "FILTER",       "FOR",          "FOREIGN",
      "FROM",         "FULL",       "GRANT",   "GROUP",        "HAVING",       "IN",
      "INNER",        "INTERSECT",  "INTO",    "IS",           "JOIN",         "LATERAL",
      "LEADING",      "LEFT",       "NATURAL", "NOT",          "NULL",         "OFFSET",
      "ON",           "ONLY",       "OR",      "ORDER",        "OUTER",        "OVERLAPS",
      "PRIMARY",      "REFERENCES", "RIGHT",   "SELECT",       "SESSION_USER", "SOME",
      "TABLE",        "THEN",       "TIME",    "TO",           "TRAILING",     "UNION",
      "UNIQUE",       "UNKNOWN",    "USER",    "USING",        "WHEN",         "WHERE",
      "WITH",         "WITHIN"};
  return std::binary_search(std::begin(kReserved), std::end(kReserved), keyword);
}

}  // namespace tarn::sql
