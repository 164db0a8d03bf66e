"""Requirements that did not come about are noticed before run(), as in luigi."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi as luigi
from martlet import storage
from martlet.luigi.setup_logging import InterfaceLogging
from martlet.running.unmet import unmet
from storage.rude import Store, rude

__all__ = ["rude"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARTLET_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(InterfaceLogging, "_configured", True)


class Forgetful(luigi.Task):
    def output(self) -> Any:
        return luigi.LocalTarget("forgotten")


class Needs(luigi.Task):
    def requires(self) -> Any:
        return Forgetful()

    def output(self) -> Any:
        return luigi.LocalTarget("made")

    def run(self) -> None:
        self.output().open("w").close()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_task_fails_and_is_not_run(workers: int) -> None:
    result = luigi.build([Needs()], workers=workers, detailed_summary=True)
    groups = luigi.execution_summary._summary_dict(result.worker)
    assert groups["completed"] == {Forgetful()}
    assert groups["failed"] == {Needs()}
    assert not Path("made").exists()


def test_the_message_is_luigis(caplog: pytest.LogCaptureFixture) -> None:
    luigi.build([Needs()])
    expected = f"RuntimeError: Unfulfilled dependency at run time: {Forgetful().task_id} (forgotten)"
    assert expected in caplog.text


def test_the_configuration_may_say_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    config = luigi.configuration.get_config()
    config.set("worker", "check_unfulfilled_deps", "false")
    try:
        assert luigi.build([Needs()]) is True
    finally:
        config.remove_option("worker", "check_unfulfilled_deps")
    assert Path("made").exists()


def test_native_tasks_are_not_asked_again() -> None:
    asked: list[str] = []

    class Counted(martlet.ExternalTask):
        def complete(self) -> bool:
            asked.append("complete")
            return True

    class User(martlet.Task):
        def requires(self) -> Any:
            return Counted()

    assert martlet.build(User(), quiet=True)
    assert asked == ["complete"]


class Stored(luigi.Task):
    """Made elsewhere, in a store."""

    url = luigi.Parameter()

    def output(self) -> Any:
        return martlet.RemoteTarget(self.url)


class NeedsMany(luigi.Task):
    urls = luigi.ListParameter()

    def requires(self) -> Any:
        return [Stored(url=url) for url in self.urls]


def test_what_lies_in_stores_is_asked_for_together(rude: Store) -> None:
    urls = [f"{rude.url}/{number}" for number in range(6)]
    for url in urls:
        storage.value(storage.commit([(storage.put(b"x", url), url)])[0])
    before = len(rude.calls())
    assert unmet(NeedsMany(urls=urls)) == ""
    assert len(rude.calls()) == before + 1
    storage.delete(urls[2:3])
    said = unmet(NeedsMany(urls=urls))
    assert said == f"Unfulfilled dependency at run time: {Stored(url=urls[2]).task_id} ({urls[2]})"
    rude.inject("raise", "stat", times=2)
    with pytest.raises(storage.StorageError):
        unmet(NeedsMany(urls=urls))
