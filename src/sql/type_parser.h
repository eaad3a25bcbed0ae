#pragma once

#include <string>
#include <vector>

#include "tarn/types/data_type.h"
#include "token_reader.h"

namespace tarn::sql {

/// Reads data types.
class TypeParser : public TokenReader {
 public:
  using TokenReader::TokenReader;

  DataType ParseType();
  /// name type [NOT NULL] [COMMENT 'text'], …; `colon` allows name: type.
  std::vector<Field> ParseFields(bool colon);

 private:
  DataType ParseNamedType(Keyword keyword);
  DataType ParseArray();
  DataType ParseMap();
  DataType ParseStruct();
  DataType ParseIntervalType();
  DataType ParseDecimal();
  DataType ParseSizedString(bool is_char);
  DataType ParseStringType();
  void CloseAngle();
  void OpenAngle(std::string_view type, std::string_view example);
  void FailUnsupported(const SourceRange& begin);
};

}  // namespace tarn::sql
