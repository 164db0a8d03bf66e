"""What running tasks say of themselves."""

from __future__ import annotations

import logging

import pytest

import martlet
import martlet.luigi as luigi


class Native(martlet.Task):
    pass


class OfLuigi(luigi.Task):
    accepts_messages = True


@pytest.mark.parametrize(("cls", "logger"), [(Native, "martlet"), (OfLuigi, "luigi-interface")])
def test_it_is_logged(cls: type[martlet.Task], logger: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger)
    task = cls()
    task.set_status_message("half way")
    task.set_tracking_url("http://here/7")
    task.set_progress_percentage(50)
    task.decrease_running_resources({"disk": 1})
    said = [record.getMessage().partition("(): ")[2] for record in caplog.records if record.name == logger]
    assert said == [
        "status: half way", "is followed at: http://here/7", "progress in %: 50", "needs less: {'disk': 1}",
    ]  # fmt: skip


def test_nobody_sends_messages() -> None:
    assert OfLuigi().scheduler_messages.empty()
