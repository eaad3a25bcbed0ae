CREATE OR REFRESH STREAMING TABLE documents AS
SELECT raw:order.id::bigint AS order_id, line.value:sku::string AS sku, line.value:qty::int AS qty
FROM STREAM(shop.raw.documents), LATERAL variant_explode(parse_json(raw):lines) AS line;

CREATE OR REFRESH MATERIALIZED VIEW tags AS
SELECT order_id, tag FROM shop.core.orders LATERAL VIEW explode(split(tags, ',')) t AS tag;
