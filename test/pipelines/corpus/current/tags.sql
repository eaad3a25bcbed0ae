CREATE OR REFRESH MATERIALIZED VIEW tagged (n INT WITH TAGS ('pii' = 'no')) WITH TAGS ('owner' = 'ops') AS SELECT 1 AS n;
