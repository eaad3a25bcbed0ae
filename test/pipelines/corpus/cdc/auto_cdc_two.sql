CREATE OR REFRESH STREAMING TABLE address_history CLUSTER BY (customer_id);
CREATE FLOW addresses AS AUTO CDC INTO address_history
FROM STREAM(crm.raw.addresses)
KEYS (customer_id, kind)
IGNORE NULL UPDATES
SEQUENCE BY STRUCT(changed_at, sequence)
STORED AS SCD TYPE 2
TRACK HISTORY ON (street, city);
CREATE OR REFRESH MATERIALIZED VIEW addresses_now AS SELECT * FROM address_history WHERE `__END_AT` IS NULL;
