-- Joins of every kind.
-- setup
CREATE OR REPLACE TEMPORARY VIEW emp AS SELECT * FROM VALUES (1, 'ann', 10, 100.50), (2, 'bob', 20, 200.00), (3, 'cat', NULL, 50.25), (4, 'dan', 30, NULL), (5, 'eve', 10, 100.50) AS emp(id, name, dept, pay);
-- setup
CREATE OR REPLACE TEMPORARY VIEW dept AS SELECT * FROM VALUES (10, 'eng'), (20, 'ops'), (40, 'law'), (NULL, 'none') AS dept(dept, title);
-- setup
CREATE OR REPLACE TEMPORARY VIEW loc AS SELECT * FROM VALUES (10, 'nyc', 'eng'), (10, 'sfo', 'eng'), (20, 'nyc', 'ops'), (50, 'rio', 'hr') AS loc(dept, city, title);
-- setup
CREATE OR REPLACE TEMPORARY VIEW nested AS SELECT * FROM VALUES (1, array(1, 2)), (2, array()), (3, NULL) AS nested(id, xs);
--@ J: JOIN | INNER JOIN | LEFT JOIN | LEFT OUTER JOIN | RIGHT JOIN | RIGHT OUTER JOIN | FULL JOIN | FULL OUTER JOIN
SELECT * FROM emp {J} dept ON emp.dept = dept.dept;
--@ J: JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN | LEFT SEMI JOIN | LEFT ANTI JOIN | SEMI JOIN | ANTI JOIN
SELECT * FROM emp {J} dept USING (dept);
--@ J: JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN | LEFT SEMI JOIN | LEFT ANTI JOIN
SELECT * FROM emp NATURAL {J} dept;
--@ J: LEFT SEMI JOIN | LEFT ANTI JOIN | SEMI JOIN | ANTI JOIN
SELECT * FROM emp {J} dept ON emp.dept = dept.dept;
--@ J: LEFT SEMI | LEFT ANTI
SELECT emp.name FROM emp {J} JOIN dept ON emp.dept <=> dept.dept;
--@ J: LEFT SEMI | LEFT ANTI
SELECT dept.title FROM emp {J} JOIN dept ON emp.dept = dept.dept;
--@ J: JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN
SELECT dept, emp.dept, d.dept, name, title FROM emp {J} dept d USING (dept);
--@ J: JOIN | LEFT JOIN | FULL JOIN
SELECT * FROM dept {J} loc USING (dept, title);
--@ J: JOIN | LEFT JOIN | FULL JOIN
SELECT * FROM dept NATURAL {J} loc;
--@ J: JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN
SELECT e.name, d.title FROM emp e {J} dept d ON e.dept > d.dept;
--@ J: JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN
SELECT e.name, d.title FROM emp e {J} dept d ON e.dept = d.dept AND e.pay > 150;
--@ J: JOIN | LEFT JOIN | RIGHT JOIN | FULL JOIN
SELECT e.name, d.title FROM emp e {J} dept d ON e.dept = d.dept WHERE d.title IS NOT NULL;
--@ J: LEFT JOIN | RIGHT JOIN | FULL JOIN
SELECT count(*), count(e.id), count(d.title) FROM emp e {J} dept d ON e.dept <=> d.dept;
SELECT * FROM emp CROSS JOIN dept;
SELECT * FROM emp, dept;
SELECT * FROM emp, dept WHERE emp.dept = dept.dept;
SELECT * FROM emp JOIN dept;
SELECT * FROM emp LEFT JOIN dept;
SELECT * FROM emp CROSS JOIN dept ON emp.dept = dept.dept;
SELECT * FROM emp NATURAL JOIN nested;
SELECT * FROM dept NATURAL JOIN nested;
SELECT a.id, b.id, c.id FROM emp a JOIN emp b ON a.dept = b.dept JOIN emp c ON b.pay = c.pay ORDER BY 1, 2, 3;
SELECT e.name, d.title, l.city FROM emp e LEFT JOIN dept d ON e.dept = d.dept LEFT JOIN loc l ON l.dept = d.dept ORDER BY name, city;
SELECT e.name, x.title, x.city FROM emp e LEFT JOIN (dept d JOIN loc l ON d.dept = l.dept) ON e.dept = d.dept;
SELECT e.name, d.title, l.city FROM emp e LEFT JOIN (dept d JOIN loc l ON d.dept = l.dept) ON e.dept = d.dept;
SELECT * FROM (emp JOIN dept USING (dept)) JOIN loc USING (dept);
SELECT * FROM emp JOIN dept USING (dept) JOIN loc USING (dept);
SELECT dept, title FROM emp JOIN dept USING (dept) JOIN loc USING (dept);
SELECT emp.*, city FROM emp JOIN dept USING (dept) JOIN loc USING (dept, title);
SELECT * FROM emp JOIN dept USING (nosuch);
SELECT * FROM emp JOIN dept USING (title);
SELECT * FROM emp JOIN dept ON emp.dept;
SELECT * FROM emp JOIN dept ON emp.dept = nosuch.dept;
SELECT * FROM emp JOIN dept ON dept = dept;
SELECT dept FROM emp JOIN dept ON emp.dept = dept.dept;
SELECT * FROM emp JOIN dept ON true ORDER BY id, title LIMIT 3;
SELECT * FROM emp JOIN dept ON false;
SELECT * FROM emp LEFT JOIN dept ON false;
SELECT * FROM emp FULL JOIN dept ON false;
SELECT * FROM emp LEFT JOIN dept ON NULL;
SELECT e.name FROM emp e JOIN dept d ON e.dept = d.dept OR d.title = 'law' ORDER BY 1;
SELECT e.name, d.title FROM emp e JOIN dept d ON e.dept = d.dept AND sum(1) > 0;
SELECT e.name, d.title FROM emp e LEFT JOIN dept d ON e.dept = d.dept AND e.dept = 10;
SELECT e.name, d.title FROM emp e LEFT JOIN dept d ON e.dept = 10;
SELECT * FROM emp e RIGHT JOIN dept d ON d.dept = 10 AND e.id = 1;
SELECT id, x FROM nested, LATERAL explode(xs) AS q(x);
SELECT id, x FROM nested LEFT JOIN LATERAL explode(xs) AS q(x) ON true;
SELECT e.name, q.title FROM emp e, LATERAL (SELECT title FROM dept d WHERE d.dept = e.dept) q;
SELECT e.name, q.title FROM emp e LEFT JOIN LATERAL (SELECT title FROM dept d WHERE d.dept = e.dept) q;
SELECT e.name, q.n FROM emp e, LATERAL (SELECT count(*) AS n FROM dept d WHERE d.dept = e.dept) q;
SELECT e.name, q.city FROM emp e JOIN LATERAL (SELECT max(city) AS city FROM loc l WHERE l.dept = e.dept) q ON q.city IS NOT NULL;
SELECT e.name, y FROM emp e, LATERAL (SELECT e.id * 2 AS x) a, LATERAL (SELECT a.x + 1 AS y) b;
SELECT e.name, q.city FROM emp e, LATERAL (SELECT city FROM loc l WHERE l.dept = e.dept ORDER BY city LIMIT 1) q;
SELECT e.name FROM emp e, (SELECT title FROM dept d WHERE d.dept = e.dept) q;
SELECT * FROM emp e RIGHT JOIN LATERAL (SELECT e.id) q;
SELECT /*+ BROADCAST(d) */ e.name, d.title FROM emp e JOIN dept d ON e.dept = d.dept;
SELECT /*+ MERGE(d), SHUFFLE_HASH(e) */ count(*) FROM emp e JOIN dept d ON e.dept = d.dept;
SELECT /*+ NOSUCHHINT(d) */ count(*) FROM emp e JOIN dept d ON e.dept = d.dept;
SELECT a.k, b.k FROM VALUES (1), (2) a(k) JOIN VALUES ('1'), ('02') b(k) ON a.k = b.k;
SELECT a.k, b.k FROM VALUES (1), (2) a(k) FULL JOIN VALUES (2L), (3L) b(k) USING (k);
SELECT k FROM VALUES (1), (2) a(k) FULL JOIN VALUES (2.5), (3) b(k) USING (k);
SELECT k, typeof(k) FROM VALUES (1) a(k) LEFT JOIN VALUES (2L) b(k) USING (k);
SELECT a.k FROM VALUES (double('NaN')), (0.0D) a(k) JOIN VALUES (double('NaN')), (-0.0D) b(k) ON a.k = b.k;
SELECT a.k FROM VALUES (DATE'2024-01-01') a(k) JOIN VALUES ('2024-01-01') b(k) ON a.k = b.k;
SELECT a.k FROM VALUES (struct(1, 2)) a(k) JOIN VALUES (struct(1, 2)) b(k) ON a.k = b.k;
SELECT a.k FROM VALUES (array(1, NULL)) a(k) JOIN VALUES (array(1, NULL)) b(k) ON a.k = b.k;
SELECT a.k FROM VALUES (map(1, 2)) a(k) JOIN VALUES (map(1, 2)) b(k) ON a.k = b.k;
SELECT count(*) FROM emp a, emp b, emp c WHERE a.id < b.id AND b.id < c.id;
SELECT l.city, count(e.id) AS n, sum(e.pay) AS pay FROM loc l LEFT JOIN emp e ON e.dept = l.dept GROUP BY l.city ORDER BY n DESC, city;
SELECT d.title, listagg(e.name, ',') WITHIN GROUP (ORDER BY e.name) FROM dept d LEFT JOIN emp e USING (dept) GROUP BY d.title ORDER BY 1;
SELECT * FROM emp e JOIN dept d ON e.dept = d.dept AND e.name = (SELECT min(name) FROM emp);
SELECT * FROM emp e LEFT JOIN dept d ON e.dept = d.dept AND EXISTS (SELECT 1 FROM loc l WHERE l.dept = d.dept AND l.city = 'sfo');
SELECT * FROM VALUES (1) a(x) LEFT JOIN VALUES (2) b(y) ON a.x = b.y LEFT JOIN VALUES (NULL) c(z) ON b.y <=> c.z;
SELECT * FROM range(3) a JOIN range(2, 5) b ON a.id = b.id;
SELECT * FROM range(3) a ANTI JOIN range(2, 5) b ON a.id = b.id;
SELECT a.id, b.id FROM range(3) a LEFT JOIN range(2, 5) b ON a.id = b.id - 1 ORDER BY ALL;
SELECT * FROM emp ASOF JOIN dept ON emp.dept = dept.dept;
