"""`python reco.py Task …` without a main guard: decided from the script's syntax tree while it imports Martlet.

When the script, and nothing else, is this process's main program, defines task-like classes and leaves running them
to us, the process is replaced by `python -m martlet run reco.py …` with the interpreter's own flags. Nothing of the
script has run by then but the lines above its first import of Martlet.
"""



from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# Flags without a value that may be written together; i (interactive), x (skip a line), h, V and c, m are never taken.
_PLAIN_FLAGS = frozenset("bBdEIOPqRsSuv")
_OWN_COMMAND_LINES = frozenset({"argparse", "optparse", "getopt", "click", "typer", "absl", "fire", "docopt", "plac"})


def consider() -> None:
    """Called when `martlet` or `luigi` is imported. Returns, or replaces the process and never returns."""
    arguments = takeover()
    if arguments is None:
        return
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os.execv(sys.executable, arguments)


def takeover() -> list[str] | None:
    """The command line to replace this process by; None when the script is to be left alone.

    Cheap questions come first; the script is read only when all of them allow it.
    """
    main = sys.modules.get("__main__")
    filename = getattr(main, "__file__", None)
    if not filename or getattr(main, "__spec__", None) is not None or not sys.executable:
        return None
    if sys.flags.interactive or sys.flags.inspect or os.environ.get("PYTHONINSPECT"):
        return None
    if os.environ.get("MARTLET_AUTORUN") == "0" or _is_watched():
        return None
    split = interpreter_flags(sys.orig_argv)
    if split is None:
        return None
    flags, script = split
    try:
        if not os.path.samefile(script, filename):
            return None
        with open(filename, "rb") as file:
            source = file.read()
    except OSError:
        return None  # moved away, or the working directory has changed: not a script we know
    if not wants_run(source, sys.argv[1:]):
        return None
    return [sys.executable, *flags, "-m", "martlet", "run", script, *sys.argv[1:]]


def _is_watched() -> bool:
    """Whether a debugger holds this process."""
    if sys.gettrace() is not None or "pydevd" in sys.modules or "debugpy" in sys.modules:
        return True
    if sys.version_info >= (3, 12):
        return sys.monitoring.get_tool(sys.monitoring.DEBUGGER_ID) is not None
    return False


def interpreter_flags(command: Sequence[str]) -> tuple[list[str], str] | None:
    """Splits an interpreter's command line into its own flags and the script.

    None for -c, -m, -i, standard input, and whatever is not known to be harmless.
    """
    position = 1
    while position < len(command):
        argument = command[position]
        if argument == "--":
            position += 1
            break
        if not argument.startswith("-"):
            break
        if argument == "--check-hash-based-pycs":
            position += 2
            continue
        if argument == "-" or argument.startswith("--"):
            return None
        taken = _letters(argument[1:])
        if taken is None:
            return None
        position += taken
    if position >= len(command):
        return None
    flags = [argument for argument in command[1:position] if argument != "--"]
    return flags, command[position]


def _letters(letters: str) -> int | None:
    """How many arguments a group of one-letter flags takes with it; None if the group is not for us."""
    for number, letter in enumerate(letters):
        if letter in "XW":
            return 1 if letters[number + 1 :] else 2
        if letter not in _PLAIN_FLAGS:
            return None
    return 1


def wants_run(source: bytes, arguments: Sequence[str]) -> bool:
    """Whether a script with this text, given these arguments, leaves it to us to run its task."""
    if b"import" not in source:
        return False
    from .script_shape import Shape

    try:
        shape = Shape(source)
    except (SyntaxError, ValueError):
        return False  # the interpreter has its own words for that
    if shape.guarded or shape.starts_run or shape.reads_arguments:
        return False
    if not shape.defines_tasks and not (shape.is_front and arguments):
        return False
    if shape.imports & _OWN_COMMAND_LINES:
        return False
    # without arguments there is nothing to run: only a script that does nothing itself gets the list of its tasks
    return bool(arguments) or not shape.acts
