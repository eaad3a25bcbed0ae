"""The tables of the interoperation matrix: one for each feature of the protocol, and for what needs none."""

import dataclasses

from spark_side import ALL_ROWS, ALL_TYPES

MAPPED = "'delta.columnMapping.mode' = '{0}'"


@dataclasses.dataclass
class Case:
    """How a table is made, by statements that Tarn and Spark both take; {t} is the table."""
    statements: list
    # The features that its protocol must have afterwards; none: as little as it likes.
    features: tuple = ()
    # Statements that set Spark's session up before.
    spark: tuple = ()
    # What is done to the log by hand afterwards: a name of matrix_engines.FORGERIES.
    forge: str = ""
    # The columns that a writer gives when it appends all rows once more.
    append: str = "*"
    # What it deletes then; none for a table that is for appending only.
    delete: str | None = "id = 2"
    # The columns compared; none: all.
    compare: list | None = None


def three_rows(columns="id INT, s STRING", properties="", tail="", feature=(), **more):
    set_to = f" TBLPROPERTIES ({properties})" if properties else ""
    return Case([f"CREATE TABLE {{t}} ({columns}) USING delta{tail}{set_to}",
                 "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, NULL)"], feature, **more)


def often_checkpointed(properties, feature=(), forge="checkpoint only", **more):
    return Case([f"CREATE TABLE {{t}} (id INT, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES ({properties})",
                 *(f"INSERT INTO {{t}} SELECT CAST(id AS INT), CAST(id % 2 AS INT) FROM range({i * 5}, {i * 5 + 5})" for i in range(3)),
                 "DELETE FROM {t} WHERE id = 7", "INSERT INTO {t} VALUES (100, NULL)"], feature, forge=forge, **more)


def typed(wanted):
    """A table of those columns of ALL_TYPES, with an id."""
    columns = ", ".join(COLUMNS[i].removesuffix(" NOT NULL") for i in wanted)
    return Case([f"CREATE TABLE {{t}} (id INT, {columns}) USING delta"] +
                [f"INSERT INTO {{t}} VALUES ({n}, {', '.join(split(row)[i] for i in wanted)})" for n, row in enumerate(ALL_ROWS, 1)])


def split(text):
    """The parts of a list between its outermost commas."""
    parts, depth, quoted = [""], 0, False
    for c in text:
        quoted ^= c == "'"
        depth += 0 if quoted else (c in "(<") - (c in ")>")
        if c == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += c
    return [p.strip() for p in parts]


COLUMNS = split(ALL_TYPES)
PRIMITIVE = [i for i, c in enumerate(COLUMNS) if "TIMESTAMP_NTZ" not in c and "<" not in c]
NESTED = [i for i, c in enumerate(COLUMNS) if "<" in c]

CASES = {
    "plain": three_rows(),
    "all primitive types": typed(PRIMITIVE),
    "nested types": typed(NESTED),
    "CHAR and VARCHAR": Case(["CREATE TABLE {t} (id INT, c CHAR(3), v VARCHAR(5), s STRUCT<x: CHAR(2)>) USING delta",
                              "INSERT INTO {t} VALUES (1, 'a', 'b', named_struct('x', 'é')), (2, NULL, NULL, NULL), "
                              "(3, 'abc', 'é', named_struct('x', NULL))"]),
    "odd column names": three_rows("id INT, `a.b-é%'\"日` STRING"),
    "partitioned, of all types": Case([
        "CREATE TABLE {t} (id INT, b BOOLEAN, y TINYINT, i INT, l BIGINT, g DOUBLE, dec DECIMAL(10,2), bin BINARY, d DATE, "
        "ts TIMESTAMP) USING delta PARTITIONED BY (b, y, i, l, g, dec, bin, d, ts)",
        "INSERT INTO {t} VALUES (1, true, 1, -5, 9000000000, 1.5, 1.10, X'6162', DATE'2024-01-01', TIMESTAMP'2024-01-01 10:00:00.5'), "
        "(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, false, -128, 0, -1, 0.1, 99999999.99, X'41', DATE'1969-12-31', "
        "TIMESTAMP'1969-12-31 23:59:59.999999')"]),
    "partitioned, negative decimal and NaN": Case([
        "CREATE TABLE {t} (id INT, g DOUBLE, dec DECIMAL(10,2)) USING delta PARTITIONED BY (g, dec)",
        "INSERT INTO {t} VALUES (1, double('NaN'), -99999999.99), (2, -0.0D, NULL), (3, double('-Infinity'), 0.01)"]),
    "partitioned, odd values": Case([
        "CREATE TABLE {t} (id INT, p STRING) USING delta PARTITIONED BY (p)",
        "INSERT INTO {t} VALUES (1, 'a b'), (2, 'x/y=z%25'), (3, 'é:日#?&'), (4, '..'), (5, ''), (6, NULL), (7, 'a+b\"''`{}[]|^~')"]),
    "classic checkpoints": often_checkpointed("'delta.checkpointInterval' = '2'"),
    "multi-part checkpoints": often_checkpointed("'delta.checkpointInterval' = '2'", forge="multi-part checkpoint",
                                                 spark=("SET spark.databricks.delta.checkpoint.partSize = 2",)),
    "statistics as struct only": often_checkpointed(
        "'delta.checkpointInterval' = '2', 'delta.checkpoint.writeStatsAsJson' = 'false', "
        "'delta.checkpoint.writeStatsAsStruct' = 'true'"),
    "log compaction": often_checkpointed("'delta.checkpointInterval' = '100'", forge="log compaction"),
    "`appendOnly`": three_rows(properties="'delta.appendOnly' = 'true'", feature=("appendOnly",), delete=None),
    "`invariants` (NOT NULL)": three_rows("id INT NOT NULL, s STRING", feature=("invariants",)),
    "`checkConstraints`": Case(["CREATE TABLE {t} (id INT, s STRING) USING delta", "ALTER TABLE {t} ADD CONSTRAINT small CHECK (id < 100)",
                                "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, NULL)"], ("checkConstraints",)),
    "`generatedColumns`": Case(["CREATE TABLE {t} (id INT, s STRING, twice INT GENERATED ALWAYS AS (id * 2)) USING delta",
                                "INSERT INTO {t} (id, s) VALUES (1, 'a'), (2, 'b'), (3, NULL)"], ("generatedColumns",)),
    "`allowColumnDefaults`": Case([
        "CREATE TABLE {t} (id INT, s STRING DEFAULT 'x') USING delta TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
        "INSERT INTO {t} (id) VALUES (1)", "INSERT INTO {t} VALUES (2, DEFAULT), (3, 'c')"], ("allowColumnDefaults",)),
    "`changeDataFeed`": Case([
        "CREATE TABLE {t} (id INT, s STRING) USING delta TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')",
        "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, NULL)", "UPDATE {t} SET s = 'u' WHERE id = 3"], ("changeDataFeed",)),
    "`columnMapping` by name": Case([
        f"CREATE TABLE {{t}} (id INT, old STRING, gone INT, st STRUCT<a: INT, b: STRING>, part STRING) USING delta "
        f"PARTITIONED BY (part) TBLPROPERTIES ({MAPPED.format('name')})",
        "INSERT INTO {t} VALUES (1, 'x', 5, named_struct('a', 1, 'b', 'q'), 'p1'), (2, 'y', 6, NULL, 'p 2')",
        "ALTER TABLE {t} RENAME COLUMN old TO `new, (name)`", "ALTER TABLE {t} DROP COLUMN gone",
        "ALTER TABLE {t} RENAME COLUMN part TO `part col`", "ALTER TABLE {t} ADD COLUMN (extra DOUBLE)",
        "INSERT INTO {t} (id, `new, (name)`, st, `part col`, extra) VALUES (3, 'z', named_struct('a', 3, 'b', NULL), NULL, 1.5)"],
        ("columnMapping",)),
    "`columnMapping` by id": Case([
        f"CREATE TABLE {{t}} (id INT, s STRING, xs ARRAY<STRUCT<k: INT>>) USING delta TBLPROPERTIES ({MAPPED.format('id')})",
        "INSERT INTO {t} VALUES (1, 'x', array(named_struct('k', 1))), (2, NULL, NULL)",
        "ALTER TABLE {t} RENAME COLUMN s TO t", "INSERT INTO {t} VALUES (3, 'z', array())"], ("columnMapping",)),
    "`identityColumns`": Case(["CREATE TABLE {t} (n BIGINT GENERATED ALWAYS AS IDENTITY, id INT) USING delta",
                               "INSERT INTO {t} (id) VALUES (1), (2), (3)"], ("identityColumns",), append="id", compare=["id"]),
    "`deletionVectors`": Case([
        "CREATE TABLE {t} (id INT, s STRING) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
        "INSERT INTO {t} SELECT CAST(id AS INT), concat('r', id) FROM range(1000)", "DELETE FROM {t} WHERE id % 7 = 0",
        "DELETE FROM {t} WHERE id BETWEEN 100 AND 120", "UPDATE {t} SET s = 'u' WHERE id IN (1, 500)"], ("deletionVectors",)),
    "`rowTracking`": three_rows(properties="'delta.enableRowTracking' = 'true'", feature=("rowTracking",)),
    "`timestampNtz`": Case(["CREATE TABLE {t} (id INT, n TIMESTAMP_NTZ) USING delta",
                            "INSERT INTO {t} VALUES (1, TIMESTAMP_NTZ'0001-01-01 00:00:00'), (2, NULL), "
                            "(3, TIMESTAMP_NTZ'9999-12-31 23:59:59.999999')"], ("timestampNtz",)),
    "`clustering`, `domainMetadata`": three_rows(tail=" CLUSTER BY (id)", feature=("clustering", "domainMetadata")),
    "`v2Checkpoint`": often_checkpointed("'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2'", ("v2Checkpoint",)),
    "`v2Checkpoint`, top level in JSON": often_checkpointed(
        "'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2'", ("v2Checkpoint",),
        spark=("SET spark.databricks.delta.checkpointV2.topLevelFileFormat = json",)),
    "`vacuumProtocolCheck`": three_rows(properties="'delta.feature.vacuumProtocolCheck' = 'supported'", feature=("vacuumProtocolCheck",)),
    "`inCommitTimestamp`": three_rows(properties="'delta.enableInCommitTimestamps' = 'true'", feature=("inCommitTimestamp",)),
    "`typeWidening`": Case([
        "CREATE TABLE {t} (id SMALLINT, f FLOAT, d DECIMAL(5,2), day DATE, "
        "s STRUCT<x: INT>, a ARRAY<INT>, m MAP<INT, STRUCT<y: FLOAT>>, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES "
        "('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')",
        "INSERT INTO {t} VALUES (1, 0.1, 1.25, DATE'2026-01-02', named_struct('x', 3), array(4), map(5, "
        "named_struct('y', 0.1)), 7)", "ALTER TABLE {t} ALTER COLUMN id TYPE INT",
        "ALTER TABLE {t} ALTER COLUMN f TYPE DOUBLE", "ALTER TABLE {t} ALTER COLUMN d TYPE DECIMAL(8,3)",
        "ALTER TABLE {t} ALTER COLUMN day TYPE TIMESTAMP_NTZ", "ALTER TABLE {t} ALTER COLUMN s.x TYPE BIGINT",
        "ALTER TABLE {t} ALTER COLUMN a.element TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN m.key TYPE BIGINT",
        "ALTER TABLE {t} ALTER COLUMN m.value.y TYPE DOUBLE", "ALTER TABLE {t} ALTER COLUMN p TYPE BIGINT",
        "INSERT INTO {t} VALUES (2, 0.1D, 12345.678, TIMESTAMP_NTZ'2026-01-02 03:04:05', named_struct('x', 7000000001), "
        "array(7000000002), map(7000000003, named_struct('y', 0.1D)), 7000000000), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"], ("typeWidening",)),
    "`variantType`": Case(["CREATE TABLE {t} (id INT, v VARIANT) USING delta",
                           "INSERT INTO {t} SELECT 1, parse_json('{\"a\":[1,true,\"x\"]}') UNION ALL SELECT 2, NULL "
                           "UNION ALL SELECT 3, parse_json('7')"], ("variantType",)),
    "`variantType` within other types": Case([
        "CREATE TABLE {t} (id INT, s STRUCT<a: INT, v: VARIANT>, l ARRAY<VARIANT>, m MAP<STRING, STRUCT<v: VARIANT>>) USING delta",
        "INSERT INTO {t} SELECT 1, named_struct('a', 1, 'v', parse_json('{\"k\":[1,2]}')), array(parse_json('1'), NULL), "
        "map('p', named_struct('v', parse_json('\"t\"'))) UNION ALL SELECT 2, NULL, NULL, NULL "
        "UNION ALL SELECT 3, named_struct('a', 3, 'v', NULL), array(), map()"], ("variantType",)),
    "`variantShredding`": Case([
        "CREATE TABLE {t} (id INT, v VARIANT) USING delta TBLPROPERTIES ('delta.enableVariantShredding' = 'true')",
        "INSERT INTO {t} SELECT CAST(id AS INT), parse_json(concat('{\"a\":', id, ',\"b\":[\"x\",', id, ']}')) FROM range(50)",
        "INSERT INTO {t} SELECT 100, NULL UNION ALL SELECT 101, parse_json('{\"a\":\"text\"}')"], ("variantType",),
        ("SET spark.sql.variant.writeShredding.enabled = true", "SET spark.sql.variant.inferShreddingSchema = true")),
    "`icebergCompatV1`": three_rows(tail=" PARTITIONED BY (s)", properties="'delta.enableIcebergCompatV1' = 'true'",
                                    feature=("icebergCompatV1", "columnMapping")),
    "`icebergCompatV2`": Case([
        "CREATE TABLE {t} (id INT, a ARRAY<INT>, m MAP<STRING, ARRAY<STRUCT<x: INT>>>, p STRING) USING delta PARTITIONED BY (p) "
        "TBLPROPERTIES ('delta.enableIcebergCompatV2' = 'true')",
        "INSERT INTO {t} VALUES (1, array(1, NULL), map('k', array(named_struct('x', 1))), 'p'), (2, NULL, NULL, NULL), "
        "(3, array(), map(), 'p')"], ("icebergCompatV2", "columnMapping")),
    "`checkpointProtection`": Case([
        "CREATE TABLE {t} (id INT, s STRING) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
        "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, NULL)", "ALTER TABLE {t} DROP FEATURE deletionVectors"],
        ("checkpointProtection",)),
}
