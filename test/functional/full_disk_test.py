"""A disk that is full: whatever write meets it, the error says what and where, every table stands between two batches,
and the work goes on once there is space. The lake is on a tmpfs of a few MB; the suite runs in a mount namespace."""

import os
import random
import shutil
import subprocess

import pytest

from interop_support import TARN, tarn

SIZE_MB = 8
# Kilobytes that are left when the work begins: each meets the end of the disk at another write.
LEFT_KB = [0, 4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024, 1536]
ROWS_PER_FILE, FILES = 200, 8


@pytest.fixture(name="disk")
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)], check=False,
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a tmpfs can't be mounted: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk, left_kb):
    """Takes all space of the disk but so much."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    free = os.statvfs(disk)
    size = free.f_bavail * free.f_frsize - left_kb * 1024
    if size > 0:
        with open(ballast, "wb") as f:
            os.posix_fallocate(f.fileno(), 0, size)


def land(folder, files, name="{:04}.json"):
    """Files of rows that don't compress."""
    chance = random.Random(1)
    folder.mkdir(exist_ok=True)
    for file in range(files):
        rows = range(file * ROWS_PER_FILE, (file + 1) * ROWS_PER_FILE)
        path = folder / name.format(file)
        path.write_text("".join(f'{{"id":{i},"note":"{chance.randbytes(100).hex()}"}}\n' for i in rows))
        os.utime(path, (1_700_000_000 + file, 1_700_000_000 + file))


def run(*arguments, cwd=None):
    return subprocess.run([TARN, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)


def check_full(done):
    """The error says what failed, and where."""
    said = done.stdout + done.stderr
    assert done.returncode not in (0, 70) and done.returncode > 0, said
    assert "No space left on device" in said or "disk is full" in said.lower(), said
    assert "/disk/" in said, said


def ids(lake, table):
    """Read without writing: a full disk can be read."""
    done = tarn(str(lake.parent), f"SELECT id FROM {table} ORDER BY id", lake=str(lake))
    return [int(row[0]) for row in done[0]["rows"]]


def each_amount(disk, template):
    """The lake, a copy of the template, once for each amount of space that is left."""
    for left_kb in LEFT_KB:
        (disk / "ballast").unlink(missing_ok=True)
        shutil.rmtree(disk / "lake", ignore_errors=True)
        shutil.copytree(template, disk / "lake", symlinks=True)
        fill(disk, left_kb)
        yield left_kb


def new_lake(disk, tmp_path, *statements):
    """A template of a lake on the disk that ran the statements."""
    for statement in statements:
        done = run("sql", "--home", str(disk / "lake"), "-e", statement)
        assert done.returncode == 0, done.stderr
    template = tmp_path / "template"
    shutil.copytree(disk / "lake", template, symlinks=True)
    return template


def test_copy_into_meets_a_full_disk(disk, tmp_path):
    land(tmp_path / "landing", FILES)
    every = list(range(FILES * ROWS_PER_FILE))
    statement = f"COPY INTO t FROM '{tmp_path}/landing' FILEFORMAT = JSON"
    template = new_lake(disk, tmp_path, "CREATE TABLE t (id BIGINT, note STRING)")
    failed = 0
    for left_kb in each_amount(disk, template):
        done = run("sql", "--home", str(disk / "lake"), "-e", statement)
        if done.returncode != 0:
            failed += 1
            check_full(done)
        (disk / "ballast").unlink(missing_ok=True)
        assert ids(disk / "lake", "t") in ([], every), f"{left_kb} KB"
        assert run("sql", "--home", str(disk / "lake"), "-e", statement).returncode == 0
        assert ids(disk / "lake", "t") == every, f"{left_kb} KB"
    assert 5 < failed < len(LEFT_KB), "the amounts of space miss what they are for"


def project(folder, landing):
    folder.mkdir()
    (folder / "spark-pipeline.yml").write_text(
        "name: p\ncatalog: main\ndatabase: default\nlibraries:\n  - glob:\n      include: p.sql\n")
    (folder / "p.sql").write_text(
        "CREATE OR REFRESH STREAMING TABLE t AS SELECT id, note FROM STREAM "
        f"read_files('{landing}', format => 'json', maxFilesPerTrigger => 2);\n")
    return folder


@pytest.mark.parametrize("name", ["{:04}.json", "{:04}" + "-long" * 40 + ".json"])
def test_a_stream_meets_a_full_disk(disk, tmp_path, name):
    """With long names the list of files is what needs space first."""
    land(tmp_path / "landing", FILES, name)
    folder = project(tmp_path / "project", tmp_path / "landing")
    every = list(range(FILES * ROWS_PER_FILE))
    update = ["pipeline", "run", "--home", str(disk / "lake")]
    template = new_lake(disk, tmp_path, "SELECT 1")
    failed = 0
    for left_kb in each_amount(disk, template):
        done = run(*update, cwd=folder)
        failed += done.returncode != 0
        if done.returncode != 0:
            check_full(done)
        (disk / "ballast").unlink(missing_ok=True)
        shown = tarn(str(tmp_path), "SHOW TABLES IN main.default", lake=str(disk / "lake"))[0]["rows"]
        if shown:
            got = ids(disk / "lake", "main.default.t")
            assert got == every[:len(got)] and len(got) % (2 * ROWS_PER_FILE) == 0, f"{left_kb} KB"
        again = run(*update, cwd=folder)
        assert again.returncode == 0, f"{left_kb} KB: {again.stdout}{again.stderr}"
        assert ids(disk / "lake", "main.default.t") == every, f"{left_kb} KB"
    assert 5 < failed < len(LEFT_KB), "the amounts of space miss what they are for"


def test_a_checkpoint_meets_a_full_disk(disk, tmp_path):
    """The tenth commit writes a checkpoint: it is in whether or not that has space."""
    lake = disk / "lake"
    template = new_lake(disk, tmp_path, "CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.checkpointInterval' = '4')",
                        *[f"INSERT INTO t VALUES ({i})" for i in range(3)])
    failed = 0
    for left_kb in each_amount(disk, template):
        done = run("sql", "--home", str(lake), "-e", "INSERT INTO t VALUES (3)")
        failed += done.returncode != 0
        if done.returncode != 0:
            check_full(done)
        (disk / "ballast").unlink(missing_ok=True)
        wanted = [0, 1, 2] + ([3] if done.returncode == 0 else [])
        assert ids(lake, "t") == wanted, f"{left_kb} KB"
        for i in range(4, 12):
            assert run("sql", "--home", str(lake), "-e", f"INSERT INTO t VALUES ({i})").returncode == 0
        assert ids(lake, "t") == wanted + list(range(4, 12)), f"{left_kb} KB"
    assert failed > 2


def test_a_transaction_over_two_tables_meets_a_full_disk(disk, tmp_path):
    lake = disk / "lake"
    create = "CREATE TABLE {} (id BIGINT, note STRING) TBLPROPERTIES ('delta.feature.catalogManaged' = 'supported')"
    template = new_lake(disk, tmp_path, create.format("a"), create.format("b"),
                        "INSERT INTO a SELECT id, sha2(CAST(id AS STRING), 256) FROM range(1000)")
    failed = 0
    for left_kb in each_amount(disk, template):
        done = run("sql", "--home", str(lake), "-e", "BEGIN ATOMIC INSERT INTO b SELECT * FROM a WHERE id >= 500; "
                   "UPDATE b SET note = upper(note) WHERE id < 600; DELETE FROM a WHERE id >= 500; END")
        failed += done.returncode != 0
        if done.returncode != 0:
            check_full(done)
        (disk / "ballast").unlink(missing_ok=True)
        moved = done.returncode == 0
        assert ids(lake, "a") == list(range(500 if moved else 1000)), f"{left_kb} KB"
        assert ids(lake, "b") == (list(range(500, 1000)) if moved else []), f"{left_kb} KB"
        assert run("sql", "--home", str(lake), "-e", "BEGIN ATOMIC DELETE FROM a; DELETE FROM b; END").returncode == 0
        assert ids(lake, "a") == ids(lake, "b") == [], f"{left_kb} KB"
    assert 5 < failed < len(LEFT_KB), "the amounts of space miss what they are for"
