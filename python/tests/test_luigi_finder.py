from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet

SOURCE = Path(martlet.__file__).parent.parent
DISTRIBUTION = Path(__file__).parent.parent / "martlet-luigi"
SAME = """
import sys, luigi, luigi.task, luigi.configuration.cfg_parser, martlet.luigi
from luigi.util import requires
from luigi import date_interval
assert sys.modules["luigi"] is martlet.luigi is luigi
assert sys.modules["luigi.task"] is martlet.luigi.task is luigi.task
assert luigi.configuration.cfg_parser is martlet.luigi.configuration.cfg_parser
assert luigi.__spec__.name == "martlet.luigi" and luigi.__package__ == "martlet.luigi"
class Mine(luigi.Task): pass
assert isinstance(Mine(), martlet.Task)
import importlib.util
assert importlib.util.find_spec("luigi") is not None
try:
    import luigi.no_such_part
except ModuleNotFoundError as error:
    assert "MARTLET_LUIGI=real" in str(error), error
else:
    raise AssertionError
print("same")
"""


def python(code: str, executable: str = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_installed_by_hand() -> None:
    run = python("from martlet.luigi_finder import install; assert install() and install()" + SAME, MARTLET_LUIGI="")
    assert run.stdout == "same\n", run.stderr


def test_switched_off_and_too_late() -> None:
    off = python("from martlet.luigi_finder import install; import sys; print(install(), len(sys.meta_path))",
                 MARTLET_LUIGI="real")  # fmt: skip
    assert off.stdout.startswith("False")
    late = python("""
        import sys, types
        sys.modules["luigi"] = types.ModuleType("luigi")
        from martlet.luigi_finder import install
        print(install())""".replace("\n        ", "\n"), MARTLET_LUIGI="")
    assert late.stdout == "False\n", late.stderr


def test_an_error_while_importing_it_is_the_real_one() -> None:
    run = python("""
        import sys
        sys.modules["martlet.events"] = None
        from martlet.luigi_finder import install
        """.replace("\n        ", "\n"), MARTLET_LUIGI="")
    assert "martlet.events" in run.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with the distribution installed, built from its folder by pip without the network."""
    hatchling = python("import hatchling.build")
    if hatchling.returncode != 0:
        pytest.skip("SKIPPED THE INSTALLED martlet-luigi: hatchling is missing in this Python, it cannot be built")
    folder = tmp_path_factory.mktemp("venv")
    made = str(folder / "bin" / "python")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    purelib = python("import sysconfig; print(sysconfig.get_path('purelib'))", made).stdout.strip()
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([*pip, "--target", purelib, str(DISTRIBUTION)], check=True, env=clean)
    files = {path.name for path in Path(purelib).iterdir()}
    assert {"martlet_luigi.pth", "martlet_luigi_finder.py"} <= files
    assert "luigi" not in files
    return made


def test_the_distribution_gives_martlets_luigi(environment: str) -> None:
    run = python(SAME, environment, MARTLET_LUIGI="")
    assert run.stdout == "same\n", run.stderr


def test_the_distribution_imports_nothing_at_the_start(environment: str) -> None:
    code = "import sys; print(sorted(name for name in sys.modules if 'martlet' in name or name == 'typing'))"
    assert python(code, environment, MARTLET_LUIGI="").stdout == "['martlet_luigi_finder']\n"
    with_others = python("import json, sys; print('martlet' in sys.modules)", environment, MARTLET_LUIGI="")
    assert with_others.stdout == "False\n"


def test_the_distribution_can_be_switched_off(environment: str, tmp_path: Path) -> None:
    (tmp_path / "luigi.py").write_text("real = True\n")
    path = os.pathsep.join([str(tmp_path), str(SOURCE)])
    real = python("import luigi; print(luigi.real)", environment, MARTLET_LUIGI="real", PYTHONPATH=path)
    assert real.stdout == "True\n"
    name = "import luigi; print(luigi.__name__)"
    ours = python(name, environment, MARTLET_LUIGI="", PYTHONPATH=path)
    assert ours.stdout == "martlet.luigi\n", ours.stderr


def test_the_distribution_without_martlet_says_so(environment: str, tmp_path: Path) -> None:
    run = python("import luigi", environment, MARTLET_LUIGI="", PYTHONPATH=str(tmp_path))
    assert "martlet-luigi is installed but martlet is not" in run.stderr


@pytest.fixture
def law(tmp_path: Path) -> str:
    """A search path with a module that looks like law, which uses what Martlet has not, and a luigi for it."""
    (tmp_path / "with_luigi" / "law").mkdir(parents=True)
    (tmp_path / "with_luigi" / "law" / "__init__.py").write_text("import luigi\nluigi.real\n")
    (tmp_path / "with_luigi" / "law" / "patches.py").write_text("")
    (tmp_path / "with_luigi" / "luigi.py").write_text("real = True\n")
    return os.pathsep.join([str(tmp_path / "with_luigi"), str(SOURCE)])


def test_law_first_gets_the_real_luigi(environment: str, law: str) -> None:
    run = python("import law, luigi; print(luigi.real, 'martlet' in __import__('sys').modules)", environment,
                 MARTLET_LUIGI="", PYTHONPATH=law)  # fmt: skip
    assert run.stdout == "True False\n", run.stderr


@pytest.mark.parametrize("before", ["import luigi", "from martlet.luigi_finder import install; install()"])
def test_law_after_luigi_is_told_that_it_cannot(before: str, environment: str, law: str) -> None:
    code = f"{before}\ntry: import law\nexcept ImportError as error: print(error)"
    run = python(code, environment, MARTLET_LUIGI="", PYTHONPATH=law)
    assert run.stdout.startswith("law changes parts of luigi's worker and scheduler that Martlet"), run.stderr
    assert "MARTLET_LUIGI=real" in run.stdout
    real = python("import luigi, law; print(luigi.real)", environment, MARTLET_LUIGI="real", PYTHONPATH=law)
    assert real.stdout == "True\n", real.stderr


def test_law_without_a_luigi_is_told_that_it_cannot(environment: str, law: str) -> None:
    Path(law.partition(os.pathsep)[0], "luigi.py").unlink()
    run = python("import law", environment, MARTLET_LUIGI="", PYTHONPATH=law)
    assert "ImportError: law changes parts of luigi's worker" in run.stderr


def test_a_module_of_that_name_is_any_module(environment: str, law: str) -> None:
    folder = Path(law.partition(os.pathsep)[0], "law")
    (folder / "patches.py").unlink()
    (folder / "__init__.py").write_text("import luigi\nprint(luigi.__name__)\n")
    for before in ("", "import luigi\n"):
        run = python(f"{before}import law", environment, MARTLET_LUIGI="", PYTHONPATH=law)
        assert run.stdout == "martlet.luigi\n", run.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("luigi.tools.deps_tree", "--module", "some_tasks", "Root"), "Root-{}"),
        (("luigi.tools.deps", "--module", "some_tasks", "Root"), "TASK: Root()"),
        (("luigi", "--help"), "Required root task"),
    ],
)
def test_modules_run_as_programs(words: tuple[str, ...], said: str, environment: str, tmp_path: Path) -> None:
    (tmp_path / "some_tasks.py").write_text("import luigi\nclass Root(luigi.Task):\n    pass\n")
    run = subprocess.run(
        [environment, "-m", *words], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(SOURCE)]), "MARTLET_LUIGI": ""},
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert said in run.stdout
