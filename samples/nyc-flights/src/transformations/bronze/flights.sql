-- Flights as they land: each drop is read once, late files too. A missing value is still the text 'NA',
-- so the columns that have it are hinted as text; all other types are inferred. From July on the files
-- have two columns more, which are taken up.
CREATE OR REFRESH STREAMING TABLE bronze.flights (
  CONSTRAINT readable EXPECT (_rescued_data IS NULL)
)
COMMENT 'One row per scheduled departure, as it came'
TBLPROPERTIES ('quality' = 'bronze')
AS SELECT *
FROM STREAM read_files(
  '${landing}/flights',
  format => 'csv',
  header => true,
  schemaHints => 'dep_time STRING, dep_delay STRING, arr_time STRING, arr_delay STRING, air_time STRING,
                  tailnum STRING, time_hour TIMESTAMP',
  schemaEvolutionMode => 'addNewColumns',
  rescuedDataColumn => '_rescued_data'
);
