"""Outputs in stores: looked at while planning and after a task, and what happens when that cannot be done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

import martlet
from martlet.diagnostics import MartletError
from martlet.running import made
from martlet.running.result import ExitCode
from martlet.targets import LocalTarget, RemoteTarget
from running.processes import wait_until_gone
from running.runs import go, reports
from running.waiting import until
from storage.rude import Store, rude

__all__ = ["rude"]

TESTS = Path(__file__).parents[1]


class Far(martlet.Task):
    """Writes one file of a store."""

    number = martlet.IntParameter(default=0)
    url: ClassVar[str] = ""
    retry = martlet.Retry(storage=0)

    def output(self) -> Any:
        return RemoteTarget(f"{self.url}/{self.number % 3}/{self.number}.json")

    def run(self) -> None:
        self.output().dump(self.number)


class AllOfThem(martlet.WrapperTask):
    count = martlet.IntParameter(default=30)

    def requires(self) -> Any:
        return [Far(number=number) for number in range(self.count)]


@pytest.fixture(autouse=True)
def far(rude: Store, registered: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from martlet.register import Register

    Register._reg += [Far, AllOfThem]
    monkeypatch.setattr(Far, "url", rude.url)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_makes_what_lacks_and_the_next_one_nothing(rude: Store, tmp_path: Path, workers: int) -> None:
    assert go(AllOfThem(count=5), tmp_path, workers)
    result = go(AllOfThem(), tmp_path, workers)
    assert result and result.count("done") == 25 + 1 and result.count("present") == 5
    assert len(rude.files()) == 30
    calls = len(rude.calls())
    again = go(AllOfThem(), tmp_path, workers)
    assert again.count("done") == 0
    assert len(rude.calls()) - calls == 1, "more than one question for the outputs of thirty tasks"


def test_reports_name_what_was_made(rude: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Far, "url", rude.url + "/with?authz=secret&x=")
    assert go(Far(number=7), tmp_path)
    ((url, size, modified),) = reports(tmp_path)[0]["outputs"]
    assert url == f"{rude.url}/with?authz=***&x=/1/7.json" and size == 2 and modified > 1e18
    assert not any("secret" in path.read_text() for path in (tmp_path / "state").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("kind", "words"), [("transient", "the storage could not be reached"), ("denied", "access was refused")]
)
def test_what_cannot_be_looked_at_is_not_run_again(rude: Store, tmp_path: Path, kind: str, words: str) -> None:
    assert go(AllOfThem(count=3), tmp_path)
    rude.inject(kind, "stat", "/1.json")
    result = go(AllOfThem(count=3), tmp_path)
    assert result.exit_code == ExitCode.BROKEN and result.count("done") == 0
    (broken,) = [ending for ending in result.endings if ending.state == "broken"]
    assert broken.cause == f"cannot tell whether {rude.url}/1/1.json exists: {words}: so it was told"
    assert len(rude.files()) == 3


def test_a_dead_store_is_asked_once_and_nothing_is_started(rude: Store, tmp_path: Path) -> None:
    rude.inject("transient", "stat", times=0)
    result = go(AllOfThem(count=1000), tmp_path)
    assert result.exit_code == ExitCode.BROKEN and result.count("done") == 0 and result.count("broken") == 1000
    assert [name for name, _ in rude.calls()] == ["stat"]
    assert reports(tmp_path) == [] and rude.files() == []


def test_outputs_in_stores_are_looked_at_as_many_as_there_are(rude: Store, tmp_path: Path) -> None:
    class Given(Far, martlet.ExternalTask):
        run = None  # type: ignore[assignment]

    class All(martlet.WrapperTask):
        def requires(self) -> Any:
            return [Given(number=number) for number in range(2000)]

    assert go(All(), tmp_path).count("missing") == 2000
    looks = [count for name, count in rude.calls() if name == "stat"]
    assert sum(looks) == 2000 and len(looks) == 2, looks


def test_while_tasks_run_many_are_looked_at_together_too(rude: Store, tmp_path: Path) -> None:
    class Several(Far):
        def output(self) -> Any:
            return [RemoteTarget(f"{self.url}/{self.number}/{part}.json") for part in range(10)]

        def run(self) -> None:
            for target in self.output():
                target.dump(1)

    assert go([Several(number=number) for number in range(3)], tmp_path)
    calls = len(rude.calls())
    assert Several(number=1).complete() and not Several(number=4).complete()
    assert len(rude.calls()) - calls == 2
    known = martlet.DynamicRequirements([Several(number=number) for number in range(3)])
    assert known.complete()
    assert not martlet.DynamicRequirements([Several(number=0), Several(number=4)]).complete()
    assert len(rude.calls()) - calls == 4
    rude.inject("transient", "stat")
    with pytest.raises(OSError, match="could not be reached"):
        Several(number=1).complete()


def test_one_file_by_two_tasks_is_refused(rude: Store, tmp_path: Path) -> None:
    class Other(Far):
        def output(self) -> Any:
            return RemoteTarget(f"{self.url}//0/./0.json")

    with pytest.raises(MartletError, match=r"0/0\.json is made by"):
        go([Far(), Other()], tmp_path)
    assert rude.files() == []


def test_trouble_with_a_store_is_tried_again(rude: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rude.inject("transient", "put")
    monkeypatch.setattr(Far, "retry", martlet.Retry(storage=1, delay=0))
    assert go(Far(), tmp_path)
    assert [report["state"] for report in reports(tmp_path)] == ["failed", "done"]


def test_a_full_store_fails_with_its_cause(rude: Store, tmp_path: Path) -> None:
    rude.inject("full", "put")
    (ending,) = go(Far(), tmp_path).endings
    assert "no space is left: so it was told" in ending.cause and "quota" in ending.details


def test_an_output_that_was_lost_fails_the_task(
    rude: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "VISIBLE_WITHIN", 0.01)
    rude.inject("lose", "commit")
    (ending,) = go(Far(), tmp_path).endings
    assert "0/0.json" in ending.cause


def test_an_output_that_shows_later_is_waited_for(
    rude: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "_FIRST_PAUSE", 0.001)
    rude.inject("absent", "stat", "/0.json", times=5)
    assert go(Far(), tmp_path)
    assert [report["state"] for report in reports(tmp_path)] == ["done"]


def test_what_nobody_wrote_is_absent_at_once(rude: Store, tmp_path: Path) -> None:
    class Idle(Far):
        def run(self) -> None:
            pass

    (ending,) = go(Idle(), tmp_path).endings
    assert ending.cause == f"run() returned without having made {rude.url}/0/0.json"


def test_a_store_that_is_gone_after_a_task_is_trouble_with_storage(rude: Store, tmp_path: Path) -> None:
    class Elsewhere(Far):
        retry = martlet.Retry(storage=1, delay=0)

        def run(self) -> None:
            rude.inject("transient", "stat", "0.json")

    (ending,) = go(Elsewhere(), tmp_path).endings
    assert "could not be reached" in ending.cause and "without having made" not in ending.cause
    assert len(reports(tmp_path)) == 2, "that is worth another try"


def test_a_url_of_a_local_file(tmp_path: Path) -> None:
    class Here(martlet.Task):
        def output(self) -> Any:
            return LocalUrl(f"file://{tmp_path}/x")

        def run(self) -> None:
            (tmp_path / "x").write_text("12")

    assert go(Here(), tmp_path).count("done") == 1
    assert reports(tmp_path)[0]["outputs"][0][:2] == [f"{tmp_path}/x", 2]
    assert go(Here(), tmp_path).count("present") == 1

    class There(martlet.Task):
        def output(self) -> Any:
            return LocalTarget(f"{tmp_path}//./x")

        def run(self) -> None:
            pass

    (tmp_path / "x").unlink()
    with pytest.raises(MartletError, match="is made by"):
        go([Here(), There()], tmp_path)


class LocalUrl(martlet.Target):
    def __init__(self, url: str) -> None:
        self.url = url

    def exists(self) -> bool:
        return os.path.exists(self.url.removeprefix("file://"))

    def bulk_location(self) -> str:
        return self.url


SCRIPT = """
import martlet

class Far(martlet.Task):
    def output(self):
        return martlet.store("far") / "x.txt"

    def run(self):
        self.output().dump("x" * 10)
"""


def script(rude: Store, tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    (tmp_path / "far.py").write_text(SCRIPT)
    (tmp_path / "martlet.toml").write_text(f'[stores.far]\nurl = "{rude.url}"\noptions = {{root = "{rude.root}"}}\n')
    path = f"{Path(martlet.__file__).parents[1]}:{TESTS / 'storage' / 'rude_store'}"
    return subprocess.Popen(
        [sys.executable, "-m", "martlet", "run", "far.py", "Far", *words],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_twice_ends_a_transfer(rude: Store, tmp_path: Path, workers: str) -> None:
    rude.inject("hang", "put")
    run = script(rude, tmp_path, "--workers", workers, *(["--isolation", "fork"] if workers == "2" else []))
    until(lambda: (rude.root / ".calls").exists() and ("put", 1) in rude.calls())
    courier = rude.couriers()[-1]
    os.killpg(run.pid, signal.SIGINT)
    assert run.stderr is not None
    while "stopping" not in run.stderr.readline():
        assert run.poll() is None
    os.killpg(run.pid, signal.SIGINT)
    run.communicate(timeout=60)
    assert run.returncode == ExitCode.INTERRUPTED
    wait_until_gone(courier)
    assert rude.files() == []


@pytest.mark.parametrize("how", [["--workers", "1"], ["--workers", "2"], ["--batch", "local"]])
def test_wherever_a_task_runs_it_reaches_its_store(rude: Store, tmp_path: Path, how: list[str]) -> None:
    run = script(rude, tmp_path, *how)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert rude.files() == ["x.txt"]


def test_killed_in_the_middle_the_next_run_finishes(rude: Store, tmp_path: Path) -> None:
    rude.inject("hang", "commit")
    run = script(rude, tmp_path)
    until(lambda: (rude.root / ".calls").exists() and ("commit", 1) in rude.calls())
    courier = rude.couriers()[-1]
    run.kill()
    run.communicate()
    wait_until_gone(courier)
    assert "x.txt" not in rude.files()
    again = script(rude, tmp_path)
    _, said = again.communicate(timeout=60)
    assert again.returncode == 0, said
    assert "x.txt" in rude.files()
