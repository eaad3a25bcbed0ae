"""Tables of real Spark with Delta in Tarn, tables of Tarn in Spark, and appends in both directions.

Needs the Spark environment (`./dev need spark`): TARN_SPARK_PYTHON and TARN_DELTA_JARS, or what ./dev
made; without it these tests are skipped.
"""

import json
import os
import subprocess

import pytest
from interop_deltalake_test import TARN_TABLES, location
from interop_support import ROOT, TarnError, delta_rs, sorted_rows, tarn
from spark_side import TABLES

PYTHON = os.environ.get("TARN_SPARK_PYTHON", os.path.join(ROOT, ".deps", "venv-spark", "bin", "python"))
JARS = os.environ.get("TARN_DELTA_JARS", os.path.join(ROOT, ".deps", "delta-jars"))
pytestmark = pytest.mark.skipif(not (os.path.exists(PYTHON) and os.path.isdir(JARS)),
                                reason="no Spark environment: ./dev need spark")

# deltalake 1.6.6 can't read these; Tarn's answer is compared with Spark's alone.
NOT_IN_DELTA_RS = {"deletion_vectors", "mapped_by_name", "mapped_by_id", "checkpoint_v2", "partition_types",
                   "odd path é %20 #1"}
APPENDABLE = {
    "types": "INSERT INTO ext SELECT * FROM ext",
    "partitioned": "INSERT INTO ext SELECT * FROM ext",
    "partition_types": "INSERT INTO ext SELECT * FROM ext",
    "checkpointed": "INSERT INTO ext SELECT * FROM ext",
    "mapped_by_name": "INSERT INTO ext SELECT * FROM ext",
    "mapped_by_id": "INSERT INTO ext SELECT * FROM ext",
    "added_column": "INSERT INTO ext SELECT * FROM ext",
    "odd path é %20 #1": "INSERT INTO ext SELECT * FROM ext",
    "appended_only": "INSERT INTO ext SELECT * FROM ext",
}


def spark_side(*arguments):
    run = subprocess.run([PYTHON, os.path.join(os.path.dirname(__file__), "spark_side.py"), *arguments],
                         env={**os.environ, "TARN_DELTA_JARS": JARS}, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, timeout=900)
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """What Spark wrote, as Spark reads it: {name: {path, columns, rows, history}}."""
    folder = str(tmp_path_factory.mktemp("spark"))
    found = spark_side("write", folder)
    return {os.path.basename(path): {"path": path, **table} for path, table in found.items()}


@pytest.mark.parametrize("name", TABLES)
def test_tarn_reads_what_spark_wrote(tmp_path, theirs, name):
    table = theirs[name]
    ours, history = tarn(str(tmp_path), f"SELECT * FROM delta.`{table['path']}`",
                         f"DESCRIBE HISTORY delta.`{table['path']}`")
    assert [(c["name"], c["type"]) for c in ours["columns"]] == [(c["name"], c["type"]) for c in table["columns"]]
    assert sorted_rows(ours["rows"]) == sorted_rows(table["rows"])
    names = [c["name"] for c in history["columns"]]
    version, operation = names.index("version"), names.index("operation")
    assert sorted([int(r[version]), r[operation]] for r in history["rows"]) == table["history"]


@pytest.mark.parametrize("name", [n for n in TABLES if n not in NOT_IN_DELTA_RS])
def test_all_three_readers_agree(theirs, name):
    assert sorted_rows(delta_rs(theirs[name]["path"])["rows"]) == sorted_rows(theirs[name]["rows"])


def test_tarn_reads_older_versions_of_what_spark_wrote(tmp_path, theirs):
    path = theirs["deletion_vectors"]["path"]
    counts = tarn(str(tmp_path), *(f"SELECT count(*) FROM delta.`{path}` VERSION AS OF {v}" for v in range(6)))
    assert [r["rows"] for r in counts] == [[[n]] for n in ("0", "1000", "666", "652", "652", "651")]


@pytest.fixture(scope="module")
def appended(tmp_path_factory, theirs):
    """Tarn appends to the tables of Spark; then Spark reads them again."""
    home = str(tmp_path_factory.mktemp("home"))
    failures = {}
    for i, (name, insert) in enumerate(APPENDABLE.items()):
        path = theirs[name]["path"]
        try:
            tarn(home, f"CREATE TABLE ext{i} USING DELTA LOCATION '{path}'",
                 insert.replace("INTO ext", f"INTO ext{i}").replace("FROM ext", f"FROM ext{i}"))
        except TarnError as error:
            failures[name] = error
    found = spark_side("read", *(theirs[n]["path"] for n in APPENDABLE))
    return {os.path.basename(p): t for p, t in found.items()}, failures


@pytest.mark.parametrize("name", APPENDABLE)
def test_spark_reads_back_what_tarn_appended(theirs, appended, name):
    after, failures = appended
    if name in failures:
        raise failures[name]
    before = theirs[name]
    assert after[name]["columns"] == before["columns"]
    assert sorted_rows(after[name]["rows"]) == sorted_rows(before["rows"] * 2)
    assert len(after[name]["history"]) == len(before["history"]) + 1


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
def ours(tmp_path_factory):
    """What Tarn wrote, as Spark reads it."""
    home, tables = str(tmp_path_factory.mktemp("ours")), {}
    for name, statements in TARN_TABLES.items():
        tarn(home, *(s.replace("{t}", f"t_{name}") for s in statements))
        tables[name] = {"path": location(home, f"t_{name}"), "tarn": tarn(home, f"SELECT * FROM t_{name}")[0]}
    found = spark_side("read", *(t["path"] for t in tables.values()))
    for table in tables.values():
        table["spark"] = found[table["path"]]
    return tables


@pytest.mark.parametrize("name", TARN_TABLES)
def test_spark_reads_what_tarn_wrote(ours, name):
    table = ours[name]
    spark, own = table["spark"], table["tarn"]
    assert [(c["name"], c["type"]) for c in spark["columns"]] == [(c["name"], c["type"]) for c in own["columns"]]
    assert sorted_rows(spark["rows"]) == sorted_rows(own["rows"])
    if name == "types":
        assert [c["nullable"] for c in spark["columns"]] == [False] + [True] * 15
