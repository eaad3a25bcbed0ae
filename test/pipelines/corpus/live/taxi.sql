CREATE LIVE TABLE trips_raw
COMMENT "Trips as they came"
AS SELECT * FROM parquet.`/data/taxi/trips`;

CREATE LIVE TABLE trips_checked(
  CONSTRAINT short_enough EXPECT (distance_km < 500),
  CONSTRAINT paid EXPECT (fare >= 0) ON VIOLATION DROP ROW,
  CONSTRAINT has_time EXPECT (pickup_at IS NOT NULL) ON VIOLATION FAIL UPDATE
)
COMMENT "Trips that can be"
AS SELECT pickup_at, dropoff_at, distance_km, fare FROM LIVE.trips_raw;

CREATE LIVE TABLE fares_by_hour
AS SELECT hour(pickup_at) AS hour, avg(fare) AS fare FROM LIVE.trips_checked GROUP BY hour(pickup_at);
