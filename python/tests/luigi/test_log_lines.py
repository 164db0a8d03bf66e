"""Lines of luigi's log are the same however they are written, and stand where they belong."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.luigi.log_lines import LogLines
from martlet.luigi.setup_logging import LINE

PACKAGE = Path(martlet.__file__).parents[1]


@pytest.fixture
def logger() -> logging.Logger:
    """A logger with luigi's own handler, which writes to memory."""
    made = logging.Logger("luigi-interface-of-a-test", logging.INFO)
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(logging.Formatter(LINE))
    made.addHandler(handler)
    return made


def written(logger: logging.Logger) -> str:
    handler: Any = logger.handlers[0]
    return str(handler.stream.getvalue())


class Kept(logging.Handler):
    """Keeps the records that it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def test_as_logging_writes_them(logger: logging.Logger) -> None:
    lines = LogLines(logger)
    lines.say(logging.INFO, "[pid %s] running   %s", 7, "Märtyrer(a=%s)")
    lines.say(logging.DEBUG, "not at this level: %s", 1)
    with lines.together():
        lines.say(logging.WARNING, "one of %s", "two")
        assert written(logger).count("\n") == 1
        lines.say(logging.ERROR, "two of %s", "two")
    by_hand = written(logger)
    logger.info("[pid %s] running   %s", 7, "Märtyrer(a=%s)")
    logger.warning("one of %s", "two")
    logger.error("two of %s", "two")
    assert written(logger) == by_hand * 2


@pytest.mark.parametrize("change", ["another handler", "a filter", "a level", "another form", "a factory"])
def test_who_wants_records_gets_them(change: str, logger: logging.Logger) -> None:
    kept, seen = Kept(), []
    if change == "another handler":
        logger.addHandler(kept)
    elif change == "a filter":
        logger.addFilter(lambda record: not record.getMessage().endswith("secret"))
    elif change == "a level":
        logger.handlers[0].setLevel(logging.ERROR)
    elif change == "another form":
        logger.handlers[0].setFormatter(logging.Formatter("%(name)s|%(message)s|%(funcName)s"))
    else:
        plain = logging.getLogRecordFactory()
        logging.setLogRecordFactory(lambda *given, **named: seen.append(given) or plain(*given, **named))
    try:
        lines = LogLines(logger)
        with lines.together():
            lines.say(logging.INFO, "open %s", "secret")
    finally:
        logging.setLogRecordFactory(logging.LogRecord)
    expected = {
        "another handler": "INFO: open secret\n", "a filter": "", "a level": "",
        "another form": f"{logger.name}|open secret|{test_who_wants_records_gets_them.__name__}\n",
        "a factory": "INFO: open secret\n",
    }  # fmt: skip
    assert written(logger) == expected[change]
    assert [record.args for record in kept.records] == ([("secret",)] if change == "another handler" else [])
    assert bool(seen) is (change == "a factory")


TALKING = """
import sys
from martlet.luigi_finder import install; install()
import luigi

class Talking(luigi.Task):
    n = luigi.IntParameter()
    def requires(self):
        return Talking(self.n - 1) if self.n else []
    def output(self):
        return luigi.LocalTarget(f"{self.n}.txt")
    def run(self):
        for stream in (sys.stderr, sys.stdout)[: self.n % 3]:
            print("from", self.n, file=stream)
        self.output()._touchz()

luigi.build([Talking(80)], local_scheduler=True)
"""


@pytest.mark.parametrize("workers_see", ["pipe", "file"])
def test_they_stand_where_they_belong(workers_see: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE), "MARTLET_STATE": str(tmp_path / "state")}
    (tmp_path / "talking.py").write_text(TALKING)
    with open(tmp_path / "printed", "w") as file:
        target = file if workers_see == "file" else subprocess.PIPE
        run = subprocess.run([sys.executable, "talking.py"], cwd=tmp_path, env=environment, text=True, check=True,
                             stdout=target, stderr=subprocess.STDOUT)  # fmt: skip
    text = run.stdout or (tmp_path / "printed").read_text()
    places = {line: number for number, line in enumerate(text.splitlines())}
    assert len([line for line in places if line.startswith("from ")]) == 54
    for n in range(81):
        begun, ended = (
            next(place for line, place in places.items() if line.endswith(f"{what}   Talking(n={n})"))
            for what in ("running", "done   ")
        )
        assert begun < ended
        assert n % 3 == 0 or begun < places[f"from {n}"] < ended, text
