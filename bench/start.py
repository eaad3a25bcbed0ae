"""From the start of a process to its first row."""

import statistics

import measure
from tpch import Tables

RUNS = 21


def first_row(arguments):
    """(median, least) milliseconds to the first line of output, and peak memory."""
    done = [measure.Finished(arguments) for _ in range(RUNS)]
    times = [d.lines[0][0] * 1000 for d in done]
    ends = [d.seconds * 1000 for d in done]
    return [f"{statistics.median(times):.0f}", f"{min(times):.0f}", f"{statistics.median(ends):.0f}",
            f"{max(d.peak_mb for d in done):.0f}"]


def run(options):
    tables = Tables(options.scale)
    nation = tables.roots["nation"]
    tarn = [measure.TARN, "sql", "--home", tables.home, "--output", "jsonl", "-e"]
    python = [measure.PYTHON, "-c"]
    query = "SELECT n_name FROM nation ORDER BY n_nationkey LIMIT 1"
    rows = [
        ["Tarn: `SELECT 1` (goal 100 ms)", *first_row([*tarn, "SELECT 1"])],
        ["Tarn: a query on a Delta table (goal 150 ms)", *first_row([*tarn, query])],
        ["DuckDB in Python: `SELECT 1`",
         *first_row([*python, "import duckdb; print(duckdb.sql('SELECT 1').fetchall(), flush=True)"])],
        ["DuckDB in Python: the query on the Parquet file",
         *first_row([*python, "import duckdb; print(duckdb.sql(\"" + query.replace(
             "nation", f"'{tables.files['nation'][0]}'", 1) + "\").fetchall(), flush=True)"])],
        ["deltalake in Python: the table's rows",
         # deltalake's threads abort the process now and then when the interpreter is taken down.
         *first_row([*python, "import os, deltalake; print(deltalake.DeltaTable("
                     f"'{nation}').to_pyarrow_table().num_rows, flush=True); os._exit(0)"])],
    ]
    return f"{RUNS} processes each, everything in the page cache. Tarn writes its statement history.\n\n" + \
        measure.table(["", "first row, median ms", "least ms", "process ends, median ms", "peak MB"], rows)
