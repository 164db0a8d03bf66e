"""Recorded tasks once more whose outputs lie in stores: made again here, compared with what is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from martlet.storage import end_couriers
from storage import places
from storage.places import Place

pytestmark = pytest.mark.e2e
SCRIPT = """
import martlet

class Events(martlet.Task):
    number = martlet.IntParameter(default=0)
    def output(self):
        return martlet.store("results").target(f"events/{self.number}.txt")
    def run(self):
        with self.output().open("w") as stream:
            stream.write(f"events {self.number}")

class Merged(martlet.Task):
    def requires(self):
        return [Events(number=number) for number in range(2)]
    def output(self):
        return martlet.store("results").target("merged.json")
    def run(self):
        texts = [target.load() for target in self.input()]
        self.output().dump(texts)

if __name__ == "__main__":
    martlet.run()
"""


@pytest.fixture(scope="module", params=[places.webdav, places.s3], ids=["webdav", "s3"])
def server(request: pytest.FixtureRequest) -> Iterator[Place]:
    with places.opened(request.param) as found:
        yield found
        end_couriers()


class Analysis:
    def __init__(self, place: Place, folder: Path) -> None:
        self.folder = folder
        lines = [f"{name} = {json.dumps(value)}" for name, value in place.lines.items()]
        (folder / "martlet.toml").write_text("\n".join(["[stores.results]", *lines]))
        (folder / "reco.py").write_text(SCRIPT)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "martlet", *words], cwd=self.folder, capture_output=True, text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=120,
        )  # fmt: skip


@pytest.fixture
def analysis(server: Place, request: pytest.FixtureRequest, tmp_path: Path) -> Analysis:
    return Analysis(server.within(request.function.__name__), tmp_path)


def test_what_is_there_is_compared_and_left_alone(analysis: Analysis, server: Place) -> None:
    ran = analysis.run("run", "reco.py", "Merged")
    assert ran.returncode == 0, ran.stderr
    again = analysis.run("reproduce", "Merged", "--json")
    assert again.returncode == 0, again.stdout + again.stderr
    told = json.loads(again.stdout)
    assert told["verdict"] == "same"
    assert [one["finding"] for one in told["inputs"]] == ["consumed", "consumed"]
    assert [one["finding"] for one in told["outputs"]] == ["same"]


def test_what_is_different_by_now_is_said(analysis: Analysis) -> None:
    assert analysis.run("run", "reco.py", "Events").returncode == 0
    script = analysis.folder / "reco.py"
    script.write_text(script.read_text().replace('f"events {self', 'f"other events {self'))
    again = analysis.run("reproduce", "Events", "--json")
    told = json.loads(again.stdout)
    assert told["verdict"] == "different" and told["code"]["same"] is False
