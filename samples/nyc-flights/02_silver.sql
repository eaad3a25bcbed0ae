-- Silver: types instead of text, NULL instead of 'NA', names that say what they are.
USE CATALOG nyc;

CREATE OR REPLACE TABLE silver.flights
PARTITIONED BY (origin)
COMMENT 'One row per scheduled departure; delays in minutes, early is negative'
AS
SELECT
  make_date(year, month, day)                    AS flight_date,
  time_hour                                      AS scheduled_hour,
  hour                                           AS local_hour,
  carrier,
  flight                                         AS flight_number,
  nullif(tailnum, 'NA')                          AS tailnum,
  origin,
  dest,
  distance                                       AS distance_miles,
  try_cast(dep_delay AS INT)                     AS dep_delay,
  try_cast(arr_delay AS INT)                     AS arr_delay,
  try_cast(air_time AS INT)                      AS air_minutes,
  dep_time = 'NA'                                AS cancelled,
  dep_time <> 'NA' AND arr_delay = 'NA'          AS diverted
FROM bronze.flights;

CREATE OR REPLACE TABLE silver.weather COMMENT 'Readings in SI units' AS
SELECT
  origin,
  time_hour                                                    AS observed_hour,
  round((try_cast(temp AS DOUBLE) - 32) / 1.8D, 1)             AS temperature_c,
  round(try_cast(wind_speed AS DOUBLE) * 1.609344D, 1)         AS wind_kmh,
  round(try_cast(wind_gust AS DOUBLE) * 1.609344D, 1)          AS gust_kmh,
  CAST(try_cast(precip AS DOUBLE) * 25.4D AS DECIMAL(6, 2))    AS rain_mm,
  try_cast(pressure AS DECIMAL(6, 1))                          AS pressure_hpa,
  round(try_cast(visib AS DOUBLE) * 1.609344D, 1)              AS visibility_km
FROM bronze.weather;

CREATE TABLE IF NOT EXISTS silver.planes (
  tailnum      STRING NOT NULL COMMENT 'Registration',
  manufacturer STRING,
  model        STRING,
  kind         STRING,
  engine       STRING,
  engines      INT,
  seats        INT,
  built        INT COMMENT 'Year of manufacture, where known'
) COMMENT 'The register with one spelling per manufacturer';

MERGE INTO silver.planes AS t
USING (
  SELECT
    tailnum,
    CASE
      WHEN manufacturer LIKE 'AIRBUS%' THEN 'Airbus'
      WHEN manufacturer LIKE 'MCDONNELL DOUGLAS%' THEN 'McDonnell Douglas'
      ELSE initcap(manufacturer)
    END AS manufacturer,
    model,
    type AS kind,
    engine,
    engines,
    seats,
    try_cast(year AS INT) AS built
  FROM bronze.planes
) AS s
ON t.tailnum = s.tailnum
WHEN MATCHED THEN UPDATE SET *
WHEN NOT MATCHED THEN INSERT *;

CREATE OR REPLACE TABLE silver.airlines AS
SELECT carrier, regexp_replace(name, ' (Inc\\.|Co\\.)$', '') AS airline
FROM bronze.airlines;
