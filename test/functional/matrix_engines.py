"""The engines of the interoperation matrix in one form: each makes, changes and reads a table, or refuses.

A reading is {"columns": [[name, type]…], "rows": texts as Spark renders them}; a refusal {"refused": first line}."""

import json
import os
import re
import shutil

import deltalake
import duckdb
import duckdb_extension_delta
import pyarrow as pa
import pyarrow.parquet as pq
from interop_support import TarnError, column_texts, location, quoted, spark_type, tarn

# What legacy writer versions include, by the lowest version.
LEGACY = {2: ("appendOnly", "invariants"), 3: ("checkConstraints",), 4: ("changeDataFeed", "generatedColumns"),
          5: ("columnMapping",), 6: ("identityColumns",)}


def refusal(error):
    lines = (error.said if isinstance(error, TarnError) else str(error)).strip().splitlines()
    return {"refused": lines[0] if lines else type(error).__name__}


def attempt(work):
    """What `work` gives, or its refusal. A panic of a Rust library isn't an Exception."""
    try:
        return work()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        return refusal(error)


def commits(log):
    return sorted(n for n in os.listdir(log) if re.fullmatch(r"\d{20}\.json", n))


def log_actions(path):
    """The actions of a table's commits in order."""
    log = os.path.join(path, "_delta_log")
    for name in commits(log):
        with open(os.path.join(log, name), encoding="utf-8") as f:
            yield from map(json.loads, f)


def newest(path, action):
    return [a[action] for a in log_actions(path) if action in a][-1]


def features(path):
    """The names of the features of a table's protocol."""
    protocol = newest(path, "protocol")
    named = set(protocol.get("writerFeatures", [])) | set(protocol.get("readerFeatures", []))
    if protocol["minWriterVersion"] < 7:
        named |= {f for version, legacy in LEGACY.items() if version <= protocol["minWriterVersion"] for f in legacy}
    return named


def at(path):
    """A table by its path, for Tarn and for Spark."""
    return f"delta.`{path}`"


def with_rows(reading):
    return {"columns": reading["columns"], "rows": [list(row) for row in reading["rows"]]}


class Tarn:
    """One lake for all tables that it makes."""

    def __init__(self, home):
        self.home, self.tables = home, 0

    def make(self, case, path):
        """A table of the catalog, copied out of the lake: its own folders aren't to be read by their paths."""
        self.tables += 1
        table = f"t{self.tables}"
        tarn(self.home, *(s.replace("{t}", table) for s in case.statements))
        return shutil.copytree(location(self.home, table), path)

    def append(self, case, path, _):
        columns = "" if case.append == "*" else f" ({case.append})"
        tarn(self.home, f"INSERT INTO {at(path)}{columns} SELECT {case.append} FROM {at(path)}")

    def delete(self, case, path):
        tarn(self.home, f"DELETE FROM {at(path)} WHERE {case.delete}")

    def read(self, path):
        empty, = tarn(self.home, f"SELECT * FROM {at(path)} LIMIT 0")
        picked = ", ".join(f"hex({quoted(c['name'])})" if c["type"] == "binary" else f"CAST({quoted(c['name'])} AS STRING)"
                           for c in empty["columns"])
        rows, = tarn(self.home, f"SELECT {picked} FROM {at(path)}")
        return with_rows({"columns": [[c["name"], c["type"]] for c in empty["columns"]], "rows": rows["rows"]})


class DeltaRs:
    """The deltalake package. It makes a table of the schema, partitioning and properties of another one, and reads by its
    QueryBuilder: `to_pyarrow_table` knows fewer features, and reads mapped columns as NULL."""

    def make(self, metadata, rows, path):
        constraint = "delta.constraints."
        properties = {k: v for k, v in metadata["configuration"].items() if not k.startswith(constraint)}
        table = deltalake.DeltaTable.create(path, schema=deltalake.Schema.from_json(metadata["schemaString"]),
                                            partition_by=metadata["partitionColumns"], configuration=properties)
        for name, condition in metadata["configuration"].items():
            if name.startswith(constraint):
                table.alter.add_constraint({name.removeprefix(constraint): condition})
        deltalake.write_deltalake(path, pq.read_table(rows), mode="append")

    def append(self, _, path, rows):
        deltalake.write_deltalake(path, pq.read_table(rows), mode="append")

    def delete(self, case, path):
        deltalake.DeltaTable(path).delete(case.delete)

    def read(self, path):
        table = deltalake.DeltaTable(path)
        data = pa.table(deltalake.QueryBuilder().register("t", table).execute("SELECT * FROM t").read_all())
        kinds = {f["name"]: spark_type(f["type"]) for f in json.loads(table.schema().to_json())["fields"]}
        rows = zip(*(column_texts(data.column(i)) for i in range(data.num_columns)))
        return with_rows({"columns": [[name, kinds[name]] for name in data.column_names], "rows": rows})


class DuckDb:
    """DuckDB's delta extension; it appends, and makes no tables."""

    def open(self, path):
        connection = duckdb.connect(config={"allow_unsigned_extensions": "false"})
        folder = os.path.dirname(duckdb_extension_delta.__file__)
        connection.load_extension(os.path.join(folder, "extensions", f"v{duckdb.__version__}", "delta.duckdb_extension"))
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("ATTACH '" + path.replace("'", "''") + "' AS t (TYPE delta)")
        return connection

    def append(self, case, path, rows):
        with self.open(path) as connection:
            by_name = "" if case.append == "*" else "BY NAME"
            connection.execute(f"INSERT INTO t {by_name} SELECT * FROM read_parquet('{rows}/*.parquet')")

    def read(self, path):
        with self.open(path) as connection:
            described = connection.execute("DESCRIBE SELECT * FROM t").fetchall()
            picked = ", ".join(f"CASE WHEN {c} IS NOT NULL THEN {c}::JSON::VARCHAR END AS {c}" if kind == "VARIANT" else c for c, kind in
                               (('"' + d[0].replace('"', '""') + '"', d[1]) for d in described))
            data = connection.execute(f"SELECT {picked} FROM t").to_arrow_table()
        kinds = ["variant" if d[1] == "VARIANT" else arrow_type(f.type) for d, f in zip(described, data.schema)]
        rows = zip(*(column_texts(data.column(i)) for i in range(data.num_columns)))
        return with_rows({"columns": [[d[0], kind] for d, kind in zip(described, kinds)], "rows": rows})


ARROW_NAMES = {"bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "float": "float",
               "double": "double", "string": "string", "large_string": "string", "binary": "binary", "large_binary": "binary",
               "date32[day]": "date", "timestamp[us]": "timestamp_ntz", "timestamp[us, tz=UTC]": "timestamp"}


def arrow_type(kind):
    """An Arrow type as Spark's simpleString shows the one it stands for."""
    import pyarrow.types as t
    if t.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if t.is_map(kind):
        return f"map<{arrow_type(kind.key_type)},{arrow_type(kind.item_type)}>"
    if t.is_list(kind) or t.is_large_list(kind):
        return f"array<{arrow_type(kind.value_type)}>"
    if t.is_struct(kind):
        return "struct<" + ",".join(f"{f.name}:{arrow_type(f.type)}" for f in kind) + ">"
    return ARROW_NAMES.get(str(kind), str(kind))


def compact_log(path):
    """Puts a log compaction file over the commits from 1 to the last but one, as PROTOCOL.md says to reconcile them."""
    log = os.path.join(path, "_delta_log")
    last = int(commits(log)[-1][:20]) - 1
    files, others = {}, {}
    for version in range(1, last + 1):
        with open(os.path.join(log, f"{version:020}.json"), encoding="utf-8") as f:
            for line in f:
                (kind, action), = json.loads(line).items()
                if kind in ("add", "remove"):
                    vector = action.get("deletionVector") or {}
                    files[action["path"], vector.get("pathOrInlineDv"), vector.get("offset")] = {kind: {**action, "dataChange": False}}
                elif kind not in ("commitInfo", "cdc"):
                    others[kind] = {kind: action}
    with open(os.path.join(log, f"{1:020}.{last:020}.compacted.json"), "w", encoding="utf-8") as f:
        f.writelines(json.dumps(action) + "\n" for action in [*others.values(), *files.values()])


def leave_checkpoint(path):
    """Removes the commits before the newest checkpoint, as a clean-up of the log does, so that readers need it; its version."""
    log = os.path.join(path, "_delta_log")
    versions = [int(n[:20]) for n in os.listdir(log) if re.match(r"\d{20}\.checkpoint\.", n)]
    if not versions:
        raise AssertionError("no checkpoint was written")
    for name in commits(log):
        if int(name[:20]) < max(versions):
            for gone in (name, name.replace(".json", ".crc"), f".{name}.crc"):
                if os.path.exists(os.path.join(log, gone)):
                    os.remove(os.path.join(log, gone))
    return max(versions)


def split_checkpoint(path):
    """Makes the newest checkpoint one of two parts, if it isn't one of several already; readers need it."""
    log = os.path.join(path, "_delta_log")
    whole = sorted(n for n in os.listdir(log) if re.fullmatch(r"\d{20}\.checkpoint\.parquet", n))
    if whole:
        data = pq.read_table(os.path.join(log, whole[-1]))
        half = data.num_rows // 2
        for part, rows in ((1, data.slice(0, half)), (2, data.slice(half))):
            pq.write_table(rows, os.path.join(log, f"{whole[-1][:20]}.checkpoint.{part:010}.{2:010}.parquet"))
        for name in whole + ["_last_checkpoint", "._last_checkpoint.crc", *(f".{n}.crc" for n in whole)]:
            if os.path.exists(os.path.join(log, name)):
                os.remove(os.path.join(log, name))
    leave_checkpoint(path)


FORGERIES = {"log compaction": compact_log, "multi-part checkpoint": split_checkpoint, "checkpoint only": leave_checkpoint}
