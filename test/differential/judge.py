"""A real local Spark with Delta that answers statements: the judge of what SQL means.

Needs a virtual environment with pyspark==4.2.0 and delta-spark==4.4.0, and the Delta jars in the
folder that TARN_DELTA_JARS names (see README.md).
"""

import glob
import logging
import os
import tempfile


def start(memory="1500m", extra=None):
    """Starts a SparkSession; everything it writes stays in a temporary folder."""
    from pyspark.sql import SparkSession

    jars_dir = os.environ.get("TARN_DELTA_JARS")
    if not jars_dir:
        raise SystemExit("TARN_DELTA_JARS must name the folder with the Delta jars (README.md)")
    wanted = ("delta-", "unitycatalog-", "RoaringBitmap", "jts-core")
    jars = [j for j in sorted(glob.glob(jars_dir + "/*.jar"))
            if os.path.basename(j).startswith(wanted)]
    home = tempfile.mkdtemp(prefix="tarn-judge-")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["TZ"] = "UTC"
    conf = {
        "spark.jars": ",".join(jars),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions":
            f"-Duser.timezone=UTC -Dderby.system.home={home} -XX:+UseSerialGC",
        "spark.local.dir": home + "/local",
        "spark.sql.warehouse.dir": home + "/warehouse",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.sources.default": "delta",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.timeType.enabled": "true",
        "spark.sql.debug.maxToStringFields": "10000",
        # Answers are about meaning; code generation and adaptive plans only cost time on tiny data.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.adaptive.enabled": "false",
    }
    conf.update(extra or {})
    builder = SparkSession.builder.master("local[2]").appName("judge")
    for key, value in conf.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True
    return spark


def clean(spark):
    """Drops what earlier statements left in the catalog."""
    spark.sql("USE SCHEMA default")
    for (schema,) in [tuple(r) for r in spark.sql("SHOW SCHEMAS").collect()]:
        if schema != "default":
            spark.sql(f"DROP SCHEMA `{schema}` CASCADE")
    for row in spark.catalog.listTables("default"):
        if row.tableType != "TEMPORARY":
            kind = "VIEW" if row.tableType == "VIEW" else "TABLE"
            spark.sql(f"DROP {kind} IF EXISTS default.`{row.name}`")


def error_of(exception):
    """The condition and SQLSTATE of a failure; the first in the chain of causes that has one."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    seen = exception
    if isinstance(seen, PySparkException):
        condition = seen.getCondition()
        if condition:
            return {"condition": condition, "sqlState": seen.getSqlState()}
    java = getattr(seen, "java_exception", None) or getattr(seen, "_origin", None)
    if isinstance(seen, Py4JJavaError):
        java = seen.java_exception
    depth = 0
    while java is not None and depth < 20:
        try:
            condition = java.getCondition()
            if condition:
                return {"condition": condition, "sqlState": java.getSqlState()}
        except Exception:  # not a SparkThrowable
            pass
        java = java.getCause()
        depth += 1
    name = type(exception).__name__
    return {"condition": "UNKNOWN", "sqlState": None, "text": f"{name}: {exception}"[:200]}


def simple_type(df, index, field):
    try:
        return field.dataType.simpleString()
    except Exception:
        return df._jdf.schema().fields()[index].dataType().simpleString()


def answer(spark, sql):
    """{"columns", "rows"} or {"error"}: one statement's answer, values as CAST(.. AS STRING)."""
    from pyspark.sql import functions as F

    try:
        df = spark.sql(sql)
        try:
            schema = df.schema
            names = schema.names
            columns = [{"name": f.name, "type": simple_type(df, i, f)}
                       for i, f in enumerate(schema.fields)]
        except Exception as e:
            if hasattr(e, "getCondition") and e.getCondition():
                raise
            fields = df._jdf.schema().fields()
            names = [f.name() for f in fields]
            columns = [{"name": f.name(), "type": f.dataType().simpleString()} for f in fields]
        if not names:
            return {"columns": [], "rows": []}
        flat = df.toDF(*[f"c{i}" for i in range(len(names))])
        picked = [F.hex(f"c{i}") if c["type"] == "binary" else F.col(f"c{i}").cast("string")
                  for i, c in enumerate(columns)]
        rows = [list(r) for r in flat.select(*picked).collect()]
        return {"columns": columns, "rows": rows}
    except KeyboardInterrupt:
        raise
    except Exception as e:
        return {"error": error_of(e)}
