from __future__ import annotations

import os
from pathlib import Path

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi import configuration
from martlet.register import Register


class Selection(luigi.Task):
    dataset = luigi.Parameter(default="ttH")


def test_one_registry_and_one_kind_of_task() -> None:
    assert isinstance(Selection(), martlet.Task)
    assert type(Selection) is Register
    assert luigi.Parameter is martlet.Parameter
    assert issubclass(luigi.LocalTarget, martlet.LocalTarget)
    assert Register.get_task_cls("Task") is luigi.Task
    assert issubclass(luigi.WrapperTask, martlet.WrapperTask)
    assert issubclass(luigi.ExternalTask, luigi.Task)
    assert luigi.ExternalTask.run is None


def test_the_rules_differ_by_class_attributes() -> None:
    rules = ("check_outputs", "done_by_running", "shared_output_fails")
    assert [getattr(martlet.Task, rule) for rule in rules] == [True, True, True]
    assert [getattr(luigi.Task, rule) for rule in rules] == [False, False, False]
    assert martlet.task.plain_completion(Selection)
    with pytest.warns(UserWarning, match=r"Task Selection\(dataset=ttH\) without outputs has no custom complete"):
        assert Selection().complete() is False


def test_a_class_that_names_task_id_hides_it_from_nobody() -> None:
    class Named(Selection):
        task_id = None

    class Below(Named):
        pass

    assert Named().task_id == "Named_ttH_" + Selection().task_id.rpartition("_")[2]
    assert Below().task_id.startswith("Below_ttH_")


def test_submodules_are_attributes() -> None:
    for name in ("task", "task_register", "parameter", "target", "local_target", "event", "interface", "configuration",
                 "date_interval", "format", "freezing", "util"):  # fmt: skip
        assert getattr(luigi, name).__name__ == f"martlet.luigi.{name}"
    assert luigi.__version__ == "3.8.1"
    for name in luigi.__all__:
        assert hasattr(luigi, name)
    for name in luigi.parameter.__all__:
        assert hasattr(luigi.parameter, name)
    assert luigi.parameter._DateParameterBase in luigi.DateParameter.__mro__
    with pytest.raises(AttributeError):
        _ = luigi.NoSuchParameter


def test_bulk_complete() -> None:
    class Some(luigi.task.MixinNaiveBulkComplete, luigi.Task):
        n = luigi.IntParameter()

        def complete(self) -> bool:
            return self.n > 1

    assert Some.bulk_complete([1, 2, (3,), {"n": 0}, {"n": 4}]) == [2, (3,), {"n": 4}]
    with pytest.raises(NotImplementedError):
        Selection.bulk_complete([])


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to be in, and parsers that have read nothing."""
    monkeypatch.chdir(tmp_path)
    for parser in (configuration.LuigiConfigParser, configuration.LuigiTomlParser):
        monkeypatch.setattr(parser, "_instance", None)
        monkeypatch.setattr(parser, "_config_paths", list(parser._config_paths))
    return tmp_path


def test_luigi_cfg(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings / "luigi.cfg").write_text("[DEFAULT]\nbase = tt\n[Selection]\ndataset = %(base)sJets\n[n]\na = 1\n")
    with pytest.warns(UserWarning, match="the parameter 'base'"):  # as luigi: [DEFAULT] is part of every section
        assert Selection().dataset == "ttJets"
    assert configuration.get_config().getintdict("n") == {"a": 1}
    configuration.get_config().set("Selection", "dataset", "set")
    assert Selection().dataset == "set"
    (settings / "more.cfg").write_text("[Selection]\ndataset = more ${NOWHERE}\n")
    assert configuration.add_config_path(str(settings / "more.cfg"))
    with pytest.raises(ValueError, match="Error when parsing the default value of 'dataset'"):
        Selection()
    monkeypatch.setenv("NOWHERE", "somewhere")
    assert Selection().dataset == "more somewhere"
    with pytest.warns(UserWarning, match="Config file does not exist"):
        assert not configuration.add_config_path("nowhere.cfg")


def test_replacing_the_parser_counts(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = configuration.LuigiConfigParser()
    own.set("Selection", "dataset", "own")
    assert Selection().dataset == "ttH"
    monkeypatch.setattr(configuration.LuigiConfigParser, "_instance", own)
    assert Selection().dataset == "own"


def test_luigi_toml(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Typed(luigi.Task):
        n = luigi.IntParameter(default=0)
        tags = luigi.DictParameter(default={})

    (settings / "luigi.toml").write_text("[Typed]\nn = 5\n[Typed.tags]\na = 1\n")
    monkeypatch.setenv("LUIGI_CONFIG_PARSER", "toml")
    configuration.LuigiTomlParser.reload()
    assert Typed().n == 5
    assert Typed().tags == {"a": 1}
    assert configuration.get_config().has_option("Typed", "n")


def test_the_environment_names_one_more_file(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings / "named.cfg").write_text("[Selection]\ndataset = named\n")
    monkeypatch.setitem(os.environ, "LUIGI_CONFIG_PATH", str(settings / "named.cfg"))
    configuration.core.read_parameters()
    assert Selection().dataset == "named"


def test_a_star_brings_no_more_than_luigis() -> None:
    """Names that luigi does not export would take the place of the script's own, and of built-in ones."""
    script = {"util": "mine", "worker": "mine"}
    exec("from martlet.luigi import *", script)
    assert (script["util"], script["worker"], script.get("format"), script.get("range")) == ("mine", "mine", None, None)
    assert {"task", "parameter", "configuration", "interface", "target", "event", "namespace"} <= set(script)
