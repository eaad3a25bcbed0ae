SET spark.sql.session.timeZone = UTC;
SET spark.sql.shuffle.partitions = 8;
SET limit_rows = 5;
CREATE OR REFRESH MATERIALIZED VIEW few AS SELECT * FROM a.b.c LIMIT ${limit_rows};
