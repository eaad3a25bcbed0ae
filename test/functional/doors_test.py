"""Closed doors: tables whose logs lead out of them, and sessions that read no paths."""

import json
import os
import pathlib
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from interop_support import TarnError, tarn

SCHEMA = json.dumps({"type": "struct", "fields": [{"name": "id", "type": "long", "nullable": True, "metadata": {}},
                                                  {"name": "p", "type": "string", "nullable": True, "metadata": {}}]})


def actions(*, partitioned=(), features=()):
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": list(features),
                "writerFeatures": list(features)} if features else {"minReaderVersion": 1, "minWriterVersion": 2}
    return [{"protocol": protocol},
            {"metaData": {"id": str(uuid.uuid4()), "format": {"provider": "parquet", "options": {}},
                          "schemaString": SCHEMA, "partitionColumns": list(partitioned), "configuration": {},
                          "createdTime": 0}}]


def add(path, **more):
    return {"add": {"path": path, "partitionValues": {}, "size": SIZE, "modificationTime": 0, "dataChange": True, **more}}


def write_log(table, *lines):
    log = table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    (log / f"{0:020}.json").write_text("".join(json.dumps(line) + "\n" for line in lines))


SIZE = 0


@pytest.fixture
def secret(tmp_path):
    """A data file beside the table that the table must not reach."""
    global SIZE
    other = tmp_path / "other"
    other.mkdir()
    path = other / "secret.parquet"
    pq.write_table(pa.table({"id": pa.array([42], pa.int64()), "p": ["secret"]}), path)
    SIZE = path.stat().st_size
    return path


def refused(tmp_path, table, statement=None):
    """Runs a statement that must fail; its condition. No row of the secret may come back."""
    with pytest.raises(TarnError) as error:
        tarn(str(tmp_path / "home"), statement or f"SELECT * FROM delta.`{table}`")
    assert "'secret'" not in str(error.value)
    return error.value.condition


@pytest.mark.parametrize("path", [
    "../other/secret.parquet", "a/../../other/secret.parquet", "./../other/secret.parquet", "{secret}",
    "file://{secret}", "file:{secret}", "FILE://{secret}", "file://localhost{secret}", "%2e%2e/other/secret.parquet",
    "%2E%2E%2Fother%2Fsecret.parquet", "..%2fother/secret.parquet", "%2e./other/secret.parquet", "%2F{secret}",
    "//{secret}", "..\\other\\secret.parquet", "a%00/../../other/secret.parquet", "s3://other/secret.parquet",
    "http://localhost/secret.parquet", "~/secret.parquet", "{table}/../other/secret.parquet"])
def test_no_data_file_leaves_the_table(tmp_path, secret, path):
    table = tmp_path / "table"
    write_log(table, *actions(), add(path.format(secret=secret, table=table)))
    condition = refused(tmp_path, table)
    # A path that merely isn't there is as good an answer where it can't mean another place.
    assert condition == ("PATH_NOT_FOUND" if path.startswith("~") else "DELTA_PATH_OUTSIDE_TABLE")


@pytest.mark.parametrize("path,link,target", [("link.parquet", "link.parquet", "../other/secret.parquet"),
                                              ("dir/secret.parquet", "dir", "../other"),
                                              ("dir/secret.parquet", "dir", "{other}"),
                                              ("dir/other/secret.parquet", "dir", "..")])
def test_no_link_leads_out_of_the_table(tmp_path, secret, path, link, target):
    table = tmp_path / "table"
    write_log(table, *actions(), add(path))
    os.symlink(target.format(other=secret.parent), table / link)
    assert refused(tmp_path, table) in ("PATH_NOT_ALLOWED", "DELTA_PATH_OUTSIDE_TABLE")


def test_the_log_itself_is_no_link_to_another_table(tmp_path, secret):
    other = tmp_path / "other"
    write_log(other, *actions(), add("secret.parquet"))
    table = tmp_path / "table"
    table.mkdir()
    os.symlink("../other/_delta_log", table / "_delta_log")
    assert refused(tmp_path, table) in ("PATH_NOT_ALLOWED", "DELTA_PATH_OUTSIDE_TABLE")


def test_nothing_is_written_through_a_link(tmp_path, secret):
    table = tmp_path / "table"
    write_log(table, *actions(partitioned=["p"]))
    os.symlink("../other", table / "p=x")
    before = sorted(os.listdir(secret.parent))
    refused(tmp_path, table, f"INSERT INTO delta.`{table}` VALUES (1, 'x')")
    assert sorted(os.listdir(secret.parent)) == before


@pytest.mark.parametrize("vector", [
    {"storageType": "p", "pathOrInlineDv": "{secret}"}, {"storageType": "p", "pathOrInlineDv": "file://{secret}"},
    {"storageType": "p", "pathOrInlineDv": "../other/secret.parquet"},
    {"storageType": "p", "pathOrInlineDv": "%2e%2e/other/secret.parquet"},
    {"storageType": "u", "pathOrInlineDv": "../other/ab^-aqEH.-t@S}}K{{vb[*k^"}])
def test_no_deletion_vector_leaves_the_table(tmp_path, secret, vector):
    table = tmp_path / "table"
    vector = {**vector, "pathOrInlineDv": vector["pathOrInlineDv"].format(secret=secret), "offset": 1, "sizeInBytes": 34,
              "cardinality": 1}
    write_log(table, *actions(features=["deletionVectors"]), add("a.parquet", deletionVector=vector))
    (table / "a.parquet").write_bytes(secret.read_bytes())
    assert refused(tmp_path, table) == "DELTA_PATH_OUTSIDE_TABLE"


@pytest.mark.parametrize("path", ["../../other/sidecar.parquet", "{other}/sidecar.parquet", "file://{other}/sidecar.parquet",
                                  "%2e%2e/%2e%2e/other/sidecar.parquet"])
def test_no_sidecar_of_a_checkpoint_leaves_the_table(tmp_path, secret, path):
    """The sidecar is sound and names a file that is in the table: only its own place is wrong."""
    table, other = tmp_path / "table", tmp_path / "other"
    write_log(table, *actions(features=["v2Checkpoint"]), {"commitInfo": {"timestamp": 0}})
    (table / "a.parquet").write_bytes(secret.read_bytes())
    entry = add("a.parquet")["add"]
    entry["partitionValues"] = []
    kind = pa.struct([("path", pa.string()), ("partitionValues", pa.map_(pa.string(), pa.string())), ("size", pa.int64()),
                      ("modificationTime", pa.int64()), ("dataChange", pa.bool_())])
    pq.write_table(pa.table({"add": pa.array([entry], kind)}), other / "sidecar.parquet")
    lines = actions(features=["v2Checkpoint"]) + [
        {"checkpointMetadata": {"version": 0}},
        {"sidecar": {"path": path.format(other=other), "sizeInBytes": (other / "sidecar.parquet").stat().st_size,
                     "modificationTime": 0}}]
    checkpoint = table / "_delta_log" / f"{0:020}.checkpoint.{uuid.uuid4()}.json"
    checkpoint.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (table / "_delta_log" / f"{0:020}.json").unlink()
    (table / "_delta_log" / f"{1:020}.json").write_text(json.dumps({"commitInfo": {"timestamp": 1}}) + "\n")
    assert refused(tmp_path, table) == "DELTA_PATH_OUTSIDE_TABLE"


@pytest.fixture
def lake(tmp_path, secret):
    """A lake with a table, a view over a path and one over a file, made by a session that may read paths."""
    home = str(tmp_path / "home")
    write_log(tmp_path / "table", *actions())
    (tmp_path / "raw.csv").write_text("id\n42\n")
    tarn(home, "CREATE TABLE own AS SELECT 1 AS id", f"CREATE VIEW over_path AS SELECT * FROM delta.`{tmp_path}/table`",
         f"CREATE VIEW over_file AS SELECT * FROM read_files('{tmp_path}/raw.csv', format => 'csv', header => true)",
         "CREATE VOLUME vol")
    return home


def volume_folder(home):
    volume, = tarn(home, "DESCRIBE VOLUME vol")
    return volume["rows"][0][[c["name"] for c in volume["columns"]].index("storageLocation")]


@pytest.mark.parametrize("statement", [
    "SELECT * FROM delta.`{0}/table`", "SELECT * FROM delta.`file://{0}/table`",
    "SELECT * FROM delta.`{0}/table` VERSION AS OF 0", "SELECT * FROM parquet.`{0}/other/secret.parquet`",
    "SELECT * FROM csv.`{0}/raw.csv`", "SELECT * FROM json.`{0}/raw.csv`", "SELECT * FROM text.`{0}/raw.csv`",
    "SELECT * FROM read_files('{0}/raw.csv', format => 'text')", "SELECT * FROM read_files('{0}/*')",
    "SELECT * FROM read_files('raw.csv')", "SELECT (SELECT count(*) FROM text.`{0}/raw.csv`)",
    "WITH w AS (SELECT * FROM text.`{0}/raw.csv`) SELECT * FROM w",
    "SELECT * FROM own WHERE id IN (SELECT value FROM text.`{0}/raw.csv`)",
    "INSERT INTO own SELECT id FROM delta.`{0}/table`", "CREATE TABLE stolen AS SELECT * FROM text.`{0}/raw.csv`",
    "INSERT INTO delta.`{0}/table` VALUES (1, 'x')", "DELETE FROM delta.`{0}/table`", "UPDATE delta.`{0}/table` SET id = 1",
    "MERGE INTO own USING delta.`{0}/table` s ON own.id = s.id WHEN MATCHED THEN DELETE",
    "MERGE INTO delta.`{0}/table` t USING own ON own.id = t.id WHEN MATCHED THEN DELETE",
    "DESCRIBE HISTORY delta.`{0}/table`", "DESCRIBE DETAIL delta.`{0}/table`", "DESCRIBE TABLE delta.`{0}/table`",
    "CREATE TABLE ext USING DELTA LOCATION '{0}/table'", "CREATE TABLE ext (id INT) USING DELTA LOCATION '{0}/new'",
    "SELECT * FROM over_path", "SELECT * FROM over_file",
    "EXPLAIN SELECT * FROM text.`{0}/raw.csv`", "EXECUTE IMMEDIATE 'SELECT * FROM text.`{0}/raw.csv`'",
    "SELECT * FROM IDENTIFIER('delta.`{0}/table`')", "SELECT * FROM text.`/Volumes/main/default/vol/../../../raw.csv`",
    "CREATE EXTERNAL VOLUME v2 LOCATION '{0}/other'"])
def test_a_session_that_denies_paths_reads_none(tmp_path, lake, statement):
    with pytest.raises(TarnError) as error:
        tarn(lake, statement.format(tmp_path), options=["--deny-paths"])
    assert error.value.condition == "PATH_NOT_ALLOWED", error.value
    assert not (tmp_path / "new").exists()


def test_a_session_that_denies_paths_reads_tables_and_volumes(tmp_path, lake):
    pathlib.Path(volume_folder(lake), "a.txt").write_text("inside\n")
    own, text = tarn(lake, "SELECT * FROM own", "SELECT * FROM text.`/Volumes/main/default/vol/a.txt`",
                     options=["--deny-paths"])
    assert own["rows"] == [["1"]] and text["rows"] == [["inside"]]


def test_no_link_leads_out_of_a_volume(tmp_path, lake):
    os.symlink(tmp_path / "raw.csv", os.path.join(volume_folder(lake), "link.txt"))
    with pytest.raises(TarnError) as error:
        tarn(lake, "SELECT * FROM text.`/Volumes/main/default/vol/link.txt`", options=["--deny-paths"])
    assert error.value.condition == "PATH_NOT_ALLOWED"
