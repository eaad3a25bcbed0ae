CREATE OR REFRESH STREAMING LIVE TABLE customers_raw
COMMENT "Customers as the shop's export writes them"
TBLPROPERTIES ("quality" = "bronze")
AS SELECT * FROM cloud_files("/mnt/shop/customers/", "csv");

CREATE OR REFRESH STREAMING LIVE TABLE baskets_raw
COMMENT "Baskets, one JSON document each"
TBLPROPERTIES ("quality" = "bronze")
AS SELECT *, current_timestamp() AS loaded_at
FROM cloud_files("/mnt/shop/baskets/", "json", map("cloudFiles.inferColumnTypes", "true"));
