"""DuckDB's side of tpch, as a process of its own: one JSON line per run of a query.

    duck_side.py FILES.json QUERIES.jsonl RUNS [ID]
"""

import datetime
import decimal
import json
import sys
import time

import duckdb


def plain(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value.isoformat()
    return value


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        tables = json.load(f)
    with open(sys.argv[2], encoding="utf-8") as f:
        queries = [json.loads(line) for line in f]
    if len(sys.argv) > 4:
        queries = [q for q in queries if q["id"] == sys.argv[4]]
    started = time.perf_counter()
    connection = duckdb.connect()
    for name, files in tables.items():
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({files!r})")
    for query in queries:
        sql = query["sql"].replace("`", '"')
        for run in range(int(sys.argv[3])):
            if run or len(queries) > 1:
                started = time.perf_counter()
            rows = connection.execute(sql).fetchall()
            seconds = time.perf_counter() - started
            print(json.dumps({"id": query["id"], "seconds": seconds,
                              "rows": [[plain(v) for v in row] for row in rows]}), flush=True)


if __name__ == "__main__":
    main()
