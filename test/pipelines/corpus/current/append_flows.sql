CREATE OR REFRESH STREAMING TABLE all_sales (id BIGINT, region STRING, amount DECIMAL(10, 2));

CREATE FLOW north AS INSERT INTO all_sales BY NAME SELECT id, 'north' AS region, amount FROM STREAM(sales.raw.north);
CREATE FLOW south AS INSERT INTO all_sales BY NAME SELECT id, 'south' AS region, amount FROM STREAM(sales.raw.south);
CREATE FLOW history COMMENT 'Once, from the old system' AS
INSERT INTO ONCE all_sales BY NAME SELECT id, region, amount FROM sales.old.archive WHERE year < 2020;
