"""deltalake's side of the Delta benchmark, as a process of its own; each verb prints one line of JSON.

    delta_side.py make_log ROOT FILES COLUMNS     # a table of files that aren't there, with statistics
    delta_side.py open ROOT
    delta_side.py writers ROOT THREADS SECONDS
    delta_side.py merge ROOT CHANGES              # by a Parquet file of changes
    delta_side.py delete ROOT PREDICATE
    delta_side.py optimize ROOT
    delta_side.py vacuum ROOT
"""

import json
import os
import sys
import threading
import time
import uuid


def say(**fields):
    print(json.dumps(fields), flush=True)


def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def make_log(root, files, columns):
    """One commit and a checkpoint, as a table of many appends has them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files, columns = int(files), int(columns)
    log = os.path.join(root, "_delta_log")
    os.makedirs(log)
    names = [f"measure_{i:03}" for i in range(columns)]
    schema = {"type": "struct", "fields": [
        {"name": n, "type": "long", "nullable": True, "metadata": {}} for n in names]}
    protocol = {"minReaderVersion": 1, "minWriterVersion": 2}
    metadata = {"id": str(uuid.UUID(int=7)), "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps(schema), "partitionColumns": [], "createdTime": 0,
                "configuration": {"delta.dataSkippingNumIndexedCols": str(columns)}}
    with open(os.path.join(log, f"{0:020}.json"), "w", encoding="utf-8") as f:
        f.write(json.dumps({"protocol": protocol}) + "\n" + json.dumps({"metaData": metadata}) + "\n")
    with open(os.path.join(log, f"{1:020}.json"), "w", encoding="utf-8") as f:
        f.write(json.dumps({"commitInfo": {"timestamp": 0, "operation": "WRITE"}}) + "\n")
    texts = pa.map_(pa.string(), pa.string())
    types = pa.schema([
        ("protocol", pa.struct([("minReaderVersion", pa.int32()), ("minWriterVersion", pa.int32())])),
        ("metaData", pa.struct([
            ("id", pa.string()), ("format", pa.struct([("provider", pa.string()), ("options", texts)])),
            ("schemaString", pa.string()), ("partitionColumns", pa.list_(pa.string())),
            ("createdTime", pa.int64()), ("configuration", texts)])),
        ("add", pa.struct([
            ("path", pa.string()), ("partitionValues", texts), ("size", pa.int64()),
            ("modificationTime", pa.int64()), ("dataChange", pa.bool_()), ("stats", pa.string()),
            ("tags", texts)]))])
    metadata["format"]["options"] = []
    metadata["configuration"] = list(metadata["configuration"].items())
    path = os.path.join(log, f"{1:020}.checkpoint.parquet")
    with pq.ParquetWriter(path, types, compression="snappy") as writer:
        writer.write_table(pa.Table.from_pylist(
            [{"protocol": protocol, "metaData": None, "add": None},
             {"protocol": None, "metaData": metadata, "add": None}], schema=types))
        for first in range(0, files, 20_000):
            rows = []
            for i in range(first, min(files, first + 20_000)):
                low = {n: i * 1000 + k for k, n in enumerate(names)}
                high = {n: v + 999 for n, v in low.items()}
                stats = json.dumps({"numRecords": 1000, "minValues": low, "maxValues": high,
                                    "nullCount": dict.fromkeys(names, 0)}, separators=(",", ":"))
                rows.append({"protocol": None, "metaData": None, "add": {
                    "path": f"part-{i:05}-{uuid.UUID(int=i * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)}-c000.snappy.parquet",
                    "partitionValues": [], "size": 1_000_000 + i, "modificationTime": 1_700_000_000_000 + i,
                    "dataChange": False, "stats": stats, "tags": None}})
            writer.write_table(pa.Table.from_pylist(rows, schema=types))
    with open(os.path.join(log, "_last_checkpoint"), "w", encoding="utf-8") as f:
        f.write(json.dumps({"version": 1, "size": files + 2}))
    say(bytes=os.path.getsize(path))


def open_table(root):
    from deltalake import DeltaTable

    tables = []
    opened = timed(lambda: tables.append(DeltaTable(root)))
    found = []
    listed = timed(lambda: found.append(len(tables[0].file_uris())))
    say(seconds=opened, listed_seconds=listed, files=found[0])


def writers(root, threads, seconds):
    """Appends of one row by threads, which deltalake's Rust side runs at once."""
    import pyarrow as pa
    from deltalake import write_deltalake

    counts, conflicts = [0] * int(threads), [0] * int(threads)
    stop = time.perf_counter() + float(seconds)

    def run(writer):
        while time.perf_counter() < stop:
            row = pa.table({"writer": pa.array([writer], pa.int32()), "number": pa.array([counts[writer]], pa.int32()),
                            "text": [f"a row of writer {writer}"]})
            try:
                write_deltalake(root, row, mode="append")
                counts[writer] += 1
            except Exception:  # noqa: BLE001  Whatever it is, the append wasn't acknowledged.
                conflicts[writer] += 1

    some = [threading.Thread(target=run, args=(i,)) for i in range(int(threads))]
    started = time.perf_counter()
    for thread in some:
        thread.start()
    for thread in some:
        thread.join()
    say(acknowledged=sum(counts), failed=sum(conflicts), seconds=time.perf_counter() - started)


def merge(root, changes):
    import pyarrow.parquet as pq
    from deltalake import DeltaTable

    source = pq.read_table(changes)
    columns = {c: f"s.{c}" for c in source.column_names}
    seconds = timed(lambda: DeltaTable(root).merge(source, "t.id = s.id", source_alias="s", target_alias="t")
                    .when_matched_update(columns).when_not_matched_insert(columns).execute())
    say(seconds=seconds)


def delete(root, predicate):
    from deltalake import DeltaTable

    say(seconds=timed(lambda: DeltaTable(root).delete(predicate)))


def optimize(root):
    from deltalake import DeltaTable

    say(seconds=timed(lambda: DeltaTable(root).optimize.compact()))


def vacuum(root):
    from deltalake import DeltaTable

    say(seconds=timed(lambda: DeltaTable(root).vacuum(retention_hours=168, dry_run=True)))


VERBS = {"make_log": make_log, "open": open_table, "writers": writers, "merge": merge, "delete": delete,
         "optimize": optimize, "vacuum": vacuum}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
