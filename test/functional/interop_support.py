"""What the interoperation tests share: running Tarn, and one text form of values for all readers."""

import datetime
import decimal
import json
import math
import os
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "tarn"))


class TarnError(Exception):
    def __init__(self, error, sql):
        super().__init__(f"{error['condition']}: {error.get('message')} in {sql[:200]}")
        self.condition = error["condition"]


def tarn(home, *statements, lake=None):
    """Runs the statements in one process on the lake (default: home/lake); returns their results,
    raises at the first error."""
    script = os.path.join(home, "script.sql")
    os.makedirs(home, exist_ok=True)
    with open(script, "w", encoding="utf-8") as f:
        f.write("SET TIME ZONE 'UTC';\n" + ";\n".join(statements) + ";\n")
    run = subprocess.run([TARN, "sql", "--home", lake or os.path.join(home, "lake"), "--output", "results", "-f", script],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    results = [json.loads(line) for line in run.stdout.splitlines()][1:]
    for result, sql in zip(results, statements):
        if result.get("error"):
            raise TarnError(result["error"], sql)
    assert len(results) == len(statements), run.stderr[-2000:]
    return results


def sorted_rows(rows):
    return sorted((list(r) for r in rows), key=lambda row: [(v is None, v or "") for v in row])


def java_double(value, single=False):
    """The text that Java's Double.toString (or Float.toString) gives."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if single:
        import numpy
        digits = numpy.format_float_scientific(numpy.float32(value), unique=True, trim="0")
    else:
        digits = f"{decimal.Decimal(repr(value)):E}"
    sign = "-" if math.copysign(1, value) < 0 else ""
    mantissa, exponent = digits.lstrip("-").upper().split("E")
    number, exponent = mantissa.replace(".", "").rstrip("0") or "0", int(exponent)
    if number == "0":
        return sign + "0.0"
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
    return [spark_text(v, column.type) for v in column.to_pylist()]


def delta_rs(path):
    """What the deltalake package reads: columns, rows as Spark renders them, history versions."""
    import deltalake
    import pyarrow as pa
    table = deltalake.DeltaTable(path)
    data = pa.table(table.to_pyarrow_table())
    rows = list(zip(*(column_texts(data.column(i)) for i in range(data.num_columns))))
    fields = json.loads(table.schema().to_json())["fields"]
    return {"columns": [{"name": f["name"], "nullable": f["nullable"], "type": f["type"]} for f in fields],
            "rows": [list(r) for r in rows], "versions": sorted(h["version"] for h in table.history())}
