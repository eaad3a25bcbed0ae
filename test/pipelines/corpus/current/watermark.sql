CREATE OR REFRESH STREAMING TABLE per_minute AS
SELECT window.start AS minute, count(*) AS n
FROM STREAM(web.raw.events) WATERMARK at DELAY OF INTERVAL 3 MINUTES
GROUP BY window(at, '1 minute');
