CREATE TEMPORARY LIVE VIEW readings_valid (
  station COMMENT 'where',
  value   COMMENT 'in degrees',
  CONSTRAINT has_station EXPECT (station IS NOT NULL) ON VIOLATION DROP ROW,
  CONSTRAINT plausible EXPECT (value BETWEEN -60 AND 60)
)
AS SELECT station, value FROM LIVE.readings_raw;

CREATE LIVE TABLE readings_raw AS SELECT * FROM met.raw.readings;
CREATE LIVE TABLE readings_daily AS SELECT station, avg(value) AS mean FROM LIVE.readings_valid GROUP BY station;
