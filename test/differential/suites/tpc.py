"""TPC-H and TPC-DS: data and query texts come from DuckDB's extensions and stay outside the tree.

    python3 test/differential/suites/tpc.py FOLDER      # makes the data; TARN_TPC_DATA=FOLDER

Needs duckdb==1.5.5, duckdb-extension-tpch==1.5.5 and duckdb-extension-tpcds==1.5.5 from PyPI.
"""

import glob
import json
import os
import re
import sys

SCALE = "0.01"
GENERATORS = {"tpch": "dbgen", "tpcds": "dsdgen"}


def adapted(sql):
    """The text in Spark's dialect, its order made total so that a LIMIT has one answer."""
    sql = sql.strip().rstrip(";").strip()
    sql = re.sub(r'"([^"]+)"', r"`\1`", sql)
    return sql


def with_total_order(sql, columns):
    """Appends all output columns to a top-level ORDER BY."""
    depth, at = 0, -1
    for m in re.finditer(r"'[^']*'|`[^`]*`|[()]|\border\s+by\b", sql, re.I):
        if m.group() == "(":
            depth += 1
        elif m.group() == ")":
            depth -= 1
        elif depth == 0 and m.group().lower().startswith("order"):
            at = m.start()
    if at < 0:
        return sql
    limit = re.search(r"\blimit\s+\d+\s*$", sql[at:], re.I)
    end = at + limit.start() if limit else len(sql)
    ordinals = ", ".join(str(i + 1) for i in range(columns))
    return f"{sql[:end].rstrip()}, {ordinals}\n{sql[end:]}".rstrip()


def load_generator(connection, suite):
    package = __import__(f"duckdb_extension_{suite}")
    root = os.path.dirname(package.__file__) if package.__file__ else list(package.__path__)[0]
    path = glob.glob(os.path.join(root, "**", f"{suite}.duckdb_extension"), recursive=True)[0]
    connection.execute(f"LOAD '{path}'")


def make_suite(connection, suite, folder, scale):
    """FOLDER/SUITE/*.parquet and, as the last, FOLDER/SUITE.jsonl with the query texts."""
    load_generator(connection, suite)
    connection.execute(f"CREATE SCHEMA {suite}; USE {suite}")
    connection.execute(f"CALL {GENERATORS[suite]}(sf={scale})")
    os.makedirs(os.path.join(folder, suite), exist_ok=True)
    names = connection.execute("SELECT table_name FROM duckdb_tables() "
                               f"WHERE schema_name = '{suite}' ORDER BY 1").fetchall()
    for (table,) in names:
        target = os.path.join(folder, suite, table + ".parquet")
        connection.execute(f"COPY {table} TO '{target}' (FORMAT parquet)")
    lines = []
    for number, sql in connection.execute(f"FROM {suite}_queries()").fetchall():
        columns = len(connection.execute(f"DESCRIBE {sql.strip().rstrip(';')}").fetchall())
        text = with_total_order(adapted(sql), columns)
        lines.append(json.dumps({"id": f"{suite}:q{number:02}", "sql": text}) + "\n")
    with open(os.path.join(folder, suite + ".jsonl"), "w", encoding="utf-8") as f:
        f.write("".join(lines))


def make(folder):
    import duckdb

    connection = duckdb.connect()
    for suite in GENERATORS:
        make_suite(connection, suite, folder, SCALE)


def tables(suite, folder):
    for path in sorted(glob.glob(os.path.join(folder, suite, "*.parquet"))):
        yield os.path.basename(path)[:-len(".parquet")], os.path.abspath(path)


def queries(suite, folder):
    with open(os.path.join(folder, suite + ".jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def setup_for_tarn(suite, folder):
    return [f"CREATE TABLE {name} AS SELECT * FROM parquet.`{path}`"
            for name, path in tables(suite, folder)]


def setup_for_spark(suite, folder):
    return [f"CREATE OR REPLACE TEMPORARY VIEW {name} AS SELECT * FROM parquet.`{path}`"
            for name, path in tables(suite, folder)]


if __name__ == "__main__":
    make(sys.argv[1])
