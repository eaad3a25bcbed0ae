"""Every table of the sample reads the same in Tarn, the deltalake package and real Spark."""

import concurrent.futures

from interop_support import delta_rs, location, same_rows, tarn, tarn_table


def same(ours, other, table):
    assert ours["columns"] == other["columns"], table
    assert ours["partition_columns"] == other["partition_columns"], table
    same_rows(ours["rows"], other["rows"])


def test_every_table_reads_the_same(tmp_path, demo_lake, spark):
    home = str(tmp_path)
    listed, = tarn(home, "SELECT table_schema, table_name FROM nyc.information_schema.tables "
                   "WHERE table_schema IN ('bronze', 'silver', 'gold') AND table_type <> 'VIEW'", lake=demo_lake)
    paths = {f"nyc.{s}.{t}": location(home, f"nyc.{s}.{t}", demo_lake) for s, t in listed["rows"]}
    assert "nyc.bronze.flights" in paths
    with concurrent.futures.ThreadPoolExecutor() as pool:
        spark_reads = pool.submit(spark.ask, verb="read", paths=list(paths.values()))
        tables = {table: tarn_table(home, table, demo_lake) for table in paths}
        for table, ours in tables.items():
            rust = delta_rs(paths[table])
            same(ours, rust, table)
            assert [version for version, _ in ours["history"]] == rust["versions"], table
        for table, path in paths.items():
            real = spark_reads.result()[path]
            same(tables[table], real, table)
            assert tables[table]["history"] == real["history"], table
