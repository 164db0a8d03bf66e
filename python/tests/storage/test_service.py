"""Servers that tests start end with whom they were started by."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from running.processes import wait_until_gone

pytestmark = pytest.mark.e2e

STARTER = """
import sys
from pathlib import Path
from storage.servers import service

port = service.free_port()
serve = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
with service.running(serve, port, Path(sys.argv[1])) as process:
    print(process.pid, flush=True)
    sys.stdin.read()
"""


def test_a_server_ends_with_a_starter_that_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path / "log")], env=environment, cwd=tmp_path,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as starter:  # fmt: skip
        assert starter.stdout
        server = int(starter.stdout.readline())
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        assert children, "`timeout` has started nothing"
        os.kill(starter.pid, signal.SIGKILL)
    for pid in (server, *map(int, children)):
        wait_until_gone(pid)
