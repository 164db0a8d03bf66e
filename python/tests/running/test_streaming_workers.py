"""Workers that were forked before all tasks were planned."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi
from martlet.parameters import IntParameter, Parameter
from martlet.running.result import ExitCode
from running.runs import ran
from running.streamed import Early, Made, Root, go
from running.waiting import until

pytestmark = pytest.mark.usefixtures("short_slices")


class Carries(Made):
    """Carries what a worker cannot know that was forked before it was planned."""

    n = IntParameter()
    what = Parameter()
    extra: Any = martlet.OptionalParameter(default=None, significant=False)

    @property
    def name(self) -> str:
        return f"carries-{self.n}"

    def requires(self) -> Any:
        following = self.n - 1
        # so late that workers were forked for what was planned before
        if following == 0:
            until(Path(f"{self.folder}/early").exists)
        return getattr(self, self.what)(following) if following >= 0 else Early(self.folder)

    def attribute(self, n: int) -> Any:
        self.secret = n  # type: ignore[attr-defined]
        return [Carries(self.folder, n, self.what), Early(self.folder)]

    def function(self, n: int) -> Any:
        return [Carries(self.folder, n, self.what, extra=lambda: n), Early(self.folder)]

    def local_class(self, n: int) -> Any:
        class Local(Carries):
            pass

        return [Local(self.folder, n, self.what), Early(self.folder)]

    def run(self) -> None:
        if self.what == "attribute" and self.n > 0:
            assert self.secret == self.n - 1  # type: ignore[attr-defined]
        if self.what == "function" and self.extra is not None:
            assert self.extra() == self.n
        super().run()


class Kills(Made):
    """Kills its worker, once, while the rest is planned."""

    retry = martlet.Retry(lost=2)

    @property
    def name(self) -> str:
        return "early"

    def run(self) -> None:
        mark = Path(f"{self.folder}/killed")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().run()


class RootOfKills(Made):
    @property
    def name(self) -> str:
        return "root"

    def requires(self) -> Any:
        return [AfterKill(self.folder, n) for n in range(60)] + [Kills(self.folder)]


class AfterKill(Made):
    n = IntParameter()

    @property
    def name(self) -> str:
        return f"after-{self.n}"

    def requires(self) -> Any:
        if self.n == 0:
            until(Path(f"{self.folder}/killed").exists)
        return AfterKill(self.folder, self.n + 100) if self.n < 60 else []


class AsksForMore(Made):
    """Yields, once everything is planned, tasks that workers cannot be taught."""

    @property
    def name(self) -> str:
        return "asks-for-more"

    def run(self) -> Any:
        for n in range(3):
            yield Initialised(self.folder, n)
        super().run()


class Initialised(Made):
    n = IntParameter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.double = 2 * self.n

    @property
    def name(self) -> str:
        return f"initialised-{self.double}"


class TestWorkers:
    @pytest.mark.filterwarnings("ignore:.*is not of type")
    @pytest.mark.parametrize("what", ["attribute", "function", "local_class"])
    def test_what_cannot_be_taught_runs_in_workers_that_were_forked_later(self, tmp_path: Path, what: str) -> None:
        result = go(Carries(str(tmp_path), 60, what), tmp_path, 2)
        assert result.exit_code == ExitCode.OK, result.endings
        assert len(ran(tmp_path)) == 62

    def test_a_worker_that_is_killed_is_replaced_and_learns_the_same(self, tmp_path: Path) -> None:
        result = go(RootOfKills(str(tmp_path)), tmp_path, 2)
        assert result.exit_code == ExitCode.OK, result.endings
        assert len(ran(tmp_path)) == 122

    def test_what_is_asked_for_and_cannot_be_taught(self, tmp_path: Path) -> None:
        result = go(AsksForMore(str(tmp_path)), tmp_path, 2, "first")
        assert result.exit_code == ExitCode.OK, result.endings
        assert sorted(ran(tmp_path)) == ["asks-for-more", "initialised-0", "initialised-2", "initialised-4"]

    def test_reports_name_what_was_needed(self, tmp_path: Path) -> None:
        assert go(Root(str(tmp_path), 8), tmp_path, 2)
        lines = "".join(path.read_text() for path in (tmp_path / "state" / "reports").rglob("*") if path.is_file())
        inputs = [line for line in lines.splitlines() if '"family":"Root"' in line]
        assert len(inputs) == 1 and inputs[0].count('"Late_') == 8
