#!/usr/bin/env python3
"""The part of the interoperation tests that runs in real Spark with Delta.

Answers requests, one JSON object a line, with {"answer": …} or {"error": text}:

    {"verb": "write", "folder": F}        makes the tables of TABLES below F; their paths
    {"verb": "read", "paths": [P…]}       {path: columns, rows, history, partition columns}
    {"verb": "versions", "path": P}       the rows of each version
    {"verb": "append", "paths": [P…]}     each table's rows once more, appended to it
    {"verb": "run", "statements": [S…]}   the rows of each statement
    {"verb": "files", "path": P, "conditions": [C…]}   how many files Spark reads for each condition
    {"verb": "try", "tasks": {K: {"statements": [S…], "path": P or null}}}
                                          each by itself: {K: {"refused": first line}}, or what is read at P then

Values are rendered as CAST(value AS STRING) does, binary as hexadecimal digits.
"""

import json
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "differential"))

ALL_TYPES = """a BOOLEAN, b TINYINT, c SMALLINT, d INT NOT NULL, e BIGINT, f FLOAT, g DOUBLE,
 h DECIMAL(10,2), i DECIMAL(38,18), j STRING, k BINARY, l DATE, m TIMESTAMP, n TIMESTAMP_NTZ,
 o ARRAY<INT>, p MAP<STRING, DOUBLE>, q STRUCT<x: INT, y: STRUCT<z: STRING, w: DECIMAL(5,1)>>,
 r ARRAY<STRUCT<k: STRING, v: ARRAY<BIGINT>>>"""
ALL_ROWS = [
    """true, -128, -32768, -2147483648, -9223372036854775808, '-3.4028235E38', 'NaN', -99999999.99,
 -99999999999999999999.999999999999999999, '', X'', DATE'0001-01-01', TIMESTAMP'1969-12-31 23:59:59.999999',
 TIMESTAMP_NTZ'0001-01-01 00:00:00', array(), map(), named_struct('x', NULL, 'y', NULL), array()""",
    """false, 127, 32767, 2147483647, 9223372036854775807, '-0.0', '-0.0', 99999999.99,
 99999999999999999999.999999999999999999, 'tab\\tquote"é日😀', X'00FF', DATE'9999-12-31',
 TIMESTAMP'2024-02-29 12:34:56.123456', TIMESTAMP_NTZ'9999-12-31 23:59:59.999999', array(1, NULL, 3),
 map('a', 1.5D, 'b', NULL), named_struct('x', 1, 'y', named_struct('z', 'q', 'w', 1.5)),
 array(named_struct('k', 'u', 'v', array(1L, NULL)), NULL)""",
    """NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL""",
    """true, 1, 2, 3, 4, 1.5, 'Infinity', 1.10, 2.5, 'plain', X'6162', DATE'2024-01-01',
 TIMESTAMP'2024-01-01 00:00:00', TIMESTAMP_NTZ'2024-01-01 00:00:00', array(1), map('k', 'NaN'),
 named_struct('x', 2, 'y', named_struct('z', NULL, 'w', NULL)), array(named_struct('k', NULL, 'v', NULL))""",
]
MAPPED = "'delta.columnMapping.mode' = '{0}', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5'"

# name: statements; {t} is the table.
TABLES = {
    "types": [f"CREATE TABLE {{t}} ({ALL_TYPES}) USING delta"] +
             [f"INSERT INTO {{t}} VALUES ({row})" for row in ALL_ROWS],
    "partitioned": [
        "CREATE TABLE {t} (id INT, s STRING, d DATE, n INT, ts TIMESTAMP, v DOUBLE) USING delta "
        "PARTITIONED BY (s, d, n, ts)",
        "INSERT INTO {t} VALUES (1, 'a b', DATE'2024-01-01', 1, TIMESTAMP'2024-01-01 10:00:00.5', 1.5), "
        "(2, 'x/y=z%25', DATE'1969-12-31', -1, TIMESTAMP'1969-12-31 23:59:59', -0.0D), "
        "(3, NULL, NULL, NULL, NULL, NULL), (4, 'é:日#?&', DATE'9999-12-31', 7, NULL, double('NaN')), "
        "(5, '', DATE'2024-01-01', 0, NULL, 2)",
        "DELETE FROM {t} WHERE id = 5"],
    "partition_types": [
        "CREATE TABLE {t} (id INT, b BOOLEAN, by TINYINT, l BIGINT, f DOUBLE, de DECIMAL(10,2), bi BINARY, "
        "nt TIMESTAMP_NTZ) USING delta PARTITIONED BY (b, by, l, f, de, bi, nt)",
        "INSERT INTO {t} VALUES (1, true, 1, 9000000000, 1.5, 1.10, X'6162', TIMESTAMP_NTZ'2024-01-01 01:02:03.000004'), "
        "(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, false, -128, -1, double('NaN'), -99999999.99, X'41', NULL)"],
    "checkpointed": ["CREATE TABLE {t} (id INT, s STRING) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '3')"] +
                    [f"INSERT INTO {{t}} SELECT id, concat('r', id) FROM range({i * 10}, {i * 10 + 10})" for i in range(8)] +
                    ["DELETE FROM {t} WHERE id % 7 = 0", "UPDATE {t} SET s = upper(s) WHERE id < 20"],
    "checkpoint_v2": ["CREATE TABLE {t} (id INT, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES "
                      "('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '3')"] +
                     [f"INSERT INTO {{t}} SELECT id, id % 2 FROM range({i * 10}, {i * 10 + 10})" for i in range(5)],
    "deletion_vectors": [
        "CREATE TABLE {t} (id INT, s STRING) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
        "INSERT INTO {t} SELECT id, concat('r', id) FROM range(1000)",
        "DELETE FROM {t} WHERE id % 3 = 0", "DELETE FROM {t} WHERE id BETWEEN 100 AND 120",
        "UPDATE {t} SET s = 'changed' WHERE id IN (1, 500)", "DELETE FROM {t} WHERE id = 998"],
    "mapped_by_name": [
        f"CREATE TABLE {{t}} (id INT, old_name STRING, gone INT, st STRUCT<a: INT, b: STRING>, part STRING) USING delta "
        f"PARTITIONED BY (part) TBLPROPERTIES ({MAPPED.format('name')})",
        "INSERT INTO {t} VALUES (1, 'x', 5, named_struct('a', 1, 'b', 'q'), 'p1'), (2, 'y', 6, NULL, 'p 2')",
        "ALTER TABLE {t} RENAME COLUMN old_name TO `new, name`", "ALTER TABLE {t} DROP COLUMN gone",
        "ALTER TABLE {t} RENAME COLUMN st.a TO renamed", "ALTER TABLE {t} ADD COLUMN (extra DOUBLE)",
        "ALTER TABLE {t} RENAME COLUMN part TO `part col`",
        "INSERT INTO {t} (id, `new, name`, st, `part col`, extra) VALUES (3, 'z', named_struct('renamed', 3, 'b', NULL), NULL, 1.5)"],
    "mapped_by_id": [
        f"CREATE TABLE {{t}} (id INT, s STRING, xs ARRAY<STRUCT<k: INT>>) USING delta TBLPROPERTIES ({MAPPED.format('id')})",
        "INSERT INTO {t} VALUES (1, 'x', array(named_struct('k', 1))), (2, NULL, NULL)",
        "ALTER TABLE {t} RENAME COLUMN s TO t", "INSERT INTO {t} VALUES (3, 'z', array())"],
    "added_column": ["CREATE TABLE {t} (id INT) USING delta", "INSERT INTO {t} VALUES (1)",
                     "ALTER TABLE {t} ADD COLUMN (s STRING, st STRUCT<a: INT>)",
                     "INSERT INTO {t} VALUES (2, 'x', named_struct('a', 1))",
                     "ALTER TABLE {t} ADD COLUMN (st.b STRING)"],
    "constrained": [
        "CREATE TABLE {t} (id INT NOT NULL, v INT, twice INT GENERATED ALWAYS AS (v * 2)) USING delta",
        "ALTER TABLE {t} ADD CONSTRAINT small CHECK (v < 100)", "INSERT INTO {t} (id, v) VALUES (1, 5)"],
    "odd path é %20 #1": ["CREATE TABLE {t} (id INT, p STRING) USING delta PARTITIONED BY (p)",
                          "INSERT INTO {t} VALUES (1, 'a+b'), (2, '..'), (3, '50%')"],
    "widened": [
        "CREATE TABLE {t} (b TINYINT, i INT, l BIGINT, f FLOAT, d DECIMAL(5,2), day DATE, p INT) USING delta "
        "PARTITIONED BY (p) TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.checkpointInterval' = '2', "
        "'delta.feature.timestampNtz' = 'supported')",
        "INSERT INTO {t} VALUES (1, 2, 3, 0.1, 1.25, DATE'2026-01-02', 7)",
        "ALTER TABLE {t} ALTER COLUMN b TYPE SMALLINT", "ALTER TABLE {t} ALTER COLUMN b TYPE INT",
        "ALTER TABLE {t} ALTER COLUMN i TYPE DOUBLE", "ALTER TABLE {t} ALTER COLUMN l TYPE DECIMAL(22,2)",
        "ALTER TABLE {t} ALTER COLUMN f TYPE DOUBLE", "ALTER TABLE {t} ALTER COLUMN d TYPE DECIMAL(8,3)",
        "ALTER TABLE {t} ALTER COLUMN day TYPE TIMESTAMP_NTZ", "ALTER TABLE {t} ALTER COLUMN p TYPE BIGINT",
        "INSERT INTO {t} VALUES (100000, 0.5, 12345678901234567890.25, 0.1D, 12345.678, "
        "TIMESTAMP_NTZ'2026-01-02 03:04:05', 7000000000)"],
    "empty": ["CREATE TABLE {t} (id INT, s STRING) USING delta"],
    "appended_only": ["CREATE TABLE {t} (id INT) USING delta TBLPROPERTIES ('delta.appendOnly' = 'true')",
                      "INSERT INTO {t} VALUES (1)"],
}


def rows_of(df):
    from pyspark.sql import functions as F
    flat = df.toDF(*[f"c{i}" for i in range(len(df.columns))])
    picked = [F.hex(f"c{i}") if f.dataType.simpleString() == "binary" else F.col(f"c{i}").cast("string")
              for i, f in enumerate(df.schema.fields)]
    # One text a row, since each value that Spark hands over to Python takes its time.
    rows = flat.select(F.to_json(F.array(*picked), {"ignoreNullFields": "false"})).collect()
    return [json.loads(row[0]) for row in rows]


def read(spark, path):
    df = spark.read.format("delta").load(path)
    history = spark.sql(f"DESCRIBE HISTORY delta.`{path}`").select("version", "operation").collect()
    partitions = spark.sql(f"DESCRIBE DETAIL delta.`{path}`").select("partitionColumns").collect()[0][0]
    return {"columns": [{"name": f.name, "type": f.dataType.simpleString(), "nullable": f.nullable}
                        for f in df.schema.fields],
            "rows": rows_of(df), "partition_columns": "[" + ", ".join(partitions) + "]",
            "history": sorted([r.version, r.operation] for r in history)}


def write(spark, folder):
    paths = {name: os.path.abspath(os.path.join(folder, name)) for name in TABLES}
    for name, statements in TABLES.items():
        for statement in statements:
            spark.sql(statement.replace("{t}", f"delta.`{paths[name]}`"))
    return paths


def versions(spark, path):
    known = [r.version for r in spark.sql(f"DESCRIBE HISTORY delta.`{path}`").select("version").collect()]
    return {v: rows_of(spark.read.format("delta").option("versionAsOf", v).load(path)) for v in sorted(known)}


def checksum(spark, path):
    """What Spark finds of the checksum file of the table's version: "none", "right", "wrong"."""
    snapshot = spark._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, path).unsafeVolatileSnapshot()
    if not snapshot.checksumOpt().isDefined():
        return "none"
    return "right" if snapshot.validateChecksum(spark._jvm.PythonUtils.toScalaMap({})) else "wrong"


def first_line(exception):
    """The first line of what Spark says of a failure."""
    from py4j.protocol import Py4JJavaError
    text = exception.java_exception.toString() if isinstance(exception, Py4JJavaError) else str(exception)
    return text.strip().splitlines()[0]


def try_one(spark, statements, path):
    """Runs the statements in a session of their own, and reads."""
    session = spark.newSession()
    done = 0
    try:
        for statement in statements:
            session.sql(statement)
            done += 1
        if path is None:
            return {"done": done}
        df = session.read.format("delta").load(path)
        return {"done": done, "columns": [[f.name, f.dataType.simpleString()] for f in df.schema.fields], "rows": rows_of(df)}
    except Exception as exception:  # a refusal is an answer
        return {"done": done, "refused": first_line(exception)}


def try_all(spark, tasks):
    with ThreadPoolExecutor(3) as pool:
        running = {key: pool.submit(try_one, spark, task["statements"], task["path"]) for key, task in tasks.items()}
        answers = {key: future.result() for key, future in running.items()}
    # Else the snapshots of hundreds of tables stay in memory, and the collector of garbage finds nothing to take.
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
    return answers


def answer(spark, request):
    verb = request["verb"]
    if verb == "write":
        return write(spark, request["folder"])
    if verb == "read":
        return {path: read(spark, path) for path in request["paths"]}
    if verb == "checksum":
        return {path: checksum(spark, path) for path in request["paths"]}
    if verb == "files":
        table = spark.read.format("delta").load(request["path"])
        return [len(table.where(condition).inputFiles()) for condition in request["conditions"]]
    if verb == "versions":
        return versions(spark, request["path"])
    if verb == "try":
        return try_all(spark, request["tasks"])
    if verb == "run":
        return [rows_of(spark.sql(statement)) for statement in request["statements"]]
    for path in request["paths"]:
        spark.sql(f"INSERT INTO delta.`{path}` SELECT * FROM delta.`{path}`")
    return None


def main():
    import judge
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Spark's own chatter goes to stderr
    spark = judge.start(memory="2g")
    for line in sys.stdin:
        try:
            result = {"answer": answer(spark, json.loads(line))}
        except Exception:  # whatever it is, the test is to tell it
            result = {"error": traceback.format_exc()[-3000:]}
        json.dump(result, out)
        out.write("\n")
        out.flush()
    spark.stop()


if __name__ == "__main__":
    main()
