"""Running peers as processes: their answers, times and peak memory.

A process's ru_maxrss begins with what its parent held at the fork, so this process stays small: what
needs data or large libraries runs in a process of its own.
"""

import json
import math
import os
import statistics
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("TARN_BUILD", os.path.join(ROOT, "build"))
TARN = os.environ.get("TARN_BIN", os.path.join(BUILD, "tarn"))
WORK = os.path.join(BUILD, "bench")
PYTHON = os.path.join(ROOT, ".deps/venv-tests/bin/python")
SPARK_PYTHON = os.path.join(ROOT, ".deps/venv-spark/bin/python")


class Finished:
    """A process that ended: its lines with the time each came, wall seconds, peak memory."""

    def __init__(self, arguments, environment=None):
        self.started = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   env={**os.environ, **(environment or {})})
        self.lines = [(time.perf_counter() - self.started, line.decode()) for line in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.perf_counter() - self.started
        self.peak_mb = usage.ru_maxrss / 1024
        if process.returncode != 0:
            raise SystemExit(f"{arguments[0]} ended with {process.returncode}: {arguments[1:]}")

    def json(self):
        return [json.loads(line) for _, line in self.lines]


def python(code, *arguments):
    """The last line that a piece of Python prints in a process with the tests' packages, as JSON."""
    return json.loads(Finished([PYTHON, "-c", code, *arguments]).lines[-1][1])


def tarn(home, statements, output="results", options=()):
    """Runs statements in one process of Tarn; raises on the first error."""
    script = os.path.join(WORK, "script.sql")
    with open(script, "w", encoding="utf-8") as f:
        f.write("".join(s + "\n;\n" for s in statements))
    done = Finished([TARN, "sql", "--home", home, "--output", output, "-f", script, *options])
    if output == "results":
        for answer in done.json():
            if answer["error"]:
                raise SystemExit(f"tarn: {answer['error']}")
    return done


def drop_cached_pages(folder):
    """Drops a folder's files from the page cache, so that the next read comes from the disk."""
    os.sync()
    for path, _, files in os.walk(folder):
        for name in files:
            descriptor = os.open(os.path.join(path, name), os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def syncs(arguments, environment=None):
    """How many files or folders the command syncs; None without strace."""
    trace = os.path.join(WORK, "syncs.txt")
    try:
        subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", trace, "-e",
                        "trace=fsync,fdatasync,sync_file_range,syncfs", *arguments], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, **(environment or {})})
    except (OSError, subprocess.CalledProcessError):
        return None
    with open(trace, encoding="utf-8", errors="replace") as f:
        return sum("sync(" in line and "resumed" not in line for line in f)


def synced(count):
    return "not known" if count is None else f"yes ({count} calls)" if count else "no"


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(v) for v in values))


def table(head, rows):
    """A Markdown table; numbers to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows])
