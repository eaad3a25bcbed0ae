#!/usr/bin/env python3
"""Runs test/sql/**/*.test, the sqllogictest dialect of README.md, against the program.

  run.py [--tarn PROGRAM] [--config NAME]... [--update] [--verbose] [FILE or FOLDER]...
"""

import argparse
import concurrent.futures
import dataclasses
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TIMEOUT_S = 300
LETTERS = re.compile(r"^[ITRD?]+$")


class BadTest(Exception):
    """The test file itself is wrong."""


@dataclasses.dataclass
class Record:
    """One statement or query with what is expected of it."""
    line: int
    kind: str  # "ok", "error", "query" or "restart"
    sql: str = ""
    condition: str = ""
    message: str = ""
    types: list = None  # Spark types, or None
    width: int = 0      # number of columns when only letters were given
    sort: str = "nosort"
    rows: list = dataclasses.field(default_factory=list)
    rows_from: int = 0  # the lines of the file that hold the rows, for --update
    rows_to: int = 0


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    skipped: int = 0
    failures: list = dataclasses.field(default_factory=list)


def split_types(text):
    """Splits `int,decimal(10,2),struct<a:int,b:string>` at its outer commas."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "(<") - (c in ")>")
        if c == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return parts + [text[start:]]


class Parser:
    """Reads a test file into records; loops are unrolled, `{name}` stands for a loop's value."""

    def __init__(self, path, config, values):
        self.path = path
        self.config = config
        self.lines = path.read_text(encoding="utf-8").split("\n")
        self.values = values
        self.skipped = 0

    def records(self):
        found, end = self._block(0, dict(self.values), top=True)
        if end != len(self.lines):
            raise BadTest(f"{self.path}:{end + 1}: endloop without a loop")
        return found

    def _block(self, at, values, top=False):
        found = []
        skip_next = False
        while at < len(self.lines):
            line = self.lines[at].strip()
            words = line.split()
            if not words or line.startswith("#"):
                at += 1
            elif words[0] == "halt":
                return found, len(self.lines)
            elif words[0] == "endloop":
                if top:
                    return found, at
                return found, at + 1
            elif words[0] in ("loop", "foreach"):
                items = (range(int(words[2]), int(words[3])) if words[0] == "loop" else words[2:])
                end = at + 1
                for item in items:
                    inner, end = self._block(at + 1, {**values, words[1]: str(item)})
                    found += inner
                at = end
            elif words[0] in ("skipif", "onlyif"):
                if "#" not in line:
                    raise BadTest(f"{self.path}:{at + 1}: {words[0]} needs its reason after a #")
                here = self.config["name"] in line.split("#")[0].split()[1:]
                skip_next = here == (words[0] == "skipif")
                at += 1
            else:
                record, at = self._record(at, words, values)
                if skip_next:
                    self.skipped += 1
                else:
                    found.append(record)
                skip_next = False
        return found, at

    def _record(self, at, words, values):
        record = Record(line=at + 1, kind="")
        if words == ["restart"]:
            record.kind = "restart"
            return record, at + 1
        if words[0] == "statement" and words[1:2] == ["ok"]:
            record.kind = "ok"
        elif words[0] == "statement" and words[1:2] == ["error"] and len(words) == 3:
            record.kind, record.condition = "error", words[2]
        elif words[0] == "query":
            record.kind = "query"
            self._query_header(record, words[1:])
        else:
            raise BadTest(f"{self.path}:{at + 1}: not a directive of this dialect: {self.lines[at]}")
        at += 1
        sql = []
        while at < len(self.lines) and self.lines[at].strip() and self.lines[at].strip() != "----":
            sql.append(self.lines[at])
            at += 1
        record.sql = fill("\n".join(sql), values).rstrip().rstrip(";")
        if not record.sql:
            raise BadTest(f"{self.path}:{record.line}: there is no statement")
        expected = []
        record.rows_from = record.rows_to = at
        if at < len(self.lines) and self.lines[at].strip() == "----":
            at += 1
            record.rows_from = at
            while at < len(self.lines) and self.lines[at] != "":
                expected.append(fill(self.lines[at], values))
                at += 1
            record.rows_to = at
        elif record.kind == "query":
            raise BadTest(f"{self.path}:{record.line}: the query has no ---- with the rows expected")
        if record.kind == "error":
            record.message = "\n".join(expected)
        record.rows = expected
        return record, at

    @staticmethod
    def _query_header(record, words):
        for word in words:
            if word in ("nosort", "rowsort", "valuesort"):
                record.sort = word
            elif LETTERS.match(word):
                record.width = len(word)
            else:
                record.types = split_types(word)


def fill(text, values):
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def show(value):
    """A value as a test file writes it."""
    if value is None:
        return "NULL"
    if value == "":
        return "(empty)"
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def shown_rows(rows, sort):
    lines = ["\t".join(show(v) for v in row) for row in rows]
    if sort == "rowsort":
        return sorted(lines)
    if sort == "valuesort":
        return sorted(show(v) for row in rows for v in row)
    return lines


def judge(record, result):
    """None when the result is what the record expects, else what differs."""
    error = result.get("error")
    if record.kind == "error":
        if error is None:
            return f"expected the error {record.condition}, but the statement succeeded"
        if record.condition not in ("*", error["condition"]):
            return f"expected the error {record.condition}, got {error['condition']}: {error['message']}"
        if record.message and record.message not in error["message"]:
            return f"expected the message to contain\n    {record.message}\ngot\n    {error['message']}"
        return None
    if error is not None:
        return f"{error['condition']}: {error['message']}"
    if record.kind == "ok":
        return None
    columns = result.get("columns") or []
    types = [c["type"] for c in columns]
    if record.types is not None and types != record.types:
        return f"expected the types {','.join(record.types)}, got {','.join(types)}"
    if record.width and record.width != len(columns):
        return f"expected {record.width} columns, got {len(columns)}"
    got = shown_rows(result["rows"], record.sort)
    expected = record.rows if record.sort == "nosort" else sorted(record.rows)
    if got != expected:
        return "the rows differ (- expected, + got)\n" + "\n".join(
            "    " + d for d in list(difflib.unified_diff(expected, got, lineterm="", n=2))[2:42])
    return None


def execute(records, tarn, config, folder):
    """Runs the records of one process; returns one result per record, or an error text."""
    settings = [f"SET {k} = {v}" for k, v in config.get("settings", {}).items()]
    script = folder / "script.sql"
    script.write_text(";\n".join(settings + [r.sql for r in records]) + "\n;\n", encoding="utf-8")
    command = [tarn, "sql", "--home", str(folder / "lake"), "--output", "results", "--keep-going",
               *config.get("args", []), "-f", str(script)]
    # The program ends itself at an open of a file that the statement's plan doesn't explain.
    environment = {**os.environ, "TZ": "UTC", "TARN_ASSERT_OPENS": "1", **config.get("env", {})}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                              encoding="utf-8", errors="replace", capture_output=True,
                              timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return [], f"no end after {TIMEOUT_S} s"
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    results = results[len(settings):]
    if len(results) != len(records):
        return results, (f"{len(records)} statements gave {len(results)} results, exit code "
                         f"{done.returncode}\n{done.stderr[-2000:]}")
    return results, None


def segments(records):
    """Splits the records at `restart`, each part being one process over the same lake."""
    part = []
    for record in records:
        if record.kind == "restart":
            yield part
            part = []
        else:
            part.append(record)
    yield part


def update_file(path, changes):
    """Writes the rows that came into the file, from the last change to the first."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for (start, end), rows in sorted(changes.items(), reverse=True):
        lines[start:end] = rows
    path.write_text("\n".join(lines), encoding="utf-8")


def run_file(path, arguments, config):
    outcome = Outcome()
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    for pattern, reason in config.get("skip", {}).items():
        if pathlib.PurePath(name).match(pattern):
            print(f"{name}: skipped under {config['name']}: {reason}", flush=True)
            outcome.skipped = 1
            return outcome
    with tempfile.TemporaryDirectory(prefix="tarn-sql-") as temporary:
        values = {"tmp": temporary, "tables": str(ROOT / "test" / "tables"), "repo": str(ROOT)}
        parser = Parser(path, config, values)
        try:
            records = parser.records()
        except BadTest as error:
            outcome.failures.append(str(error))
            return outcome
        outcome.skipped = parser.skipped
        changes = {}
        for part in segments(records):
            results, broken = execute(part, arguments.tarn, config, pathlib.Path(temporary))
            for record, result in zip(part, results):
                wrong = judge(record, result)
                if wrong is None:
                    outcome.passed += 1
                    continue
                if arguments.update and record.kind == "query" and result.get("error") is None:
                    changes[(record.rows_from, record.rows_to)] = shown_rows(result["rows"], record.sort)
                outcome.failures.append(f"{name}:{record.line}: {wrong}\n    {record.sql[:400]}")
            if broken:
                missing = part[len(results)] if len(results) < len(part) else part[-1]
                outcome.failures.append(f"{name}:{missing.line}: {broken}")
        if changes:
            update_file(path, changes)
    return outcome


def find_tests(arguments):
    for given in arguments.files or [HERE]:
        path = pathlib.Path(given).resolve()
        yield from sorted(path.rglob("*.test")) if path.is_dir() else [path]


def load_config(name):
    if name == "default":
        return {"name": "default"}
    with open(ROOT / "test" / "config" / f"{name}.json", encoding="utf-8") as file:
        return {"name": name, **json.load(file)}


def run_config(config, arguments):
    """Runs all files under one configuration; returns (passed, failed, skipped)."""
    files = list(find_tests(arguments))
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path, outcome in zip(files, pool.map(lambda f: run_file(f, arguments, config), files)):
            passed += outcome.passed
            failed += len(outcome.failures)
            skipped += outcome.skipped
            for failure in outcome.failures:
                print(f"FAILED ({config['name']}) {failure}", flush=True)
            if arguments.verbose:
                print(f"{path.name}: {outcome.passed} passed, {len(outcome.failures)} failed", flush=True)
    print(f"configuration {config['name']}: {len(files)} files; {passed} statements passed, "
          f"{failed} failed, {skipped} skipped.", flush=True)
    return passed, failed, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tarn", default=os.environ.get("TARN_BIN", str(ROOT / "build" / "tarn")))
    parser.add_argument("--config", action="append", help="a name of test/config, or all-but-default")
    parser.add_argument("--update", action="store_true", help="write the rows that came into the files")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    arguments.tarn = str(pathlib.Path(arguments.tarn).resolve())
    names = arguments.config or ["default"]
    if names == ["all-but-default"]:
        names = sorted(p.stem for p in (ROOT / "test" / "config").glob("*.json"))
    totals = [run_config(load_config(name), arguments) for name in names]
    passed, failed, skipped = (sum(t[i] for t in totals) for i in range(3))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
