-- Databricks notebook source
-- MAGIC %md
-- MAGIC # New York's flights in 2013
-- MAGIC A notebook in source form: cells of SQL and of text, run in order like any SQL file.

-- COMMAND ----------

USE CATALOG nyc;
USE SCHEMA gold;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## How punctual are the airlines?

-- COMMAND ----------

SELECT airline, flights, cancelled_pct, mean_arr_delay, median_arr_delay, late_pct
FROM delays_by_carrier
ORDER BY punctuality_rank;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Delays pile up over the day

-- COMMAND ----------

SELECT local_hour AS hour, flights, mean_dep_delay, p90_dep_delay, repeat('#', CAST(mean_dep_delay AS INT)) AS chart
FROM delays_by_hour
ORDER BY hour;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## What does the weather do?

-- COMMAND ----------

SELECT substr(weather, 3) AS weather, flights, mean_dep_delay, delayed_30_pct, cancelled_pct
FROM delays_by_weather
WHERE origin = 'all'
ORDER BY delays_by_weather.weather;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Which aircraft work hardest?

-- COMMAND ----------

SELECT airline, aircraft, mean_age, fleet_miles, busiest_aircraft, busiest_model, busiest_miles
FROM fleet_by_airline
ORDER BY fleet_miles DESC
LIMIT 8;
