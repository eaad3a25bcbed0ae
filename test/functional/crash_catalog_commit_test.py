"""A writer of a table whose commits the catalog arbitrates is killed at each step of a commit."""

import os
import signal
import subprocess

import pytest

from interop_support import TARN, location, tarn

FEATURES = ("catalogManaged", "tarn.catalogCommits")
#: The step after which the process dies, and whether the commit stands.
STEPS = (("delta.commit.before_put", False), ("delta.catalog_commit.after_stage", False),
         ("delta.catalog_commit.after_ratify", True), ("delta.commit.after_put", True))


def insert_and_die(home, step, value):
    run = subprocess.run([TARN, "sql", "--home", os.path.join(home, "lake"), "-e", f"INSERT INTO t VALUES ({value})"],
                         env={**os.environ, "TARN_FAULT": f"{step}=kill"}, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert run.returncode == -signal.SIGKILL, run.stderr


def ids(home, query="SELECT id FROM t ORDER BY id"):
    result, = tarn(home, query)
    return [int(row[0]) for row in result["rows"]]


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("step,stands", STEPS)
@pytest.mark.parametrize("next_is_writer", (False, True))
def test_a_killed_commit_stands_or_leaves_nothing(tmp_path, feature, step, stands, next_is_writer):
    home = str(tmp_path)
    tarn(home, f"CREATE TABLE t (id INT) TBLPROPERTIES ('delta.feature.{feature}' = 'supported')",
         "INSERT INTO t VALUES (1)")
    insert_and_die(home, step, 2)
    rows = [1, 2] if stands else [1]
    if not next_is_writer:
        assert ids(home) == rows
        assert ids(home) == rows
    tarn(home, "INSERT INTO t VALUES (3)")
    assert ids(home) == rows + [3]
    log = sorted(name for name in os.listdir(os.path.join(location(home, "t"), "_delta_log")) if name.endswith(".json"))
    assert [int(name.split(".")[0]) for name in log] == list(range(len(rows) + 2))


def test_what_is_told_the_catalog_is_also_told_other_engines(tmp_path):
    deltalake = pytest.importorskip("deltalake")
    home = str(tmp_path)
    tarn(home, "CREATE TABLE t (id INT) TBLPROPERTIES ('delta.feature.tarn.catalogCommits' = 'supported')",
         "INSERT INTO t VALUES (1)")
    folder = location(home, "t")
    insert_and_die(home, "delta.catalog_commit.after_ratify", 2)
    # Until the lake looks at the table, others read the version before: a whole one.
    assert deltalake.DeltaTable(folder).version() == 1
    assert ids(home) == [1, 2]
    assert deltalake.DeltaTable(folder).version() == 2
