"""The build finds the Swift compiler, also behind another program of that name."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from clean_environments import ROOT


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    pytest.importorskip("hatchling", reason="hatch_build.py is a hook of hatchling: pip install hatchling")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(folder: Path, script: str) -> Path:
    folder.mkdir()
    path = folder / "swift"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_passes_over_another_program_of_that_name(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SWIFT", raising=False)
    program(tmp_path / "openstack", "echo 'usage: swift [--version] <subcommand>' >&2; exit 1")
    program(tmp_path / "polite", "echo python-swiftclient 4.6.0")
    compiler = program(tmp_path / "toolchain", "echo Swift Package Manager - Swift 6.3.1")
    folders = [tmp_path / "openstack", tmp_path / "polite", tmp_path / "toolchain"]
    monkeypatch.setenv("PATH", ":".join(map(str, folders)))
    assert hook.find_swift() == str(compiler)


def test_swift_overrides_path(hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "first", "echo Swift Package Manager - Swift 6.0.0")
    other = program(tmp_path / "other", "echo Swift Package Manager - Swift 6.3.1")
    monkeypatch.setenv("PATH", str(tmp_path / "first"))
    monkeypatch.setenv("SWIFT", str(other))
    assert hook.find_swift() == str(other)


def test_says_what_to_do_without_one(hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SWIFT", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="SWIFT=/path/to/swift"):
        hook.find_swift()


def test_a_compiled_file_without_glibc_has_the_platforms_own_tag(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook.sys, "platform", "darwin")
    monkeypatch.setattr(hook.sysconfig, "get_platform", lambda: "macosx-14.0-arm64")
    assert hook.platform_tag() == "macosx_14_0_arm64"
