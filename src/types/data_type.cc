#include "tarn/types/data_type.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "tarn/base/check.h"

namespace tarn {

struct DataType::Nested {
  DataType first;   // element or key
  DataType second;  // map value
  std::vector<Field> fields;
};

DataType::DataType(TypeId id) : id_(id) {
  if (id == TypeId::kDecimal) a_ = 10;
  if (id == TypeId::kYearMonthInterval) b_ = static_cast<uint8_t>(IntervalField::kMonth);
  if (id == TypeId::kDayTimeInterval) b_ = static_cast<uint8_t>(IntervalField::kSecond);
  TARN_CHECK(!IsNested());
}

DataType DataType::Decimal(int precision, int scale) {
  DataType type(TypeId::kDecimal);
  type.a_ = static_cast<uint8_t>(precision);
  type.b_ = static_cast<uint8_t>(scale);
  return type;
}

DataType DataType::Char(int length) {
  DataType type(TypeId::kChar);
  type.length_ = length;
  return type;
}

DataType DataType::Varchar(int length) {
  DataType type(TypeId::kVarchar);
  type.length_ = length;
  return type;
}

DataType DataType::YearMonth(IntervalField start, IntervalField end) {
  DataType type(TypeId::kYearMonthInterval);
  type.a_ = static_cast<uint8_t>(start);
  type.b_ = static_cast<uint8_t>(end);
  return type;
}

DataType DataType::DayTime(IntervalField start, IntervalField end) {
  DataType type(TypeId::kDayTimeInterval);
  type.a_ = static_cast<uint8_t>(start);
  type.b_ = static_cast<uint8_t>(end);
  return type;
}

DataType DataType::Array(DataType element, bool contains_null) {
  DataType type;
  type.id_ = TypeId::kArray;
  type.a_ = contains_null;
  type.nested_ = std::make_shared<const Nested>(Nested{std::move(element), {}, {}});
  return type;
}

DataType DataType::Map(DataType key, DataType value, bool value_contains_null) {
  DataType type;
  type.id_ = TypeId::kMap;
  type.a_ = value_contains_null;
  type.nested_ = std::make_shared<const Nested>(Nested{std::move(key), std::move(value), {}});
  return type;
}

DataType DataType::Struct(std::vector<Field> fields) {
  DataType type;
  type.id_ = TypeId::kStruct;
  type.nested_ = std::make_shared<const Nested>(Nested{{}, {}, std::move(fields)});
  return type;
}

const DataType& DataType::element() const {
  TARN_CHECK(id_ == TypeId::kArray);
  return nested_->first;
}

const DataType& DataType::key() const {
  TARN_CHECK(id_ == TypeId::kMap);
  return nested_->first;
}

const DataType& DataType::value() const {
  TARN_CHECK(id_ == TypeId::kMap);
  return nested_->second;
}

const std::vector<Field>& DataType::fields() const {
  TARN_CHECK(id_ == TypeId::kStruct);
  return nested_->fields;
}

bool DataType::operator==(const DataType& other) const {
  if (id_ != other.id_ || a_ != other.a_ || b_ != other.b_ || length_ != other.length_)
    return false;
  if (nested_ == other.nested_) return true;
  return nested_->first == other.nested_->first && nested_->second == other.nested_->second &&
         nested_->fields == other.nested_->fields;
}

bool DataType::EquivalentTo(const DataType& other) const {
  if (id_ != other.id_) return false;
  switch (id_) {
    case TypeId::kArray:
      return element().EquivalentTo(other.element());
    case TypeId::kMap:
      return key().EquivalentTo(other.key()) && value().EquivalentTo(other.value());
    case TypeId::kStruct: {
      if (fields().size() != other.fields().size()) return false;
      for (size_t i = 0; i < fields().size(); ++i) {
        if (!SameName(fields()[i].name, other.fields()[i].name)) return false;
        if (!fields()[i].type.EquivalentTo(other.fields()[i].type)) return false;
      }
      return true;
    }
    default:
      return a_ == other.a_ && b_ == other.b_ && length_ == other.length_;
  }
}

std::string_view Field::Metadata(std::string_view key) const {
  for (const auto& [name, json] : metadata) {
    if (name == key) return json;
  }
  return {};
}

void Field::SetMetadata(std::string key, std::string json) {
  for (auto& [name, text] : metadata) {
    if (name == key) {
      text = std::move(json);
      return;
    }
  }
  metadata.emplace_back(std::move(key), std::move(json));
}

bool operator==(const Field& a, const Field& b) {
  return a.name == b.name && a.nullable == b.nullable && a.type == b.type;
}

int Schema::Find(std::string_view name) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (SameName(fields[i].name, name)) return static_cast<int>(i);
  }
  return -1;
}

namespace {

bool IsAscii(std::string_view text) {
  for (const unsigned char c : text) {
    if (c >= 0x80) return false;
  }
  return true;
}

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::string FoldName(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  if (IsAscii(name)) {
    for (const char c : name) folded += LowerAscii(c);
    return folded;
  }
  const auto length = static_cast<int32_t>(name.size());
  for (int32_t i = 0; i < length;) {
    UChar32 point = 0;
    const int32_t start = i;
    U8_NEXT(name.data(), i, length, point);
    if (point < 0) {
      folded += name.substr(start, i - start);
      continue;
    }
    char bytes[4];
    int32_t written = 0;
    U8_APPEND_UNSAFE(bytes, written, u_tolower(point));
    folded.append(bytes, written);
  }
  return folded;
}

bool SameName(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (!IsAscii(a) || !IsAscii(b)) return FoldName(a) == FoldName(b);
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (LowerAscii(a[i]) != LowerAscii(b[i])) return false;
  }
  return true;
}

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  quoted += '`';
  return quoted;
}

std::string QuoteIfNeeded(std::string_view name) {
  bool plain = !name.empty();
  bool only_digits = true;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    plain &= digit || c == '_' || (LowerAscii(c) >= 'a' && LowerAscii(c) <= 'z');
    only_digits &= digit;
  }
  return plain && !only_digits ? std::string(name) : QuoteIdentifier(name);
}

}  // namespace tarn
