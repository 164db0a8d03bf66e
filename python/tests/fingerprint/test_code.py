"""Which changes of which files change the fingerprints of which task classes."""

from __future__ import annotations

import importlib
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from martlet import unchanged
from martlet.fingerprint import pieces, shelf
from martlet.fingerprint.code import CodeFacts
from martlet.register import Register

FILES = {
    "analysis/__init__.py": "",
    "analysis/cuts.py": "PT = 30\nETA = 2.4\n\ndef select(x):\n    return x > PT\n\ndef count(x):\n    return len(x)\n",
    "analysis/style.py": "import sys\nsys.setrecursionlimit(3000)\n",
    "analysis/shapes.py": "from .cuts import ETA as LIMIT\n\nclass Shape:\n    def area(self):\n        return LIMIT\n",
    "analysis/tables.py": """
import os.path as paths
from analysis import settings
from math import sqrt

LIMITS = {}
for key in ("a", "b"):
    LIMITS[key] = 10
with open(__file__) as file:
    LIMITS["c"] = 20
if LIMITS:
    LIMITS["d"] = 30
LIMITS["e"], WIDTH = 40, 5
NAMES = {}
settings.SCALE = 60
chosen = settings.CHOICE
chosen["cut"] = 70

def limit():
    return sqrt(LIMITS["a"])

def name():
    return paths.basename(NAMES.get("a"))
""",
    "analysis/settings.py": "SCALE = 1\nCHOICE = {}\n",
    "analysis/outside.py": "from posixpath import *\n\ndef base(x):\n    return basename(x)\n",
    "analysis/everything.py": "from analysis.cuts import *\n",
    "analysis/tasks.py": """
import martlet
from analysis import cuts
from analysis.shapes import Shape

UNUSED = 1
DATASETS = ["a"]

def helper():
    return 1

class Base(martlet.Task):
    version = martlet.IntParameter(default=1, description="of it")

    def path(self, name):
        return martlet.LocalTarget(name)

class Selection(Base):
    memory = 1
    resources = {"memory": 2}

    def requires(self):
        return [Other(name=name) for name in DATASETS]

    def run(self):
        return cuts.select(self.version)

class Merge(Base):
    def requires(self):
        return Selection()

    def run(self):
        from . import shapes
        import analysis.cuts

        return shapes.Shape().area() + analysis.cuts.count([])

class Other(Base):
    name = martlet.Parameter()

    def run(self):
        count = 3
        return [helper for helper in range(count)]

class Whole(Base):
    def run(self):
        return getattr(cuts, "select")(1)

class Star(Base):
    def run(self):
        from analysis.everything import select

        return select(2)

class Styled(Base):
    def run(self):
        import analysis.style  # noqa: F401

class Limited(Base):
    def run(self):
        from analysis.tables import limit

        return limit()

class Named(Base):
    def run(self):
        from analysis.tables import name

        return name()

class Outside(Base):
    def run(self):
        from analysis.outside import base

        return base("a/b")
""",
}
CLASSES = ("Selection", "Merge", "Other", "Whole", "Star", "Styled", "Limited", "Named", "Outside")


class Area:
    """An analysis whose files are changed, and the fingerprints of its classes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.times = itertools.count(1_700_000_000_000_000_000, 1_000_000_000)
        for name, text in FILES.items():
            self.write(name, text)
        importlib.invalidate_caches()
        self.module: Any = importlib.import_module("analysis.tasks")
        self.before = self.fingerprints()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        # each state has a time of its own, however coarse the clock is
        for changed in (path, path.parent, self.folder):
            os.utime(changed, ns=(0, next(self.times)))

    def facts(self) -> dict[str, dict[str, Any]]:
        facts = CodeFacts()
        return {name: facts.of(getattr(self.module, name)) for name in CLASSES}

    def fingerprints(self) -> dict[str, str]:
        return {name: fact["fingerprint"] for name, fact in self.facts().items()}

    def change(self, name: str, old: str, new: str) -> list[str]:
        """Replaces a text in a file. Returns the classes whose fingerprints have changed with that."""
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))
        now = self.fingerprints()
        changed = [cls for cls in CLASSES if now[cls] != self.before[cls]]
        self.before = now
        return changed


@pytest.fixture(params=["each time", "kept in the process"])
def area(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Area]:
    """As for files that were just written, which are read each time, and for those that were not."""
    if request.param == "kept in the process":
        monkeypatch.setattr(unchanged, "_SETTLED", -1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(tmp_path / "area"))
    yield Area(tmp_path / "area")
    for name in [name for name in sys.modules if name.partition(".")[0] == "analysis"]:
        del sys.modules[name]
    Register.clear_instance_cache()


def test_a_cut_changes_those_who_apply_it(area: Area) -> None:
    assert area.change("analysis/cuts.py", "PT = 30", "PT = 35") == ["Selection", "Whole", "Star"]


def test_what_nobody_uses_changes_nobody(area: Area) -> None:
    assert area.change("analysis/tasks.py", "UNUSED = 1", "UNUSED = 2") == []


def test_formatting_and_comments_change_nobody(area: Area) -> None:
    assert area.change("analysis/cuts.py", "PT = 30", "PT=30  # GeV") == []
    assert area.change("analysis/cuts.py", "def select(x):", 'def select( x ):\n    """Selects."""') == []


def test_names_through_other_modules_are_followed(area: Area) -> None:
    assert area.change("analysis/cuts.py", "ETA = 2.4", "ETA = 2.5") == ["Merge", "Whole"]
    assert area.change("analysis/cuts.py", "len(x)", "len(x) + 1") == ["Merge", "Whole"]
    assert area.change("analysis/shapes.py", "return LIMIT", "return LIMIT + 1") == ["Merge"]


def test_a_task_is_no_part_of_those_that_need_it(area: Area) -> None:
    assert area.change("analysis/tasks.py", "cuts.select(self.version)", "cuts.select(0)") == ["Selection"]
    assert area.change("analysis/tasks.py", 'DATASETS = ["a"]', 'DATASETS = ["a", "b"]') == []


def test_a_base_class_changes_all_that_are_derived(area: Area) -> None:
    assert area.change("analysis/tasks.py", "martlet.LocalTarget(name)", "martlet.LocalTarget(str(name))") == [*CLASSES]


def test_parameters_and_steering_are_no_code(area: Area) -> None:
    assert area.change("analysis/tasks.py", 'description="of it"', 'description="of them"') == []
    assert area.change("analysis/tasks.py", '{"memory": 2}', '{"memory": 4}') == []


def test_what_happens_at_import_counts_for_those_who_import(area: Area) -> None:
    assert area.change("analysis/style.py", "3000", "4000") == ["Styled"]
    assert area.change("analysis/__init__.py", "", "print()\n") == [*CLASSES]


def test_local_names_hide_those_of_the_module(area: Area) -> None:
    assert area.change("analysis/tasks.py", "def helper():\n    return 1", "def helper():\n    return 2") == []


@pytest.mark.parametrize(("old", "new"), [("= 10", "= 11"), ("= 20", "= 21"), ("= 30", "= 31"), ("= 40,", "= 41,")])
def test_tables_that_are_filled_later_change_those_who_read_them(area: Area, old: str, new: str) -> None:
    assert area.change("analysis/tables.py", old, new) == ["Limited"]


def test_what_a_module_does_to_another_counts_for_those_who_import_it(area: Area) -> None:
    assert area.change("analysis/tables.py", "SCALE = 60", "SCALE = 61") == ["Limited", "Named"]
    assert area.change("analysis/tables.py", '["cut"] = 70', '["cut"] = 71') == ["Limited", "Named"]
    assert area.change("analysis/tables.py", "SCALE = 61", "SCALE = 61  # GeV") == []


def test_where_names_come_from_counts(area: Area) -> None:
    assert area.change("analysis/tables.py", "from math import sqrt", "from cmath import sqrt") == ["Limited"]
    assert area.change("analysis/tables.py", "import os.path as paths", "import ntpath as paths") == ["Named"]
    assert area.change("analysis/tables.py", "from cmath import sqrt", "from cmath import (sqrt)  # once") == []
    assert area.change("analysis/outside.py", "from posixpath import *", "from ntpath import *") == ["Outside"]
    # another function of the repository with the same name and the same text
    area.write("analysis/settings.py", "def limit():\n    return sqrt(LIMITS['a'])\n")
    area.before = area.fingerprints()
    old, new = (f"from analysis.{module} import limit" for module in ("tables", "settings"))
    assert area.change("analysis/tasks.py", old, new) == ["Limited"]


def test_either_source_of_a_name_counts(area: Area) -> None:
    first, second = "from analysis.tried import SCALE", "from analysis.cuts import PT as SCALE"
    tried = f"try:\n    {first}\nexcept ImportError:\n    {second}\n"
    area.write("analysis/tried.py", "SCALE = 1\n")
    area.change("analysis/shapes.py", "class Shape", f"{tried}class Shape")
    area.change("analysis/shapes.py", "return LIMIT", "return LIMIT * SCALE")
    assert area.change("analysis/tried.py", "SCALE = 1", "SCALE = 2") == ["Merge"]
    assert "Merge" in area.change("analysis/cuts.py", "PT = 30", "PT = 31")


def test_facts_say_what_they_are_of(area: Area) -> None:
    fact = area.facts()["Merge"]
    assert fact["class"] == "analysis/tasks.py:Merge" and fact["defaults"] == {"version": "1"}
    assert fact["form"] == 2
    assert [*fact["files"]] == ["analysis/cuts.py", "analysis/shapes.py", "analysis/tasks.py"]


def test_a_file_that_is_broken_meanwhile_is_no_disaster(area: Area) -> None:
    assert "Merge" in area.change("analysis/cuts.py", "PT = 30", "PT = = 30")


def test_a_class_without_source_has_no_fingerprint() -> None:
    scope: dict[str, Any] = {"__name__": "nowhere"}
    exec("import martlet\nclass Lost(martlet.Task):\n    pass", scope)
    assert CodeFacts().of(scope["Lost"])["fingerprint"] == ""


@pytest.mark.parametrize("area", ["each time"], indirect=True)
def test_examinations_are_kept_until_the_file_changes(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    path = area.folder / "analysis" / "cuts.py"
    os.utime(path, ns=(1, 1_700_000_000_000_000_000))
    monkeypatch.setattr(unchanged, "_SETTLED", -1)
    first = shelf.module(str(path), "analysis")
    kept = sorted(Path(shelf.folder()).glob("*.json"))
    assert len(kept) == 1
    monkeypatch.setattr("martlet.fingerprint.examination.examine", lambda *_: pytest.fail("it is known"))
    assert shelf.module(str(path), "analysis") is first, "at hand in this process"
    shelf._at_hand.clear()
    assert shelf.module(str(path), "analysis").plain() == first.plain(), "kept for other processes"
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(area.folder.parent / "cache"))
    path.write_text(path.read_text().replace("30", "31"))
    assert shelf.module(str(path), "analysis").plain() != first.plain()
    kept[0].write_text("{damaged")
    assert shelf.module(str(path), "analysis").plain() != first.plain()


@pytest.mark.parametrize("area", ["kept in the process"], indirect=True)
def test_what_was_found_is_found_once(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    before = area.facts()
    monkeypatch.setattr(pieces, "Closure", lambda *_: pytest.fail("it is known"))
    assert area.facts() == before


def test_a_module_that_comes_between_counts(area: Area) -> None:
    """`from . import shapes` in run(): what is not imported yet is searched for each time."""
    area.write("analysis/late.py", "VALUE = 1\n")
    uses = "def use():\n    from analysis import late, later\n    return late.VALUE, later.VALUE\n"
    area.write("analysis/user.py", uses)
    area.change("analysis/cuts.py", "return len(x)", "from analysis.user import use\n    return use()")
    assert area.change("analysis/late.py", "VALUE = 1", "VALUE = 2") == ["Merge", "Whole"]
    area.write("analysis/later.py", "VALUE = 1\n")
    now = area.fingerprints()
    assert [cls for cls in CLASSES if now[cls] != area.before[cls]] == ["Merge", "Whole"]
    area.before = now
    (area.folder / "analysis/later.py").unlink()
    (area.folder / "analysis/later").mkdir()
    area.write("analysis/later/__init__.py", "VALUE = 3\n")
    now = area.fingerprints()
    assert [cls for cls in CLASSES if now[cls] != area.before[cls]] == ["Merge", "Whole"]


def test_a_module_that_is_imported_from_elsewhere_counts(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.write("other/cuts.py", FILES["analysis/cuts.py"].replace("PT = 30", "PT = 40"))
    area.before = area.fingerprints()
    monkeypatch.setattr(area.module.cuts, "__file__", str(area.folder / "other/cuts.py"))
    now = area.fingerprints()
    assert {"Selection", "Whole"} <= {cls for cls in CLASSES if now[cls] != area.before[cls]}


def test_a_folder_that_becomes_a_package_counts(area: Area) -> None:
    area.change("analysis/__init__.py", "", "X = 1\n")
    area.change("analysis/cuts.py", "return len(x)", "import analysis.late\n    return analysis.late.value")
    (area.folder / "analysis/late").mkdir()
    now = area.fingerprints()
    assert [cls for cls in CLASSES if now[cls] != area.before[cls]] == ["Merge", "Whole"]


def test_a_search_path_that_grows_counts(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.write("more/extra.py", "VALUE = 1\n")
    area.change("analysis/cuts.py", "return len(x)", "import extra\n    return extra.VALUE")
    monkeypatch.syspath_prepend(str(area.folder / "more"))
    now = area.fingerprints()
    assert [cls for cls in CLASSES if now[cls] != area.before[cls]] == ["Merge", "Whole"]


@pytest.mark.parametrize("area", ["each time"], indirect=True)
def test_a_file_that_was_just_written_is_not_kept_at_hand(area: Area) -> None:
    path = area.folder / "analysis" / "cuts.py"
    before = os.stat(path)
    first = shelf.module(str(path), "analysis")
    # as one tick of the clock leaves it: another content, nothing else to see
    path.write_text(path.read_text().replace("30", "31"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert shelf.module(str(path), "analysis").plain() != first.plain()
    assert (str(path), "analysis") not in shelf._at_hand


def test_an_edit_that_leaves_size_and_time_counts(area: Area) -> None:
    path = area.folder / "analysis" / "cuts.py"
    for there, put in (("30", "31"), ("31", "32")):
        before = os.stat(path)
        path.write_text(path.read_text().replace(there, put))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        now = area.fingerprints()
        assert [cls for cls in CLASSES if now[cls] != area.before[cls]] == ["Selection", "Whole", "Star"]
        area.before = now


def test_a_file_that_is_replaced_by_one_as_large_and_old_counts(area: Area) -> None:
    path = area.folder / "analysis" / "cuts.py"
    before = os.stat(path)
    other = path.with_name("other")
    other.write_text(path.read_text().replace("30", "31"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.rename(path)
    now = area.fingerprints()
    assert [cls for cls in CLASSES if now[cls] != area.before[cls]] == ["Selection", "Whole", "Star"]


def test_a_source_that_is_a_link_counts_by_what_it_leads_to(area: Area) -> None:
    path = area.folder / "analysis" / "cuts.py"
    for name, cut in (("loose.py", "30"), ("tight.py", "45")):
        area.write(f"versions/{name}", FILES["analysis/cuts.py"].replace("30", cut))
        os.utime(area.folder / "versions" / name, ns=(0, 1_700_000_000_000_000_000))
    told = []
    for name in ("loose.py", "tight.py", "loose.py"):
        path.unlink()
        path.symlink_to(f"../versions/{name}")
        told.append(area.fingerprints())
    changed = {cls for cls in CLASSES if told[0][cls] != told[1][cls]}
    assert {"Selection", "Whole", "Star"} <= changed and "Other" not in changed
    assert told[2] == told[0]


def test_a_module_that_is_loaded_again_counts(area: Area) -> None:
    """As notebooks do it: `importlib.reload`, and the class again."""
    area.write("analysis/cuts.py", FILES["analysis/cuts.py"].replace("30", "31"))
    importlib.reload(area.module.cuts)
    changed = [cls for cls, one in area.fingerprints().items() if one != area.before[cls]]
    assert changed == ["Selection", "Whole", "Star"]
    area.before = area.fingerprints()
    area.write("analysis/tasks.py", FILES["analysis/tasks.py"].replace("cuts.select(self.version)", "cuts.PT"))
    area.module = importlib.reload(area.module)
    assert [cls for cls, one in area.fingerprints().items() if one != area.before[cls]] == ["Selection"]


def test_another_folder_and_a_fork_change_nobody(
    area: Area, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert area.fingerprints() == area.before
    child = os.fork()
    if child == 0:
        same = area.fingerprints() == area.before
        os._exit(0 if same and area.change("analysis/cuts.py", "30", "31") == ["Selection", "Whole", "Star"] else 1)
    assert os.waitpid(child, 0)[1] == 0
    changed = [cls for cls, one in area.fingerprints().items() if one != area.before[cls]]
    assert changed == ["Selection", "Whole", "Star"], "what the other process found is none of this one's business"
