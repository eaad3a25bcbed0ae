"""What is made once for all tests: real Spark, and the lake of the sample."""

import os
import subprocess

import pytest
from interop_support import ROOT, TARN, Spark

PYTHON = os.environ.get("TARN_SPARK_PYTHON", os.path.join(ROOT, ".deps", "venv-spark", "bin", "python"))
JARS = os.environ.get("TARN_DELTA_JARS", os.path.join(ROOT, ".deps", "delta-jars"))


def pytest_collection_modifyitems(session, config, items):
    """Spark starts while the tests that don't need it run."""
    items.sort(key=lambda item: "spark" in item.fixturenames)
    if os.path.exists(PYTHON) and os.path.isdir(JARS) and any("spark" in item.fixturenames for item in items):
        config.spark = Spark(PYTHON, JARS)


def pytest_unconfigure(config):
    if hasattr(config, "spark"):
        config.spark.stop()


@pytest.fixture(scope="session")
def spark(request):
    """Real Spark with Delta (`./dev need spark`). Where it isn't, its tests are skipped, but fail in CI."""
    if hasattr(request.config, "spark"):
        return request.config.spark
    reason = "no Spark environment: ./dev need spark"
    return pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture(scope="session")
def demo_lake(tmp_path_factory):
    """The lake that samples/nyc-flights makes, or the one that TARN_DEMO_HOME names."""
    if "TARN_DEMO_HOME" in os.environ:
        return os.environ["TARN_DEMO_HOME"]
    lake = str(tmp_path_factory.mktemp("demo") / "lake")
    run = subprocess.run([os.path.join(ROOT, "samples", "nyc-flights", "run")], text=True, timeout=300,
                         env={**os.environ, "TARN_BIN": TARN, "TARN_HOME": lake},
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert run.returncode == 0, run.stdout[-3000:]
    return lake
