CREATE TEMPORARY VIEW active_customers AS SELECT * FROM crm.core.customers WHERE status = 'ACTIVE';
CREATE VIEW customer_names (id COMMENT 'their number', name) COMMENT 'for everybody' AS
SELECT customer_id, concat_ws(' ', first_name, last_name) FROM active_customers;
CREATE OR REFRESH MATERIALIZED VIEW customers_by_country AS
SELECT country, count(*) AS customers FROM active_customers GROUP BY country;
