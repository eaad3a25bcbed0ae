"""What the interoperation tests share: running Tarn and Spark, and one text form of values for all readers."""

import collections
import datetime
import decimal
import json
import math
import os
import struct
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "tarn"))


class TarnError(Exception):
    def __init__(self, error, sql):
        super().__init__(f"{error['condition']}: {error.get('message')} in {sql[:200]}")
        self.condition = error["condition"]
        self.said = f"{error['condition']}: {error.get('message')}"


def tarn(home, *statements, lake=None, options=()):
    """Runs the statements in one process on the lake (default: home/lake); returns their results,
    raises at the first error. The program ends itself at an open that a plan doesn't explain."""
    script = os.path.join(home, "script.sql")
    os.makedirs(home, exist_ok=True)
    with open(script, "w", encoding="utf-8") as f:
        f.write("SET TIME ZONE 'UTC';\n" + ";\n".join(statements) + ";\n")
    run = subprocess.run([TARN, "sql", "--home", lake or os.path.join(home, "lake"), "--output", "results", "-f", script,
                          *options], env={**os.environ, "TARN_ASSERT_OPENS": "1"}, cwd=home,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    results = [json.loads(line) for line in run.stdout.splitlines()][1:]
    for result, sql in zip(results, statements):
        if result.get("error"):
            raise TarnError(result["error"], sql)
    assert len(results) == len(statements), run.stderr[-2000:]
    return results


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def tarn_table(home, table, lake=None):
    """A table of the catalog as Tarn reads it: columns (name, type, nullable), rows (binary as hexadecimal
    digits), history (version, operation) and partition columns."""
    catalog, schema, name = (["main", "default"] + table.split("."))[-3:]
    empty, listed, history, detail = tarn(
        home, f"SELECT * FROM {table} LIMIT 0",
        f"SELECT column_name, is_nullable FROM {catalog}.information_schema.columns "
        f"WHERE table_schema = '{schema}' AND table_name = '{name}'",
        f"DESCRIBE HISTORY {table}", f"DESCRIBE DETAIL {table}", lake=lake)
    nullable = {column: answer == "YES" for column, answer in listed["rows"]}
    columns = [{**c, "nullable": nullable[c["name"]]} for c in empty["columns"]]
    picked = ", ".join(f"hex({quoted(c['name'])})" if c["type"] == "binary" else quoted(c["name"]) for c in columns)
    rows, = tarn(home, f"SELECT {picked} FROM {table}", lake=lake)
    names = [c["name"] for c in history["columns"]]
    version, operation = names.index("version"), names.index("operation")
    partitions = detail["rows"][0][[c["name"] for c in detail["columns"]].index("partitionColumns")]
    return {"columns": columns, "rows": rows["rows"], "partition_columns": partitions,
            "history": sorted([int(r[version]), r[operation]] for r in history["rows"])}


def location(home, table, lake=None):
    detail, = tarn(home, f"DESCRIBE DETAIL {table}", lake=lake)
    names = [c["name"] for c in detail["columns"]]
    return detail["rows"][0][names.index("location")].removeprefix("file://")


def same_rows(one, other):
    """Asserts that the rows are the same as multisets; shows some of those that aren't."""
    left = collections.Counter(map(tuple, one))
    right = collections.Counter(map(tuple, other))
    assert left == right, (list((left - right).items())[:3], list((right - left).items())[:3])


class Spark:
    """Real Spark with Delta, in one process for all tests; starts at once and is waited for when asked."""

    def __init__(self, python, jars):
        self.errors = open(os.devnull, "w", encoding="utf-8")
        side = os.path.join(os.path.dirname(__file__), "spark_side.py")
        self.process = subprocess.Popen([python, side], env={**os.environ, "TARN_DELTA_JARS": jars}, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)

    def ask(self, **request):
        """See spark_side.py."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"Spark ended with {self.process.wait()}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.errors.close()


def sorted_rows(rows):
    return sorted((list(r) for r in rows), key=lambda row: [(v is None, v or "") for v in row])


def shortest_single(value):
    """The fewest digits that name this 32-bit number."""
    for digits in range(9):
        text = f"{value:.{digits}E}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return text
    raise AssertionError(f"{value} is no 32-bit number")


def java_double(value, single=False):
    """The text that Java's Double.toString (or Float.toString) gives."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    digits = shortest_single(value) if single else f"{decimal.Decimal(repr(value)):E}"
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return sign + "0.0"
    mantissa, exponent = digits.lstrip("-").upper().split("E")
    number, exponent = mantissa.replace(".", "").rstrip("0"), int(exponent)
    if -3 <= exponent < 7:
        if exponent < 0:
            return f"{sign}0.{'0' * (-exponent - 1)}{number}"
        whole = number[:exponent + 1].ljust(exponent + 1, "0")
        return f"{sign}{whole}.{number[exponent + 1:] or '0'}"
    return f"{sign}{number[0]}.{number[1:] or '0'}E{exponent}"


def moment(micros):
    whole, fraction = divmod(micros, 1_000_000)
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=whole)).isoformat(" ")
    return text + (f".{fraction:06}".rstrip("0") if fraction else "")


def spark_text(value, kind, top=True):
    """A pyarrow scalar's Python value as Spark's CAST(value AS STRING) renders it."""
    import pyarrow.types as t
    if value is None:
        return None if top else "null"
    if t.is_boolean(kind):
        return "true" if value else "false"
    if t.is_integer(kind) or t.is_decimal(kind):
        return f"{value:f}" if t.is_decimal(kind) else str(value)
    if t.is_floating(kind):
        return java_double(value, t.is_float32(kind))
    if t.is_binary(kind) or t.is_large_binary(kind) or t.is_binary_view(kind):
        return value.hex().upper() if top else value.decode("utf-8", "replace")
    if t.is_date(kind):
        return value.isoformat()
    if t.is_list(kind) or t.is_large_list(kind) or t.is_list_view(kind):
        return "[" + ", ".join(spark_text(v, kind.value_type, False) for v in value) + "]"
    if t.is_map(kind):
        return "{" + ", ".join(f"{spark_text(k, kind.key_type, False)} -> {spark_text(v, kind.item_type, False)}"
                               for k, v in value) + "}"
    if t.is_struct(kind):
        return "{" + ", ".join(spark_text(value[f.name], f.type, False) for f in kind) + "}"
    return str(value)


def column_texts(column):
    import pyarrow as pa
    import pyarrow.types as t
    if t.is_timestamp(column.type):
        micros = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64()).to_pylist()
        return [None if m is None else moment(m) for m in micros]
    if t.is_integer(column.type) or t.is_date(column.type):
        # Each value once: big tables have few.
        coded = column.combine_chunks().dictionary_encode()
        texts = [spark_text(v, column.type) for v in coded.dictionary.to_pylist()]
        return [None if i is None else texts[i] for i in coded.indices.to_pylist()]
    if t.is_string(column.type) or t.is_large_string(column.type) or t.is_string_view(column.type):
        return column.to_pylist()
    return [spark_text(v, column.type) for v in column.to_pylist()]


SPARK_NAMES = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint"}


def spark_type(kind):
    """A type of Delta's schema JSON as Spark's simpleString shows it."""
    if isinstance(kind, str):
        return SPARK_NAMES.get(kind, kind)
    if kind["type"] == "array":
        return f"array<{spark_type(kind['elementType'])}>"
    if kind["type"] == "map":
        return f"map<{spark_type(kind['keyType'])},{spark_type(kind['valueType'])}>"
    return "struct<" + ",".join(f"{f['name']}:{spark_type(f['type'])}" for f in kind["fields"]) + ">"


def delta_rs(path, version=None):
    """What the deltalake package reads: columns, rows as Spark renders them, partition columns, versions."""
    import deltalake
    import pyarrow as pa
    table = deltalake.DeltaTable(path, version=version)
    data = pa.table(table.to_pyarrow_table())
    rows = list(zip(*(column_texts(data.column(i)) for i in range(data.num_columns))))
    fields = json.loads(table.schema().to_json())["fields"]
    # deltalake 1.6.6 finds no history below a folder whose name has to be encoded in a URL.
    versions = sorted(h["version"] for h in table.history()) or list(range(table.version() + 1))
    return {"columns": [{"name": f["name"], "nullable": f["nullable"], "type": spark_type(f["type"])} for f in fields],
            "rows": [list(r) for r in rows], "versions": versions,
            "partition_columns": "[" + ", ".join(table.metadata().partition_columns) + "]"}
