-- Databricks notebook source
-- MAGIC %md ## Ingestion

-- COMMAND ----------

CREATE OR REFRESH STREAMING LIVE TABLE sessions_raw (
  CONSTRAINT readable EXPECT (_rescued_data IS NULL)
)
COMMENT "Sessions from the app"
AS SELECT current_timestamp() received_at, input_file_name() source_file, *
FROM cloud_files("${app.path}/sessions", "json", map("cloudFiles.schemaEvolutionMode", "rescue", "cloudFiles.inferColumnTypes", "true"))

-- COMMAND ----------

-- MAGIC %md ## Cleaning

-- COMMAND ----------

CREATE OR REFRESH STREAMING LIVE TABLE sessions (
  CONSTRAINT user EXPECT (user_id IS NOT NULL) ON VIOLATION DROP ROW,
  CONSTRAINT length EXPECT (seconds >= 0) ON VIOLATION FAIL UPDATE
) AS SELECT user_id, CAST(seconds AS INT) seconds FROM STREAM(LIVE.sessions_raw)

-- COMMAND ----------

CREATE LIVE TABLE session_lengths AS SELECT user_id, sum(seconds) total FROM LIVE.sessions GROUP BY 1
