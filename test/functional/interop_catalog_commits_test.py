"""Tables whose commits the catalog of a lake arbitrates, and engines that know nothing of it."""

import shutil

import deltalake
import pyarrow
import pytest

from interop_support import TarnError, location, tarn


def lake_table(home, feature):
    tarn(home, f"CREATE TABLE t (id BIGINT) TBLPROPERTIES ('delta.feature.{feature}' = 'supported')",
         "INSERT INTO t VALUES (1), (2), (3)", "DELETE FROM t WHERE id = 2")
    return location(home, "t")


def test_deltalake_reads_tarns_own_feature_and_refuses_to_write(tmp_path):
    folder = lake_table(str(tmp_path), "tarn.catalogCommits")
    table = deltalake.DeltaTable(folder)
    assert sorted(table.to_pyarrow_dataset().to_table()["id"].to_pylist()) == [1, 3]
    version = table.version()
    with pytest.raises(Exception, match="(?i)feature"):
        deltalake.write_deltalake(folder, pyarrow.table({"id": [4]}), mode="append")
    assert deltalake.DeltaTable(folder).version() == version
    rows, = tarn(str(tmp_path), "SELECT count(*) FROM t")
    assert int(rows["rows"][0][0]) == 2


def test_deltalake_refuses_the_standard_feature(tmp_path):
    folder = lake_table(str(tmp_path), "catalogManaged")
    with pytest.raises(Exception, match="catalog-managed"):
        deltalake.write_deltalake(folder, pyarrow.table({"id": [4]}), mode="append")


@pytest.mark.parametrize("feature,readable", (("tarn.catalogCommits", True), ("catalogManaged", False)))
def test_another_lake_neither_writes_nor_reads_what_it_doesnt_manage(tmp_path, feature, readable):
    folder = lake_table(str(tmp_path), feature)
    copy = str(tmp_path / "copy")
    shutil.copytree(folder, copy)
    other = str(tmp_path / "other")
    if readable:
        rows, = tarn(other, f"SELECT count(*) FROM delta.`{copy}`")
        assert int(rows["rows"][0][0]) == 2
    else:
        with pytest.raises(TarnError, match="DELTA_PATH_BASED_ACCESS_TO_CATALOG_MANAGED_TABLE_BLOCKED"):
            tarn(other, f"SELECT count(*) FROM delta.`{copy}`")
        with pytest.raises(TarnError, match="DELTA_PATH_BASED_ACCESS_TO_CATALOG_MANAGED_TABLE_BLOCKED"):
            tarn(other, f"SELECT count(*) FROM delta.`{copy}` VERSION AS OF 1")
    with pytest.raises(TarnError, match="DELTA_PATH_BASED_ACCESS_TO_CATALOG_MANAGED_TABLE_BLOCKED"):
        tarn(other, f"INSERT INTO delta.`{copy}` VALUES (4)")
    # Within the lake the path is as good as the name.
    tarn(str(tmp_path), f"INSERT INTO delta.`{folder}` VALUES (4)")
    rows, = tarn(str(tmp_path), "SELECT count(*) FROM t")
    assert int(rows["rows"][0][0]) == 3
