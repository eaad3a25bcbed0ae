-- DDL and DML over Delta tables.
-- status
CREATE TABLE t1 (id INT, name STRING, amount DECIMAL(10,2), d DATE);
SELECT * FROM t1;
-- status
INSERT INTO t1 VALUES (1, 'a', 1.50, DATE'2024-01-01'), (2, 'b', 2.255, DATE'2024-01-02');
SELECT * FROM t1 ORDER BY id;
-- status
INSERT INTO t1 (id, name) VALUES (3, 'c');
-- status
INSERT INTO t1 (name, id) SELECT 'd', 4;
SELECT * FROM t1 ORDER BY id;
-- status
INSERT INTO t1 VALUES (1, 'a');
-- status
INSERT INTO t1 VALUES (1, 'a', 1, DATE'2024-01-01', 5);
-- status
INSERT INTO t1 (id, nosuch) VALUES (1, 2);
-- status
INSERT INTO t1 (id, id) VALUES (1, 2);
-- status
INSERT INTO t1 VALUES ('x', 'a', 1, DATE'2024-01-01');
-- status
INSERT INTO t1 VALUES (99999999999, 'a', 1, DATE'2024-01-01');
-- status
INSERT INTO t1 VALUES (5, 6, 99999999999, DATE'2024-01-01');
-- status
INSERT INTO t1 VALUES (5, 6, 7, 'bad');
-- status
INSERT INTO t1 VALUES (5, true, 7.999, TIMESTAMP'2024-05-05 10:00:00');
-- status
INSERT INTO t1 SELECT 6, 'f', NULL, NULL;
-- status
INSERT INTO t1 BY NAME SELECT 'g' AS name, 7 AS id;
-- status
INSERT INTO t1 VALUES (8, DEFAULT, DEFAULT, DEFAULT);
SELECT * FROM t1 ORDER BY id;
-- status
INSERT INTO t1 (id) VALUES (9), (10);
SELECT count(*), sum(id), sum(amount) FROM t1;
-- status
DELETE FROM t1 WHERE id = 10;
-- status
DELETE FROM t1 WHERE name IS NULL AND id > 8;
-- status
DELETE FROM t1 WHERE nosuch = 1;
-- status
DELETE FROM t1 WHERE id IN (7, 77);
SELECT id FROM t1 ORDER BY id;
-- status
UPDATE t1 SET amount = amount * 2 WHERE id <= 2;
-- status
UPDATE t1 SET name = upper(name), d = DATE'2025-01-01' WHERE id = 3 OR name = 'd';
-- status
UPDATE t1 SET amount = (SELECT max(amount) FROM t1);
-- status
UPDATE t1 SET id = 'x' WHERE id = 1;
-- status
UPDATE t1 SET nosuch = 1;
-- status
UPDATE t1 SET id = 1, id = 2;
-- status
UPDATE t1 SET name = CASE WHEN id % 2 = 0 THEN 'even' ELSE name END WHERE id IS NOT NULL;
SELECT * FROM t1 ORDER BY id;
-- status
CREATE OR REPLACE TEMPORARY VIEW src AS SELECT * FROM VALUES (1, 'A1', 100.10), (2, 'B2', NULL), (20, 'new', 5.00) AS s(id, name, amount);
-- status
MERGE INTO t1 USING src ON t1.id = src.id WHEN MATCHED THEN UPDATE SET name = src.name WHEN NOT MATCHED THEN INSERT (id, name, amount) VALUES (src.id, src.name, src.amount);
SELECT * FROM t1 ORDER BY id;
-- status
MERGE INTO t1 t USING src s ON t.id = s.id WHEN MATCHED AND s.amount IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET t.amount = s.amount + t.id WHEN NOT MATCHED BY SOURCE AND t.id > 5 THEN DELETE WHEN NOT MATCHED BY SOURCE THEN UPDATE SET name = 'gone';
SELECT * FROM t1 ORDER BY id;
-- status
MERGE INTO t1 t USING (SELECT 1 AS id UNION ALL SELECT 1) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = 'twice';
-- status
MERGE INTO t1 t USING (SELECT 1 AS id UNION ALL SELECT 1) s ON t.id = s.id WHEN MATCHED THEN DELETE;
SELECT id, name FROM t1 ORDER BY id;
-- status
MERGE INTO t1 USING src ON t1.id = src.id WHEN MATCHED THEN UPDATE SET nosuch = 1;
-- status
MERGE INTO t1 USING src ON t1.id = src.nosuch WHEN MATCHED THEN DELETE;
-- status
MERGE INTO t1 USING src ON id = 1 WHEN MATCHED THEN DELETE;
-- status
MERGE INTO t1 USING src ON t1.id = src.id WHEN MATCHED THEN DELETE WHEN MATCHED THEN UPDATE SET name = 'x';
-- status
MERGE INTO t1 USING src ON false WHEN NOT MATCHED THEN INSERT (id, name) VALUES (src.id + 1000, src.name);
-- status
MERGE INTO t1 USING src ON t1.id = src.id WHEN NOT MATCHED AND src.id > 5 THEN INSERT (id) VALUES (src.id);
-- status
CREATE TABLE t2 (id INT, name STRING, amount DECIMAL(10,2));
-- status
MERGE INTO t2 USING src ON t2.id = src.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *;
SELECT * FROM t2 ORDER BY id;
-- status
MERGE INTO t2 USING (SELECT id, upper(name) AS name, amount * 2 AS amount FROM t2) s ON t2.id = s.id WHEN MATCHED THEN UPDATE SET *;
SELECT * FROM t2 ORDER BY id;
-- status
INSERT OVERWRITE t2 SELECT 1, 'over', 1;
SELECT * FROM t2;
-- status
INSERT INTO t2 REPLACE WHERE id = 1 SELECT 1, 'repl', 9.99;
SELECT * FROM t2;
-- status
INSERT INTO t2 REPLACE WHERE id = 1 SELECT 2, 'bad', 9.99;
-- status
TRUNCATE TABLE t2;
SELECT count(*) FROM t2;
-- status
CREATE TABLE t3 AS SELECT id, name AS n, id * 1.5 AS x, array(id) AS xs FROM src;
SELECT * FROM t3 ORDER BY id;
-- status
CREATE TABLE t3 (a INT);
-- status
CREATE TABLE IF NOT EXISTS t3 (a INT);
-- status
CREATE OR REPLACE TABLE t3 AS SELECT 1 AS one;
SELECT * FROM t3;
-- status
CREATE OR REPLACE TABLE t3 (a INT, b STRING COMMENT 'bee') COMMENT 'third';
SELECT * FROM t3;
-- status
ALTER TABLE t3 ADD COLUMN c DOUBLE;
-- status
ALTER TABLE t3 ADD COLUMNS (d DATE AFTER a, e INT FIRST);
SELECT * FROM t3;
-- status
INSERT INTO t3 VALUES (1, 2, DATE'2024-01-01', 'x', 1.5);
-- status
ALTER TABLE t3 ADD COLUMN c INT;
-- status
ALTER TABLE t3 RENAME COLUMN c TO cc;
-- status
ALTER TABLE t3 DROP COLUMN c;
-- status
ALTER TABLE t3 ALTER COLUMN b COMMENT 'new';
-- status
ALTER TABLE t3 SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5');
-- status
ALTER TABLE t3 RENAME COLUMN c TO cc;
SELECT * FROM t3;
-- status
ALTER TABLE t3 DROP COLUMN d;
SELECT * FROM t3;
-- status
ALTER TABLE t3 RENAME TO t4;
SELECT * FROM t3;
SELECT * FROM t4;
-- status
CREATE TABLE p (id INT, k STRING, v DOUBLE) PARTITIONED BY (k);
-- status
INSERT INTO p VALUES (1, 'x', 1.5), (2, 'y', 2.5), (3, NULL, 3.5), (4, 'a b/c=d', double('NaN')), (5, '', -0.0D);
SELECT * FROM p ORDER BY id;
SELECT k, count(*) FROM p GROUP BY k ORDER BY k;
SELECT id FROM p WHERE k = 'a b/c=d';
SELECT id FROM p WHERE k IS NULL ORDER BY id;
SELECT id FROM p WHERE k > 'a' AND v > 2 ORDER BY id;
SELECT id, v FROM p WHERE v = 0 OR isnan(v) ORDER BY id;
-- status
INSERT INTO p PARTITION (k = 'z') SELECT 6, 6.5;
SELECT * FROM p WHERE k = 'z';
-- status
DELETE FROM p WHERE k = 'x';
-- status
UPDATE p SET k = 'moved' WHERE id = 2;
SELECT id, k FROM p ORDER BY id;
-- status
CREATE TABLE g (id INT NOT NULL, v INT, twice INT GENERATED ALWAYS AS (v * 2));
-- status
INSERT INTO g (id, v) VALUES (1, 5);
-- status
INSERT INTO g (id, v) VALUES (NULL, 5);
-- status
INSERT INTO g (id, v, twice) VALUES (2, 5, 11);
-- status
INSERT INTO g (id, v, twice) VALUES (2, 5, 10);
SELECT * FROM g ORDER BY id;
-- status
ALTER TABLE g ADD CONSTRAINT small CHECK (v < 100);
-- status
INSERT INTO g (id, v) VALUES (3, 1000);
-- status
UPDATE g SET v = 500;
-- status
ALTER TABLE g ADD CONSTRAINT tiny CHECK (v < 2);
-- status
ALTER TABLE g DROP CONSTRAINT small;
-- status
INSERT INTO g (id, v) VALUES (3, 1000);
SELECT * FROM g ORDER BY id;
-- status
CREATE TABLE dflt (id INT, s STRING DEFAULT 'none', n INT DEFAULT 1 + 1) TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported');
-- status
INSERT INTO dflt (id) VALUES (1);
-- status
INSERT INTO dflt VALUES (2, DEFAULT, 5);
SELECT * FROM dflt ORDER BY id;
-- status
CREATE TABLE types (a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(38,18), i STRING, j BINARY, k DATE, l TIMESTAMP, m TIMESTAMP_NTZ, n ARRAY<INT>, o MAP<STRING, DOUBLE>, p STRUCT<x: INT, y: STRUCT<z: STRING>>);
-- status
INSERT INTO types VALUES (true, -128, 32767, -2147483648, 9223372036854775807, 1.5, 'NaN', 12345678901234567890.123456789012345678, 'é', X'00FF', '0001-01-01', '1969-12-31 23:59:59.999999', '9999-12-31 23:59:59', array(1, NULL), map('a', 1.5, 'b', NULL), named_struct('x', 1, 'y', named_struct('z', 'q')));
-- status
INSERT INTO types VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- status
INSERT INTO types SELECT false, 0, 0, 0, 0, -0.0, '-Infinity', 0, '', X'', DATE'2024-02-29', TIMESTAMP'2024-02-29 01:02:03.000004', TIMESTAMP_NTZ'2024-02-29 01:02:03', array(), map(), named_struct('x', NULL, 'y', NULL);
SELECT * FROM types ORDER BY d;
SELECT d, p.x, p.y.z, n[0], o['a'] FROM types WHERE d < 0;
SELECT count(*) FROM types WHERE k = DATE'2024-02-29' AND l > TIMESTAMP'2024-01-01' AND h = 0;
-- status
UPDATE types SET p = named_struct('x', 5, 'y', named_struct('z', 'w')), n = array(9) WHERE d = 0;
-- status
UPDATE types SET p.x = 7 WHERE d = 0;
SELECT n, p FROM types WHERE d = 0;
-- status
CREATE VIEW v1 AS SELECT id, name FROM t1 WHERE id < 3;
SELECT * FROM v1 ORDER BY id;
-- status
CREATE VIEW v1 AS SELECT 1;
-- status
CREATE OR REPLACE VIEW v1 (a COMMENT 'x', b) AS SELECT id, upper(name) AS n FROM t1;
SELECT a, b FROM v1 ORDER BY a;
-- status
CREATE VIEW v2 AS SELECT max(a) AS m FROM v1;
SELECT * FROM v2;
-- status
INSERT INTO v1 VALUES (1, 'x');
-- status
DROP VIEW t1;
-- status
ALTER VIEW v1 AS SELECT 5 AS five;
SELECT * FROM v1;
-- status
DROP VIEW v1;
SELECT * FROM v2;
-- status
DROP VIEW IF EXISTS v1;
-- status
CREATE SCHEMA s1 COMMENT 'one';
-- status
CREATE SCHEMA s1;
-- status
CREATE SCHEMA IF NOT EXISTS s1;
-- status
USE SCHEMA s1;
SELECT current_schema();
-- status
CREATE TABLE inner1 (a INT);
SELECT * FROM t1;
SELECT count(*) FROM default.t2;
-- status
USE default;
SELECT * FROM s1.inner1;
-- status
DROP SCHEMA s1;
-- status
DROP SCHEMA s1 CASCADE;
-- status
DROP SCHEMA IF EXISTS s1;
-- status
DROP TABLE t2;
SELECT * FROM t2;
-- status
DROP TABLE IF EXISTS t2;
-- status
CREATE TABLE hist (a INT);
-- status
INSERT INTO hist VALUES (1);
-- status
INSERT INTO hist VALUES (2), (3);
-- status
DELETE FROM hist WHERE a = 1;
SELECT * FROM hist ORDER BY a;
SELECT * FROM hist VERSION AS OF 1;
SELECT count(*) FROM hist VERSION AS OF 0;
SELECT sum(a) FROM hist FOR VERSION AS OF 2;
SELECT * FROM hist VERSION AS OF 99;
SELECT * FROM hist TIMESTAMP AS OF '1990-01-01';
SELECT * FROM hist TIMESTAMP AS OF 'bad';
SELECT a.a, b.a FROM hist a LEFT JOIN hist VERSION AS OF 1 b ON a.a = b.a + 1 ORDER BY 1;
-- status
RESTORE TABLE hist TO VERSION AS OF 2;
SELECT * FROM hist ORDER BY a;
-- status
CREATE TABLE keep (id INT, s STRING);
-- status
INSERT INTO keep SELECT id, concat('s', id) FROM range(10);
SELECT * FROM keep WHERE id BETWEEN 3 AND 5 ORDER BY id;
SELECT count(*) FROM keep WHERE s LIKE 's1%';
-- status
UPDATE keep SET s = NULL WHERE id % 3 = 0;
SELECT count(*), count(s) FROM keep;
-- status
DELETE FROM keep;
SELECT count(*) FROM keep;
-- status
INSERT INTO keep TABLE keep;
-- status
WITH q AS (SELECT 1 AS id, 'w' AS s) INSERT INTO keep SELECT * FROM q;
-- status
INSERT INTO keep WITH q AS (SELECT 2 AS id, 'x' AS s) SELECT * FROM q;
-- status
INSERT INTO keep FROM VALUES (3, 'y') AS q(id, s) SELECT id, s;
SELECT * FROM keep ORDER BY id;
-- status
CREATE TABLE odd_name (`a b` INT, `c.d` STRING, `e,f` INT) TBLPROPERTIES ('delta.columnMapping.mode' = 'name');
-- status
INSERT INTO odd_name VALUES (1, 'x', 2);
SELECT `a b`, `c.d`, `e,f` FROM odd_name;
-- status
CREATE TABLE badcol (`a b` INT);
SELECT * FROM keep@v1;
