#include "json_types.h"

#include <algorithm>

#include "type_merge.h"

namespace tarn::format {

namespace {

using Kind = JsonText::Kind;
using Next = JsonText::Next;

DataType DecimalOf(std::string_view raw) {
  const std::optional<DecimalShape> shape = DecimalShapeOf(raw);
  if (!shape || shape->scale < 0) return TypeId::kDouble;
  const int precision = std::max(shape->precision, shape->scale);
  if (precision > 38) return TypeId::kDouble;
  return DataType::Decimal(precision, shape->scale);
}

DataType TypeOfNumber(std::string_view raw, bool integral, const JsonTyping& typing) {
  if (typing.primitives_as_string) return TypeId::kString;
  if (integral && ParseInteger(raw, TypeId::kLong)) return TypeId::kLong;
  if (integral || typing.prefers_decimal) return DecimalOf(raw);
  return TypeId::kDouble;
}

DataType TypeOfText(std::string_view text, const JsonTyping& typing, const TextValues& values) {
  // Some writers have no other way to say null.
  if (text.empty()) return TypeId::kNull;
  if (typing.prefers_decimal) {
    std::string plain(text);
    std::erase(plain, ',');
    if (const auto shape = DecimalShapeOf(plain);
        shape && shape->scale >= 0 && shape->precision <= 38 && shape->scale <= shape->precision)
      return DataType::Decimal(shape->precision, shape->scale);
  }
  if (typing.infer_timestamp && values.Timestamp(text)) return TypeId::kTimestamp;
  return TypeId::kString;
}

}  // namespace

Result<JsonTyping> JsonTyping::Of(const ReadOptions& options) {
  JsonTyping typing;
  TARN_ASSIGN(typing.primitives_as_string, options.Flag("primitivesAsString", false));
  TARN_ASSIGN(typing.prefers_decimal, options.Flag("prefersDecimal", false));
  TARN_ASSIGN(typing.infer_timestamp, options.Flag("inferTimestamp", false));
  TARN_ASSIGN(typing.drop_all_null, options.Flag("dropFieldIfAllNull", false));
  return typing;
}

void JsonTypeNode::ObserveScalar(const DataType& type) {
  if (type.Is(TypeId::kNull) || state_ == State::kText) return;
  if (state_ == State::kNull) {
    state_ = State::kScalar;
    scalar_ = type;
  } else if (state_ != State::kScalar) {
    state_ = State::kText;
  } else if (!(scalar_ == type)) {
    if (scalar_.IsNumeric() && type.IsNumeric()) {
      scalar_ = MergeNumbers(scalar_, type);
    } else {
      state_ = State::kText;
    }
  }
}

bool JsonTypeNode::Become(State state) {
  if (state_ == State::kNull) state_ = state;
  if (state_ != state) state_ = State::kText;
  return state_ == state;
}

void JsonTypeNode::Observe(JsonText& json, const JsonTyping& typing, const TextValues& values) {
  std::string_view text;
  switch (json.Peek()) {
    case Kind::kObject:
      if (!Become(State::kStruct)) break;
      for (bool first = true; json.NextMember(first, &text) == Next::kItem; first = false) {
        auto member = members_.find(text);
        if (member == members_.end())
          member = members_.emplace(std::string(text), JsonTypeNode()).first;
        member->second.Observe(json, typing, values);
      }
      return;
    case Kind::kArray:
      if (!Become(State::kArray)) break;
      if (!element_) element_ = std::make_unique<JsonTypeNode>();
      for (bool first = true; json.NextElement(first) == Next::kItem; first = false)
        element_->Observe(json, typing, values);
      return;
    case Kind::kString:
      if (!json.ReadString(&text)) return;
      ObserveScalar(TypeOfText(text, typing, values));
      return;
    case Kind::kNumber: {
      bool integral = false;
      if (!json.ReadNumber(&text, &integral)) return;
      ObserveScalar(TypeOfNumber(text, integral, typing));
      return;
    }
    case Kind::kTrue:
    case Kind::kFalse:
      ObserveScalar(typing.primitives_as_string ? TypeId::kString : TypeId::kBoolean);
      break;
    default:
      break;
  }
  (void)json.Skip();
}

std::vector<Field> JsonTypeNode::Fields(const JsonTyping& typing) const {
  std::vector<Field> fields;
  for (const auto& [name, member] : members_) {
    std::optional<DataType> type = member.Type(typing);
    if (type && !name.empty()) fields.push_back({name, *std::move(type)});
  }
  return fields;
}

std::optional<DataType> JsonTypeNode::Type(const JsonTyping& typing) const {
  switch (state_) {
    case State::kNull:
      if (typing.drop_all_null) return std::nullopt;
      return DataType(TypeId::kString);
    case State::kScalar:
      return scalar_;
    case State::kText:
      return DataType(TypeId::kString);
    case State::kArray: {
      std::optional<DataType> element = element_->Type(typing);
      if (!element) return std::nullopt;
      return DataType::Array(*std::move(element));
    }
    case State::kStruct: {
      std::vector<Field> fields = Fields(typing);
      if (fields.empty()) return std::nullopt;
      return DataType::Struct(std::move(fields));
    }
  }
  return std::nullopt;
}

}  // namespace tarn::format
