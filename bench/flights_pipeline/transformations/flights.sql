-- The flights of 2013, from text to answers.
CREATE MATERIALIZED VIEW flights AS
SELECT
  make_date(CAST(_c0 AS INT), CAST(_c1 AS INT), CAST(_c2 AS INT)) AS flight_date,
  CAST(_c4 AS INT) DIV 100                                      AS local_hour,
  try_cast(_c5 AS INT)                                          AS dep_delay,
  try_cast(_c8 AS INT)                                          AS arr_delay,
  _c9                                                           AS carrier,
  nullif(_c11, 'NA')                                            AS tailnum,
  _c12                                                          AS origin,
  _c13                                                          AS dest,
  CAST(_c15 AS INT)                                             AS distance,
  _c3 = 'NA'                                                    AS cancelled
FROM csv.`FLIGHTS`
WHERE _c0 <> 'year';

CREATE MATERIALIZED VIEW delays_by_carrier AS
SELECT carrier, count(*) AS flights, count_if(cancelled) AS cancelled, sum(dep_delay) AS dep_delay,
       sum(arr_delay) AS arr_delay
FROM flights
GROUP BY carrier;

CREATE MATERIALIZED VIEW delays_by_hour AS
SELECT origin, local_hour, count(*) AS flights, sum(dep_delay) AS dep_delay
FROM flights
WHERE NOT cancelled
GROUP BY origin, local_hour;

CREATE MATERIALIZED VIEW aircraft AS
SELECT tailnum, count(*) AS legs, sum(distance) AS miles, count(DISTINCT dest) AS places
FROM flights
WHERE tailnum IS NOT NULL AND NOT cancelled
GROUP BY tailnum;
