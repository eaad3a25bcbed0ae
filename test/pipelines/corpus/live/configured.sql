CREATE LIVE TABLE meters AS SELECT * FROM ${source_catalog}.${source_schema}.meters;

CREATE LIVE TABLE meters_recent
COMMENT "Since ${since}"
AS SELECT * FROM LIVE.meters WHERE read_at >= date'${since}' -- and not ${commented_out}
;
