CREATE MATERIALIZED VIEW revenue AS
SELECT item, sum(quantity) AS sold, sum(amount) AS revenue, count(DISTINCT customer) AS customers
FROM lines
GROUP BY item;

CREATE MATERIALIZED VIEW best AS
SELECT day, customer, amount, rank() OVER (PARTITION BY customer ORDER BY amount DESC, day) AS place
FROM lines;

CREATE MATERIALIZED VIEW seen AS
SELECT l.item, coalesce(v.views, 0) AS views, l.sold
FROM revenue AS l
LEFT JOIN (SELECT item, count(*) AS views FROM views GROUP BY item) AS v ON l.item = v.item;
