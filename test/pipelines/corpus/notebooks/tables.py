from pyspark import pipelines as dp


@dp.table(name="made_in_python")
def made_in_python():
    return spark.range(3)
