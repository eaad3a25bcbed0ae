"""Tables and files in buckets of two real servers: versitygw, which checks signatures, and moto."""

import os
import subprocess
import time

import deltalake
import pyarrow as pa
import pyarrow.csv
import pyarrow.fs
import pyarrow.parquet
import pytest
from interop_support import TARN, TarnError, same_rows, tarn
from s3_support import BUCKET, KEY, SECRET, Proxy, Server, environment, missing, storage_options


@pytest.fixture(scope="module", params=["versitygw", "moto"])
def server(request, tmp_path_factory):
    reason = missing(request.param)
    if reason:
        print(reason)
        pytest.skip(reason)
    running = Server(request.param, str(tmp_path_factory.mktemp(request.param)))
    yield running
    running.stop()


@pytest.fixture
def place(server, request, monkeypatch):
    """A folder of the bucket that is this test's own; Tarn is told of the server."""
    for name, value in environment(server.url).items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{request.node.originalname}"


def bucket(server):
    """The bucket as pyarrow sees it."""
    return pyarrow.fs.S3FileSystem(access_key=KEY, secret_key=SECRET, endpoint_override=server.url.removeprefix("http://"),
                                   scheme="http", region="us-east-1")


def put(server, uri, text):
    with bucket(server).open_output_stream(uri.removeprefix("s3://")) as out:
        out.write(text if isinstance(text, bytes) else text.encode())


def keys(server, uri):
    found = bucket(server).get_file_info(pyarrow.fs.FileSelector(uri.removeprefix("s3://"), recursive=True,
                                                                 allow_not_found=True))
    return [info.path for info in found if info.is_file]


def delta_rows(server, uri):
    return deltalake.DeltaTable(uri, storage_options=storage_options(server.url)).to_pyarrow_table().to_pylist()


def rows(result):
    return sorted(tuple(r) for r in result["rows"])


def test_the_life_of_a_table(server, place, tmp_path):
    home = str(tmp_path)
    tarn(home, f"CREATE TABLE t (id INT, name STRING) LOCATION '{place}/t' "
         "TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')",
         "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')", "INSERT INTO t VALUES (4, 'four')",
         "UPDATE t SET name = 'ZWEI' WHERE id = 2", "DELETE FROM t WHERE id = 1",
         "MERGE INTO t USING (VALUES (3, 'drei'), (5, 'five')) AS s(id, name) ON t.id = s.id "
         "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *", "OPTIMIZE t")
    now, before, by_path, changes, history, detail = tarn(
        home, "SELECT * FROM t", "SELECT * FROM t VERSION AS OF 2", f"SELECT * FROM delta.`s3a://{place[5:]}/t`",
        "SELECT count(*) FROM table_changes('t', 1) WHERE _change_type = 'insert'", "DESCRIBE HISTORY t",
        "DESCRIBE DETAIL t")
    wanted = [("2", "ZWEI"), ("3", "drei"), ("4", "four"), ("5", "five")]
    assert rows(now) == rows(by_path) == wanted
    assert rows(before) == [("1", "one"), ("2", "two"), ("3", "three"), ("4", "four")]
    assert changes["rows"] == [["5"]]
    assert len(history["rows"]) == 7
    assert f"{place}/t" in detail["rows"][0]
    same_rows([(str(r["id"]), r["name"]) for r in delta_rows(server, f"{place}/t")], wanted)

    # A clone, and VACUUM, which leaves only what the newest version needs.
    tarn(home, f"CREATE TABLE c DEEP CLONE t LOCATION '{place}/c'",
         "SET spark.databricks.delta.retentionDurationCheck.enabled = false", "VACUUM t RETAIN 0 HOURS")
    data = [k for k in keys(server, f"{place}/t") if k.endswith(".parquet") and "_delta_log" not in k]
    assert len(data) == 1
    assert [rows(r) for r in tarn(home, "SELECT * FROM t", "SELECT * FROM c")] == [wanted, wanted]
    tarn(home, "RESTORE TABLE c TO VERSION AS OF 0", "DROP TABLE t")
    assert keys(server, f"{place}/t")


def test_another_lake_adopts_the_table_and_neighbours_may_not_overlap(place, tmp_path):
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    tarn(one, f"CREATE TABLE t LOCATION '{place}/t' AS SELECT 7 AS id")
    result, = tarn(two, f"CREATE TABLE u LOCATION 's3a://{place[5:]}/./t/'", "SELECT * FROM u")[1:]
    assert result["rows"] == [["7"]]
    for inside in (f"{place}/t/below", place):
        with pytest.raises(TarnError, match="LOCATION_OVERLAP"):
            tarn(two, f"CREATE TABLE v (id INT) LOCATION '{inside}'")
    with pytest.raises(TarnError, match="PATH_NOT_ALLOWED"):
        tarn(two, "CREATE TABLE v (id INT) LOCATION 's3a://key:CANARY@bucket/t'")


def test_names_of_partitions_survive(server, place, tmp_path):
    values = ["a b", "x/y=z%25", "é:日#?&+", "'", "..", "a*[b]{c}"]
    listed = ", ".join(f"({i}, '{v.replace(chr(39), chr(39) * 2)}')" for i, v in enumerate(values))
    tarn(str(tmp_path), f"CREATE TABLE t (id INT, p STRING) PARTITIONED BY (p) LOCATION '{place}'",
         f"INSERT INTO t VALUES {listed}")
    result, one = tarn(str(tmp_path), "SELECT * FROM t", "SELECT id FROM t WHERE p = 'x/y=z%25'")
    assert rows(result) == sorted((str(i), v) for i, v in enumerate(values))
    assert one["rows"] == [["1"]]
    same_rows([(r["id"], r["p"]) for r in delta_rows(server, place)], list(enumerate(values)))


def test_deltalake_and_tarn_write_by_turns(server, place, tmp_path):
    options = storage_options(server.url)
    for i in range(12):
        deltalake.write_deltalake(place, pa.table({"id": pa.array([i], pa.int64())}), mode="append",
                                  storage_options=options)
    deltalake.DeltaTable(place, storage_options=options).create_checkpoint()
    tarn(str(tmp_path), f"INSERT INTO delta.`{place}` VALUES (100)", f"DELETE FROM delta.`{place}` WHERE id < 3")
    deltalake.write_deltalake(place, pa.table({"id": pa.array([200], pa.int64())}), mode="append",
                              storage_options=options)
    wanted = sorted([*range(3, 12), 100, 200])
    result, = tarn(str(tmp_path), f"SELECT id FROM delta.`{place}`")
    assert sorted(int(r[0]) for r in result["rows"]) == wanted
    assert sorted(r["id"] for r in delta_rows(server, place)) == wanted


def test_checkpoints_are_written_and_read(server, place, tmp_path):
    home = str(tmp_path)
    tarn(home, f"CREATE TABLE t (id INT) LOCATION '{place}'", *[f"INSERT INTO t VALUES ({i})" for i in range(11)])
    names = [k.rsplit("/", 1)[1] for k in keys(server, f"{place}/_delta_log")]
    assert "00000000000000000010.checkpoint.parquet" in names and "_last_checkpoint" in names, names
    assert not [n for n in names if n.startswith(".tarn-")]
    result, = tarn(home, "SELECT count(*), sum(id) FROM t")
    assert result["rows"] == [["11", "55"]]


def test_a_file_of_many_parts(server, place, tmp_path):
    tarn(str(tmp_path), f"CREATE TABLE t LOCATION '{place}' AS SELECT id, sha2(CAST(id AS STRING), 256) AS h "
         "FROM range(400000)")
    result, = tarn(str(tmp_path), "SELECT count(*), count(DISTINCT h), sum(id) FROM t")
    assert result["rows"] == [["400000", "400000", str(sum(range(400000)))]]
    table = deltalake.DeltaTable(place, storage_options=storage_options(server.url))
    assert sum(pa.table(table.get_add_actions(flatten=True))["size_bytes"].to_pylist()) > 16 << 20


def test_files_are_read_and_loaded_once(server, place, tmp_path):
    home = str(tmp_path)
    for i in range(3):
        put(server, f"{place}/in/d={i}/part {i}.csv", f"id,name\n{i},n{i}\n")
    put(server, f"{place}/in/_hidden.csv", "id,name\n9,no\n")
    put(server, f"{place}/one.json", '{"a": 1}\n{"a": 2}\n')
    whole, some, json, paths = tarn(
        home, f"SELECT id, name, d FROM read_files('{place}/in', format => 'csv')",
        f"SELECT count(*) FROM read_files('{place}/in/d=[01]/*.csv', format => 'csv')",
        f"SELECT sum(a) FROM json.`{place}/one.json`",
        f"SELECT _metadata.file_path FROM read_files('{place}/in/d=0', format => 'csv')")
    assert rows(whole) == [(str(i), f"n{i}", str(i)) for i in range(3)]
    assert some["rows"] == [["2"]] and json["rows"] == [["3"]]
    assert paths["rows"][0][0].startswith(f"{place}/in/d=0/part"), paths["rows"]
    copy = (f"COPY INTO t FROM '{place}/in' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true', 'inferSchema' = 'true') "
            "COPY_OPTIONS ('mergeSchema' = 'true')")
    first, again = tarn(home, f"CREATE TABLE t (id INT, name STRING, d INT) LOCATION '{place}/t'", copy, copy)[1:]
    assert first["rows"][0][0] == "3" and again["rows"][0][0] == "0"
    put(server, f"{place}/in/d=7/new.csv", "id,name\n7,n7\n")
    more, total = tarn(home, copy, "SELECT count(*) FROM t")
    assert more["rows"][0][0] == "1" and total["rows"] == [["4"]]
    with pytest.raises(TarnError, match="PATH_NOT_FOUND"):
        tarn(home, f"SELECT * FROM read_files('{place}/nothing', format => 'csv')")


def test_a_folder_of_parquet_becomes_a_table(server, place, tmp_path):
    for i in range(2):
        out = pa.BufferOutputStream()
        pyarrow.parquet.write_table(pa.table({"id": pa.array([i * 10, i * 10 + 1], pa.int64())}), out)
        put(server, f"{place}/f{i}.parquet", out.getvalue().to_pybytes())
    result, = tarn(str(tmp_path), f"CONVERT TO DELTA parquet.`{place}`", f"SELECT id FROM delta.`{place}`")[1:]
    assert sorted(int(r[0]) for r in result["rows"]) == [0, 1, 10, 11]
    assert sorted(r["id"] for r in delta_rows(server, place)) == [0, 1, 10, 11]


def test_auto_loader_reads_each_file_once_and_moves_it(server, place, tmp_path):
    (tmp_path / "spark-pipeline.yml").write_text(
        "name: p\ncatalog: main\ndatabase: default\nlibraries:\n  - glob:\n      include: p.sql\n")
    (tmp_path / "p.sql").write_text(
        "CREATE OR REFRESH STREAMING TABLE t AS SELECT id, _metadata.file_path AS file FROM STREAM "
        f"read_files('{place}/landing', format => 'json', maxFilesPerTrigger => 2, cleanSource => 'MOVE', "
        f"`cleanSource.moveDestination` => '{place}/done', `cleanSource.retentionDuration` => '0 seconds');\n")
    for number in range(6):
        put(server, f"{place}/landing/{number}.json", f'{{"id": {number}}}\n')
        if number % 3 == 2:
            done = subprocess.run([TARN, "pipeline", "run", "--home", str(tmp_path / "lake")], cwd=tmp_path,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    result, = tarn(str(tmp_path), "SELECT id, file FROM t")
    assert rows(result) == [(str(i), f"{place}/landing/{i}.json") for i in range(6)]
    assert len(keys(server, f"{place}/done")) >= 3
    assert len(keys(server, f"{place}/done")) + len(keys(server, f"{place}/landing")) == 6


def racing(place, tmp_path, writers, statements):
    """Processes with a lake each that write to one table; returns their outputs."""
    running = []
    for w in range(writers):
        script = tmp_path / f"{w}.sql"
        script.write_text(";\n".join(f"INSERT INTO delta.`{place}` VALUES ({w * 1000 + i})" for i in range(statements)))
        running.append(subprocess.Popen([TARN, "sql", "--home", str(tmp_path / f"lake{w}"), "--threads", "1", "--memory-limit",
                                         "200mb", "-f", str(script)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True))
    outputs = [p.communicate(timeout=200)[0] for p in running]
    assert [p.returncode for p in running] == [0] * writers, outputs
    return outputs


def test_sixteen_writers_lose_nothing(server, place, tmp_path):
    writers, statements = 16, 2
    tarn(str(tmp_path), f"CREATE TABLE t (id INT) LOCATION '{place}'")
    racing(place, tmp_path, writers, statements)
    wanted = sorted(w * 1000 + i for w in range(writers) for i in range(statements))
    result, history = tarn(str(tmp_path), "SELECT id FROM t", "DESCRIBE HISTORY t")
    assert sorted(int(r[0]) for r in result["rows"]) == wanted
    assert len(history["rows"]) == 1 + writers * statements
    assert sorted(r["id"] for r in delta_rows(server, place)) == wanted


class Every:
    """Says `verdict` to every n-th request that `wanted` picks."""

    def __init__(self, n, verdict, wanted):
        self.n, self.verdict, self.wanted, self.seen, self.struck = n, verdict, wanted, 0, 0

    def __call__(self, method, target):
        if not self.wanted(method, target):
            return None
        self.seen += 1
        if self.seen % self.n:
            return None
        self.struck += 1
        return self.verdict


FAULTS = {
    "answers to commits lost": Every(2, "lose", lambda m, t: m == "PUT" and "_delta_log" in t and t.endswith(".json")),
    "answers lost": Every(5, "lose", lambda m, t: True),
    "requests dropped": Every(4, "drop", lambda m, t: True),
    "failures": Every(3, 500, lambda m, t: True),
    "slow down": Every(2, 503, lambda m, t: True),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_lose_and_double_nothing(server, place, tmp_path, monkeypatch, fault):
    judge = FAULTS[fault]
    judge.struck = 0
    proxy = Proxy(server, judge)
    place = f"{place}/{fault.replace(' ', '_')}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    home = str(tmp_path)
    tarn(home, f"CREATE TABLE t (id INT) LOCATION '{place}'", *[f"INSERT INTO t VALUES ({i})" for i in range(6)],
         "UPDATE t SET id = id + 100 WHERE id < 3", "DELETE FROM t WHERE id = 5")
    proxy.close()
    assert judge.struck > 0
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    result, history = tarn(home, "SELECT id FROM t", "DESCRIBE HISTORY t")
    assert sorted(int(r[0]) for r in result["rows"]) == [3, 4, 100, 101, 102]
    assert len(history["rows"]) == 9
    assert sorted(r["id"] for r in delta_rows(server, place)) == [3, 4, 100, 101, 102]


def test_requests_are_few(server, place, tmp_path, monkeypatch):
    home = str(tmp_path)
    tarn(home, f"CREATE TABLE t LOCATION '{place}' AS SELECT id, id % 7 AS k, repeat('x', 20) AS s FROM range(200000)")
    proxy = Proxy(server)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    tarn(home, "SELECT sum(k) FROM t")
    data = [r for r in proxy.requests if ".parquet" in r[1]]
    log = [r for r in proxy.requests if ".parquet" not in r[1]]
    assert len(data) <= 4, data
    assert len(log) <= 6, log
    proxy.requests.clear()
    tarn(home, "INSERT INTO t VALUES (1, 2, 'x')")
    assert len(proxy.requests) <= 16, proxy.requests
    proxy.close()


def test_a_wrong_key_is_refused_and_never_shown(server, place, tmp_path, monkeypatch):
    if server.name == "moto":
        pytest.skip("moto checks no signatures")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "CANARY-wrong")
    run = subprocess.run([TARN, "sql", "--home", str(tmp_path / "lake"), "--output", "results", "-e",
                          f"SELECT * FROM delta.`{place}`"], capture_output=True, text=True, timeout=60)
    assert "PATH_NOT_ALLOWED" in run.stdout + run.stderr, run
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                assert b"CANARY" not in file.read(), name
    assert "CANARY" not in run.stdout + run.stderr


def test_credentials_come_from_a_profile(server, place, tmp_path, monkeypatch):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        f"[work]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    (tmp_path / ".aws" / "config").write_text(f"[profile work]\nregion = us-east-1\nendpoint_url = {server.url}\n")
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "work")
    result, = tarn(str(tmp_path), f"CREATE TABLE t LOCATION '{place}' AS SELECT 1 AS id", "SELECT * FROM t")[1:]
    assert result["rows"] == [["1"]]


def test_a_statement_ends_at_its_time_out(server, place, tmp_path, monkeypatch):
    proxy = Proxy(server, lambda method, target: 503)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    begun = time.monotonic()
    run = subprocess.run([TARN, "sql", "--home", str(tmp_path / "lake"), "--timeout", "1000", "--output", "results", "-e",
                          f"SELECT * FROM delta.`{place}`"], capture_output=True, text=True, timeout=60)
    proxy.close()
    assert "OPERATION_TIMED_OUT" in run.stdout + run.stderr, run
    assert time.monotonic() - begun < 20
