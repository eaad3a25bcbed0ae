#!/usr/bin/env python3
"""Runs the test suites of test/suites/ in order and closes with one line of totals.

  run_suites.py [--fast] [SUITE...]

A suite is an executable test/suites/NN-name. It runs in the repository's root with TARN_ROOT,
TARN_BUILD, TARN_BIN and TARN_PYTHON set (and TARN_ASSERT_OPENS, with which Tarn
ends itself at an open of a file that the statement's plan doesn't explain), prints its progress, and ends with a line
`N passed, N failed, N skipped`; a non-zero exit is a failure even without such a line.
--fast runs those up to number 39: unit, SQL and acceptance tests. With names only these suites run. TARN_TEST_LANES
asks for another number of suites at a time than two.
"""

import os
import pathlib
import queue
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOTALS = re.compile(r"^(?:total: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$")
FAST_MAX = 39
# Many suites wait for a disk, a server or a process that starts; with two of them at once two cores have work.
LANES = int(os.environ.get("TARN_TEST_LANES", "2"))
# It takes as long as half of all others: begun in its turn, it would run alone at the end.
LONGEST = "60-interop"


def find_suites(fast, names):
    suites = sorted(p for p in (ROOT / "test" / "suites").glob("[0-9][0-9]-*") if os.access(p, os.X_OK))
    if fast:
        suites = [s for s in suites if int(s.name[:2]) <= FAST_MAX]
    for name in names:
        if not any(name in (s.name, s.name[3:]) for s in suites):
            sys.exit(f"there is no suite '{name}'; there are: {' '.join(s.name for s in suites)}")
    if names:
        return [s for s in suites if {s.name, s.name[3:]} & set(names)]
    still_open = {line.split()[0] for line in (ROOT / "test" / "open_suites").read_text().splitlines()
                  if line.strip() and not line.startswith("#")}
    for suite in suites:
        if suite.name in still_open:
            print(f"-- {suite.name}: open, not run (test/open_suites)", flush=True)
    return [s for s in suites if s.name not in still_open]


def run_suite(suite, say):
    """Runs one suite, passing its output on to `say`; returns its (passed, failed, skipped)."""
    say(f"-- {suite.name}\n")
    start = time.monotonic()
    totals = None
    with subprocess.Popen([str(suite)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace",
                          env={**os.environ, "TARN_ASSERT_OPENS": "1"}) as process:
        for line in process.stdout:
            say(line)
            found = TOTALS.match(line)
            if found:
                totals = tuple(int(n or 0) for n in found.groups())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    passed, failed, skipped = totals or (0, 0, 0)
    if process.returncode != 0 and failed == 0:
        say(f"{suite.name}: ended with exit code {process.returncode}\n")
        failed = 1
    elif totals is None:
        say(f"{suite.name}: printed no line 'N passed, N failed, N skipped'\n")
        failed = 1
    taken = time.monotonic() - start
    say(f"-- {suite.name}: {passed} passed, {failed} failed, {skipped} skipped "
        f"in {taken:.1f} s, {(used.ru_utime + used.ru_stime) / taken:.1f} cores busy\n\n")
    return passed, failed, skipped


def run_all(suites):
    """Runs the suites, LANES at a time; their output is printed in their order, whichever began first.

    Returns what run_suite does, for each."""
    outputs = [queue.SimpleQueue() for _ in suites]

    def run(suite, output):
        try:
            return run_suite(suite, output.put)
        finally:
            output.put(None)

    pool = ThreadPoolExecutor(LANES)
    try:
        running = {suite: pool.submit(run, suite, output)
                   for suite, output in sorted(zip(suites, outputs), key=lambda pair: pair[0].name != LONGEST)}
        for output in outputs:
            for line in iter(output.get, None):
                print(line, end="", flush=True)
        return [running[suite].result() for suite in suites]
    finally:
        pool.shutdown(cancel_futures=True)


def main(arguments):
    names = [a for a in arguments if not a.startswith("--")]
    suites = find_suites("--fast" in arguments, names)
    results = list(zip([suite.name for suite in suites], run_all(suites)))
    for name, (_, failed, _) in results:
        if failed:
            print(f"failed: {name} ({failed})")
    passed, failed, skipped = (sum(r[1][i] for r in results) for i in range(3))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
