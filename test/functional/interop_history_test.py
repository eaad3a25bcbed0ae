"""The history that statements leave is Spark's: the same operations, parameters and metrics.

What Spark's log said is kept in history_of_spark.json; TARN_HISTORY_UPDATE=1 asks real Spark anew (a few minutes)."""

import glob
import json
import os
import re

import pytest
from interop_support import location, tarn

RECORDED = os.path.join(os.path.dirname(__file__), "history_of_spark.json")
UPDATE = bool(os.environ.get("TARN_HISTORY_UPDATE"))

# name: the statements; {t} is the table, {s} a second one.
CASES = {
    "create and write": [
        "CREATE TABLE {t} (id BIGINT, s STRING, p INT) USING delta PARTITIONED BY (p) COMMENT 'all' TBLPROPERTIES ('a.b' = 'c')",
        "INSERT INTO {t} SELECT id, 'x', CAST(id % 2 AS INT) FROM range(0, 10, 1, 1)",
        "INSERT OVERWRITE {t} SELECT id, 'y', 0 FROM range(0, 4, 1, 1)",
        "INSERT INTO {t} REPLACE WHERE p = 0 SELECT id, 'z', 0 FROM range(0, 3, 1, 1)"],
    "create as": [
        "CREATE TABLE {t} USING delta PARTITIONED BY (p) AS SELECT id, id % 2 AS p FROM range(0, 10, 1, 1)",
        "CREATE OR REPLACE TABLE {t} USING delta AS SELECT id FROM range(0, 5, 1, 1)",
        "REPLACE TABLE {t} (id BIGINT) USING delta",
        "CREATE OR REPLACE TABLE {t} (id BIGINT, v INT) USING delta CLUSTER BY (id)",
        "REPLACE TABLE {t} USING delta CLUSTER BY (id) AS SELECT id FROM range(0, 5, 1, 1)"],
    "alter": [
        "CREATE TABLE {t} (id INT NOT NULL, s STRING, st STRUCT<a: INT>) USING delta",
        "ALTER TABLE {t} ADD COLUMNS (d DATE COMMENT 'day' AFTER id, st.b STRING)",
        "ALTER TABLE {t} ALTER COLUMN id COMMENT 'key'",
        "ALTER TABLE {t} ALTER COLUMN s FIRST",
        "ALTER TABLE {t} ALTER COLUMN s COMMENT 'text', st COMMENT 'both'",
        "ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'x.y' = '1')",
        "ALTER TABLE {t} UNSET TBLPROPERTIES ('x.y')",
        "ALTER TABLE {t} RENAME COLUMN s TO text",
        "ALTER TABLE {t} DROP COLUMN d",
        "ALTER TABLE {t} DROP COLUMNS (st.b)",
        "ALTER TABLE {t} ALTER COLUMN id DROP NOT NULL",
        "ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id > 0)",
        "ALTER TABLE {t} DROP CONSTRAINT positive",
        "ALTER TABLE {t} CLUSTER BY (id)",
        "ALTER TABLE {t} CLUSTER BY NONE",
        "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
        "ALTER TABLE {t} ALTER COLUMN id TYPE BIGINT",
        "ALTER TABLE {t} SET TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
        "ALTER TABLE {t} ALTER COLUMN id SET DEFAULT 7",
        "ALTER TABLE {t} ALTER COLUMN id DROP DEFAULT",
        "ALTER TABLE {t} SET TBLPROPERTIES ('delta.feature.vacuumProtocolCheck' = 'supported')",
        "COMMENT ON TABLE {t} IS 'new'"],
    "rows": [
        "CREATE TABLE {t} (id BIGINT, v STRING) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')",
        "INSERT INTO {t} SELECT id, 'a' FROM range(0, 100, 1, 1)",
        "DELETE FROM {t} WHERE id < 10",
        "UPDATE {t} SET v = 'b' WHERE id = 50",
        "DELETE FROM {t} WHERE id > 1000",
        "UPDATE {t} SET v = 'c'",
        "MERGE INTO {t} t USING (SELECT id, 'm' AS v FROM range(90, 110, 1, 1)) s ON t.id = s.id WHEN MATCHED AND t.id = 95 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE AND t.id < 12 THEN DELETE "
        "WHEN NOT MATCHED BY SOURCE AND t.id < 14 THEN UPDATE SET v = 'n'",
        "MERGE INTO {t} t USING (SELECT id, 'i' AS v FROM range(200, 203, 1, 1)) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT *",
        "DELETE FROM {t}"],
    "rows with vectors": [
        "CREATE TABLE {t} (id BIGINT, v STRING) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
        "INSERT INTO {t} SELECT id, 'a' FROM range(0, 1000, 1, 1)",
        "DELETE FROM {t} WHERE id < 10",
        "DELETE FROM {t} WHERE id < 25",
        "UPDATE {t} SET v = 'b' WHERE id = 50",
        "MERGE INTO {t} t USING (SELECT id, 'm' AS v FROM range(990, 1010, 1, 1)) s ON t.id = s.id WHEN MATCHED AND t.id = 995 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *",
        "REORG TABLE {t} APPLY (PURGE)",
        "RESTORE TABLE {t} TO VERSION AS OF 1"],
    "rows with a feed": [
        "CREATE TABLE {t} (id BIGINT, v STRING) USING delta TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true', "
        "'delta.enableDeletionVectors' = 'false')",
        "INSERT INTO {t} SELECT id, 'a' FROM range(0, 100, 1, 1)",
        "DELETE FROM {t} WHERE id < 10",
        "UPDATE {t} SET v = 'b' WHERE id = 50",
        "MERGE INTO {t} t USING (SELECT id, 'm' AS v FROM range(90, 110, 1, 1)) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * "
        "WHEN NOT MATCHED THEN INSERT *"],
    "maintenance": [
        "CREATE TABLE {t} (id BIGINT, p INT) USING delta PARTITIONED BY (p)",
        "INSERT INTO {t} SELECT id, 0 FROM range(0, 10, 1, 1)",
        "INSERT INTO {t} SELECT id, 0 FROM range(10, 20, 1, 1)",
        "OPTIMIZE {t} WHERE p = 0",
        "INSERT INTO {t} SELECT id, 1 FROM range(10, 20, 1, 1)",
        "OPTIMIZE {t} ZORDER BY (id)",
        "VACUUM {t}",
        "RESTORE TABLE {t} TO VERSION AS OF 1"],
    "clustered": [
        "CREATE TABLE {t} (id BIGINT, v INT) USING delta CLUSTER BY (id, v)",
        "INSERT INTO {t} SELECT id, 0 FROM range(0, 10, 1, 1)",
        "INSERT INTO {t} SELECT id, 0 FROM range(10, 20, 1, 1)",
        "OPTIMIZE {t}",
        "OPTIMIZE {t} FULL"],
    "drop a feature": [
        "CREATE TABLE {t} (id BIGINT) USING delta TBLPROPERTIES ('delta.feature.vacuumProtocolCheck' = 'supported')",
        "ALTER TABLE {t} DROP FEATURE vacuumProtocolCheck"],
    "shallow clone": [
        "CREATE TABLE {s} (id BIGINT) USING delta",
        "INSERT INTO {s} SELECT id FROM range(0, 10, 1, 1)",
        "CREATE TABLE {t} SHALLOW CLONE {s}"],
    "row tracking": [
        "CREATE TABLE {t} (id BIGINT) USING delta",
        "INSERT INTO {t} SELECT id FROM range(0, 10, 1, 1)",
        "DELETE FROM {t} WHERE id = 3",
        "TRUNCATE TABLE {t}"],
    "user metadata": [
        "CREATE TABLE {t} (id BIGINT) USING delta",
        "SET spark.databricks.delta.commitInfo.userMetadata = noted",
        "INSERT INTO {t} VALUES (1)",
        "RESET spark.databricks.delta.commitInfo.userMetadata"],
}


def history(folder):
    """What the log's commits say of themselves, in the order of versions."""
    found = []
    for name in sorted(glob.glob(os.path.join(folder, "_delta_log", "*.json"))):
        with open(name, encoding="utf-8") as file:
            found += [info for line in file if (info := json.loads(line).get("commitInfo"))]
    keys = ("operation", "operationParameters", "operationMetrics", "isolationLevel", "isBlindAppend", "readVersion", "userMetadata")
    return [{key: info[key] for key in keys if key in info} for info in found]


def record(spark):
    """What Spark's log says after each case."""
    said = {}
    for number, (case, statements) in enumerate(CASES.items()):
        names = {"t": f"history_{number}", "s": f"history_{number}_s"}
        spark.ask(verb="run", statements=[text.format(**names) for text in statements])
        (detail,), = spark.ask(verb="run", statements=[f"DESCRIBE DETAIL {names['t']}"])
        said[case] = history(next(value for value in detail if value and value.startswith("file:")).removeprefix("file:"))
        spark.ask(verb="run", statements=[f"DROP TABLE {name}" for name in names.values() if f"TABLE {{{'t' if name == names['t'] else 's'}}}" in " ".join(statements)])
    with open(RECORDED, "w", encoding="utf-8") as file:
        json.dump(said, file, indent=1, sort_keys=True)
        file.write("\n")


if UPDATE:
    def test_record(spark):
        record(spark)


def plain(text):
    """A value as both write it: conditions without the ids, qualifiers, quotes and outer parentheses of Spark's."""
    text = text if isinstance(text, str) else json.dumps(text)
    try:
        value = json.loads(text)
    except ValueError:
        return condition(text)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [condition(item) for item in value]
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return [{key: condition(v) if key == "predicate" else v for key, v in item.items()} for item in value]
    return value


def condition(text):
    text = re.sub(r"#\d+L?|\b[ts]\.(?=\w)|'", "", text)
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def is_measure(metric):
    """Times, sizes in bytes: there must be one, whichever."""
    return metric.endswith("TimeMs") or "Bytes" in metric or metric.endswith("Size") or "Size" in metric


# What differs and why, by case ("*": in all), version and what; None: whatever is there.
DIFFERENT = {
    # A table of Databricks is WriteSerializable, one of Spark Serializable. Spark calls a change of metadata a blind append.
    ("*", None, "isolationLevel"), ("*", None, "isBlindAppend"),
    # Counted where the source is a table; a query would have to be run twice. Spark materializes the source.
    ("*", None, "numSourceRows"), ("*", None, "materializeSourceTimeMs"),
    # Spark's UNSET TBLPROPERTIES doesn't mind what isn't there.
    ("alter", 6, "ifExists"),
    # Spark lists the changed columns in no order, and without what the statement itself added.
    ("alter", 4, "columns"), ("alter", 16, "column"),
    # Spark writes a feature's name in lower case.
    ("alter", 17, "properties"), ("alter", 20, "properties"),
    # REPLACE WHERE: more than Spark tells.
    ("create and write", 3, "more"),
    # TRUNCATE: more than Spark tells.
    ("row tracking", 3, "more"),
    # Updated and inserted rows are in files of their own; files with new vectors aren't counted as removed.
    ("rows with vectors", 4, "numRemovedFiles"), ("rows with vectors", 5, "numTargetFilesAdded"), ("rows with vectors", 7, "numRemovedFiles"),
    ("maintenance", 7, "readVersion"), ("drop a feature", 1, "readVersion"), ("shallow clone", 0, "readVersion"), ("shallow clone", 0, "source"), ("shallow clone", 0, "more"),
}
# Dropping a feature is one commit here, five in Spark; what is clustered alike needs no OPTIMIZE FULL in Spark.
OTHER_VERSIONS = {"drop a feature": (1, 4), "clustered": (4, None)}


def differences(case, version, ours, theirs):
    found = {key: (ours.get(key), theirs.get(key)) for key in ("operation", "isolationLevel", "isBlindAppend", "readVersion", "userMetadata")
             if ours.get(key) != theirs.get(key)}
    for group in ("operationParameters", "operationMetrics"):
        here, there = ours.get(group, {}), theirs.get(group, {})
        for key in sorted({*here, *there}):
            if there.get(key) is None and key in here:
                found.setdefault("more", []).append(key)
            elif key not in here and there.get(key) is not None:
                found[key] = ("nothing", there[key])
            elif key in here and not is_measure(key) and plain(here[key]) != plain(there[key]):
                found[key] = (here[key], there[key])
    return {key: value for key, value in found.items()
            if (case, version, key) not in DIFFERENT and ("*", None, key) not in DIFFERENT}


@pytest.mark.parametrize("case", CASES)
def test_history(tmp_path, case):
    home = str(tmp_path / "home")
    tarn(home, *(text.format(t="t", s="s") for text in CASES[case]))
    ours = history(location(home, "t"))
    with open(RECORDED, encoding="utf-8") as file:
        theirs = json.load(file)[case]
    if case in OTHER_VERSIONS:
        mine, other = OTHER_VERSIONS[case]
        assert len(ours) == mine + 1
        ours, theirs = [ours[0], ours[mine]], [theirs[0], theirs[other] if other else ours[mine]]
    found = {version: different for version, pair in enumerate(zip(ours, theirs, strict=True))
             if (different := differences(case, version, *pair))}
    assert not found, json.dumps(found, indent=1)
