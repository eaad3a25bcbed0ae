#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/types/data_type.h"
#include "tarn/types/value.h"

namespace tarn::format {

/// Rows that a batch holds at most.
inline constexpr size_t kBatchRows = 2048;
/// A batch isn't filled further once it holds this many bytes of text.
inline constexpr size_t kBatchBytes = 16 << 20;

/// Where a type's values stand in a Column.
enum class Storage : uint8_t { kInteger, kReal, kDecimal, kText, kList, kStruct };
Storage StorageOf(const DataType& type);

/// The values of one column, in their rows' order. Values are appended; Truncate takes back. Not
/// thread-safe.
class Column {
 public:
  explicit Column(DataType column_type);

  const DataType& type() const { return type_; }
  Storage storage() const { return storage_; }
  size_t rows() const { return valid.size(); }
  bool IsNull(size_t row) const { return valid[row] == 0; }
  /// The text or bytes of a row; empty if it is NULL.
  std::string_view Text(size_t row) const {
    const uint32_t begin = row == 0 ? 0 : ends[row - 1];
    return std::string_view(bytes).substr(begin, ends[row] - begin);
  }

  void AppendNull();
  void AppendInteger(int64_t value) {
    valid.push_back(1);
    integers.push_back(value);
  }
  void AppendReal(double value) {
    valid.push_back(1);
    reals.push_back(value);
  }
  void AppendDecimal(Int128 value) {
    valid.push_back(1);
    decimals.push_back(value);
  }
  void AppendText(std::string_view text) {
    valid.push_back(1);
    bytes.append(text);
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  /// The row that consists of the children's rows appended since the last one.
  void AppendNested();

  /// Takes back the rows from `row_count` on, and children's rows that no row has yet.
  void Truncate(size_t row_count);
  void Clear() { Truncate(0); }
  /// Bytes of text in this column and its children.
  size_t text_bytes() const;

  std::vector<uint8_t> valid;     ///< by row; 0 is NULL
  std::vector<int64_t> integers;  ///< boolean … long, date, time, timestamps, intervals
  std::vector<double> reals;      ///< float, double
  std::vector<Int128> decimals;   ///< unscaled
  std::vector<uint32_t> ends;     ///< text: ends in `bytes`; array, map: ends in the children
  std::string bytes;              ///< string, binary, variant (its JSON text)
  std::vector<Column> children;   ///< struct: by field; array: the element; map: key and value

 private:
  DataType type_;
  Storage storage_;
};

/// Rows of the wanted columns.
struct ColumnBatch {
  std::vector<Column> columns;
  size_t rows = 0;

  void Clear();
  /// Takes back the rows from `row_count` on, even if only some columns have them.
  void Truncate(size_t row_count);
  bool full() const;
};

}  // namespace tarn::format
