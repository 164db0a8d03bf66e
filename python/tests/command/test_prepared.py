from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.command.prepared import prepare, shown
from martlet.command.template import TemplateError
from martlet.targets.base import Target


class Source(martlet.ExternalTask):
    name = martlet.Parameter()

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.name}.root")


class Fit(martlet.CommandTask):
    """Says whatever `said` is."""

    cut = martlet.FloatParameter(default=1.5)
    tag = martlet.Parameter(default="a'b")

    said: Any = ["fit", "{output}"]

    def requires(self) -> Any:
        return {"data": Source("data"), "mc": [Source("tt"), Source("ttH")]}

    def output(self) -> Any:
        return martlet.LocalTarget("results/fit.root")

    def command(self) -> Any:
        return self.said


class Several(Fit):
    said = ["split", "{output[first]}", "{output[rest]}"]

    def output(self) -> Any:
        return {"first": martlet.LocalTarget("a"), "rest": [martlet.LocalTarget("b"), martlet.LocalTarget("c/")]}


def make(cls: type[Fit], said: Any, **attributes: Any) -> Any:
    return prepare(type("Made", (cls,), {"said": said, **attributes})())


def test_outputs_are_temporary_paths_beside_their_own() -> None:
    prepared = prepare(Fit())
    ((temporary, path),) = prepared.outputs
    assert path == "results/fit.root" and prepared.command == ["fit", temporary]
    assert os.path.dirname(temporary) == "results" and temporary.endswith(".root") and temporary != path


def test_several_outputs_and_directories() -> None:
    prepared = prepare(Several())
    assert [path for _, path in prepared.outputs] == ["a", "b", "c/"]
    assert prepared.command == ["split", *(temporary for temporary, _ in prepared.outputs)]
    assert prepared.command[-1].endswith("/")
    assert make(Several, "tar -f {output[rest][0]} {output[first]} {output[rest][1]}").command[2] != "b"


def test_inputs_parameters_and_cores() -> None:
    said = ["fit", "{input}", "{input[mc][1]}", "--cut={cut}", "-j{cores}", "{tag}", "{output}"]
    command = make(Fit, said, resources={"cores": 4}).command
    assert command[:-1] == ["fit", "data.root", "tt.root", "ttH.root", "ttH.root", "--cut=1.5", "-j4", "a'b"]
    line = make(Fit, "fit {tag} {input[mc]} > {output}").command[-1]
    assert line.startswith("""fit 'a'"'"'b' tt.root ttH.root > """)


def test_paths_targets_and_numbers_as_arguments() -> None:
    class Direct(Fit):
        def command(self) -> Any:
            return [Path("/bin/fit"), martlet.LocalTarget("other"), self.output(), 3, 0.5]

    prepared = prepare(Direct())
    assert prepared.command == ["/bin/fit", "other", prepared.outputs[0][0], "3", "0.5"]


def test_paths_are_absolute_when_the_command_starts_elsewhere(tmp_path: Path) -> None:
    prepared = make(Fit, ["fit", "{input[data]}", "{output}"], cwd=tmp_path)
    assert prepared.directory == str(tmp_path)
    assert prepared.command[1] == os.path.abspath("data.root")
    assert os.path.dirname(prepared.command[2]) == os.path.abspath("results")


def test_a_path_is_never_taken_for_a_flag() -> None:
    class Odd(Fit):
        def output(self) -> Any:
            return martlet.LocalTarget("-rf/x")

    assert prepare(Odd()).command[1].startswith("./-rf/")


def test_variables() -> None:
    variables = make(Fit, ["fit"], env={"OUT": "{output}", "N": 3, "CUT": "{cut}"}).variables
    assert variables["N"] == "3" and variables["CUT"] == "1.5" and "fit" in variables["OUT"]
    for wrong in ({"A=B": "x"}, {"": "x"}, {"A": "x\0"}):
        with pytest.raises(ValueError, match="env"):
            make(Fit, ["fit", "{output}"], env=wrong)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["fit", "{outptu}"], r"there is no \{outptu\}: did you mean output"),
        (["fit", "{HOME}"], r"\{\{HOME\}\}"),
        (["fit", "{input[mcc]}"], "did you mean mc"),
        (["fit", "{input[mc][7]}"], "it has 2 entries"),
        (["fit", "{cut[0]}"], r"\{cut\} has no keys"),
        (["fit"], r"does not name \{output\}"),
        (["fit", "{output}", None], "None"),
        ([], "nothing to run"),
        ("", "nothing to run|does not name"),
        (None, "a list of arguments or a shell line"),
        (["fit", "{output}", "a\0"], "NUL"),
    ],
)
def test_mistakes_are_named(said: Any, words: str) -> None:
    with pytest.raises((TemplateError, TypeError, ValueError), match=words):
        make(Fit, said)


def test_an_output_that_the_command_does_not_name() -> None:
    with pytest.raises(TemplateError, match=r"its place for b, such as \{output\[1\]\}"):
        make(Several, ["split", "{output[first]}"])


def test_other_targets_than_local_files_are_refused() -> None:
    class Far(Target):
        def exists(self) -> bool:
            return False

    class Remote(Fit):
        def output(self) -> Any:
            return Far()

    with pytest.raises(TypeError, match=r"Remote: output holds .*read and write files"):
        prepare(Remote())


def test_shown_with_the_outputs_own_names() -> None:
    assert shown(Fit()) == "fit results/fit.root"
