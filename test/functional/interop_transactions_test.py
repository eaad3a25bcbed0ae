"""What a transaction of several statements wrote, as another engine reads it."""

import json
import os

import deltalake
import pyarrow

from interop_support import location, tarn

TABLE = "CREATE TABLE {} (id BIGINT, n BIGINT) TBLPROPERTIES ('delta.feature.tarn.catalogCommits' = 'supported', " \
        "'delta.enableChangeDataFeed' = 'true', 'delta.enableRowTracking' = 'true')"


def last_commit(folder):
    log = os.path.join(folder, "_delta_log")
    newest = max(name for name in os.listdir(log) if name.endswith(".json"))
    with open(os.path.join(log, newest), encoding="utf-8") as lines:
        actions = [json.loads(line) for line in lines]
    return next(action["commitInfo"] for action in actions if "commitInfo" in action)


def test_deltalake_reads_the_rows_and_the_net_changes(tmp_path):
    home = str(tmp_path)
    tarn(home, TABLE.format("a"), TABLE.format("b"), "INSERT INTO a VALUES (1, 10), (2, 20), (3, 30)",
         "INSERT INTO b VALUES (1, 10)",
         "BEGIN ATOMIC UPDATE a SET n = n - 1 WHERE id = 1; UPDATE a SET n = n - 1 WHERE id = 1; "
         "DELETE FROM a WHERE id = 2; UPDATE b SET n = n + 2; INSERT INTO b VALUES (2, 0); END")
    folders = {name: location(home, name) for name in "ab"}
    tables = {name: deltalake.DeltaTable(folder).to_pyarrow_table().sort_by("id").to_pydict()
              for name, folder in folders.items()}
    assert tables["a"] == {"id": [1, 3], "n": [8, 30]}
    assert tables["b"] == {"id": [1, 2], "n": [12, 0]}
    changes = {}
    for name, folder in folders.items():
        feed = pyarrow.table(deltalake.DeltaTable(folder).load_cdf(starting_version=2).read_all()).to_pydict()
        changes[name] = sorted(zip(feed["_change_type"], feed["id"], feed["n"]))
    assert changes["a"] == [("delete", 1, 10), ("delete", 2, 20), ("insert", 1, 8)]
    assert changes["b"] == [("insert", 2, 0), ("update_postimage", 1, 12), ("update_preimage", 1, 10)]
    commits = [last_commit(folder) for folder in folders.values()]
    assert {commit["operation"] for commit in commits} == {"TRANSACTION"}
    assert len({commit["txnId"] for commit in commits}) == 1
