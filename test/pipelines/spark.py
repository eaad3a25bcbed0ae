#!/usr/bin/env python3
"""Runs the project spark/ under Spark's own spark-pipelines and under Tarn and compares all tables.

  spark.py [--tarn PROGRAM]

Needs the environment of `./dev need spark`; without it the test is skipped, and fails in CI.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENV = ROOT / ".deps" / "venv-spark"
TABLES = ("orders", "revenue", "best", "seen", "views", "robots")
SOURCE = ("CREATE TABLE page_views (visitor INT, item STRING) USING {format}",
          "INSERT INTO page_views VALUES (1, 'Tea'), (2, 'Cup'), (1, 'TEA'), (-1, 'Cup'), (0, NULL), (3, NULL)")
# Prints each table of a warehouse as one line of JSON, values as text.
READ = """
import json, pathlib, sys
import pyarrow.parquet as pq
for table in sys.argv[2:]:
    files = [f for f in sorted((pathlib.Path(sys.argv[1]) / table).glob("*.parquet"))]
    rows = [row for f in files for row in pq.ParquetFile(f).read().to_pylist()]
    print(json.dumps([{k: None if v is None else str(v) for k, v in row.items()} for row in rows]))
"""


def run(command, folder, what):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=600,
                          env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "TZ": "UTC",
                               "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"})
    if done.returncode != 0:
        sys.exit(f"{what} ended with {done.returncode}:\n{done.stdout[-4000:]}\n0 passed, 1 failed, 0 skipped")
    return done.stdout


def spark_tables(folder):
    # The tables of the catalog outlive a process only in Hive's metastore, a file of the folder.
    settings = ["--conf", "spark.sql.catalogImplementation=hive", "--conf", "spark.ui.enabled=false",
                "--conf", "spark.sql.session.timeZone=UTC", "--conf", "spark.sql.shuffle.partitions=1"]
    run([VENV / "bin" / "spark-sql", *settings, "-e", ";".join(SOURCE).format(format="parquet")], folder, "spark-sql")
    run([VENV / "bin" / "spark-pipelines", *settings, "run"], folder, "spark-pipelines")
    lines = run([VENV / "bin" / "python", "-c", READ, folder / "spark-warehouse", *TABLES], folder, "pyarrow")
    return dict(zip(TABLES, map(json.loads, lines.splitlines())))


def tarn_tables(tarn, folder):
    home = ["--home", str(folder / "lake")]
    run([tarn, "sql", *home, "-e", ";".join(SOURCE).format(format="delta")], folder, "tarn sql")
    run([tarn, "pipeline", "run", *home], folder, "tarn pipeline run")
    tables = {}
    for table in TABLES:
        columns = json.loads(run([tarn, "sql", *home, "-o", "json", "-e", f"DESCRIBE TABLE {table}"], folder, "tarn"))
        names = [c["col_name"] for c in columns if c["col_name"] and not c["col_name"].startswith("#")]
        texts = ", ".join(f"CAST(`{n}` AS STRING) AS `{n}`" for n in dict.fromkeys(names))
        tables[table] = json.loads(run([tarn, "sql", *home, "-o", "json", "-e", f"SELECT {texts} FROM {table}"],
                                       folder, "tarn sql"))
    return tables


def project(folder):
    shutil.copytree(HERE / "spark", folder)
    spec = folder / "spark-pipeline.yml"
    spec.write_text(spec.read_text().replace("/FOLDER", str(folder)))
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tarn", default=str(ROOT / "build" / "tarn"))
    arguments = parser.parse_args()
    tarn = str(pathlib.Path(arguments.tarn).resolve())
    if not VENV.exists():
        print("no Spark environment: ./dev need spark")
        print(f"0 passed, {int('CI' in os.environ)} failed, {len(TABLES)} skipped")
        return int("CI" in os.environ)
    with tempfile.TemporaryDirectory(prefix="tarn-spark-pipelines-") as temporary:
        ours = tarn_tables(tarn, project(pathlib.Path(temporary) / "tarn"))
        theirs = spark_tables(project(pathlib.Path(temporary) / "spark"))
    failed = 0
    for table in TABLES:
        left, right = (collections.Counter(json.dumps(row, sort_keys=True) for row in tables[table])
                       for tables in (theirs, ours))
        if left != right or not left:
            failed += 1
            print(f"FAILED {table}\n  Spark: {sorted(left.elements())}\n  Tarn:  {sorted(right.elements())}")
    print(f"{len(TABLES) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
