CREATE OR REFRESH STREAMING TABLE weather (
  -- On 12 February a sensor in Newark read 1,048 miles per hour.
  CONSTRAINT plausible_wind EXPECT (wind_kmh IS NULL OR wind_kmh < 250) ON VIOLATION DROP ROW,
  CONSTRAINT has_pressure EXPECT (pressure_hpa IS NOT NULL)
)
COMMENT 'Readings in SI units'
TBLPROPERTIES ('quality' = 'silver')
AS SELECT
  origin,
  time_hour                                                    AS observed_hour,
  round((try_cast(temp AS DOUBLE) - 32) / 1.8D, 1)             AS temperature_c,
  round(try_cast(wind_speed AS DOUBLE) * 1.609344D, 1)         AS wind_kmh,
  round(try_cast(wind_gust AS DOUBLE) * 1.609344D, 1)          AS gust_kmh,
  CAST(try_cast(precip AS DOUBLE) * 25.4D AS DECIMAL(6, 2))    AS rain_mm,
  try_cast(pressure AS DECIMAL(6, 1))                          AS pressure_hpa,
  round(try_cast(visib AS DOUBLE) * 1.609344D, 1)              AS visibility_km
FROM STREAM(bronze.weather);

-- One word for the weather of an hour, the worst that applies.
CREATE TEMPORARY VIEW conditions AS
SELECT
  origin,
  observed_hour,
  CASE
    WHEN visibility_km < 3 THEN '1 fog'
    WHEN rain_mm >= 2.5 THEN '2 heavy rain'
    WHEN rain_mm > 0 THEN '3 rain'
    WHEN wind_kmh >= 40 THEN '4 storm'
    ELSE '5 fair'
  END AS weather
FROM weather;
