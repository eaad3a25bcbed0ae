CREATE OR REFRESH STREAMING TABLE copied AS
SELECT * FROM STREAM(core.silver.accounts) WITH ('skipChangeCommits' = 'true', 'startingVersion' = '4');
