"""Every feature of the protocol, by every writer, in every reader. The answers stand in docs/formats/delta.md, which this
test compares with what it sees and, where TARN_MATRIX_UPDATE is set, writes (`./dev matrix`)."""

import collections
import difflib
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from interop_support import ROOT
from matrix_cases import CASES
from matrix_engines import FORGERIES, DeltaRs, DuckDb, Tarn, at, attempt, features, newest

DOCUMENT = os.path.join(ROOT, "docs", "formats", "delta.md")
BEGIN, END = "<!-- The interoperation matrix; `./dev matrix` writes it. -->\n", "<!-- End of the matrix. -->\n"
READERS = ["Tarn", "Spark", "deltalake", "DuckDB"]
# Each column of the matrix: who made the table, and who changed it afterwards.
WRITERS = {"made by Tarn": ("Tarn", None), "made by Spark": ("Spark", None), "made by deltalake": ("deltalake", None),
           "Spark's, changed by Tarn": ("Spark", "Tarn"), "Spark's, changed by deltalake": ("Spark", "deltalake"),
           "Spark's, changed by DuckDB": ("Spark", "DuckDB"), "Tarn's, changed by Spark": ("Tarn", "Spark")}


def key(case, writer):
    return f"{list(CASES).index(case)}-{list(WRITERS).index(writer)}"


def spark_makes(case, path, rows):
    """Makes the table, and leaves its rows as plain Parquet for those who append them."""
    statements = [s.replace("{t}", at(path)) for s in case.statements]
    return [*case.spark, *statements, "SET spark.sql.parquet.outputTimestampType = TIMESTAMP_MICROS",
            f"INSERT OVERWRITE DIRECTORY '{rows}' USING parquet SELECT {case.append} FROM {at(path)}"]


def spark_changes(case, path):
    columns = "" if case.append == "*" else f" ({case.append})"
    yield f"INSERT INTO {at(path)}{columns} SELECT {case.append} FROM {at(path)}"
    if case.delete:
        yield f"DELETE FROM {at(path)} WHERE {case.delete}"


class Matrix:
    """Makes all tables and reads them: `readings[case, writer, reader]`, `refusals[case, writer]` of writers."""

    def __init__(self, folder, spark):
        self.folder, self.spark = folder, spark
        self.engines = {"Tarn": Tarn(os.path.join(folder, "home")), "deltalake": DeltaRs(), "DuckDB": DuckDb()}
        self.paths, self.metadata, self.refusals, self.readings = {}, {}, {}, {}
        self.make()
        self.change()
        self.read()

    def place(self, case, writer):
        return os.path.join(self.folder, "tables", key(case, writer))

    def rows(self, case):
        return os.path.join(self.folder, "rows", key(case, "made by Spark"))

    def made(self, name, writer, answer, path):
        """Notes a table, or why there is none."""
        answer = answer or attempt(lambda: self.finish(name, path))
        if answer and "refused" in answer:
            self.refusals[name, writer] = answer["refused"]
        else:
            self.paths[name, writer] = path

    def finish(self, name, path):
        """Checks that the table has what it is to show."""
        case = CASES[name]
        lacking = [f for f in case.features if f not in features(path)]
        if lacking:
            raise AssertionError("makes the table without " + ", ".join(lacking))
        self.metadata.setdefault(name, newest(path, "metaData"))
        if case.forge:
            FORGERIES[case.forge](path)

    def make(self):
        with ThreadPoolExecutor(1) as pool:
            tasks = {name: {"statements": spark_makes(case, self.place(name, "made by Spark"), self.rows(name)), "path": None}
                     for name, case in CASES.items()}
            theirs = pool.submit(self.spark.ask, verb="try", tasks=tasks)
            ours = {name: attempt(lambda name=name, case=case: self.engines["Tarn"].make(case, self.place(name, "made by Tarn")))
                    for name, case in CASES.items()}
            for name, answer in theirs.result().items():
                self.made(name, "made by Spark", answer if "refused" in answer else None, self.place(name, "made by Spark"))
        for name, path in ours.items():
            self.made(name, "made by Tarn", path if isinstance(path, dict) else None, path)
        for name in CASES:
            if name in self.metadata:
                path = self.place(name, "made by deltalake")
                answer = attempt(lambda name=name, path=path: self.engines["deltalake"].make(self.metadata[name], self.rows(name), path))
                self.made(name, "made by deltalake", answer, path)

    def change(self):
        """Copies of the made tables, changed: all rows once more, then some deleted."""
        changes = {}
        for writer, (maker, changer) in WRITERS.items():
            for name in CASES:
                made = self.paths.get((name, f"made by {maker}"))
                if changer and made:
                    changes[name, writer] = shutil.copytree(made, self.place(name, writer))
        by_spark = {k: path for k, path in changes.items() if WRITERS[k[1]][1] == "Spark"}
        with ThreadPoolExecutor(1) as pool:
            tasks = {key(*k): {"statements": list(spark_changes(CASES[k[0]], path)), "path": None} for k, path in by_spark.items()}
            theirs = pool.submit(self.spark.ask, verb="try", tasks=tasks)
            answers = {k: attempt(lambda k=k, path=path: self.change_one(*k, path))
                       for k, path in changes.items() if k not in by_spark}
            answers |= {k: theirs.result()[key(*k)] for k in by_spark}
        for k, answer in answers.items():
            if answer and "refused" in answer:
                self.refusals[k] = ("DELETE: " if answer.get("done") else "") + answer["refused"]
            if not answer or "refused" not in answer or answer.get("done"):
                self.paths[k] = changes[k]

    def change_one(self, name, writer, path):
        case, engine = CASES[name], self.engines[WRITERS[writer][1]]
        engine.append(case, path, self.rows(name))
        if not case.delete or not hasattr(engine, "delete"):
            return None
        return {**(attempt(lambda: engine.delete(case, path)) or {}), "done": 1}

    def read(self):
        with ThreadPoolExecutor(1) as pool:
            tasks = {key(*k): {"statements": [], "path": path} for k, path in self.paths.items()}
            theirs = pool.submit(self.spark.ask, verb="try", tasks=tasks)
            for k, path in self.paths.items():
                for reader, engine in self.engines.items():
                    self.readings[*k, reader] = attempt(lambda engine=engine, path=path: engine.read(path))
            for k in self.paths:
                self.readings[*k, "Spark"] = theirs.result()[key(*k)]

    def expected(self, name, writer):
        """The columns and rows that there must be, from what Spark reads of its own table."""
        base = self.readings[name, "made by Spark", "Spark"]
        case, rows = CASES[name], base["rows"]
        changer = WRITERS[writer][1]
        if changer:
            rows = rows * 2
            if case.delete and changer != "DuckDB" and (name, writer) not in self.refusals:
                at_id = [c for c, _ in base["columns"]].index("id")
                rows = [r for r in rows if r[at_id] != "2"]
        return {"columns": base["columns"], "rows": rows}

    def difference(self, name, writer, reader):
        """What is other than expected in a reading that wasn't refused; None if nothing is."""
        found, expected = self.readings[name, writer, reader], self.expected(name, writer)
        if found["columns"] != expected["columns"]:
            wrong = [(f, e) for f, e in zip(found["columns"], expected["columns"]) if f != e]
            return f"column {wrong[0][0]}, not {wrong[0][1]}" if wrong else "another number of columns"
        picked = [i for i, (c, _) in enumerate(expected["columns"]) if c in (CASES[name].compare or [c])]
        counts = [collections.Counter(tuple(r[i] for i in picked) for r in t["rows"]) for t in (found, expected)]
        extra, missing = list((counts[0] - counts[1]).elements()), list((counts[1] - counts[0]).elements())
        if not extra and not missing:
            return None
        differing = [(e, m) for e, m in zip(min(extra, key=repr), min(missing, key=repr)) if e != m] if len(extra) == len(missing) else []
        if differing:
            return f"{differing[0][0]!r}, not {differing[0][1]!r}"
        return f"{len(extra)} rows too many, {len(missing)} missing"


def plain(text, folder):
    """A refusal without what changes from run to run, short enough for a document."""
    text = re.sub(r"(file:/*)?" + re.escape(folder) + r"[^\s'\"`,;)\]]*", "PATH", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    # deltalake walks hash maps: it names whichever entry comes first, and lists features in any order.
    text = re.sub(r"(Error parsing property) '[^']*':'[^']*'", r"\1 PROPERTY", text)
    text = re.sub(r"(features required: )\[([^\]]*)\]", lambda m: f"{m[1]}[{', '.join(sorted(m[2].split(', ')))}]", text)
    text = re.sub(r"\s+", " ", text.replace("|", "\\|").replace("<", "&lt;"))
    return text if len(text) <= 240 else text[:240].rstrip() + " …"


class Page:
    """The matrix as Markdown: a table, and what was said where the answer wasn't the same."""

    def __init__(self, matrix):
        self.matrix, self.notes = matrix, {}
        self.lines = ["| table | " + " | ".join(WRITERS) + " |", "|---" * (len(WRITERS) + 1) + "|"]
        for name in CASES:
            self.lines.append("| " + " | ".join([name, *(self.cell(name, writer) for writer in WRITERS)]) + " |")

    def note(self, who, text):
        text = f"{who}: {plain(text, self.matrix.folder)}"
        return f"[{self.notes.setdefault(text, len(self.notes) + 1)}]"

    def cell(self, name, writer):
        refused = self.matrix.refusals.get((name, writer))
        if (name, writer) not in self.matrix.paths:
            maker, changer = WRITERS[writer]
            if refused is None:
                return ""
            return "no " + self.note(changer or maker, refused)
        same, others, differing = [], [], {}
        for reader in READERS:
            reading = self.matrix.readings[name, writer, reader]
            if "refused" in reading:
                others.append(f"{reader} {self.note(reader, reading['refused'])}")
            elif difference := self.matrix.difference(name, writer, reader):
                differing.setdefault(difference, []).append(reader)
            else:
                same.append(reader)
        others += [f"**other values** {', '.join(readers)} {self.note('read', text)}" for text, readers in differing.items()]
        parts = ["all"] if len(same) == len(READERS) else [", ".join(same) or "none", *others]
        if refused:
            parts.append("appended only " + self.note(WRITERS[writer][1], refused))
        return "; ".join(parts)

    def text(self):
        return "".join(line + "\n" for line in [*self.lines, "", *(f"{n}. {text}" for text, n in self.notes.items())])


@pytest.fixture(scope="module")
def matrix(tmp_path_factory, spark):
    return Matrix(str(tmp_path_factory.mktemp("matrix")), spark)


@pytest.mark.parametrize("name", CASES)
def test_tarn_reads_every_table_as_spark_does_or_refuses(matrix, name):
    """What is there, or, where the writer put something else there, what Spark finds."""
    assert (name, "made by Spark") in matrix.paths, matrix.refusals[name, "made by Spark"]
    for writer in WRITERS:
        if (name, writer) in matrix.paths and "refused" not in matrix.readings[name, writer, "Tarn"]:
            difference = matrix.difference(name, writer, "Tarn")
            by_spark = matrix.readings[name, writer, "Spark"]
            as_spark = None if "refused" in by_spark else matrix.difference(name, writer, "Spark")
            assert difference == as_spark, writer


@pytest.mark.parametrize("name", CASES)
def test_others_read_what_tarn_wrote_as_what_spark_wrote(matrix, name):
    """Whoever doesn't refuse or misread Spark's table doesn't do so with Tarn's."""
    for writer, like in (("made by Tarn", "made by Spark"), ("Spark's, changed by Tarn", "made by Spark")):
        for reader in READERS:
            if (name, writer) not in matrix.paths:
                continue
            theirs, ours = matrix.readings[name, like, reader], matrix.readings[name, writer, reader]
            if "refused" in theirs or matrix.difference(name, like, reader):
                continue
            assert "refused" not in ours, (writer, reader, ours)
            assert matrix.difference(name, writer, reader) is None, (writer, reader)


def test_the_document_tells_what_was_seen(matrix):
    with open(DOCUMENT, encoding="utf-8") as f:
        document = f.read()
    head, rest = document.split(BEGIN)
    written, tail = rest.split(END)
    seen = "\n" + Page(matrix).text() + "\n"
    if os.environ.get("TARN_MATRIX_UPDATE"):
        with open(DOCUMENT, "w", encoding="utf-8") as f:
            f.write(head + BEGIN + seen + END + tail)
        return
    difference = "\n".join(difflib.unified_diff(written.splitlines(), seen.splitlines(), "docs/formats/delta.md", "seen", lineterm=""))
    assert not difference, "`./dev matrix` writes it anew:\n" + difference
