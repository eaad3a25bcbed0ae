-- From a table that is there before: each row once.
CREATE STREAMING TABLE views AS
SELECT visitor, lower(item) AS item FROM STREAM page_views WHERE visitor > 0;

CREATE STREAMING TABLE robots;

CREATE FLOW robots_in AS
INSERT INTO robots BY NAME
SELECT visitor, item FROM STREAM(page_views) WHERE visitor <= 0;
