"""A transaction over two tables is killed at each step of its commit: both tables have it, or none."""

import os
import signal
import subprocess

import pytest

from interop_support import TARN, location, tarn

TABLE = "(id INT, n INT) TBLPROPERTIES ('delta.feature.{feature}' = 'supported')"
TRANSFER = "BEGIN ATOMIC UPDATE a SET n = n - 1; UPDATE b SET n = n + 1; INSERT INTO b VALUES (2, 0); END"
#: The step after which the process dies, which time it comes by, and whether the commit stands.
STEPS = (("delta.commit.before_put", 1, False), ("delta.commit.before_put", 3, False),
         ("delta.catalog_commit.after_stage", 1, False), ("delta.catalog_commit.after_ratify", 1, True),
         ("delta.catalog_commit.between_publishes", 1, True))


def transfer_and_die(home, step, time):
    run = subprocess.run([TARN, "sql", "--home", os.path.join(home, "lake"), "-e", TRANSFER],
                         env={**os.environ, "TARN_FAULT": f"{step}=kill@{time}"}, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert run.returncode == -signal.SIGKILL, run.stderr


def balances(home, *order):
    return {table: [[int(value) for value in row] for row in result["rows"]] for table, result in
            zip(order, tarn(home, *(f"SELECT id, n FROM {table} ORDER BY id" for table in order)))}


@pytest.mark.parametrize("feature", ("catalogManaged", "tarn.catalogCommits"))
@pytest.mark.parametrize("step,time,stands", STEPS)
@pytest.mark.parametrize("order", ("ab", "ba"))
def test_a_killed_transaction_stands_in_all_tables_or_in_none(tmp_path, feature, step, time, stands, order):
    home = str(tmp_path)
    for table, value in (("a", 100), ("b", 0)):
        tarn(home, f"CREATE TABLE {table} {TABLE.format(feature=feature)}", f"INSERT INTO {table} VALUES (1, {value})")
    transfer_and_die(home, step, time)
    expected = {"a": [[1, 99]], "b": [[1, 1], [2, 0]]} if stands else {"a": [[1, 100]], "b": [[1, 0]]}
    assert balances(home, *order) == expected
    assert balances(home, *order) == expected
    # And whoever goes on finds nothing in his way.
    tarn(home, TRANSFER)
    assert balances(home, "a") == {"a": [[1, 98 if stands else 99]]}
    for table in "ab":
        log = [name for name in os.listdir(os.path.join(location(home, table), "_delta_log")) if name.endswith(".json")]
        assert sorted(int(name.split(".")[0]) for name in log) == list(range(4 if stands else 3))


def test_a_transaction_of_one_table_that_dies_leaves_nothing(tmp_path):
    home = str(tmp_path)
    tarn(home, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)")
    # The third put is the real one: two pending versions come before.
    run = subprocess.run([TARN, "sql", "--home", os.path.join(home, "lake"), "-e",
                          "BEGIN; INSERT INTO t VALUES (2); DELETE FROM t WHERE id = 1; COMMIT"],
                         env={**os.environ, "TARN_FAULT": "delta.commit.before_put=kill@3"}, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert run.returncode == -signal.SIGKILL, run.stderr
    result, = tarn(home, "SELECT id FROM t")
    assert result["rows"] == [["1"]]


def test_transfers_by_several_processes_keep_the_sum(tmp_path):
    """Of which some die on the way."""
    home = str(tmp_path)
    for table, value in (("a", 100), ("b", 0)):
        tarn(home, f"CREATE TABLE {table} {TABLE.format(feature='catalogManaged')}",
             f"INSERT INTO {table} VALUES (1, {value})")
    transfer = "BEGIN ATOMIC UPDATE a SET n = n - 1; UPDATE b SET n = n + 1; END"
    faults = ("", "delta.catalog_commit.after_ratify=kill@3", "delta.catalog_commit.after_stage=kill@4",
              "delta.catalog_commit.between_publishes=kill@2")
    processes = [subprocess.Popen([TARN, "sql", "--home", os.path.join(home, "lake"), "--keep-going", "--output", "jsonl",
                                   "-e", ";".join([transfer] * 8)],
                                  env={**os.environ, "TARN_FAULT": fault}, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for fault in faults]
    seen = []
    while any(process.poll() is None for process in processes):
        seen.append(sum(balances(home, "a")["a"][0]))
    for process, fault in zip(processes, faults):
        errors = [line for line in process.stderr.read().splitlines() if line.startswith("error")]
        assert all("DELTA_CONCURRENT" in line for line in errors), errors
        process.stderr.close()
        # One that met a conflict each time never came to where it was to die.
        assert process.returncode in ((0, 1) if not fault else (0, 1, -signal.SIGKILL))
    assert seen == sorted(seen, reverse=True)
    after = balances(home, "a", "b")
    assert after["a"][0][1] + after["b"][0][1] == 100
    assert after["b"][0][1] >= 8
