"""The 99 queries of TPC-DS; see tpc.py."""

from suites import tpch


def statements(spark):
    return tpch.statements(spark, "tpcds")
