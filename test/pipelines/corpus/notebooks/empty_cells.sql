-- Databricks notebook source


-- COMMAND ----------

-- only a remark

-- COMMAND ----------

CREATE OR REFRESH MATERIALIZED VIEW alone AS SELECT 1 AS n;

-- COMMAND ----------

