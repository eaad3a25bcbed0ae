"""Runs the benchmarks and prints their sections; see README.md."""

import argparse
import datetime
import importlib
import os
import platform
import re
import time

import measure

NAMES = {
    "tpch": "TPC-H over Delta tables",
    "start": "Start to first row",
    "front_end": "Parse and analyse",
    "load": "Flights from CSV into Delta",
    "pipeline": "Declarative pipelines",
    "delta": "Delta tables",
    "auto_loader": "Auto Loader over many small files",
}
RECORD = os.path.join(measure.ROOT, "docs", "measured.md")
HEAD = """# Measured

By `./dev bench --record`; what is measured and how: [bench/README.md](../bench/README.md). Times of different
sections may come from different days; each says its own date and what else the machine was doing.
"""


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "?")
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


def load():
    return "/".join(f"{x:.1f}" for x in os.getloadavg())


def record(name, section):
    """Puts the section in place of the last one of this name."""
    sections = {}
    if os.path.exists(RECORD):
        with open(RECORD, encoding="utf-8") as f:
            for part in re.split(r"^(?=## )", f.read(), flags=re.M)[1:]:
                sections[part.splitlines()[0][3:]] = part.strip() + "\n"
    sections[NAMES[name]] = section
    others = [title for title in sections if title not in NAMES.values()]  # what was measured otherwise
    with open(RECORD, "w", encoding="utf-8") as f:
        f.write("\n".join([HEAD] + [sections[t] for t in [*NAMES.values(), *others] if t in sections]))


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--scale", default="1", help="scale factor of TPC-H (1)")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each peer (3)")
    parser.add_argument("--no-spark", dest="spark", action="store_false", help="leave Spark out")
    parser.add_argument("--record", action="store_true", help="write the sections into docs/measured.md")
    options = parser.parse_args()
    for name in options.names:
        if name not in NAMES:
            parser.error(f"there is no benchmark '{name}'; there are: {', '.join(NAMES)}")
    os.makedirs(measure.WORK, exist_ok=True)
    print(machine(), flush=True)
    for name in options.names or NAMES:
        before, started = load(), time.time()
        body = importlib.import_module(name).run(options)
        stamp = datetime.datetime.fromtimestamp(started, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        section = (f"## {NAMES[name]}\n\n{stamp}, {machine()}; load average before {before}, after {load()}.\n\n"
                   f"{body}\n")
        print("\n" + section, flush=True)
        if options.record:
            record(name, section)


if __name__ == "__main__":
    main()
