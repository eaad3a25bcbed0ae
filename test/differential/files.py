#!/usr/bin/env python3
"""Small files read by real Spark and by Tarn with the same options: the answers must be the same.

    files.py make [NAME PREFIX…]      # asks Spark, stores its answers in file_answers.jsonl
    files.py [run] [--tarn PROGRAM] [--show] [NAME PREFIX…]

Each case of file_cases.py is written to a folder of its own and read there: by Spark with
spark.read.format(…).options(…), by Tarn with read_files(…). Exit code 1 if an answer differs.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from file_cases import CASES  # noqa: E402

ANSWERS = HERE / "file_answers.jsonl"


def write(case, folder):
    root = folder / case.name
    for name, content in case.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return root


def make(names):
    """Needs TARN_DELTA_JARS and the Python of .deps/venv-spark, as test/differential/make."""
    import judge

    known = {}
    if names and ANSWERS.exists():
        known = {json.loads(line)["name"]: line for line in ANSWERS.open(encoding="utf-8")}
    spark = judge.start(extra={"spark.sql.shuffle.partitions": "1"})
    records = []
    with tempfile.TemporaryDirectory(prefix="tarn-files-") as folder:
        for case in CASES:
            if case.name in known and not any(case.name.startswith(n) for n in names):
                records.append(known[case.name].rstrip("\n"))
                continue
            root = write(case, pathlib.Path(folder))
            try:
                reader = spark.read.format(case.format).options(**case.options)
                if case.schema:
                    reader = reader.schema(case.schema)
                reader.load(str(root)).createOrReplaceTempView("files")
                answer = judge.answer(spark, f"SELECT {case.select} FROM files")
            except Exception as failure:
                answer = {"error": judge.error_of(failure)}
            text = json.dumps({"name": case.name, **answer}, ensure_ascii=False,
                              separators=(",", ":"))
            records.append(without_day(text.replace(str(root), "{root}")))
    spark.stop()
    ANSWERS.write_text("\n".join(records) + "\n", encoding="utf-8")
    print(f"{len(records)} answers, {sum(chr(34) + 'error' in r for r in records)} of them errors")


def days():
    """Yesterday and today: a time without a date is one of the day it is read on."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return [str((now - datetime.timedelta(days=back)).date()) for back in (1, 0)]


def without_day(text):
    for day in days():
        text = text.replace(day, "{today}")
    return text


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def statement(case, root):
    arguments = [literal(str(root)), "format => " + literal(case.format)]
    # What read_files adds by itself where the columns are inferred, and Spark doesn't.
    options = {"schemaEvolutionMode": "none"} | case.options
    if case.format == "csv":
        options = {"header": "false"} | options
    arguments += [f"{name} => {literal(value)}" for name, value in options.items()]
    if case.schema:
        arguments.append("schema => " + literal(case.schema))
    return f"SELECT {case.select} FROM read_files({', '.join(arguments)})"


def results_of(tarn, cases, folder):
    script = folder / "script.sql"
    statements = [statement(case, write(case, folder)) for case in cases]
    script.write_text("".join(s + "\n;\n" for s in statements), encoding="utf-8")
    done = subprocess.run([tarn, "sql", "--home", str(folder / "lake"), "--output", "results", "-f",
                           str(script), "--keep-going"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    lines = done.stdout.decode("utf-8").splitlines()
    results = [json.loads(without_day(line.replace(str(folder / case.name), "{root}")))
               for line, case in zip(lines, cases)]
    crash = {"error": {"condition": f"CRASH({done.returncode})"}}
    return results + [crash] * (len(cases) - len(results))


def comparable(answer, case):
    """What must be equal. A failing read is compared by its failing alone where the case says so."""
    if answer.get("error"):
        return {"error": True if case.any_error else answer["error"]["condition"]}
    rows = answer["rows"]
    if not case.ordered:
        rows = sorted(rows, key=lambda row: [(v is None, v or "") for v in row])
    return {"columns": [(c["name"], c["type"]) for c in answer["columns"]], "rows": rows}


def run(options):
    answers = {a["name"]: a for a in map(json.loads, ANSWERS.open(encoding="utf-8"))}
    cases = [c for c in CASES
             if not options.names or any(c.name.startswith(n) for n in options.names)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tarn-files-") as folder:
        for case, got in zip(cases, results_of(options.tarn, cases, pathlib.Path(folder))):
            wanted = case.expect or answers.get(case.name)
            if wanted is None:
                raise SystemExit(f"{case.name} has no answer: run test/differential/files.py make")
            if comparable(got, case) == comparable(wanted, case):
                continue
            failed += 1
            print(f"FAILED {case.name}")
            if options.show:
                print(f"  spark {json.dumps(wanted, ensure_ascii=False)}")
                print(f"  tarn  {json.dumps(got, ensure_ascii=False)}")
    print(f"{len(cases) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tarn", default=os.environ.get("TARN_BIN", "build/tarn"))
    parser.add_argument("--show", action="store_true", help="print both answers where they differ")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.names[:1] == ["make"]:
        make(options.names[1:])
        return 0
    if options.names[:1] == ["run"]:
        options.names.pop(0)
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
