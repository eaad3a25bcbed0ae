CREATE OR REFRESH LIVE TABLE flights AS SELECT * FROM air.raw.flights;
CREATE OR REFRESH LIVE TABLE carriers AS SELECT * FROM air.raw.carriers;
CREATE OR REFRESH LIVE TABLE late_flights
TBLPROPERTIES (quality = 'gold', pipelines.reset.allowed = false)
AS
WITH late AS (
  SELECT carrier, count(*) AS n FROM LIVE.flights WHERE arr_delay > 15 GROUP BY carrier
)
SELECT c.name, l.n, rank() OVER (ORDER BY l.n DESC) AS place
FROM late AS l JOIN LIVE.carriers AS c USING (carrier);
