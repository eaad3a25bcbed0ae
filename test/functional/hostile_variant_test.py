"""Variants whose bytes are not what they say: a clear error each, and never the end of the program."""

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from interop_support import TarnError, tarn

# The names a and b, and {"a": 1, "b": [2, "x"]}: see "Variant Binary Encoding" of Parquet.
METADATA = b"\x11\x02\x00\x01\x02ab"
VALUE = b"\x02\x02\x00\x01\x00\x02\x09\x0c\x01\x03\x02\x00\x02\x04\x0c\x02\x05x"
REFUSALS = ("FAILED_READ_FILE.NO_HINT", "UNSUPPORTED_FEATURE")


def mutated(noise, data):
    data = bytearray(data)
    for _ in range(noise.randint(1, 3)):
        kind = noise.random()
        if kind < 0.6 and data:
            data[noise.randrange(len(data))] = noise.randrange(256)
        elif kind < 0.8 and data:
            del data[noise.randrange(len(data)):]
        else:
            data += noise.randbytes(3)
    return bytes(data)


def of_raw(path, metadata, value, **parts):
    fields = {"metadata": pa.array([metadata], pa.binary()), "value": pa.array([value], pa.binary()), **parts}
    column = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
    pq.write_table(pa.table({"id": pa.array([1], pa.int32()), "v": column}), path)


def read(home, paths):
    """The variants' texts, and the conditions of those that are refused."""
    texts, refused = [], []
    for path in paths:
        try:
            texts.append(tarn(home, f"SELECT to_json(v) FROM read_files('{path}', format => 'parquet', schema => 'id INT, v VARIANT')")[-1]["rows"][0][0])
        except TarnError as error:
            refused.append(error.condition)
    return texts, refused


@pytest.mark.parametrize("typed", [None, pa.array([7]), pa.array(["x"])], ids=["whole", "shredded to long", "shredded to string"])
def test_damaged_variants_are_refused(tmp_path, typed):
    noise = random.Random(7)
    paths = []
    for i in range(16):
        parts = {} if typed is None else {"typed_value": pa.nulls(1, typed.type)}
        of_raw(tmp_path / f"{i}.parquet", mutated(noise, METADATA), mutated(noise, VALUE), **parts)
        paths.append(tmp_path / f"{i}.parquet")
    texts, refused = read(str(tmp_path / "home"), paths)
    assert len(refused) > 8 and len(texts) + len(refused) == 16
    assert set(refused) <= set(REFUSALS), refused


def test_what_is_not_damaged_is_read(tmp_path):
    whole, shredded = tmp_path / "whole.parquet", tmp_path / "shredded.parquet"
    of_raw(whole, METADATA, VALUE)
    of_raw(shredded, METADATA, None, typed_value=pa.array([7]))
    assert read(str(tmp_path / "home"), [whole, shredded]) == (['{"a":1,"b":[2,"x"]}', "7"], [])


NESTED = {
    "struct": ("STRUCT<a: INT, v: VARIANT>", "x.v", lambda v: pa.StructArray.from_arrays([pa.array([1], pa.int32()), v], names=["a", "v"])),
    "array": ("ARRAY<VARIANT>", "x[0]", lambda v: pa.ListArray.from_arrays([0, 1], v)),
    "map": ("MAP<STRING, STRUCT<v: VARIANT>>", "x['k'].v",
            lambda v: pa.MapArray.from_arrays([0, 1], pa.array(["k"]), pa.StructArray.from_arrays([v], names=["v"]))),
}


def of_nested(path, wrap, metadata, value, **parts):
    fields = {"metadata": pa.array([metadata], pa.binary()), "value": pa.array([value], pa.binary()), **parts}
    pq.write_table(pa.table({"x": wrap(pa.StructArray.from_arrays(list(fields.values()), names=list(fields)))}), path)


@pytest.mark.parametrize("nested", NESTED)
def test_within_other_types(tmp_path, nested):
    schema, part, wrap = NESTED[nested]
    home, noise = str(tmp_path / "home"), random.Random(11)

    def text(path):
        return tarn(home, f"SELECT to_json({part}) FROM read_files('{path}', format => 'parquet', schema => 'x {schema}')")[-1]["rows"][0][0]

    of_nested(tmp_path / "whole.parquet", wrap, METADATA, VALUE)
    assert text(tmp_path / "whole.parquet") == '{"a":1,"b":[2,"x"]}'
    of_nested(tmp_path / "shredded.parquet", wrap, METADATA, None, typed_value=pa.array([7]))
    assert text(tmp_path / "shredded.parquet") == "7"
    refused = []
    for i in range(8):
        path = tmp_path / f"{i}.parquet"
        of_nested(path, wrap, mutated(noise, METADATA), mutated(noise, VALUE), **({"typed_value": pa.nulls(1, pa.int64())} if i % 2 else {}))
        try:
            text(path)
        except TarnError as error:
            refused.append(error.condition)
    assert len(refused) >= 4 and set(refused) <= set(REFUSALS), refused
    # Something else in a variant's place.
    other = {"struct": pa.array([{"a": 1, "v": "{}"}]), "array": pa.array([["{}"]]), "map": pa.array([[("k", {"v": "{}"})]], pa.map_(
        pa.string(), pa.struct([("v", pa.string())])))}[nested]
    pq.write_table(pa.table({"x": other}), tmp_path / "other.parquet")
    with pytest.raises(TarnError) as error:
        text(tmp_path / "other.parquet")
    assert error.value.condition == "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH"
    tarn(home, f"CREATE TABLE t (x {schema})")
    of_nested(tmp_path / "date.parquet", wrap, METADATA, b"\x2c\x01\0\0\0")
    with pytest.raises(TarnError) as error:
        tarn(home, f"INSERT INTO t SELECT * FROM read_files('{tmp_path / 'date.parquet'}', format => 'parquet', schema => 'x {schema}')")
    assert error.value.condition == "UNSUPPORTED_FEATURE"


@pytest.mark.parametrize("value, shown", [(b"\x1c" + b"\0" * 6 + b"\xf8\x7f", '"NaN"'), (b"\x2c\x01\0\0\0", '"1970-01-02"'),
                                          (b"\x3c\x02\0\0\0\x00\xff", '"AP8="')], ids=["NaN", "date", "bytes"])
def test_what_json_cannot_say_is_not_written_again(tmp_path, value, shown):
    home, path = str(tmp_path / "home"), tmp_path / "a.parquet"
    of_raw(path, METADATA, value)
    assert read(home, [path]) == ([shown], [])
    tarn(home, "CREATE TABLE t (id INT, v VARIANT)")
    with pytest.raises(TarnError) as error:
        tarn(home, f"INSERT INTO t SELECT * FROM read_files('{path}', format => 'parquet', schema => 'id INT, v VARIANT')")
    assert error.value.condition == "UNSUPPORTED_FEATURE"


def test_parts_that_share_their_bytes_are_not_read_again_and_again(tmp_path):
    """Arrays of two elements, both at the same place: 2^60 values in 250 bytes."""
    value = b"\x0c\x01"
    for _ in range(60):
        value = b"\x03\x02\x00\x00\x00" + value
    of_raw(tmp_path / "bomb.parquet", b"\x11\x00\x00", value)
    assert read(str(tmp_path / "home"), [tmp_path / "bomb.parquet"]) == ([], ["FAILED_READ_FILE.NO_HINT"])
