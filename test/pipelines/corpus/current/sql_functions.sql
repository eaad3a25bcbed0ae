CREATE OR REFRESH MATERIALIZED VIEW shapes AS
SELECT transform(xs, x -> x * 2) AS doubled, filter(xs, x -> x > 1) AS some,
       aggregate(xs, 0, (a, x) -> a + x) AS total, map_from_arrays(array('a'), array(1)) AS m,
       struct(1 AS a, 'b' AS b) AS s, named_struct('k', 1).k AS k,
       try_cast('x' AS INT) AS nothing, date_trunc('MONTH', current_date()) AS month,
       CASE WHEN size(xs) = 0 THEN NULL ELSE element_at(xs, 1) END AS first,
       interval '3' day + timestamp'2024-01-01' AS later
FROM (SELECT array(1, 2, 3) AS xs);
