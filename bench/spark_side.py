"""Spark's side, as a process of its own: JSON lines.

    spark_side.py tpch ROOTS.json QUERIES.jsonl RUNS   # {"id", "seconds", "rows"} per run of a query
    spark_side.py load CSV TARGET SCHEMA RUNS          # {"seconds"} per load
    spark_side.py merge ROOT CHANGES                   # {"seconds"} of one MERGE
    spark_side.py files FOLDER TARGET CHECKPOINT SCHEMA PER_BATCH CAP_S
                                                       # {"seconds", "done"} of one available-now run
Each ends with {"started_s", "peak_mb"}: the session's start, and the JVM's peak memory.
"""

import json
import os
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "test", "differential"))
from judge import start  # noqa: E402  The one place that knows how to start Spark.

AS_BY_DEFAULT = {
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.adaptive.enabled": "true",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
}


def say(**fields):
    print(json.dumps(fields), flush=True)


def tpch(spark, roots, queries, runs):
    from pyspark.sql import functions as F

    with open(roots, encoding="utf-8") as f:
        for name, root in json.load(f).items():
            spark.sql(f"CREATE TEMPORARY VIEW {name} AS SELECT * FROM delta.`{root}`")
    with open(queries, encoding="utf-8") as f:
        for query in map(json.loads, f):
            for _ in range(int(runs)):
                started = time.perf_counter()
                frame = spark.sql(query["sql"])
                frame = frame.toDF(*[f"c{i}" for i in range(len(frame.columns))])
                rows = frame.select(*[F.col(c).cast("string") for c in frame.columns]).collect()
                say(id=query["id"], seconds=time.perf_counter() - started, rows=[list(r) for r in rows])


def load(spark, csv, target, schema, runs):
    for _ in range(int(runs)):
        shutil.rmtree(target, ignore_errors=True)
        started = time.perf_counter()
        frame = spark.read.csv(csv, header=True, schema=schema)
        frame.write.format("delta").save(target)
        say(seconds=time.perf_counter() - started)


def files(spark, folder, target, checkpoint, schema, per_batch, cap_s):
    """The file source, from the query's start until all files that it found are in the table or the cap is reached."""
    started = time.perf_counter()
    frame = spark.readStream.schema(schema).option("maxFilesPerTrigger", per_batch).json(folder)
    query = (frame.writeStream.format("delta").option("checkpointLocation", checkpoint)
             .trigger(availableNow=True).start(target))
    done = query.awaitTermination(float(cap_s))
    query.stop()
    say(seconds=time.perf_counter() - started, done=done)


def merge(spark, root, changes):
    """A MERGE by a Parquet file of changes."""
    spark.read.parquet(changes).createOrReplaceTempView("s")
    spark.sql(f"SELECT count(*) FROM delta.`{root}`").collect()
    started = time.perf_counter()
    spark.sql(f"MERGE INTO delta.`{root}` AS t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * "
              "WHEN NOT MATCHED THEN INSERT *")
    say(seconds=time.perf_counter() - started)


def main():
    started = time.perf_counter()
    spark = start(memory="4g", extra=AS_BY_DEFAULT)
    spark.sql("SELECT 1").collect()
    started_s = time.perf_counter() - started
    {"tpch": tpch, "load": load, "files": files, "merge": merge}[sys.argv[1]](spark, *sys.argv[2:])
    with open(f"/proc/{spark.sparkContext._gateway.proc.pid}/status", encoding="utf-8") as f:
        peak_kb = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    say(started_s=started_s, peak_mb=peak_kb / 1024)


if __name__ == "__main__":
    main()
