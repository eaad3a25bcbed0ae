"""The cases of files.py: what stands in the files, and how they are read."""

import bz2
import dataclasses
import gzip
import zlib


@dataclasses.dataclass
class Case:
    name: str
    format: str
    files: dict
    options: dict = dataclasses.field(default_factory=dict)
    schema: str = ""
    select: str = "*"
    ordered: bool = True
    any_error: bool = False  # the condition may differ
    expect: dict = None      # where Tarn means something else on purpose; the case says why


CASES = []


def case(name, fmt, content, options=None, schema="", **more):
    files = content if isinstance(content, dict) else {"a." + fmt: content}
    CASES.append(Case(name, fmt, files, options or {}, schema, **more))


def csv(name, content, options=None, schema="", **more):
    case("csv_" + name, "csv", content, options, schema, **more)


def json(name, content, options=None, schema="", **more):
    case("json_" + name, "json", content, options, schema, **more)


AB = "a INT, b STRING"
ABC = "a INT, b INT, c STRING"
CORRUPT = ", _corrupt_record STRING"
MODES = ("PERMISSIVE", "DROPMALFORMED", "FAILFAST")

# ---- CSV: quotes, escapes, separators

csv("plain", "1,x\n2,y\n", schema=AB)
csv("no_final_line_end", "1,x\n2,y", schema=AB)
csv("crlf", "1,x\r\n2,y\r\n", schema=AB)
csv("cr", "1,x\r2,y\r", schema=AB)
csv("blank_lines", "\n1,x\n   \n\n2,y\n", schema=AB)
csv("trailing_separator", "1,x,\n2,,\n", schema=ABC.replace("b INT", "b STRING"))
csv("quoted", '1,"x, y"\n2,"he said \\"hi\\""\n3,""\n4,\n5," sp "\n', schema=AB)
csv("doubled_quotes_default_escape", '1,"a""b"\n2,"""q"""\n3,"x"" y"\n', schema=AB)
csv("doubled_quotes", '1,"a""b"\n2,"""q"""\n3,"x"" y"\n4,""""\n', {"escape": '"'}, AB)
csv("escape_of_escape", '1,"a\\\\b"\n2,"a\\nb"\n3,"a\\\\"\n4,a\\\\b\n', schema=AB)
csv("char_to_escape", '1,"a#\\"b"\n2,"c#\\d"\n', {"charToEscapeQuoteEscaping": "#"}, AB)
csv("quote_inside_unquoted", '1,a"b"c\n2,a""\n', schema=AB)
csv("unclosed_quote", '1,"abc\n2,d\n3,"\n', schema=AB)
csv("text_after_quote", '1,"abc"def\n2,"abc" def\n3,"abc"  \n4,"a"b"c"\n', schema=AB)
csv("text_after_quote_middle", '"abc"def,1\n"abc" def,2\n"abc"  ,3\n"a"b"c",4\n',
    schema="a STRING, b INT")
for handling in ("STOP_AT_CLOSING_QUOTE", "STOP_AT_DELIMITER", "SKIP_VALUE", "RAISE_ERROR"):
    csv("unescaped_" + handling.lower(), '"a"b,c",1\n"x",2\n', {"unescapedQuoteHandling": handling},
        "a STRING, b INT", any_error=True)
# Spark's parser swallows the separator here ("ab,1" as the first value), against its own description;
# Tarn does what is described: the value counts as unquoted.
csv("unescaped_back_to_delimiter", '"a"b,1\n"x",2\n',
    {"unescapedQuoteHandling": "BACK_TO_DELIMITER"}, "a STRING, b INT",
    expect={"columns": [{"name": "a", "type": "string"}, {"name": "b", "type": "int"}],
            "rows": [['"a"b', "1"], ["x", "2"]]})
csv("no_quotes", '1,"x"\n', {"quote": ""}, AB)
csv("other_quote", "1,'x,y'\n2,\"z\"\n", {"quote": "'"}, AB)
csv("tab", "1\tx y\n2\t\n", {"sep": "\\t"}, AB)
csv("pipe", "1|x\n", {"delimiter": "|"}, AB)
csv("long_separator", "1||x|y\n2||\"a||b\"\n", {"sep": "||"}, AB)
csv("separator_backslash", "1\\x\n", {"sep": "\\\\"}, AB)
csv("trim_both", '  1 ,  x \n2," y "\n 3 ,   \n',
    {"ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true"}, AB)
csv("trim_leading", " 1, x \n", {"ignoreLeadingWhiteSpace": "true"}, AB)
csv("trim_trailing", "1 , x \n", {"ignoreTrailingWhiteSpace": "true"}, AB)
csv("no_trim", " 1, x \n", schema="a STRING, b STRING")
csv("line_separator", "1,x;2,y;", {"lineSep": ";"}, AB)
csv("comment", "#c\n1,x\n2,#y\n # z,1\n", {"comment": "#"}, AB)

# ---- CSV: null and empty

csv("null_value", 'NA,NA\n1,"NA"\n2,""\n3,\n', {"nullValue": "NA"}, AB)
csv("empty_value", '1,""\n2,\n', {"emptyValue": "EMPTY"}, AB)
csv("null_and_empty", '1,""\n2,\n3,-\n', {"nullValue": "-", "emptyValue": "E"}, AB)

# ---- CSV: header

csv("header", "a,b\n1,x\n", {"header": "true"}, AB)
csv("header_inferred", "a,b,,a,c c\n1,x,2,3,4\n", {"header": "true", "inferSchema": "true"})
csv("header_two_files", {"1.csv": "a,b\n1,x\n", "2.csv": "a,b\n2,y\n"}, {"header": "true"}, AB,
    ordered=False)
csv("header_after_blank", "\n\na,b\n1,x\n", {"header": "true"}, AB)
csv("header_after_comment", "# c\na,b\n1,x\n", {"header": "true", "comment": "#"}, AB)
csv("header_mark", b"\xef\xbb\xbfa,b\n1,x\n", {"header": "true", "inferSchema": "true"})
csv("enforce_schema", "b,a\n1,x\n", {"header": "true", "enforceSchema": "false"}, AB, any_error=True)
csv("enforce_schema_fits", "A,b\n1,x\n", {"header": "true", "enforceSchema": "false"}, AB)
csv("no_header_inferred", "1,x\n2,y\n", {"inferSchema": "true"})

# ---- CSV: what doesn't fit, in each mode

MISFITS = "1,2,x\nq,2,x\n1,w,x\n1\n1,2,x,y\n,,\nq,w\n"
for mode in MODES:
    csv("mode_" + mode.lower(), MISFITS, {"mode": mode}, ABC, any_error=True)
    csv("mode_corrupt_" + mode.lower(), MISFITS, {"mode": mode}, ABC + CORRUPT, any_error=True)
csv("mode_unknown", MISFITS, {"mode": "whatever"}, ABC)
csv("pruned_drop", MISFITS, {"mode": "DROPMALFORMED"}, ABC, select="c")
csv("pruned_drop_two", MISFITS, {"mode": "DROPMALFORMED"}, ABC, select="a, b")
csv("pruned_count", MISFITS, {"mode": "DROPMALFORMED"}, ABC, select="count(*)")
csv("pruned_corrupt", MISFITS, {}, ABC + CORRUPT, select="a, _corrupt_record")
csv("corrupt_named", MISFITS, {"columnNameOfCorruptRecord": "bad"}, "bad STRING, " + ABC)
csv("max_columns", "1,x\n1,x,y,z\n", {"maxColumns": "3"}, AB + CORRUPT)
csv("max_chars", "1,x\n2,abcdefgh\n", {"maxCharsPerColumn": "5"}, AB + CORRUPT)
csv("partial_order", "x,1\n", {}, "a INT, b INT" + CORRUPT)

# ---- CSV: types

TYPES = ("t TINYINT", "s SMALLINT", "i INT", "l BIGINT", "f FLOAT", "d DOUBLE", "n DECIMAL(5,2)",
         "o BOOLEAN", "dt DATE", "ts TIMESTAMP", "tn TIMESTAMP_NTZ", "w DECIMAL(38,0)")
VALUES = ("0", "-1", "+7", "127", "128", "-128", "32768", "2147483648", "9223372036854775807",
          "9223372036854775808", "1.5", "-1.5e3", "1e3", ".5", "5.", " 1", "1 ", "1f", "1d", "0x1p3",
          "NaN", "Inf", "-Inf", "Infinity", "-Infinity", "inf", "+Inf", "123.456", "999.995",
          "999.994", "1,000", "1234.5", "1e2", "true", "FALSE", "True", "t", "yes", "2020-01-02",
          "2020-1-2", "2020-01", "2020", "2020-13-01", "2020-02-30", "2020-01-02 03:04:05",
          "2020-01-02T03:04:05.678Z", "2020-01-02 03:04:05+02:00", "2020-01-02 03:04:05 Europe/Paris",
          "2020-01-02 3:4", "12:30", "T12:30:45", "+12345-01-01", "10000-01-01",
          "2020-01-02 25:00:00", "2000-01-01T00:00GMT+01:00", "18262", "0001-01-01", "abc")
# As FLOAT these are left out: Java before version 19 writes them with a digit too many.
LONG_FLOATS = ("2147483648", "1577934245")


def fitting(values, declared):
    return [v for v in values if "FLOAT" not in declared or v not in LONG_FLOATS]


for declared in TYPES:
    csv("type_" + declared.split()[1].split("(")[0].lower() + "_" + declared.split()[0],
        "".join(f'"{v}",{i}\n' for i, v in enumerate(fitting(VALUES, declared))), {},
        f"{declared}, k INT" + CORRUPT, select=f"k, {declared.split()[0]}, _corrupt_record")
csv("special_names", "nan,1\ninf,2\nminf,3\nNaN,4\n",
    {"nanValue": "nan", "positiveInf": "inf", "negativeInf": "minf"}, "d DOUBLE, k INT")
csv("date_format", "02/01/2020\n2020-01-02\n2/1/2020\n", {"dateFormat": "dd/MM/yyyy"},
    "d DATE" + CORRUPT)
csv("timestamp_format", "02.01.2020 03:04\n2020-01-02 03:04:05\n",
    {"timestampFormat": "dd.MM.yyyy HH:mm"}, "d TIMESTAMP" + CORRUPT)
csv("timestamp_format_zone", "2020-01-02 03:04 +0200\n", {"timestampFormat": "yyyy-MM-dd HH:mm Z"},
    "d TIMESTAMP" + CORRUPT)
csv("timestamp_ntz_format", "02.01.2020 03:04\n", {"timestampNTZFormat": "dd.MM.yyyy HH:mm"},
    "d TIMESTAMP_NTZ" + CORRUPT)
csv("time_zone", "2020-01-02 03:04:05\n", {"timeZone": "America/New_York"}, "d TIMESTAMP")

# ---- CSV: several lines, encodings, compression

csv("multi_line", '1,"a\nb"\n2,c\n', {"multiLine": "true"}, AB)
csv("multi_line_crlf", '1,"a\r\nb"\r\n2,c\r\n', {"multiLine": "true"}, AB)
csv("multi_line_header", 'a,b\n1,"a\n\nb"\n\n2,c\n', {"multiLine": "true", "header": "true"}, AB)
csv("multi_line_misfits", MISFITS, {"multiLine": "true"}, ABC + CORRUPT)
csv("multi_line_corrupt", '1,"x\ny",z\nq,2,"a\nb"\n', {"multiLine": "true"}, ABC + CORRUPT)
csv("multi_line_comment", '#x\n1,a\n#y\n2,b\n', {"multiLine": "true", "comment": "#"}, AB)
csv("multi_line_unclosed", '1,"a\n2,b\n', {"multiLine": "true"}, AB)
csv("multi_line_blank", '1,a\n  \n2,b\n', {"multiLine": "true"}, AB)
csv("latin1", "1,é\n".encode("latin-1"), {"encoding": "ISO-8859-1"}, AB)
csv("utf8_ill_formed", b"1,a\xffb\n2,\xe2\x82\n3,\xc3\xa9\n", {}, AB)
csv("utf16_multi_line", "1,é\n2,x\n".encode("utf-16"), {"encoding": "UTF-16", "multiLine": "true"}, AB)
csv("utf16le_multi_line", "1,é\n2,x\n".encode("utf-16-le"),
    {"encoding": "UTF-16LE", "multiLine": "true"}, AB)
csv("gzip", {"a.csv.gz": gzip.compress(b"1,x\n") + gzip.compress(b"2,y\n")}, {}, AB)
csv("bzip2", {"a.csv.bz2": bz2.compress(b"1,x\n") + bz2.compress(b"2,y\n")}, {}, AB)
csv("deflate", {"a.csv.deflate": zlib.compress(b"1,x\n2,y\n")}, {}, AB)
csv("gzip_cut", {"a.csv.gz": gzip.compress(b"1,x\n" * 1000)[:30]}, {}, AB, any_error=True)

# ---- CSV: inference


def inferred(name, values, options=None, **more):
    csv("infer_" + name, "".join(f'"{v}",1\n' for v in values), {"inferSchema": "true", **(options or {})},
        **more)


inferred("int", ["1", "2", ""])
inferred("long", ["1", "2147483648"])
inferred("decimal", ["1", "9223372036854775808"])
inferred("decimal_wide", ["1" * 39])
inferred("double", ["1", "1.5"])
inferred("double_long_decimal", ["12345678901234567890", "1.5"])
inferred("exponent", ["1e10"])
inferred("special", ["NaN", "Inf"])
inferred("date", ["2020-01-02", "2021-02-03"])
inferred("date_short", ["2020-1-2"])
inferred("date_and_timestamp", ["2020-01-02", "2020-01-02 03:04:05"])
inferred("timestamp_and_date", ["2020-01-02 03:04:05", "2020-01-02"])
inferred("timestamp", ["2020-01-02T03:04:05Z"])
inferred("time_only", ["12:30"])
inferred("year", ["2020", "2021-01"])
inferred("boolean", ["true", "FALSE"])
inferred("boolean_and_int", ["true", "1"])
inferred("int_and_date", ["1", "2020-01-02"])
inferred("text", ["x", "1"])
inferred("all_null", ["", ""])
inferred("null_value", ["NA", "1"], {"nullValue": "NA"})
inferred("no_prefer_date", ["2020-01-02"], {"preferDate": "false"})
inferred("date_format", ["02/01/2020"], {"dateFormat": "dd/MM/yyyy"})
inferred("timestamp_format", ["02/01/2020 03:04"], {"timestampFormat": "dd/MM/yyyy HH:mm"})
inferred("date_and_timestamp_format", ["2020-01-02", "02/01/2020 03:04"],
         {"timestampFormat": "dd/MM/yyyy HH:mm"})
csv("infer_ragged", "1,2\n1\n1,2,3\n", {"inferSchema": "true"})
csv("infer_header_repeated", {"1.csv": "a,b\n1,2\n", "2.csv": "a,b\n3,4\n"},
    {"header": "true", "inferSchema": "true"}, ordered=False)
csv("partitions", {"d=2020-01-01/n=1/a.csv": "1,x\n", "d=2020-01-02/n=2/a.csv": "2,y\n"},
    {"inferSchema": "true"})
csv("partitions_types", {"p=1/q=x%20y/a.csv": "1\n", "p=1.5/q=__HIVE_DEFAULT_PARTITION__/a.csv": "2\n"},
    {"inferSchema": "true"})

# ---- JSON

json("plain", '{"a":1,"b":"x"}\n{"b":"y","a":2}\n{}\n\n  \n', schema=AB)
json("unknown_and_missing", '{"a":1,"z":[1,{"q":2}]}\n', schema=AB)
json("duplicate", '{"a":1,"a":2,"b":"x","b":null}\n', schema=AB)
json("case", '{"A":1,"b":"x"}\n', schema=AB)
json("text_of_anything", '{"b":1}\n{"b":1.50}\n{"b":true}\n{"b":{"x": 1}}\n{"b":[1, 2]}\n{"b":null}\n'
     '{"b":1e5}\n', schema="b STRING")
json("escapes", r'{"b":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}' + "\n" + r'{"b":"\ud83d"}' + "\n",
     schema="b STRING")
for declared in TYPES:
    values = ["0", "-1", "127", "128", "255", "256", "-128", "-129", "32768", "2147483648",
              "9223372036854775808", "1.5", "1.0", "-1.5e3", "1e3", "123.456", "999.995", "12345.6",
              '""', '"1"', '"1.5"', '"NaN"', '"Infinity"', '"-INF"', '"+INF"', '"inf"', "NaN",
              "Infinity", "-Infinity", "-INF", "true", "false", '"true"', "[1]", "{}", "null",
              '"2020-01-02"', '"2020-01-02 03:04:05"', '"2020-01-02T03:04:05Z"', '"18262"', '"abc"',
              '"2000-01-01T00:00GMT+01:00"', "1577934245"]
    json("type_" + declared.split()[1].split("(")[0].lower() + "_" + declared.split()[0],
         "".join(f'{{"k":{i},"{declared.split()[0]}":{v}}}\n' for i, v in enumerate(fitting(values, declared))), {},
         f"k INT, {declared}" + CORRUPT)
json("binary", '{"b":"SGVsbG8="}\n{"b":"SGVsbG8"}\n{"b":"*"}\n{"b":""}\n', schema="b BINARY" + CORRUPT,
     select="hex(b) AS b, _corrupt_record")
NESTED = "s STRUCT<x: INT, y: ARRAY<INT>, z: STRUCT<q: STRING>>, m MAP<STRING, INT>, l ARRAY<STRUCT<k: INT>>"
json("nested", '{"s":{"y":[1,2],"x":1,"z":{"q":"t"}},"m":{"a":1,"b":null},"l":[{"k":1},{},null]}\n'
     '{"s":null,"m":{},"l":[]}\n', schema=NESTED)
json("nested_misfits", '{"s":{"x":"bad","y":[1,"no"],"z":{"q":1}},"m":{"a":1,"b":"x"},"l":[{"k":"x"},{"k":2}]}\n'
     '{"s":1,"m":[],"l":{}}\n{"s":{"z":1,"x":3},"l":[1,{"k":2}]}\n{"l":[{"k":1}],"s":{"y":{}}}\n',
     schema=NESTED + CORRUPT)
BROKEN = ('{"a":1,"b":"x"}\n{"a":1,"b":"x"\n{"a":1,}\n{"a":01}\n{"a":1 "b":2}\nnot json\n[1,2]\n'
          '[{"a":3},{"a":4}]\n[]\n5\n"x"\nnull\n{"a":tru}\n{"b":"y","a":"x"}\n{"a":1}{"a":2}\n'
          '{"a":1} x\n{"a":1}]\n{"a":+1}\n{"a":1.}\n{"a":.5}\n{"b":"a\tb"}\n{"b":"\\q"}\n[{"a":1},2]\n'
          '[{"a":1},{"a":"x"}]\n[{"a":1},{"a"]\n{"c":tru,"a":5}\n{"a":5,"c":nope}\n{"a":1}/*c*/\n')
for mode in MODES:
    json("mode_" + mode.lower(), BROKEN, {"mode": mode}, AB, any_error=True)
    json("mode_corrupt_" + mode.lower(), BROKEN, {"mode": mode}, AB + CORRUPT, any_error=True)
json("fail_fast_fits", '{"a":1}\n', {"mode": "FAILFAST"}, AB)
for option, text in {
        "allowComments": '{"a":1/*x*/,"b":"y"} // z\n# no\n',
        "allowUnquotedFieldNames": '{a:1,b:"x",$c_1:2}\n',
        "allowSingleQuotes": "{'a':1,'b':'x\"y'}\n",
        "allowNumericLeadingZeros": '{"a":007,"b":00.5}\n',
        "allowBackslashEscapingAnyCharacter": '{"b":"\\q\\$"}\n',
        "allowUnquotedControlChars": '{"b":"a\tb"}\n',
        "allowNonNumericNumbers": '{"b":NaN}\n{"b":"NaN"}\n',
}.items():
    for value in ("true", "false"):
        json(f"{option}_{value}", text, {option: value}, AB + CORRUPT)
json("corrupt_named", '{"a":"x"}\n', {"columnNameOfCorruptRecord": "bad"}, "bad STRING, " + AB)
json("date_format", '{"d":"02/01/2020"}\n{"d":"2020-01-02"}\n', {"dateFormat": "dd/MM/yyyy"},
     "d DATE" + CORRUPT)
json("timestamp_format", '{"d":"02.01.2020 03:04"}\n', {"timestampFormat": "dd.MM.yyyy HH:mm"},
     "d TIMESTAMP" + CORRUPT)
json("multi_line", '{\n "a": 1,\n "b": "x"\n}\n', {"multiLine": "true"}, AB)
json("multi_line_array", '[\n{"a":1},\n{"a":2,"b":"y"}\n]', {"multiLine": "true"}, AB)
json("multi_line_two", '{"a":1}\n{"a":2}\n', {"multiLine": "true"}, AB)
json("multi_line_broken", '[{"a":1},\n{"a":}]', {"multiLine": "true"}, AB + CORRUPT)
json("multi_line_empty", "", {"multiLine": "true"}, AB)
json("line_separator", '{"a":1};{"a":2}', {"lineSep": ";"}, AB)
json("mark", b'\xef\xbb\xbf{"a":1}\n', {}, AB)
json("utf8_ill_formed", b'{"b":"a\xffb"}\n', {}, AB + CORRUPT)
json("gzip", {"a.json.gz": gzip.compress(b'{"a":1}\n')}, {}, AB)
json("infer", '{"b":1,"a":"x","c":{"z":1.5,"y":[1,2]}}\n{"b":2.5,"c":{"y":[3000000000]}}\n')
json("infer_numbers", '{"a":1,"b":9223372036854775808,"c":1.5,"d":1e400,"e":123456789012345678901234567890123456789}\n')
json("infer_mixed", '{"a":1,"b":[1],"c":{"x":1},"d":true}\n{"a":"x","b":{"y":1},"c":[2],"d":1}\n')
json("infer_nulls", '{"a":null,"b":[],"c":{},"d":"","e":[null],"f":[{}]}\n')
json("infer_drop_nulls", '{"a":null,"b":[],"c":{},"d":"","e":[null],"f":1}\n', {"dropFieldIfAllNull": "true"})
json("infer_primitives", '{"a":1,"b":true,"c":[1.5],"d":{"e":2}}\n', {"primitivesAsString": "true"})
json("infer_decimal", '{"a":1.5,"b":"2.25","c":1,"d":0.001}\n{"a":100.25,"b":"x","c":1.5}\n', {"prefersDecimal": "true"})
json("infer_timestamp", '{"a":"2020-01-02 03:04:05","b":"x"}\n', {"inferTimestamp": "true"})
json("infer_corrupt", '{"a":1}\nbad\n', select="a, _corrupt_record")
json("infer_array", '[{"a":1},{"b":"x"}]\n{"a":2}\n')
json("infer_dates_stay", '{"a":"2020-01-02","b":"true","c":"1"}\n')
json("infer_drop_malformed", '{"a":1}\nbad\n', {"mode": "DROPMALFORMED"})
json("infer_fail_fast", '{"a":1}\nbad\n', {"mode": "FAILFAST"}, any_error=True)
json("infer_long_and_decimal", '{"a":1}\n{"a":9223372036854775808}\n')
json("infer_multi_line", '[{"a":1,"b":{"c":"x"}},{"a":null}]', {"multiLine": "true"})

# ---- text

case("text_lines", "text", "one\n\n three \r\nfour")
case("text_separator", "text", "a;b;;c", {"lineSep": ";"})
case("text_whole", "text", "one\ntwo\n", {"wholetext": "true"})
case("text_gzip", "text", {"a.txt.gz": gzip.compress(b"x\ny\n")})
case("text_ill_formed", "text", b"a\xffb\n")
