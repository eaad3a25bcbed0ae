#include "csv_inference.h"

#include <algorithm>

#include "csv_records.h"
#include "read_error.h"
#include "sample.h"
#include "text_values.h"
#include "type_merge.h"

namespace tarn::format {

namespace {

bool IsTimeType(const DataType& type) { return type.IsDatetime(); }

/// The types of CSV fields by their texts: Spark's CSVInferSchema.
class CsvTypes {
 public:
  CsvTypes(const TextValues& values, std::string null_value, bool prefer_date)
      : values_(values), null_value_(std::move(null_value)), prefer_date_(prefer_date) {}

  void Observe(std::string_view text, DataType& type) const {
    if (text.empty() || text == null_value_ || type.IsString()) return;
    const DataType seen = TypeOf(text, type.id());
    if (!(seen == type)) type = Merged(type, seen);
  }

 private:
  /// The first type that the text has, in Spark's order from the type so far on.
  DataType TypeOf(std::string_view text, TypeId from) const {
    switch (from) {
      case TypeId::kNull:
      case TypeId::kInt:
        if (ParseInteger(text, TypeId::kInt)) return TypeId::kInt;
        [[fallthrough]];
      case TypeId::kLong:
        if (ParseInteger(text, TypeId::kLong)) return TypeId::kLong;
        [[fallthrough]];
      case TypeId::kDecimal:
        if (const auto shape = DecimalShapeOf(text);
            shape && shape->scale == 0 && shape->precision <= 38)
          return DataType::Decimal(shape->precision, 0);
        [[fallthrough]];
      case TypeId::kDouble:
        if (values_.Real(text)) return TypeId::kDouble;
        if (!prefer_date_) break;
        [[fallthrough]];
      case TypeId::kDate:
        if (values_.IsDate(text)) return TypeId::kDate;
        break;
      default:
        break;
    }
    if (from != TypeId::kBoolean && values_.Timestamp(text)) return TypeId::kTimestamp;
    return SameName(text, "true") || SameName(text, "false") ? TypeId::kBoolean : TypeId::kString;
  }

  DataType Merged(const DataType& a, const DataType& b) const {
    if (a.Is(TypeId::kNull)) return b;
    if (a.IsNumeric() && b.IsNumeric()) return MergeNumbers(a, b);
    if (IsTimeType(a) && IsTimeType(b) && values_.dates_are_timestamps()) return TypeId::kTimestamp;
    return TypeId::kString;
  }

  const TextValues& values_;
  const std::string null_value_;
  const bool prefer_date_;
};

class CsvInference final : public SchemaInference {
 public:
  CsvInference(std::shared_ptr<const ReadSpec> spec, const CsvOptions& csv, TextValues values,
               bool infer_types, bool prefer_date, double ratio)
      : csv_(csv),
        values_(std::move(values)),
        types_(values_, csv.null_value, prefer_date),
        records_(csv, spec->options),
        infer_types_(infer_types),
        by_name_(csv.header && spec->options.Find({"rescuedDataColumn"}).has_value()),
        sample_(ratio) {}

  Status Observe(const FilePart& part) override {
    Status status = ObserveRecords(part);
    if (status.ok()) return status;
    return InFile(std::move(status).error(), part.path, records_.line());
  }

  Result<std::vector<Field>> Finish() override {
    std::vector<Field> fields;
    for (size_t i = 0; i < names_.size(); ++i) {
      fields.push_back({names_[i], column_types_[i].Is(TypeId::kNull) ? DataType(TypeId::kString)
                                                                      : column_types_[i]});
    }
    return fields;
  }

 private:
  Status ObserveRecords(const FilePart& part) {
    TARN_TRY(records_.Open(part));
    bool first = part.begin == 0;
    while (true) {
      TARN_ASSIGN(const bool more, records_.Next());
      if (!more) return {};
      if (first) {
        first = false;
        TakeFirst();
        if (!infer_types_ && !by_name_ && !names_.empty()) return {};
        if (csv_.header) continue;
      }
      // Further files repeat the header.
      if (csv_.header && records_.text() == header_) continue;
      if (!sample_.Takes()) continue;
      const auto& fields = records_.fields();
      for (size_t i = 0; i < std::min(fields.size(), column_of_.size()); ++i)
        if (infer_types_) types_.Observe(fields[i], column_types_[column_of_[i]]);
    }
  }

  /// The first record of a file names its columns, or tells how many there are.
  void TakeFirst() {
    std::vector<std::string> names = NamesOf(records_.fields());
    if (names_.empty()) {
      header_ = std::string(records_.text());
      names_ = names;
      column_types_.assign(names.size(), infer_types_ ? TypeId::kNull : TypeId::kString);
    }
    if (!by_name_) {
      column_of_.resize(names_.size());
      for (size_t i = 0; i < column_of_.size(); ++i) column_of_[i] = i;
      return;
    }
    column_of_.clear();
    for (const std::string& name : names) {
      const auto known = std::ranges::find_if(
          names_, [&](const std::string& other) { return SameName(name, other); });
      column_of_.push_back(static_cast<size_t>(known - names_.begin()));
      if (known != names_.end()) continue;
      names_.push_back(name);
      column_types_.push_back(infer_types_ ? TypeId::kNull : TypeId::kString);
    }
  }

  std::vector<std::string> NamesOf(const std::vector<std::string_view>& fields) const {
    std::vector<std::string> names;
    for (size_t i = 0; i < fields.size(); ++i) {
      const bool unnamed = !csv_.header || fields[i].empty() || fields[i] == csv_.null_value;
      std::string name = unnamed ? "_c" + std::to_string(i) : std::string(fields[i]);
      const auto same = [&](std::string_view other) { return SameName(other, fields[i]); };
      if (!unnamed && std::ranges::count_if(fields, same) > 1) name += std::to_string(i);
      names.push_back(std::move(name));
    }
    return names;
  }

  const CsvOptions csv_;
  const TextValues values_;
  const CsvTypes types_;
  CsvRecords records_;
  const bool infer_types_;
  const bool by_name_;
  Sample sample_;
  std::string header_;
  std::vector<std::string> names_;
  std::vector<DataType> column_types_;
  std::vector<size_t> column_of_;  // by field of the file at hand
};

}  // namespace

Result<std::unique_ptr<SchemaInference>> NewCsvInference(std::shared_ptr<const ReadSpec> spec) {
  TARN_ASSIGN(const CsvOptions csv, CsvOptions::Of(spec->options));
  TARN_ASSIGN(TextValues values, TextValues::Of(*spec));
  TARN_ASSIGN(const bool infer_schema, spec->options.Flag("inferSchema", true));
  TARN_ASSIGN(const bool infer_types, spec->options.Flag("inferColumnTypes", true));
  TARN_ASSIGN(const bool prefer_date, spec->options.Flag("preferDate", true));
  TARN_ASSIGN(const double ratio, spec->options.Fraction("samplingRatio", 1));
  return std::unique_ptr<SchemaInference>(std::make_unique<CsvInference>(
      std::move(spec), csv, std::move(values), infer_schema && infer_types, prefer_date, ratio));
}

}  // namespace tarn::format
