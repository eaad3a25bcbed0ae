#!/usr/bin/env python3
"""Runs the acceptance cases test/acceptance/<area>/<case>/{script,output.txt}; README.md tells how to write one.

  run.py [--tarn PROGRAM] [--update] [AREA or AREA/CASE]...
"""

import argparse
import concurrent.futures
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ERROR_TABLE = ROOT / "src" / "base" / "error_table.inc"
TIMEOUT_S = 120

# What differs from run to run becomes a named placeholder, in this order.
PLACEHOLDERS = [
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\b20[2-9]\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d+(\.\d+)? ?(µs|ms|s|min)(?=\W|$)"), "<duration>"),
]

# Sourced by bash before each script: commands are shown as they are read, with exit codes that aren't 0.
PROLOGUE = """\
tarn() {{ command {tarn} "$@"; local status=$?; ((status == 0)) || echo "[exit code $status]"; return 0; }}
set -v
"""


def run_script(case, tarn):
    """Runs the case's script in a new folder; returns its output with placeholders."""
    with tempfile.TemporaryDirectory(prefix="tarn-acceptance-") as temporary:
        folder = pathlib.Path(temporary)
        (folder / "work").mkdir()
        prologue = folder / "prologue"
        prologue.write_text(PROLOGUE.format(tarn=tarn), encoding="ascii")
        environment = {
            "PATH": f"{pathlib.Path(tarn).parent}:{os.environ['PATH']}", "HOME": str(folder / "home"),
            "TARN_HOME": str(folder / "lake"), "TZ": "UTC", "LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "120",
            "BASH_ENV": str(prologue), "CASE": str(case), "REPO": str(ROOT),
        }
        try:
            done = subprocess.run(["bash", str(case / "script")], cwd=folder / "work", env=environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
            text = done.stdout.decode("utf-8", "replace")
        except subprocess.TimeoutExpired as late:
            text = (late.stdout or b"").decode("utf-8", "replace") + f"[no end after {TIMEOUT_S} s]\n"
    for path, name in ((f"{temporary}/work", "<work>"), (f"{temporary}/lake", "<lake>"),
                       (temporary, "<tmp>"), (str(case), "<case>"), (str(ROOT), "<repo>")):
        text = text.replace(path, name)
    for pattern, name in PLACEHOLDERS + own_placeholders(case):
        text = pattern.sub(name, text)
    return text


def own_placeholders(case):
    """Lines `name<tab>pattern` of the case's file `placeholders`."""
    path = case / "placeholders"
    if not path.exists():
        return []
    pairs = [line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [(re.compile(pattern), f"<{name}>") for name, pattern in pairs]


def check_case(case, arguments):
    """Returns None or the difference between what came and output.txt."""
    got = run_script(case, arguments.tarn)
    path = case / "output.txt"
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    if got == expected:
        return None
    if arguments.update:
        path.write_text(got, encoding="utf-8")
    return "\n".join(difflib.unified_diff(expected.splitlines(), got.splitlines(), "expected", "got",
                                          lineterm="", n=2))


def listed(path):
    """The first words of a list's lines, without comments."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


def check_error_rows():
    """Every row of the error table is met in a case's output, or is named in one of the two lists."""
    rows = re.findall(r'^TARN_ERROR_ROW\("([^"]+)"', ERROR_TABLE.read_text(encoding="utf-8"), re.M)
    seen = set()
    for output in HERE.glob("*/*/output.txt"):
        seen |= set(re.findall(r"\b[A-Z][A-Z0-9_]+(?:\.[A-Z][A-Z0-9_]+)*\b", output.read_text(encoding="utf-8")))
    unreachable = listed(HERE / "unreachable.txt")
    waiting = listed(HERE / "without_case.txt")
    problems = [f"{row}: no case shows this condition" for row in rows
                if row not in seen | unreachable | waiting]
    problems += [f"{name}: has a case now, take it off without_case.txt" for name in sorted(waiting & seen)]
    problems += [f"{name}: is listed but isn't in the error table"
                 for name in sorted((waiting | unreachable) - set(rows))]
    return problems


def find_cases(names):
    cases = sorted(p.parent for p in HERE.glob("*/*/script"))
    if not names:
        return cases
    chosen = [c for c in cases if {c.parent.name, f"{c.parent.name}/{c.name}"} & set(names)]
    if not chosen:
        sys.exit(f"no case is named {' or '.join(names)}")
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tarn", default=os.environ.get("TARN_BIN", str(ROOT / "build" / "tarn")))
    parser.add_argument("--update", action="store_true", help="write what came as the output expected")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    arguments.tarn = str(pathlib.Path(arguments.tarn).resolve())
    cases = find_cases(arguments.cases)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for case, difference in zip(cases, pool.map(lambda c: check_case(c, arguments), cases)):
            if difference is not None:
                failed += 1
                print(f"{'UPDATED' if arguments.update else 'FAILED'} {case.relative_to(HERE)}\n{difference}",
                      flush=True)
    passed = len(cases) - failed
    if not arguments.cases:
        problems = check_error_rows()
        for problem in problems:
            print(f"FAILED error table: {problem}", flush=True)
        failed += bool(problems)
        passed += not problems
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed and not arguments.update else 0


if __name__ == "__main__":
    sys.exit(main())
