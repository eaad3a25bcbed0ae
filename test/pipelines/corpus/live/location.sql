CREATE OR REFRESH LIVE TABLE archive
USING DELTA
LOCATION '/mnt/archive/tables/archive'
COMMENT 'Where it always was'
AS SELECT * FROM old.raw.archive;
