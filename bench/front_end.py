"""Parse and analyse time of single statements, by bench/front_end.cc in one process."""

import json
import os
import statistics

import measure
from tpch import Tables

TYPICAL = ("SELECT n_name, count(*) AS orders, max(o_totalprice) FROM orders JOIN customer ON o_custkey = c_custkey "
           "JOIN nation ON c_nationkey = n_nationkey WHERE o_orderdate >= DATE'1995-01-01' AND c_mktsegment = "
           "'BUILDING' GROUP BY n_name ORDER BY orders DESC LIMIT 10")


def run(options):
    tables = Tables(options.scale)
    statements = [("typical", TYPICAL)]
    with open(tables.queries, encoding="utf-8") as f:
        statements += [(q["id"][5:], q["sql"]) for q in map(json.loads, f)]
    texts = os.path.join(measure.WORK, "front_end.jsonl")
    with open(texts, "w", encoding="utf-8") as f:
        f.write("".join(sql.replace("\n", " ") + "\n" for _, sql in statements))
    done = measure.Finished([os.path.join(measure.BUILD, "bench/tarn_front_end_bench"), tables.home, texts])
    lines = done.json()
    rows = [[name, len(sql), f"{line['parse_us']:.1f}", f"{line['analyse_us']:.0f}"]
            for (name, sql), line in zip(statements, lines)]
    rows.append(["median of TPC-H", "", f"{statistics.median(x['parse_us'] for x in lines[1:]):.1f}",
                 f"{statistics.median(x['analyse_us'] for x in lines[1:]):.0f}"])
    return ("Median of many runs in one process, as a session does it: analysing looks each table up in the "
            "catalog and looks for newer versions of it. `typical` joins three tables and groups "
            f"(goals 20 µs and 200 µs). Peak memory {done.peak_mb:.0f} MB.\n\n" +
            measure.table(["statement", "bytes", "parse µs", "analyse µs"], rows))
