CREATE OR REFRESH STREAMING TABLE bronze_orders
COMMENT 'Order files as they land'
TBLPROPERTIES ('quality' = 'bronze')
CLUSTER BY (order_date)
AS SELECT *, _metadata.file_path AS source_file, _metadata.file_modification_time AS source_time
FROM STREAM read_files(
  '/Volumes/shop/landing/orders/',
  format => 'json',
  schemaHints => 'order_date DATE, amount DECIMAL(10, 2)',
  schemaEvolutionMode => 'addNewColumns',
  rescuedDataColumn => '_rescued_data',
  maxFilesPerTrigger => 100
);
