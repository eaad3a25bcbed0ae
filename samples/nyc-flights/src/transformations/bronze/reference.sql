-- Small registers that are delivered whole: read anew at each update.
CREATE OR REFRESH MATERIALIZED VIEW bronze.planes
COMMENT 'The register of aircraft'
AS SELECT * FROM read_files('${landing}/reference/planes.csv', format => 'csv', header => true);

CREATE OR REFRESH MATERIALIZED VIEW bronze.airlines
AS SELECT * FROM read_files('${landing}/reference/airlines.csv', format => 'csv', header => true);

CREATE OR REFRESH MATERIALIZED VIEW bronze.airports
AS SELECT * FROM read_files('${landing}/reference/airports.csv', format => 'csv', header => true);
