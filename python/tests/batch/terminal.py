"""A run in a terminal of its own: what it shows, and what its user types."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress

from batch.driver import Area


class Terminal:
    """A run of an area's analysis whose standard streams are a pseudo-terminal; used as a context."""

    def __init__(self, area: Area, *words: str, **variables: str) -> None:
        self._here, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.shown = ""

        def take_terminal() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        command = [sys.executable, "-m", "martlet", "run", str(area.script), *words, "--state", str(area.state)]
        self.process = subprocess.Popen(
            command, cwd=area.folder, env={**area.environment, "TERM": "xterm", **variables},
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=take_terminal,
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._here)

    def hang_up(self, within: float = 60) -> int:
        """Closes the terminal, as a window is closed; returns the exit code of the run."""
        os.close(self._here)
        self._here = os.open(os.devnull, os.O_RDWR)
        return self.process.wait(within)

    def type(self, text: str) -> None:
        os.write(self._here, text.encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.type("\x03")

    def await_text(self, text: str, within: float = 120) -> None:
        """Waits until it has shown a text that it had not shown when the last one was awaited."""
        begun = len(self.shown)
        deadline = time.monotonic() + within
        while text not in self.shown[begun:]:
            assert self._read(), self.shown
            assert time.monotonic() < deadline, self.shown

    def end(self, within: float = 180) -> tuple[int, str]:
        """Exit code, and all that it has shown."""
        deadline = time.monotonic() + within
        while self._read():
            assert time.monotonic() < deadline, self.shown
        return self.process.wait(timeout=within), self.shown

    def _read(self) -> bool:
        """Takes in what it shows. False: it has ended."""
        if not select.select([self._here], [], [], 0.2)[0]:
            return True
        data = b""
        with suppress(OSError):  # the other end is closed
            data = os.read(self._here, 65536)
        self.shown += data.decode(errors="replace")
        return bool(data)
