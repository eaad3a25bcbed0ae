CREATE STREAMING LIVE TABLE customers_raw
AS SELECT * FROM cloud_files("/mnt/shop/customers", "json");

CREATE STREAMING LIVE TABLE baskets_raw
AS SELECT * FROM cloud_files("/mnt/shop/baskets", "json");

-- Baskets without a number are of no use to anybody.
CREATE STREAMING LIVE TABLE baskets_cleaned (
  CONSTRAINT numbered EXPECT (basket_number IS NOT NULL) ON VIOLATION DROP ROW
)
PARTITIONED BY (basket_date)
COMMENT "Baskets with their customers"
TBLPROPERTIES ("quality" = "silver")
AS SELECT b.basket_number, c.customer_id, c.customer_name,
          CAST(from_unixtime((CAST(b.sold_at AS LONG))) AS TIMESTAMP) AS sold_at,
          DATE(from_unixtime((CAST(b.sold_at AS LONG)))) AS basket_date
   FROM STREAM(LIVE.baskets_raw) b
   LEFT JOIN LIVE.customers_raw c ON c.customer_id = b.customer_id AND c.customer_name = b.customer_name;
