"""docs/migrate.md has every public name of luigi. That what it says of them is true, doctor/test_tables.py tells."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "migrate.md").read_text()
REAL = os.environ.get("MARTLET_REAL_LUIGI", sys.executable)
NAMES = """
import importlib, json, pkgutil, types, luigi
found = {"": luigi.__all__}
for module in pkgutil.walk_packages(luigi.__path__, "luigi."):
    if module.name.startswith("luigi.contrib.") or module.ispkg or module.name.startswith("luigi.configuration."):
        continue
    try:
        loaded = importlib.import_module(module.name)
    except ImportError:
        continue
    found[module.name[6:]] = [
        name for name, value in vars(loaded).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and len(name) > 1
        and getattr(value, "__module__", None) == module.name
    ]
found["contrib"] = [module.name for module in pkgutil.iter_modules(luigi.contrib.__path__)]
print(json.dumps(found))
"""


def test_no_name_of_luigi_is_left_out() -> None:
    code = NAMES.replace("import importlib", "import luigi.contrib, importlib")
    environment = {**os.environ, "MARTLET_LUIGI": "real"}
    run = subprocess.run(
        [REAL, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        pytest.skip(f"SKIPPED COMPARISON WITH LUIGI: {REAL} has no luigi; set MARTLET_REAL_LUIGI to one that has")
    words = set(re.findall(r"\w+", PAGE))
    exported = set(import_module("martlet.luigi").__all__)
    for module, names in json.loads(run.stdout.splitlines()[-1]).items():
        left_out = [name for name in names if name not in words and not (module == "" and name in exported)]
        assert (module, left_out) == (module, [])
