#!/usr/bin/env python3
"""Asks a real Spark every statement of the named suites and stores its answers.

    make_answers.py functions matrix statements tpch tpcds random
    make_answers.py statements/joins          # one topic of a suite

See README.md for the environment that it needs.
"""

import hashlib
import importlib
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import run  # noqa: E402

VOLATILE = re.compile(
    r"\b(uuid|rand|randn|random|randstr|uniform|shuffle|now|curdate|current_\w+|localtimestamp|"
    r"session_user|user|version|monotonically_increasing_id|spark_partition_id|input_file_\w+|"
    r"collations|reflect|java_method|try_reflect|python_worker_logs)\s*\(|"
    r"\bselect\s+(current_date|current_time|current_timestamp|localtimestamp|current_user)\s*$|"
    r"\bunix_timestamp\(\)|"
    # A time alone is one of the day that the statement runs on.
    r"\bcast\('\d\d?:\d\d[^']*' AS TIMESTAMP\)|"
    # Without an initialization vector a random one is taken.
    r"\baes_encrypt\('[^']*', '[^']*'(, '(GCM|CBC)'(, 'DEFAULT')?)?\)", re.I)
# Their elements come in no particular order.
UNORDERED = re.compile(r"\b(collect_set|collect_list|array_agg|map_from_\w+|histogram_numeric)\s*\(",
                       re.I)


MODULES = {"random": "random_queries"}  # not `random`: that would hide Python's own


class Ids:
    """Stable ids: prefix and a hash of the text, so that a statement added moves no other."""

    def __init__(self):
        self.seen = {}

    def next(self, prefix, sql):
        key = f"{prefix}:{hashlib.sha1(sql.encode()).hexdigest()[:8]}"
        self.seen[key] = self.seen.get(key, 0) + 1
        return key if self.seen[key] == 1 else f"{key}.{self.seen[key]}"


def write(path, records):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as f:
        for r in records:
            f.write(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n")
    os.replace(path + ".new", path)


def record(judge, spark, ident, sql, extra):
    answer = judge.answer(spark, sql)
    entry = {"id": ident, "sql": sql, **extra}
    if not entry.pop("text", True):
        del entry["sql"]
    if VOLATILE.search(sql):
        entry["volatile"] = True
    elif UNORDERED.search(sql):
        entry["unordered"] = True
    if "rows" in answer and not run.ordered(sql):
        answer["rows"].sort(key=lambda row: [(v is None, v or "") for v in row])
    if entry.get("volatile"):
        answer.pop("rows", None)
    entry.update(answer)
    return entry


def make(judge, spark, suite, only=None):
    module = importlib.import_module("suites." + MODULES.get(suite, suite))
    spark = spark.newSession()
    files = module.files(spark) if hasattr(module, "files") else [(None, module.statements(spark))]
    for topic, statements in files:
        if only and topic != only:
            continue
        judge.clean(spark)
        ids, records, started = Ids(), [], time.time()
        keep = getattr(module, "keep", lambda entry: True)
        for prefix, sql, extra in statements:
            if suite == "statements" and not records:
                spark = spark.newSession()
            ident = ids.next(prefix, sql) if extra.get("text", True) else prefix
            entry = record(judge, spark, ident, sql, extra)
            if keep(entry):
                records.append(entry)
            if len(records) % 500 == 0:
                print(f"  {suite} {topic or ''} {len(records)} {time.time() - started:.0f} s",
                      flush=True)
        name = f"{suite}/{topic}" if topic else suite
        write(os.path.join(HERE, "answers", name + ".jsonl"), records)
        errors = sum("error" in r for r in records)
        print(f"{name}: {len(records)} answers, {errors} of them errors, "
              f"{time.time() - started:.0f} s", flush=True)


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    import judge

    spark = judge.start()
    for name in sys.argv[1:]:
        suite, _, topic = name.partition("/")
        make(judge, spark, suite, topic or None)
    spark.stop()


if __name__ == "__main__":
    main()
