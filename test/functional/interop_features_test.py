"""Table features that change how rows are stored: written by Tarn, read and changed by real Spark, and back."""

import pytest
from interop_support import location, same_rows, tarn

FEED = "'delta.enableChangeDataFeed' = 'true'"
VECTORS = "'delta.enableDeletionVectors' = 'true'"
MAPPED = "'delta.columnMapping.mode' = 'name'"
TRACKED = "'delta.enableRowTracking' = 'true'"

# name: how Tarn makes table t, then what Spark does to it, then what Tarn does again.
TABLES = {
    "deletion_vectors": (
        [f"CREATE TABLE t (id BIGINT, v STRING) TBLPROPERTIES ({FEED}, {VECTORS})",
         "INSERT INTO t SELECT id, concat('v', id) FROM range(100000)",
         "DELETE FROM t WHERE id % 100 = 7",
         "DELETE FROM t WHERE id = 50",
         "UPDATE t SET v = 'x' WHERE id % 1000 = 8",
         "MERGE INTO t USING (SELECT id, 'm' AS v FROM range(99990, 100010)) s ON t.id = s.id "
         "WHEN MATCHED AND s.id = 99995 THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"],
        ["DELETE FROM {t} WHERE id % 100 = 9", "UPDATE {t} SET v = 's' WHERE id = 60",
         "DELETE FROM {t} WHERE id = 60 OR id = 61"],
        ["DELETE FROM t WHERE id IN (62, 63)", "UPDATE t SET v = 't' WHERE id = 64", "OPTIMIZE t",
         "RESTORE TABLE t TO VERSION AS OF 4"]),
    "change_feed": (
        [f"CREATE TABLE t (id INT, v STRING, p INT) PARTITIONED BY (p) TBLPROPERTIES ({FEED})",
         "INSERT INTO t VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 1), (4, 'd', 1), (5, NULL, NULL)",
         "UPDATE t SET v = upper(v) WHERE id IN (2, 3)", "DELETE FROM t WHERE id = 4",
         "INSERT INTO t REPLACE WHERE p = 0 SELECT 6, 'r', 0"],
        ["UPDATE {t} SET v = 'u', p = 7 WHERE id = 3", "DELETE FROM {t} WHERE id = 5"],
        ["UPDATE t SET v = 'again' WHERE id = 3", "INSERT OVERWRITE t VALUES (9, 'o', 9)"]),
    "mapped_feed": (
        [f"CREATE TABLE t (id INT, `c d` STRING) TBLPROPERTIES ({FEED}, {MAPPED})",
         "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
         "UPDATE t SET `c d` = 'z' WHERE id = 2"],
        ["UPDATE {t} SET `c d` = 'w' WHERE id = 1"],
        ["DELETE FROM t WHERE id = 1"]),
    "clustering": (
        ["CREATE TABLE t (a INT, b INT, s STRUCT<x: INT>) CLUSTER BY (a, s.x)",
         "INSERT INTO t SELECT id % 7, id, named_struct('x', -id) FROM range(1000)",
         "INSERT INTO t SELECT id % 7, id, named_struct('x', -id) FROM range(1000)", "OPTIMIZE t"],
        ["OPTIMIZE {t}", "INSERT INTO {t} VALUES (1, 1, named_struct('x', 1))", "OPTIMIZE {t}"],
        ["INSERT INTO t VALUES (2, 2, NULL)", "OPTIMIZE t", "OPTIMIZE t FULL"]),
    "row_tracking": (
        [f"CREATE TABLE t (id BIGINT, v STRING) TBLPROPERTIES ({TRACKED})",
         "INSERT INTO t SELECT id, concat('v', id) FROM range(0, 100, 1, 1)", "INSERT INTO t VALUES (100, 'w')",
         "UPDATE t SET v = 'x' WHERE id % 10 = 8", "DELETE FROM t WHERE id = 5"],
        ["UPDATE {t} SET v = 's' WHERE id % 10 = 7", "INSERT INTO {t} VALUES (200, 'spark')",
         "MERGE INTO {t} t USING (SELECT id FROM range(95, 105)) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 'm' "
         "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 'n')", "OPTIMIZE {t}"],
        ["UPDATE t SET v = 't' WHERE id = 1",
         "MERGE INTO t USING (SELECT id FROM range(90, 110)) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 'o' "
         "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 'p')", "OPTIMIZE t", "INSERT INTO t VALUES (300, 'last')"]),
    "row_tracking_later": (
        [f"CREATE TABLE t (id INT, v INT) TBLPROPERTIES ({VECTORS}, {MAPPED})", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
         f"ALTER TABLE t SET TBLPROPERTIES ({TRACKED})", "UPDATE t SET v = 20 WHERE id = 2"],
        ["UPDATE {t} SET v = 30 WHERE id = 3", "INSERT INTO {t} VALUES (5, 5)"],
        ["DELETE FROM t WHERE id = 1", "REORG TABLE t APPLY (PURGE)", "INSERT INTO t VALUES (6, 6)"]),
    "in_commit_timestamps_later": (
        ["CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)",
         "ALTER TABLE t SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')", "INSERT INTO t VALUES (2)"],
        ["INSERT INTO {t} VALUES (3)"], ["INSERT INTO t VALUES (4)"]),
    "v2_checkpoints": (
        ["CREATE TABLE t (id INT) TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2')",
         "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)", "DELETE FROM t WHERE id = 1"],
        ["INSERT INTO {t} VALUES (4)", "INSERT INTO {t} VALUES (5)", "DELETE FROM {t} WHERE id = 2"],
        ["INSERT INTO t VALUES (6)", "ALTER TABLE t DROP FEATURE v2Checkpoint", "INSERT INTO t VALUES (7)"]),
    "dropped_features": (
        [f"CREATE TABLE t (id INT, v INT) TBLPROPERTIES ({VECTORS}, {MAPPED}, 'delta.enableTypeWidening' = 'true')",
         "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (4, 4)", "DELETE FROM t WHERE id = 1",
         "ALTER TABLE t ALTER COLUMN v TYPE BIGINT", "ALTER TABLE t DROP FEATURE deletionVectors",
         "ALTER TABLE t DROP FEATURE columnMapping", "ALTER TABLE t DROP FEATURE typeWidening"],
        ["DELETE FROM {t} WHERE id = 2", "INSERT INTO {t} VALUES (5, 5)"], ["UPDATE t SET v = 6 WHERE id = 5"]),
    "vacuumed": (
        ["CREATE TABLE t (id INT, v INT)", "INSERT INTO t SELECT id, id FROM range(10)", "DELETE FROM t WHERE id < 5",
         "SET spark.databricks.delta.retentionDurationCheck.enabled = false", "VACUUM t RETAIN 0 HOURS"],
        ["INSERT INTO {t} VALUES (100, 100)"], ["UPDATE t SET v = 0 WHERE id = 9"]),
}


def feed(name):
    return FEED in TABLES[name][0][0]


def columns(name):
    """What is asked of the table: with row tracking each row's id and version, too."""
    return "*, _metadata.row_id, _metadata.row_commit_version" if name.startswith("row_tracking") else "*"


def spark_sees(spark, path, name):
    """Rows, and changes since version 1 where the table has a feed."""
    statements = [f"SELECT {columns(name)} FROM delta.`{path}`"]
    if feed(name):
        statements.append(f"SELECT * EXCEPT (_commit_timestamp) FROM table_changes_by_path('{path}', 1)")
    return spark.ask(verb="run", statements=statements)


def tarn_sees(home, name):
    statements = [f"SELECT {columns(name)} FROM t"]
    if feed(name):
        statements.append("SELECT * EXCEPT (_commit_timestamp) FROM table_changes('t', 1)")
    return [result["rows"] for result in tarn(home, *statements)]


def assert_same(home, spark, path, name):
    for ours, theirs in zip(tarn_sees(home, name), spark_sees(spark, path, name), strict=True):
        same_rows(ours, theirs)


@pytest.mark.parametrize("name", TABLES)
def test_spark_and_tarn_agree_after_each_others_changes(tmp_path, spark, name):
    home = str(tmp_path)
    ours, theirs, again = TABLES[name]
    tarn(home, *ours)
    path = location(home, "t")
    assert_same(home, spark, path, name)
    spark.ask(verb="run", statements=[s.replace("{t}", f"delta.`{path}`") for s in theirs])
    assert_same(home, spark, path, name)
    tarn(home, *again)
    assert_same(home, spark, path, name)
