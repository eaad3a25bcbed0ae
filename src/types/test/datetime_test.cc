#include "tarn/types/datetime.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

std::shared_ptr<const TimeZone> Zone(std::string_view name) {
  auto zone = FindTimeZone(name);
  return zone.ok() ? *zone : nullptr;
}

std::string Read(std::string_view text, std::string_view zone) {
  const auto micros = ParseTimestamp(text, *Zone(zone));
  return micros ? RenderTimestamp(*micros) : "malformed";
}

TEST(Civil, CountsDaysBothWays) {
  for (const int64_t days : {-719528L, -1L, 0L, 59L, 11016L, 19782L, 2932896L, 100000000L}) {
    const CivilDate date = CivilFromDays(days);
    EXPECT_EQ(DaysFromCivil(date.year, date.month, date.day), days);
  }
  EXPECT_EQ(RenderDate(0), "1970-01-01");
  EXPECT_EQ(RenderDate(-719529), "-0001-12-31");
  EXPECT_EQ(RenderDate(2932897), "+10000-01-01");
}

TEST(ParseDate, TakesWhatSparkTakes) {
  const auto read = [](std::string_view text) {
    const auto days = ParseDate(text);
    return days ? RenderDate(*days) : "malformed";
  };
  EXPECT_EQ(read("2024-02-29"), "2024-02-29");
  EXPECT_EQ(read(" 2024-2-9\t"), "2024-02-09");
  EXPECT_EQ(read("2024"), "2024-01-01");
  EXPECT_EQ(read("2024-03"), "2024-03-01");
  EXPECT_EQ(read("2024-03-04T anything"), "2024-03-04");
  EXPECT_EQ(read("-0044-03-15"), "-0044-03-15");
  for (const char* text : {"", "2023-02-29", "24-01-01", "2024-01-01x", "2024/01/01", "2024-13-01",
                           "2024-01 x", "99999999-01-01"}) {
    EXPECT_EQ(read(text), "malformed") << text;
  }
}

TEST(ParseTimestamp, TakesWhatSparkTakes) {
  EXPECT_EQ(Read("2024-01-02 03:04:05.678901", "UTC"), "2024-01-02 03:04:05.678901");
  EXPECT_EQ(Read("2024-01-02T03:04:05.6789019Z", "UTC"), "2024-01-02 03:04:05.678901");
  EXPECT_EQ(Read("2024-01-02", "UTC"), "2024-01-02 00:00:00");
  EXPECT_EQ(Read("2024-01-02 3:4", "UTC"), "2024-01-02 03:04:00");
  EXPECT_EQ(Read("2024-01-02 03:04:05+01:30", "UTC"), "2024-01-02 01:34:05");
  EXPECT_EQ(Read("2024-01-02 03:04:05 Europe/Berlin", "UTC"), "2024-01-02 02:04:05");
  EXPECT_EQ(Read("2024-01-02 03:04:05", "America/New_York"), "2024-01-02 08:04:05");
  for (const char* text : {"", "2024-01-02 25:00:00", "2024-01-02 03:04:05 Nowhere/Land", "x",
                           "2024-01-02 03:04:05+19:00", "2024-01-02x", "2024-01-02 3Z"}) {
    EXPECT_EQ(Read(text, "UTC"), "malformed") << text;
  }
  EXPECT_FALSE(ParseTimestampNtz("2024-01-02 03:04:05Z", false).has_value());
  EXPECT_EQ(RenderTimestamp(*ParseTimestampNtz("2024-01-02 03:04:05+02:00", true)),
            "2024-01-02 03:04:05");
}

TEST(TimeZone, GapsMoveForwardAndOverlapsTakeTheEarlierOffset) {
  const auto berlin = Zone("Europe/Berlin");
  const auto local = [](const char* text) { return *ParseTimestampNtz(text, false); };
  EXPECT_EQ(RenderTimestamp(berlin->LocalToUtc(local("2024-03-31 02:30:00"))),
            "2024-03-31 01:30:00");
  EXPECT_EQ(RenderTimestamp(berlin->LocalToUtc(local("2024-10-27 02:30:00"))),
            "2024-10-27 00:30:00");
  EXPECT_EQ(RenderTimestamp(berlin->LocalToUtc(local("2024-10-27 03:00:00"))),
            "2024-10-27 02:00:00");
  EXPECT_EQ(RenderTimestamp(berlin->LocalToUtc(local("3024-07-01 12:00:00"))),
            "3024-07-01 10:00:00");
  EXPECT_EQ(RenderTimestamp(berlin->UtcToLocal(local("1800-01-01 00:00:00"))),
            "1800-01-01 00:53:28");
}

TEST(TimeZone, NamesAsJavaReadsThem) {
  EXPECT_EQ(Zone("+2")->OffsetAtInstant(0), 2 * kMicrosPerHour);
  EXPECT_EQ(Zone("-01:30")->OffsetAtInstant(0), -90 * kMicrosPerMinute);
  EXPECT_EQ(Zone("+0130")->OffsetAtInstant(0), 90 * kMicrosPerMinute);
  EXPECT_EQ(Zone("GMT+1")->name(), "GMT+01:00");
  EXPECT_EQ(Zone("PST")->name(), "America/Los_Angeles");
  EXPECT_EQ(Zone("Etc/GMT+1")->OffsetAtInstant(0), -kMicrosPerHour);
  for (const char* name : {"", "Mars/Olympus", "+19:00", "GMT3", "+1:2:3:4", "utc+"}) {
    EXPECT_EQ(Zone(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace tarn
