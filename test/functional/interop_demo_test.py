"""Every table of the sample reads the same in Tarn, the deltalake package and real Spark."""

from interop_support import delta_rs, location, same_rows, tarn, tarn_table


def test_every_table_reads_the_same(tmp_path, demo_lake, spark):
    home = str(tmp_path)
    listed, = tarn(home, "SELECT table_schema, table_name FROM nyc.information_schema.tables "
                   "WHERE table_schema IN ('bronze', 'silver', 'gold') AND table_type <> 'VIEW'", lake=demo_lake)
    paths = {f"nyc.{s}.{t}": location(home, f"nyc.{s}.{t}", demo_lake) for s, t in listed["rows"]}
    assert "nyc.bronze.flights" in paths
    for table, path in paths.items():
        ours = tarn_table(home, table, demo_lake)
        rust, real = delta_rs(path), spark.ask(verb="read", paths=[path])[path]
        for other in (rust, real):
            assert ours["columns"] == other["columns"], table
            assert ours["partition_columns"] == other["partition_columns"], table
            same_rows(ours["rows"], other["rows"])
        assert ours["history"] == real["history"], table
        assert [version for version, _ in ours["history"]] == rust["versions"], table
