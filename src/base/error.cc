#include "tarn/base/error.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "tarn/base/check.h"

namespace tarn {

namespace {

constexpr ConditionInfo kTable[] = {
#define TARN_ERROR_ROW(name, sqlstate, http, retry, fault, message, hint) \
  {name, sqlstate, http, retry, fault, message, hint},
#include "error_table.inc"
#undef TARN_ERROR_ROW
};

struct ById {
  uint64_t id;
  uint32_t row;
};

constexpr auto kById = [] {
  std::array<ById, std::size(kTable)> sorted{};
  for (uint32_t row = 0; row < sorted.size(); ++row) {
    sorted[row] = {Condition::HashOf(kTable[row].name), row};
  }
  std::sort(sorted.begin(), sorted.end(), [](const ById& a, const ById& b) { return a.id < b.id; });
  return sorted;
}();

/// The row with that id, or null.
const ConditionInfo* Find(uint64_t id) {
  const auto found = std::lower_bound(kById.begin(), kById.end(), id,
                                      [](const ById& a, uint64_t b) { return a.id < b; });
  return found == kById.end() || found->id != id ? nullptr : &kTable[found->row];
}

}  // namespace

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "tarn: internal check failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

const ConditionInfo& InfoOf(Condition condition) {
  const ConditionInfo* row = Find(condition.id());
  TARN_CHECK(row != nullptr);
  return *row;
}

std::span<const ConditionInfo> AllConditions() { return kTable; }

std::optional<Condition> ConditionByName(std::string_view name) {
  const uint64_t id = Condition::HashOf(name);
  const ConditionInfo* row = Find(id);
  if (row == nullptr || row->name != name) return std::nullopt;
  return Condition(Condition::ById{id});
}

struct Error::Rep {
  Condition condition;
  std::vector<Parameter> parameters;
  SourceRange position;
  std::unique_ptr<Error> cause;
  std::string hint;
};

Error::Error(Condition condition, std::initializer_list<Parameter> parameters)
    : Error(condition, std::vector<Parameter>(parameters)) {}

Error::Error(Condition condition, std::vector<Parameter> parameters)
    : rep_(std::make_unique<Rep>(Rep{condition, std::move(parameters), {}, nullptr, {}})) {}

Error::Error(const Error& other) { *this = other; }

Error& Error::operator=(const Error& other) {
  if (this == &other) return *this;
  const Rep& from = *other.rep_;
  rep_ = std::make_unique<Rep>(Rep{from.condition, from.parameters, from.position,
                                   from.cause ? std::make_unique<Error>(*from.cause) : nullptr,
                                   from.hint});
  return *this;
}

Error::Error(Error&&) noexcept = default;

Error& Error::operator=(Error&&) noexcept = default;

Error::~Error() = default;

Condition Error::condition() const { return rep_->condition; }

bool Error::IsOneOf(std::initializer_list<Condition> conditions) const {
  return std::find(conditions.begin(), conditions.end(), condition()) != conditions.end();
}

const std::vector<Error::Parameter>& Error::parameters() const { return rep_->parameters; }

std::string_view Error::parameter(std::string_view name) const {
  for (const auto& [key, value] : rep_->parameters) {
    if (key == name) return value;
  }
  return {};
}

const SourceRange& Error::position() const { return rep_->position; }

const Error* Error::cause() const { return rep_->cause.get(); }

namespace {

std::string FillIn(std::string_view text, const Error& error) {
  std::string filled;
  while (!text.empty()) {
    const size_t open = text.find('<');
    const size_t close = open == text.npos ? text.npos : text.find('>', open);
    if (close == text.npos) break;
    filled += text.substr(0, open);
    filled += error.parameter(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
  filled += text;
  return filled;
}

}  // namespace

std::string Error::message() const { return FillIn(info().message, *this); }

std::string Error::hint() const {
  return rep_->hint.empty() ? FillIn(info().hint, *this) : rep_->hint;
}

std::string Error::ToString() const {
  std::string text = "[";
  text += name();
  text += "] ";
  text += message();
  text += " SQLSTATE: ";
  text += info().sqlstate;
  return text;
}

Error&& Error::WithPosition(const SourceRange& position) && {
  rep_->position = position;
  return std::move(*this);
}

Error&& Error::WithDefaultPosition(const SourceRange& position) && {
  if (!rep_->position.known()) rep_->position = position;
  return std::move(*this);
}

Error&& Error::WithCause(Error cause) && {
  rep_->cause = std::make_unique<Error>(std::move(cause));
  return std::move(*this);
}

Error&& Error::WithHint(std::string hint) && {
  rep_->hint = std::move(hint);
  return std::move(*this);
}

Error InternalError(std::string what) {
  return Error(Condition("INTERNAL_ERROR"), {{"message", std::move(what)}});
}

Error UnsupportedFeature(std::string feature, const SourceRange& position) {
  return Error(Condition("UNSUPPORTED_FEATURE"), {{"feature", std::move(feature)}})
      .WithPosition(position);
}

}  // namespace tarn
