"""TPC-H in Databricks SQL over Delta tables, beside DuckDB and Spark over the same files."""

import glob
import hashlib
import json
import os
import shutil
import statistics
import sys

import measure

sys.path.insert(0, os.path.join(measure.ROOT, "test", "differential"))
from suites import tpc  # noqa: E402

HOT_RUNS = 2
# The queries that compute with decimals: + - * /, sum or avg. The others only compare or pass them on.
WITHOUT_DECIMALS = {f"tpch:q{n:02}" for n in (2, 4, 12, 13, 16, 21)}

MAKE = """
import os, sys
sys.path.insert(0, os.path.dirname(os.path.dirname(sys.argv[1])))
import duckdb
from suites import tpc
tpc.make_suite(duckdb.connect(), "tpch", sys.argv[2], sys.argv[3])
print("\\ntrue")  # Behind DuckDB's progress bar.
"""


class Tables:
    """The data as Parquet, loaded by Tarn into Delta tables once per scale."""

    def __init__(self, scale):
        self.folder = os.path.join(measure.WORK, f"tpch-sf{scale}")
        self.home = os.path.join(self.folder, "lake")
        self.queries = os.path.join(self.folder, "tpch.jsonl")
        done = os.path.join(self.folder, "done")
        if not os.path.exists(done):
            shutil.rmtree(self.folder, ignore_errors=True)
            os.makedirs(self.folder)
            measure.python(MAKE, tpc.__file__, self.folder, scale)
            measure.tarn(self.home, tpc.setup_for_tarn("tpch", self.folder))
            open(done, "w", encoding="utf-8").close()
        names = [name for name, _ in tpc.tables("tpch", self.folder)]
        details = measure.tarn(self.home, [f"DESCRIBE DETAIL {name}" for name in names]).json()
        self.roots, self.files = {}, {}
        for name, detail in zip(names, details):
            column = [c["name"] for c in detail["columns"]].index("location")
            self.roots[name] = detail["rows"][0][column].removeprefix("file:")
            self.files[name] = sorted(glob.glob(self.roots[name] + "/**/*.parquet", recursive=True))
        self.roots_file = self.write("roots.json", self.roots)
        self.files_file = self.write("files.json", self.files)

    def write(self, name, value):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            json.dump(value, f)
        return path


def checksum(rows):
    text = json.dumps(sorted(rows, key=lambda r: [v or "" for v in r]))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def same_value(ours, theirs):
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if ours == str(theirs):
        return True
    try:
        a, b = float(ours), float(theirs)
    except ValueError:
        return False
    return abs(a - b) <= 2e-5 * max(abs(a), abs(b))


def same_rows(ours, theirs):
    return len(ours) == len(theirs) and all(
        len(a) == len(b) and all(map(same_value, a, b)) for a, b in zip(ours, theirs))


def tarn_runs(tables, queries, runs):
    """One process: per query the seconds and rows of each run, as a client sees them."""
    done = measure.tarn(tables.home, [q["sql"] for q in queries for _ in range(runs)])
    answers, before = {}, None
    for index, (at, line) in enumerate(done.lines):
        # The first statement's start is not seen; it counts from the process's.
        answers.setdefault(queries[index // runs]["id"], []).append(
            (at - (before or 0), json.loads(line)["rows"]))
        before = at
    return answers, done.peak_mb


def duck_runs(tables, runs):
    done = measure.Finished([measure.PYTHON, os.path.join(measure.ROOT, "bench/duck_side.py"),
                             tables.files_file, tables.queries, str(runs)])
    answers = {}
    for line in done.json():
        answers.setdefault(line["id"], []).append((line["seconds"], line["rows"]))
    return answers, done.peak_mb


def cold_runs(tables, queries):
    """Per query, a new process of each with nothing of the data in memory: (Tarn, DuckDB)."""
    cold = {}
    for query in queries:
        measure.drop_cached_pages(tables.home)
        ours = measure.tarn(tables.home, [query["sql"]]).lines[-1][0]
        measure.drop_cached_pages(tables.home)
        theirs = measure.Finished([measure.PYTHON, os.path.join(measure.ROOT, "bench/duck_side.py"),
                                   tables.files_file, tables.queries, "1", query["id"]])
        cold[query["id"]] = (ours, theirs.json()[0]["seconds"])
    return cold


def spark_runs(tables):
    done = measure.Finished([measure.SPARK_PYTHON, os.path.join(measure.ROOT, "bench/spark_side.py"),
                             "tpch", tables.roots_file, tables.queries, str(1 + HOT_RUNS)],
                            {"TARN_DELTA_JARS": os.path.join(measure.ROOT, ".deps/delta-jars")})
    lines = done.json()
    answers = {}
    for line in lines[:-1]:
        answers.setdefault(line["id"], []).append((line["seconds"], line["rows"]))
    return answers, lines[-1]


def ratios(pairs):
    """Geometric means of a/b over all queries and over those without decimal arithmetic."""
    return (measure.geometric_mean([a / b for a, b in pairs.values()]),
            measure.geometric_mean([a / b for i, (a, b) in pairs.items() if i in WITHOUT_DECIMALS]))


def against_duck(tables, queries, rounds):
    ours, theirs, peaks = {}, {}, [0, 0]
    for _ in range(rounds):
        for side, (runs, peak) in enumerate((tarn_runs(tables, queries, 1 + HOT_RUNS),
                                             duck_runs(tables, 1 + HOT_RUNS))):
            peaks[side] = max(peaks[side], peak)
            for ident, answers in runs.items():
                (ours, theirs)[side].setdefault(ident, []).extend(answers[1:])
    rows, hot = {}, {}
    for query in queries:
        ident = query["id"]
        answers = ours[ident]
        agree = all(same_rows(answers[0][1], rows_) for _, rows_ in answers + theirs[ident])
        rows[ident] = answers[0][1]
        if not agree:
            print(f"  {ident}: the results differ; its times don't count", flush=True)
            continue
        hot[ident] = tuple(statistics.median(s for s, _ in side[ident]) for side in (ours, theirs))
    return rows, hot, peaks


def milliseconds(seconds):
    return f"{seconds * 1000:.0f}"


def run(options):
    tables = Tables(options.scale)
    queries = [json.loads(line) for line in open(tables.queries, encoding="utf-8")]
    rows, hot, peaks = against_duck(tables, queries, options.rounds)
    cold = {i: c for i, c in cold_runs(tables, queries).items() if i in hot}
    spark, spark_end = spark_runs(tables) if options.spark else ({}, None)
    spark_hot, spark_cold, lines = {}, {}, []
    for ident in rows:
        row = [ident[5:] + ("" if ident in WITHOUT_DECIMALS else " ·"), checksum(rows[ident])]
        if ident not in hot:
            lines.append(row + ["results differ"])
            continue
        for pair in (hot[ident], cold[ident]):
            row += [milliseconds(pair[0]), milliseconds(pair[1]), f"{pair[0] / pair[1]:.2f}"]
        if ident in spark:
            first, *later = spark[ident]
            if any(checksum(r) != checksum(rows[ident]) for _, r in spark[ident]):
                print(f"  {ident}: Spark's result differs; its time doesn't count", flush=True)
                row += ["results differ", "", ""]
            else:
                spark_hot[ident] = (statistics.median(s for s, _ in later), hot[ident][0])
                spark_cold[ident] = (first[0], cold[ident][0])
                row += [milliseconds(spark_hot[ident][0]), milliseconds(first[0]),
                        f"{spark_hot[ident][0] / hot[ident][0]:.1f}"]
        lines.append(row)
    head = ["query", "checksum", "Tarn hot ms", "DuckDB hot ms", "ratio", "Tarn cold ms", "DuckDB cold ms",
            "ratio"]
    if spark:
        head += ["Spark hot ms", "Spark first ms", "Spark/Tarn hot"]
    (all_hot, plain_hot), (all_cold, plain_cold) = ratios(hot), ratios(cold)
    text = [f"Scale factor {options.scale}, {options.rounds} rounds, {len(hot)} of {len(rows)} results agree "
            "(· marks queries with decimal arithmetic). Nothing is written, so nothing is synced.", "",
            f"- Tarn ÷ DuckDB, geometric mean, hot: **{all_hot:.2f}** over all, **{plain_hot:.2f}** without "
            "decimal arithmetic (goals 1.5 and 1.10)",
            f"- cold: {all_cold:.2f} over all, {plain_cold:.2f} without decimal arithmetic",
            f"- peak memory: Tarn {peaks[0]:.0f} MB, DuckDB {peaks[1]:.0f} MB"]
    if spark:
        text += [f"- Spark ÷ Tarn, geometric mean over {len(spark_hot)} queries, hot: "
                 f"**{ratios(spark_hot)[0]:.1f}** (goal 15); its first run ÷ Tarn cold: "
                 f"{ratios(spark_cold)[0]:.1f}",
                 f"- Spark local[2]: session ready after {spark_end['started_s']:.1f} s, peak memory "
                 f"{spark_end['peak_mb']:.0f} MB"]
    return "\n".join(text) + "\n\n" + measure.table(head, lines)
