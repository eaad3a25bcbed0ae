"""Seeded random queries over three small views; a draw is kept when its answer can't depend on the
order of evaluation: total orders only, and run-time errors only in statements without filters."""

import os
import random

COUNT = 5000
SEED = int(os.environ.get("TARN_RANDOM_SEED", 20240229))

VIEWS = [
    """CREATE OR REPLACE TEMPORARY VIEW a AS SELECT * FROM VALUES
(1, 1, 10L, 1.50, 0.5D, 'apple', true, DATE'2024-01-31', TIMESTAMP'2024-01-31 10:20:30', array(1, 2, 3)),
(2, 1, 20L, 2.25, 1.5D, 'Banana', false, DATE'2024-02-29', TIMESTAMP'2024-02-29 00:00:00', array(4)),
(3, 2, NULL, -3.75, -2.25D, '', NULL, DATE'1999-12-31', TIMESTAMP'1999-12-31 23:59:59.999', array()),
(4, 2, 40L, NULL, 1e10D, 'cherry pie', true, NULL, NULL, NULL),
(5, 3, -50L, 100.00, NULL, 'date', false, DATE'2024-12-25', TIMESTAMP'2024-12-25 12:00:00', array(5, NULL)),
(6, NULL, 0L, 0.00, 0.0D, NULL, true, DATE'1970-01-01', TIMESTAMP'1970-01-01 00:00:00', array(0, -1)),
(7, 3, 9000000000L, 12345.67, -7.125D, 'apple', NULL, DATE'2023-06-15', TIMESTAMP'2023-06-15 06:07:08.123456', array(7, 7)),
(8, 4, 3L, -0.01, 3.0D, 'Elder Berry', false, DATE'2024-01-31', TIMESTAMP'2024-01-31 10:20:31', array(1))
AS a(id, k, n, d, f, s, b, dt, ts, xs)""",
    """CREATE OR REPLACE TEMPORARY VIEW c AS SELECT * FROM VALUES
(1, 1, 'one', 5, 1.10, DATE'2024-01-01'), (2, 2, 'two', NULL, 2.20, DATE'2024-02-01'),
(3, 2, 'apple', 15, NULL, DATE'2024-01-31'), (4, 3, NULL, 25, 4.40, NULL),
(5, NULL, 'date', -5, 5.50, DATE'2023-06-15'), (6, 7, 'seven', 0, 0.05, DATE'2024-12-25')
AS c(id, k, s, w, p, dt)""",
    """CREATE OR REPLACE TEMPORARY VIEW e AS SELECT * FROM VALUES
(1, 'x', 100), (1, 'y', 200), (2, 'x', NULL), (3, 'z', 50), (3, 'x', 50), (NULL, 'y', 10)
AS e(k, tag, amount)""",
]
COLUMNS = {
    "a": {"id": "int", "k": "int", "n": "bigint", "d": "dec", "f": "dbl", "s": "str", "b": "bool",
          "dt": "date", "ts": "ts", "xs": "arr"},
    "c": {"id": "int", "k": "int", "s": "str", "w": "int", "p": "dec", "dt": "date"},
    "e": {"k": "int", "tag": "str", "amount": "int"},
}
KEYS = {"a": "id", "c": "id", "e": None}
LITERALS = {
    "int": ["0", "1", "2", "7", "-3", "100", "NULL"], "bigint": ["0L", "5L", "-1L", "3000000000"],
    "dec": ["0.5", "1.25", "-2.0", "10.00", "3.333"], "dbl": ["0.25D", "2D", "-1.5D", "1e3D"],
    "str": ["'a'", "'apple'", "''", "'Zed'", "'x y'", "NULL", "'12'"],
    "bool": ["true", "false", "NULL"],
    "date": ["DATE'2024-01-31'", "DATE'2000-02-29'", "DATE'2024-12-25'"],
    "ts": ["TIMESTAMP'2024-01-31 10:20:30'", "TIMESTAMP'2000-01-01 00:00:00'"],
    "arr": ["array(1, 2)", "array()", "array(3, NULL)"],
}
NUMERIC = ["int", "bigint", "dec", "dbl"]


class Draw:
    def __init__(self, rng):
        self.rng = rng

    def pick(self, *options):
        return self.rng.choice(options)

    def column(self, scope, kind):
        found = [name for name, k in scope if k == kind]
        return self.rng.choice(found) if found else None

    def leaf(self, scope, kind):
        column = self.column(scope, kind)
        if column and self.rng.random() < 0.75:
            return column
        return self.rng.choice(LITERALS[kind])

    def any(self, scope, depth):
        return self.expr(scope, self.pick("int", "int", "bigint", "dec", "dbl", "str", "str",
                                          "bool", "date", "ts", "arr"), depth)

    def expr(self, scope, kind, depth):
        if depth <= 0 or self.rng.random() < 0.2:
            return self.leaf(scope, kind)
        e = lambda k, d=depth - 1: self.expr(scope, k, d)  # noqa: E731
        shared = self.rng.random()
        if shared < 0.08:
            return f"CASE WHEN {e('bool')} THEN {e(kind)} ELSE {e(kind)} END"
        if shared < 0.12:
            return f"coalesce({e(kind)}, {e(kind)})"
        if shared < 0.15:
            return f"if({e('bool')}, {e(kind)}, {e(kind)})"
        if shared < 0.17 and kind != "arr":
            return f"nullif({e(kind)}, {e(kind)})"
        if shared < 0.19 and kind in ("int", "str", "date", "dec"):
            return f"greatest({e(kind)}, {e(kind)})"
        return getattr(self, "make_" + kind)(e)

    def make_int(self, e):
        r = self.rng
        return r.choice([
            lambda: f"({e('int')} {r.choice('+-*')} {e('int')})",
            lambda: f"({e('int')} % {r.choice(['2', '3', '7'])})",
            lambda: f"abs({e('int')})", lambda: f"length({e('str')})",
            lambda: f"year({e('date')})", lambda: f"month({e('date')})",
            lambda: f"dayofweek({e('date')})", lambda: f"hour({e('ts')})",
            lambda: f"datediff({e('date')}, {e('date')})", lambda: f"size({e('arr')})",
            lambda: f"instr({e('str')}, {e('str')})", lambda: f"CAST({e('bool')} AS INT)",
            lambda: f"TRY_CAST({e('str')} AS INT)", lambda: f"pmod({e('int')}, 5)",
            lambda: f"sign({e('int')})::INT", lambda: f"({e('int')} & {e('int')})",
            lambda: f"ascii({e('str')})", lambda: f"CAST(floor({e('dec')}) AS INT)",
            lambda: f"get({e('arr')}, {r.choice('012')})", lambda: f"array_max({e('arr')})",
            lambda: f"extract(DAY FROM {e('date')})", lambda: f"-{e('int')}",
            lambda: f"hash({e('str')}, {e('int')})", lambda: f"levenshtein({e('str')}, {e('str')})",
            lambda: f"aggregate({e('arr')}, 0, (acc, x) -> acc + coalesce(x, 1))",
            lambda: f"least({e('int')}, {e('int')}, {e('int')})",
        ])()

    def make_bigint(self, e):
        r = self.rng
        return r.choice([
            lambda: f"({e('bigint')} {r.choice('+-')} {e('int')})",
            lambda: f"({e('int')} * 10L)", lambda: f"({e('bigint')} div 3)",
            lambda: f"ceil({e('dbl')})", lambda: f"floor({e('dec')})",
            lambda: f"CAST({e('int')} AS BIGINT)", lambda: f"unix_timestamp({e('ts')})",
            lambda: f"xxhash64({e('str')})", lambda: f"shiftleft({e('bigint')}, 2)",
            lambda: f"try_divide({e('bigint')}, 2)::BIGINT",
        ])()

    def make_dec(self, e):
        r = self.rng
        return r.choice([
            lambda: f"({e('dec')} {r.choice('+-*')} {e('dec')})",
            lambda: f"({e('dec')} {r.choice('+-*')} {e('int')})",
            lambda: f"round({e('dec')}, {r.choice('012')})", lambda: f"abs({e('dec')})",
            lambda: f"({e('dec')} / {r.choice(['3', '2.5', '7.0'])})", lambda: f"-{e('dec')}",
            lambda: f"CAST({e('int')} AS DECIMAL(12,3))",
            lambda: f"TRY_CAST({e('dbl')} AS DECIMAL(10,2))",
            lambda: f"({e('dec')} % 2.5)", lambda: f"try_divide({e('dec')}, {e('dec')})",
        ])()

    def make_dbl(self, e):
        r = self.rng
        return r.choice([
            lambda: f"({e('dbl')} {r.choice('+-*')} {e('dbl')})",
            lambda: f"({e('int')} / {r.choice(['2', '4', '8'])})",
            lambda: f"CAST({e('dec')} AS DOUBLE)", lambda: f"({e('dbl')} * {e('int')})",
            lambda: f"round({e('dbl')}, 1)", lambda: f"sqrt(abs({e('int')}))",
            lambda: f"abs({e('dbl')})", lambda: f"try_divide({e('dbl')}, {e('dbl')})",
            lambda: f"({e('dec')} * {e('dbl')})", lambda: f"nanvl({e('dbl')}, 1D)",
            lambda: f"months_between({e('date')}, {e('date')})",
        ])()

    def make_str(self, e):
        r = self.rng
        return r.choice([
            lambda: f"upper({e('str')})", lambda: f"lower({e('str')})",
            lambda: f"({e('str')} || {e('str')})", lambda: f"concat({e('str')}, '-', {e('int')})",
            lambda: f"substring({e('str')}, {r.choice(['1', '2', '-3'])}, {r.choice('123')})",
            lambda: f"trim({e('str')})", lambda: f"CAST({e('int')} AS STRING)",
            lambda: f"CAST({e('dec')} AS STRING)", lambda: f"CAST({e('date')} AS STRING)",
            lambda: f"CAST({e('dbl')} AS STRING)", lambda: f"replace({e('str')}, 'p', 'q')",
            lambda: f"date_format({e('date')}, {r.choice(CHOICES)})",
            lambda: f"lpad({e('str')}, 6, '*')", lambda: f"reverse({e('str')})",
            lambda: f"initcap({e('str')})", lambda: f"concat_ws('/', {e('str')}, {e('str')})",
            lambda: f"regexp_replace({e('str')}, '[aeiou]+', '_')",
            lambda: f"split_part({e('str')}, ' ', 1)", lambda: f"CAST({e('ts')} AS STRING)",
            lambda: f"CAST({e('arr')} AS STRING)", lambda: f"CAST({e('bool')} AS STRING)",
            lambda: f"translate({e('str')}, 'abe', 'xy')", lambda: f"hex({e('str')})",
            lambda: f"left({e('str')}, 2)", lambda: f"repeat({e('str')}, 2)",
            lambda: f"nvl2({e('int')}, {e('str')}, {e('str')})", lambda: f"md5({e('str')})",
        ])()

    def make_bool(self, e):
        r = self.rng
        k = r.choice(["int", "bigint", "dec", "dbl", "str", "date", "ts"])
        other = r.choice(NUMERIC) if k in NUMERIC else ("date" if k == "ts" and r.random() < 0.3
                                                        else k)
        return r.choice([
            lambda: f"({e(k)} {r.choice(['=', '<', '<=', '>', '>=', '<>', '<=>'])} {e(other)})",
            lambda: f"({e('bool')} AND {e('bool')})", lambda: f"({e('bool')} OR {e('bool')})",
            lambda: f"(NOT {e('bool')})", lambda: f"({e(k)} IS NULL)",
            lambda: f"({e(k)} IS NOT NULL)", lambda: f"({e(k)} IN ({e(k)}, {e(k)}))",
            lambda: f"({e(k)} BETWEEN {e(k)} AND {e(k)})",
            lambda: f"({e('str')} LIKE {r.choice(PATTERNS)})",
            lambda: f"({e('str')} RLIKE '[a-m]$')", lambda: f"array_contains({e('arr')}, {e('int')})",
            lambda: f"exists({e('arr')}, x -> x > {r.choice('0123')})",
            lambda: f"startswith({e('str')}, 'a')", lambda: f"({e(k)} IS DISTINCT FROM {e(k)})",
            lambda: f"({e('int')} NOT IN ({e('int')}, 3))",
        ])()

    def make_date(self, e):
        r = self.rng
        return r.choice([
            lambda: f"date_add({e('date')}, {r.choice(['1', '30', '-7'])})",
            lambda: f"add_months({e('date')}, {r.choice(['1', '-1', '13'])})",
            lambda: f"last_day({e('date')})", lambda: f"trunc({e('date')}, {r.choice(UNITS)})",
            lambda: f"CAST({e('ts')} AS DATE)", lambda: f"({e('date')} + {r.choice('123')})",
            lambda: f"({e('date')} - INTERVAL 1 MONTH)", lambda: f"next_day({e('date')}, 'MON')",
            lambda: f"TRY_CAST({e('str')} AS DATE)",
            lambda: f"least({e('date')}, {e('date')})",
        ])()

    def make_ts(self, e):
        r = self.rng
        return r.choice([
            lambda: f"({e('ts')} + INTERVAL {r.choice(['1 DAY', '90 MINUTE', '2 MONTH'])})",
            lambda: f"date_trunc({r.choice(UNITS)}, {e('ts')})",
            lambda: f"CAST({e('date')} AS TIMESTAMP)",
            lambda: f"timestamp_seconds({e('int')})",
            lambda: f"from_utc_timestamp({e('ts')}, 'Asia/Tokyo')",
        ])()

    def make_arr(self, e):
        r = self.rng
        return r.choice([
            lambda: f"array({e('int')}, {e('int')})", lambda: f"array_distinct({e('arr')})",
            lambda: f"sort_array({e('arr')})", lambda: f"array_union({e('arr')}, {e('arr')})",
            lambda: f"filter({e('arr')}, x -> x > {r.choice('012')})",
            lambda: f"transform({e('arr')}, x -> x * 2)", lambda: f"reverse({e('arr')})",
            lambda: f"slice({e('arr')}, 1, 2)", lambda: f"concat({e('arr')}, {e('arr')})",
            lambda: f"array_except({e('arr')}, {e('arr')})",
            lambda: f"array_append({e('arr')}, {e('int')})",
        ])()

    # --- queries ---------------------------------------------------------------------------------

    def source(self):
        """FROM clause and scope."""
        r = self.rng.random()
        if r < 0.45:
            t = self.pick("a", "a", "c", "e")
            return t, [(n, k) for n, k in COLUMNS[t].items()]
        left, right = self.rng.sample(["a", "c", "e"], 2)
        scope = [(f"{left}.{n}", k) for n, k in COLUMNS[left].items()]
        join = self.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN",
                         "LEFT ANTI JOIN", "CROSS JOIN", "JOIN", "LEFT JOIN")
        if join == "CROSS JOIN":
            return (f"{left} CROSS JOIN {right}",
                    scope + [(f"{right}.{n}", k) for n, k in COLUMNS[right].items()])
        both = scope + [(f"{right}.{n}", k) for n, k in COLUMNS[right].items()]
        on = f"{left}.k = {right}.k"
        if self.rng.random() < 0.3 and "FULL" not in join:
            on += f" AND {self.expr(both, 'bool', 1)}"
        return (f"{left} {join} {right} ON {on}",
                scope if "SEMI" in join or "ANTI" in join else both)

    def subquery_predicate(self, scope):
        key = self.column(scope, "int") or "1"
        inner = self.pick("c", "e")
        return self.pick(
            f"{key} IN (SELECT k FROM {inner})",
            f"{key} NOT IN (SELECT k FROM {inner} WHERE k IS NOT NULL)",
            f"EXISTS (SELECT 1 FROM {inner} q WHERE q.k = {key})",
            f"NOT EXISTS (SELECT 1 FROM {inner} q WHERE q.k = {key} AND q.k > 1)",
            f"{key} > (SELECT min(k) FROM {inner})",
            f"{key} <= (SELECT count(*) FROM {inner} q WHERE q.k = {key})")

    def where(self, scope):
        r = self.rng.random()
        if r < 0.4:
            return ""
        if r < 0.85:
            return f" WHERE {self.expr(scope, 'bool', 2)}"
        return f" WHERE {self.subquery_predicate(scope)}"

    def aggregate(self, scope):
        e = lambda k: self.expr(scope, k, 1)  # noqa: E731
        n = self.pick(*NUMERIC)
        return self.pick(
            "count(*)", f"count({e('str')})", f"count(DISTINCT {e('int')})", f"sum({e('int')})",
            f"sum({e('dec')})", f"avg({e(n)})", f"min({e('str')})", f"max({e('date')})",
            f"max({e(n)})", f"min({e('dec')})", f"bool_or({e('bool')})", f"bool_and({e('bool')})",
            f"count_if({e('bool')})", f"sum({e('int')}) FILTER (WHERE {e('bool')})",
            f"sort_array(collect_list({e('int')}))", f"sort_array(collect_set({e('str')}))",
            f"stddev({e('dbl')})", f"median({e('int')})", f"sum(DISTINCT {e('int')})",
            f"max({e('ts')})", f"bit_xor({e('int')})", f"percentile({e('int')}, 0.25)")

    def window(self, table):
        scope = [(n, k) for n, k in COLUMNS[table].items()]
        e = lambda k: self.expr(scope, k, 1)  # noqa: E731
        function = self.pick("row_number()", f"sum({e('int')})", f"lag({e('str')})",
                             f"lead({e('int')}, 2)", f"count({e('date')})", f"max({e('dec')})",
                             f"first_value({e('int')})", f"last_value({e('str')})", "ntile(3)",
                             f"avg({e('int')})", f"min({e('date')})")
        partition = self.pick("", f"PARTITION BY {e(self.pick('int', 'bool', 'str'))} ")
        order = self.pick("id", "id DESC", f"{e('int')} NULLS LAST, id", f"{e('str')} DESC, id")
        frame = ""
        if function[:3] in ("sum", "cou", "max", "avg", "min", "fir", "las"):
            frame = self.pick("", "", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                              " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                              " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING")
        return f"{function} OVER ({partition}ORDER BY {order}{frame})"

    def scalar_query(self):
        source, scope = self.source()
        columns = [f"{self.any(scope, self.pick(1, 2, 3))} AS c{i}"
                   for i in range(self.pick(1, 2, 3))]
        return f"SELECT {', '.join(columns)} FROM {source}{self.where(scope)}"

    def unnamed_query(self):
        source, scope = self.source()
        return f"SELECT {self.any(scope, self.pick(1, 2))} FROM {source}"

    def group_query(self):
        source, scope = self.source()
        keys = [self.expr(scope, self.pick("int", "str", "bool", "date"), 1)
                for _ in range(self.pick(0, 1, 1, 2))]
        named = [f"{k} AS g{i}" for i, k in enumerate(keys)]
        columns = named + [f"{self.aggregate(scope)} AS v{i}" for i in range(self.pick(1, 2, 3))]
        sql = f"SELECT {', '.join(columns)} FROM {source}{self.where(scope)}"
        if keys:
            names = ", ".join(f"g{i}" for i in range(len(keys)))
            sql += " GROUP BY " + self.pick(names, names, "ALL", f"ROLLUP ({names})",
                                            f"CUBE ({names})")
            if self.rng.random() < 0.25:
                sql += " HAVING count(*) > 1"
        return sql

    def window_query(self):
        table = self.pick("a", "c")
        windows = [f"{self.window(table)} AS w{i}" for i in range(self.pick(1, 1, 2))]
        return f"SELECT id, {', '.join(windows)} FROM {table} ORDER BY id"

    def set_query(self):
        kinds = [self.pick("int", "str", "dec", "date", "bigint") for _ in range(self.pick(1, 2))]
        parts = []
        for _ in range(self.pick(2, 2, 3)):
            t = self.pick("a", "c", "e")
            scope = [(n, k) for n, k in COLUMNS[t].items()]
            row = ", ".join(f"{self.expr(scope, k, 1)} AS c{i}" for i, k in enumerate(kinds))
            parts.append(f"SELECT {row} FROM {t}")
        operators = ["UNION ALL", "UNION", "INTERSECT", "EXCEPT"]
        sql = parts[0]
        for p in parts[1:]:
            sql += f" {self.rng.choice(operators)} {p}"
        return sql

    def nested_query(self):
        inner = self.group_query() if self.rng.random() < 0.5 else self.scalar_query()
        return self.pick(
            f"SELECT * FROM ({inner}) q", f"WITH q AS ({inner}) SELECT count(*) AS n FROM q",
            f"WITH q AS ({inner}) SELECT * FROM q UNION ALL SELECT * FROM q",
            f"SELECT DISTINCT * FROM ({inner}) q")

    def scalar_subquery(self):
        t, inner = self.pick("a", "c"), "e"
        scope = [(f"{t}.{n}", k) for n, k in COLUMNS[t].items()]
        agg = self.pick("max(q.amount)", "count(*)", "sum(q.amount)", "min(q.tag)",
                        "count(DISTINCT q.tag)")
        return (f"SELECT {t}.id, (SELECT {agg} FROM {inner} q WHERE q.k = {t}.k) AS sub, "
                f"{self.any(scope, 1)} AS x FROM {t}{self.where(scope)}")

    def ordered_query(self):
        t = self.pick("a", "c")
        scope = [(n, k) for n, k in COLUMNS[t].items()]
        order = self.expr(scope, self.pick("int", "str", "dec", "date"), 1)
        direction = self.pick("", " DESC", " NULLS LAST", " DESC NULLS FIRST")
        limit = self.pick("", " LIMIT 3", " LIMIT 2 OFFSET 1")
        return (f"SELECT id, {self.any(scope, 2)} AS x FROM {t}{self.where(scope)} "
                f"ORDER BY {order}{direction}, id{limit}")

    def explode_query(self):
        scope = [("id", "int"), ("s", "str"), ("x", "int")]
        outer = self.pick("", "OUTER ")
        return (f"SELECT id, x, {self.expr(scope, self.pick('int', 'str'), 1)} AS y "
                f"FROM a LATERAL VIEW {outer}explode(xs) l AS x")

    def query(self):
        return self.rng.choices(
            [self.scalar_query, self.unnamed_query, self.group_query, self.window_query,
             self.set_query, self.nested_query, self.scalar_subquery, self.ordered_query,
             self.explode_query], [26, 10, 22, 10, 8, 8, 5, 8, 3])[0]()


CHOICES = ["'yyyy-MM-dd'", "'dd/MM/yy'", "'EEE, MMM d'", "'D'"]
PATTERNS = ["'a%'", "'%e'", "'_a%'", "'%p%'", "'apple'"]
UNITS = ["'YEAR'", "'MONTH'", "'WEEK'", "'QUARTER'"]
ANALYSIS = ("DATATYPE_MISMATCH", "UNRESOLVED", "MISSING", "AMBIGUOUS", "PARSE", "INVALID",
            "UNSUPPORTED")


def keep(entry):
    if entry.get("setup"):
        return True
    error = entry.get("error")
    if not error:
        return len(entry.get("rows", [])) <= 60
    condition = error["condition"]
    if condition.startswith("_LEGACY") or condition in ("UNKNOWN", "INTERNAL_ERROR"):
        return False
    if condition.startswith(ANALYSIS):
        return True
    return not any(w in entry["sql"] for w in (" WHERE ", "CASE", "coalesce", "JOIN", " AND "))


def statements(spark):
    for sql in VIEWS:
        yield "setup", sql, {"setup": True}
    draw, seen = Draw(random.Random(SEED)), set()
    while len(seen) < COUNT * 1.06:
        sql = draw.query()
        if sql not in seen:
            seen.add(sql)
            yield "random", sql, {}
