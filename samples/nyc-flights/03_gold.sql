-- Gold: the tables that people look at.
USE CATALOG nyc;

CREATE OR REPLACE TABLE gold.delays_by_carrier COMMENT 'How punctual each airline was' AS
SELECT
  f.carrier,
  any_value(a.airline)                                                       AS airline,
  count(*)                                                                   AS flights,
  count_if(cancelled)                                                        AS cancelled,
  CAST(100.0 * count_if(cancelled) / count(*) AS DECIMAL(5, 2))              AS cancelled_pct,
  round(avg(dep_delay), 2)                                                   AS mean_dep_delay,
  round(avg(arr_delay), 2)                                                   AS mean_arr_delay,
  median(arr_delay)                                                          AS median_arr_delay,
  CAST(100.0 * count_if(arr_delay >= 15) / count(arr_delay) AS DECIMAL(5, 2)) AS late_pct,
  rank() OVER (ORDER BY avg(arr_delay))                                      AS punctuality_rank
FROM silver.flights AS f
LEFT JOIN silver.airlines AS a ON f.carrier = a.carrier
GROUP BY f.carrier;

CREATE OR REPLACE TABLE gold.delays_by_hour COMMENT 'How delays pile up over the day, by local hour' AS
SELECT
  local_hour,
  count(*)                                    AS flights,
  round(avg(dep_delay), 2)                    AS mean_dep_delay,
  CAST(percentile(dep_delay, 0.9) AS INT)     AS p90_dep_delay,
  max(dep_delay)                              AS worst_dep_delay,
  max_by(dest, struct(dep_delay, dest))       AS worst_dep_delay_to
FROM silver.flights
WHERE NOT cancelled
GROUP BY local_hour;

CREATE OR REPLACE TABLE gold.delays_by_weather COMMENT 'What the weather does to flights' AS
WITH conditions AS (
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
  FROM silver.weather
)
SELECT
  coalesce(weather, '6 unknown')                                     AS weather,
  coalesce(origin, 'all')                                            AS origin,
  count(*)                                                           AS flights,
  round(avg(dep_delay), 2)                                           AS mean_dep_delay,
  CAST(100.0 * count_if(dep_delay >= 30) / count(*) AS DECIMAL(5, 2)) AS delayed_30_pct,
  CAST(100.0 * count_if(cancelled) / count(*) AS DECIMAL(5, 2))      AS cancelled_pct
FROM (
  SELECT coalesce(c.weather, '6 unknown') AS weather, f.origin, f.dep_delay, f.cancelled
  FROM silver.flights AS f
  LEFT JOIN conditions AS c ON f.origin = c.origin AND f.scheduled_hour = c.observed_hour
)
GROUP BY GROUPING SETS ((weather), (weather, origin));

CREATE OR REPLACE TABLE gold.aircraft_use COMMENT 'What each aircraft did in 2013' AS
WITH flown AS (
  SELECT
    tailnum,
    count(*)                                 AS flights,
    count(DISTINCT flight_date)              AS days_in_use,
    count(DISTINCT dest)                     AS destinations,
    sum(distance_miles)                      AS miles,
    CAST(sum(air_minutes) / 60.0 AS DECIMAL(8, 1)) AS air_hours,
    min(flight_date)                         AS first_flight,
    max(flight_date)                         AS last_flight,
    array_join(array_sort(collect_set(carrier)), ', ') AS carriers,
    max(carrier)                             AS carrier
  FROM silver.flights
  WHERE tailnum IS NOT NULL AND NOT cancelled
  GROUP BY tailnum
)
SELECT
  f.tailnum,
  a.airline,
  f.carriers,
  p.manufacturer,
  p.model,
  p.seats,
  2013 - p.built                              AS age,
  f.flights,
  f.days_in_use,
  f.destinations,
  f.miles,
  f.air_hours,
  f.first_flight,
  f.last_flight
FROM flown AS f
JOIN silver.planes AS p ON f.tailnum = p.tailnum
JOIN silver.airlines AS a ON f.carrier = a.carrier;

CREATE OR REPLACE TABLE gold.fleet_by_airline COMMENT 'The fleets, and the busiest aircraft of each' AS
WITH ranked AS (
  SELECT
    *,
    count(*) OVER (PARTITION BY airline)           AS aircraft,
    round(avg(age) OVER (PARTITION BY airline), 1) AS mean_age,
    sum(miles) OVER (PARTITION BY airline)         AS fleet_miles
  FROM gold.aircraft_use
)
SELECT
  airline,
  aircraft,
  mean_age,
  fleet_miles,
  tailnum                                           AS busiest_aircraft,
  concat_ws(' ', manufacturer, model)               AS busiest_model,
  miles                                             AS busiest_miles,
  CAST(100.0 * miles / fleet_miles AS DECIMAL(5, 2)) AS busiest_pct
FROM ranked
WHERE aircraft >= 5
QUALIFY row_number() OVER (PARTITION BY airline ORDER BY miles DESC, tailnum) = 1;
