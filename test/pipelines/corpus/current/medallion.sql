CREATE OR REFRESH STREAMING TABLE bronze AS
SELECT * FROM STREAM read_files('/Volumes/iot/landing/readings', format => 'parquet');

CREATE OR REFRESH STREAMING TABLE silver (
  device STRING NOT NULL,
  at TIMESTAMP,
  celsius DOUBLE COMMENT 'converted from Fahrenheit',
  CONSTRAINT known_device EXPECT (device IS NOT NULL) ON VIOLATION DROP ROW,
  CONSTRAINT plausible EXPECT (celsius BETWEEN -80 AND 80)
) CLUSTER BY AUTO AS
SELECT device, CAST(at AS TIMESTAMP) AS at, (fahrenheit - 32) / 1.8D AS celsius FROM STREAM(bronze);

CREATE OR REFRESH MATERIALIZED VIEW gold AS
SELECT device, window(at, '1 hour').start AS hour, max(celsius) AS warmest FROM silver GROUP BY ALL;
