-- Databricks notebook source
-- MAGIC %md
-- MAGIC # Bikes
-- MAGIC How **rides** become tables; it's all `SQL`; nothing here -- runs.

-- COMMAND ----------

-- DBTITLE 1,Rides as they came
CREATE OR REFRESH STREAMING TABLE rides AS
SELECT * FROM STREAM read_files('/Volumes/bikes/landing/rides', format => 'csv');

-- COMMAND ----------

-- MAGIC %md-sandbox
-- MAGIC <div>CREATE TABLE not_this (id INT);</div>

-- COMMAND ----------

CREATE OR REFRESH MATERIALIZED VIEW rides_by_station AS
SELECT start_station, count(*) AS rides FROM rides GROUP BY start_station
