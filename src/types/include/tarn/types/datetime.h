#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tarn/base/result.h"

namespace tarn {

/// A date of the proleptic Gregorian calendar.
struct CivilDate {
  int64_t year = 1970;
  int month = 1;  ///< 1…12
  int day = 1;    ///< 1…31
};

CivilDate CivilFromDays(int64_t days);
int64_t DaysFromCivil(int64_t year, int month, int day);
bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

/// A time zone: IANA region, "UTC", "Z", "+02:00", "GMT+1"… as Java's ZoneId.of with Spark's
/// additions. Immutable, thread-safe, shared from a bounded cache.
class TimeZone {
 public:
  virtual ~TimeZone() = default;
  /// Offset from UTC in microseconds in force at an instant.
  virtual int64_t OffsetAtInstant(int64_t micros_utc) const = 0;
  /// The instant of a local time; gaps move forward by their length, overlaps take the earlier
  /// offset (java.time.ZonedDateTime.ofLocal).
  virtual int64_t LocalToUtc(int64_t micros_local) const = 0;
  virtual const std::string& name() const = 0;

  int64_t UtcToLocal(int64_t micros_utc) const { return micros_utc + OffsetAtInstant(micros_utc); }
};

/// Errors: INVALID_PARAMETER_VALUE for an unknown zone.
Result<std::shared_ptr<const TimeZone>> FindTimeZone(std::string_view name);

/// Spark's string → date: [+-]y[y…]-[m]m-[d]d with the rest ignored after 'T' or blank; also y,
/// y-m. nullopt if malformed. (SparkDateTimeUtils.stringToDate)
std::optional<int32_t> ParseDate(std::string_view text);
/// Spark's string → timestamp (SparkDateTimeUtils.stringToTimestamp): a zone inside the text wins
/// over `zone`.
std::optional<int64_t> ParseTimestamp(std::string_view text, const TimeZone& zone);
/// The same without zone; nullopt if the text has one and `allow_zone` is false.
std::optional<int64_t> ParseTimestampNtz(std::string_view text, bool allow_zone);

/// "2024-01-31"; years beyond 9999 get a sign as in Java.
std::string RenderDate(int32_t days);
/// "2024-01-31 12:00:00.5", fraction without trailing zeros, in local time.
std::string RenderTimestamp(int64_t micros_local);
/// "12:00:00.5"
std::string RenderTime(int64_t micros);

}  // namespace tarn
