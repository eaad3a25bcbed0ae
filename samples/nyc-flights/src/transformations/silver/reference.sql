CREATE OR REFRESH MATERIALIZED VIEW planes (
  CONSTRAINT known_age EXPECT (built IS NOT NULL)
)
COMMENT 'The register with one spelling per manufacturer'
AS SELECT
  tailnum,
  CASE
    WHEN manufacturer LIKE 'AIRBUS%' THEN 'Airbus'
    WHEN manufacturer LIKE 'MCDONNELL DOUGLAS%' THEN 'McDonnell Douglas'
    ELSE initcap(manufacturer)
  END AS manufacturer,
  model,
  type AS kind,
  engine,
  engines,
  seats,
  try_cast(year AS INT) AS built
FROM bronze.planes;

CREATE OR REFRESH MATERIALIZED VIEW airlines AS
SELECT carrier, regexp_replace(name, ' (Inc\\.|Co\\.)$', '') AS airline
FROM bronze.airlines;
