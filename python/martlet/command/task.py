"""Tasks that are commands: programs and shell lines."""

from __future__ import annotations

from typing import Any

from ..task import Task


class CommandTask(Task):
    """A task whose work is one command. The engine starts it itself: no Python process waits for it.

    `{output}` in the command is a temporary path beside the output's own, which it gets when the command has ended
    well; `{input}`, `{output[key]}`, `{input[0]}` and parameters by name are filled in too (docs/commands.md).
    """

    env: Any = {}
    """Variables put in place of those that Martlet has; values may have placeholders."""
    cwd: Any = None
    """Where the command starts; None: where Martlet was started."""
    log: Any = None
    """A file that what it prints is appended to; None: one below the state directory."""
    shell: Any = None
    """What runs a shell line, such as "bash -eu"; None: /bin/sh, or bash with pipefail for a line with a pipe."""
    exit_codes: Any = {}
    """What exit statuses mean: words, a martlet.Exit, or both as a pair. Others than 0 are the command's failure."""

    def command(self) -> Any:
        """The program and its arguments as a list (texts, paths, targets, numbers), or a shell line."""
        raise NotImplementedError(f"{self.task_family} has no command()")

    @property
    def cores(self) -> float:
        """What `{cores}` stands for: the resource of that name, or 1."""
        return float(self.process_resources().get("cores", 1))

    def run(self) -> Any:
        """Runs the command from Python, as batch jobs, tests and debuggers do. Raises CommandError when it fails."""
        from .by_hand import run  # it brings subprocess

        run(self)


def is_command(cls: type[Task]) -> bool:
    """Whether the engine can start tasks of a class: not those with a run() of their own."""
    return issubclass(cls, CommandTask) and cls.run is CommandTask.run
