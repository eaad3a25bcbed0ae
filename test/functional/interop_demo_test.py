"""Every table of the sample reads the same in Tarn, the deltalake package and real Spark.

TARN_DEMO_HOME names the lake that samples/nyc-flights made (default: build/demo-lake).
"""

import os

import pytest
from interop_deltalake_test import location
from interop_spark_test import JARS, PYTHON, spark_side
from interop_support import ROOT, delta_rs, sorted_rows, tarn

LAKE = os.environ.get("TARN_DEMO_HOME", os.path.join(ROOT, "build", "demo-lake"))
pytestmark = pytest.mark.skipif(not os.path.isdir(LAKE), reason="no lake of the sample: ./dev demo")


def test_every_table_reads_the_same(tmp_path):
    home = str(tmp_path)
    listed, = tarn(home, "SELECT table_schema, table_name FROM nyc.information_schema.tables "
                   "WHERE table_schema IN ('bronze', 'silver', 'gold') AND table_type <> 'VIEW'", lake=LAKE)
    paths = {f"nyc.{s}.{t}": location(home, f"nyc.{s}.{t}", LAKE) for s, t in listed["rows"]}
    assert "nyc.bronze.flights" in paths
    spark = {}
    if os.path.exists(PYTHON) and os.path.isdir(JARS):
        spark = spark_side("read", *paths.values())
    for table, path in paths.items():
        ours, = tarn(home, f"SELECT * FROM {table}", lake=LAKE)
        rust = delta_rs(path)
        assert [c["name"] for c in ours["columns"]] == [c["name"] for c in rust["columns"]], table
        rows = sorted_rows(ours["rows"])
        assert rows == sorted_rows(rust["rows"]), table
        if spark:
            assert rows == sorted_rows(spark[path]["rows"]), table
            assert [c["type"] for c in ours["columns"]] == [c["type"] for c in spark[path]["columns"]], table
            assert [c["nullable"] for c in rust["columns"]] == [c["nullable"] for c in spark[path]["columns"]], table
