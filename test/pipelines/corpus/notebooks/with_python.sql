-- Databricks notebook source
CREATE OR REFRESH MATERIALIZED VIEW first AS SELECT 1 AS n

-- COMMAND ----------

-- MAGIC %python
-- MAGIC import dlt
-- MAGIC @dlt.table
-- MAGIC def from_python():
-- MAGIC   return spark.range(3)

-- COMMAND ----------

CREATE OR REFRESH MATERIALIZED VIEW second AS SELECT n + 1 AS n FROM first

-- COMMAND ----------

-- MAGIC %sh ls /dbfs
