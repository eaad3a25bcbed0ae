#include "avro_values.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tarn/base/base64.h"
#include "tarn/base/json_string.h"
#include "tarn/types/data_type.h"
#include "tarn/types/datetime.h"
#include "tarn/types/value.h"

namespace tarn::format {

namespace {

template <typename Number>
Number Fixed(AvroCursor& cursor) {
  Number number{};
  const std::string_view bytes = cursor.Bytes(sizeof(Number));
  if (bytes.size() == sizeof(Number)) std::memcpy(&number, bytes.data(), sizeof(Number));
  return number;
}

/// A decimal's unscaled number, big-endian two's complement; what is longer than 16 bytes has only
/// signs before.
Int128 Unscaled(std::string_view bytes) {
  Int128 value = !bytes.empty() && static_cast<signed char>(bytes[0]) < 0 ? -1 : 0;
  if (bytes.size() > 16) bytes.remove_prefix(bytes.size() - 16);
  for (const char c : bytes) {
    value = static_cast<Int128>(static_cast<unsigned __int128>(value) << 8 |
                                static_cast<unsigned char>(c));
  }
  return value;
}

/// Calls `item` for each of an array's or map's items.
template <typename Item>
void EachItem(AvroCursor& cursor, Item item) {
  while (!cursor.bad()) {
    int64_t count = cursor.Long();
    if (count == 0) return;
    if (count < 0) {
      count = -count;
      cursor.Long();
    }
    for (int64_t i = 0; i < count && !cursor.bad(); ++i) item();
  }
}

/// The branch that a union's value has; null if its number is none.
const AvroType* BranchOf(const AvroType& type, AvroCursor& cursor, size_t* number) {
  const int64_t at = cursor.Long();
  if (at < 0 || at >= static_cast<int64_t>(type.children.size())) return nullptr;
  *number = static_cast<size_t>(at);
  return &type.children[*number];
}

bool IsPlainUnion(const AvroType& type) {
  return std::ranges::count_if(
             type.children,
             [](const AvroType& branch) { return branch.kind != AvroKind::kNull; }) <= 1 ||
         !type.type.Is(TypeId::kStruct);
}

void AppendUnion(const AvroType& type, AvroCursor& cursor, Column& column) {
  size_t number = 0;
  const AvroType* const branch = BranchOf(type, cursor, &number);
  if (branch == nullptr || branch->kind == AvroKind::kNull) {
    if (branch == nullptr) cursor.Bytes(SIZE_MAX);
    column.AppendNull();
    return;
  }
  if (IsPlainUnion(type)) return AppendAvro(*branch, cursor, column);
  size_t member = 0;
  for (size_t i = 0; i < number; ++i) member += type.children[i].kind != AvroKind::kNull ? 1 : 0;
  for (size_t i = 0; i < column.children.size(); ++i) {
    if (i == member) {
      AppendAvro(*branch, cursor, column.children[i]);
    } else {
      column.children[i].AppendNull();
    }
  }
  column.AppendNested();
}

void AppendInteger(int64_t value, Column& column) {
  switch (column.storage()) {
    case Storage::kReal:
      return column.AppendReal(static_cast<double>(value));
    case Storage::kDecimal: {
      Int128 scaled = value;
      for (int i = 0; i < column.type().scale(); ++i) scaled *= 10;
      return column.AppendDecimal(scaled);
    }
    default:
      return column.AppendInteger(value);
  }
}

}  // namespace

namespace {

/// As to_json writes numbers, days and times.
std::string NumberJson(const AvroType& type, int64_t number) {
  switch (type.type.id()) {
    case TypeId::kDate:
      return JsonString(RenderDate(static_cast<int32_t>(number)));
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz: {
      std::string text = RenderTimestamp(number * type.scale);
      std::ranges::replace(text, ' ', 'T');
      return JsonString(type.type.Is(TypeId::kTimestamp) ? text + "Z" : text);
    }
    default:
      return std::to_string(number);
  }
}

}  // namespace

bool AvroFits(const AvroType& from, const DataType& to) {
  if (from.kind == AvroKind::kNull) return true;
  if (from.kind == AvroKind::kUnion && IsPlainUnion(from)) {
    return std::ranges::all_of(from.children,
                               [&](const AvroType& branch) { return AvroFits(branch, to); });
  }
  if (from.kind == AvroKind::kArray) {
    return to.Is(TypeId::kArray) && AvroFits(from.children[0], to.element());
  }
  if (from.kind == AvroKind::kMap) {
    return to.Is(TypeId::kMap) && to.key().IsString() && AvroFits(from.children[0], to.value());
  }
  if (from.kind == AvroKind::kRecord) {
    if (!to.Is(TypeId::kStruct)) return false;
    // Fields that the file hasn't are NULL; one that the type hasn't doesn't fit.
    return std::ranges::all_of(from.names, [&](const std::string& name) {
      const auto field = std::ranges::find_if(
          to.fields(), [&](const Field& other) { return SameName(other.name, name); });
      const auto at = static_cast<size_t>(std::ranges::find(from.names, name) - from.names.begin());
      return field != to.fields().end() && AvroFits(from.children[at], field->type);
    });
  }
  if (from.type == to) return true;
  if (from.type.IsString()) return to.IsString();
  switch (from.type.id()) {
    case TypeId::kInt:
      return to.Is(TypeId::kLong) || to.Is(TypeId::kDouble);
    case TypeId::kFloat:
      return to.Is(TypeId::kDouble);
    default:
      return false;
  }
}

void AppendAvro(const AvroType& type, AvroCursor& cursor, Column& column) {
  switch (type.kind) {
    case AvroKind::kNull:
      return column.AppendNull();
    case AvroKind::kBoolean:
      return column.AppendInteger(cursor.Bytes(1) == std::string_view("\x01", 1) ? 1 : 0);
    case AvroKind::kInt:
    case AvroKind::kLong:
      return AppendInteger(cursor.Long() * type.scale, column);
    case AvroKind::kFloat:
      return column.AppendReal(static_cast<double>(Fixed<float>(cursor)));
    case AvroKind::kDouble:
      return column.AppendReal(Fixed<double>(cursor));
    case AvroKind::kBytes:
    case AvroKind::kString:
    case AvroKind::kFixed: {
      const std::string_view bytes =
          type.kind == AvroKind::kFixed ? cursor.Bytes(type.fixed_bytes) : cursor.Text();
      if (column.storage() == Storage::kDecimal) return column.AppendDecimal(Unscaled(bytes));
      return column.AppendText(bytes);
    }
    case AvroKind::kEnum: {
      const int64_t symbol = cursor.Long();
      if (symbol < 0 || symbol >= static_cast<int64_t>(type.names.size())) {
        cursor.Bytes(SIZE_MAX);
        return column.AppendNull();
      }
      return column.AppendText(type.names[static_cast<size_t>(symbol)]);
    }
    case AvroKind::kArray:
      EachItem(cursor, [&] { AppendAvro(type.children[0], cursor, column.children[0]); });
      return column.AppendNested();
    case AvroKind::kMap:
      EachItem(cursor, [&] {
        column.children[0].AppendText(cursor.Text());
        AppendAvro(type.children[0], cursor, column.children[1]);
      });
      return column.AppendNested();
    case AvroKind::kUnion:
      return AppendUnion(type, cursor, column);
    case AvroKind::kRecord:
      break;
  }
  const std::vector<Field>& fields = column.type().fields();
  const size_t row = column.rows();
  for (size_t i = 0; i < type.children.size(); ++i) {
    const auto field = std::ranges::find_if(
        fields, [&](const Field& other) { return SameName(other.name, type.names[i]); });
    Column& child = column.children[static_cast<size_t>(field - fields.begin())];
    child.Truncate(std::min(child.rows(), row));
    AppendAvro(type.children[i], cursor, child);
  }
  for (Column& child : column.children) {
    if (child.rows() == row) child.AppendNull();
  }
  column.AppendNested();
}

void SkipAvro(const AvroType& type, AvroCursor& cursor) {
  switch (type.kind) {
    case AvroKind::kNull:
      return;
    case AvroKind::kBoolean:
      cursor.Bytes(1);
      return;
    case AvroKind::kInt:
    case AvroKind::kLong:
    case AvroKind::kEnum:
      cursor.Long();
      return;
    case AvroKind::kFloat:
      cursor.Bytes(4);
      return;
    case AvroKind::kDouble:
      cursor.Bytes(8);
      return;
    case AvroKind::kBytes:
    case AvroKind::kString:
      cursor.Text();
      return;
    case AvroKind::kFixed:
      cursor.Bytes(type.fixed_bytes);
      return;
    case AvroKind::kArray:
      return EachItem(cursor, [&] { SkipAvro(type.children[0], cursor); });
    case AvroKind::kMap:
      return EachItem(cursor, [&] {
        cursor.Text();
        SkipAvro(type.children[0], cursor);
      });
    case AvroKind::kUnion: {
      size_t number = 0;
      const AvroType* const branch = BranchOf(type, cursor, &number);
      if (branch == nullptr) {
        cursor.Bytes(SIZE_MAX);
        return;
      }
      return SkipAvro(*branch, cursor);
    }
    case AvroKind::kRecord:
      for (const AvroType& child : type.children) SkipAvro(child, cursor);
  }
}

void AppendAvroJson(const AvroType& type, AvroCursor& cursor, std::string* json) {
  switch (type.kind) {
    case AvroKind::kNull:
      *json += "null";
      return;
    case AvroKind::kBoolean:
      *json += cursor.Bytes(1) == std::string_view("\x01", 1) ? "true" : "false";
      return;
    case AvroKind::kInt:
    case AvroKind::kLong:
      *json += NumberJson(type, cursor.Long());
      return;
    case AvroKind::kBytes:
    case AvroKind::kFixed: {
      const std::string_view bytes =
          type.kind == AvroKind::kFixed ? cursor.Bytes(type.fixed_bytes) : cursor.Text();
      *json += type.type.Is(TypeId::kDecimal) ? RenderDecimal(Unscaled(bytes), type.type.scale())
                                              : JsonString(EncodeBase64(bytes));
      return;
    }
    case AvroKind::kArray:
    case AvroKind::kMap: {
      const bool map = type.kind == AvroKind::kMap;
      *json += map ? '{' : '[';
      bool first = true;
      EachItem(cursor, [&] {
        if (!first) *json += ',';
        first = false;
        if (map) *json += JsonString(cursor.Text()) + ":";
        AppendAvroJson(type.children[0], cursor, json);
      });
      *json += map ? '}' : ']';
      return;
    }
    case AvroKind::kUnion: {
      size_t number = 0;
      const AvroType* const branch = BranchOf(type, cursor, &number);
      if (branch != nullptr) return AppendAvroJson(*branch, cursor, json);
      cursor.Bytes(SIZE_MAX);
      *json += "null";
      return;
    }
    case AvroKind::kRecord: {
      *json += '{';
      for (size_t i = 0; i < type.children.size(); ++i) {
        if (i > 0) *json += ',';
        *json += JsonString(type.names[i]) + ":";
        AppendAvroJson(type.children[i], cursor, json);
      }
      *json += '}';
      return;
    }
    default:
      break;
  }
  // What has a text in a column has the same here.
  Column column(type.kind == AvroKind::kFloat || type.kind == AvroKind::kDouble ? TypeId::kDouble
                                                                                : TypeId::kString);
  AppendAvro(type, cursor, column);
  if (column.storage() == Storage::kReal) {
    char text[32];
    const int length = std::snprintf(text, sizeof(text), "%.17g", column.reals[0]);
    json->append(text, static_cast<size_t>(length));
  } else {
    *json += JsonString(column.Text(0));
  }
}

}  // namespace tarn::format
