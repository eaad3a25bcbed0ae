#include "duck/result_stream.h"

#include <charconv>

#include "duck/errors.h"
#include "tarn/types/datetime.h"

namespace tarn::engine::duck {

namespace {

using Cell = std::optional<std::string>;
using duckdb::UnifiedVectorFormat;

// Calls `visit(row, value)` for the rows that aren't NULL.
template <typename T, typename Visit>
void ForEach(duckdb::Vector& vector, size_t count, Visit visit) {
  UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const T* const data = UnifiedVectorFormat::GetData<T>(format);
  for (size_t row = 0; row < count; ++row) {
    const duckdb::idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) visit(row, data[at]);
  }
}

template <typename T>
void AppendIntegers(duckdb::Vector& vector, size_t count, const DataType& type,
                    std::vector<std::vector<Value>>& rows) {
  ForEach<T>(vector, count,
             [&](size_t row, T value) { rows[row].back() = Value::Of(type, int64_t{value}); });
}

template <typename T>
void RenderIntegers(duckdb::Vector& vector, size_t count, std::vector<Cell>& cells) {
  ForEach<T>(vector, count, [&](size_t row, T value) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, int64_t{value}).ptr;
    cells[row].emplace(buffer, end);
  });
}

template <typename T>
void RenderDecimals(duckdb::Vector& vector, size_t count, int scale, std::vector<Cell>& cells) {
  ForEach<T>(vector, count, [&](size_t row, const T& value) {
    Int128 unscaled = 0;
    if constexpr (std::is_same_v<T, duckdb::hugeint_t>) {
      unscaled = (static_cast<Int128>(value.upper) << 64) | static_cast<Int128>(value.lower);
    } else {
      unscaled = value;
    }
    cells[row] = RenderDecimal(unscaled, scale);
  });
}

void RenderDecimalColumn(duckdb::Vector& vector, size_t count, const DataType& type,
                         std::vector<Cell>& cells) {
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return RenderDecimals<int16_t>(vector, count, type.scale(), cells);
    case duckdb::PhysicalType::INT32:
      return RenderDecimals<int32_t>(vector, count, type.scale(), cells);
    case duckdb::PhysicalType::INT64:
      return RenderDecimals<int64_t>(vector, count, type.scale(), cells);
    default:
      return RenderDecimals<duckdb::hugeint_t>(vector, count, type.scale(), cells);
  }
}

void RenderColumn(duckdb::Vector& vector, size_t count, const DataType& type,
                  const std::string& zone_name, const TimeZone& zone, std::vector<Cell>& cells) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return ForEach<bool>(vector, count,
                           [&](size_t row, bool value) { cells[row] = value ? "true" : "false"; });
    case TypeId::kByte:
      return RenderIntegers<int8_t>(vector, count, cells);
    case TypeId::kShort:
      return RenderIntegers<int16_t>(vector, count, cells);
    case TypeId::kInt:
      return RenderIntegers<int32_t>(vector, count, cells);
    case TypeId::kLong:
      return RenderIntegers<int64_t>(vector, count, cells);
    case TypeId::kFloat:
      return ForEach<float>(vector, count,
                            [&](size_t row, float value) { cells[row] = RenderFloat(value); });
    case TypeId::kDouble:
      return ForEach<double>(vector, count,
                             [&](size_t row, double value) { cells[row] = RenderDouble(value); });
    case TypeId::kDecimal:
      return RenderDecimalColumn(vector, count, type, cells);
    case TypeId::kDate:
      return ForEach<int32_t>(vector, count,
                              [&](size_t row, int32_t days) { cells[row] = RenderDate(days); });
    case TypeId::kTime:
      return ForEach<int64_t>(vector, count,
                              [&](size_t row, int64_t micros) { cells[row] = RenderTime(micros); });
    case TypeId::kTimestamp:
      return ForEach<int64_t>(vector, count, [&](size_t row, int64_t micros) {
        cells[row] = RenderTimestamp(zone.UtcToLocal(micros));
      });
    case TypeId::kTimestampNtz:
      return ForEach<int64_t>(
          vector, count, [&](size_t row, int64_t micros) { cells[row] = RenderTimestamp(micros); });
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kBinary:
      return ForEach<duckdb::string_t>(vector, count,
                                       [&](size_t row, const duckdb::string_t& value) {
                                         cells[row].emplace(value.GetData(), value.GetSize());
                                       });
    default:
      break;
  }
  for (size_t row = 0; row < count; ++row) {
    const duckdb::Value value = vector.GetValue(row);
    if (!value.IsNull()) cells[row] = RenderAsString(FromDuckValue(value, type), zone_name);
  }
}

class DuckResultStream final : public ResultStream {
 public:
  DuckResultStream(std::unique_ptr<Statement> statement, std::vector<plan::OutputColumn> columns,
                   std::string zone_name, std::shared_ptr<const TimeZone> zone)
      : statement_(std::move(statement)),
        columns_(std::move(columns)),
        zone_name_(std::move(zone_name)),
        zone_(std::move(zone)) {}

  const std::vector<plan::OutputColumn>& columns() const override { return columns_; }

  Result<std::vector<std::vector<Value>>> Next() override {
    TARN_ASSIGN(auto chunk, statement_->Fetch());
    return Guarded(statement_->context(), nullptr,
                   [&]() -> Result<std::vector<std::vector<Value>>> {
                     std::vector<std::vector<Value>> rows(chunk ? chunk->size() : 0);
                     for (std::vector<Value>& row : rows) row.reserve(columns_.size());
                     for (size_t i = 0; i < columns_.size() && !rows.empty(); ++i) {
                       AppendColumn(chunk->data[i], rows.size(), columns_[i].type, rows);
                     }
                     return rows;
                   });
  }

  Result<std::vector<std::vector<Cell>>> NextRendered() override {
    TARN_ASSIGN(auto chunk, statement_->Fetch());
    return Guarded(statement_->context(), nullptr, [&]() -> Result<std::vector<std::vector<Cell>>> {
      std::vector<std::vector<Cell>> rows(chunk ? chunk->size() : 0);
      for (std::vector<Cell>& row : rows) row.reserve(columns_.size());
      for (size_t i = 0; i < columns_.size() && !rows.empty(); ++i) {
        std::vector<Cell> cells(rows.size());
        RenderColumn(chunk->data[i], rows.size(), columns_[i].type, zone_name_, *zone_, cells);
        for (size_t row = 0; row < rows.size(); ++row) rows[row].push_back(std::move(cells[row]));
      }
      return rows;
    });
  }

  ExecutionStats Stats() const override { return statement_->Stats(); }

 private:
  std::unique_ptr<Statement> statement_;
  std::vector<plan::OutputColumn> columns_;
  std::string zone_name_;
  std::shared_ptr<const TimeZone> zone_;
};

}  // namespace

void AppendColumn(duckdb::Vector& vector, size_t count, const DataType& type,
                  std::vector<std::vector<Value>>& rows) {
  const Value null = Value::Null(type);
  for (std::vector<Value>& row : rows) row.push_back(null);
  switch (type.id()) {
    case TypeId::kByte:
      return AppendIntegers<int8_t>(vector, count, type, rows);
    case TypeId::kShort:
      return AppendIntegers<int16_t>(vector, count, type, rows);
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kYearMonthInterval:
      return AppendIntegers<int32_t>(vector, count, type, rows);
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz:
    case TypeId::kDayTimeInterval:
      return AppendIntegers<int64_t>(vector, count, type, rows);
    case TypeId::kDouble:
      return ForEach<double>(vector, count, [&](size_t row, double value) {
        rows[row].back() = Value::Of(type, value);
      });
    case TypeId::kString:
    case TypeId::kBinary:
      return ForEach<duckdb::string_t>(
          vector, count, [&](size_t row, const duckdb::string_t& value) {
            rows[row].back() = Value::Of(type, std::string(value.GetData(), value.GetSize()));
          });
    case TypeId::kNull:
      return;
    default:
      break;
  }
  for (size_t row = 0; row < count; ++row)
    rows[row].back() = FromDuckValue(vector.GetValue(row), type);
}

Result<std::unique_ptr<ResultStream>> OpenResultStream(std::unique_ptr<Statement> statement,
                                                       const plan::Query& query,
                                                       std::string session_zone) {
  TARN_ASSIGN(std::shared_ptr<const TimeZone> zone, FindTimeZone(session_zone));
  TARN_TRY(statement->Start(query));
  return std::unique_ptr<ResultStream>(std::make_unique<DuckResultStream>(
      std::move(statement), query.root->columns, std::move(session_zone), std::move(zone)));
}

}  // namespace tarn::engine::duck
