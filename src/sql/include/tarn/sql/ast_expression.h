#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tarn/sql/ast_name.h"
#include "tarn/types/data_type.h"

namespace tarn::sql {

enum class LiteralKind : uint8_t {
  kNull,
  kBoolean,
  kInt,           ///< 1, -1 where it fits 32 bits
  kBigInt,        ///< 1L, and integers without suffix that need 64 bits
  kSmallInt,      ///< 1S
  kTinyInt,       ///< 1Y
  kDecimal,       ///< 1.5, 1.5BD, 1BD, and integers beyond 64 bits
  kDouble,        ///< 1e3, 1.5D
  kFloat,         ///< 1.5F
  kString,        ///< decoded, adjacent literals joined
  kBinary,        ///< X'1AFF', decoded to bytes
  kDate,          ///< DATE '…'
  kTime,          ///< TIME '…'
  kTimestamp,     ///< TIMESTAMP '…'
  kTimestampLtz,  ///< TIMESTAMP_LTZ '…'
  kTimestampNtz,  ///< TIMESTAMP_NTZ '…'
};

/// A constant. A '-' directly before a number belongs to it, as in Spark.
struct Literal {
  LiteralKind kind = LiteralKind::kNull;
  bool boolean = false;
  int64_t integer = 0;  ///< the four integer kinds
  /// Numbers: the digits as written with sign and exponent, without suffix. Strings and typed
  /// literals: the decoded content, not yet interpreted.
  std::string text;
};

enum class IntervalUnit : uint8_t {
  kYear,
  kQuarter,
  kMonth,
  kWeek,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kMillisecond,
  kMicrosecond,
  kNanosecond,
};

/// One value with its unit: 3 DAYS, '1-2' YEAR TO MONTH.
struct IntervalTerm {
  std::string value;  ///< with sign, decoded
  bool quoted = false;
  IntervalUnit unit = IntervalUnit::kDay;
  std::optional<IntervalUnit> to;
};

/// INTERVAL 1 DAY 2 HOURS (terms) or INTERVAL '1 day 2 hours' (text).
struct IntervalLiteral {
  std::vector<IntervalTerm> terms;
  std::string text;  ///< used if `terms` is empty
};

/// A column, field, variable or parameterless function, to be told apart by the analyzer: a.b.c.
/// CURRENT_DATE and its like without parentheses are names too, as in Spark.
struct Name {
  std::vector<Identifier> parts;
};

struct StarReplacement {
  ExprPtr value;
  Identifier name;
};

/// *, t.*, * EXCEPT (a, s.b), * REPLACE (expr AS a).
struct Star {
  std::vector<Identifier> qualifier;
  std::vector<std::vector<Identifier>> except;
  std::vector<StarReplacement> replace;
};

struct SortItem {
  ExprPtr expr;
  bool descending = false;
  std::optional<bool> nulls_first;  ///< as written; the default is NULLS FIRST iff ascending
  SourceRange source;
};

struct FunctionArgument {
  Identifier name;  ///< of `name => value`; empty if positional
  ExprPtr value;
};

/// How a call was written, where that isn't name(arguments).
enum class CallForm : uint8_t {
  kPlain,
  kExtract,       ///< EXTRACT(unit FROM x) → extract('unit', x)
  kSubstring,     ///< SUBSTRING(s FROM p FOR n) → substring(s, p[, n])
  kPosition,      ///< POSITION(a IN b) → position(a, b)
  kOverlay,       ///< OVERLAY(s PLACING r FROM p FOR n) → overlay(s, r, p[, n])
  kTrimBoth,      ///< TRIM([BOTH] [c] FROM s) → trim(s[, c])
  kTrimLeading,   ///< TRIM(LEADING [c] FROM s) → trim(s[, c])
  kTrimTrailing,  ///< TRIM(TRAILING [c] FROM s) → trim(s[, c])
  /// DATEADD, DATE_ADD, TIMESTAMPADD(unit, n, t) → timestampadd('UNIT', n, t);
  /// DATEDIFF, DATE_DIFF, TIMEDIFF, TIMESTAMPDIFF(unit, a, b) → timestampdiff('UNIT', a, b).
  kUnitFirst,
};

enum class NullTreatment : uint8_t { kUnspecified, kIgnore, kRespect };

/// OVER name or OVER (specification).
struct WindowReference {
  Identifier name;                   ///< OVER name, OVER (name)
  std::unique_ptr<WindowSpec> spec;  ///< set if `name` is empty
};

struct FunctionCall {
  ObjectName name;
  CallForm form = CallForm::kPlain;
  bool distinct = false;
  NullTreatment nulls = NullTreatment::kUnspecified;
  std::vector<FunctionArgument> args;
  std::vector<SortItem> within_group;  ///< WITHIN GROUP (ORDER BY …)
  ExprPtr filter;                      ///< FILTER (WHERE …)
  std::unique_ptr<WindowReference> over;
};

enum class UnaryOperator : uint8_t { kPlus, kMinus, kBitNot, kNot };

struct Unary {
  UnaryOperator op = UnaryOperator::kNot;
  ExprPtr operand;
};

enum class BinaryOperator : uint8_t {
  kOr,
  kAnd,
  kEqual,          ///< = and ==
  kNullSafeEqual,  ///< <=>
  kNotEqual,       ///< <> and !=
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kBitOr,
  kBitXor,
  kBitAnd,
  kShiftLeft,
  kShiftRight,
  kShiftRightUnsigned,
  kConcat,  ///< ||
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kIntegralDivide,  ///< DIV
  kModulo,
};

/// Chains of one of AND and OR are balanced trees, shaped as Spark's parser shapes them.
struct Binary {
  BinaryOperator op = BinaryOperator::kAnd;
  ExprPtr left;
  ExprPtr right;
};

struct Between {
  bool negated = false;
  ExprPtr operand;
  ExprPtr low;
  ExprPtr high;
};

/// x [NOT] IN (a, b) or x [NOT] IN (query).
struct In {
  bool negated = false;
  ExprPtr operand;
  std::vector<ExprPtr> list;
  QueryPtr query;  ///< set instead of `list`
};

enum class LikeKind : uint8_t { kLike, kILike, kRLike };
enum class Quantifier : uint8_t { kNone, kAny, kAll };

/// x [NOT] LIKE p [ESCAPE 'c'], x [NOT] LIKE ANY|ALL (p, q).
struct Like {
  LikeKind kind = LikeKind::kLike;
  bool negated = false;
  Quantifier quantifier = Quantifier::kNone;
  ExprPtr operand;
  std::vector<ExprPtr> patterns;  ///< exactly one without quantifier
  std::optional<std::string> escape;
};

enum class IsKind : uint8_t { kNull, kTrue, kFalse, kUnknown };

/// x IS [NOT] NULL|TRUE|FALSE|UNKNOWN.
struct Is {
  IsKind kind = IsKind::kNull;
  bool negated = false;
  ExprPtr operand;
};

/// a IS [NOT] DISTINCT FROM b.
struct IsDistinctFrom {
  bool negated = false;
  ExprPtr left;
  ExprPtr right;
};

struct CaseBranch {
  ExprPtr when;
  ExprPtr then;
};

struct Case {
  ExprPtr operand;  ///< null for a searched CASE
  std::vector<CaseBranch> branches;
  ExprPtr otherwise;  ///< null without ELSE
};

/// CAST(x AS t), TRY_CAST(x AS t), x::t, x?::t.
struct Cast {
  ExprPtr operand;
  DataType type;
  bool is_try = false;
  bool colons = false;  ///< written with :: or ?::
  SourceRange type_source;
};

/// base[index]
struct Subscript {
  ExprPtr base;
  ExprPtr index;
};

/// base.field, where base isn't a plain name.
struct FieldAccess {
  ExprPtr base;
  Identifier field;
};

enum class JsonStepKind : uint8_t { kField, kIndex, kWildcard };

/// One step of a path: .field, ['field'], [3], [*].
struct JsonStep {
  JsonStepKind kind = JsonStepKind::kField;
  std::string field;
  bool exact_case = false;  ///< the field was quoted, so its case matters
  int64_t index = 0;
};

/// base:a.b[0]['c'][*].d
struct JsonPath {
  ExprPtr base;
  std::vector<JsonStep> steps;
};

/// x -> body, (x, y) -> body
struct Lambda {
  std::vector<Identifier> parameters;
  ExprPtr body;
};

struct Exists {
  QueryPtr query;
};

struct ScalarSubquery {
  QueryPtr query;
};

/// An expression with an optional alias; several aliases for a generator: expr AS (a, b).
struct NamedExpr {
  ExprPtr expr;
  std::vector<Identifier> aliases;
  SourceRange source;
};

/// STRUCT(a AS x, b), or the row constructor (a, b).
struct StructConstructor {
  bool is_row = false;
  std::vector<NamedExpr> items;
};

/// :name or ?
struct Parameter {
  Identifier name;   ///< empty for ?
  int ordinal = -1;  ///< of ?, from 0 in the order of the text
};

/// IDENTIFIER(expr) where a column or function could stand; `parts` follow it after dots.
struct IdentifierClause {
  ExprPtr expr;
  std::vector<Identifier> parts;
};

/// x COLLATE name
struct Collate {
  ExprPtr operand;
  ObjectName collation;
};

/// TABLE(query), TABLE name or TABLE(name) as an argument of a table function.
struct TableArgument {
  ObjectName table;
  QueryPtr query;  ///< set instead of `table`
  std::vector<ExprPtr> partition_by;
  bool single_partition = false;
  std::vector<SortItem> order_by;
};

using ExprNode =
    std::variant<Literal, IntervalLiteral, Name, Star, FunctionCall, Unary, Binary, Between, In,
                 Like, Is, IsDistinctFrom, Case, Cast, Subscript, FieldAccess, JsonPath, Lambda,
                 Exists, ScalarSubquery, StructConstructor, Parameter, IdentifierClause, Collate,
                 TableArgument>;

/// An expression as written; nothing is resolved. Parentheses leave no trace but the shape.
/// Movable, not copyable.
struct Expr {
  Expr(SourceRange source, ExprNode node);
  ~Expr();
  Expr(Expr&&) noexcept;
  Expr& operator=(Expr&&) noexcept;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
  template <typename T>
  T* As() {
    return std::get_if<T>(&node);
  }

  SourceRange source;
  ExprNode node;
};

template <typename T>
ExprPtr MakeExpr(const SourceRange& source, T node) {
  return std::make_unique<Expr>(source, ExprNode(std::move(node)));
}

/// Whether the expression is the unquoted word DEFAULT, as in VALUES (DEFAULT) or SET a = DEFAULT.
bool IsDefaultKeyword(const Expr& expr);

}  // namespace tarn::sql
