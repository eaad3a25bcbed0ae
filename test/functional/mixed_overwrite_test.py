"""Why Spark needs a lock of its own beside other writers: its store for local files looks whether a version is there,
and then renames onto it. What another process puts in between is overwritten, though it was acknowledged."""

import os
import subprocess
import threading
import time

import pytest
from conftest import JARS, PYTHON
from interop_support import ROOT, Spark, tarn

SLOW = os.path.join(ROOT, "test", "functional", "slow_rename.c")


@pytest.fixture
def slow_spark(tmp_path, monkeypatch, spark):
    """A Spark whose first rename onto version 1 of a log takes its time; `sign` appears when it begins."""
    library, sign = str(tmp_path / "slow.so"), str(tmp_path / "sign")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, SLOW, "-ldl"], check=True)
    monkeypatch.setenv("LD_PRELOAD", library)
    monkeypatch.setenv("SLOW_RENAME_SIGN", sign)
    slow = Spark(PYTHON, JARS)
    monkeypatch.undo()
    yield slow, sign
    slow.stop()


def test_spark_without_the_lock_overwrites_an_acknowledged_version(tmp_path, slow_spark):
    slow, sign = slow_spark
    home, path = str(tmp_path / "home"), str(tmp_path / "t")
    tarn(home, f"CREATE TABLE t (writer STRING) USING DELTA LOCATION '{path}'")
    answers = []
    insert = {"statements": [f"INSERT INTO delta.`{path}` VALUES ('spark')"], "path": None}
    thread = threading.Thread(target=lambda: answers.append(slow.ask(verb="try", tasks={"": insert})[""]))
    thread.start()
    deadline = time.monotonic() + 120
    while not os.path.exists(sign):
        assert thread.is_alive() and time.monotonic() < deadline, answers
        time.sleep(0.05)
    tarn(home, f"INSERT INTO delta.`{path}` VALUES ('tarn')")
    assert [r[0] for r in tarn(home, f"SELECT * FROM delta.`{path}`")[0]["rows"]] == ["tarn"]
    thread.join()
    assert "refused" not in answers[0]
    assert [r[0] for r in tarn(home, f"SELECT * FROM delta.`{path}`")[0]["rows"]] == ["spark"]
