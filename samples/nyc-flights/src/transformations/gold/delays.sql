USE SCHEMA gold;

CREATE OR REFRESH MATERIALIZED VIEW delays_by_carrier
COMMENT 'How punctual each airline was'
AS SELECT
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

CREATE OR REFRESH MATERIALIZED VIEW delays_by_hour
COMMENT 'How delays pile up over the day, by local hour'
AS SELECT
  local_hour,
  count(*)                                    AS flights,
  round(avg(dep_delay), 2)                    AS mean_dep_delay,
  CAST(percentile(dep_delay, 0.9) AS INT)     AS p90_dep_delay,
  max(dep_delay)                              AS worst_dep_delay,
  max_by(dest, struct(dep_delay, dest))       AS worst_dep_delay_to
FROM silver.legs
GROUP BY local_hour;

CREATE OR REFRESH MATERIALIZED VIEW delays_by_weather
COMMENT 'What the weather does to flights'
AS SELECT
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
