CREATE OR REFRESH MATERIALIZED VIEW dim_product (
  product_id INT NOT NULL,
  name STRING,
  CONSTRAINT dim_product_pk PRIMARY KEY (product_id) RELY
) AS SELECT product_id, name FROM erp.core.product;

CREATE OR REFRESH MATERIALIZED VIEW fact_sales (
  product_id INT,
  sold DATE,
  CONSTRAINT fact_product FOREIGN KEY (product_id) REFERENCES dim_product (product_id),
  CONSTRAINT in_time EXPECT (sold <= current_date()) ON VIOLATION FAIL UPDATE
) PARTITIONED BY (sold) AS SELECT product_id, sold FROM erp.core.sales;
