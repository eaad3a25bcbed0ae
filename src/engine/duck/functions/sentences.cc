// sentences: words of sentences, by ICU's rules of text boundaries.

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <memory>

#include "duck/functions/kernel.h"
#include "duck/functions/row_functions.h"
#include "duck/functions/string_functions.h"

namespace tarn::engine::duck {

namespace {

using duckdb::LogicalType;
using duckdb::Value;

Value WordsOf(const icu::UnicodeString& sentence, const icu::Locale& locale) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> words(
      icu::BreakIterator::createWordInstance(locale, status));
  duckdb::vector<Value> list;
  words->setText(sentence);
  int32_t start = words->first();
  for (int32_t end = words->next(); end != icu::BreakIterator::DONE; end = words->next()) {
    if (u_isalnum(sentence.char32At(start))) {
      std::string word;
      sentence.tempSubStringBetween(start, end).toUTF8String(word);
      list.push_back(Value(word));
    }
    start = end;
  }
  return Value::LIST(LogicalType::VARCHAR, std::move(list));
}

Value Sentences(Call&, std::string_view text, std::string_view language, std::string_view country) {
  const icu::Locale locale(std::string(language).c_str(), std::string(country).c_str());
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> sentences(
      icu::BreakIterator::createSentenceInstance(locale, status));
  const auto wide = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  duckdb::vector<Value> list;
  sentences->setText(wide);
  int32_t start = sentences->first();
  for (int32_t end = sentences->next(); end != icu::BreakIterator::DONE; end = sentences->next()) {
    list.push_back(WordsOf(wide.tempSubStringBetween(start, end), locale));
    start = end;
  }
  return Value::LIST(LogicalType::LIST(LogicalType::VARCHAR), std::move(list));
}

}  // namespace

void RegisterSentences(FunctionSet& set) { set.Function("sentences", Sentences); }

}  // namespace tarn::engine::duck
