"""Running a command from Python: in a batch job, a debugger, a test. Runs start commands from the engine instead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..running.outcome import Kind
from ..targets.local import LocalTarget
from .error import CommandError
from .exits import Meaning, meanings
from .prepared import Prepared, prepare

if TYPE_CHECKING:
    from .staged import Staged
    from .task import CommandTask

_SHELLS_WORDS = {127: "a program that is not found", 126: "a program that cannot be run"}


def run(task: CommandTask) -> None:
    """Runs the command as a child of this process, in its group, and puts the outputs in their places.

    Raises CommandError when it fails, OSError when it cannot be started.
    """
    prepared = prepare(task)
    for _, path in prepared.outputs:
        os.makedirs(os.path.dirname(path.rstrip("/")) or ".", exist_ok=True)
    try:
        if prepared.staged is not None:
            prepared.staged.bring()
        _judge(_call(prepared), meanings(task.exit_codes))
        if prepared.staged is not None:
            _take(prepared.staged)
        _commit(prepared.outputs)
    except BaseException:  # Ctrl-C too leaves nothing half written
        for temporary, _ in prepared.outputs:
            if os.path.lexists(temporary.rstrip("/")):
                LocalTarget.fs.remove(temporary.rstrip("/"))
        raise
    finally:
        if prepared.staged is not None:
            prepared.staged.clear()


def _take(staged: Staged) -> None:
    try:
        staged.take()
    except FileNotFoundError as error:
        raise CommandError(str(error).replace("the command", "its command", 1), Kind.OUTPUTS_NOT_MADE) from None


def _call(prepared: Prepared) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    output = None
    if prepared.log is not None:
        os.makedirs(os.path.dirname(prepared.log), exist_ok=True)
        output = open(prepared.log, "ab")
    try:
        return subprocess.call(
            prepared.command,
            cwd=prepared.directory,
            env={**os.environ, **prepared.variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    finally:
        if output is not None:
            output.close()


def _judge(code: int, known: dict[int, Meaning]) -> None:
    if code < 0:
        raise CommandError(f"its command was ended by {_signal_name(-code)}", Kind.WORKER_LOST)
    kind, words = known.get(code, Meaning(Kind.RAISED if code else Kind.DONE, ""))
    if kind == Kind.DONE:
        return
    cause = f"its command ended with exit status {code}"
    if words:
        cause += f": {words}"
    elif code in _SHELLS_WORDS:
        cause += f", a shell's word for {_SHELLS_WORDS[code]}"
    elif 128 < code < 193:
        cause += f", a shell's word for {_signal_name(code - 128)}"
    raise CommandError(cause, kind)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _commit(outputs: Sequence[tuple[str, str]]) -> None:
    for temporary, path in outputs:
        if not os.path.exists(temporary):
            raise CommandError(f"its command ended well without having made {path}", Kind.OUTPUTS_NOT_MADE)
    for temporary, path in outputs:
        LocalTarget.fs.commit(temporary, path)
