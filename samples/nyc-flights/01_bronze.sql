-- Bronze: the raw files as Delta tables. Nothing is corrected here: a missing value is still the text 'NA'.
-- Run with --param raw=<folder of the CSV files>.
USE CATALOG nyc;

CREATE OR REPLACE TABLE bronze.flights COMMENT 'One row per scheduled departure' AS
SELECT * FROM read_files(
  :raw || '/flights.csv',
  format => 'csv',
  header => true,
  schema => 'year INT, month INT, day INT, dep_time STRING, sched_dep_time INT, dep_delay STRING,
             arr_time STRING, sched_arr_time INT, arr_delay STRING, carrier STRING, flight INT,
             tailnum STRING, origin STRING, dest STRING, air_time STRING, distance INT, hour INT,
             minute INT, time_hour TIMESTAMP');

CREATE OR REPLACE TABLE bronze.weather COMMENT 'Hourly readings at the three airports' AS
SELECT * FROM read_files(
  :raw || '/weather.csv',
  format => 'csv',
  header => true,
  schema => 'origin STRING, year INT, month INT, day INT, hour INT, temp STRING, dewp STRING,
             humid STRING, wind_dir STRING, wind_speed STRING, wind_gust STRING, precip STRING,
             pressure STRING, visib STRING, time_hour TIMESTAMP');

CREATE OR REPLACE TABLE bronze.planes COMMENT 'The register of aircraft' AS
SELECT * FROM read_files(
  :raw || '/planes.csv',
  format => 'csv',
  header => true,
  schema => 'tailnum STRING, year STRING, type STRING, manufacturer STRING, model STRING,
             engines INT, seats INT, speed STRING, engine STRING');

CREATE OR REPLACE TABLE bronze.airports AS
SELECT * FROM read_files(:raw || '/airports.csv', format => 'csv', header => true);

CREATE OR REPLACE TABLE bronze.airlines AS
SELECT * FROM read_files(:raw || '/airlines.csv', format => 'csv', header => true);
