#include "duck/variant_storage.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <map>

#include "duck/errors.h"
#include "duck/file_types.h"
#include "duck/functions/json_tree.h"
#include "duck/statement.h"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/common/types/variant_value.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "reader/variant/variant_shredded_conversion.hpp"
#include "tarn/base/base64.h"
#include "tarn/types/any_type.h"
#include "tarn/types/value.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;
using duckdb::VariantValue;
using duckdb::Vector;

constexpr const char* kMetadata = "metadata";
constexpr const char* kValue = "value";
constexpr const char* kTypedValue = "typed_value";
constexpr int kDepthMax = 500;

// --- variants → texts ---

/// The types whose values JSON doesn't tell from texts.
const LogicalType* LostType(const LogicalType& type) {
  static const LogicalType kTypes[] = {
      LogicalType::DATE,      LogicalType::TIME,         LogicalType::TIMESTAMP_TZ,
      LogicalType::TIMESTAMP, LogicalType::TIMESTAMP_NS, LogicalType::BLOB,
      LogicalType::UUID,      LogicalType::FLOAT,        LogicalType::DOUBLE};
  const auto* const found = std::ranges::find(kTypes, type);
  return found == std::end(kTypes) ? &kTypes[0] : found;
}

/// DuckDB's own texts crash on times that there aren't.
std::string TimeText(TypeId type, int64_t value) {
  constexpr int64_t kDay = 86'400'000'000;
  if (type == TypeId::kTime && (value < 0 || value >= kDay)) {
    throw duckdb::InvalidInputException("there is no such time of the day");
  }
  return RenderAsString(Value::Of(type, value), "UTC");
}

/// A value as Spark's Variant.toJson shows it.
/// `lost`: the type, if JSON doesn't tell it.
JsonTree ScalarTree(const duckdb::Value& value, const LogicalType*& lost) {
  JsonTree tree;
  const LogicalType& type = value.type();
  if (value.IsNull()) return tree;
  if (type.id() == LogicalTypeId::BOOLEAN) {
    tree.kind = duckdb::BooleanValue::Get(value) ? JsonTree::kTrue : JsonTree::kFalse;
    return tree;
  }
  if (type.id() == LogicalTypeId::FLOAT || type.id() == LogicalTypeId::DOUBLE) {
    const double number = value.GetValue<double>();
    tree.kind = std::isfinite(number) ? JsonTree::kNumber : JsonTree::kString;
    tree.text = type.id() == LogicalTypeId::FLOAT ? RenderFloat(static_cast<float>(number))
                                                  : RenderDouble(number);
    if (tree.kind == JsonTree::kString) lost = LostType(type);
    return tree;
  }
  tree.kind = type.IsIntegral() || type.id() == LogicalTypeId::DECIMAL ? JsonTree::kNumber
                                                                       : JsonTree::kString;
  switch (type.id()) {
    case LogicalTypeId::DECIMAL: {
      const int scale = duckdb::DecimalType::GetScale(type);
      const DataType decimal = DataType::Decimal(duckdb::DecimalType::GetWidth(type), scale);
      tree.text = RenderDecimal(FromDuckValue(value, decimal).decimal(), scale);
      // The scale that it is stored with says nothing of the value.
      if (scale > 0) tree.text.erase(tree.text.find_last_not_of('0') + 1);
      if (tree.text.back() == '.') tree.text.pop_back();
      break;
    }
    case LogicalTypeId::BLOB:
      tree.text = EncodeBase64(duckdb::StringValue::Get(value));
      break;
    case LogicalTypeId::TIMESTAMP_TZ: {
      const int64_t micros = value.GetValueUnsafe<duckdb::timestamp_tz_t>().value;
      tree.text = RenderAsString(Value::Of(TypeId::kTimestamp, micros), "UTC") + "+00:00";
      break;
    }
    case LogicalTypeId::TIMESTAMP:
      tree.text =
          TimeText(TypeId::kTimestampNtz, value.GetValueUnsafe<duckdb::timestamp_t>().value);
      break;
    case LogicalTypeId::TIMESTAMP_NS:
      tree.text = TimeText(TypeId::kTimestampNtz,
                           value.GetValueUnsafe<duckdb::timestamp_ns_t>().value / 1000);
      break;
    case LogicalTypeId::DATE:
      tree.text = TimeText(TypeId::kDate, value.GetValueUnsafe<duckdb::date_t>().days);
      break;
    case LogicalTypeId::TIME:
      tree.text = TimeText(TypeId::kTime, value.GetValueUnsafe<duckdb::dtime_t>().micros);
      break;
    case LogicalTypeId::VARCHAR:
      tree.text = duckdb::StringValue::Get(value);
      break;
    default:
      tree.text = value.ToString();
  }
  if (tree.kind == JsonTree::kString && type.id() != LogicalTypeId::VARCHAR) lost = LostType(type);
  return tree;
}

JsonTree ToTree(const VariantValue& value, const LogicalType*& lost, int depth = 0) {
  if (depth > kDepthMax) throw duckdb::InvalidInputException("a variant is nested too deep");
  JsonTree tree;
  switch (value.value_type) {
    case duckdb::VariantValueType::MISSING:
      return tree;
    case duckdb::VariantValueType::PRIMITIVE:
      return ScalarTree(value.primitive_value, lost);
    case duckdb::VariantValueType::OBJECT:
      tree.kind = JsonTree::kObject;
      for (const auto& [name, child] : value.ObjectChildren()) {
        tree.members.emplace_back(name, ToTree(child, lost, depth + 1));
      }
      return tree;
    case duckdb::VariantValueType::ARRAY:
      tree.kind = JsonTree::kArray;
      for (const VariantValue& item : value.ArrayItems()) {
        tree.items.push_back(ToTree(item, lost, depth + 1));
      }
      return tree;
  }
  return tree;
}

[[noreturn]] void Damaged(const char* what) { throw duckdb::InvalidInputException(what); }

/// Reads whole variants, believing nothing. Source: Parquet, "Variant Binary Encoding".
class VariantDecoder {
 public:
  explicit VariantDecoder(std::string_view metadata) : names_(metadata) {
    const uint64_t header = Number(metadata, 0, 1);
    if ((header & 0xF) != 1) Damaged("it isn't of version 1");
    width_ = (header >> 6 & 3) + 1;
    count_ = Number(metadata, 1, width_);
    if (count_ >= metadata.size()) Damaged("it has fewer names than it says");
    offsets_ = 1 + width_;
    const size_t begin = offsets_ + (count_ + 1) * width_;
    if (begin > metadata.size()) Damaged("its names end too early");
    names_.remove_prefix(begin);
    metadata_ = metadata;
  }

  /// `lost`: as ScalarTree tells it.
  JsonTree Decode(std::string_view value, const LogicalType*& lost) {
    nodes_left_ = value.size();
    return Node(value, lost, 0);
  }

 private:
  static uint64_t Number(std::string_view bytes, size_t at, size_t width) {
    if (at > bytes.size() || bytes.size() - at < width) Damaged("it ends too early");
    uint64_t number = 0;
    for (size_t i = 0; i < width; ++i) {
      number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    return number;
  }
  static int64_t Signed(std::string_view bytes, size_t width) {
    const size_t unused = 64 - 8 * width;
    return static_cast<int64_t>(Number(bytes, 0, width) << unused) >> unused;
  }
  static std::string_view Part(std::string_view bytes, size_t at, size_t size) {
    if (at > bytes.size() || bytes.size() - at < size) Damaged("it ends too early");
    return bytes.substr(at, size);
  }
  static std::string Text(std::string_view bytes) {
    if (!duckdb::Value::StringIsValid(bytes.data(), bytes.size())) Damaged("a text isn't UTF-8");
    return std::string(bytes);
  }

  std::string Name(uint64_t id) const {
    if (id >= count_) Damaged("a field has no name");
    const uint64_t begin = Number(metadata_, offsets_ + id * width_, width_);
    const uint64_t end = Number(metadata_, offsets_ + (id + 1) * width_, width_);
    if (begin > end) Damaged("its names are out of order");
    return Text(Part(names_, begin, end - begin));
  }

  JsonTree Node(std::string_view value, const LogicalType*& lost, int depth) {
    // Each takes a byte at least, so that more of them share theirs.
    if (nodes_left_ == 0) Damaged("its parts overlap");
    --nodes_left_;
    if (depth > kDepthMax) Damaged("it is nested too deep");
    const uint64_t header = Number(value, 0, 1);
    value.remove_prefix(1);
    JsonTree tree;
    switch (header & 3) {
      case 0:
        return ScalarTree(Primitive(header >> 2, value), lost);
      case 1:
        tree.kind = JsonTree::kString;
        tree.text = Text(Part(value, 0, header >> 2));
        return tree;
      case 2:
        tree.kind = JsonTree::kObject;
        ForEach(value, header >> 2 & 3, header >> 6 & 1, (header >> 4 & 3) + 1,
                [&](uint64_t id, std::string_view part) {
                  tree.members.emplace_back(Name(id), Node(part, lost, depth + 1));
                });
        std::ranges::sort(tree.members, {}, [](const auto& member) { return member.first; });
        return tree;
      default:
        tree.kind = JsonTree::kArray;
        ForEach(value, header >> 2 & 3, header >> 4 & 1, 0, [&](uint64_t, std::string_view part) {
          tree.items.push_back(Node(part, lost, depth + 1));
        });
        return tree;
    }
  }

  /// The parts of an object or array.
  template <typename Visit>
  void ForEach(std::string_view value, uint64_t width_code, uint64_t large, size_t id_width,
               const Visit& visit) {
    const size_t width = width_code + 1;
    const size_t count_width = large != 0 ? 4 : 1;
    const uint64_t count = Number(value, 0, count_width);
    if (count > value.size()) Damaged("it has fewer parts than it says");
    const size_t ids = count_width;
    const size_t offsets = ids + count * id_width;
    const size_t begin = offsets + (count + 1) * width;
    const std::string_view parts = Part(value, begin, value.size() - std::min(begin, value.size()));
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t offset = Number(value, offsets + i * width, width);
      const uint64_t id = id_width == 0 ? 0 : Number(value, ids + i * id_width, id_width);
      if (offset >= parts.size()) Damaged("a part lies outside of it");
      visit(id, parts.substr(offset));
    }
  }

  static duckdb::Value Primitive(uint64_t type, std::string_view value) {
    switch (type) {
      case 0:
        return duckdb::Value();
      case 1:
      case 2:
        return duckdb::Value::BOOLEAN(type == 1);
      case 3:
      case 4:
      case 5:
      case 6:
        return duckdb::Value::BIGINT(Signed(value, size_t{1} << (type - 3)));
      case 7:
        return duckdb::Value::DOUBLE(std::bit_cast<double>(Number(value, 0, 8)));
      case 8:
      case 9:
      case 10:
        return DecimalOf(size_t{4} << (type - 8), value);
      case 11:
        return duckdb::Value::DATE(duckdb::date_t(static_cast<int32_t>(Signed(value, 4))));
      case 12:
        return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(Signed(value, 8)));
      case 13:
        return duckdb::Value::TIMESTAMP(duckdb::timestamp_t(Signed(value, 8)));
      case 14:
        return duckdb::Value::FLOAT(
            std::bit_cast<float>(static_cast<uint32_t>(Number(value, 0, 4))));
      case 15:
        return duckdb::Value::BLOB_RAW(std::string(Part(value, 4, Number(value, 0, 4))));
      case 16:
        return duckdb::Value(Text(Part(value, 4, Number(value, 0, 4))));
      case 17:
        return duckdb::Value::TIME(duckdb::dtime_t(Signed(value, 8)));
      case 18:
        return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(Signed(value, 8) / 1000));
      case 19:
        return duckdb::Value::TIMESTAMPNS(duckdb::timestamp_ns_t(Signed(value, 8)));
      case 20: {
        const std::string_view bytes = Part(value, 0, 16);
        return duckdb::Value::UUID(
            duckdb::BaseUUID::FromBlob(reinterpret_cast<duckdb::const_data_ptr_t>(bytes.data())));
      }
      default:
        Damaged("it has a value of an unknown type");
    }
  }

  static duckdb::Value DecimalOf(size_t width, std::string_view value) {
    constexpr uint64_t kScaleMax = 38;
    const uint64_t scale = Number(value, 0, 1);
    if (scale > kScaleMax) Damaged("a decimal has too large a scale");
    value.remove_prefix(1);
    duckdb::hugeint_t unscaled(width < 16 ? Signed(value, width) : 0);
    if (width == 16) {
      unscaled.lower = Number(value, 0, 8);
      unscaled.upper = static_cast<int64_t>(Number(value, 8, 8));
    }
    return duckdb::Value::DECIMAL(unscaled, 38, static_cast<uint8_t>(scale));
  }

  std::string_view metadata_;
  std::string_view names_;  // all of them, behind each other
  size_t width_ = 0;
  uint64_t count_ = 0;
  size_t offsets_ = 0;
  size_t nodes_left_ = 0;
};

std::string_view BytesAt(Vector& vector, duckdb::idx_t row) {
  const duckdb::string_t& bytes = duckdb::FlatVector::GetData<duckdb::string_t>(vector)[row];
  return {bytes.GetData(), bytes.GetSize()};
}

Vector* FindPart(Vector& group, std::string_view wanted) {
  const auto& types = duckdb::StructType::GetChildTypes(group.GetType());
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i].first == wanted) return duckdb::StructVector::GetEntries(group)[i].get();
  }
  return nullptr;
}

/// Rows of a part, each with the row of the column it belongs to.
using PartRows = std::vector<std::pair<duckdb::idx_t, duckdb::idx_t>>;

/// Looks at all whole values within a shredded one, since DuckDB's conversion believes them.
void CheckValues(Vector& metadata, Vector& group, duckdb::idx_t count, const PartRows& rows) {
  if (group.GetType().id() != LogicalTypeId::STRUCT) return;
  group.Flatten(count);
  if (Vector* const value = FindPart(group, kValue)) {
    if (value->GetType().id() != LogicalTypeId::BLOB) Damaged("it isn't shredded as a variant is");
    for (const auto& [row, owner] : rows) {
      const LogicalType* lost = nullptr;
      if (duckdb::FlatVector::IsNull(*value, row)) continue;
      (void)VariantDecoder(BytesAt(metadata, owner)).Decode(BytesAt(*value, row), lost);
    }
  }
  Vector* const typed = FindPart(group, kTypedValue);
  if (typed == nullptr) return;
  if (typed->GetType().id() == LogicalTypeId::STRUCT) {
    for (auto& field : duckdb::StructVector::GetEntries(*typed)) {
      CheckValues(metadata, *field, count, rows);
    }
  } else if (typed->GetType().id() == LogicalTypeId::LIST) {
    typed->Flatten(count);
    const auto* const entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(*typed);
    PartRows elements;
    for (const auto& [row, owner] : rows) {
      if (duckdb::FlatVector::IsNull(*typed, row)) continue;
      for (duckdb::idx_t i = 0; i < entries[row].length; ++i) {
        elements.emplace_back(entries[row].offset + i, owner);
      }
    }
    CheckValues(metadata, duckdb::ListVector::GetEntry(*typed),
                duckdb::ListVector::GetListSize(*typed), elements);
  }
}

/// The variants of the rows that aren't NULL.
std::vector<JsonTree> TreesOf(Vector& raw, duckdb::idx_t count, const LogicalType*& lost) {
  Vector& metadata = *FindPart(raw, kMetadata);
  std::vector<JsonTree> trees(count);
  if (FindPart(raw, kTypedValue) == nullptr) {
    Vector& value = *FindPart(raw, kValue);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (duckdb::FlatVector::IsNull(raw, row)) continue;
      if (duckdb::FlatVector::IsNull(metadata, row) || duckdb::FlatVector::IsNull(value, row)) {
        Damaged("it has no value");
      }
      trees[row] = VariantDecoder(BytesAt(metadata, row)).Decode(BytesAt(value, row), lost);
    }
    return trees;
  }
  // What all parts share isn't among the parts.
  duckdb::child_list_t<LogicalType> types;
  for (const auto& [name, type] : duckdb::StructType::GetChildTypes(raw.GetType())) {
    if (name != kMetadata) types.emplace_back(name, type);
  }
  Vector group(LogicalType::STRUCT(types), std::max<duckdb::idx_t>(count, STANDARD_VECTOR_SIZE));
  duckdb::FlatVector::SetValidity(group, duckdb::FlatVector::Validity(raw));
  for (size_t i = 0; i < types.size(); ++i) {
    duckdb::StructVector::GetEntries(group)[i]->Reference(*FindPart(raw, types[i].first));
  }
  PartRows rows;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if (duckdb::FlatVector::IsNull(raw, row)) continue;
    if (duckdb::FlatVector::IsNull(metadata, row)) Damaged("it has no metadata");
    rows.emplace_back(row, row);
  }
  CheckValues(metadata, group, count, rows);
  const auto values = duckdb::VariantShreddedConversion::Convert(metadata, group, 0, count, count);
  for (const auto& [row, owner] : rows) trees[row] = ToTree(values[row], lost);
  return trees;
}

/// Gives `result`, of a type nested as `given`, all that isn't its parts; visits both with these.
template <typename Visit>
void ForEachPart(Vector& given, duckdb::idx_t count, Vector& result, const Visit& visit) {
  duckdb::FlatVector::SetValidity(result, duckdb::FlatVector::Validity(given));
  if (given.GetType().id() == LogicalTypeId::STRUCT) {
    auto& parts = duckdb::StructVector::GetEntries(given);
    auto& results = duckdb::StructVector::GetEntries(result);
    for (size_t i = 0; i < parts.size(); ++i) visit(*parts[i], count, *results[i]);
    return;
  }
  const duckdb::idx_t elements = duckdb::ListVector::GetListSize(given);
  duckdb::ListVector::Reserve(result, elements);
  std::copy_n(duckdb::FlatVector::GetData<duckdb::list_entry_t>(given), count,
              duckdb::FlatVector::GetData<duckdb::list_entry_t>(result));
  visit(duckdb::ListVector::GetEntry(given), elements, duckdb::ListVector::GetEntry(result));
  duckdb::ListVector::SetListSize(result, elements);
}

/// `texts`: of the type of `raw` with texts in the places of its variants.
void MakeTexts(Vector& raw, duckdb::idx_t count, Vector& texts, const LogicalType*& lost) {
  if (raw.GetType() == texts.GetType()) {
    texts.Reference(raw);
    return;
  }
  raw.Flatten(count);
  texts.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  if (texts.GetType().id() == LogicalTypeId::VARCHAR) {
    const std::vector<JsonTree> trees = TreesOf(raw, count, lost);
    auto* const out = duckdb::FlatVector::GetData<duckdb::string_t>(texts);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (duckdb::FlatVector::IsNull(raw, row)) {
        duckdb::FlatVector::SetNull(texts, row, true);
      } else {
        out[row] = duckdb::StringVector::AddString(texts, JsonText(trees[row]));
      }
    }
    return;
  }
  ForEachPart(raw, count, texts, [&](Vector& part, duckdb::idx_t part_count, Vector& part_texts) {
    MakeTexts(part, part_count, part_texts, lost);
  });
}

template <bool keeps>
void RunTexts(duckdb::DataChunk& args, duckdb::ExpressionState& state, Vector& texts) {
  const auto fail = [&](const Error& error) {
    StatementState::Of(state.GetContext()).LeaveError(error);
    ThrowCondition(error);
  };
  const LogicalType* lost = nullptr;
  try {
    MakeTexts(args.data[0], args.size(), texts, lost);
  } catch (const duckdb::Exception& exception) {
    fail(Error(Condition("MALFORMED_VARIANT"),
               {{"detail", duckdb::ErrorData(exception).RawMessage()}}));
  }
  if (keeps && lost != nullptr) {
    fail(
        UnsupportedFeature("Writing a VARIANT that holds a value of the type " + lost->ToString()));
  }
}

/// Reads whole what DuckDB took for a variant.
void TakeAsStruct(MultiFileColumnDefinition& column, duckdb::ParquetColumnSchema& schema) {
  duckdb::child_list_t<LogicalType> parts;
  column.children.clear();
  for (const duckdb::ParquetColumnSchema& part : schema.children) {
    parts.emplace_back(part.name, part.type);
    column.children.emplace_back(part.name, part.type);
  }
  schema.schema_type = duckdb::ParquetColumnSchemaType::COLUMN;
  column.type = schema.type = LogicalType::STRUCT(std::move(parts));
}

/// Whether the type can be a variant's: a struct of `metadata`, `value` and, if it is shredded,
/// `typed_value`.
bool IsRawVariant(const LogicalType& type) {
  if (type.id() != LogicalTypeId::STRUCT) return false;
  int bytes = 0;
  for (const auto& [name, part] : duckdb::StructType::GetChildTypes(type)) {
    if (name == kMetadata || name == kValue) {
      bytes += part.id() == LogicalTypeId::BLOB ? 1 : 0;
    } else if (name != kTypedValue) {
      return false;
    }
  }
  return bytes == 2;
}

/// Of a list, map or struct whose parts have these types.
LogicalType TypeOfParts(const LogicalType& whole, const std::vector<LogicalType>& parts) {
  switch (whole.id()) {
    case LogicalTypeId::LIST:
      return LogicalType::LIST(parts[0]);
    case LogicalTypeId::MAP:
      return LogicalType::MAP(parts[0]);
    default: {
      duckdb::child_list_t<LogicalType> named = duckdb::StructType::GetChildTypes(whole);
      for (size_t i = 0; i < named.size(); ++i) named[i].second = parts[i];
      return LogicalType::STRUCT(std::move(named));
    }
  }
}

bool ShowTexts(MultiFileColumnDefinition& column, duckdb::ParquetColumnSchema& schema,
               const MultiFileColumnDefinition& wanted, const DataType& type);

/// ShowTexts for the part of the column that is called so, if the file has it.
bool ShowPart(MultiFileColumnDefinition& column, duckdb::ParquetColumnSchema& schema,
              const MultiFileColumnDefinition& wanted, const DataType& type) {
  const auto* const found = FindColumn(column.children, wanted);
  if (found == nullptr) return true;
  const auto at = static_cast<size_t>(found - column.children.data());
  return ShowTexts(column.children[at], schema.children[at], wanted, type);
}

bool ShowParts(MultiFileColumnDefinition& column, duckdb::ParquetColumnSchema& schema,
               const MultiFileColumnDefinition& wanted, const DataType& type) {
  if (type.Is(TypeId::kStruct)) {
    for (size_t i = 0; i < wanted.children.size(); ++i) {
      if (!ShowPart(column, schema, wanted.children[i], type.fields()[i].type)) return false;
    }
    return true;
  }
  if (type.Is(TypeId::kArray)) {
    return ShowTexts(column.children[0], schema.children[0], wanted.children[0], type.element());
  }
  return ShowPart(column, schema, wanted.children[0], type.key()) &&
         ShowPart(column, schema, wanted.children[1], type.value());
}

bool ShowTexts(MultiFileColumnDefinition& column, duckdb::ParquetColumnSchema& schema,
               const MultiFileColumnDefinition& wanted, const DataType& type) {
  if (!HoldsVariant(type)) return true;
  if (type.Is(TypeId::kVariant)) {
    if (column.type.id() == LogicalTypeId::VARIANT) TakeAsStruct(column, schema);
    if (!IsRawVariant(column.type)) return false;
    column.type = LogicalType::VARCHAR;
    column.children.clear();
    return true;
  }
  // What isn't nested as wanted is refused by its type.
  const bool nested = column.type.id() == wanted.type.id() && !column.children.empty() &&
                      column.children.size() == schema.children.size();
  if (!nested) return true;
  const bool is_map = type.Is(TypeId::kMap) && column.children.size() == 1;
  MultiFileColumnDefinition& parts = is_map ? column.children[0] : column;
  duckdb::ParquetColumnSchema& part_schemas = is_map ? schema.children[0] : schema;
  if (parts.children.size() != part_schemas.children.size()) return true;
  if (!ShowParts(parts, part_schemas, wanted, type)) return false;
  const auto renew = [](MultiFileColumnDefinition& whole, duckdb::ParquetColumnSchema& in_file) {
    std::vector<LogicalType> shown;
    std::vector<LogicalType> raw;
    for (const MultiFileColumnDefinition& part : whole.children) shown.push_back(part.type);
    for (const duckdb::ParquetColumnSchema& part : in_file.children) raw.push_back(part.type);
    whole.type = TypeOfParts(whole.type, shown);
    in_file.type = TypeOfParts(in_file.type, raw);
  };
  if (is_map) renew(parts, part_schemas);
  renew(column, schema);
  return true;
}

// --- texts → variants ---
// Source: Parquet, "Variant Binary Encoding".

void AppendLittleEndian(std::string& out, unsigned __int128 value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

/// Bytes that hold every number up to `most`.
size_t WidthOf(size_t most) {
  size_t bytes = 1;
  while (bytes < 4 && most >> (8 * bytes) != 0) ++bytes;
  return bytes;
}

class VariantEncoder {
 public:
  explicit VariantEncoder(const JsonTree& tree) {
    CollectNames(tree);
    uint32_t next = 0;
    for (auto& [name, id] : names_) id = next++;
    value_ = Encode(tree);
  }

  const std::string& value() const { return value_; }

  /// The names of all fields, sorted.
  std::string Metadata() const {
    size_t bytes = 0;
    for (const auto& [name, id] : names_) bytes += name.size();
    const size_t width = WidthOf(std::max(bytes, names_.size()));
    constexpr unsigned kVersion = 1;
    constexpr unsigned kSorted = 1U << 4;
    std::string out(1, static_cast<char>(kVersion | kSorted | (width - 1) << 6));
    AppendLittleEndian(out, names_.size(), width);
    size_t offset = 0;
    AppendLittleEndian(out, offset, width);
    for (const auto& [name, id] : names_) {
      offset += name.size();
      AppendLittleEndian(out, offset, width);
    }
    for (const auto& [name, id] : names_) out += name;
    return out;
  }

 private:
  enum BasicType : unsigned { kPrimitive, kShortString, kObject, kArray };
  enum Primitive : unsigned {
    kNull = 0,
    kTrue = 1,
    kFalse = 2,
    kInt8 = 3,
    kDouble = 7,
    kDecimal4 = 8,
    kString = 16
  };

  static std::string Header(unsigned basic, unsigned header) {
    return std::string(1, static_cast<char>(basic | header << 2));
  }

  void CollectNames(const JsonTree& tree) {
    for (const JsonTree& item : tree.items) CollectNames(item);
    for (const auto& [name, value] : tree.members) {
      names_.emplace(name, 0);
      CollectNames(value);
    }
  }

  std::string Encode(const JsonTree& tree) const {
    switch (tree.kind) {
      case JsonTree::kNull:
        return Header(kPrimitive, kNull);
      case JsonTree::kTrue:
        return Header(kPrimitive, kTrue);
      case JsonTree::kFalse:
        return Header(kPrimitive, kFalse);
      case JsonTree::kNumber:
        return Number(tree.text);
      case JsonTree::kString:
        return String(tree.text);
      case JsonTree::kArray:
        return Array(tree.items);
      case JsonTree::kObject:
        return Object(tree.members);
    }
    return {};
  }

  static std::string String(const std::string& text) {
    constexpr size_t kShortMax = 63;
    if (text.size() <= kShortMax) {
      return Header(kShortString, static_cast<unsigned>(text.size())) + text;
    }
    std::string out = Header(kPrimitive, kString);
    AppendLittleEndian(out, text.size(), 4);
    return out + text;
  }

  /// As Spark's parse_json takes it: the narrowest whole number, a decimal where it is written
  /// plainly and fits one, else a double.
  static std::string Number(const std::string& text) {
    int64_t whole = 0;
    const char* const end = text.data() + text.size();
    const auto [at, failure] = std::from_chars(text.data(), end, whole);
    if (failure == std::errc() && at == end) {
      unsigned size = 0;  // 1, 2, 4, 8 bytes
      while (size < 3 && whole != whole << (64 - (8 << size)) >> (64 - (8 << size))) ++size;
      std::string out = Header(kPrimitive, kInt8 + size);
      AppendLittleEndian(out, static_cast<unsigned __int128>(whole), size_t{1} << size);
      return out;
    }
    if (std::string decimal = Decimal(text); !decimal.empty()) return decimal;
    double real = 0;
    std::from_chars(text.data(), end, real);
    std::string out = Header(kPrimitive, kDouble);
    AppendLittleEndian(out, std::bit_cast<uint64_t>(real), sizeof real);
    return out;
  }

  /// Empty if it isn't one.
  static std::string Decimal(const std::string& text) {
    constexpr size_t kDigitsMax = 38;
    unsigned __int128 unscaled = 0;
    size_t digits = 0;
    size_t scale = 0;
    bool fraction = false;
    for (const char c : text) {
      if (c == '-') continue;
      if (c == '.') {
        fraction = true;
        continue;
      }
      if (c < '0' || c > '9') return {};
      if (digits > 0 || c != '0') ++digits;
      if (fraction) ++scale;
      if (digits > kDigitsMax || scale > kDigitsMax) return {};
      unscaled = unscaled * 10 + static_cast<unsigned>(c - '0');
    }
    const unsigned size = digits <= 9 ? 0 : digits <= 18 ? 1 : 2;  // 4, 8, 16 bytes
    if (text.starts_with('-')) unscaled = -unscaled;
    std::string out = Header(kPrimitive, kDecimal4 + size);
    out += static_cast<char>(scale);
    AppendLittleEndian(out, unscaled, size_t{4} << size);
    return out;
  }

  static std::string Parts(unsigned basic, unsigned flags, unsigned large_flag,
                           const std::vector<uint32_t>& ids, size_t id_width, size_t count,
                           const std::vector<std::string>& values) {
    size_t bytes = 0;
    for (const std::string& value : values) bytes += value.size();
    const size_t width = WidthOf(bytes);
    const bool large = count > 255;
    std::string out =
        Header(basic, flags | static_cast<unsigned>(width - 1) | (large ? large_flag : 0));
    AppendLittleEndian(out, count, large ? 4 : 1);
    for (const uint32_t id : ids) AppendLittleEndian(out, id, id_width);
    size_t offset = 0;
    AppendLittleEndian(out, offset, width);
    for (const std::string& value : values) {
      offset += value.size();
      AppendLittleEndian(out, offset, width);
    }
    for (const std::string& value : values) out += value;
    return out;
  }

  std::string Array(const std::vector<JsonTree>& items) const {
    std::vector<std::string> values;
    for (const JsonTree& item : items) values.push_back(Encode(item));
    return Parts(kArray, 0, 1U << 2, {}, 0, values.size(), values);
  }

  std::string Object(const std::vector<std::pair<std::string, JsonTree>>& members) const {
    std::map<uint32_t, std::string> by_id;  // names are sorted as their ids are
    for (const auto& [name, value] : members) {
      if (!by_id.emplace(names_.at(name), Encode(value)).second) {
        ThrowCondition(Error(Condition("MALFORMED_VARIANT"),
                             {{"detail", "it has the key " + name + " twice"}}));
      }
    }
    std::vector<uint32_t> ids;
    std::vector<std::string> values;
    for (auto& [id, value] : by_id) {
      ids.push_back(id);
      values.push_back(std::move(value));
    }
    const size_t width = WidthOf(names_.size());
    return Parts(kObject, static_cast<unsigned>(width - 1) << 2, 1U << 4, ids, width, ids.size(),
                 values);
  }

  std::map<std::string, uint32_t> names_;
  std::string value_;
};

/// Of flat texts.
void Encode(Vector& texts, duckdb::idx_t count, Vector& variants) {
  const auto* const text = duckdb::FlatVector::GetData<duckdb::string_t>(texts);
  auto& parts = duckdb::StructVector::GetEntries(variants);
  auto* const metadata = duckdb::FlatVector::GetData<duckdb::string_t>(*parts[0]);
  auto* const value = duckdb::FlatVector::GetData<duckdb::string_t>(*parts[1]);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if (duckdb::FlatVector::IsNull(texts, row)) {
      duckdb::FlatVector::SetNull(variants, row, true);
      continue;
    }
    const std::string_view json(text[row].GetData(), text[row].GetSize());
    const auto tree = ParseJson(json);
    if (!tree) {
      ThrowCondition(Error(Condition("MALFORMED_VARIANT"), {{"detail", std::string(json)}}));
    }
    const VariantEncoder encoded(*tree);
    metadata[row] = duckdb::StringVector::AddStringOrBlob(*parts[0], encoded.Metadata());
    value[row] = duckdb::StringVector::AddStringOrBlob(*parts[1], encoded.value());
  }
}

}  // namespace

bool HoldsVariant(const DataType& type) {
  return AnyType(type, [](const DataType& part) { return part.Is(TypeId::kVariant); });
}

bool ShowVariantsAsTexts(duckdb::ParquetReader& reader, size_t column,
                         const MultiFileColumnDefinition& wanted, const DataType& type) {
  return ShowTexts(reader.columns[column], reader.root_schema->children[column], wanted, type);
}

void MakeVariantTexts(duckdb::unique_ptr<duckdb::Expression>& expression,
                      const LogicalType& in_file, bool keeps) {
  if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_REF) {
    duckdb::ExpressionIterator::EnumerateChildren(
        *expression, [&](duckdb::unique_ptr<duckdb::Expression>& child) {
          MakeVariantTexts(child, in_file, keeps);
        });
    return;
  }
  const LogicalType texts = expression->return_type;
  expression->return_type = in_file;
  duckdb::ScalarFunction function("tarn_variant_text", {in_file}, texts,
                                  keeps ? RunTexts<true> : RunTexts<false>);
  function.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
  arguments.push_back(std::move(expression));
  expression = duckdb::make_uniq<duckdb::BoundFunctionExpression>(texts, std::move(function),
                                                                  std::move(arguments), nullptr);
}

LogicalType StoredVariantType() {
  return LogicalType::STRUCT({{kMetadata, LogicalType::BLOB}, {kValue, LogicalType::BLOB}});
}

LogicalType StoredType(const DataType& type, const LogicalType& given) {
  if (!HoldsVariant(type)) return given;
  switch (type.id()) {
    case TypeId::kArray:
      return LogicalType::LIST(StoredType(type.element(), duckdb::ListType::GetChildType(given)));
    case TypeId::kMap:
      return LogicalType::MAP(StoredType(type.key(), duckdb::MapType::KeyType(given)),
                              StoredType(type.value(), duckdb::MapType::ValueType(given)));
    case TypeId::kStruct: {
      duckdb::child_list_t<LogicalType> fields = duckdb::StructType::GetChildTypes(given);
      for (size_t i = 0; i < fields.size(); ++i) {
        fields[i].second = StoredType(type.fields()[i].type, fields[i].second);
      }
      return LogicalType::STRUCT(std::move(fields));
    }
    default:
      return StoredVariantType();
  }
}

void StoreVariants(Vector& given, duckdb::idx_t count, Vector& stored) {
  if (given.GetType() == stored.GetType()) {
    stored.Reference(given);
    return;
  }
  given.Flatten(count);
  stored.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  if (given.GetType().id() == LogicalTypeId::VARCHAR) {
    Encode(given, count, stored);
  } else {
    ForEachPart(given, count, stored, StoreVariants);
  }
}

}  // namespace tarn::engine::duck
