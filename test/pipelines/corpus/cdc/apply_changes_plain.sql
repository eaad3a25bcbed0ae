CREATE OR REFRESH STREAMING TABLE stock;
APPLY CHANGES INTO stock FROM stream(erp.raw.stock_moves) KEYS (article) SEQUENCE BY moved_at;
