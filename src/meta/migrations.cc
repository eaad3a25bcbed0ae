#include "migrations.h"

namespace tarn::meta {

const char* const kMigrations[] = {
    R"sql(
CREATE TABLE securables (
  id TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL
    CHECK (kind IN ('metastore', 'catalog', 'schema', 'table', 'view', 'volume', 'function')),
  parent_id TEXT REFERENCES securables (id),
  space TEXT NOT NULL,
  name TEXT NOT NULL,
  folded_name TEXT NOT NULL,
  owner TEXT NOT NULL,
  comment TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_us INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  properties TEXT NOT NULL,
  location TEXT,
  details TEXT NOT NULL,
  dropped_us INTEGER,
  dropped_by TEXT
) STRICT;
CREATE UNIQUE INDEX securables_by_name ON securables (parent_id, space, folded_name)
  WHERE dropped_us IS NULL;
CREATE INDEX securables_by_parent ON securables (parent_id);
CREATE INDEX securables_dropped ON securables (dropped_us) WHERE dropped_us IS NOT NULL;
CREATE INDEX securables_located ON securables (location) WHERE location IS NOT NULL;

CREATE TABLE intents (
  id TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('create', 'purge')),
  securable_id TEXT NOT NULL,
  location TEXT NOT NULL,
  lease TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
)sql",
    R"sql(
CREATE TABLE table_commits (
  table_id TEXT PRIMARY KEY NOT NULL REFERENCES securables (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  staged_file TEXT NOT NULL,
  ratified_us INTEGER NOT NULL
) STRICT;
)sql",
};

}  // namespace tarn::meta
