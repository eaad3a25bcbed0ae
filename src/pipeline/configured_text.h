#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/sql/script.h"

namespace tarn::pipeline {

/// The text of a source file with values of the configuration put in, statement by statement: SET
/// gives a key another value for what follows. Positions are those in the text that results, so
/// they can be shown with it; its lines are the file's as long as no value holds a line break.
class ConfiguredText {
 public:
  using Configuration = std::map<std::string, std::string>;

  /// `raw` is the file's text, and outlives this; `text` takes the result.
  ConfiguredText(std::string_view raw, std::string* text) : raw_(raw), text_(*text) {}

  /// The next statement with its values, at its place in the result. Keys in comments needn't have
  /// one. Errors, with position: PIPELINE_CONFIGURATION_MISSING; UNSUPPORTED_FEATURE for a secret.
  Result<sql::StatementSource> Next(const sql::StatementSource& statement,
                                    const Configuration& configuration);
  /// Adds what is behind the last statement.
  void Finish() { text_ += raw_.substr(at_); }
  /// A place of the raw text outside of references, in the result; after Finish.
  SourceRange Moved(SourceRange raw) const;

 private:
  const std::string_view raw_;
  std::string& text_;
  size_t at_ = 0;  ///< how far `raw` has been taken
  /// Where a value ends, in both texts, and how many lines more the result has by then.
  struct End {
    size_t raw = 0;
    size_t text = 0;
    uint32_t lines_more = 0;
  };
  std::vector<End> ends_{{}};  ///< of the values, after the beginning
};

}  // namespace tarn::pipeline
