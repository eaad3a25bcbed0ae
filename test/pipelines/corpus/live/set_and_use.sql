SET pipelines.trigger.interval = 10 seconds;
SET first_day='2023-01-01';
CREATE STREAMING LIVE TABLE events AS SELECT * FROM STREAM(raw.events) WHERE day >= ${first_day};
SET first_day='2024-01-01';
CREATE STREAMING LIVE TABLE events_late AS SELECT * FROM STREAM(raw.events) WHERE day >= ${first_day};
