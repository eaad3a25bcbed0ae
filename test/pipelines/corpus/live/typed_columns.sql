CREATE OR REFRESH LIVE TABLE claims (
  claim_id BIGINT NOT NULL COMMENT 'number of the claim',
  holder STRING,
  filed DATE,
  filed_year INT GENERATED ALWAYS AS (year(filed)),
  amount DECIMAL(12, 2),
  CONSTRAINT positive EXPECT (amount > 0)
)
USING DELTA
PARTITIONED BY (filed_year)
COMMENT 'Claims with their year'
TBLPROPERTIES ('delta.autoOptimize.optimizeWrite' = 'true', 'pipelines.autoOptimize.zOrderCols' = 'holder')
AS SELECT claim_id, holder, filed, amount FROM insurance.raw.claims;
