"""The demo as its users run it, undisturbed and killed in the middle."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "tth"
MARTLET = Path(sys.executable).with_name("martlet")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("uproot") is None, reason="uproot is missing: install martlet[hep]"),
    pytest.mark.skipif(not MARTLET.exists(), reason=f"{MARTLET} is missing: install the wheel into this environment"),
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in a folder of its own, run to its end."""
    folder = copy(tmp_path_factory.mktemp("undisturbed"))
    done = run(folder)
    assert done.returncode == 0, done.stderr
    return folder


def copy(folder: Path) -> Path:
    target = folder / "tth"
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns("results", "__pycache__", ".martlet"))
    return target


def command(folder: Path, *words: str) -> list[str]:
    return [str(MARTLET), "run", "tth.py", *(words or ("TTH",)), "--workers", "2", "--state", str(folder / ".martlet")]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(folder, *words), cwd=folder, capture_output=True, text=True, timeout=600)


def test_it_draws_its_figures_and_fits(undisturbed: Path) -> None:
    figures = {path.name for path in (undisturbed / "results").rglob("*.png")}
    assert {"higgs_mass_good.png", "scan.png", "pulls.png"} <= figures
    assert all(path.stat().st_size > 10_000 for path in (undisturbed / "results").rglob("*.png"))
    (fit,) = (undisturbed / "results").rglob("fit.json")
    assert 0 < json.loads(fit.read_text())["mu"] < 3


def test_a_second_run_finds_everything_done(undisturbed: Path) -> None:
    again = run(undisturbed)
    assert again.returncode == 0 and "Nothing to do" in again.stderr


def test_after_kill_9_it_gives_the_same_histograms(undisturbed: Path, tmp_path: Path) -> None:
    folder = copy(tmp_path)
    for wanted in (20, 90):
        driver = subprocess.Popen(command(folder), cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 300
        while sum(1 for _ in (folder / "results").rglob("*.root")) < wanted:
            assert driver.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        driver.kill()
        driver.wait()
    done = run(folder)
    assert done.returncode == 0, done.stderr
    compared = subprocess.run(
        [sys.executable, "compare.py", str(undisturbed / "results"), str(folder / "results")],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_a_removed_intermediate_is_made_again_and_no_more(undisturbed: Path, tmp_path: Path) -> None:
    words = ("Histograms", "--dataset", "ttH125", "--shift", "nominal")
    folder = tmp_path / "tth"
    shutil.copytree(undisturbed, folder)
    results = folder / "results" / "toy"
    (results / "reconstruction" / "nominal" / "ttH125.root").unlink()
    (results / "histograms" / "ttH125" / "nominal.root").unlink()
    again = run(folder, *words)
    assert again.returncode == 0, again.stderr
    assert "2 tasks ran" in again.stderr


def test_a_changed_cut_shows_exactly_what_depends_on_it(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tth"
    shutil.copytree(undisturbed, folder)
    cuts = folder / "physics" / "selection.py"

    def status() -> list[dict[str, Any]]:
        told = run(folder, "TTH", "--status", "--json")
        assert told.returncode == 0, told.stderr
        found: list[dict[str, Any]] = json.loads(told.stdout)
        return found

    assert all(one["current"] for one in status())
    text = cuts.read_text()
    assert "jet_pt: float = 30.0" in text
    cuts.write_text(text.replace("jet_pt: float = 30.0", "jet_pt : 'float' = 30.  # at the plateau of the trigger"))
    assert all(one["current"] for one in status())
    cuts.write_text(text.replace("jet_pt: float = 30.0", "jet_pt: float = 35.0"))
    told = status()
    assert {one["family"] for one in told if one["changes"]} == {"Selection"}
    assert {one["family"] for one in told if one["current"]} == {"Events"}
    assert all(one["behind"] for one in told if not one["current"] and not one["changes"])
