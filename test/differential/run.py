#!/usr/bin/env python3
"""Compares Tarn with the stored answers of real Spark.

    run.py [--tarn PROGRAM] [--update] [--show N] [--id PREFIX] [--causes FILE] [SUITE ...]

Every suite goes through one `tarn sql --output results` process. A statement passes when column
names, types, values and the error condition agree. `baseline/SUITE.txt` lists the ids that pass;
the run fails when one of them fails; `--update` adds the new ones (and never removes any).
"""

import argparse
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`|[()]|\border\s+by\b", re.I | re.S)
NO_CONDITION = ("_LEGACY_ERROR", "INTERNAL_ERROR", "UNKNOWN")
TIMEOUT_S = 60


def suites():
    found = []
    root = os.path.join(HERE, "answers")
    for folder, _, files in os.walk(root):
        for f in files:
            if f.endswith(".jsonl"):
                found.append(os.path.relpath(os.path.join(folder, f), root)[:-len(".jsonl")])
    return sorted(found)


def load(suite):
    with open(os.path.join(HERE, "answers", suite + ".jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def ordered(sql):
    """Whether the statement has an ORDER BY outside all parentheses."""
    depth = 0
    for token in TOKEN.findall(sql):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and token[:1] in "oO":
            return True
    return False


class Tarn:
    """Runs statements in order and survives a crash or a hang of the program."""

    def __init__(self, program, home):
        self.program, self.home = program, home
        self.crashes = 0

    def run(self, statements, setup_of):
        """Returns one result per statement; after a crash starts again behind the statement that
        crashed, with the setup statements before it."""
        results = [None] * len(statements)
        at = 0
        while at < len(statements):
            setup = [s for i in range(at) for s in [setup_of(i)] if s] if at else []
            got, why = self.once(setup + statements[at:])
            got = got[len(setup):]
            results[at:at + len(got)] = got
            at += len(got)
            if at < len(statements):
                self.crashes += 1
                results[at] = {"error": {"condition": why, "message": why}}
                at += 1
                if self.crashes > 200:
                    break
        for i, r in enumerate(results):
            if r is None:
                results[i] = {"error": {"condition": "NOT_RUN", "message": "too many crashes"}}
        return results

    def once(self, statements):
        script = os.path.join(self.home, "script.sql")
        with open(script, "w", encoding="utf-8") as f:
            for s in statements:
                f.write(s + "\n;\n")
        with open(os.path.join(self.home, "stderr"), "ab") as err:
            process = subprocess.Popen(
                [self.program, "sql", "--home", os.path.join(self.home, "lake"), "--output",
                 "results", "-f", script, "--keep-going"],
                stdout=subprocess.PIPE, stderr=err, stdin=subprocess.DEVNULL)
        lines = queue.Queue()

        def pump():
            for line in process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=pump, daemon=True).start()
        results = []
        while True:
            try:
                line = lines.get(timeout=TIMEOUT_S)
            except queue.Empty:
                process.kill()
                process.wait()
                return results, "TIMEOUT"
            if line is None:
                break
            try:
                results.append(json.loads(line))
            except ValueError:
                results.append({"error": {"condition": "BAD_OUTPUT", "message": repr(line[:200])}})
        process.wait()
        if len(results) > len(statements):
            raise SystemExit(f"{len(results)} results for {len(statements)} statements")
        return results, f"CRASH({process.returncode})"


def close(got, wanted, kind):
    """Equal, or for floating point equal up to the last digits that summing order decides."""
    if got == wanted:
        return True
    if got is None or wanted is None or ("double" not in kind and "float" not in kind):
        return False
    number = re.compile(r"-?(?:\d+\.\d+(?:E-?\d+)?|NaN|Infinity)")
    if number.sub("#", got) != number.sub("#", wanted):
        return False
    tolerance = 1e-6 if "float" in kind else 1e-12
    for a, b in zip(number.findall(got), number.findall(wanted)):
        if a == b:
            continue
        try:
            x, y = float(a), float(b)
        except ValueError:
            return False
        if not abs(x - y) <= tolerance * max(abs(x), abs(y)) + (1e-15 if "double" in kind else 0):
            return False
    return True


def sort_key(row):
    return [(v is None, v or "") for v in row]


def compare(entry, got):
    """None when they agree, else (cause, detail)."""
    error, wanted_error = got.get("error"), entry.get("error")
    if wanted_error:
        if not error:
            return ("no error: " + wanted_error["condition"],
                    f"expected {wanted_error['condition']}, got rows {got.get('rows')!r:.100}")
        wanted = wanted_error["condition"]
        if error["condition"] in ("TIMEOUT", "NOT_RUN", "BAD_OUTPUT") or \
                error["condition"].startswith("CRASH"):
            return (error["condition"], "")
        if wanted == error["condition"] or wanted.startswith(NO_CONDITION):
            return None
        return ("condition: " + wanted,
                f"expected {wanted}, got {error['condition']}: {error.get('message', '')[:150]}")
    if error:
        return ("error: " + error["condition"],
                f"{error['condition']}: {error.get('message', '')[:200]}")
    columns, wanted_columns = got.get("columns") or [], entry["columns"]
    if entry.get("setup") or entry.get("status"):
        return None
    types = [c["type"] for c in columns]
    wanted_types = [c["type"] for c in wanted_columns]
    if len(types) != len(wanted_types):
        return ("columns", f"expected {len(wanted_types)} columns, got {len(types)}")
    if types != wanted_types:
        pair = next((a, b) for a, b in zip(wanted_types, types) if a != b)
        return ("type", f"expected {pair[0]}, got {pair[1]}")
    if "rows" in entry:
        rows, wanted_rows = got["rows"], entry["rows"]
        if len(rows) != len(wanted_rows):
            return ("rows", f"expected {len(wanted_rows)} rows, got {len(rows)}")
        if not ordered(entry["sql"]):
            rows, wanted_rows = sorted(rows, key=sort_key), sorted(wanted_rows, key=sort_key)
        for a, b in zip(rows, wanted_rows):
            for x, y, kind in zip(a, b, wanted_types):
                if entry.get("unordered") and x and y and sorted(x) == sorted(y):
                    continue
                if not close(x, y, kind):
                    return ("value", f"expected {b!r:.150}, got {a!r:.150}")
    for a, b in zip(columns, wanted_columns):
        if a["name"] != b["name"]:
            return ("name", f"expected {b['name']!r}, got {a['name']!r}")
    return None


def run_suite(program, suite, options):
    entries = load(suite)
    home = tempfile.mkdtemp(prefix="tarn-differential-")
    try:
        started = time.time()
        before = []
        if suite in ("tpch", "tpcds"):
            sys.path.insert(0, HERE)
            from suites import tpc
            before = tpc.setup_for_tarn(suite, options.data)
            texts = {q["id"]: q["sql"] for q in tpc.queries(suite, options.data)}
            for e in entries:
                e["sql"] = texts[e["id"]]
        statements = before + [e["sql"] for e in entries]

        def setup_of(i):
            if i < len(before):
                return statements[i]
            e = entries[i - len(before)]
            return e["sql"] if e.get("setup") else None

        results = Tarn(program, home).run(statements, setup_of)
        for s, r in zip(before, results):
            if r.get("error"):
                print(f"{suite}: setup failed: {s[:80]}: {r['error']}")
        results = results[len(before):]
        seconds = time.time() - started
    finally:
        shutil.rmtree(home, ignore_errors=True)
    passed, failed = set(), {}
    for entry, got in zip(entries, results):
        if options.id and not entry["id"].startswith(options.id):
            continue
        why = compare(entry, got)
        if why is None:
            passed.add(entry["id"])
        else:
            failed[entry["id"]] = (*why, entry)
    return passed, failed, seconds


def baseline_path(suite):
    return os.path.join(HERE, "baseline", suite + ".txt")


def read_baseline(suite):
    try:
        with open(baseline_path(suite), encoding="utf-8") as f:
            return set(f.read().split())
    except FileNotFoundError:
        return set()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("suites", nargs="*")
    parser.add_argument("--tarn", default=os.environ.get("TARN", "build/tarn"))
    parser.add_argument("--update", action="store_true", help="add what passes to the baseline")
    parser.add_argument("--show", type=int, default=0, help="print this many failures per suite")
    parser.add_argument("--id", help="only statements whose id starts so")
    parser.add_argument("--causes", help="write every failure to this file")
    parser.add_argument("--data", default=os.environ.get("TARN_TPC_DATA"),
                        help="folder with the TPC data made by suites/tpc.py")
    options = parser.parse_args()
    names = []
    for wanted in options.suites or [""]:
        names += [s for s in suites() if not wanted or s == wanted or s.startswith(wanted + "/")]
    if not options.data and any(n in ("tpch", "tpcds") for n in names):
        parser.error("tpch and tpcds need --data FOLDER, made by suites/tpc.py FOLDER")
    n_passed = n_failed = regressions = 0
    causes_file = open(options.causes, "w", encoding="utf-8") if options.causes else None
    totals = {}
    for suite in names:
        passed, failed, seconds = run_suite(options.tarn, suite, options)
        total = len(passed) + len(failed)
        share = 100.0 * len(passed) / max(total, 1)
        kind = totals.setdefault(suite.split("/")[0], [0, 0])
        kind[0] += len(passed)
        kind[1] += total
        print(f"{suite}: {len(passed)}/{total} agree ({share:.1f} %), {seconds:.1f} s", flush=True)
        for cause, n in Counter(f[0] for f in failed.values()).most_common(12):
            print(f"    {n:5} {cause}")
        for ident in list(failed)[:options.show]:
            cause, detail, entry = failed[ident]
            print(f"  {ident}: {entry['sql']}\n      {cause}: {detail}")
        if causes_file:
            for ident, (cause, detail, entry) in failed.items():
                causes_file.write(f"{suite}\t{ident}\t{cause}\t{detail}\t{entry['sql']!r}\n")
        baseline = read_baseline(suite)
        lost = sorted(baseline & set(failed))
        for ident in lost:
            print(f"  LOST {ident}: {failed[ident][2]['sql']}\n      {failed[ident][:2]}")
        if options.update:
            os.makedirs(os.path.dirname(baseline_path(suite)), exist_ok=True)
            with open(baseline_path(suite), "w", encoding="utf-8") as f:
                f.write("".join(i + "\n" for i in sorted(baseline | passed)))
        regressions += len(lost)
        n_passed += len(passed & baseline) if baseline else len(passed)
        n_failed += len(lost)
    for kind, (good, total) in totals.items():
        print(f"{kind}: {100.0 * good / max(total, 1):.2f} % of {total} agree")
    print(f"{n_passed} passed, {n_failed} failed")
    return 1 if regressions else 0


if __name__ == "__main__":
    sys.exit(main())
