CREATE OR REFRESH MATERIALIZED VIEW ranked AS
SELECT *, row_number() OVER (PARTITION BY account ORDER BY at DESC) AS n FROM bank.core.moves
QUALIFY n <= 10;

CREATE OR REFRESH MATERIALIZED VIEW by_month AS
SELECT * FROM (SELECT account, month(at) AS month, amount FROM ranked)
PIVOT (sum(amount) FOR month IN (1 AS jan, 2 AS feb, 3 AS mar));
