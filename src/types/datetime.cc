#include "tarn/types/datetime.h"

#include <limits>

#include "tarn/base/clock.h"

namespace tarn {

namespace {

/// UTF8String.trimAll: white space and control characters at both ends.
std::string_view TrimAll(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<int64_t> CheckedDays(int64_t year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  return DaysFromCivil(year, month, day);
}

/// What a timestamp text says: year, month, day, hour, minute, second, microseconds.
struct TimestampParts {
  int64_t segments[9] = {1, 1, 1, 0, 0, 0, 0, 0, 0};
  std::string_view zone;
  bool has_zone = false;
  bool only_time = false;
};

bool ValidDigits(int segment, int digits) {
  if (segment == 6) return true;
  if (segment == 0) return digits >= 4 && digits <= 6;
  if (segment == 7) return digits <= 2;
  return digits > 0 && digits <= 2;
}

/// The state of SparkDateTimeUtils.parseTimestampString.
class TimestampScanner {
 public:
  explicit TimestampScanner(std::string_view text) : text_(text) {}

  std::optional<TimestampParts> Scan() {
    if (text_.empty()) return std::nullopt;
    int sign = 1;
    if (text_[0] == '-' || text_[0] == '+') {
      sign = text_[0] == '-' ? -1 : 1;
      has_sign_ = true;
      at_ = 1;
    }
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c >= '0' && c <= '9') {
        // Digits after the sixth of the fraction are cut off.
        if (segment_ == 6) ++fraction_digits_;
        if (digits_ < 18 && (segment_ != 6 || digits_ < 6)) value_ = value_ * 10 + (c - '0');
        ++digits_;
      } else if (!Separator(c)) {
        return std::nullopt;
      }
    }
    if (!Close()) return std::nullopt;
    for (; fraction_digits_ < 6; ++fraction_digits_) parts_.segments[6] *= 10;
    parts_.segments[0] *= sign;
    return parts_;
  }

 private:
  /// Stores the digits read so far into the current segment.
  bool Close() { return CloseAs(segment_); }

  bool CloseAs(int segment) {
    if (segment >= 9 || !ValidDigits(segment, digits_)) return false;
    parts_.segments[segment] = value_;
    value_ = 0;
    digits_ = 0;
    return true;
  }

  bool CloseIf(bool expected) {
    if (!expected || !Close()) return false;
    ++segment_;
    return true;
  }

  bool Separator(char c) {
    if (at_ == 0 && c == 'T') {
      parts_.only_time = true;
      segment_ = 3;
      return true;
    }
    if (segment_ == 0 && c == ':' && !has_sign_) {
      parts_.only_time = true;
      segment_ = 4;
      return CloseAs(3);
    }
    if (segment_ < 2) return CloseIf(c == '-');
    if (segment_ == 2) return CloseIf(c == ' ' || c == 'T');
    if (segment_ == 3 || segment_ == 4) return CloseIf(c == ':');
    if (segment_ == 5 && c == '.') return CloseIf(true);
    if (segment_ == 5 || segment_ == 6) {
      if (!Close()) return false;
      segment_ = 7;
      parts_.has_zone = true;
      parts_.zone = text_.substr(at_);
      at_ = text_.size() - 1;
      return true;
    }
    return false;
  }

  std::string_view text_;
  TimestampParts parts_;
  size_t at_ = 0;
  int segment_ = 0;
  int64_t value_ = 0;
  int digits_ = 0;
  int fraction_digits_ = 0;
  bool has_sign_ = false;
};

std::optional<int64_t> TimeOfDay(const TimestampParts& parts) {
  const int64_t* s = parts.segments;
  if (s[3] > 23 || s[4] > 59 || s[5] > 59) return std::nullopt;
  return s[3] * kMicrosPerHour + s[4] * kMicrosPerMinute + s[5] * kMicrosPerSecond + s[6];
}

std::optional<int64_t> LocalMicros(int64_t days, int64_t time_of_day) {
  int64_t micros = 0;
  if (__builtin_mul_overflow(days, kMicrosPerDay, &micros)) return std::nullopt;
  if (__builtin_add_overflow(micros, time_of_day, &micros)) return std::nullopt;
  return micros;
}

std::optional<int64_t> DateOf(const TimestampParts& parts) {
  const int64_t* s = parts.segments;
  return CheckedDays(s[0], static_cast<int>(s[1]), static_cast<int>(s[2]));
}

std::optional<int64_t> ToUtc(int64_t local, const TimeZone& zone) {
  // No zone is more than 18 hours away from UTC.
  constexpr int64_t kMargin = 18 * kMicrosPerHour;
  if (local > std::numeric_limits<int64_t>::max() - kMargin) return std::nullopt;
  if (local < std::numeric_limits<int64_t>::min() + kMargin) return std::nullopt;
  return zone.LocalToUtc(local);
}

}  // namespace

std::optional<int32_t> ParseDate(std::string_view text) {
  text = TrimAll(text);
  if (text.empty()) return std::nullopt;
  int64_t segments[3] = {1, 1, 1};
  int64_t value = 0;
  int segment = 0;
  int digits = 0;
  size_t at = 0;
  int64_t sign = 1;
  if (text[0] == '-' || text[0] == '+') {
    sign = text[0] == '-' ? -1 : 1;
    at = 1;
  }
  const auto valid = [&] {
    return segment == 0 ? digits >= 4 && digits <= 7 : digits > 0 && digits <= 2;
  };
  for (; at < text.size() && text[at] != ' ' && text[at] != 'T'; ++at) {
    const char c = text[at];
    if (segment < 2 && c == '-') {
      if (!valid()) return std::nullopt;
      segments[segment++] = value;
      value = 0;
      digits = 0;
    } else if (c < '0' || c > '9' || ++digits > 7) {
      return std::nullopt;
    } else {
      value = value * 10 + (c - '0');
    }
  }
  if (!valid()) return std::nullopt;
  // A year, or a year and month, must be all there is.
  if (segment < 2 && at < text.size()) return std::nullopt;
  segments[segment] = value;
  const auto days =
      CheckedDays(sign * segments[0], static_cast<int>(segments[1]), static_cast<int>(segments[2]));
  if (!days || *days > std::numeric_limits<int32_t>::max() ||
      *days < std::numeric_limits<int32_t>::min()) {
    return std::nullopt;
  }
  return static_cast<int32_t>(*days);
}

std::optional<int64_t> ParseTimestamp(std::string_view text, const TimeZone& zone) {
  const auto parts = TimestampScanner(TrimAll(text)).Scan();
  if (!parts) return std::nullopt;
  const auto time = TimeOfDay(*parts);
  if (!time) return std::nullopt;
  std::shared_ptr<const TimeZone> own_zone;
  if (parts->has_zone) {
    auto found = FindTimeZone(TrimAll(parts->zone));
    if (!found.ok()) return std::nullopt;
    own_zone = *std::move(found);
  }
  const TimeZone& in_zone = own_zone ? *own_zone : zone;
  std::optional<int64_t> days;
  if (parts->only_time) {
    const int64_t today = in_zone.UtcToLocal(SystemClock().NowMicros());
    days = today / kMicrosPerDay;
  } else {
    days = DateOf(*parts);
  }
  if (!days) return std::nullopt;
  const auto local = LocalMicros(*days, *time);
  if (!local) return std::nullopt;
  return ToUtc(*local, in_zone);
}

std::optional<int64_t> ParseTimestampNtz(std::string_view text, bool allow_zone) {
  const auto parts = TimestampScanner(TrimAll(text)).Scan();
  if (!parts || parts->only_time) return std::nullopt;
  if (parts->has_zone && (!allow_zone || !FindTimeZone(TrimAll(parts->zone)).ok())) {
    return std::nullopt;
  }
  const auto time = TimeOfDay(*parts);
  const auto days = DateOf(*parts);
  if (!time || !days) return std::nullopt;
  return LocalMicros(*days, *time);
}

}  // namespace tarn
