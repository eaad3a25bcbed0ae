-- Types instead of text, NULL instead of 'NA', names that say what they are.
CREATE OR REFRESH STREAMING TABLE flights (
  -- One row of 2013 flies from Newark to LaGuardia: 17 miles, by road an hour.
  CONSTRAINT leaves_new_york EXPECT (dest NOT IN ('EWR', 'JFK', 'LGA')) ON VIOLATION DROP ROW,
  CONSTRAINT has_tailnum EXPECT (tailnum IS NOT NULL),
  CONSTRAINT left_the_same_day EXPECT (dep_delay IS NULL OR dep_delay < 720)
)
PARTITIONED BY (origin)
COMMENT 'One row per scheduled departure; delays in minutes, early is negative'
TBLPROPERTIES ('quality' = 'silver')
AS SELECT
  make_date(year, month, day)                    AS flight_date,
  time_hour                                      AS scheduled_hour,
  sched_dep_time DIV 100                         AS local_hour,
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
FROM STREAM(bronze.flights);

-- What was really flown.
CREATE OR REFRESH STREAMING TABLE legs (
  CONSTRAINT flew EXPECT (NOT cancelled) ON VIOLATION DROP ROW,
  CONSTRAINT landed_where_it_should EXPECT (NOT diverted),
  CONSTRAINT known_aircraft EXPECT (cancelled OR tailnum IS NOT NULL) ON VIOLATION FAIL UPDATE
)
COMMENT 'One row per flight that took off'
TBLPROPERTIES ('quality' = 'silver')
AS SELECT * FROM STREAM(flights);
