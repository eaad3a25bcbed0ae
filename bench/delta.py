"""Delta tables beside deltalake and Spark: opening, many writers, MERGE, DELETE, OPTIMIZE, VACUUM, deleted rows."""

import os
import shutil
import statistics

import measure

FILES, COLUMNS = 300_000, 100
MANY_FILES = 1_000_000
ROWS, ROW_FILES = 5_000_000, 10
SMALL_FILES = 10_000
WRITERS, WRITE_SECONDS = 32, 10
SIDE = os.path.join(measure.ROOT, "bench/delta_side.py")
ROOMS = os.path.join(measure.BUILD, "bench/tarn_delta_rooms_bench")
HOME = os.path.join(measure.WORK, "delta-lake")
CHANGES = os.path.join(measure.WORK, "delta-changes.parquet")
ALL_CHANGES = os.path.join(measure.WORK, "delta-all.parquet")
SET = "UPDATE SET * WHEN NOT MATCHED THEN INSERT *"


def side(verb, *arguments):
    """(answer, process) of deltalake's side."""
    done = measure.Finished([measure.PYTHON, SIDE, verb, *map(str, arguments)])
    return done.json()[-1], done


def rooms(*arguments):
    return measure.Finished([ROOMS, *map(str, arguments)]).json()[-1]


def run_tarn(*statements):
    """(seconds of the last statement, process): the process opens the lake and the table first."""
    done = measure.tarn(HOME, ["SELECT 1", *statements])
    return done.lines[-1][0] - done.lines[-2][0], done


def fresh(name):
    path = os.path.join(measure.WORK, name)
    shutil.rmtree(path, ignore_errors=True)
    return path


def copy_of(root, name):
    """A copy of a table, its pages in the cache and nothing left to write back."""
    target = fresh(name)
    shutil.copytree(root, target)
    os.sync()
    return target


def checksum(root):
    """What the rows of a table are, as Tarn reads them (any other reader's sums must be the same)."""
    answer = measure.tarn(HOME, [f"SELECT count(*), sum(id), sum(amount), sum(length(name)), sum(`group`) FROM delta.`{root}`"])
    return answer.json()[-1]["rows"][0]


def table_of_log(files, columns):
    root = os.path.join(measure.WORK, f"delta-log-{files}-{columns}")
    if not os.path.exists(os.path.join(root, "_delta_log/_last_checkpoint")):
        shutil.rmtree(root, ignore_errors=True)
        side("make_log", root, files, columns)
    return root


def measure_open(rounds):
    rows = []
    for files, columns in ((FILES, COLUMNS), (MANY_FILES, 2)):
        root = table_of_log(files, columns)
        ours = [rooms("open", copy_of(root, "delta-open")) for _ in range(rounds)]
        theirs = [side("open", root) for _ in range(1 if files > FILES else rounds)]
        assert all(o["files"] - 21 == t["files"] for o, (t, _) in zip(ours, theirs))
        mine, peak = statistics.median(o["open_ms"] for o in ours) / 1000, max(o["open_mb"] for o in ours)
        other = statistics.median(t["seconds"] for t, _ in theirs)
        other_peak = max(d.peak_mb for _, d in theirs)
        rows.append([f"open {files:,} files, statistics of {columns} columns", f"{mine:.3f}", f"{other:.2f}",
                     f"{other / mine:.1f}", f"{peak:.0f}", f"{other_peak:.0f}"])
        rows.append(["… refresh after a commit (ms)", f"{statistics.median(o['refresh_ms'] for o in ours):.2f}", "", "", "", ""])
        rows.append(["… files by a filter, first time (ms)", f"{statistics.median(o['prune_ms'] for o in ours):.0f}", "", "",
                     f"{max(o['peak_mb'] for o in ours):.0f}", ""])
        rows.append(["… and again (ms)", f"{statistics.median(o['prune_again_ms'] for o in ours):.1f}", "", "", "", ""])
    return rows


def measure_writers():
    columns = "writer INT, number INT, text STRING"
    # A new table, as on deltalake's side: a replaced one carries what was removed from it in every checkpoint.
    run_tarn("DROP TABLE IF EXISTS appended", f"CREATE TABLE appended ({columns})")
    command = [ROOMS, "writers", HOME, "main.default.appended", str(WRITERS), str(WRITE_SECONDS)]
    done = measure.Finished(command)
    ours = done.json()[-1]
    state = measure.tarn(HOME, ["SELECT count(*), count(DISTINCT writer, number), max(version) FROM appended, "
                                "(SELECT max(version) AS version FROM (DESCRIBE HISTORY appended))"]).json()[-1]["rows"][0]
    rows, distinct, versions = map(int, state)
    if not rows == distinct == ours["acknowledged"]:
        raise SystemExit(f"lost or doubled: {rows} rows, {distinct} distinct, {ours['acknowledged']} acknowledged")
    syncs = measure.syncs(command[:-1] + ["2"])
    root = fresh("delta-appended")
    home = fresh("delta-appended-lake")
    measure.tarn(home, [f"CREATE TABLE appended ({columns}) LOCATION '{root}'"])
    theirs, other = side("writers", root, WRITERS, WRITE_SECONDS)
    rate, other_rate = ours["acknowledged"] / ours["seconds"], theirs["acknowledged"] / theirs["seconds"]
    return ([[f"{WRITERS} writers of single rows (commits/s)", f"{rate:.0f}", f"{other_rate:.0f}", f"{rate / other_rate:.0f}",
              f"{ours['peak_mb']:.0f}", f"{other.peak_mb:.0f}"]],
            f"{ours['acknowledged']} appends acknowledged, {versions} versions, none lost; median {ours['median_ms']:.1f} ms, "
            f"99th percentile {ours['p99_ms']:.1f} ms; in 2 s {measure.synced(syncs)} synced. deltalake: "
            f"{theirs['acknowledged']} acknowledged, {theirs['failed']} given up, nothing synced.")


def make_rows():
    """The table that is changed, once for all, and the changes."""
    root = os.path.join(measure.WORK, "delta-rows")
    if os.path.exists(os.path.join(root, "made")):
        return root
    shutil.rmtree(root, ignore_errors=True)
    row = ("id, id % 1000 AS `group`, CAST(id * 7 % 100000 AS DOUBLE) AS amount, concat('name of ', id) AS name, "
           "date_add(DATE'2020-01-01', CAST(id % 2000 AS INT)) AS day")
    per_file = ROWS // ROW_FILES
    inserts = [f"INSERT INTO delta.`{root}` SELECT {row} FROM range({i * per_file}, {(i + 1) * per_file})"
               for i in range(ROW_FILES)]
    measure.tarn(HOME, ["DROP TABLE IF EXISTS made", "CREATE TABLE made (id BIGINT, `group` BIGINT, amount DOUBLE, "
                        f"name STRING, day DATE) LOCATION '{root}'", *inserts])
    measure.python("""
import sys, json, duckdb
row = "id, id % 1000 AS \\"group\\", CAST(id * 3 % 100000 AS DOUBLE) AS amount, 'changed name of ' || id AS name, CAST(DATE '2021-01-01' + CAST(id % 2000 AS INT) AS DATE) AS day"
rows, some, every = int(sys.argv[1]), sys.argv[2], sys.argv[3]
duckdb.sql(f"COPY (SELECT {row} FROM (SELECT (i * 7919) % {rows} AS id FROM range(50000) t(i) UNION ALL SELECT {rows} + i FROM range(50000) t(i))) TO '{some}' (FORMAT parquet)")
duckdb.sql(f"COPY (SELECT {row} FROM (SELECT i AS id FROM range({rows}) t(i))) TO '{every}' (FORMAT parquet)")
print(json.dumps(0))""", str(ROWS), CHANGES, ALL_CHANGES)
    open(os.path.join(root, "made"), "w", encoding="utf-8").close()
    return root


def beside(what, rounds, ours, theirs, make):
    """One line: Tarn's and deltalake's time for the same change of copies of one table."""
    found = {}
    for name, run in (("tarn", ours), ("deltalake", theirs)):
        times, peaks = [], []
        for _ in range(rounds):
            root = copy_of(make(name), f"delta-{name}")
            seconds, done = run(root)
            times.append(seconds)
            peaks.append(done.peak_mb)
        found[name] = statistics.median(times), max(peaks), checksum(root)
    (mine, peak, sums), (other, other_peak, other_sums) = found["tarn"], found["deltalake"]
    if sums != other_sums:
        raise SystemExit(f"{what}: the results differ: {sums} and {other_sums}")
    return [what, f"{mine:.3f}", f"{other:.3f}", f"{other / mine:.1f}", f"{peak:.0f}", f"{other_peak:.0f}"]


def of_side(verb, *more):
    def run(root):
        answer, done = side(verb, root, *more)
        return answer["seconds"], done
    return run


def of_tarn(statement):
    return lambda root: run_tarn(f"SELECT count(*) FROM delta.`{root}` WHERE id < 0", statement.replace("TABLE", f"delta.`{root}`"))


def merge(changes):
    return f"MERGE INTO TABLE AS t USING parquet.`{changes}` AS s ON t.id = s.id WHEN MATCHED THEN {SET}"


def measure_changes(rounds):
    plain = make_rows()
    marking = os.path.join(measure.WORK, "delta-rows-marking")
    shutil.rmtree(marking, ignore_errors=True)
    shutil.copytree(plain, marking)
    measure.tarn(HOME, [f"ALTER TABLE delta.`{marking}` SET TBLPROPERTIES ('delta.enableDeletionVectors' = true)"])
    with_vectors = lambda name: marking if name == "tarn" else plain
    without = lambda name: plain
    one_percent = "id % 100 = 7"
    rows = [
        beside(f"MERGE of 50,000 updates and 50,000 inserts into {ROWS:,} rows, deletion vectors", rounds,
               of_tarn(merge(CHANGES)), of_side("merge", CHANGES), with_vectors),
        beside("… without deletion vectors", rounds, of_tarn(merge(CHANGES)), of_side("merge", CHANGES), without),
        beside("MERGE that changes every row", 1, of_tarn(merge(ALL_CHANGES)), of_side("merge", ALL_CHANGES), with_vectors),
        beside("DELETE of 1 % of the rows, in all files, deletion vectors", rounds,
               of_tarn(f"DELETE FROM TABLE WHERE {one_percent}"), of_side("delete", one_percent), with_vectors),
        beside("… without deletion vectors", rounds,
               of_tarn(f"DELETE FROM TABLE WHERE {one_percent}"), of_side("delete", one_percent), without),
    ]
    return rows, marking


def make_small():
    root = os.path.join(measure.WORK, "delta-small")
    if not os.path.exists(os.path.join(root, "made")):
        shutil.rmtree(root, ignore_errors=True)
        measure.python("""
import sys, json, pyarrow as pa, pyarrow.compute as pc
from deltalake import write_deltalake
root, files = sys.argv[1], int(sys.argv[2])
table = pa.table({"id": pa.array(range(files * 20), pa.int64())})
ids = table["id"]
table = table.append_column("group", pc.subtract(ids, pc.multiply(pc.divide(ids, 1000), 1000)))
table = table.append_column("amount", pc.cast(ids, pa.float64())).append_column("name", pc.cast(ids, pa.string()))
for i in range(files):
    write_deltalake(root, table.slice(i * 20, 20), mode="append")
print(json.dumps(0))""", root, str(SMALL_FILES))
        open(os.path.join(root, "made"), "w", encoding="utf-8").close()
    return root


def measure_upkeep(rounds, marking):
    small = make_small()
    rows = [beside(f"OPTIMIZE of {SMALL_FILES:,} small files", 1, of_tarn("OPTIMIZE TABLE"), of_side("optimize"), lambda _: small),
            beside(f"VACUUM DRY RUN over {SMALL_FILES:,} files", rounds, of_tarn("VACUUM TABLE DRY RUN"), of_side("vacuum"),
                   lambda _: small)]
    deleted = copy_of(marking, "delta-deleted")
    measure.tarn(HOME, [f"DELETE FROM delta.`{deleted}` WHERE id % 20 = 7"])
    query = "SELECT sum(id), sum(amount), count(name) FROM delta.`{}`"
    # By turns, in one process: what else the machine does meets both.
    done = measure.tarn(HOME, ["SELECT 1", *[query.format(root) for root in (marking, deleted) * 10]])
    stamps = [t for t, _ in done.lines]
    taken = [b - a for a, b in zip(stamps, stamps[1:])][2:]  # without the first of each
    times = {marking: statistics.median(taken[0::2]), deleted: statistics.median(taken[1::2])}
    rows.append(["read with 5 % of the rows deleted ÷ without (goal 1.15)", f"{times[deleted] / times[marking]:.2f}", "", "", "", ""])
    return rows


def measure_spark():
    """The same MERGEs by Spark, each once in a process of its own."""
    environment = {"TARN_DELTA_JARS": os.path.join(measure.ROOT, ".deps/delta-jars")}
    said = []
    for what, changes in (("the first MERGE", CHANGES), ("that of every row", ALL_CHANGES)):
        root = copy_of(make_rows(), "delta-spark")
        done = measure.Finished([measure.SPARK_PYTHON, os.path.join(measure.ROOT, "bench/spark_side.py"), "merge", root, changes],
                                environment)
        first, last = done.json()
        said.append(f"{what} in {first['seconds']:.1f} s, peak {last['peak_mb']:.0f} MB")
    return f"Spark local[2] did {' and '.join(said)} (no deletion vectors, not synced)."


def run(options):
    measure.tarn(HOME, ["SELECT 1"])
    rows = measure_open(options.rounds)
    writer_rows, writers = measure_writers()
    rows += writer_rows
    changes, marking = measure_changes(options.rounds)
    rows += changes + measure_upkeep(options.rounds, marking)
    text = measure.table(["seconds, where nothing else is said", "Tarn", "deltalake 1.6", "ratio", "Tarn peak MB", "deltalake peak MB"], rows)
    spark = measure_spark() if options.spark else ""
    return "\n\n".join(filter(None, ["Tarn syncs what it writes, deltalake doesn't. Medians; results compared by sums.", text, writers, spark]))
