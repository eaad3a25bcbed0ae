CREATE OR REFRESH STREAMING TABLE stations
AS SELECT * FROM STREAM read_files('${landing}/stations', format => 'csv', header => true, sep => '|', mode => 'FAILFAST',
  schema => 'id INT, name STRING, opened DATE');
