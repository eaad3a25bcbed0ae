USE CATALOG lake;
USE SCHEMA bronze;
CREATE OR REFRESH STREAMING TABLE events AS SELECT * FROM STREAM(outside.raw.events);

USE SCHEMA silver;
CREATE OR REFRESH STREAMING TABLE events AS SELECT id, lower(kind) AS kind FROM STREAM(bronze.events);

USE other.gold;
CREATE OR REFRESH MATERIALIZED VIEW kinds AS SELECT kind, count(*) AS n FROM lake.silver.events GROUP BY kind;
CREATE OR REFRESH MATERIALIZED VIEW lake.gold.kinds_too AS SELECT * FROM kinds;
