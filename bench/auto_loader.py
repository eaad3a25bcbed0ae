"""Auto Loader: many small JSON files into a Delta table, then a few new ones among them."""

import hashlib
import json
import os
import shutil

import measure

FIRST = 100_000
KNOWN = 1_000_000
NEW = 1000
PER_FOLDER = 10_000
SQL = """CREATE OR REFRESH STREAMING TABLE events AS
SELECT id, user, note FROM STREAM read_files('{landing}', format => 'json',
  schema => 'id BIGINT, user STRING, note STRING', maxFilesPerTrigger => {per_batch});
"""
PROJECT = """name: bench
catalog: main
database: default
libraries:
  - glob:
      include: events.sql
"""


def event(number, size):
    text = json.dumps({"id": number, "user": hashlib.md5(str(number).encode()).hexdigest(), "note": ""})
    return text[:-2] + "x" * max(0, size - len(text) - 1) + '"}\n'


def land(folder, first, count, size):
    """Files number `first` and on, one event each."""
    for number in range(first, first + count):
        inner = os.path.join(folder, f"{number // PER_FOLDER:04d}")
        if number % PER_FOLDER == 0 or number == first:
            os.makedirs(inner, exist_ok=True)
        with open(os.path.join(inner, f"{number:07d}.json"), "w", encoding="utf-8") as f:
            f.write(event(number, size))


def project(name, per_batch):
    """A new project and lake; the folder that files land in."""
    root = os.path.join(measure.WORK, name)
    for inner in ("project", "lake"):
        shutil.rmtree(os.path.join(root, inner), ignore_errors=True)
    os.makedirs(os.path.join(root, "project"))
    landing = os.path.join(root, "landing")
    with open(os.path.join(root, "project", "spark-pipeline.yml"), "w", encoding="utf-8") as f:
        f.write(PROJECT)
    with open(os.path.join(root, "project", "events.sql"), "w", encoding="utf-8") as f:
        f.write(SQL.format(landing=landing, per_batch=per_batch))
    return root, landing


def update(root):
    """One update, timed from the start of its process."""
    return measure.Finished(["env", "-C", os.path.join(root, "project"), measure.TARN, "pipeline", "run",
                             "--home", os.path.join(root, "lake"), "--output", "json"])


def held(root):
    """Rows and a checksum of the table."""
    done = measure.tarn(os.path.join(root, "lake"), [
        "SELECT count(*), sum(id), sum(length(note)), count(DISTINCT user) FROM events"])
    return [int(value) for value in done.json()[0]["rows"][0]]


def wanted(count, size):
    numbers = range(count)
    notes = sum(len(event(n, size)) - len(event(n, 0)) for n in numbers)
    return [count, sum(numbers), notes, count]


def checked(root, count, size):
    if held(root) != wanted(count, size):
        raise SystemExit(f"the table holds {held(root)}, not {wanted(count, size)}")


def first_load(per_batch):
    root, landing = project("auto_loader", per_batch)
    if not os.path.isdir(landing):
        land(landing, 0, FIRST, 1024)
    done = update(root)
    checked(root, FIRST, 1024)
    return [f"first load, {per_batch:,} files a batch", f"{FIRST:,}", f"{done.seconds:.2f}",
            f"{FIRST / done.seconds:,.0f}", f"{done.peak_mb:.0f}"]


def find_new():
    root, landing = project("auto_loader_known", 100_000)
    shutil.rmtree(os.path.join(landing), ignore_errors=True)
    land(landing, 0, KNOWN, 0)
    update(root)
    checked(root, KNOWN, 0)
    land(landing, KNOWN, NEW, 0)
    done = update(root)
    checked(root, KNOWN + NEW, 0)
    return [f"{NEW:,} new among {KNOWN:,} known", f"{NEW:,}", f"{done.seconds:.2f}",
            f"{NEW / done.seconds:,.0f}", f"{done.peak_mb:.0f}"]


def run(options):
    rows = [first_load(1000), first_load(10_000), find_new()]
    return ("`tarn pipeline run` from the start of its process, over files of one event each (first load: "
            "1 KiB), in folders of 10,000. Rows and sums of the table are checked after each.\n\n" +
            measure.table(["", "files", "seconds", "files/s", "peak MB"], rows))
