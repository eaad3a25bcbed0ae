"""Tarn, the deltalake package and Spark change one table at once. Nothing acknowledged is lost or done twice."""

import multiprocessing
import os
import pathlib
import shutil
import threading
import time

from interop_support import delta_rs, same_rows, tarn
from mixed_writers_support import (DeltaRsWriter, SparkWriter, TarnWriter, check_checkpoints, check_files, log_files,
                                   replay)

SECONDS = int(os.environ.get("TARN_MIXED_SECONDS", "20"))
SEED = os.environ.get("TARN_MIXED_SEED", "1")


def work_in_process(writer, until, answers):
    answers.put(writer.work(until))


def run_all(writers, spark_writer):
    """All writers at once, Spark's in a thread and the others in processes; the writers as they were afterwards."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    until = time.monotonic() + SECONDS
    processes = [context.Process(target=work_in_process, args=(w, until, answers)) for w in writers]
    for process in processes:
        process.start()
    thread = threading.Thread(target=spark_writer.work, args=(until,))
    thread.start()
    done = [answers.get(timeout=SECONDS + 600) for _ in processes]
    thread.join()
    for process in processes:
        process.join()
    return [*done, spark_writer]


def read_by_tarn(home, path):
    return tarn(home, f"SELECT * FROM delta.`{path}`")[0]["rows"]


def without(path, to, gone):
    """A copy of the table without those files of its log."""
    shutil.copytree(path, to)
    for name in gone:
        (pathlib.Path(to) / "_delta_log" / name).unlink(missing_ok=True)
    return to


def test_all_writers_at_once(tmp_path, spark):
    home, path = str(tmp_path / "home"), str(tmp_path / "t")
    tarn(home, f"CREATE TABLE t (writer STRING, n BIGINT, v BIGINT) USING DELTA LOCATION '{path}' "
               "TBLPROPERTIES ('delta.checkpointInterval' = '2')")
    folder = str(tmp_path)
    writers = [TarnWriter("tarn1", path, folder, SEED), TarnWriter("tarn2", path, folder, SEED),
               DeltaRsWriter("rust", path, folder, SEED)]
    writers = run_all(writers, SparkWriter("spark", path, folder, SEED, spark=spark))
    for writer in writers:
        print(writer.name, {kind: f"{done} done, {lost} lost a race" for kind, (done, lost) in sorted(writer.counts.items())})
    assert not [e for w in writers for e in w.errors]
    assert all(w.counts.get("append", [0])[0] for w in writers), "a writer got nothing done"

    states = replay(path)
    check_files(path, states[-1])
    checkpoints = check_checkpoints(path, states)
    assert checkpoints > 0 or len(states) <= 10, "no checkpoint was written"
    expected = [[w.name, str(n), str(v)] for w in writers for n, v in w.rows.items()]
    same_rows(read_by_tarn(home, path), expected)
    same_rows(delta_rs(path)["rows"], expected)
    same_rows(spark.ask(verb="run", statements=[f"SELECT * FROM delta.`{path}`"])[0], expected)

    log = os.listdir(os.path.join(path, "_delta_log"))
    hints = [name for name in log if "checkpoint" in name]
    same_rows(read_by_tarn(home, without(path, str(tmp_path / "replayed"), hints)), expected)
    if checkpoints:
        newest = log_files(path, r"checkpoint\.parquet")[-1][0]
        old = [os.path.basename(name) for version, name in log_files(path, "json") if version < newest]
        same_rows(read_by_tarn(home, without(path, str(tmp_path / "by_checkpoint"), old)), expected)
