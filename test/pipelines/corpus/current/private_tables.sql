CREATE OR REFRESH PRIVATE STREAMING TABLE staging AS SELECT * FROM STREAM read_files('/in', format => 'avro');
CREATE OR REFRESH PRIVATE MATERIALIZED VIEW helper AS SELECT key, max(at) AS last FROM staging GROUP BY key;
CREATE OR REFRESH MATERIALIZED VIEW latest AS SELECT s.* FROM staging s JOIN helper h ON s.key = h.key AND s.at = h.last;
