"""What is printed in this process, by whatever means, passed on to where the user looks and kept in a file."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from functools import partial

from .. import _bridge

_PAGE = 2048
"""Bytes shared with the other process: `csystem_relay_page` in the runtime's relay.h."""
_IS_LOST, _LENGTH, _SINCE, _TEXT_LENGTH, _TEXT = 4, 8, 16, 24, 28
_NUMBER, _COUNT = struct.Struct("<Q"), struct.Struct("<I")
_WALL = 0x40000000
"""Its end sends no signal: waitpid(2) is to be told that it is meant."""
_TIME_WIDTH = len("martlet: 59 min 59 s ") + 1
_SHOWN_AFTER = 1.0
"""Seconds after which the other process may show the status."""


_leading: Relay | None = None
"""The one that what this process prints goes to."""


def say(text: str) -> bool:
    """Shows what the task that runs in the driver is doing, where its time is shown. False where that is nowhere."""
    return _leading is not None and _leading.say(text)


def unsay() -> None:
    """Takes that back."""
    if _leading is not None:
        _leading.say("")


def pass_by(text: str) -> bool:
    """Writes what is no task's where standard error led before, unless something printed earlier is on its way there.

    False: nothing was written. Saves waking the other process, and waiting for it at the end of the task.
    """
    return _leading is not None and _leading.pass_by(text)


class Relay:
    """A process of its own reads what is printed here: a terminal stands behind a pseudo-terminal, all else a pipe.

    That a terminal is one, and how large, remains visible. The process ends with this one. It is forked when this is
    made, best while the process is small; what is printed takes the new way between `begin` and `end`.
    """

    brief = 0.005
    """After a task that took less, in seconds, the next one of its class has no status."""

    def __init__(self, log: str, status: Callable[[object], str]) -> None:
        """`status(task)`: what a terminal shows behind the time that a task takes; empty for nothing.

        Raises OSError when there is no pseudo-terminal, descriptor or process left.
        """
        self.path = log
        self.brief_classes: set[type] = set()
        """Classes whose last task was brief."""
        self._status = status
        self._title = b""
        self._owner = os.getpid()
        self._opened: list[int] = []
        self._since = 0.0
        self._asked = 0
        self._is_leading = False
        self._is_there = False
        self._has_ended = False
        self._pipes: list[int] = []
        self._pid = 0
        try:
            self._open(log)
        except BaseException:
            self._close(self._opened)
            raise

    def _open(self, log: str) -> None:
        one = os.path.samestat(os.fstat(1), os.fstat(2))
        self._usual = [self._kept(fcntl.fcntl(n, fcntl.F_DUPFD_CLOEXEC, 3)) for n in ((2,) if one else (1, 2))]
        ends = [self._pseudo_terminal(usual) if os.isatty(usual) else self._pipe() for usual in self._usual]
        self._sources = [source for source, _ in ends]
        self._entries = [entry for _, entry in ends]
        self._shows = os.isatty(self._usual[-1])
        control, self._control = (self._kept(end) for end in os.pipe())
        self._answers, answers = (self._kept(end) for end in os.pipe())
        page = self._kept(os.memfd_create("martlet-relay"))
        os.truncate(page, _PAGE)
        self._page = mmap.mmap(page, _PAGE)
        _NUMBER.pack_into(self._page, _LENGTH, os.stat(log).st_size if os.path.exists(log) else 0)
        numbers = array("i", [control, answers, page, len(ends)])
        for source, usual in zip(self._sources, self._usual, strict=True):
            numbers.extend((source, usual, os.isatty(usual)))
        numbers.extend((self._control, self._answers, *self._entries))
        self._pid = _bridge.start_relay(log, numbers.tobytes())
        self._is_there = True
        self._close([control, answers, page])
        # that a pipe has been read shows at this end too; of a pseudo-terminal the other end must be asked
        terminals = [source for source in self._sources if os.isatty(source)]
        self._close([source for source in self._sources if source not in terminals])
        watched = [(end, 0) for end in self._pipes] + [(end, 1) for end in terminals]
        self._waiting = partial(_bridge.relay_waits, array("i", [n for pair in watched for n in pair]).tobytes())

    def _kept(self, descriptor: int) -> int:
        self._opened.append(descriptor)
        return descriptor

    def _close(self, descriptors: Sequence[int]) -> None:
        for descriptor in list(descriptors):
            self._opened.remove(descriptor)
            os.close(descriptor)

    def _pipe(self) -> tuple[int, int]:
        readable, writable = (self._kept(end) for end in os.pipe())
        self._pipes.append(writable)
        return readable, writable

    def _pseudo_terminal(self, like: int) -> tuple[int, int]:
        import termios  # of no use elsewhere

        master, slave = (self._kept(end) for end in os.openpty())
        settings = termios.tcgetattr(like)
        # the true terminal does what is to be done with ends of lines
        settings[1] &= ~termios.OPOST
        settings[3] &= ~(termios.ECHO | termios.ECHONL)
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        size = fcntl.ioctl(like, termios.TIOCGWINSZ, bytes(8))
        fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
        return master, slave

    # ---- while tasks run

    def begin(self) -> None:
        """From here on stdout and stderr lead to the other process."""
        _flush()
        for number in (1, 2):
            os.dup2(self._entries[0 if number == 1 else -1], number)
        self._is_leading = True
        global _leading
        _leading = self
        # those who are forked from here on lead theirs elsewhere, and shall hold nothing open
        self._close([entry for entry in self._entries if entry not in self._pipes])

    def length(self) -> int:
        """How long the log is, once all that was printed so far has been passed on."""
        # in this order: the other process says that it is busy before it takes anything away
        if self._waiting() or self._page[0]:
            self._ask(b"s")
        length: int = _NUMBER.unpack_from(self._page, _LENGTH)[0]
        return length

    def starts(self, task: object) -> bool:
        """A task starts here of a class that is not brief: when it takes long, a terminal shows it.

        Returns whether `ends` is to be called. Of all others it is to be called when they took longer than `brief`.
        """
        if self._is_there and os.waitpid(self._pid, os.WNOHANG | _WALL)[0]:
            self._give_up()
            return False
        self._title = self._status(task).encode()[: _PAGE - _TEXT]
        self._since = time.monotonic()
        self._put(self._title)
        return True

    def _put(self, text: bytes) -> None:
        """Makes this the text behind the time of the task."""
        _NUMBER.pack_into(self._page, _SINCE, 0)
        if text:
            _COUNT.pack_into(self._page, _TEXT_LENGTH, len(text))
            self._page[_TEXT : _TEXT + len(text)] = text
            _NUMBER.pack_into(self._page, _SINCE, int(self._since * 1e9))

    def say(self, text: str) -> bool:
        """Puts a text in front of the title of the task that runs; empty: none. False where no title is shown."""
        # a forked process shares the page, and is not the driver
        if not (self._since and self._title and self._is_there and os.getpid() == self._owner):
            return False
        if not os.isatty(self._usual[-1]):
            return False  # no time is shown there
        said = f"{text} · ".encode() if text else b""
        room = max(len(self._title), os.get_terminal_size(self._usual[-1]).columns - _TIME_WIDTH)
        shown = (said + self._title)[: min(room, _PAGE - _TEXT)]
        self._put(shown.decode(errors="ignore").encode())
        return True

    def pass_by(self, text: str) -> bool:
        """See the function. Nothing passes by on a terminal, where a status may be shown."""
        usual = self._usual[-1]
        # a forked process leads its own elsewhere
        if self._shows or not self._is_there or os.getpid() != self._owner or self._waiting() or self._page[0]:
            return False
        rest = memoryview(text.encode(errors="backslashreplace"))
        while rest:
            rest = rest[os.write(usual, rest) :]
        return True

    def ends(self, task: object, seconds: float) -> None:
        """The task that started here has run for so long, or is suspended."""
        if (seconds < self.brief) != (task.__class__ in self.brief_classes):
            (self.brief_classes.add if seconds < self.brief else self.brief_classes.discard)(task.__class__)
        if self._since:
            _NUMBER.pack_into(self._page, _SINCE, 0)
            shown, self._since = time.monotonic() - self._since > _SHOWN_AFTER - 0.1, 0.0
            if shown:
                self._ask(b"s")

    def _ask(self, request: bytes) -> bytes:
        """Returns the answer; empty when the other process is gone."""
        answer = b""
        if self._is_there:
            try:
                os.write(self._control, request)
                self._asked += 1
                # an answer that an interrupt kept from being read comes first
                while self._asked and (answer := os.read(self._answers, self._asked)):
                    self._asked -= len(answer)
            except OSError:
                answer = b""
            if not answer:
                self._give_up()
        return answer[-1:]

    def _give_up(self) -> None:
        """The other process was killed: what is printed goes where it went before, and is not kept."""
        self._is_there = False
        if self._is_leading:
            self._switch_back()  # first: nothing can be written the other way
            sys.stderr.write("martlet: the process that keeps what tasks print was lost: what follows is not kept\n")

    def _lead_back(self) -> None:
        # before, so that it comes in order; what cannot be written any more is not to be written elsewhere
        _flush()
        self._switch_back()

    def _switch_back(self) -> None:
        for number in (1, 2):
            os.dup2(self._usual[0 if number == 1 else -1], number)
        self._is_leading = False
        global _leading
        _leading = None

    def end(self) -> None:
        """stdout and stderr lead to where they led before, and all that was printed has arrived there.

        Safe to call twice.
        """
        if self._has_ended:
            return
        self._has_ended = True
        if self._is_leading:
            self._lead_back()
        self._close([entry for entry in self._entries if entry in self._opened])
        # a program that a task left behind may print on: then the process stays until this one ends
        if self._ask(b"q") == b"e":
            os.waitpid(self._pid, _WALL)
        if _COUNT.unpack_from(self._page, _IS_LOST)[0]:
            sys.stderr.write(f"martlet: what tasks printed is not all kept: {self.path} could not be written\n")
        self._close(self._opened)
        self._page.close()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
