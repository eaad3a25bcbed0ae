CREATE OR REFRESH STREAMING TABLE shared AS
SELECT * FROM STREAM read_files('${protected_path}', format => 'json');

CREATE OR REFRESH MATERIALIZED VIEW open_part AS SELECT 1 AS n;
