CREATE LIVE TABLE baskets_cleaned AS SELECT * FROM shop.silver.baskets;

CREATE LIVE TABLE sales_by_city_lisbon
COMMENT "Lisbon by day and customer"
TBLPROPERTIES ("quality" = "gold")
AS SELECT city, basket_date, customer_id, sum(line.price) AS sales, count(line.article) AS articles
   FROM (SELECT city, basket_date, customer_id, EXPLODE(lines) AS line
         FROM LIVE.baskets_cleaned WHERE city = 'Lisbon')
   GROUP BY basket_date, city, customer_id;
