"""luigi.contrib.external_program: tasks that are a program.

`martlet.CommandTask` does the same without a Python process that waits for it.
"""

# The names are luigi's.

from __future__ import annotations

import io
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from select import select
from typing import Any

from ...parameters import BoolParameter, ChoiceParameter, OptionalParameter, ParameterVisibility
from ..task import Task

logger = logging.getLogger("luigi-interface")
_LAST_WORDS = 1.0
"""Seconds in which what a program left behind may still write to its output."""


class ExternalProgramTask(Task):
    """A task whose run() is a program: subclasses say which in program_args()."""

    capture_output = BoolParameter(
        default=True, significant=False, positional=False, description="log what the program prints when it has ended"
    )
    stream_for_searching_tracking_url = ChoiceParameter(
        choices=["none", "stdout", "stderr"],
        default="none",
        significant=False,
        positional=False,
        visibility=ParameterVisibility.HIDDEN,
        description="where the program prints the address at which its progress can be seen",
    )
    tracking_url_pattern = OptionalParameter(
        default=None,
        significant=False,
        positional=False,
        visibility=ParameterVisibility.HIDDEN,
        description="regular expression that finds this address in a line, as its first group",
    )

    def program_args(self) -> Any:
        """The program and its arguments; they are made text."""
        raise NotImplementedError(f"{type(self).__name__} does not say which program it is: program_args()")

    def program_environment(self) -> dict[str, str]:
        """The environment of the program: a copy of ours."""
        return dict(os.environ)

    @property
    def always_log_stderr(self) -> bool:
        """Whether standard error is logged although the program ended well."""
        return True

    def build_tracking_url(self, logs_output: str) -> str:
        """The address, from what the pattern found."""
        return logs_output

    def run(self) -> None:
        args = [str(word) for word in self.program_args()]
        env = self.program_environment()
        logger.info("Running command: %s", " ".join(args))
        kwargs: dict[str, Any] = {"env": env}
        files: list[Any] = []
        if self.capture_output:
            files = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
            kwargs["stdout"], kwargs["stderr"] = files
        try:
            code = self._run_program(args, kwargs)
            stdout, stderr = [self._clean_output_file(file) for file in files] or (None, None)
        finally:
            for file in files:
                file.close()
        if stdout:
            logger.info(f"Program stdout:\n{stdout}")
        if stderr and (code != 0 or self.always_log_stderr):
            logger.info(f"Program stderr:\n{stderr}")
        if code != 0:
            raise ExternalProgramRunError(f"Program failed with return code={code}:", args, env, stdout, stderr)

    def _run_program(self, args: list[str], kwargs: dict[str, Any]) -> int:
        """Runs it to its end and gives its exit code."""
        if self.stream_for_searching_tracking_url != "none" and self.tracking_url_pattern is not None:
            with self._proc_with_tracking_url_context(proc_args=args, proc_kwargs=kwargs) as program:
                program.wait()
        else:
            program = subprocess.Popen(args, **kwargs)
            with ExternalProgramRunContext(program):
                program.wait()
        code: int = program.returncode
        return code

    @contextmanager
    def _proc_with_tracking_url_context(self, proc_args: list[str], proc_kwargs: dict[str, Any]) -> Iterator[Any]:
        stream = self.stream_for_searching_tracking_url
        kept = proc_kwargs.get(stream)
        program = subprocess.Popen(proc_args, **{**proc_kwargs, stream: subprocess.PIPE})
        pattern = re.compile(str(self.tracking_url_pattern))

        def look_at(line: bytes) -> None:
            if kept is not None:
                kept.write(line)
            match = pattern.search(line.decode("utf-8", "replace"))
            if match and self.set_tracking_url is not None:
                self.set_tracking_url(self.build_tracking_url(match[1]))

        pipe = program.stderr if stream == "stderr" else program.stdout
        with ExternalProgramRunContext(program):
            yield _WatchedProgram(program, pipe, look_at)

    @staticmethod
    def _clean_output_file(file_object: Any) -> str:
        """All that a program wrote to a file, as text."""
        file_object.seek(0)
        content: bytes = file_object.read()
        return content.decode("utf-8", "replace")


def _descriptor(pipe: Any) -> int | None:
    """The file descriptor of a pipe; None for what stands in for one in a test."""
    try:
        number = pipe.fileno()
    except (AttributeError, io.UnsupportedOperation):
        return None
    return number if isinstance(number, int) else None


class _WatchedProgram:
    """A program whose output is looked at, line by line, while somebody waits for its end."""

    def __init__(self, program: Any, pipe: Any, look_at: Callable[[bytes], None]) -> None:
        self._program = program
        self._pipe = pipe
        self._look_at = look_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._program, name)

    def wait(self) -> int:
        """Waits, and for a moment longer if what the program started still holds its output."""
        with self._pipe:
            descriptor = _descriptor(self._pipe)
            if descriptor is None:
                for line in self._pipe:
                    self._look_at(line)
            else:
                self._read(descriptor)
        code: int = self._program.wait()
        return code

    def _read(self, descriptor: int) -> None:
        rest = b""
        while True:
            ended = self._program.poll() is not None
            if not select([descriptor], [], [], _LAST_WORDS if ended else 0.1)[0]:
                if ended:
                    break
                continue
            part = os.read(descriptor, 1 << 16)
            if not part:
                break
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                self._look_at(line + b"\n")
        if rest:
            self._look_at(rest)


class ExternalProgramRunContext:
    """Within it an exception such as Ctrl-C's ends a program too, and so does SIGTERM unless somebody handles that."""

    def __init__(self, proc: Any) -> None:
        self.proc = proc
        self._handles = False

    def __enter__(self) -> ExternalProgramRunContext:
        on_main_thread = threading.current_thread() is threading.main_thread()
        if on_main_thread and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self.kill_job)
            self._handles = True
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._handles:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if kind is not None:
            self.kill_job()
            self.proc.wait()

    def kill_job(self, captured_signal: int | None = None, stack_frame: Any = None) -> None:
        """Kills the program; after a signal this process exits as a shell would say it."""
        self.proc.kill()
        if captured_signal is not None:
            sys.exit(128 + captured_signal)


class ExternalProgramRunError(RuntimeError):
    """A program ended with another code than 0. Names the variables of its environment that are its own, no values."""

    def __init__(
        self,
        message: str,
        args: list[str],
        env: Mapping[str, str] | None = None,
        stdout: str | None = None,
        stderr: str | None = None,
    ) -> None:
        super().__init__(message, args, stdout, stderr)
        self.message = message
        self.args = args  # type: ignore[assignment]
        self.env = env
        self.out = stdout
        self.err = stderr

    def __reduce__(self) -> Any:
        # without the environment: who it is sent to may show it
        return type(self), (self.message, list(self.args), None, self.out, self.err)

    def __str__(self) -> str:
        own = sorted(name for name, value in (self.env or {}).items() if os.environ.get(name) != value)
        return "\n".join([
            self.message,
            f"COMMAND: {' '.join(self.args)}",
            f"STDOUT: {self.out or '[empty]'}",
            f"STDERR: {self.err or '[empty]'}",
            f"ENVIRONMENT: as of this process{', but for ' + ', '.join(own) if own else ''}",
        ])  # fmt: skip


class ExternalPythonProgramTask(ExternalProgramTask):
    """A Python program, in a virtual environment and with modules of its own if wanted."""

    virtualenv = OptionalParameter(
        default=None, positional=False, description="the virtual environment: the folder that has bin/activate"
    )
    extra_pythonpath = OptionalParameter(
        default=None, positional=False, description="what PYTHONPATH is to begin with"
    )

    def program_environment(self) -> dict[str, str]:
        env = super().program_environment()
        if self.extra_pythonpath:
            env["PYTHONPATH"] = _joined(self.extra_pythonpath, env.get("PYTHONPATH"))
        if self.virtualenv:
            env["PATH"] = _joined(f"{self.virtualenv}/bin", env.get("PATH"))
            env["VIRTUAL_ENV"] = str(self.virtualenv)
            env.pop("PYTHONHOME", None)
        return env


def _joined(first: str, rest: str | None) -> str:
    """A search path; an empty part would mean the current directory."""
    return f"{first}:{rest}" if rest else str(first)


__all__ = [
    "ExternalProgramRunContext",
    "ExternalProgramRunError",
    "ExternalProgramTask",
    "ExternalPythonProgramTask",
]
