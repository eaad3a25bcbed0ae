"""Tables whose logs and files are not what they say: nothing wrong is read, and nothing ends the program."""

import json
import pathlib
import subprocess

import doors_test
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from doors_test import actions, add, write_log
from interop_support import TARN, TarnError, location, tarn

MISMATCH = "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH"


@pytest.fixture
def home(tmp_path):
    return str(tmp_path / "home")


def table_of(tmp_path, data, *lines):
    """A table of columns id (long) and p (string) with one file of other data."""
    table = tmp_path / "table"
    table.mkdir()
    pq.write_table(data, table / "a.parquet")
    doors_test.SIZE = (table / "a.parquet").stat().st_size
    write_log(table, *(lines or [*actions(), add("a.parquet")]))
    return table


def rows(home, statement):
    return tarn(home, statement)[-1]["rows"]


def condition(home, *statements):
    with pytest.raises(TarnError) as error:
        tarn(home, *statements)
    return error.value.condition


@pytest.mark.parametrize("values", [
    pa.array([1.5, 2.5]), pa.array([True]), pa.array(["5"]), pa.array([{"a": 1}]), pa.array([[1]]),
    pa.array([1], pa.timestamp("us")), pa.array([1], pa.date32()), pa.array([1], pa.decimal128(20, 0)),
    pa.array([b"1"], pa.binary())], ids=lambda values: str(values.type).split("<")[0])
def test_a_column_of_another_type_is_no_long(tmp_path, home, values):
    table = table_of(tmp_path, pa.table({"id": values, "p": ["x"] * len(values)}))
    assert condition(home, f"SELECT id FROM delta.`{table}`") == MISMATCH
    assert condition(home, f"DELETE FROM delta.`{table}` WHERE id > 1") == MISMATCH
    assert rows(home, f"SELECT p FROM delta.`{table}`")[0] == ["x"]


@pytest.mark.parametrize("values", [pa.array([5]), pa.array([1.5]), pa.array([True]), pa.array([1], pa.date32())],
                         ids=lambda values: str(values.type))
def test_a_column_of_another_type_is_no_string(tmp_path, home, values):
    table = table_of(tmp_path, pa.table({"id": [1], "p": values}))
    assert condition(home, f"SELECT p FROM delta.`{table}`") == MISMATCH


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int32(), pa.uint32()], ids=str)
def test_narrower_integers_are_widened(tmp_path, home, kind):
    table = table_of(tmp_path, pa.table({"id": pa.array([7], kind), "p": ["x"]}))
    assert rows(home, f"SELECT * FROM delta.`{table}`") == [["7", "x"]]


def test_text_that_is_not_marked_as_text_is_text(tmp_path, home):
    """Hive and Impala wrote strings so."""
    table = table_of(tmp_path, pa.table({"id": [1], "p": pa.array(["naïve".encode()], pa.binary())}))
    assert rows(home, f"SELECT p, length(p) FROM delta.`{table}`") == [["naïve", "5"]]


def test_a_file_added_twice_by_one_commit_is_read_once(tmp_path, home):
    data = pa.table({"id": [1], "p": ["x"]})
    table = table_of(tmp_path, data, *actions(), add("a.parquet"), add("a.parquet"))
    assert rows(home, f"SELECT * FROM delta.`{table}`") == [["1", "x"]]
    assert rows(home, f"SELECT count(*) FROM delta.`{table}`") == [["1"]]


@pytest.mark.parametrize("told", [2**62, 2**63 - 1, 2**60, 2**70, -1, 1.5, "1"])
def test_numbers_of_rows_that_no_files_have_are_not_believed(tmp_path, home, told):
    """Each number may be possible, but not their sum."""
    stats = json.dumps({"numRecords": told})
    table = table_of(tmp_path, pa.table({"id": [1], "p": ["x"]}), *actions(),
                     *(add(f"{name}.parquet", stats=stats) for name in "abcdefgh"))
    for name in "bcdefgh":
        (table / f"{name}.parquet").write_bytes((table / "a.parquet").read_bytes())
    assert rows(home, f"SELECT count(*) FROM delta.`{table}`") == [["8"]]
    assert rows(home, f"SELECT count(*) FROM delta.`{table}` t JOIN delta.`{table}` u USING (id)") == [["64"]]
    tarn(home, f"DELETE FROM delta.`{table}` WHERE id = 2", f"UPDATE delta.`{table}` SET id = 2", f"OPTIMIZE delta.`{table}`")
    assert rows(home, f"SELECT sum(id), count(*) FROM delta.`{table}`") == [["16", "8"]]


def of_columns(*fields, **configuration):
    """The actions of a table of these columns with mapped names."""
    protocol, metadata = actions(features=["columnMapping"])
    mapped = [{"name": name, "type": kind, "nullable": True,
               "metadata": {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": name, **more}}
              for name, kind, number, more in fields]
    metadata["metaData"] |= {"schemaString": json.dumps({"type": "struct", "fields": mapped}),
                             "configuration": {"delta.columnMapping.mode": "name", **configuration}}
    protocol["protocol"]["writerFeatures"].append("icebergCompatV2")
    return [protocol, metadata]


def test_arrays_within_arrays_take_no_time_for_ever(tmp_path, home):
    """DuckDB's reader of Parquet takes twice as long for each level."""
    kind = "integer"
    for _ in range(60):
        kind = {"type": "array", "elementType": kind, "containsNull": True}
    table = table_of(tmp_path, pa.table({"id": [1]}), *of_columns(("id", "long", 1, {}), ("a", kind, 2, {})), add("a.parquet"))
    name = f"delta.`{table}`"
    assert rows(home, f"SELECT id FROM {name}") == [["1"]]
    for statement in (f"SELECT a FROM {name}", f"SELECT id FROM {name} WHERE a IS NULL", f"OPTIMIZE {name} ZORDER BY (id)",
                      f"UPDATE {name} SET id = 2", f"ALTER TABLE {name} ADD COLUMN (b INT)"):
        assert condition(home, statement) == "UNSUPPORTED_FEATURE", statement


ARRAY = {"type": "array", "elementType": "integer", "containsNull": True}


@pytest.mark.parametrize("nested", [{"a.element": "3"}, [3], "x", {"a.element": 2**40}, {"a.element": -3}, {"a.element": 1.5}],
                         ids=str)
def test_nested_ids_that_are_none_are_damage(tmp_path, home, nested):
    lines = of_columns(("id", "long", 1, {}), ("a", ARRAY, 2, {"delta.columnMapping.nested.ids": nested}),
                       **{"delta.enableIcebergCompatV2": "true"})
    table = table_of(tmp_path, pa.table({"id": [1]}), *lines, add("a.parquet"))
    assert condition(home, f"SELECT id FROM delta.`{table}`") == "DELTA_LOG_CORRUPT"


@pytest.mark.parametrize("last", [{"delta.columnMapping.nested.ids": {"a.element": 2**31 - 1}}, {"delta.columnMapping.id": 2**31 - 1}],
                         ids=["nested", "column"])
def test_no_id_comes_after_the_last(tmp_path, home, last):
    lines = of_columns(("id", "long", 1, {}), ("a", ARRAY, 2, last), **{"delta.enableIcebergCompatV2": "true"})
    table = table_of(tmp_path, pa.table({"id": [1]}), *lines, add("a.parquet"))
    assert condition(home, f"ALTER TABLE delta.`{table}` ADD COLUMN (b INT)") == "DELTA_LOG_CORRUPT"
    tarn(home, f"INSERT INTO delta.`{table}` VALUES (2, array(1))")
    assert rows(home, f"SELECT * FROM delta.`{table}` WHERE id = 2") == [["2", "[1]"]]


def test_nothing_is_written_to_a_table_of_partition_columns_alone(tmp_path, home):
    table = tmp_path / "table"
    write_log(table, *actions(partitioned=["id", "p"]))
    assert condition(home, f"INSERT INTO delta.`{table}` VALUES (1, 'x')") == "DELTA_NON_PARTITION_COLUMN_ABSENT"


def test_a_path_of_megabytes_is_damage(tmp_path, home):
    table = table_of(tmp_path, pa.table({"id": [1], "p": ["x"]}), *actions(), add("y" * 3_000_000))
    assert condition(home, f"SELECT * FROM delta.`{table}`") == "DELTA_LOG_CORRUPT"


@pytest.mark.parametrize("default", [
    "(SELECT value FROM text.`{secret}` LIMIT 1)", "(SELECT max(p) FROM other)", "id", "sum(1)", "'x'), (2, 'y'"])
@pytest.mark.parametrize("statement", ["INSERT INTO {t} (id) VALUES (1)", "INSERT INTO {t} VALUES (1, DEFAULT)",
                                       "UPDATE {t} SET p = DEFAULT",
                                       "MERGE INTO {t} USING (SELECT 5 AS k) ON id = k "
                                       "WHEN NOT MATCHED THEN INSERT (id, p) VALUES (k, DEFAULT)"])
def test_a_default_of_a_foreign_log_reads_nothing(tmp_path, home, default, statement):
    """It is run with the rights of who writes, and its value goes into the table of who made the log."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret\n")
    tarn(home, "CREATE TABLE other AS SELECT 'secret' AS p")
    lines = actions()
    field = '{"name": "p", "type": "string", "nullable": true, "metadata": {'
    text = default.format(secret=secret)
    schema = lines[1]["metaData"]["schemaString"]
    lines[1]["metaData"]["schemaString"] = schema.replace(field, field + f'"CURRENT_DEFAULT": "{text}"')
    assert lines[1]["metaData"]["schemaString"] != schema
    lines[0] = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": ["allowColumnDefaults"]}}
    table = table_of(tmp_path, pa.table({"id": [1], "p": ["x"]}), *lines, add("a.parquet"))
    refused = condition(home, statement.format(t=f"delta.`{table}`"))
    assert refused in ("INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
                       "UNRESOLVED_COLUMN.WITH_SUGGESTION", "UNSUPPORTED_EXPR_FOR_OPERATOR", "PARSE_SYNTAX_ERROR")
    assert rows(home, f"SELECT * FROM delta.`{table}`") == [["1", "x"]]


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_lake_that_lost_its_metastore_is_no_new_lake(home, how):
    tarn(home, "CREATE TABLE t AS SELECT 1 AS a")
    lake = pathlib.Path(home) / "lake"
    metastore = lake / "metastore.db"
    kept = metastore.read_bytes()
    metastore.unlink()
    if how == "empty":
        metastore.touch()
    refused = subprocess.run([TARN, "sql", "--home", lake, "-e", "SHOW TABLES"], capture_output=True,
                             text=True, check=False)
    assert refused.returncode == 3 and "METASTORE_ERROR" in refused.stderr
    metastore.write_bytes(kept)
    assert rows(home, "SELECT * FROM t") == [["1"]]


def test_create_if_not_exists_and_or_replace_never_find_a_name_taken(tmp_path, home):
    """Four processes at one name."""
    tarn(home, "SELECT 1")
    lake = f"{home}/lake"
    script = "".join(f"CREATE TABLE IF NOT EXISTS x AS SELECT {i} AS a; DROP TABLE IF EXISTS x; "
                     f"CREATE OR REPLACE TABLE y{i} AS SELECT {i} AS a; " for i in range(25))
    running = [subprocess.Popen([TARN, "sql", "--home", lake, "--keep-going", "-e", script], stderr=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, text=True) for _ in range(4)]
    errors = "".join(process.communicate(timeout=300)[1] for process in running)
    assert "ALREADY_EXISTS" not in errors, errors[:2000]


def path_of(home, table):
    return pathlib.Path(location(home, table))


def test_fsck_forgets_files_that_are_gone(home):
    tarn(home, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)")
    gone = sorted(path_of(home, "t").glob("*.parquet"))[0]
    gone.unlink()
    with pytest.raises(TarnError):
        tarn(home, "SELECT * FROM t")
    assert rows(home, "FSCK REPAIR TABLE t DRY RUN") == [[gone.name, "true"]]
    assert rows(home, "FSCK REPAIR TABLE t") == [[gone.name, "true"]]
    assert len(rows(home, "SELECT * FROM t")) == 1
    assert rows(home, "FSCK REPAIR TABLE t") == []


@pytest.mark.parametrize("path", ["../secret.parquet", "/etc/passwd", "file:///etc/passwd", "%2e%2e/secret.parquet",
                                  "_change_data/../../secret.parquet"])
@pytest.mark.parametrize("statement", ["SELECT * FROM table_changes_by_path('{t}', 0)", "VACUUM delta.`{t}`",
                                       "OPTIMIZE delta.`{t}`", "CREATE TABLE c CLONE delta.`{t}`",
                                       "RESTORE delta.`{t}` TO VERSION AS OF 0", "FSCK REPAIR TABLE delta.`{t}`"])
@pytest.mark.parametrize("action", ["add", "cdc"])
def test_no_statement_follows_a_path_out_of_the_table(tmp_path, home, action, statement, path):
    secret = tmp_path / "secret.parquet"
    pq.write_table(pa.table({"id": [1], "p": ["secret"]}), secret)
    protocol, metadata = actions()
    protocol["protocol"]["minWriterVersion"] = 4
    metadata["metaData"]["configuration"] = {"delta.enableChangeDataFeed": "true"}
    line = add("a.parquet")["add"] | {"path": path}
    table = table_of(tmp_path, pa.table({"id": [1], "p": ["x"]}), protocol, metadata, {action: line})
    if action == "cdc" and not statement.startswith("SELECT"):
        tarn(home, statement.replace("{t}", str(table)))  # it names no data
    else:
        assert condition(home, statement.replace("{t}", str(table))) == "DELTA_PATH_OUTSIDE_TABLE"
    assert secret.exists()


def test_vacuum_follows_no_link_and_leaves_hidden_files(tmp_path, home):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.parquet").write_bytes(b"x")
    tarn(home, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)")
    folder = path_of(home, "t")
    (folder / "link").symlink_to(outside)
    (folder / "file_link.parquet").symlink_to(outside / "precious.parquet")
    (folder / ".hidden").write_bytes(b"x")
    (folder / "_index").mkdir()
    (folder / "_index" / "x").write_bytes(b"x")
    (folder / "left.parquet").write_bytes(b"x")
    tarn(home, "SET spark.databricks.delta.retentionDurationCheck.enabled = false", "VACUUM t RETAIN 0 HOURS")
    assert (outside / "precious.parquet").exists()
    assert (folder / ".hidden").exists() and (folder / "_index" / "x").exists()
    assert not (folder / "left.parquet").exists()
    assert rows(home, "SELECT * FROM t") == [["1"]]


@pytest.mark.parametrize("vector", [
    {"storageType": "p", "pathOrInlineDv": "/etc/passwd", "offset": 1, "sizeInBytes": 40, "cardinality": 1},
    {"storageType": "p", "pathOrInlineDv": "file:///etc/passwd", "offset": 1, "sizeInBytes": 40, "cardinality": 1},
    {"storageType": "u", "pathOrInlineDv": "../../ab^-aqEH.-t@S}K{vb[*k^", "offset": 1, "sizeInBytes": 40,
     "cardinality": 1},
    {"storageType": "i", "pathOrInlineDv": "0", "sizeInBytes": 2147483647, "cardinality": 1},
    {"storageType": "i", "pathOrInlineDv": "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", "sizeInBytes": 40,
     "cardinality": 9},
    {"storageType": "?", "pathOrInlineDv": "x", "sizeInBytes": 1, "cardinality": 1},
], ids=["absolute", "uri", "dots", "size", "cardinality", "kind"])
@pytest.mark.parametrize("statement", ["SELECT * FROM delta.`{t}`", "DELETE FROM delta.`{t}` WHERE id = 1",
                                       "OPTIMIZE delta.`{t}`", "CREATE TABLE c CLONE delta.`{t}`"])
def test_a_deletion_vector_that_lies_is_damage(tmp_path, home, statement, vector):
    line = add("a.parquet")
    line["add"] |= {"deletionVector": vector, "stats": json.dumps({"numRecords": 2})}
    protocol = {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                             "writerFeatures": ["deletionVectors"]}}
    table = table_of(tmp_path, pa.table({"id": [1, 2], "p": ["x", "y"]}), protocol, actions()[1], line)
    if vector["storageType"] == "i" and "CLONE" in statement:
        tarn(home, statement.replace("{t}", str(table)))  # an inline vector is copied as it is
        statement = "SELECT * FROM c"
    assert condition(home, statement.replace("{t}", str(table))) in ("DELTA_PATH_OUTSIDE_TABLE", "DELTA_LOG_CORRUPT")


def test_a_clone_takes_no_torn_vector_for_a_whole_one(tmp_path, home):
    """What a clone that was killed has left in a folder."""
    tarn(home, "CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
         "INSERT INTO t SELECT id FROM range(100000)", "DELETE FROM t WHERE id % 100 = 7")
    vector, = path_of(home, "t").glob("deletion_vector_*.bin")
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / vector.name).write_bytes(vector.read_bytes()[:50])
    tarn(home, f"CREATE TABLE c CLONE t LOCATION '{folder}'")
    assert rows(home, "SELECT count(*), sum(id) FROM c") == rows(home, "SELECT count(*), sum(id) FROM t")
    assert (folder / vector.name).read_bytes() == vector.read_bytes()


def test_a_file_without_field_ids_is_refused_where_columns_are_found_by_them(tmp_path, home):
    data = pa.table({"col-1": pa.array([5], pa.int64())})
    schema = {"type": "struct", "fields": [{"name": "id", "type": "long", "nullable": True, "metadata": {
        "delta.columnMapping.id": 1, "delta.columnMapping.physicalName": "col-1"}}]}
    protocol = {"protocol": {"minReaderVersion": 2, "minWriterVersion": 5}}
    metadata = {"metaData": {"id": "x", "format": {"provider": "parquet", "options": {}}, "schemaString": json.dumps(schema),
                             "partitionColumns": [], "configuration": {"delta.columnMapping.mode": "id",
                                                                       "delta.columnMapping.maxColumnId": "1"}}}
    table = tmp_path / "table"
    table.mkdir()
    pq.write_table(data, table / "a.parquet")
    doors_test.SIZE = (table / "a.parquet").stat().st_size
    write_log(table, protocol, metadata, add("a.parquet"))
    assert condition(home, f"SELECT * FROM delta.`{table}`") == "FAILED_READ_FILE.NO_HINT"
    with_ids = pa.schema([pa.field("col-1", pa.int64(), metadata={b"PARQUET:field_id": b"1"})])
    pq.write_table(data.cast(with_ids), table / "a.parquet")
    write_log(table, protocol, metadata, add("a.parquet", size=(table / "a.parquet").stat().st_size))
    assert rows(home, f"SELECT * FROM delta.`{table}`") == [["5"]]


def test_a_shallow_clone_shares_no_file_that_a_link_leads_to(tmp_path, home):
    """Neither outside nor inside of the table: what is shared is the table's own file."""
    table = table_of(tmp_path, pa.table({"id": [1], "p": ["x"]}))
    (table / "a.parquet").rename(tmp_path / "secret.parquet")
    for target in (tmp_path / "secret.parquet", "b.parquet"):
        (table / "a.parquet").symlink_to(target)
        assert condition(home, f"CREATE TABLE c SHALLOW CLONE delta.`{table}`") == "PATH_NOT_ALLOWED"
        (table / "a.parquet").unlink()
        (tmp_path / "secret.parquet").rename(table / "b.parquet") if target != "b.parquet" else None
    (table / "b.parquet").rename(table / "a.parquet")
    assert rows(home, f"CREATE TABLE c SHALLOW CLONE delta.`{table}`")[0][2] == "0"
    assert rows(home, "SELECT * FROM c") == [["1", "x"]]
    assert (table / "a.parquet").stat().st_nlink == 2


def test_a_shallow_clone_checks_the_size_that_the_log_tells(tmp_path, home):
    table = table_of(tmp_path, pa.table({"id": [1], "p": ["x"]}))
    with open(table / "a.parquet", "ab") as f:
        f.write(b"more")
    assert condition(home, f"CREATE TABLE c SHALLOW CLONE delta.`{table}`") == "DELTA_LOG_CORRUPT"
