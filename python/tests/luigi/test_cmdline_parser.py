"""luigi's command line: flags, abbreviations, help, mistakes."""

from __future__ import annotations

import pytest

import martlet.luigi as luigi
from martlet.luigi.cmdline_parser import CmdlineParser
from martlet.register import TaskClassNotFoundException


class Selection(luigi.Task):
    dataset = luigi.Parameter(default="ttH", description="which events")
    n_jets = luigi.IntParameter(default=4)
    loose = luigi.BoolParameter()


class Cuts(luigi.Config):
    pt = luigi.FloatParameter(default=30.0)


def task(*words: str) -> object:
    with CmdlineParser.global_instance(words) as parser:
        return parser.get_task_obj()


def test_flags_of_the_task_and_of_others() -> None:
    made = task("Selection", "--dataset", "tt", "--Selection-n-jets", "6", "--loose", "--Cuts-pt", "25")
    assert repr(made) == "Selection(dataset=tt, n_jets=6, loose=True)"
    with CmdlineParser.global_instance(["Selection", "--Cuts-pt", "25"]):
        assert Cuts().pt == 25
        assert CmdlineParser.get_instance() is not None
    assert Cuts().pt == 30
    assert CmdlineParser.get_instance() is None


def test_abbreviations_and_empty_values() -> None:
    assert repr(task("Selection", "--data", "tt", "--n-jets", "")) == "Selection(dataset=tt, n_jets=4, loose=False)"


def test_one_command_line_at_a_time() -> None:
    with CmdlineParser.global_instance(["Selection", "--Cuts-pt", "25"]):
        with pytest.raises(AssertionError), CmdlineParser.global_instance(["Selection"]):
            pass
        with CmdlineParser.global_instance(["Selection", "--Cuts-pt", "20"], allow_override=True):
            assert Cuts().pt == 20
        assert Cuts().pt == 25


def test_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="No task specified"):
        task()
    with pytest.raises(TaskClassNotFoundException, match="No task Selecton. Did you mean:\nSelection"):
        task("Selecton", "--no-such-flag")
    with pytest.raises(SystemExit):
        task("Selection", "--no-such-flag")
    assert "unrecognized arguments: --no-such-flag" in capsys.readouterr().err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    for words, there, not_there in (
        (["--help"], "--local-scheduler", "--Selection-dataset"),
        (["Selection", "--help"], "which events", "--Cuts-pt"),
        (["--help-all"], "--Cuts-pt", "--dataset "),
    ):
        with pytest.raises(SystemExit) as end:
            task(*words)
        assert end.value.code is None
        text = capsys.readouterr().out
        assert there in text
        assert not_there not in text
