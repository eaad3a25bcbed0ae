#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "duck/functions/datetime_pattern.h"
#include "duck/functions/kernel.h"

namespace tarn::engine::duck {

/// The options of from_json, to_csv and the like, with what they need at hand.
class TextOptions {
 public:
  TextOptions() = default;
  TextOptions(const duckdb::Value* map, std::shared_ptr<const TimeZone> zone);

  /// The option of that lower-case name, or "".
  std::string Get(const std::string& name, std::string otherwise = {}) const;
  bool Flag(const std::string& name, bool otherwise = false) const;
  const TimeZone& zone() const { return *zone_; }

  /// Text of an atomic value that has no form of its own in JSON or CSV: dates, times, and the
  /// like.
  std::string Render(const Value& value) const;
  /// A value of an atomic type from its text; nullopt if the text is malformed.
  std::optional<Value> Read(const std::string& text, const DataType& type) const;

 private:
  std::map<std::string, std::string> options_;
  std::shared_ptr<const TimeZone> zone_;
  std::shared_ptr<DatetimePattern> timestamp_writer_, timestamp_reader_, date_writer_, date_reader_;
};

/// A number's text as Spark's schema inference takes it: BIGINT, DECIMAL(n,0), DOUBLE; nullopt for
/// other texts.
std::optional<DataType> InferNumber(const std::string& text);

void RegisterCsv(FunctionSet& set);

}  // namespace tarn::engine::duck
