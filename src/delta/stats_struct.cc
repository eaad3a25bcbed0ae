#include "stats_struct.h"

#include <functional>
#include <span>

namespace tarn::delta {

namespace {

using Path = std::vector<std::string>;

std::vector<Path> PathsOf(const std::vector<StatisticsColumn>& leaves) {
  std::vector<Path> paths;
  for (const StatisticsColumn& leaf : leaves) paths.push_back(leaf.physical_path);
  return paths;
}

/// Puts a leaf into the tree of fields and answers its way by places.
std::vector<size_t> Place(std::vector<Field>& fields, std::span<const std::string> path,
                          const DataType& type) {
  size_t at = 0;
  while (at < fields.size() && fields[at].name != path[0]) ++at;
  if (at == fields.size()) fields.push_back({path[0], type});
  std::vector<size_t> places{at};
  if (path.size() == 1) return places;
  std::vector<Field> inner;
  if (fields[at].type.Is(TypeId::kStruct)) inner = fields[at].type.fields();
  for (const size_t place : Place(inner, path.subspan(1), type)) places.push_back(place);
  fields[at].type = DataType::Struct(std::move(inner));
  return places;
}

/// The column at the end of a way; nullptr if a struct on it is NULL in this row.
const ParquetColumn* Inner(const ParquetColumn& column, std::span<const size_t> path, size_t row) {
  const ParquetColumn* at = &column;
  for (const size_t place : path) {
    if (at->IsNull(row) || place >= at->children.size()) return nullptr;
    at = &at->children[place];
  }
  return at->IsNull(row) ? nullptr : at;
}

std::optional<Value> InnerValue(const ParquetColumn& section, std::span<const size_t> path,
                                size_t row) {
  const ParquetColumn* leaf = Inner(section, path, row);
  return leaf == nullptr ? std::nullopt : ValueAt(*leaf, row);
}

/// A timestamp's bound is kept as it stands: the slack of its milliseconds is the reader's to add,
/// and would add up here.
std::optional<Value> BoundOf(std::string_view text, const DataType& type, bool is_max) {
  const bool slack = type.Is(TypeId::kTimestamp) || type.Is(TypeId::kTimestampNtz);
  return ParseBound(text, type, is_max && !slack);
}

/// Appends a row to a struct whose leaves are asked for one by one, in the order of the fields.
void AppendRow(ParquetColumn& column, const std::function<std::optional<Value>()>& next) {
  if (!column.type.Is(TypeId::kStruct)) {
    const std::optional<Value> value = next();
    return value ? AppendValue(column, *value) : AppendNull(column);
  }
  column.valid.push_back(1);
  for (ParquetColumn& child : column.children) AppendRow(child, next);
}

}  // namespace

StatsStruct::StatsStruct(std::vector<StatisticsColumn> leaves) : reader_(PathsOf(leaves)) {
  std::vector<Field> bounds;
  std::vector<Field> counts;
  for (StatisticsColumn& column : leaves) {
    Leaf leaf;
    if (column.bounds) leaf.bounds_path = Place(bounds, column.physical_path, column.type);
    leaf.counts_path = Place(counts, column.physical_path, TypeId::kLong);
    leaf.column = std::move(column);
    leaves_.push_back(std::move(leaf));
  }
  std::vector<Field> fields{{"numRecords", TypeId::kLong}};
  const auto add = [&](const char* name, DataType type) {
    fields.push_back({name, std::move(type)});
    return static_cast<int>(fields.size()) - 1;
  };
  if (!bounds.empty()) {
    min_ = add("minValues", DataType::Struct(bounds));
    max_ = add("maxValues", DataType::Struct(bounds));
  }
  if (!counts.empty()) null_count_ = add("nullCount", DataType::Struct(counts));
  tight_ = add("tightBounds", TypeId::kBoolean);
  type_ = DataType::Struct(std::move(fields));
}

std::string StatsStruct::TextOf(const ParquetColumn& column, size_t row) const {
  const auto section = [&](int field) {
    return field < 0 ? nullptr : Inner(column, std::vector{static_cast<size_t>(field)}, row);
  };
  FileStatistics statistics;
  const ParquetColumn* records = section(0);
  if (records == nullptr || records->integers[row] < 0) return {};
  statistics.num_records = records->integers[row];
  if (const ParquetColumn* tight = section(tight_)) {
    statistics.tight_bounds = tight->integers[row] != 0;
  }
  statistics.bounds_as_they_stand = true;
  const ParquetColumn* min = section(min_);
  const ParquetColumn* max = section(max_);
  const ParquetColumn* counts = section(null_count_);
  for (const Leaf& leaf : leaves_) {
    ColumnStatistics known;
    if (leaf.column.bounds && min) known.min = InnerValue(*min, leaf.bounds_path, row);
    if (leaf.column.bounds && max) known.max = InnerValue(*max, leaf.bounds_path, row);
    const auto count = counts ? InnerValue(*counts, leaf.counts_path, row) : std::nullopt;
    if (count) known.null_count = count->integer();
    if (!known.min && !known.max && !known.null_count) continue;
    known.physical_path = leaf.column.physical_path;
    statistics.columns.push_back(std::move(known));
  }
  return StatisticsToJson(statistics);
}

void StatsStruct::AppendSection(size_t field, ParquetColumn& column) {
  const bool counts = static_cast<int>(field) == null_count_;
  const bool is_max = static_cast<int>(field) == max_;
  size_t at = 0;
  AppendRow(column, [&]() -> std::optional<Value> {
    while (!counts && !leaves_[at].column.bounds) ++at;
    const LeafStatistics& known = reader_.leaf(at);
    const DataType& type = leaves_[at++].column.type;
    if (counts) {
      if (!known.null_count) return std::nullopt;
      return Value::Long(*known.null_count);
    }
    const auto& text = is_max ? known.max : known.min;
    return text ? BoundOf(*text, type, is_max) : std::nullopt;
  });
}

void StatsStruct::Append(std::string_view stats, ParquetColumn& column) {
  reader_.Read(stats, /*escaped=*/false);
  if (!reader_.num_records()) return AppendNull(column);
  column.valid.push_back(1);
  AppendInt(column.children[0], *reader_.num_records());
  for (const int field : {min_, max_, null_count_}) {
    if (field < 0) continue;
    AppendSection(static_cast<size_t>(field), column.children[static_cast<size_t>(field)]);
  }
  ParquetColumn& tight = column.children[static_cast<size_t>(tight_)];
  if (const auto known = reader_.tight_bounds()) {
    AppendInt(tight, *known ? 1 : 0);
  } else {
    AppendNull(tight);
  }
}

std::vector<StatisticsColumn> AllStatisticsColumns(const Metadata& metadata,
                                                   const PhysicalSchema& schema) {
  TableProperties all;
  all.data_skipping_num_indexed_cols = -1;
  return StatisticsColumns(metadata, schema, all);
}

}  // namespace tarn::delta
