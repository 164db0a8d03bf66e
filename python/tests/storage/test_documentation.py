"""The first example of docs/storage.md runs as it stands, and its outputs move by one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "storage.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_first_example(tmp_path: Path) -> None:
    (tmp_path / "reco.py").write_text(block("python"))
    (tmp_path / "martlet.toml").write_text(block("toml"))
    environ = {name: text for name, text in os.environ.items() if not name.startswith("MARTLET_")}
    for words, folder in (((), "results"), (("--store", "results=try"), "try")):
        command = [sys.executable, "-m", "martlet", "run", "reco.py", "Selection", "--dataset", "ttH", *words]
        ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        assert (tmp_path / folder / "selection" / "ttH.json").read_text() == '{"events": 17}\n'
