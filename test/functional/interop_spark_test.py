"""Tables of real Spark with Delta in Tarn, tables of Tarn in Spark, and appends in both directions."""

import os

import pytest
from interop_deltalake_test import TARN_TABLES, make
from interop_support import TarnError, delta_rs, location, same_rows, tarn, tarn_table
from spark_side import TABLES

# deltalake 1.6.6 can't read these; Tarn's answer is compared with Spark's alone.
NOT_IN_DELTA_RS = {"deletion_vectors", "mapped_by_name", "mapped_by_id", "checkpoint_v2", "partition_types", "widened",
                   "odd path é %20 #1"}
# Tarn appends all rows of the table to it; "constrained" is left as the tests of its constraints need it.
APPENDABLE = [name for name in TABLES if name != "constrained"]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory, spark):
    """What Spark wrote, as Spark reads it: {name: {path, columns, rows, history, partition columns}}."""
    paths = spark.ask(verb="write", folder=str(tmp_path_factory.mktemp("spark")))
    found = spark.ask(verb="read", paths=list(paths.values()))
    return {name: {"path": path, **found[path]} for name, path in paths.items()}


@pytest.mark.parametrize("name", TABLES)
def test_tarn_reads_what_spark_wrote(tmp_path, theirs, name):
    home, table = str(tmp_path), theirs[name]
    tarn(home, f"CREATE TABLE ext USING DELTA LOCATION '{table['path']}'")
    ours = tarn_table(home, "ext")
    assert ours["columns"] == table["columns"]
    assert ours["partition_columns"] == table["partition_columns"]
    same_rows(ours["rows"], table["rows"])
    assert ours["history"] == table["history"]


@pytest.mark.parametrize("name", [n for n in TABLES if n not in NOT_IN_DELTA_RS])
def test_all_three_readers_agree(theirs, name):
    same_rows(delta_rs(theirs[name]["path"])["rows"], theirs[name]["rows"])


@pytest.mark.parametrize("name", ["deletion_vectors", "checkpointed", "checkpoint_v2"])
def test_tarn_reads_each_version_of_what_spark_wrote(tmp_path, spark, theirs, name):
    path = theirs[name]["path"]
    versions = spark.ask(verb="versions", path=path)
    ours = tarn(str(tmp_path), *(f"SELECT * FROM delta.`{path}` VERSION AS OF {v}" for v in versions))
    for (version, rows), result in zip(versions.items(), ours):
        same_rows(result["rows"], rows)


@pytest.fixture(scope="module")
def appended(tmp_path_factory, spark, theirs):
    """Tarn appends to the tables of Spark; then Spark reads them again."""
    home = str(tmp_path_factory.mktemp("home"))
    failures = {}
    for i, name in enumerate(APPENDABLE):
        try:
            tarn(home, f"CREATE TABLE ext{i} USING DELTA LOCATION '{theirs[name]['path']}'",
                 f"INSERT INTO ext{i} SELECT * FROM ext{i}")
        except TarnError as error:
            failures[name] = error
    found = spark.ask(verb="read", paths=[theirs[n]["path"] for n in APPENDABLE])
    return {os.path.basename(p): t for p, t in found.items()}, failures


@pytest.mark.parametrize("name", APPENDABLE)
def test_spark_reads_back_what_tarn_appended(theirs, appended, name):
    after, failures = appended
    if name in failures:
        raise failures[name]
    before = theirs[name]
    assert after[name]["columns"] == before["columns"]
    same_rows(after[name]["rows"], before["rows"] * 2)
    assert after[name]["history"] == before["history"] + [[len(before["history"]), "WRITE"]]


@pytest.mark.parametrize("statement,condition", [
    ("INSERT INTO ext (id, v) VALUES (2, 500)", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"),
    ("INSERT INTO ext (id, v) VALUES (NULL, 5)", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED"),
    ("INSERT INTO ext (id, v, twice) VALUES (2, 5, 11)", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"),
])
def test_tarn_enforces_what_spark_declared(tmp_path, theirs, statement, condition):
    home = str(tmp_path)
    tarn(home, f"CREATE TABLE ext USING DELTA LOCATION '{theirs['constrained']['path']}'")
    with pytest.raises(TarnError) as error:
        tarn(home, statement)
    assert error.value.condition == condition


def test_tarn_deletes_nothing_from_an_append_only_table(tmp_path, theirs):
    home = str(tmp_path)
    tarn(home, f"CREATE TABLE ext USING DELTA LOCATION '{theirs['appended_only']['path']}'")
    with pytest.raises(TarnError) as error:
        tarn(home, "DELETE FROM ext WHERE id = 1")
    assert error.value.condition == "DELTA_CANNOT_MODIFY_APPEND_ONLY"


@pytest.fixture(scope="module")
def ours(tmp_path_factory, spark):
    """What Tarn wrote, as Tarn and Spark read it, and again after Spark has appended all rows."""
    home, tables = str(tmp_path_factory.mktemp("ours")), {}
    for name in TARN_TABLES:
        table = make(home, name)
        tables[name] = {"path": location(home, table), "tarn": tarn_table(home, table)}
    paths = [t["path"] for t in tables.values()]
    found = spark.ask(verb="read", paths=paths)
    checksums = spark.ask(verb="checksum", paths=paths)
    spark.ask(verb="append", paths=paths)
    for name, table in tables.items():
        table["checksum"] = checksums[table["path"]]
        table["spark"] = found[table["path"]]
        table["appended"] = tarn_table(home, f"t_{name}")
    return tables


@pytest.mark.parametrize("name", TARN_TABLES)
def test_spark_reads_what_tarn_wrote(ours, name):
    spark, own = ours[name]["spark"], ours[name]["tarn"]
    assert spark["columns"] == own["columns"]
    assert spark["partition_columns"] == own["partition_columns"]
    same_rows(spark["rows"], own["rows"])
    assert spark["history"] == own["history"]


@pytest.mark.parametrize("name", TARN_TABLES)
def test_spark_finds_the_checksums_of_tarn_right(ours, name):
    assert ours[name]["checksum"] == "right"


@pytest.mark.parametrize("name", TABLES)
def test_tarn_finds_the_checksums_of_spark_right(tmp_path, theirs, name):
    home, log = str(tmp_path), os.path.join(theirs[name]["path"], "_delta_log")
    last = max(f for f in os.listdir(log) if f.endswith(".json") and "." not in f[:20])
    assert os.path.exists(os.path.join(log, last[:20] + ".crc"))
    tarn(home, f"CREATE TABLE ext USING DELTA LOCATION '{theirs[name]['path']}'", "FSCK REPAIR TABLE ext DRY RUN")


@pytest.mark.parametrize("name", TARN_TABLES)
def test_tarn_reads_what_spark_appended_to_its_tables(ours, name):
    before, after = ours[name]["tarn"], ours[name]["appended"]
    assert after["columns"] == before["columns"]
    same_rows(after["rows"], before["rows"] * 2)


def test_a_shallow_clone_of_spark_is_refused(tmp_path, spark, theirs):
    """Its log names files of another table by absolute paths."""
    clone, home = str(tmp_path / "clone"), str(tmp_path / "home")
    spark.ask(verb="run", statements=[f"CREATE TABLE delta.`{clone}` SHALLOW CLONE delta.`{theirs['checkpointed']['path']}`"])
    for statement in (f"SELECT * FROM delta.`{clone}`", f"CREATE TABLE again SHALLOW CLONE delta.`{clone}`"):
        with pytest.raises(TarnError) as error:
            tarn(home, statement)
        assert error.value.condition == "DELTA_PATH_OUTSIDE_TABLE"
