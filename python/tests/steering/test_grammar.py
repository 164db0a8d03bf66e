"""luigi's command-line grammar over the registered classes."""

from __future__ import annotations

import pytest

from martlet.diagnostics import Code, MartletError
from martlet.parameters import BoolParameter, FloatParameter, IntParameter, ListParameter, Parameter
from martlet.steering import classes, flags, grammar
from martlet.task import Task


@pytest.fixture(autouse=True)
def tasks(registry: None) -> None:
    class Selection(Task):
        dataset = Parameter(default="ttH125", description="Data set")
        my_cut = FloatParameter(default=0.5)
        quick = BoolParameter()
        version = IntParameter(default=1)
        tag = Parameter(default="-")

    class Plots(Task):
        """Draws.

        More.
        """

        task_namespace = "tth"
        mu = IntParameter()
        shifts = ListParameter(default=())


def parse(line: str) -> grammar.Request:
    return grammar.parse(line.split())


def refusal(line: str) -> MartletError:
    with pytest.raises(MartletError) as raised:
        parse(line)
    return raised.value


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("Selection", {}),
        ("Selection --dataset ttJets", {"dataset": "ttJets"}),
        ("--workers 2 Selection --dataset=ttJets", {"dataset": "ttJets"}),
        ("--dataset=ttJets Selection", {"dataset": "ttJets"}),
        ("--dataset ttJets Selection", {"dataset": "ttJets"}),
        ("Selection --data ttJets", {"dataset": "ttJets"}),
        ("Selection --my-cut 1.5", {"my_cut": "1.5"}),
        ("Selection --my_cut 1.5", {"my_cut": "1.5"}),
        ("Selection --my-cut -1.5", {"my_cut": "-1.5"}),
        ("Selection --quick --my-cut 2", {"quick": "true", "my_cut": "2"}),
        ("Selection --dataset=", {}),
        ("Selection --tag=--odd", {"tag": "--odd"}),
        # the task's own parameter wins over the run's flag
        ("Selection --version 3", {"version": "3"}),
    ],
)
def test_parameters_of_the_task(line: str, texts: dict[str, str]) -> None:
    request = parse(line)
    assert request.task.get_task_family() == "Selection"
    assert request.texts == texts


def test_flags_of_other_families() -> None:
    request = parse("Selection --tth.Plots-mu 3 --Selection-my-cut 7")
    assert request.family_texts == {("tth.Plots", "mu"): "3", ("Selection", "my_cut"): "7"}
    assert request.texts == {}


def test_namespaced_family() -> None:
    assert parse("tth.Plots --mu 3").task.get_task_family() == "tth.Plots"


def test_run_flags() -> None:
    request = parse("-n Selection --force Plots* --force Sel* --until Selection --resource memory=3 --local-scheduler")
    assert request.flags == {
        "dry_run": True, "force": ["Plots*", "Sel*"], "until": ["Selection"], "resources": ["memory=3"],
        "local_scheduler": True,
    }  # fmt: skip


def test_a_hidden_flag_has_a_second_name() -> None:
    request = parse("Selection --version 3 --martlet-version")
    assert request.texts == {"version": "3"}
    assert request.given("version")


def test_an_abbreviation_prefers_the_tasks_parameter() -> None:
    # --ver is --version and --verbose, --q is --quick and --quiet
    assert parse("Selection --ver 3 --q").texts == {"version": "3", "quick": "true"}


def test_an_abbreviation_of_a_run_flag() -> None:
    assert parse("Selection --work 3").flags == {"workers": "3"}


def test_ambiguous_abbreviation() -> None:
    assert "ambiguous" in refusal("Selection --scheduler- 3").diagnostic.text()


@pytest.mark.parametrize(
    ("line", "code", "part"),
    [
        ("Selectoin", Code.UNKNOWN_TASK, "did you mean Selection?"),
        ("Xyzzy", Code.UNKNOWN_TASK, "candidates are"),
        ("Selection --datset x", Code.UNKNOWN_PARAMETER, "did you mean --dataset?"),
        ("Selection --zzz x", Code.UNKNOWN_PARAMETER, "its parameters are --dataset"),
        ("Selection --dataset", Code.FLAG_VALUE, "--dataset"),
        ("Selection extra", Code.USAGE, "unexpected 'extra'"),
        ("--wrokers 3", Code.UNKNOWN_FLAG, "did you mean --workers?"),
    ],
)
def test_refusals(line: str, code: Code, part: str) -> None:
    error = refusal(line)
    assert error.diagnostic.code is code
    assert part in error.diagnostic.text()


def test_an_empty_command_line_names_no_task() -> None:
    assert parse("").task is None


def test_make_names_parameter_value_and_expectation() -> None:
    cls = classes.task_class("Selection")
    with pytest.raises(MartletError) as raised:
        classes.make(cls, {"my_cut": "much"})
    text = raised.value.diagnostic.text()
    assert "Selection.my_cut (--my-cut)" in text
    assert "'much' given, expected a number" in text


def test_make_names_missing_parameters() -> None:
    with pytest.raises(MartletError) as raised:
        classes.make(classes.task_class("tth.Plots"), {})
    assert raised.value.diagnostic.code is Code.MISSING_PARAMETER
    assert "--mu" in raised.value.diagnostic.text()
    assert "shifts" not in raised.value.diagnostic.text()


def test_family_values_count_for_tasks_made_meanwhile() -> None:
    cls = classes.task_class("Selection")
    with classes.command_line_values({("Selection", "my_cut"): "7"}):
        assert cls().my_cut == 7.0
        assert cls(my_cut=1.0).my_cut == 1.0
    assert cls().my_cut == 0.5


def test_first_line_of_the_documentation() -> None:
    assert classes.first_line(classes.task_class("tth.Plots")) == "Draws."
    assert classes.first_line(classes.task_class("Selection")) == ""


@pytest.mark.parametrize(
    ("line", "script", "rest"),
    [
        ("reco.py Reco --x 1", "reco.py", "Reco --x 1"),
        ("--workers 4 -n reco.py Reco", "reco.py", "--workers 4 -n Reco"),
        ("--state=dir reco.py", "reco.py", "--state=dir"),
        ("--module a.b Reco", None, "--module a.b Reco"),
        ("--module a.b reco.py Reco", "reco.py", "--module a.b Reco"),
        ("-n", None, "-n"),
    ],
)
def test_the_script_is_found_among_flags(line: str, script: str | None, rest: str) -> None:
    path, words = flags.split_script(line.split())
    assert (None if path is None else str(path)) == script
    assert words == rest.split()
