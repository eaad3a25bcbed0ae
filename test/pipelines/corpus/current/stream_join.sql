CREATE OR REFRESH STREAMING TABLE enriched AS
SELECT e.id, e.at, c.name, coalesce(c.segment, 'none') AS segment
FROM STREAM(web.raw.events) AS e
LEFT JOIN crm.core.customers AS c ON e.customer_id = c.id
WHERE e.kind <> 'heartbeat';
