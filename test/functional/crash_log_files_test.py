"""What is written beside a commit (checksum, compacted log files) and a shallow clone: killed there, nothing is wrong."""

import os
import subprocess

import pytest

from interop_support import TARN, location, tarn

KILLED = -9


def run_and_die(home, fault, statement):
    done = subprocess.run([TARN, "sql", "--home", os.path.join(home, "lake"), "-e", statement], cwd=home,
                          env={**os.environ, "TARN_FAULT": f"{fault}=kill@1"}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    assert done.returncode == KILLED, done.stderr


def count(home, table):
    return tarn(home, f"SELECT count(*) FROM {table}")[0]["rows"][0][0]


@pytest.mark.parametrize("point, file", [("delta.checksum.before_write", "{:020}.crc"),
                                         ("delta.log_compaction.before_put", "{:020}.{:020}.compacted.json")])
def test_killed_after_the_commit(tmp_path, point, file):
    home = str(tmp_path)
    tarn(home, "CREATE TABLE t (id INT) TBLPROPERTIES ('tarn.logCompactionInterval' = '2', 'delta.checkpointInterval' = '100')",
         "INSERT INTO t VALUES (1)")
    run_and_die(home, point, "INSERT INTO t VALUES (2)")
    log = os.path.join(location(home, "t"), "_delta_log")
    assert not os.path.exists(os.path.join(log, file.format(1, 2) if "compacted" in file else file.format(2)))
    assert count(home, "t") == "2"
    tarn(home, "INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (4)", "FSCK REPAIR TABLE t DRY RUN")
    assert os.path.exists(os.path.join(log, file.format(3, 4) if "compacted" in file else file.format(4)))
    assert count(home, "t") == "4"


def test_a_shallow_clone_killed_in_the_middle(tmp_path):
    home = str(tmp_path)
    tarn(home, "CREATE TABLE t (id INT) TBLPROPERTIES ('delta.targetFileSize' = '100mb')",
         "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "CREATE TABLE c SHALLOW CLONE t", "INSERT INTO t VALUES (3)")
    for fault in ("clone.before_share", "delta.commit.before_put"):
        run_and_die(home, fault, "CREATE OR REPLACE TABLE c SHALLOW CLONE t")
        run_and_die(home, fault, "CREATE TABLE d SHALLOW CLONE t")
        assert (count(home, "c"), count(home, "t")) == ("2", "3")
    tarn(home, "CREATE OR REPLACE TABLE c SHALLOW CLONE t", "CREATE TABLE d SHALLOW CLONE t", "DROP TABLE t",
         "FSCK REPAIR TABLE c DRY RUN")
    assert (count(home, "c"), count(home, "d")) == ("3", "3")
