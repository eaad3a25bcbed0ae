CREATE OR REFRESH STREAMING TABLE everything AS
SELECT * FROM STREAM read_files(
  's3://bucket/${env}/in/{a,b}/*',
  format => 'csv', header => 'true', delimiter => ';', quote => "'", escape => '!', nullValue => 'NA',
  encoding => 'ISO-8859-1', multiLine => false, dateFormat => 'dd.MM.yyyy',
  includeExistingFiles => true, allowOverwrites => false, pathGlobFilter => '*.csv.gz',
  modifiedAfter => '2024-01-01T00:00:00', partitionColumns => 'year,month', inferColumnTypes => true,
  cleanSource => 'OFF', ignoreCorruptFiles => false
);
