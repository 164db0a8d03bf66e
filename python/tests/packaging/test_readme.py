"""The README keeps its promises: its example runs as it stands, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from clean_environments import ROOT, CleanEnvironment

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def example() -> tuple[str, str]:
    """The file name in the first comment of the Python example, and the example."""
    (text,) = blocks("python")
    found = re.match(r"# (\S+\.py)\n", text)
    assert found is not None, "the README's Python example begins with its file name"
    return found.group(1), text


def commands(script: str) -> list[list[str]]:
    """What the README types after `$ ` to run the script."""
    lines = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line) for line in lines if script in line]


def test_the_example_is_short() -> None:
    _, text = example()
    assert len([line for line in text.splitlines() if line.strip()]) <= 25


@pytest.mark.e2e
def test_the_example_runs(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    script, text = example()
    (tmp_path / script).write_text(text, encoding="utf-8")
    typed = commands(script)
    assert typed
    for program, *words in typed:
        finished = clean_venv.run(Path(program).name, *words, cwd=tmp_path)
        assert finished.returncode == 0, finished.stdout + finished.stderr
    for path in re.findall(r"^\$ cat (\S+)$", README, flags=re.MULTILINE):
        assert (tmp_path / path).read_text()


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
    assert targets
    missing = [target for target in targets if "://" not in target and not (ROOT / target).exists()]
    assert missing == []
