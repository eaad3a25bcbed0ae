#!/usr/bin/env python3
"""Makes the Avro files of this folder; needs fastavro, cramjam and backports.zstd."""

import datetime
import decimal
import io
import pathlib

import fastavro

HERE = pathlib.Path(__file__).resolve().parent
INNER = {"type": "record", "name": "inner", "fields": [
    {"name": "a", "type": "int"}, {"name": "c", "type": ["null", "color"]}]}
SCHEMA = {"type": "record", "name": "r", "namespace": "x.y", "fields": [
    {"name": "id", "type": "long"}, {"name": "name", "type": ["null", "string"]},
    {"name": "f", "type": "float"}, {"name": "d", "type": "double"},
    {"name": "b", "type": "boolean"}, {"name": "i", "type": "int"},
    {"name": "raw", "type": "bytes"},
    {"name": "fix", "type": {"type": "fixed", "name": "fx", "size": 3}},
    {"name": "e", "type": {"type": "enum", "name": "color", "symbols": ["RED", "BLUE"]}},
    {"name": "day", "type": {"type": "int", "logicalType": "date"}},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "lt", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
    {"name": "dec", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10,
                             "scale": 2}},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "m", "type": {"type": "map", "values": "int"}}, {"name": "in", "type": INNER},
    {"name": "u", "type": ["null", "int", "string"]}, {"name": "n", "type": ["int", "long"]}]}
UTC = datetime.timezone.utc
RECORDS = [
    {"id": 1, "name": "x", "f": 1.5, "d": -2.25, "b": True, "i": -7, "raw": b"ab", "fix": b"xyz",
     "e": "BLUE", "day": datetime.date(2024, 2, 29),
     "at": datetime.datetime(2024, 1, 2, 3, 4, 5, 678000, UTC),
     "lt": datetime.datetime(2024, 1, 2, 3, 4, 5, 678901), "dec": decimal.Decimal("-12.34"),
     "tags": ["p", "q"], "m": {"k": 3}, "in": {"a": 5, "c": "RED"}, "u": "str", "n": 5},
    {"id": -2**40, "name": None, "f": 0.0, "d": 0.0, "b": False, "i": 0, "raw": b"", "fix": b"abc",
     "e": "RED", "day": datetime.date(1970, 1, 1), "at": datetime.datetime(1969, 12, 31, tzinfo=UTC),
     "lt": datetime.datetime(1970, 1, 1), "dec": decimal.Decimal("99999999.99"), "tags": [],
     "m": {}, "in": {"a": 0, "c": None}, "u": 7, "n": 2**40}]


def avro(schema, records, codec):
    out = io.BytesIO()
    fastavro.writer(out, schema, records, codec=codec, sync_marker=b"0123456789abcdef")
    return out.getvalue()


def main():
    for codec in ("null", "deflate", "snappy", "bzip2", "zstandard"):
        (HERE / f"{codec}.avro").write_bytes(avro(SCHEMA, RECORDS, codec))
    (HERE / "half.avro").write_bytes(avro(SCHEMA, RECORDS, "snappy")[:-100])
    other = {"type": "record", "name": "r", "fields": [
        {"name": "id", "type": "string"}, {"name": "more", "type": "int"}]}
    (HERE / "other.avro").write_bytes(avro(other, [{"id": "word", "more": 1}], "null"))


if __name__ == "__main__":
    main()
