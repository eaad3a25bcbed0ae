CREATE OR REFRESH STREAMING TABLE bronze.weather
COMMENT 'Hourly readings at the three airports, as they came'
TBLPROPERTIES ('quality' = 'bronze')
AS SELECT *
FROM STREAM read_files(
  '${landing}/weather',
  format => 'csv',
  header => true,
  schemaHints => 'temp STRING, dewp STRING, humid STRING, wind_dir STRING, wind_speed STRING, wind_gust STRING,
                  precip STRING, pressure STRING, visib STRING, time_hour TIMESTAMP'
);
