"""An update of a pipeline killed at each fault point, at each of its passages and at random moments: after a restart
the tables are those of an undisturbed run, and at any time each streaming table stands between two batches and each
materialized view is wholly old or wholly new."""

import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

from interop_support import TARN, tarn

FAULT_POINTS = [
    "source.files.after_append", "stream.before_write_ahead", "stream.after_write_ahead", "flow.before_write",
    "flow.before_commit", "delta.commit.before_put", "flow.after_commit", "stream.before_note_done",
    "stream.after_note_done", "catalog.create_table.after_intent", "catalog.create_table.after_folder",
    "catalog.create_table.before_publish", "catalog.create_table.after_publish"]
RANDOM_KILLS = int(os.environ.get("TARN_PIPELINE_KILLS", "50"))
SEED = int(os.environ.get("TARN_PIPELINE_SEED", "1"))
PASSAGES_MAX = 60
FILES_PER_DROP, ROWS_PER_FILE = 4, 5

PROJECT = """name: kills
catalog: main
database: k
libraries:
  - glob:
      include: pipeline.sql
"""
SQL = """
CREATE OR REFRESH STREAMING TABLE bronze (CONSTRAINT even EXPECT (id % 5 <> 0) ON VIOLATION DROP ROW) AS
SELECT id, amount, id DIV 5 AS file
FROM STREAM read_files('landing', format => 'json', schema => 'id BIGINT, amount BIGINT', maxFilesPerTrigger => 2);
CREATE OR REFRESH STREAMING TABLE silver;
CREATE FLOW new AS INSERT INTO silver BY NAME SELECT id, amount * 2 AS amount FROM STREAM(bronze);
CREATE FLOW old AS INSERT INTO ONCE silver BY NAME SELECT -1L AS id, 1L AS amount;
CREATE OR REFRESH MATERIALIZED VIEW gold AS SELECT count(*) AS n, sum(amount) AS total FROM silver;
"""
TABLES = {"bronze": "SELECT id, amount, file FROM k.bronze", "silver": "SELECT id, amount FROM k.silver",
          "gold": "SELECT n, total FROM k.gold"}


def drop(folder, number):
    """The files of the number-th drop."""
    (folder / "landing").mkdir(exist_ok=True)
    for file in range(number * FILES_PER_DROP, (number + 1) * FILES_PER_DROP):
        ids = range(file * ROWS_PER_FILE, (file + 1) * ROWS_PER_FILE)
        path = folder / "landing" / f"{file:03}.json"
        path.write_text("".join(f'{{"id":{i},"amount":{i * 10}}}\n' for i in ids))
        os.utime(path, (1_700_000_000 + file, 1_700_000_000 + file))


def project(folder):
    folder.mkdir()
    (folder / "spark-pipeline.yml").write_text(PROJECT)
    (folder / "pipeline.sql").write_text(SQL)
    return folder


def start(folder, fault=None):
    environment = dict(os.environ)
    if fault:
        environment["TARN_FAULT"] = fault
    return subprocess.Popen([TARN, "pipeline", "run", "-o", "json", "--home", str(folder / "lake")], cwd=folder,
                            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(folder, fault=None):
    """The exit code, negative for a signal."""
    process = start(folder, fault)
    out, err = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), err[-2000:] + out
    return process.returncode


def read(folder):
    """The rows of the tables that are there, as multisets."""
    home = str(folder / "reader")
    shown = {row[1] for row in tarn(home, "SHOW TABLES IN k", lake=str(folder / "lake"))[0]["rows"]} \
        if "k" in [row[0] for row in tarn(home, "SHOW SCHEMAS", lake=str(folder / "lake"))[0]["rows"]] else set()
    names = [name for name in TABLES if name in shown]
    results = tarn(home, *[TABLES[name] for name in names], lake=str(folder / "lake")) if names else []
    return {name: collections.Counter(map(tuple, result["rows"])) for name, result in zip(names, results)}


def check_boundaries(tables, before, after):
    """Between two batches: of each file all rows or none, none twice; a view is old or new."""
    for name in ("bronze", "silver"):
        got = tables.get(name, collections.Counter())
        assert not got - after[name], f"{name} has rows it shouldn't have, or twice"
        assert not before.get(name, collections.Counter()) - got, f"{name} lost rows"
    files = collections.Counter(row[2] for row in tables.get("bronze", {}))
    whole = collections.Counter(row[2] for row in after["bronze"])
    assert all(files[file] == whole[file] for file in files), "a file was read in part"
    silver = sum(1 for row in tables.get("silver", {}) if row[0] != "-1")
    assert silver % (2 * (ROWS_PER_FILE - 1)) == 0, "silver stands inside a batch"
    gold = tables.get("gold", collections.Counter())
    assert gold in (collections.Counter(), before.get("gold"), after["gold"]), "gold is neither old nor new"


class Phase:
    """An update that is killed: its state before, as a folder, and the tables before and after it."""

    def __init__(self, name, folder, before, after):
        self.name, self.folder, self.before, self.after = name, folder, before, after

    def copy(self, folder):
        """Always to the same place: a file is known by its whole path."""
        shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(self.folder, folder, symlinks=True)


def phases(tmp_path):
    """The first update in a new lake, and the second one after a second drop."""
    folder = project(tmp_path / "run")
    drop(folder, 0)
    first = shutil.copytree(folder, tmp_path / "first")
    assert run(folder) == 0
    after_first = read(folder)
    assert sum(after_first["bronze"].values()) == FILES_PER_DROP * (ROWS_PER_FILE - 1)
    drop(folder, 1)
    second = shutil.copytree(folder, tmp_path / "second")
    assert run(folder) == 0
    after_second = read(folder)
    assert sum(after_second["bronze"].values()) == 2 * FILES_PER_DROP * (ROWS_PER_FILE - 1)
    return [Phase("first update", first, {}, after_first),
            Phase("second update", second, after_first, after_second)]


def test_an_update_killed_at_each_passage_of_each_fault_point_goes_on_where_it_was(tmp_path, capsys):
    kills = collections.Counter()
    for phase in phases(tmp_path):
        for point in FAULT_POINTS:
            for passage in range(1, PASSAGES_MAX):
                folder = phase.copy(tmp_path / "run")
                killed = run(folder, f"{point}=kill@{passage}") != 0
                if killed:
                    kills[phase.name, point] += 1
                    check_boundaries(read(folder), phase.before, phase.after)
                    assert run(folder) == 0
                assert read(folder) == phase.after, f"{phase.name}, {point} at passage {passage}"
                if not killed:
                    break
            else:
                raise AssertionError(f"{point} is passed more than {PASSAGES_MAX} times")
    with capsys.disabled():
        for (phase, point), count in sorted(kills.items()):
            print(f"\n{phase}: {point}: {count} kills", end="")
    for point in FAULT_POINTS[:9]:
        assert kills["first update", point] and kills["second update", point], point


def test_an_update_killed_at_random_moments_goes_on_where_it_was(tmp_path, capsys):
    chance = random.Random(SEED)
    kills = 0
    for phase in phases(tmp_path) * RANDOM_KILLS:
        if kills >= RANDOM_KILLS:
            break
        began = time.monotonic()
        assert run(phase.copy(tmp_path / "run")) == 0
        duration = time.monotonic() - began
        folder = phase.copy(tmp_path / "run")
        while True:
            process = start(folder)
            try:
                process.communicate(timeout=chance.uniform(0, 1.2 * duration))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
                check_boundaries(read(folder), phase.before, phase.after)
                continue
            assert process.returncode == 0
            break
        assert read(folder) == phase.after, f"{phase.name} after random kills, seed {SEED}"
    with capsys.disabled():
        print(f"\n{kills} kills at random moments", end="")
    assert kills >= RANDOM_KILLS


def test_a_second_update_is_refused_with_the_id_of_the_first(tmp_path):
    folder = project(tmp_path / "p")
    drop(folder, 0)
    assert run(folder) == 0
    drop(folder, 1)
    (lock,) = (folder / "lake" / "pipelines").glob("*/update.lock")
    before = lock.read_text()
    first = start(folder)
    while lock.read_text() in ("", before) and first.poll() is None:
        pass
    first.send_signal(signal.SIGSTOP)
    try:
        held = lock.read_text()
        assert first.poll() is None, "the first update ended before it could be stopped"
        second = start(folder)
        _, err = second.communicate(timeout=60)
        assert second.returncode == 1
        assert "PIPELINE_UPDATE_RUNNING" in err and held in err
    finally:
        first.send_signal(signal.SIGCONT)
    out, _ = first.communicate(timeout=60)
    assert json.loads(out)["update_id"] == held and json.loads(out)["state"] == "COMPLETED"
    assert pathlib.Path(lock).read_text() == held


CONTINUOUS_KILLS = int(os.environ.get("TARN_CONTINUOUS_KILLS", "12"))
CONTINUOUS = """bundle:
  name: kills
resources:
  pipelines:
    kills:
      name: kills
      catalog: main
      schema: k
      continuous: true
      configuration:
        pipelines.trigger.interval: 50 milliseconds
      libraries:
        - file:
            path: pipeline.sql
targets:
  run:
    default: true
"""


def test_a_continuous_update_killed_at_random_moments_loses_and_doubles_nothing(tmp_path, capsys):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "databricks.yml").write_text(CONTINUOUS)
    (folder / "pipeline.sql").write_text(SQL)
    chance = random.Random(SEED)
    rows = FILES_PER_DROP * (ROWS_PER_FILE - 1)
    drop(folder, 0)
    for number in range(1, CONTINUOUS_KILLS + 1):
        process = start(folder)
        # From its start, or from the first rows of the new files on.
        moment = chance.uniform(0, 0.8)
        try:
            process.communicate(timeout=moment)
            raise AssertionError("a continuous update ended by itself")
        except subprocess.TimeoutExpired:
            drop(folder, number)
        try:
            process.communicate(timeout=chance.uniform(0, 0.5))
            raise AssertionError("a continuous update ended by itself")
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        got = read(folder)
        for name in ("bronze", "silver"):
            assert all(count == 1 for count in got.get(name, {}).values()), f"{name} has a row twice, seed {SEED}"
        files = collections.Counter(row[2] for row in got.get("bronze", {}))
        assert all(count == ROWS_PER_FILE - 1 for count in files.values()), "a file was read in part"
    process = start(folder)
    wanted = (CONTINUOUS_KILLS + 1) * rows
    gold = collections.Counter({(str(wanted + 1), str(2 * sum(
        10 * i for i in range((CONTINUOUS_KILLS + 1) * FILES_PER_DROP * ROWS_PER_FILE) if i % 5) + 1)): 1})
    deadline = time.monotonic() + 60
    while read(folder).get("gold") != gold:
        assert process.poll() is None and time.monotonic() < deadline, f"gold isn't {gold}"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["state"] == "CANCELED"
    assert {flow["state"] for flow in json.loads(out)["flows"]} == {"STOPPED"}
    got = read(folder)
    assert sum(got["bronze"].values()) == wanted and sum(got["silver"].values()) == wanted + 1
    assert max(got["bronze"].values()) == max(got["silver"].values()) == 1
    with capsys.disabled():
        print(f"\n{CONTINUOUS_KILLS} kills of a continuous update", end="")
