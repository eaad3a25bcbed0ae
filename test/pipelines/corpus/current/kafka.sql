CREATE OR REFRESH STREAMING TABLE orders_raw AS
SELECT CAST(key AS STRING) AS key, CAST(value AS STRING) AS value, topic, offset, timestamp
FROM STREAM read_kafka(bootstrapServers => '${brokers}', subscribe => 'orders', startingOffsets => 'earliest');
