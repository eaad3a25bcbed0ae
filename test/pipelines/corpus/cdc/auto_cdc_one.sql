CREATE OR REFRESH STREAMING TABLE customers;
CREATE FLOW customers_cdc AS AUTO CDC INTO customers
FROM STREAM(crm.raw.customer_feed)
KEYS (customer_id)
APPLY AS DELETE WHEN op = 'd'
APPLY AS TRUNCATE WHEN op = 't'
SEQUENCE BY ts_ms
COLUMNS * EXCEPT (op, ts_ms)
STORED AS SCD TYPE 1;
