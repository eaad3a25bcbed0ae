"""Files are read once although the program is killed at each named point of STREAM read_files and COPY INTO."""

import json
import os
import subprocess

import pytest

from interop_support import TARN, tarn

KILLED = -9
STREAM_POINTS = ["source.files.before_append", "source.files.after_append", "source.files.before_merge",
                 "source.files.after_merge", "source.schema.before_put", "source.schema.after_put",
                 "source.clean.after_note", "source.clean.before_file", "source.replay.before_append",
                 "source.files.before_marks", "stream.before_write_ahead", "stream.after_write_ahead",
                 "stream.before_note_done", "stream.after_note_done", "flow.before_commit", "flow.after_commit"]
COPY_POINTS = ["copy_into.before_propose", "copy_into.after_propose", "source.files.before_merge",
               "source.files.after_merge", "copy_into.after_commit"]
FILES = 6


def land(folder, number):
    folder.mkdir(exist_ok=True)
    (folder / f"{number}.json").write_text(json.dumps({"id": number, f"c{number % 3}": 1}) + "\n")


def project(folder, replay=False):
    options = ["format => 'json'", "maxFilesPerTrigger => 2", "cleanSource => 'MOVE'",
               f"`cleanSource.moveDestination` => '{folder}/done'",
               "`cleanSource.retentionDuration` => '0 seconds'"]
    if replay:
        options.append("replayPathGlobFilter => '1.json'")
    (folder / "spark-pipeline.yml").write_text(
        "name: p\ncatalog: main\ndatabase: default\nlibraries:\n  - glob:\n      include: p.sql\n")
    (folder / "p.sql").write_text(
        "CREATE OR REFRESH STREAMING TABLE t AS SELECT id, _metadata.file_name AS file FROM STREAM "
        f"read_files('{folder}/landing', {', '.join(options)});\n")


def update(folder, fault=""):
    """One update; new columns need several starts."""
    environment = {**os.environ, "TARN_FAULT": fault}
    for _ in range(6):
        done = subprocess.run([TARN, "pipeline", "run", "--home", str(folder / "lake")], cwd=folder,
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
        if done.returncode in (0, KILLED):
            return done.returncode
        assert "NEW_FIELDS_IN_FILE" in done.stdout + done.stderr, done.stdout + done.stderr
    raise AssertionError("the stream never gets its columns")


@pytest.mark.parametrize("point", STREAM_POINTS)
def test_a_stream_of_files_killed(tmp_path, point):
    kills = 0
    for passage in (1, 2, 3):
        folder = tmp_path / str(passage)
        folder.mkdir()
        project(folder)
        for number in range(FILES // 2):
            land(folder / "landing", number)
        fault = f"{point}=kill@{passage}"
        kills += update(folder, fault) == KILLED
        for number in range(FILES // 2, FILES):
            land(folder / "landing", number)
        kills += update(folder, fault) == KILLED
        assert update(folder) == 0
        # A replay reads what it chooses once more; the moved file is back for it.
        project(folder, replay=True)
        moved = folder / "done" / "1.json"
        if moved.exists():
            moved.rename(folder / "landing" / "1.json")
        kills += update(folder, fault) == KILLED
        assert update(folder) == 0
        (answer,) = tarn(str(folder), "SELECT id FROM main.default.t ORDER BY id", lake=str(folder / "lake"))
        assert [int(row[0]) for row in answer["rows"]] == sorted([*range(FILES), 1]), f"{point}@{passage}"
    print(f"{point}: {kills} kills")
    assert kills > 0, "the point was never passed"


@pytest.mark.parametrize("point", COPY_POINTS)
def test_copy_into_killed(tmp_path, point):
    landing = tmp_path / "landing"
    lake = str(tmp_path / "lake")
    statement = f"COPY INTO main.default.t FROM (SELECT id FROM '{landing}') FILEFORMAT = JSON"
    tarn(str(tmp_path), "CREATE TABLE main.default.t (id BIGINT)", lake=lake)
    kills = 0
    for number in range(FILES):
        land(landing, number)
        done = subprocess.run([TARN, "sql", "--home", lake, "-e", statement], stdin=subprocess.DEVNULL,
                              env={**os.environ, "TARN_FAULT": f"{point}=kill"}, capture_output=True,
                              check=False)
        kills += done.returncode == KILLED
        if number % 2:
            tarn(str(tmp_path), statement, lake=lake)
    tarn(str(tmp_path), statement, lake=lake)
    (answer,) = tarn(str(tmp_path), "SELECT id FROM main.default.t ORDER BY id", lake=lake)
    assert [int(row[0]) for row in answer["rows"]] == list(range(FILES))
    print(f"{point}: {kills} kills")
    assert kills > 0, "the point was never passed"


WIDENING_POINTS = ["source.schema.before_put", "source.schema.after_put", "flow.before_columns", "flow.after_columns",
                   "stream.before_write_ahead", "stream.after_write_ahead", "flow.before_commit", "flow.after_commit",
                   "stream.after_note_done"]


@pytest.mark.parametrize("point", WIDENING_POINTS)
def test_a_stream_killed_while_its_types_grow(tmp_path, point):
    kills = 0
    for passage in (1, 2):
        folder = tmp_path / str(passage)
        (folder / "landing").mkdir(parents=True)
        (folder / "spark-pipeline.yml").write_text(
            "name: p\ncatalog: main\ndatabase: default\nlibraries:\n  - glob:\n      include: p.sql\n")
        (folder / "p.sql").write_text(
            "CREATE OR REFRESH STREAMING TABLE t TBLPROPERTIES ('delta.enableTypeWidening' = 'true') AS SELECT * FROM "
            f"STREAM read_files('{folder}/landing', format => 'csv', "
            "schemaEvolutionMode => 'addNewColumnsWithTypeWidening');\n")
        wanted = []
        for number, (whole, real) in enumerate([(1, 1), (5000000000, 2), (3, 0.25), (7, 7)]):
            (folder / "landing" / f"{number}.csv").write_text(f"id,n,m\n{number},{whole},{real}\n")
            wanted.append([str(number), str(whole), str(float(real))])
            kills += update(folder, f"{point}=kill@{passage}") == KILLED
            assert update(folder) == 0
        (answer,) = tarn(str(folder), "SELECT id, n, m FROM main.default.t ORDER BY id", lake=str(folder / "lake"))
        assert answer["rows"] == wanted, point
        (state,) = tarn(str(folder), "SELECT replace(path, 'file:', ''), discovery_time IS NOT NULL, commit_time IS NOT "
                        "NULL FROM cloud_files_state(TABLE(main.default.t)) ORDER BY path", lake=str(folder / "lake"))
        assert state["rows"] == [[f"{folder}/landing/{i}.csv", "true", "true"] for i in range(4)]
    print(f"{point}: {kills} kills")
    assert kills > 0, "the point was never passed"


def test_copy_into_of_many_at_once_loads_each_file_once(tmp_path):
    landing, lake = tmp_path / "landing", str(tmp_path / "lake")
    statement = f"COPY INTO main.default.t FROM (SELECT id FROM '{landing}') FILEFORMAT = JSON"
    tarn(str(tmp_path), "CREATE TABLE main.default.t (id BIGINT)", lake=lake)
    refused = rounds = 0
    while refused == 0 and rounds < 40:
        land(landing, rounds)
        rounds += 1
        running = [subprocess.Popen([TARN, "sql", "--home", lake, "-e", statement], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        for process in running:
            _, err = process.communicate(timeout=60)
            if process.returncode != 0:
                assert "COPY_INTO_DUPLICATED_FILES_COPY_NOT_ALLOWED" in err, err
                refused += 1
        (answer,) = tarn(str(tmp_path), "SELECT id FROM main.default.t ORDER BY id", lake=lake)
        assert [int(row[0]) for row in answer["rows"]] == list(range(rounds))
    assert refused > 0, "no two of them ever met"
