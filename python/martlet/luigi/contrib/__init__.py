"""luigi.contrib: targets and tasks for other systems.

Those that are not here are taken from an installed luigi, and work on Martlet's classes: what they import as `luigi` is
this package.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import Any

from ...luigi_finder import install, way_out_of


def installed_beside() -> list[str]:
    """Where an installed luigi has its contrib modules; empty without one, or when `import luigi` gives that one."""
    spec = PathFinder.find_spec("luigi", sys.path)
    homes = (spec.submodule_search_locations or []) if spec else []
    # any folder may be called so; a package says that it is one
    folders = [os.path.join(home, "contrib") for home in homes]
    folders = [folder for folder in folders if os.path.isfile(os.path.join(folder, "__init__.py"))]
    return folders if folders and install() else []


# ours come first
__path__ = [*__path__, *installed_beside()]

OF_LUIGI = frozenset(
    {
        "azureblob", "batch", "beam_dataflow", "bigquery", "bigquery_avro", "datadog_metric", "dataproc",
        "docker_runner", "dropbox", "ecs", "esindex", "external_daily_snapshot", "ftp", "gcp", "gcs", "hadoop",
        "hadoop_jar", "hdfs", "hive", "kubernetes", "mongodb", "mssqldb", "mysqldb", "pai", "pig", "postgres", "presto",
        "prometheus_metric", "pyspark_runner", "rdbms", "redis_store", "redshift", "salesforce", "scalding", "spark",
        "sparkey", "target", "webhdfs",
    }
)  # fmt: skip
"""Its modules that are not here."""


def __getattr__(name: str) -> Any:
    """For `from luigi.contrib import NAME`: the way out where that needs an installed luigi and there is none."""
    if name in OF_LUIGI and PathFinder.find_spec(name, __path__) is None:
        raise ModuleNotFoundError(f"No module named 'luigi.contrib.{name}': {way_out_of(f'luigi.contrib.{name}')}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
