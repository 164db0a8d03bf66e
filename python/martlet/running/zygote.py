"""A process forked from the driver after planning, from which workers are forked.

It holds the planned tasks, runs none itself, has one thread, and reaps workers. When the driver is gone it kills
every worker's process group and ends.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import struct
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from .. import _bridge, fail_points

_WORKER = struct.Struct("<I")
_NOTICE = struct.Struct("<IiQdd")
"""worker u32, wait status i32, peak memory u64 (kB), user and system seconds f64; read by `WorkerPool`."""


class Zygote:
    """The driver's side of it."""

    def __init__(self, work: Callable[[int, socket.socket], None], heirs: list[socket.socket]) -> None:
        """Forks. `work(worker, connection)` is called in each worker and returns when the worker is to end.

        `heirs`: sockets of the driver that no child may keep open.
        """
        control, theirs = socket.socketpair()
        notices, their_notices = socket.socketpair()
        if fail_points.armed:
            fail_points.reach("zygote.fork")
        sys.stdout.flush()
        sys.stderr.flush()
        frozen = gc.get_freeze_count() > 0
        gc.freeze()  # what is planned is not touched by the collector, so its pages stay shared
        with warnings.catch_warnings():
            # numerical libraries keep threads that wait; CPython 3.12 and later warn of them
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            _in_child(lambda: _Zygote(theirs, their_notices, [control, notices, *heirs], work).serve())
        if not frozen:
            gc.unfreeze()
        theirs.close()
        their_notices.close()
        self.pid = pid
        self.control = control
        self.notices = notices

    def spawn(self, worker: int) -> tuple[socket.socket, int]:
        """Forks a worker. Returns its socket and its pid.

        Raises ConnectionError when the zygote is gone, another OSError when it could not fork.
        """
        self.control.sendall(_WORKER.pack(worker))
        answer, descriptors, _, _ = socket.recv_fds(self.control, _WORKER.size, 1)
        if len(answer) < _WORKER.size:
            raise ConnectionError("the process that starts workers is gone")
        (number,) = _WORKER.unpack(answer)
        if not descriptors:
            raise OSError(number, os.strerror(number))
        os.set_inheritable(descriptors[0], False)
        return socket.socket(fileno=descriptors[0]), number

    def let_go(self) -> None:
        """Asks for no more workers: the zygote ends when those that it has are gone."""
        with suppress(OSError):  # it is gone
            self.control.sendall(_WORKER.pack(0))

    def has_ended(self) -> bool:
        """Whether it is gone and reaped."""
        try:
            ended = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            ended = True
        if ended:
            self.control.close()
        return ended

    def close(self) -> None:
        """Hangs up: the zygote ends. Its notices belong to the engine by now."""
        self.control.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


class _Zygote:
    """The zygote's own side."""

    def __init__(
        self,
        control: socket.socket,
        notices: socket.socket,
        not_ours: list[socket.socket],
        work: Callable[[int, socket.socket], None],
    ) -> None:
        for connection in not_ours:
            connection.close()
        self._control = control
        self._notices = notices
        self._work = work
        self._workers: dict[int, int] = {}
        self._is_let_go = False
        self._wake, self._woken = os.pipe()

    def serve(self) -> None:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        poller.register(self._wake, select.POLLIN)
        try:
            while self._serve_once(poller) and not (self._is_let_go and not self._workers):
                pass
        finally:
            for pid in self._workers:
                _kill_group(pid)
            # nobody is left behind, and what the workers used is counted as the driver's
            with suppress(ChildProcessError):
                while True:
                    os.wait()

    def _serve_once(self, poller: select.poll) -> bool:
        for descriptor, _ in poller.poll():
            if descriptor == self._wake:
                with suppress(BlockingIOError):
                    os.read(self._wake, 4096)
                self._reap()
            else:
                try:
                    request = self._control.recv(_WORKER.size)
                except ConnectionResetError:  # gone before it had read our last answer
                    return False
                if len(request) < _WORKER.size:
                    return False
                (worker,) = _WORKER.unpack(request)
                if worker:
                    self._fork(worker)
                else:
                    self._is_let_go = True
        return True

    def _fork(self, worker: int) -> None:
        ours, theirs = socket.socketpair()
        try:
            if fail_points.armed:
                fail_points.reach("zygote.spawn")
            pid = os.fork()
        except OSError as error:  # no more processes: an answer without a socket says why
            ours.close()
            theirs.close()
            self._control.sendall(_WORKER.pack(error.errno))
            return
        if pid == 0:
            ours.close()
            _in_child(lambda: self._become_worker(worker, theirs))
        theirs.close()
        with suppress(PermissionError):  # the worker did it first, and execed since
            os.setpgid(pid, pid)
        self._workers[pid] = worker
        socket.send_fds(self._control, [_WORKER.pack(pid)], [ours.fileno()])
        ours.close()

    def _become_worker(self, worker: int, connection: socket.socket) -> None:
        os.setpgid(0, 0)
        zygote = os.getppid()
        _bridge.set_parent_death_signal(signal.SIGKILL)
        if os.getppid() != zygote:  # it died before the kernel was told
            os._exit(1)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        self._notices.close()
        os.close(self._wake)
        os.close(self._woken)
        self._work(worker, connection)

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            # its group ends with it: while the worker is not reaped its number cannot mean anybody else
            _kill_group(ended.si_pid)
            pid, status, usage = os.wait4(ended.si_pid, 0)
            worker = self._workers.pop(pid, None)
            if worker is not None:
                with suppress(OSError):  # the driver may be gone already; then control says so next
                    self._notices.sendall(
                        _NOTICE.pack(worker, status, usage.ru_maxrss, usage.ru_utime, usage.ru_stime)
                    )


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _in_child(body: Callable[[], None]) -> NoReturn:
    """Runs `body` as the whole rest of a forked process: nothing of the parent's clean-up runs here."""
    code = 1
    try:
        body()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # the process ends here whatever it was: nobody above would tell of it
        import traceback

        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
