#!/usr/bin/env python3
"""Reads the corpus of pipeline files and compares what they define with corpus/expected.txt.

  run.py [--program PROGRAM] [--update]

--update writes what was found, for review. Whatever is expected, each file must parse, define or refuse
something, and each refusal must name its condition and its place (a file in another language: the file).
"""

import argparse
import difflib
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
FILES_MIN = 60
PLACED = re.compile(r"^problem \S+:\d+:\d+ [A-Z_.]+: ")
WHOLE_FILE = re.compile(r"^problem \S+\.py UNSUPPORTED_FEATURE: ")


def read(program, files):
    done = subprocess.run([program, str(CORPUS), *files], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{program} ended with {done.returncode}:\n{done.stderr}")
    return dict(part.split("\n", 1) for part in done.stdout.split("== ")[1:])


def faults(text):
    """What is wrong with a file's result, whatever is expected of it."""
    lines = text.splitlines()
    found = [] if lines else ["defines nothing and refuses nothing"]
    for line in lines:
        if line.startswith("problem ") and not (PLACED.match(line) or WHOLE_FILE.match(line)):
            found.append(f"has no place: {line}")
        if "PARSE_" in line or "INTERNAL_ERROR" in line:
            found.append(f"doesn't parse: {line}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--program", default=str(HERE.parent.parent / "build" / "pipelines" / "tarn_pipeline_corpus"))
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    files = sorted(str(p.relative_to(CORPUS)) for p in CORPUS.rglob("*") if p.suffix in (".sql", ".py"))
    got = read(arguments.program, files)
    book = CORPUS / "expected.txt"
    if arguments.update:
        book.write_text("".join(f"== {name}\n{got[name]}" for name in files), encoding="utf-8")
    expected = dict(part.split("\n", 1) for part in book.read_text(encoding="utf-8").split("== ")[1:])
    failed = 0
    for name in sorted(expected.keys() | got.keys()):
        wrong = faults(got.get(name, ""))
        if expected.get(name) != got.get(name):
            wrong += difflib.unified_diff(expected.get(name, "").splitlines(), got.get(name, "").splitlines(),
                                          "expected", "got", lineterm="")
        if wrong:
            failed += 1
            print("\n    ".join([f"FAILED {name}", *wrong]))
    if len(files) < FILES_MIN:
        failed += 1
        print(f"FAILED the corpus has {len(files)} files, and {FILES_MIN} are the least")
    print(f"{len(expected) - min(failed, len(expected))} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
