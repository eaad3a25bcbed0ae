CREATE OR REFRESH STREAMING LIVE TABLE users_raw
AS SELECT * FROM cloud_files("/landing/users", "json", map("cloudFiles.schemaHints", "id BIGINT, changed TIMESTAMP"));

CREATE OR REFRESH STREAMING LIVE TABLE users;

APPLY CHANGES INTO LIVE.users
FROM STREAM(LIVE.users_raw)
KEYS (id)
APPLY AS DELETE WHEN operation = "DELETE"
SEQUENCE BY changed
COLUMNS * EXCEPT (operation, _rescued_data)
STORED AS SCD TYPE 1;
