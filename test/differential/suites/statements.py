"""Written statements by topic: statements/<topic>.sql.

A statement ends with ';' at the end of a line. Lines before it may say:
    -- setup            run, not compared            -- status   only success or error is compared
    --@ X: a | b | c    the statement stands once for each value, written {X} (several: all pairs)
Every other line that starts with '--' is a comment of the file, not of the statement.
"""

import glob
import itertools
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))


def parse(text):
    """Yields (statement, extra)."""
    extra, variables, lines = {}, [], []
    for line in text.split("\n"):
        if not lines:
            stripped = line.strip()
            if not stripped:
                continue
            if stripped in ("-- setup", "-- status"):
                extra[stripped[3:]] = True
                continue
            m = re.match(r"--@ (\w+): (.*)", stripped)
            if m:
                variables.append((m.group(1), [v.strip() for v in m.group(2).split(" | ")]))
                continue
            if stripped.startswith("--"):
                continue
        lines.append(line)
        if line.rstrip().endswith(";"):
            sql = "\n".join(lines).rstrip()[:-1].rstrip()
            for values in itertools.product(*(v for _, v in variables)):
                one = sql
                for (name, _), value in zip(variables, values):
                    one = one.replace("{" + name + "}", value)
                yield one, dict(extra)
            extra, variables, lines = {}, [], []
    if lines:
        raise SystemExit(f"statement without end: {lines[0]}")


def files(spark):
    for path in sorted(glob.glob(os.path.join(HERE, "..", "statements", "*.sql"))):
        topic = os.path.basename(path)[:-len(".sql")]
        with open(path, encoding="utf-8") as f:
            text = f.read()
        yield topic, ((topic, sql, extra) for sql, extra in parse(text))
