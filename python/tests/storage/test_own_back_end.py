"""The back end that docs/storage.md shows, as a package of a user's that offers it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from clean_environments import ROOT

SCRIPT = """
from martlet import storage

url = "tape://robot/a/file"
assert storage.commit([(storage.put(b"content", url), url)]) == [None]
assert storage.read(url, 3) == b"tent"
assert storage.look([url, "tape://robot/a/other"]) == [True, False]
assert [entry.name for entry in storage.value(storage.list_directories(["tape://robot/a"])[0])] == ["file"]
(status,) = storage.fetch([(url, "fetched")])
assert storage.value(status).size == 7
assert open("fetched").read() == "content"
assert storage.value(storage.store([("fetched", url + "-2")])[0]).size == 7
assert storage.delete([url]) == [None]
assert storage.look([url]) == [False]
"""


def test_it_works_as_it_stands(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "storage.md").read_text()
    found = re.search(r"^```python\n# tape/store\.py\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    points = re.search(r'^\[project\.entry-points\."(martlet\.storage)"\]\n(.*?)^```$', page, re.MULTILINE | re.DOTALL)
    assert found
    assert points
    (tmp_path / "tape").mkdir()
    (tmp_path / "tape" / "__init__.py").touch()
    (tmp_path / "tape" / "store.py").write_text(found.group(1))
    facts = tmp_path / "tape-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: tape\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[{points.group(1)}]\n{points.group(2).replace(chr(34), '')}")
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
