"""Tables with icebergCompatV1 and V2, written by Tarn and Spark in turn: what both read, and what stands in the files."""

import json
import os

import pyarrow.parquet as pq
import pytest
from interop_support import same_rows, tarn, tarn_table
from matrix_engines import log_actions

COLUMNS = {
    1: "id INT, s STRING, st STRUCT<x: INT>, ts TIMESTAMP, p INT",
    2: "id INT, s STRING, a ARRAY<INT>, m MAP<STRING, ARRAY<STRUCT<x: INT, y: MAP<INT, INT>>>>, ts TIMESTAMP, p INT",
}
ROW = {
    1: "{0}, 's{0}', named_struct('x', {0}), TIMESTAMP'2024-01-01 00:00:00.000001', {0} % 2",
    2: "{0}, 's{0}', array({0}, NULL), map('k', array(named_struct('x', {0}, 'y', map(1, {0})))), "
       "TIMESTAMP'2024-01-01 00:00:00.000001', {0} % 2",
}


def definition(name, version, where=""):
    return (f"CREATE TABLE {name} ({COLUMNS[version]}) USING delta PARTITIONED BY (p) {where} "
            f"TBLPROPERTIES ('delta.enableIcebergCompatV{version}' = 'true')")


NAMES = {1: "id, s, st, ts, p", 2: "id, s, a, m, ts, p"}


def changes(name, version, first):
    row = ROW[version].format
    return [f"INSERT INTO {name} ({NAMES[version]}) VALUES ({row(first)}), ({row(first + 1)})",
            f"INSERT INTO {name} ({NAMES[version]}) VALUES ({row(first + 2)})",
            f"UPDATE {name} SET s = 'changed' WHERE id = {first}",
            f"DELETE FROM {name} WHERE id = {first + 1}",
            f"ALTER TABLE {name} ADD COLUMN (extra{first} INT)",
            f"OPTIMIZE {name}"]


def ids_in_schema(field_type, metadata, prefix):
    """The ids that the log gives the fields, by their paths in a Parquet file."""
    path = prefix + (metadata["delta.columnMapping.physicalName"],)
    found = {path: metadata["delta.columnMapping.id"]}
    nested = metadata.get("delta.columnMapping.nested.ids", {})

    def within(kind, at, key):
        if not isinstance(kind, dict):
            return
        parts = {"array": [("element", ("list", "element"), "elementType")],
                 "map": [("key", ("key_value", "key"), "keyType"), ("value", ("key_value", "value"), "valueType")]}
        for name, steps, child in parts.get(kind["type"], []):
            if f"{key}.{name}" in nested:
                found[at + steps] = nested[f"{key}.{name}"]
            within(kind[child], at + steps, f"{key}.{name}")
        for field in kind.get("fields", []):
            found.update(ids_in_schema(field["type"], field["metadata"], at))

    within(field_type, path, path[-1])
    return found


def ids_in_file(path):
    """The ids of the columns of a Parquet file, by path, without those of the repeated groups in between."""
    found = {}

    def walk(field, at):
        metadata = field.metadata or {}
        if b"PARQUET:field_id" in metadata:
            found[at] = int(metadata[b"PARQUET:field_id"])
        kind = field.type
        if str(kind).startswith("list"):
            walk(kind.value_field, at + ("list", "element"))
        elif str(kind).startswith("map"):
            walk(kind.key_field, at + ("key_value", "key"))
            walk(kind.item_field, at + ("key_value", "value"))
        elif str(kind).startswith("struct"):
            for i in range(kind.num_fields):
                walk(kind.field(i), at + (kind.field(i).name,))

    for field in pq.read_schema(path):
        walk(field, (field.name,))
    return found


def check_files(path, version):
    """Every file that was ever added is as the protocol wants it."""
    schema, checked = None, 0
    for action in log_actions(path):
        if "metaData" in action:
            schema = json.loads(action["metaData"]["schemaString"])
            wanted = {}
            for field in schema["fields"]:
                wanted.update(ids_in_schema(field["type"], field["metadata"], ()))
        add = action.get("add")
        if add is None:
            continue
        assert "deletionVector" not in add
        assert json.loads(add["stats"])["numRecords"] > 0
        file = os.path.join(path, add["path"])
        if not os.path.exists(file):
            continue
        found = ids_in_file(file)
        assert found == {p: i for p, i in wanted.items() if p[0] in {q[0] for q in found}}
        assert {p[0] for p in found} == {f["metadata"]["delta.columnMapping.physicalName"] for f in schema["fields"]}
        physical = {c.name: c.physical_type for c in pq.read_metadata(file).schema}
        assert "INT96" not in physical.values()
        assert add.get("tags", {}).get("ICEBERG_COMPAT_VERSION") == (None if version == 1 else str(version))
        checked += 1
    assert checked > 3


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("maker", ["Tarn", "Spark"])
def test_both_write_one_table_in_turn(tmp_path, spark, maker, version):
    home, path = str(tmp_path / "home"), str(tmp_path / "table")
    if maker == "Tarn":
        tarn(home, definition("t", version, f"LOCATION '{path}'"))
    else:
        spark.ask(verb="run", statements=[definition(f"delta.`{path}`", version)])
        tarn(home, f"CREATE TABLE t USING DELTA LOCATION '{path}'")
    tarn(home, *changes("t", version, 10))
    spark.ask(verb="run", statements=changes(f"delta.`{path}`", version, 20)[:4])
    tarn(home, "UPDATE t SET s = 'again' WHERE id = 22", "DELETE FROM t WHERE id = 10")
    seen = spark.ask(verb="read", paths=[path])[path]
    ours = tarn_table(home, "t")
    assert len(seen["rows"]) == 3
    same_rows(ours["rows"], seen["rows"])
    check_files(path, version)


def test_an_upgrade_is_what_spark_goes_on_with(tmp_path, spark):
    home, path = str(tmp_path / "home"), str(tmp_path / "table")
    tarn(home, f"CREATE TABLE t (id INT, a ARRAY<INT>, p INT) USING delta PARTITIONED BY (p) LOCATION '{path}'",
         "INSERT INTO t VALUES (1, array(1), 1), (2, NULL, NULL)",
         "REORG TABLE t APPLY (UPGRADE UNIFORM (ICEBERG_COMPAT_VERSION = 2))")
    spark.ask(verb="run", statements=[f"INSERT INTO delta.`{path}` VALUES (3, array(3), 1)",
                                      f"UPDATE delta.`{path}` SET id = 4 WHERE id = 1"])
    same_rows(tarn_table(home, "t")["rows"], spark.ask(verb="read", paths=[path])[path]["rows"])
    added = [a["add"] for a in log_actions(path) if "add" in a and a["add"].get("tags")]
    assert added and all(ids_in_file(os.path.join(path, a["path"])).get(("a", "list", "element")) == 4 for a in added)
