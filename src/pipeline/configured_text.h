#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/pipeline/definitions.h"
#include "tarn/pipeline/redactor.h"
#include "tarn/sql/script.h"

namespace tarn::pipeline {

/// The text of a source file with values of the configuration put in, statement by statement: SET
/// gives a key another value for what follows. Positions are those in the text that results, so
/// they can be shown with it; its lines are the file's as long as no value holds a line break.
/// Secrets are in the statements only: the text that is shown has [REDACTED] in their places.
class ConfiguredText {
 public:
  using Configuration = std::map<std::string, std::string>;

  /// `raw` is the file's text, and outlives this, as the other two do; `text` takes the result.
  ConfiguredText(std::string_view raw, std::string* text, const SecretFinder& find_secret,
                 Redactor* redactor)
      : raw_(raw), text_(*text), find_secret_(find_secret), redactor_(*redactor) {}

  /// A statement with its values, at its place in the text that is shown.
  struct Statement {
    sql::StatementSource source;
    std::vector<SecretPlace> secrets;
  };

  /// The next statement. Keys in comments needn't have a value. Errors, with position:
  /// PIPELINE_CONFIGURATION_MISSING; those of the secrets; UNSUPPORTED_FEATURE for a secret that
  /// isn't within a text literal, or is only a part of a value.
  Result<Statement> Next(const sql::StatementSource& statement, const Configuration& configuration);
  /// Adds what is behind the last statement.
  void Finish() { text_ += raw_.substr(at_); }
  /// A place of the raw text outside of references, in the result; after Finish.
  SourceRange Moved(SourceRange raw) const;

 private:
  Result<std::string> Secret(const std::string& key, const std::string& value);

  const std::string_view raw_;
  std::string& text_;
  const SecretFinder& find_secret_;
  Redactor& redactor_;
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
