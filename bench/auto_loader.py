"""Auto Loader beside Spark's file source: many small JSON files into a Delta table, then a few new ones among them."""

import hashlib
import json
import os
import shutil

import measure

FIRST = 100_000
KNOWN = 1_000_000
NEW = 1000
PER_FOLDER = 10_000
COLUMNS = "id BIGINT, user STRING, note STRING"
SPARK_CAP_S = 240  # Spark's first load takes longer; what it has done by then counts
SQL = """CREATE OR REFRESH STREAMING TABLE events AS
SELECT id, user, note FROM STREAM read_files('{landing}', format => 'json',
  schema => '{columns}', maxFilesPerTrigger => {per_batch});
"""
PROJECT = """name: bench
catalog: main
database: default
libraries:
  - glob:
      include: events.sql
"""

# Rows, distinct ids, their sum and the notes' length, as deltalake reads a table.
CONTENTS = """
import json, sys
import deltalake, duckdb
rows = deltalake.DeltaTable(sys.argv[1]).to_pyarrow_table()
print(json.dumps(duckdb.sql(
    "SELECT count(*)::BIGINT, sum(id)::BIGINT, sum(length(note))::BIGINT, count(DISTINCT user)::BIGINT FROM rows").fetchone()))
"""


def event(number, size):
    text = json.dumps({"id": number, "user": hashlib.md5(str(number).encode()).hexdigest(), "note": ""})
    return text[:-2] + "x" * max(0, size - len(text) - 1) + '"}\n'


def path_of(folder, number):
    return os.path.join(folder, f"{number // PER_FOLDER:04d}", f"{number:07d}.json")


def land(folder, first, count, size):
    """Files number `first` and on, one event each."""
    for number in range(first, first + count):
        path = path_of(folder, number)
        if number % PER_FOLDER == 0 or number == first:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
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
        f.write(SQL.format(landing=landing, per_batch=per_batch, columns=COLUMNS))
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


def wanted(numbers, size):
    notes = sum(len(event(n, size)) - len(event(n, 0)) for n in numbers)
    return [len(numbers), sum(numbers), notes, len(numbers)]


def check(held_now, numbers, size):
    if held_now != wanted(numbers, size):
        raise SystemExit(f"the table holds {held_now}, not {wanted(numbers, size)}")


def row(name, files, seconds, peak_mb):
    return [name, f"{files:,}", f"{seconds:.2f}", f"{files / seconds:,.0f}", f"{peak_mb:.0f}"]


class Spark:
    """Spark's file source over a folder, with a table and a checkpoint of its own."""

    def __init__(self, name, folder):
        self.root = os.path.join(measure.WORK, name)
        self.folder = folder
        self.table, self.checkpoint = os.path.join(self.root, "table"), os.path.join(self.root, "checkpoint")
        shutil.rmtree(self.root, ignore_errors=True)

    def run(self, folder, per_batch):
        """One available-now query: seconds of the process, of the query, whether it ended, peak memory."""
        done = measure.Finished(
            [measure.SPARK_PYTHON, os.path.join(measure.ROOT, "bench/spark_side.py"), "files", folder, self.table,
             self.checkpoint, COLUMNS, str(per_batch), str(SPARK_CAP_S)],
            {"TARN_DELTA_JARS": os.path.join(measure.ROOT, ".deps/delta-jars")})
        query, session = done.json()
        return done.seconds, query["seconds"], query["done"], session["peak_mb"]

    def know(self, first, count):
        """Makes it know files that it never read, by its own list of them."""
        log = os.path.join(self.checkpoint, "sources", "0", "0")
        with open(log, encoding="utf-8") as f:
            version, entry = f.read().splitlines()[:2]
        entry = json.loads(entry)
        prefix = entry["path"][:entry["path"].index(self.folder)]
        os.remove(os.path.join(os.path.dirname(log), ".0.crc"))
        with open(log, "w", encoding="utf-8") as f:
            f.write(version)
            for number in range(first, first + count):
                f.write("\n" + json.dumps({**entry, "path": prefix + path_of(self.folder, number)},
                                          separators=(",", ":")))

    def held(self):
        return measure.python(CONTENTS, self.table)


def spark_first_load(landing):
    spark = Spark("auto_loader_spark", landing)
    seconds, query_seconds, done, peak_mb = spark.run(os.path.join(landing, "*"), 10_000)
    now = spark.held()
    # Files are taken in the order in which they were written.
    check(now, range(FIRST if done else now[0]), 1024)
    ended = "" if done else f", stopped after {SPARK_CAP_S} s"
    return [row(f"Spark: first load, 10,000 files a batch{ended}", now[0], seconds, peak_mb),
            row("… its query alone", now[0], query_seconds, peak_mb)]


def spark_find_new(landing):
    """`landing` has the known files and the new ones."""
    spark = Spark("auto_loader_known_spark", landing)
    spark.run(path_of(landing, 0).replace("0.json", "[0].json"), 1)  # a pattern: it takes no single file
    spark.know(0, KNOWN)
    seconds, query_seconds, done, peak_mb = spark.run(os.path.join(landing, "*"), 100_000)
    if not done:
        return [row(f"Spark: {NEW:,} new among {KNOWN:,} known, not done after {SPARK_CAP_S} s", 0, seconds, peak_mb)]
    check(spark.held(), [0, *range(KNOWN, KNOWN + NEW)], 0)
    return [row(f"Spark: {NEW:,} new among {KNOWN:,} known", NEW, seconds, peak_mb),
            row("… its query alone", NEW, query_seconds, peak_mb)]


def first_load(per_batch):
    root, landing = project("auto_loader", per_batch)
    if not os.path.isdir(landing):
        land(landing, 0, FIRST, 1024)
    done = update(root)
    check(held(root), range(FIRST), 1024)
    return landing, row(f"Tarn: first load, {per_batch:,} files a batch", FIRST, done.seconds, done.peak_mb)


def find_new():
    root, landing = project("auto_loader_known", 100_000)
    shutil.rmtree(landing, ignore_errors=True)
    land(landing, 0, KNOWN, 0)
    update(root)
    check(held(root), range(KNOWN), 0)
    land(landing, KNOWN, NEW, 0)
    done = update(root)
    check(held(root), range(KNOWN + NEW), 0)
    return landing, row(f"Tarn: {NEW:,} new among {KNOWN:,} known", NEW, done.seconds, done.peak_mb)


def run(options):
    landing, of_1000 = first_load(1000)
    _, of_10000 = first_load(10_000)
    known_landing, found = find_new()
    rows = [of_1000, of_10000, found]
    note = ("Whole processes over files of one event each (first load: 1 KiB), in folders of 10,000. Tarn: `tarn "
            "pipeline run`, synced. Rows and sums of the tables are checked after each.")
    if options.spark:
        rows += spark_first_load(landing) + spark_find_new(known_landing)
        note += (" Spark: Structured Streaming's file source, available now, local[2], into a Delta table, not "
                 "synced; it was told the million known files by its own list of them, for reading them would take "
                 "it more than half an hour.")
    return note + "\n\n" + measure.table(["", "files", "seconds", "files/s", "peak MB"], rows)
