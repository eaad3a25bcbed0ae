"""The 22 queries of TPC-H; see tpc.py."""

import os

from suites import tpc

SUITE = "tpch"


def statements(spark, suite=SUITE):
    folder = os.environ.get("TARN_TPC_DATA")
    if not folder:
        raise SystemExit("TARN_TPC_DATA must name the folder made by suites/tpc.py")
    for sql in tpc.setup_for_spark(suite, folder):
        spark.sql(sql)
    for query in tpc.queries(suite, folder):
        yield query["id"], query["sql"], {"text": False}
