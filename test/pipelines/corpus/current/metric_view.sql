CREATE VIEW sales_metrics WITH METRICS LANGUAGE YAML AS $$
version: 0.1
source: shop.gold.sales
measures:
  - name: revenue
    expr: sum(amount)
$$;
CREATE OR REFRESH MATERIALIZED VIEW sales AS SELECT 1 AS amount;
