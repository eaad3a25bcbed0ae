USE SCHEMA gold;

CREATE OR REFRESH MATERIALIZED VIEW aircraft_use
COMMENT 'What each aircraft did in 2013'
AS WITH flown AS (
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
  FROM silver.legs
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

CREATE OR REFRESH MATERIALIZED VIEW fleet_by_airline
COMMENT 'The fleets, and the busiest aircraft of each'
AS WITH ranked AS (
  SELECT
    *,
    count(*) OVER (PARTITION BY airline)           AS aircraft,
    round(avg(age) OVER (PARTITION BY airline), 1) AS mean_age,
    sum(miles) OVER (PARTITION BY airline)         AS fleet_miles
  FROM aircraft_use
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
