"""Fixtures for all tests: a fresh registry for each; the built wheel, and clean virtual environments that hold it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clean_environments import ROOT, CleanEnvironment, Interpreter, face_wheel, interpreters, make
from martlet.events import EventSource
from martlet.parameters import configured
from martlet.register import Register


def pytest_configure() -> None:
    """Programs under test are to hear Ctrl-C and a hang-up, also when a shell or nohup started the tests otherwise."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `clean_venv` or `interpreter` runs once for each CPython of the machine."""
    if "interpreter" in metafunc.fixturenames:
        found = interpreters()
        metafunc.parametrize("interpreter", found, ids=[one.label for one in found], scope="session")


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The wheel under test: MARTLET_WHEEL, else the one in dist/."""
    named = os.environ.get("MARTLET_WHEEL")
    found = [Path(named)] if named else sorted(ROOT.glob("dist/martlet-*.whl"))
    if len(found) != 1 or not found[0].is_file():
        listed = ", ".join(map(str, found)) or "none"
        pytest.fail(f"one wheel is needed, found {listed}; hint: `make wheel`, or set MARTLET_WHEEL")
    return found[0]


@pytest.fixture(scope="session")
def clean_venv(interpreter: Interpreter, wheel: Path) -> CleanEnvironment:
    """A virtual environment of one interpreter with the wheel and its dependencies. Read-only for tests."""
    return make(interpreter, wheel)


@pytest.fixture(scope="session")
def system_venv(wheel: Path) -> CleanEnvironment:
    """A clean environment of the first interpreter alone, for what does not differ between Pythons."""
    return make(interpreters()[0], wheel)


@pytest.fixture(scope="session")
def luigi_venv(interpreter: Interpreter, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    """A clean environment that also has martlet-luigi, so that `import luigi` works in it without luigi."""
    return make(interpreter, wheel, face_wheel(tmp_path_factory.mktemp("martlet-luigi")))


MartletRun = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def martlet_run(clean_venv: CleanEnvironment, tmp_path: Path) -> MartletRun:
    """`martlet_run(script_text_or_path, *words, env=…, timeout=…)`: `martlet run SCRIPT WORDS…` in `tmp_path`.

    Text with a line break is written to `tmp_path/script.py` first. Returns the completed process, output captured.
    """

    def run(
        script: str | Path, *words: str, env: dict[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        path = script
        if isinstance(script, str) and "\n" in script:
            path = tmp_path / "script.py"
            path.write_text(script, encoding="utf-8")
        return clean_venv.run("martlet", "run", path, *words, cwd=tmp_path, env=env, timeout=timeout)

    return run


@pytest.fixture(autouse=True)
def fresh_registry(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test starts with the classes it defines itself, no configuration and no remembered tasks."""
    classes = list(Register._reg)
    own = request.module.__name__
    Register._reg[:] = [cls for cls in classes if cls.__module__ == own or cls.__module__.startswith("martlet.")]
    namespaces = dict(Register._default_namespace_dict)
    sources = dict(configured._sources)
    handlers = dict(EventSource._event_callbacks)
    yield
    Register._reg[:] = classes
    Register._default_namespace_dict.clear()
    Register._default_namespace_dict.update(namespaces)
    configured._sources.clear()
    configured._sources.update(sources)
    EventSource._event_callbacks.clear()
    EventSource._event_callbacks.update(handlers)
    Register.clear_instance_cache()
