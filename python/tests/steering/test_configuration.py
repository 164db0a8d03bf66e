"""Where values come from, which one wins, and what is said of wrong ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from martlet.diagnostics import Code, MartletError
from martlet.steering import configuration, settings, state
from martlet.steering.configuration import Configuration, find


def refused(project: Path, text: str) -> MartletError:
    (project / "martlet.toml").write_text(text)
    with pytest.raises(MartletError) as raised:
        find(None, {})
    return raised.value


def test_defaults(project: Path) -> None:
    found = find(None, {})
    assert {entry.source for entry in found.values.values()} == {"default"}
    assert found["workers"] == 1


def test_later_places_win(project: Path) -> None:
    (project / "martlet.toml").write_text("workers = 2\nbatch = 'naf'\nprogress = 'plain'\n[resources]\nmemory = 8\n")
    home = project / "home" / "martlet"
    home.mkdir(parents=True)
    (home / "martlet.toml").write_text("workers = 3\nbatch = 'local'\n[resources]\ndisk = 2.5\n")
    found = find(None, {"XDG_CONFIG_HOME": str(project / "home"), "MARTLET_WORKERS": "4"})
    assert (found["workers"], found.values["workers"].source) == (4, "$MARTLET_WORKERS")
    assert (found["batch"], found.values["batch"].source) == ("local", str(home / "martlet.toml"))
    assert (found["progress"], found.values["progress"].source) == ("plain", str(project / "martlet.toml"))
    assert found["resources"] == {"memory": 8.0, "disk": 2.5}


def test_an_empty_variable_is_not_given(project: Path) -> None:
    assert find(None, {"MARTLET_WORKERS": ""})["workers"] == 1


def test_the_nearest_file_above_the_script_counts(project: Path) -> None:
    (project / "martlet.toml").write_text("workers = 2")
    deep = project / "a" / "b"
    deep.mkdir(parents=True)
    assert find(deep / "reco.py", {})["workers"] == 2
    (project / "a" / "martlet.toml").write_text("workers = 5")
    assert find(deep / "reco.py", {})["workers"] == 5


def test_pyproject(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n[tool.martlet]\nworkers = 6\n")
    found = find(None, {})
    assert found["workers"] == 6
    assert found.project_file == project / "pyproject.toml"


def test_pyproject_of_others_is_passed_by(project: Path) -> None:
    inner = project / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'uses-martlet'\n")
    (project / "martlet.toml").write_text("workers = 2")
    assert find(inner / "reco.py", {})["workers"] == 2


def test_unknown_key_names_the_nearest(project: Path) -> None:
    text = refused(project, "wrokers = 2").diagnostic.text()
    assert "unknown configuration key: wrokers" in text
    assert "did you mean workers?" in text
    assert str(project / "martlet.toml") in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("workers = 0", "a whole number, at least 1"),
        ("workers = true", "a whole number, at least 1"),
        ("workers = '4'", "a whole number, at least 1"),
        ("fail_fast = 1", "true or false"),
        ("progress = 'loud'", "one of auto, rich, plain, none"),
        ("resources = 3", "a table of names and numbers"),
        ("[resources]\nmemory = 'big'", "resources.memory"),
        ("[resources]\nmemory = nan", "resources.memory"),
        ("parameters = 3", "a table of families"),
        ("[parameters]\ndataset = 'x'", "a table of families"),
    ],
)
def test_wrong_values_say_what_is_expected(project: Path, text: str, expected: str) -> None:
    error = refused(project, text)
    assert error.diagnostic.code is Code.MALFORMED_VALUE
    assert expected in error.diagnostic.text()
    assert str(project / "martlet.toml") in error.diagnostic.text()


def test_wrong_toml_names_the_line(project: Path) -> None:
    assert "line 2" in refused(project, "workers = 2\n= 3").diagnostic.text()


def test_wrong_encoding_is_told(project: Path) -> None:
    (project / "martlet.toml").write_bytes(b"batch = '\xff'")
    with pytest.raises(MartletError, match="no UTF-8"):
        find(None, {})


def test_wrong_variable(project: Path) -> None:
    with pytest.raises(MartletError, match=r"workers \(\$MARTLET_WORKERS\)"):
        find(None, {"MARTLET_WORKERS": "many"})


def test_parameters_become_texts(project: Path) -> None:
    (project / "martlet.toml").write_text(
        "[parameters.Selection]\ndataset = 'ttJets'\nmu = 3\npt = 0.5\nquick = true\nday = 2017-03-01\n"
        "shifts = ['a', 'b']\nmy-cut = 'x'\n[parameters.'ns.Plots']\nstyle = 'cms'\n"
    )
    found = find(None, {})
    texts = {name: entry.text for name, entry in found.parameters["Selection"].items()}
    assert texts == {
        "dataset": "ttJets", "mu": "3", "pt": "0.5", "quick": "true", "day": "2017-03-01", "shifts": '["a", "b"]',
        "my_cut": "x",
    }  # fmt: skip
    assert found.parameter("ns.Plots", "style") == "cms"
    assert found.parameter("Selection", "absent") is None
    assert found.parameter("Absent", "dataset") is None


def test_listing_shows_values_and_sources(project: Path) -> None:
    (project / "martlet.toml").write_text("workers = 2\n[parameters.Selection]\nmu = 3\n")
    found = find(None, {"MARTLET_FAIL_FAST": "yes"})
    lines = {line.split()[0]: line.split(maxsplit=2)[1:] for line in configuration.listing(found).splitlines()}
    assert lines["workers"] == ["2", str(project / "martlet.toml")]
    assert lines["fail_fast"] == ["true", "$MARTLET_FAIL_FAST"]
    assert lines["parameters.Selection.mu"] == ["3", str(project / "martlet.toml")]
    assert json.loads(configuration.listing_json(found))["workers"] == {
        "value": 2,
        "source": str(project / "martlet.toml"),
    }


def test_every_key_is_listed() -> None:
    listed = json.loads(configuration.listing_json(Configuration()))
    assert set(listed) == {key.name for key in settings.KEYS}


class TestState:
    """The rule for the state directory, from the strongest place to the weakest."""

    def test_configured_beside_its_file(self, project: Path) -> None:
        (project / "martlet.toml").write_text("state = 'work'")
        assert state.default(project / "sub" / "reco.py") == project / "work"

    def test_relative_to_its_file_wherever_one_is(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (project / "martlet.toml").write_text("state = 'work'")
        (project / "sub").mkdir()
        monkeypatch.chdir(project / "sub")
        assert state.default(None) == project / "work"

    def test_variable_wins(self, project: Path) -> None:
        (project / "martlet.toml").write_text("state = 'work'")
        found = find(None, {"MARTLET_STATE": str(project / "elsewhere")})
        assert state.directory(found, None) == project / "elsewhere"

    def test_beside_the_configuration(self, project: Path) -> None:
        (project / "sub" / "deep").mkdir(parents=True)
        (project / "sub" / "martlet.toml").write_text("workers = 2")
        assert state.default(project / "sub" / "deep" / "reco.py") == project / "sub" / ".martlet"

    def test_git_root(self, project: Path) -> None:
        (project / "sub").mkdir()
        assert state.default(project / "sub" / "reco.py") == project / ".martlet"

    def test_beside_the_script(self, project: Path) -> None:
        (project / ".git").rmdir()
        (project / "sub").mkdir()
        assert state.default(project / "sub" / "reco.py") == project / "sub" / ".martlet"
        assert state.located(find(None, {}), None).source == "current directory"

    def test_nothing_is_made(self, project: Path) -> None:
        state.default(None)
        assert not (project / ".martlet").exists()


def test_a_misspelt_variable_is_refused_and_others_are_let_be(tmp_path: Path) -> None:
    with pytest.raises(MartletError) as caught:
        configuration.find(None, {"MARTLET_WORKRS": "2", "HOME": str(tmp_path)})
    assert "$MARTLET_WORKERS" in str(caught.value)
    others = {"MARTLET_WHEEL": "x", "MARTLET_REAL_LUIGI": "x", "MARTLET_TEST_DATA": "x", "MARTLET_PYTHON": "x"}
    configuration.find(None, {**others, "HOME": str(tmp_path)})


@pytest.mark.parametrize(("name", "head"), [("martlet.toml", ""), ("pyproject.toml", "[tool.martlet]\n")])
def test_a_file_that_is_edited_between_two_runs_counts(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, head: str
) -> None:
    monkeypatch.setattr("martlet.unchanged._SETTLED", -1)
    (project / name).write_text(f"{head}workers = 2\n[{'tool.martlet.' if head else ''}resources]\nmemory = 8\n")
    os.utime(project / name, ns=(1, 1))
    first = find(None, {})
    first.set("resources", {"disk": 1.0}, "test")
    again = find(None, {})
    assert (again["workers"], again["resources"]) == (2, {"memory": 8.0}), "what is read is not what was made of it"
    (project / name).write_text(f"{head}workers = 3\n")
    assert find(None, {})["workers"] == 3
    (project / name).unlink()
    assert find(None, {})["workers"] == 1
