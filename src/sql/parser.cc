#include "tarn/sql/parser.h"

#include <utility>

#include "statement_parser.h"

namespace tarn::sql {

namespace {

using T = TokenKind;

/// Runs one parse function over all of a text.
template <typename Parse>
auto ParseAll(std::string_view text, Parse parse)
    -> Result<decltype(parse(std::declval<StatementParser&>()))> {
  Result<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens.ok()) return std::move(tokens).error();
  StatementParser parser(text, *std::move(tokens));
  auto result = parse(parser);
  parser.ExpectEnd();
  if (!parser.ok()) return parser.TakeError();
  return result;
}

}  // namespace

Result<Statement> ParseStatement(std::string_view text) {
  return ParseAll(text, [](StatementParser& parser) { return parser.ParseWholeStatement(); });
}

Result<QueryPtr> ParseQuery(std::string_view text) {
  return ParseAll(text, [](StatementParser& parser) { return parser.ParseQuery(); });
}

Result<ExprPtr> ParseExpression(std::string_view text) {
  return ParseAll(text, [](StatementParser& parser) { return parser.ParseExpression(); });
}

Result<DataType> ParseDataType(std::string_view text) {
  return ParseAll(text, [](StatementParser& parser) { return parser.ParseType(); });
}

Result<Schema> ParseTableSchema(std::string_view text) {
  Result<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens.ok()) return std::move(tokens).error();
  // STRUCT<a: INT> is accepted where a table's schema is.
  const bool is_struct = tokens->size() > 2 && (*tokens)[0].keyword == Keyword::kStruct &&
                         ((*tokens)[1].kind == T::kLess || (*tokens)[1].kind == T::kNotEqual);
  StatementParser parser(text, *std::move(tokens));
  Schema schema;
  schema.fields = is_struct ? parser.ParseStructFields() : parser.ParseSchemaFields();
  parser.ExpectEnd();
  if (!parser.ok()) return parser.TakeError();
  return schema;
}

Result<std::vector<Identifier>> ParseMultipartName(std::string_view text) {
  return ParseAll(text, [](StatementParser& parser) { return parser.ParseWholeName(); });
}

std::string_view Slice(std::string_view text, const SourceRange& range) {
  if (range.begin > range.end || range.end > text.size()) return {};
  return text.substr(range.begin, range.end - range.begin);
}

}  // namespace tarn::sql
