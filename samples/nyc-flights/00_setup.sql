-- The catalog and its three layers.
CREATE CATALOG IF NOT EXISTS nyc COMMENT 'Flights out of New York City in 2013';

CREATE SCHEMA IF NOT EXISTS nyc.bronze COMMENT 'The files as they came';
CREATE SCHEMA IF NOT EXISTS nyc.silver COMMENT 'Typed and cleaned';
CREATE SCHEMA IF NOT EXISTS nyc.gold COMMENT 'Answers';
