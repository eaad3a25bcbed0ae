"""Checkpoints that have the statistics of files as structs only: written and pruned by Tarn and by real Spark."""

import os
import subprocess

import pytest
from interop_support import TARN, location, tarn
from matrix_engines import leave_checkpoint

COLUMNS = "id BIGINT, s STRING, d DATE, t TIMESTAMP, n TIMESTAMP_NTZ, dec DECIMAL(12,3), f FLOAT, g DOUBLE, b BOOLEAN, " \
          "st STRUCT<x: INT, y: STRUCT<z: STRING>>, a ARRAY<INT>, p DATE"
ROWS = "SELECT id, concat(repeat('é', 40), id), date_add(DATE'2024-01-01', CAST(id AS INT)), TIMESTAMP'2024-01-01 00:00:00.123456', " \
       "TIMESTAMP_NTZ'2024-01-01 00:00:00.123456', CAST(id / 7 AS DECIMAL(12,3)), CAST(id AS FLOAT) / 10, id / 10, true, " \
       "named_struct('x', CAST(id AS INT), 'y', named_struct('z', 'q')), array(1), DATE'2024-01-01' FROM range({0}, {0} + 10)"
PROPERTIES = "'delta.checkpointInterval' = '4', 'delta.checkpoint.writeStatsAsJson' = 'false', " \
             "'delta.checkpoint.writeStatsAsStruct' = 'true'"
KINDS = {"classic": "", "mapped": ", 'delta.columnMapping.mode' = 'name'", "v2": ", 'delta.checkpointPolicy' = 'v2'"}
# Each is met in one of the files. Above a bound of a float there may be a NaN.
CONDITIONS = ["id = 105", "dec < 0.5", "st.x = 4", "g < 0.35 AND f < 0.35", "d = DATE'2024-01-04'"]


def statements(name, properties):
    return [f"CREATE TABLE {name} ({COLUMNS}) USING delta PARTITIONED BY (p) TBLPROPERTIES ({PROPERTIES}{properties})",
            *(f"INSERT INTO {name} {ROWS.format(first)}" for first in (0, 100, 200, 300))]


def files_read(home, table, condition):
    """How many files Tarn reads for a condition, by its EXPLAIN."""
    shown = subprocess.run([TARN, "sql", "--home", os.path.join(home, "lake"), "-e", f"EXPLAIN ANALYZE SELECT id FROM {table} WHERE {condition}"],
                           capture_output=True, text=True, check=True).stdout
    line = next(line for line in shown.splitlines() if "pruned by statistics" in line)
    return int(line.split("pruned by statistics, ")[1].split(" read")[0])


@pytest.mark.parametrize("kind", KINDS)
def test_sparks_struct_statistics_prune_and_are_kept(tmp_path, spark, kind):
    folder = str(tmp_path / "theirs")
    table = f"delta.`{folder}`"
    if kind == "v2":
        spark.ask(verb="run", statements=["SET spark.databricks.delta.checkpointV2.topLevelFileFormat = parquet"])
    spark.ask(verb="run", statements=statements(table, KINDS[kind]))
    assert leave_checkpoint(folder) == 4
    home = str(tmp_path / "home")
    assert [files_read(home, table, condition) for condition in CONDITIONS] == [1] * len(CONDITIONS)
    # The next checkpoint is Tarn's, of Spark's files.
    tarn(home, *(f"INSERT INTO {table} {ROWS.format(first)}" for first in (400, 500, 600, 700)))
    assert leave_checkpoint(folder) == 8
    assert files_read(home, table, "id = 105") == 1
    assert files_read(home, table, "d = DATE'2024-01-04'") == 1
    assert spark.ask(verb="run", statements=[f"SELECT count(*), sum(id) FROM {table} WHERE id < 300"])[0] == [["30", "3135"]]


@pytest.mark.parametrize("kind", KINDS)
def test_spark_prunes_by_tarns_struct_statistics(tmp_path, spark, kind):
    home = str(tmp_path / "home")
    tarn(home, *(text.replace(" USING delta", "") for text in statements("t", KINDS[kind])))
    folder = location(home, "t")
    assert leave_checkpoint(folder) == 4
    table = f"delta.`{folder}`"
    for condition in CONDITIONS:
        read, = spark.ask(verb="run", statements=[
            f"SELECT count(DISTINCT _metadata.file_name), count(*) > 0 FROM {table} WHERE {condition}"])
        assert read == [["1", "true"]], condition
    assert spark.ask(verb="files", path=folder, conditions=CONDITIONS) == [1] * len(CONDITIONS)
    assert files_read(home, "t", "id = 105") == 1
