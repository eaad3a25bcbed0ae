#include "json_values.h"

#include <cmath>
#include <limits>

namespace tarn::format {

namespace {

using Kind = JsonText::Kind;
using Next = JsonText::Next;

Fit AppendIf(std::optional<int64_t> value, Column& column) {
  if (!value) return Fit::kNot;
  column.AppendInteger(*value);
  return Fit::kFits;
}

/// Jackson's names of special numbers, in strings too.
std::optional<double> SpecialNumber(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity" || text == "+Infinity" || text == "+INF") return kInfinity;
  if (text == "-Infinity" || text == "-INF") return -kInfinity;
  return std::nullopt;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  for (const char c : text) {
    uint32_t value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<uint32_t>(c - 'a' + 26);
    else if (c >= '0' && c <= '9')
      value = static_cast<uint32_t>(c - '0' + 52);
    else if (c == '+')
      value = 62;
    else if (c == '/')
      value = 63;
    else if (static_cast<unsigned char>(c) <= ' ')
      continue;
    else
      return std::nullopt;
    bits = bits << 6 | value;
    if (++count == 4) {
      out += static_cast<char>(bits >> 16);
      out += static_cast<char>(bits >> 8);
      out += static_cast<char>(bits);
      bits = 0;
      count = 0;
    }
  }
  if (count == 1) return std::nullopt;
  if (count == 2) out += static_cast<char>(bits >> 4);
  if (count == 3) {
    out += static_cast<char>(bits >> 10);
    out += static_cast<char>(bits >> 2);
  }
  return out;
}

}  // namespace

JsonNames::JsonNames(std::vector<std::string> names, bool case_sensitive)
    : names_(std::move(names)), case_sensitive_(case_sensitive) {
  for (size_t i = 0; i < names_.size(); ++i) {
    index_.emplace(case_sensitive ? names_[i] : FoldName(names_[i]), static_cast<int>(i));
  }
}

int JsonNames::Find(std::string_view name) {
  if (expected_ < names_.size() && names_[expected_] == name) return static_cast<int>(expected_++);
  const auto found = case_sensitive_ ? index_.find(name) : index_.find(FoldName(name));
  if (found == index_.end()) return -1;
  expected_ = static_cast<size_t>(found->second) + 1;
  return found->second;
}

JsonShape::JsonShape(const DataType& type, bool case_sensitive) {
  switch (type.id()) {
    case TypeId::kStruct: {
      std::vector<std::string> field_names;
      for (const Field& field : type.fields()) {
        field_names.push_back(field.name);
        children.emplace_back(field.type, case_sensitive);
      }
      names = JsonNames(std::move(field_names), case_sensitive);
      break;
    }
    case TypeId::kArray:
      children.emplace_back(type.element(), case_sensitive);
      break;
    case TypeId::kMap:
      children.emplace_back(type.value(), case_sensitive);
      break;
    default:
      break;
  }
}

Fit JsonValues::Append(JsonText& json, Column& column, JsonShape& shape, RescuedData* rescued) {
  const Kind kind = json.Peek();
  if (kind == Kind::kEnd || kind == Kind::kBad) return Fit::kMalformed;
  if (kind == Kind::kNull) {
    if (!json.ReadLiteral()) return Fit::kMalformed;
    if (column.type().Is(TypeId::kVariant)) {
      column.AppendText("null");
    } else {
      column.AppendNull();
    }
    return Fit::kFits;
  }
  switch (column.type().id()) {
    case TypeId::kStruct:
      if (kind == Kind::kObject) return AppendStruct(json, column, shape, rescued);
      break;
    case TypeId::kArray:
      if (kind == Kind::kArray) return AppendArray(json, column, shape);
      break;
    case TypeId::kMap:
      if (kind == Kind::kObject) return AppendMap(json, column, shape);
      break;
    case TypeId::kVariant: {
      std::string text;
      if (!json.Copy(&text)) return Fit::kMalformed;
      column.AppendText(text);
      return Fit::kFits;
    }
    default:
      return AppendScalar(json, kind, column);
  }
  return json.Skip() ? Fit::kNot : Fit::kMalformed;
}

Fit JsonValues::AppendStruct(JsonText& json, Column& column, JsonShape& shape,
                             RescuedData* rescued) {
  const size_t row = column.rows();
  Fit fit = Fit::kFits;
  std::string_view name;
  for (bool first = true;; first = false) {
    const Next next = json.NextMember(first, &name);
    if (next == Next::kBad) return Fit::kMalformed;
    if (next == Next::kClose) break;
    const int at = shape.names.Find(name);
    const std::string kept_name(rescued != nullptr ? name : std::string_view());
    const char* const place = json.place();
    if (at < 0) {
      if (!json.Skip()) return Fit::kMalformed;
      if (rescued) rescued->AddJson(kept_name, json.Since(place));
      continue;
    }
    Column& child = column.children[static_cast<size_t>(at)];
    child.Truncate(row);  // of a name that comes twice, the last counts
    RescuedData inner;
    const Fit child_fit =
        Append(json, child, shape.children[static_cast<size_t>(at)], rescued ? &inner : nullptr);
    if (child_fit == Fit::kMalformed) return child_fit;
    if (rescued && !inner.empty()) {
      rescued->AddJson(kept_name, inner.FinishNested());
    } else if (rescued && child_fit != Fit::kFits) {
      rescued->AddJson(kept_name, json.Since(place));
    }
    if (child_fit != Fit::kFits) fit = Fit::kPartly;
  }
  for (Column& child : column.children) {
    if (child.rows() == row) child.AppendNull();
  }
  column.AppendNested();
  return fit;
}

Fit JsonValues::AppendArray(JsonText& json, Column& column, JsonShape& shape) {
  Column& element = column.children[0];
  const size_t begin = element.rows();
  Fit fit = Fit::kFits;
  for (bool first = true;; first = false) {
    const Next next = json.NextElement(first);
    if (next == Next::kBad) return Fit::kMalformed;
    if (next == Next::kClose) break;
    if (fit == Fit::kNot) {
      if (!json.Skip()) return Fit::kMalformed;
      continue;
    }
    const Fit element_fit = Append(json, element, shape.children[0]);
    if (element_fit == Fit::kMalformed) return element_fit;
    if (element_fit != Fit::kFits) fit = element_fit;
  }
  if (fit == Fit::kNot) {
    // One element that doesn't fit makes the whole array not fit.
    element.Truncate(begin);
    return fit;
  }
  column.AppendNested();
  return fit;
}

Fit JsonValues::AppendMap(JsonText& json, Column& column, JsonShape& shape) {
  Column& key = column.children[0];
  Column& value = column.children[1];
  const size_t begin = value.rows();
  Fit fit = column.type().key().IsString() ? Fit::kFits : Fit::kNot;
  std::string_view name;
  for (bool first = true;; first = false) {
    const Next next = json.NextMember(first, &name);
    if (next == Next::kBad) return Fit::kMalformed;
    if (next == Next::kClose) break;
    if (fit == Fit::kNot) {
      if (!json.Skip()) return Fit::kMalformed;
      continue;
    }
    key.AppendText(name);
    const Fit value_fit = Append(json, value, shape.children[0]);
    if (value_fit == Fit::kMalformed) return value_fit;
    if (value_fit != Fit::kFits) fit = value_fit;
  }
  if (fit == Fit::kNot) {
    key.Truncate(begin);
    value.Truncate(begin);
    return fit;
  }
  column.AppendNested();
  return fit;
}

Fit JsonValues::AppendScalar(JsonText& json, Kind kind, Column& column) {
  const bool is_string = column.type().IsString();
  std::string_view text;
  switch (kind) {
    case Kind::kString:
      if (!json.ReadString(&text)) return Fit::kMalformed;
      if (!is_string) return AppendString(text, column);
      column.AppendText(text);
      return Fit::kFits;
    case Kind::kNumber: {
      bool integral = false;
      if (!json.ReadNumber(&text, &integral)) return Fit::kMalformed;
      if (!is_string) return AppendNumber(text, integral, column);
      column.AppendText(text);
      return Fit::kFits;
    }
    case Kind::kTrue:
    case Kind::kFalse:
      if (!json.ReadLiteral()) return Fit::kMalformed;
      if (is_string) {
        column.AppendText(kind == Kind::kTrue ? "true" : "false");
        return Fit::kFits;
      }
      if (!column.type().Is(TypeId::kBoolean)) return Fit::kNot;
      column.AppendInteger(kind == Kind::kTrue ? 1 : 0);
      return Fit::kFits;
    default: {
      // What is nested becomes text as it is written.
      const char* const place = json.place();
      if (!json.Skip()) return Fit::kMalformed;
      if (!is_string) return Fit::kNot;
      column.AppendText(json.Since(place));
      return Fit::kFits;
    }
  }
}

Fit JsonValues::AppendString(std::string_view text, Column& column) const {
  const DataType& type = column.type();
  if (type.Is(TypeId::kBinary)) {
    const std::optional<std::string> bytes = DecodeBase64(text);
    if (!bytes) return Fit::kNot;
    column.AppendText(*bytes);
    return Fit::kFits;
  }
  if (text.empty()) return Fit::kNot;
  switch (type.id()) {
    case TypeId::kFloat:
    case TypeId::kDouble: {
      const std::optional<double> value = SpecialNumber(text);
      if (!value) return Fit::kNot;
      column.AppendReal(*value);
      return Fit::kFits;
    }
    case TypeId::kDate: {
      if (const auto days = values_.Date(text)) return AppendIf(*days, column);
      // Spark 1.5 wrote days since 1970 as text.
      return AppendIf(values_.has_date_pattern() ? std::nullopt : ParseInteger(text, TypeId::kInt),
                      column);
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
    case TypeId::kTime:
    case TypeId::kDecimal:
      return values_.Append(text, column) ? Fit::kFits : Fit::kNot;
    default:
      return Fit::kNot;
  }
}

Fit JsonValues::AppendNumber(std::string_view raw, bool integral, Column& column) const {
  const DataType& type = column.type();
  switch (type.id()) {
    case TypeId::kByte: {
      // Jackson takes what fits eight bits, signed or not.
      const auto value = integral ? ParseInteger(raw, TypeId::kShort) : std::nullopt;
      if (!value || *value < -128 || *value > 255) return Fit::kNot;
      column.AppendInteger(static_cast<int8_t>(*value));
      return Fit::kFits;
    }
    case TypeId::kShort:
    case TypeId::kInt:
    case TypeId::kLong:
      return AppendIf(integral ? ParseInteger(raw, type.id()) : std::nullopt, column);
    case TypeId::kFloat:
    case TypeId::kDouble: {
      std::optional<double> value = ParseReal(raw);
      if (!value) value = SpecialNumber(raw);
      if (!value) return Fit::kNot;
      column.AppendReal(*value);
      return Fit::kFits;
    }
    case TypeId::kDecimal: {
      const auto value = ParseDecimalAs(raw, type.precision(), type.scale());
      if (!value) return Fit::kNot;
      column.AppendDecimal(*value);
      return Fit::kFits;
    }
    case TypeId::kTimestamp: {
      const auto seconds = integral ? ParseInteger(raw, TypeId::kLong) : std::nullopt;
      if (!seconds) return Fit::kNot;
      column.AppendInteger(static_cast<int64_t>(static_cast<uint64_t>(*seconds) *
                                                static_cast<uint64_t>(kMicrosPerSecond)));
      return Fit::kFits;
    }
    default:
      return Fit::kNot;
  }
}

}  // namespace tarn::format
