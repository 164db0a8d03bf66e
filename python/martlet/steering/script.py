"""Executes a script the way `python script.py` does, or imports a module of tasks."""

from __future__ import annotations

import importlib
import importlib.machinery
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from .. import luigi_finder, user_frames
from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean

executing: Path | None = None
"""The script that `execute` has made the main program of this process; None in a process it did not start."""


def execute(path: Path, arguments: Sequence[str]) -> ModuleType:
    """Runs the script as `__main__` with `sys.argv` and `sys.path[0]` as the interpreter would set them.

    `import luigi` gives Martlet's face from then on. SystemExit and KeyboardInterrupt pass through. Any other
    exception becomes a MartletError that carries the user's traceback.
    """
    global executing
    module = ModuleType("__main__")
    filename = str(path.absolute())
    code_bytes = _read(path)
    module.__file__ = filename
    module.__loader__ = importlib.machinery.SourceFileLoader("__main__", filename)
    module.__dict__["__builtins__"] = __builtins__
    module.__dict__["__cached__"] = None
    sys.modules["__main__"] = module
    sys.argv[:] = [str(path), *arguments]
    _set_search_path(str(path.resolve().parent))
    executing = Path(filename)
    luigi_finder.install()
    try:
        exec(compile(code_bytes, filename, "exec", dont_inherit=True), module.__dict__)
    except MartletError:
        raise
    except Exception as error:  # user code
        raise failed(Code.SCRIPT_FAILED, str(path), error) from error
    return module


def import_module(name: str) -> ModuleType:
    """Imports a module of tasks by its dotted name; the current directory is searched first, as with `python -m`."""
    here = str(Path.cwd())
    if "" not in sys.path and here not in sys.path and not _safe_path():
        sys.path.insert(0, here)
    luigi_finder.install()
    try:
        return importlib.import_module(name)
    except MartletError:
        raise
    except Exception as error:  # user code
        raise failed(Code.MODULE_FAILED, name, error) from error


def failed(code: Code, subject: str, error: Exception) -> MartletError:
    """What user code raised, together with the user's traceback, if it has any."""
    diagnostic = Diagnostic(code, subject, user_frames.one_line(error), _hint(error))
    told = user_frames.has_user_frames(error) or isinstance(error, SyntaxError)
    return MartletError(diagnostic, user_frames.text(error) if told else "")


def _hint(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        where = sys.prefix
        return f"install {error.name.partition('.')[0]!r} into {where}, or check its spelling and PYTHONPATH"
    return ""


def _read(path: Path) -> bytes:
    try:
        with io.open_code(str(path.absolute())) as file:
            return bytes(file.read())
    except FileNotFoundError:
        folder = path.parent
        scripts = [entry.name for entry in folder.iterdir() if entry.suffix == ".py"] if folder.is_dir() else []
        hint = did_you_mean(path.name, scripts)
        raise MartletError(Diagnostic(Code.SCRIPT_ABSENT, str(path), "", hint)) from None
    except OSError as error:
        raise MartletError(Diagnostic(Code.SCRIPT_UNREADABLE, str(path), error.strerror or str(error))) from None


def _safe_path() -> bool:
    return bool(sys.flags.isolated or getattr(sys.flags, "safe_path", False))


def _set_search_path(folder: str) -> None:
    # `python -m martlet` put the current directory first (or nothing, with -P and -I); a script's folder belongs there
    if _safe_path():
        return
    if sys.path and sys.path[0] in ("", str(Path.cwd())):
        sys.path[0] = folder
    else:
        sys.path.insert(0, folder)
