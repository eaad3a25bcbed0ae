CREATE STREAMING LIVE TABLE web_orders AS SELECT *, 'web' AS channel FROM cloud_files('/in/web', 'json');
CREATE STREAMING LIVE TABLE shop_orders AS SELECT *, 'shop' AS channel FROM cloud_files('/in/shop', 'csv', map('header', 'true', 'delimiter', ';'));
CREATE STREAMING LIVE TABLE orders AS
SELECT id, channel, amount FROM STREAM(LIVE.web_orders)
UNION ALL
SELECT id, channel, amount FROM STREAM(LIVE.shop_orders);
