CREATE MATERIALIZED VIEW orders
COMMENT 'Orders that can be'
AS SELECT
  CAST(order_id AS INT)          AS order_id,
  CAST(day AS DATE)              AS day,
  customer,
  item,
  CAST(quantity AS INT)          AS quantity,
  CAST(price AS DECIMAL(10, 2))  AS price
FROM json.`data/orders`
WHERE quantity > 0 AND day >= '${first_day}';

CREATE TEMPORARY VIEW lines AS
SELECT *, quantity * price AS amount FROM orders WHERE customer IS NOT NULL;
