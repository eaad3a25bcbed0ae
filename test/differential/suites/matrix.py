"""Every operator, comparison, conditional, IN, set operation, USING join, store assignment and cast
over every pair of 16 types, each with NULL, minimum, maximum and an ordinary value.

View `m` has one row per pair of values: id - 1 = 4 * left + right, columns l_<type> and r_<type>.
A statement whose rows all succeed holds all of them; else one statement holds the rows that
succeed, and one statement per error condition holds the first row that raises it.
"""

TYPES = {
    # name: (SQL type, minimum, maximum, ordinary)
    "boolean": ("BOOLEAN", "false", "true", "true"),
    "tinyint": ("TINYINT", "-128", "127", "5"),
    "smallint": ("SMALLINT", "-32768", "32767", "300"),
    "int": ("INT", "-2147483648", "2147483647", "7"),
    "bigint": ("BIGINT", "-9223372036854775808", "9223372036854775807", "3"),
    "float": ("FLOAT", "'-3.4028235E38'", "'3.4028235E38'", "1.5"),
    "double": ("DOUBLE", "'-1.7976931348623157E308'", "'1.7976931348623157E308'", "2.25"),
    "dec10": ("DECIMAL(10,2)", "-99999999.99", "99999999.99", "12.34"),
    "dec38": ("DECIMAL(38,18)", "-99999999999999999999.999999999999999999",
              "99999999999999999999.999999999999999999", "2.5"),
    "string": ("STRING", "''", "'zzz'", "'12'"),
    "binary": ("BINARY", "X''", "X'FFFF'", "X'3132'"),
    "date": ("DATE", "DATE'0001-01-01'", "DATE'9999-12-31'", "DATE'2024-02-29'"),
    "timestamp": ("TIMESTAMP", "TIMESTAMP'0001-01-01 00:00:00'",
                  "TIMESTAMP'9999-12-31 23:59:59.999999'", "TIMESTAMP'2024-02-29 12:34:56.789'"),
    "ntz": ("TIMESTAMP_NTZ", "TIMESTAMP_NTZ'0001-01-01 00:00:00'",
            "TIMESTAMP_NTZ'9999-12-31 23:59:59.999999'", "TIMESTAMP_NTZ'2024-02-29 12:34:56.789'"),
    "ym": ("INTERVAL YEAR TO MONTH", "INTERVAL '-178956970-8' YEAR TO MONTH",
           "INTERVAL '178956970-7' YEAR TO MONTH", "INTERVAL '1-2' YEAR TO MONTH"),
    "dt": ("INTERVAL DAY TO SECOND", "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND",
           "INTERVAL '106751991 04:00:54.775807' DAY TO SECOND",
           "INTERVAL '1 02:03:04.5' DAY TO SECOND"),
}
ALL = list(range(1, 17))
DIAGONAL = [1, 6, 11, 16]  # both NULL, both minimum, both maximum, both ordinary

BINARY = [
    ("add", "l_{0} + r_{1}"), ("subtract", "l_{0} - r_{1}"), ("multiply", "l_{0} * r_{1}"),
    ("divide", "l_{0} / r_{1}"), ("modulo", "l_{0} % r_{1}"), ("div", "l_{0} div r_{1}"),
    ("concat", "l_{0} || r_{1}"),
    ("bits", "l_{0} & r_{1}, l_{0} | r_{1}, l_{0} ^ r_{1}"),
    ("shift", "l_{0} << r_{1}, l_{0} >> r_{1}"),
    ("compare", "l_{0} = r_{1}, l_{0} <=> r_{1}, l_{0} < r_{1}, l_{0} <= r_{1}, l_{0} > r_{1}, "
                "l_{0} >= r_{1}, l_{0} <> r_{1}"),
    ("conditional", "CASE WHEN id % 2 = 0 THEN l_{0} ELSE r_{1} END, if(id < 9, l_{0}, r_{1}), "
                    "coalesce(l_{0}, r_{1})"),
    ("in", "l_{0} IN (r_{1}), l_{0} NOT IN (r_{1}, l_{0})"),
]
SPLIT_ON_TYPE_ERROR = {"bits": ["l_{0} & r_{1}"], "shift": ["l_{0} << r_{1}"],
                       "compare": ["l_{0} = r_{1}", "l_{0} <=> r_{1}", "l_{0} < r_{1}"],
                       "conditional": ["CASE WHEN id % 2 = 0 THEN l_{0} ELSE r_{1} END",
                                       "if(id < 9, l_{0}, r_{1})", "coalesce(l_{0}, r_{1})"]}


def view():
    names = [side + "_" + t for side in "lr" for t in TYPES]
    rows = []
    for i in ALL:
        left, right = divmod(i - 1, 4)
        cells = []
        for side in (left, right):
            for sql_type, *values in TYPES.values():
                value = (["NULL"] + values)[side]
                cells.append(f"CAST({value} AS {sql_type})")
        rows.append(f"({i}, {', '.join(cells)})")
    return (f"CREATE OR REPLACE TEMPORARY VIEW m AS SELECT * FROM VALUES\n"
            + ",\n".join(rows) + f"\nAS t(id, {', '.join(names)})")


def where(ids, every):
    if ids == every == ALL:
        return ""
    if len(ids) == 1:
        return f" WHERE id = {ids[0]}"
    return f" WHERE id IN ({', '.join(map(str, ids))})"


class Family:
    """Splits one template into the statement of the rows that succeed and those that raise."""

    def __init__(self, spark):
        import judge
        self.spark, self.answer = spark, judge.answer
        self.analysis = None

    def fails(self, sql):
        return self.answer(self.spark, sql).get("error")

    def statements(self, name, template, every, split=()):
        sql = template(where(every, every))
        error = self.fails(sql)
        if not error:
            yield name, sql, {}
            return
        try:
            self.spark.sql(sql).schema
        except Exception:  # raised by the analyzer: no row matters
            if split:
                for one in split:
                    yield name, one, {}
            else:
                yield name, sql, {}
            return
        good, bad = [], {}
        for i in every:
            e = self.fails(template(where([i], every)))
            if e:
                bad.setdefault(e["condition"], i)
            else:
                good.append(i)
        if good:
            yield name, template(where(good, every)), {}
        for i in bad.values():
            yield name, template(where([i], every)), {}


def queries(spark):
    family = Family(spark)
    for name, columns in BINARY:
        for a in TYPES:
            for b in TYPES:
                text = columns.format(a, b)
                split = [f"SELECT {one.format(a, b)} FROM m"
                         for one in SPLIT_ON_TYPE_ERROR.get(name, [])]
                yield from family.statements(
                    name, lambda w: f"SELECT id, {text} FROM m{w}", ALL, split)
    for a in TYPES:
        for unary in (f"- l_{a}", f"+ l_{a}", f"~ l_{a}", f"NOT l_{a}"):
            yield from family.statements(
                "unary", lambda w: f"SELECT id, {unary} FROM m{w}", DIAGONAL)
        for b, (target, *_) in TYPES.items():
            for cast in ("CAST", "TRY_CAST"):
                yield from family.statements(
                    cast.lower(), lambda w: f"SELECT id, {cast}(l_{a} AS {target}) FROM m{w}",
                    DIAGONAL)
            yield from family.statements(
                "union",
                lambda w: f"SELECT l_{a} FROM m{w} UNION ALL SELECT r_{b} FROM m{w}", DIAGONAL)
            yield from family.statements(
                "using", lambda w: f"SELECT * FROM (SELECT l_{a} AS k, id AS a FROM m{w}) "
                f"FULL JOIN (SELECT r_{b} AS k, id AS b FROM m{w}) USING (k)", DIAGONAL)


def inserts(spark):
    """Store assignment. A Delta table has no interval columns, so 14 targets."""
    import judge
    targets = {n: t[0] for n, t in TYPES.items() if n not in ("ym", "dt")}
    for name, sql_type in targets.items():
        yield "insert", f"CREATE TABLE to_{name} (id INT, c {sql_type})", {"setup": True}
    for b in targets:
        for a in TYPES:
            template = f"INSERT OVERWRITE to_{b} SELECT id, l_{a} FROM m"
            good = f"{template} WHERE id IN ({', '.join(map(str, DIAGONAL))})"
            if not judge.answer(spark, good).get("error"):
                yield "insert", good, {"status": True}
                yield "insert", f"SELECT * FROM to_{b}", {}
                continue
            yield "insert", good, {"status": True}
            ordinary = f"{template} WHERE id IN (1, 16)"
            if not judge.answer(spark, ordinary).get("error"):
                yield "insert", ordinary, {"status": True}
                yield "insert", f"SELECT * FROM to_{b}", {}


def files(spark):
    def main():
        yield "setup", view(), {"setup": True}
        yield from queries(spark)

    def store():
        yield "setup", view(), {"setup": True}
        yield from inserts(spark)

    return [("queries", main()), ("insert", store())]
