CREATE TEMPORARY LIVE TABLE sensor_flagged
AS SELECT *, NOT (value IS NOT NULL AND value > 0) AS is_bad FROM STREAM_SOURCE;

CREATE LIVE TABLE STREAM_SOURCE AS SELECT * FROM plant.raw.sensor;
CREATE LIVE TABLE sensor_good AS SELECT * EXCEPT (is_bad) FROM LIVE.sensor_flagged WHERE NOT is_bad;
CREATE LIVE TABLE sensor_bad AS SELECT * EXCEPT (is_bad) FROM LIVE.sensor_flagged WHERE is_bad;
