#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/tztrans.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "tarn/types/datetime.h"

namespace tarn {

namespace {

class FixedZone : public TimeZone {
 public:
  FixedZone(std::string name, int64_t offset) : name_(std::move(name)), offset_(offset) {}
  int64_t OffsetAtInstant(int64_t) const override { return offset_; }
  int64_t LocalToUtc(int64_t micros_local) const override { return micros_local - offset_; }
  const std::string& name() const override { return name_; }

 private:
  std::string name_;
  int64_t offset_;
};

/// A region's transitions up to kLastYear in a table; later instants are asked of ICU.
class RegionZone : public TimeZone {
 public:
  RegionZone(std::string name, std::unique_ptr<icu::BasicTimeZone> zone)
      : name_(std::move(name)), zone_(std::move(zone)) {
    // Before 1800 every region has its local mean time.
    int64_t at = DaysFromCivil(1800, 1, 1) * kMicrosPerDay;
    table_end_ = DaysFromCivil(kLastYear, 1, 1) * kMicrosPerDay;
    offsets_.push_back(AskIcu(at));
    icu::TimeZoneTransition transition;
    while (zone_->getNextTransition(static_cast<double>(at / 1000), false, transition)) {
      at = static_cast<int64_t>(transition.getTime()) * 1000;
      if (at >= table_end_) break;
      const int64_t after = AskIcu(at);
      if (after == offsets_.back()) continue;
      instants_.push_back(at);
      locals_.push_back(at + std::max(offsets_.back(), after));
      offsets_.push_back(after);
    }
  }

  int64_t OffsetAtInstant(int64_t micros_utc) const override {
    if (micros_utc >= table_end_) return AskIcu(Folded(micros_utc));
    const auto next = std::upper_bound(instants_.begin(), instants_.end(), micros_utc);
    return offsets_[next - instants_.begin()];
  }

  // Up to the later of its two local times a transition hasn't happened: that is the earlier offset
  // in an overlap, and moves the time forward by the length of a gap.
  int64_t LocalToUtc(int64_t micros_local) const override {
    if (micros_local >= table_end_) {
      const int64_t guess = micros_local - OffsetAtInstant(micros_local);
      const int64_t before = OffsetAtInstant(guess - kMicrosPerDay);
      return OffsetAtInstant(micros_local - before) == before
                 ? micros_local - before
                 : micros_local - std::min(before, OffsetAtInstant(guess));
    }
    const auto next = std::upper_bound(locals_.begin(), locals_.end(), micros_local);
    return micros_local - offsets_[next - locals_.begin()];
  }

  const std::string& name() const override { return name_; }

 private:
  static constexpr int kLastYear = 2200;

  /// An instant of the same place in the calendar's cycle of 400 years, after kLastYear.
  static int64_t Folded(int64_t micros) {
    constexpr int64_t kCycle = 146097 * kMicrosPerDay;
    const int64_t first = DaysFromCivil(kLastYear, 1, 1) * kMicrosPerDay;
    return first + (micros - first) % kCycle;
  }

  int64_t AskIcu(int64_t micros_utc) const {
    int32_t raw = 0;
    int32_t daylight = 0;
    UErrorCode status = U_ZERO_ERROR;
    const int64_t millis = micros_utc >= 0 ? micros_utc / 1000 : (micros_utc - 999) / 1000;
    zone_->getOffset(static_cast<double>(millis), false, raw, daylight, status);
    return (static_cast<int64_t>(raw) + daylight) * 1000;
  }

  std::string name_;
  std::unique_ptr<icu::BasicTimeZone> zone_;
  int64_t table_end_ = 0;
  std::vector<int64_t> instants_;
  std::vector<int64_t> locals_;
  std::vector<int64_t> offsets_;
};

// java.time.ZoneId.SHORT_IDS
constexpr std::pair<std::string_view, std::string_view> kShortIds[] = {
    {"ACT", "Australia/Darwin"},
    {"AET", "Australia/Sydney"},
    {"AGT", "America/Argentina/Buenos_Aires"},
    {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"},
    {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},
    {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"},
    {"CST", "America/Chicago"},
    {"CTT", "Asia/Shanghai"},
    {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},
    {"EST", "-05:00"},
    {"HST", "-10:00"},
    {"IET", "America/Indiana/Indianapolis"},
    {"IST", "Asia/Kolkata"},
    {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},
    {"MST", "-07:00"},
    {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},
    {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"},
    {"PRT", "America/Puerto_Rico"},
    {"PST", "America/Los_Angeles"},
    {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<int> TwoDigits(std::string_view* text) {
  if (text->size() < 2 || !IsDigit((*text)[0]) || !IsDigit((*text)[1])) return std::nullopt;
  const int number = ((*text)[0] - '0') * 10 + ((*text)[1] - '0');
  text->remove_prefix(2);
  return number;
}

/// +h, +hh, +hh:mm, +h:mm, +hh:m, +hhmm, +hh:mm:ss, +hhmmss as seconds; at most 18 hours.
std::optional<int> ParseOffset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int parts[3] = {0, 0, 0};
  if (text.size() == 1 || text[1] == ':') {
    if (!IsDigit(text[0])) return std::nullopt;
    parts[0] = text[0] - '0';
    text.remove_prefix(1);
  } else {
    const auto hours = TwoDigits(&text);
    if (!hours) return std::nullopt;
    parts[0] = *hours;
  }
  const bool colons = text.starts_with(':');
  for (int i = 1; i < 3 && !text.empty(); ++i) {
    if (colons) {
      if (text.front() != ':') return std::nullopt;
      text.remove_prefix(1);
    }
    if (colons && i == 1 && text.size() == 1 && IsDigit(text[0])) {
      parts[1] = text[0] - '0';
      text.remove_prefix(1);
      break;
    }
    const auto number = TwoDigits(&text);
    if (!number) return std::nullopt;
    parts[i] = *number;
  }
  if (!text.empty() || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  const int seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (seconds > 18 * 3600) return std::nullopt;
  return sign * seconds;
}

/// java.time.ZoneOffset's id.
std::string OffsetName(int seconds) {
  if (seconds == 0) return "Z";
  const int size = seconds < 0 ? -seconds : seconds;
  const auto two = [](int number) {
    return std::string{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  };
  std::string name = (seconds < 0 ? "-" : "+") + two(size / 3600) + ":" + two(size / 60 % 60);
  if (size % 60 != 0) name += ":" + two(size % 60);
  return name;
}

std::shared_ptr<const TimeZone> Fixed(std::string name, int seconds) {
  return std::make_shared<FixedZone>(std::move(name), seconds * kMicrosPerSecond);
}

std::shared_ptr<const TimeZone> MakeZone(std::string_view name) {
  for (const auto& [short_name, region] : kShortIds) {
    if (name == short_name) {
      name = region;
      break;
    }
  }
  if (name == "Z") return Fixed("Z", 0);
  if (name == "UTC" || name == "GMT" || name == "UT") return Fixed(std::string(name), 0);
  if (const auto offset = ParseOffset(name)) return Fixed(OffsetName(*offset), *offset);
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (!name.starts_with(prefix)) continue;
    if (const auto offset = ParseOffset(name.substr(prefix.size()))) {
      std::string full(prefix);
      if (*offset != 0) full += OffsetName(*offset);
      return Fixed(std::move(full), *offset);
    }
  }
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.size() < 2 || name.size() > 64 || !letter(name.front())) return nullptr;
  // ICU takes "GMT3" and the like for its own custom zones; java.time doesn't.
  if (name.starts_with("GMT") && !name.starts_with("GMT0")) return nullptr;
  std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<int32_t>(name.size())))));
  if (!zone || *zone == icu::TimeZone::getUnknown()) return nullptr;
  auto* basic = dynamic_cast<icu::BasicTimeZone*>(zone.get());
  if (basic == nullptr) return nullptr;
  zone.release();
  return std::make_shared<RegionZone>(std::string(name),
                                      std::unique_ptr<icu::BasicTimeZone>(basic));
}

}  // namespace

Result<std::shared_ptr<const TimeZone>> FindTimeZone(std::string_view name) {
  constexpr size_t kCachedMax = 1024;
  static std::mutex mutex;
  static std::unordered_map<std::string, std::shared_ptr<const TimeZone>> cache;
  std::string key(name);
  {
    const std::lock_guard lock(mutex);
    const auto found = cache.find(key);
    if (found != cache.end()) return found->second;
  }
  auto zone = MakeZone(name);
  if (!zone) {
    return Error(
        Condition("INVALID_PARAMETER_VALUE"),
        {{"parameter", "the time zone"},
         {"value", "'" + key + "'"},
         {"detail", "it is neither a region like 'Europe/Berlin' nor an offset like '+02:00'"}});
  }
  const std::lock_guard lock(mutex);
  if (cache.size() >= kCachedMax) cache.clear();
  cache.emplace(std::move(key), zone);
  return zone;
}

}  // namespace tarn
