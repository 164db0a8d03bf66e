from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from martlet import filetypes
from martlet.filetypes import base

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_longest_end_counts() -> None:
    assert filetypes.split("a.tar.gz") == ("a", "tar.gz")
    assert filetypes.split("a.v1.json.gz") == ("a.v1.json", "gz")
    assert filetypes.split("A.ROOT") == ("A", "root")
    assert filetypes.split("json") == ("json", "")
    assert filetypes.split(".json") == ("", "json")


def test_what_is_unknown_is_told_with_what_is_near() -> None:
    with pytest.raises(filetypes.UnknownFileType, match=r"fit\.jsn: no file type has this end .*; did you mean json"):
        filetypes.of("a/fit.jsn")
    with pytest.raises(filetypes.UnknownFileType, match="known are txt"):
        filetypes.of("https://host/data")
    with pytest.raises(filetypes.UnknownFileType, match="file.jsn"):
        filetypes.of("fit.dat", "jsn")


def test_a_type_can_be_chosen() -> None:
    assert filetypes.of("data.json", "JSON") is importlib.import_module("martlet.filetypes.json")
    assert filetypes.of("data.txt", ".json.gz") is not filetypes.of("data.txt")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filetypes, "_BY_END", dict(filetypes._BY_END))


def test_types_of_ones_own(registry: None, tmp_path: Path) -> None:
    class Lhe:
        def load(self, path: str) -> list[str]:
            return Path(path).read_text().splitlines()

        def dump(self, obj: list[str], path: str) -> None:
            Path(path).write_text("\n".join(obj))

    filetypes.register(".lhe lhef", Lhe())
    for name in ("x.lhe", "x.LHEF", "x.lhe.gz"):
        filetypes.of(name).dump(["a", "b"], str(tmp_path / name))
        assert filetypes.of(name).load(str(tmp_path / name)) == ["a", "b"]
    filetypes.register("json", "martlet.filetypes.text")
    assert filetypes.of("x.json").__name__ == "martlet.filetypes.text"  # type: ignore[attr-defined]
    assert {"lhe", "lhef"} <= set(filetypes.ends())


@pytest.mark.parametrize("module", filetypes.MODULES)
def test_every_module_is_a_file_type_and_documented(module: str) -> None:
    found = importlib.import_module(f"martlet.filetypes.{module}")
    if module != "compressed":
        assert callable(found.load) and callable(found.dump)
    page = (DOCS / "targets.md").read_text(encoding="utf-8")
    assert all(f"`.{end}`" in page for end in filetypes.MODULES[module].split()), f"docs/targets.md lacks {module}"


@pytest.mark.parametrize("name", ["x.root", "x.npy", "x.npz", "x.ak", "x.parquet", "x.h5", "x.csv", "x.png", "x.yaml"])
def test_a_package_that_lacks_is_named_with_how_to_get_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(wanted: str) -> Any:
        raise ModuleNotFoundError(f"No module named {wanted!r}", name=wanted.partition(".")[0])

    monkeypatch.setattr(base, "import_module", absent)
    with pytest.raises(ImportError, match=r"need the package \w+, which is not installed: pip install \S+"):
        filetypes.of(name).load(f"/nowhere/{name}")


def test_a_package_that_is_broken_says_so_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(wanted: str) -> Any:
        raise ModuleNotFoundError("No module named 'zlib_of_mine'", name="zlib_of_mine")

    monkeypatch.setattr(base, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="zlib_of_mine"):
        filetypes.of("x.root").load("/dev/null")


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import sys, martlet.filetypes as f; f.of('x.root'); f.of('x.npz'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "uproot", "awkward", "pandas", "yaml"} & set(loaded)


def test_a_module_or_an_object_will_do() -> None:
    thing: filetypes.FileType = SimpleNamespace(load=lambda path: path, dump=lambda obj, path: None)  # type: ignore[assignment]
    assert thing.load("x") == "x"
