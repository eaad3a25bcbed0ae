-- Window functions, frames, named windows, null order.
-- setup
CREATE OR REPLACE TEMPORARY VIEW w AS SELECT * FROM VALUES (1, 'a', 10, 1.5D, DATE'2024-01-01', TIMESTAMP'2024-01-01 00:00:00'), (2, 'a', 20, NULL, DATE'2024-01-02', TIMESTAMP'2024-01-01 01:00:00'), (3, 'a', 20, 3.5D, DATE'2024-01-05', TIMESTAMP'2024-01-01 01:30:00'), (4, 'b', NULL, 4.5D, DATE'2024-02-01', TIMESTAMP'2024-01-02 00:00:00'), (5, 'b', 5, 5.5D, NULL, NULL), (6, NULL, 7, NULL, DATE'2024-01-03', TIMESTAMP'2024-01-03 00:00:00') AS w(id, g, n, f, dt, ts);
--@ F: row_number() | rank() | dense_rank() | percent_rank() | cume_dist() | ntile(2) | ntile(4) | lag(n) | lead(n) | lag(n, 2) | lead(n, 2, -1) | lag(n, 1, 0) | lag(g, 1, 'none') | first_value(n) | last_value(n) | nth_value(n, 2) | first(n, true) | sum(n) | avg(n) | count(*) | count(n) | min(n) | max(f) | sum(f) | stddev(n) | collect_list(n) | lag(f) IGNORE NULLS | lead(f) IGNORE NULLS | first_value(f) IGNORE NULLS | last_value(f) IGNORE NULLS | nth_value(f, 2) IGNORE NULLS | lag(f) RESPECT NULLS | any_value(n) | sum(n) FILTER (WHERE n > 5) | count_if(n > 6) | max_by(id, n)
SELECT id, {F} OVER (PARTITION BY g ORDER BY id) AS r FROM w;
--@ F: row_number() | rank() | dense_rank() | percent_rank() | cume_dist() | sum(n) | count(*) | first_value(id) | last_value(n)
--@ O: n | n DESC | n NULLS LAST | n DESC NULLS FIRST
SELECT id, {F} OVER (ORDER BY {O}, id) AS r, sum(id) OVER (ORDER BY {O}) AS s FROM w;
--@ O: ORDER BY n ASC | ORDER BY n DESC | ORDER BY n NULLS LAST | ORDER BY n DESC NULLS FIRST
SELECT id, rank() OVER ({O}) r, dense_rank() OVER ({O}) d, cume_dist() OVER ({O}) c, percent_rank() OVER ({O}) p FROM w;
--@ B: ROWS UNBOUNDED PRECEDING | ROWS 1 PRECEDING | ROWS CURRENT ROW | ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING | ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING | ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING | ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING | ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING | ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING | RANGE UNBOUNDED PRECEDING | RANGE CURRENT ROW | RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING | RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
SELECT id, sum(n) OVER (ORDER BY id {B}) s, count(*) OVER (ORDER BY id {B}) c, min(n) OVER (ORDER BY id {B}) m, first_value(id) OVER (ORDER BY id {B}) f, last_value(id) OVER (ORDER BY id {B}) l FROM w;
--@ B: RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING | RANGE BETWEEN 10 PRECEDING AND CURRENT ROW | RANGE BETWEEN 1 FOLLOWING AND 15 FOLLOWING | RANGE BETWEEN 15 PRECEDING AND 1 PRECEDING
--@ O: n | n DESC
SELECT id, count(*) OVER (ORDER BY {O} {B}) c, sum(id) OVER (ORDER BY {O} {B}) s FROM w;
--@ B: RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND INTERVAL 1 DAY FOLLOWING | RANGE BETWEEN INTERVAL '3' DAY PRECEDING AND CURRENT ROW | RANGE BETWEEN INTERVAL 1 MONTH PRECEDING AND CURRENT ROW
SELECT id, count(*) OVER (ORDER BY dt {B}) c, sum(id) OVER (ORDER BY dt {B}) s FROM w;
--@ B: RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW | RANGE BETWEEN INTERVAL '0 01:30:00' DAY TO SECOND PRECEDING AND CURRENT ROW | RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND INTERVAL 1 DAY FOLLOWING
SELECT id, count(*) OVER (ORDER BY ts {B}) c, sum(id) OVER (ORDER BY ts {B}) s FROM w;
SELECT id, count(*) OVER (ORDER BY dt RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) c FROM w;
SELECT id, count(*) OVER (ORDER BY f RANGE BETWEEN 1.0D PRECEDING AND CURRENT ROW) c FROM w;
SELECT id, sum(n) OVER () FROM w;
SELECT id, sum(n) OVER (PARTITION BY g) FROM w;
SELECT id, sum(n) OVER (PARTITION BY g, n) FROM w;
SELECT id, count(DISTINCT n) OVER (PARTITION BY g) FROM w;
SELECT id, sum(n) OVER win FROM w WINDOW win AS (PARTITION BY g ORDER BY id);
SELECT id, sum(n) OVER win, rank() OVER win2 FROM w WINDOW win AS (PARTITION BY g ORDER BY id), win2 AS (ORDER BY n);
SELECT id, sum(n) OVER nosuch FROM w;
SELECT id, sum(n) OVER (win ORDER BY id) FROM w WINDOW win AS (PARTITION BY g);
SELECT id, sum(n) OVER win FROM w WINDOW win AS (PARTITION BY g), win AS (ORDER BY id);
SELECT id, row_number() OVER (PARTITION BY g) IS NOT NULL FROM w;
SELECT id, row_number() OVER () IS NOT NULL FROM w;
SELECT id, rank() OVER () FROM w;
SELECT id, lag(n) OVER (PARTITION BY g) FROM w;
SELECT id, row_number() OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM w;
SELECT id, lag(n) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM w;
SELECT id, sum(n) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM w;
SELECT id, sum(n) OVER (RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM w;
SELECT id, sum(n) OVER (ORDER BY id, n RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM w;
SELECT id, sum(n) OVER (ORDER BY g RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM w;
SELECT id, ntile(0) OVER (ORDER BY id) FROM w;
SELECT id, ntile(n) OVER (ORDER BY id) FROM w;
SELECT id, nth_value(n, 0) OVER (ORDER BY id) FROM w;
SELECT id FROM w WHERE row_number() OVER (ORDER BY id) = 1;
SELECT id FROM w GROUP BY id HAVING row_number() OVER (ORDER BY id) = 1;
SELECT sum(row_number() OVER (ORDER BY id)) FROM w;
SELECT id, sum(sum(n) OVER ()) OVER () FROM w;
SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY g ORDER BY n DESC NULLS LAST, id) AS rn FROM w) WHERE rn = 1;
SELECT id, n - lag(n) OVER (ORDER BY id) AS diff, n / sum(n) OVER () AS share FROM w;
SELECT id, round(100.0 * n / sum(n) OVER (PARTITION BY g), 2) AS pct FROM w;
SELECT id FROM w ORDER BY row_number() OVER (ORDER BY id DESC);
SELECT g, sum(n), rank() OVER (ORDER BY sum(n) DESC NULLS LAST) AS r FROM w GROUP BY g;
SELECT g, n, sum(count(*)) OVER (PARTITION BY g ORDER BY n) FROM w GROUP BY g, n;
SELECT DISTINCT g, count(*) OVER (PARTITION BY g) FROM w;
SELECT id, first_value(n) OVER (ORDER BY id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) a, last_value(n) OVER (ORDER BY id) b FROM w;
SELECT id, upper(g) OVER (ORDER BY id) FROM w;
SELECT id, nosuch() OVER (ORDER BY id) FROM w;
SELECT id, sum(n) OVER (PARTITION BY nosuch) FROM w;
SELECT id, max(n) OVER (ORDER BY id) - min(n) OVER (ORDER BY id) FROM w;
SELECT id, avg(f) OVER (ORDER BY id ROWS 2 PRECEDING) FROM w;
SELECT id, listagg(g) OVER (ORDER BY id) FROM w;
SELECT id, median(n) OVER (PARTITION BY g) FROM w;
SELECT id, percentile_cont(0.5) WITHIN GROUP (ORDER BY n) OVER (PARTITION BY g) FROM w;
SELECT id, sort_array(collect_set(n) OVER (PARTITION BY g)) FROM w;
SELECT id, count(*) OVER (PARTITION BY g ORDER BY n) c, count(*) OVER (PARTITION BY g ORDER BY n, id) d FROM w;
SELECT id, sum(n) OVER (PARTITION BY id % 2 ORDER BY id) FROM w;
SELECT id, sum(1) OVER (ORDER BY CASE WHEN n > 10 THEN 1 ELSE 0 END, id) FROM w;
SELECT id, lead(id, -1) OVER (ORDER BY id) FROM w;
SELECT id, lag(id, 0) OVER (ORDER BY id) FROM w;
SELECT id, lag(dt, 1, DATE'1970-01-01') OVER (ORDER BY id) FROM w;
SELECT id, lag(n, 1, 'x') OVER (ORDER BY id) FROM w;
SELECT id, sum(DISTINCT n) OVER (ORDER BY id) FROM w;
SELECT id, row_number() OVER (PARTITION BY g ORDER BY id) AS rn FROM w QUALIFY rn = 1;
SELECT id FROM w QUALIFY row_number() OVER (PARTITION BY g ORDER BY id) = 1;
SELECT id, (SELECT count(*) FROM w x WHERE x.id <= w.id) = row_number() OVER (ORDER BY id) FROM w;
