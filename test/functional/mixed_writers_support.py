"""Writers of one table that each change rows of their own and keep a ledger of what was acknowledged, and the audit."""

import contextlib
import fcntl
import glob
import json
import os
import pathlib
import random
import re
import subprocess
import time

from interop_support import TARN


# On a machine that is busy with other things the time may be over before anybody has begun.
CHANGES_MIN = 6


class Door:
    """A lock file: many may be in at once, or one alone. Who waits to be alone holds up those that come later."""

    def __init__(self, folder):
        self.folder = folder

    @contextlib.contextmanager
    def held(self, alone):
        with open(os.path.join(self.folder, "turn"), "w", encoding="ascii") as turn, \
                open(os.path.join(self.folder, "room"), "w", encoding="ascii") as room:
            fcntl.flock(turn, fcntl.LOCK_EX)
            fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            fcntl.flock(turn, fcntl.LOCK_UN)
            yield


class Writer:
    """One writer: chooses changes of its own rows (writer, n, v), and notes those that were acknowledged."""

    conflict = re.compile("DELTA_CONCURRENT_")
    alone = False

    def __init__(self, name, path, folder, seed):
        self.name, self.path, self.folder = name, path, folder
        self.random = random.Random(f"{name} {seed}")
        self.rows, self.next = {}, 0
        self.counts = {}
        self.errors = []

    def choose(self):
        """A kind of change, the rows {n: v} that it writes, and those that it takes away."""
        kind = self.random.choices(["append", "merge", "delete", "optimise"], [6, 3, 2, 1])[0]
        if not self.rows and kind in ("merge", "delete"):
            kind = "append"
        known = self.random.sample(sorted(self.rows), min(len(self.rows), 3))
        fresh = range(self.next, self.next + (self.random.randint(1, 20) if kind == "append" else 2))
        if kind == "append":
            return kind, {n: n for n in fresh}, []
        if kind == "merge":
            return kind, {n: self.random.randint(1000, 10**9) for n in [*known, *fresh]}, []
        return kind, {}, known if kind == "delete" else []

    def sql(self, kind, written, taken):
        """The change as a statement for Tarn and for Spark; {t} is the table."""
        values = ", ".join(f"('{self.name}', {n}L, {v}L)" for n, v in written.items())
        if kind == "append":
            return f"INSERT INTO {{t}} VALUES {values}"
        if kind == "merge":
            return (f"MERGE INTO {{t}} AS t USING (SELECT * FROM VALUES {values} AS x(writer, n, v)) AS s "
                    "ON t.writer = s.writer AND t.n = s.n WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *")
        if kind == "delete":
            return f"DELETE FROM {{t}} WHERE writer = '{self.name}' AND n IN ({', '.join(map(str, taken))})"
        return "OPTIMIZE {t}"

    def work(self, until):
        """Changes rows until that time, and a few times at least. A change that lost a race is as if it hadn't been asked for."""
        door, changes = Door(self.folder), 0
        while (time.monotonic() < until or changes < CHANGES_MIN) and not self.errors:
            changes += 1
            kind, written, taken = self.choose()
            with door.held(self.alone):
                error = self.change(kind, written, taken)
            if error is None:
                self.rows.update(written)
                for n in taken:
                    del self.rows[n]
                self.next = max([self.next - 1, *written]) + 1
            elif not self.conflict.search(error):
                self.errors.append(f"{self.name}: {kind}: {error}")
            outcome = self.counts.setdefault(kind, [0, 0])
            outcome[error is not None] += 1
        return self


class TarnWriter(Writer):
    def change(self, kind, written, taken):
        script = os.path.join(self.folder, f"{self.name}.sql")
        pathlib.Path(script).write_text(self.sql(kind, written, taken).replace("{t}", f"delta.`{self.path}`") + ";\n", encoding="utf-8")
        run = subprocess.run([TARN, "sql", "--home", os.path.join(self.folder, f"lake-{self.name}"), "--output", "results", "-f", script],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        if not run.stdout:
            return run.stderr or f"exit code {run.returncode}"
        error = json.loads(run.stdout.splitlines()[0])["error"]
        return None if error is None else f"{error['condition']}: {error['message']}"


class DeltaRsWriter(Writer):
    conflict = re.compile(r"(?i)concurrent|conflict|a transaction with the same version|Failed to commit transaction")

    def change(self, kind, written, taken):
        import deltalake
        import pyarrow as pa
        rows = pa.table({"writer": [self.name] * len(written), "n": pa.array(written.keys(), pa.int64()),
                         "v": pa.array(written.values(), pa.int64())})
        try:
            if kind == "append":
                deltalake.write_deltalake(self.path, rows, mode="append")
                return None
            table = deltalake.DeltaTable(self.path)
            if kind == "merge":
                table.merge(rows, "t.writer = s.writer AND t.n = s.n", source_alias="s", target_alias="t") \
                    .when_matched_update_all().when_not_matched_insert_all().execute()
            elif kind == "delete":
                table.delete(f"writer = '{self.name}' AND n IN ({', '.join(map(str, taken))})")
            else:
                table.optimize.compact()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None


class SparkWriter(Writer):
    """Spark's local log store may overwrite a version that another process puts at the same time: it works alone."""

    conflict = re.compile("nothing can win against it")
    alone = True

    def __init__(self, *arguments, spark):
        super().__init__(*arguments)
        self.spark = spark

    def change(self, kind, written, taken):
        statement = self.sql(kind, written, taken).replace("{t}", f"delta.`{self.path}`")
        return self.spark.ask(verb="try", tasks={"": {"statements": [statement], "path": None}})[""].get("refused")


def log_files(path, pattern):
    """The log's files whose names match, by version: [(version, path)…]."""
    found = [(int(os.path.basename(p)[:20]), p) for p in glob.glob(os.path.join(glob.escape(path), "_delta_log", "*"))
             if re.fullmatch(r"\d{20}\." + pattern, os.path.basename(p))]
    return sorted(found)


def replay(path):
    """The live files {path: size} after each version, from the commits alone; asserts that versions are dense, that no
    path is added twice, and that none is both added and removed by one commit."""
    live, added, states = {}, set(), []
    for expected, (version, name) in enumerate(log_files(path, "json")):
        assert version == expected, f"version {expected} is missing"
        with open(name, encoding="utf-8") as f:
            actions = [json.loads(line) for line in f]
        adds = [a["add"] for a in actions if "add" in a]
        removes = [a["remove"]["path"] for a in actions if "remove" in a]
        assert not {a["path"] for a in adds} & set(removes), f"version {version} adds and removes a path"
        for removed in removes:
            assert live.pop(removed, None) is not None, f"version {version} removes {removed}, which isn't there"
        for add in adds:
            assert add["path"] not in added, f"version {version} adds {add['path']} again"
            added.add(add["path"])
            live[add["path"]] = add["size"]
        states.append(dict(live))
    return states


def check_checkpoints(path, states):
    """Each checkpoint has the live files of its version; how many there are."""
    import pyarrow.parquet as pq
    found = log_files(path, r"checkpoint\.parquet")
    for version, name in found:
        adds = [a for a in pq.read_table(name, columns=["add"]).column("add").to_pylist() if a and a["path"]]
        assert {a["path"]: a["size"] for a in adds} == states[version], f"the checkpoint of version {version}"
        assert len(adds) == len(states[version]), f"the checkpoint of version {version} has a file twice"
    return len(found)


def check_files(path, live):
    from urllib.parse import unquote
    for name, size in live.items():
        assert os.path.getsize(os.path.join(path, unquote(name))) == size, name
