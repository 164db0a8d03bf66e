"""A task on its way to a compute node and back: a folder that both see.

The batch job is `python -m martlet.luigi.contrib.shipped_task FOLDER`, in the same Python environment as here. It calls
the task's work() and leaves in the folder how that ended, so that nobody has to believe a queue.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import sys
import tarfile
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ... import luigi_finder
from ...steering import definitions

_TASK = "job-instance.pickle"
_CODE = "packages.tar"
_SURROUNDINGS = "surroundings.json"
_RESULT = "result.json"
_MAIN = "__martlet_main__"
"""The script's module name on the node."""


class Result(NamedTuple):
    """How work() ended."""

    error: str
    """The traceback; empty if it ended well."""


class ShippedTask:
    """The folder of one task."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.output = self.folder / "job.out"
        self.errors = self.folder / "job.err"

    @classmethod
    def pack(cls, task: Any, parent: str, with_code: bool = True) -> ShippedTask:
        """Makes the folder in `parent`; with a copy of the task's module or package unless the nodes see that."""
        # short enough for every file system, characters of several bytes included
        name = re.sub(r"[^\w.-]", "_", task.task_id)[:50] + f"-{os.urandom(8).hex()}"
        shipped = cls(os.path.join(parent, name))
        shipped.folder.mkdir(parents=True)
        module = sys.modules[type(task).__module__]
        script = os.path.abspath(module.__file__) if module.__name__ == "__main__" and module.__file__ else ""
        surroundings = {"script": script, "path": sys.path, "directory": os.getcwd()}
        (shipped.folder / _SURROUNDINGS).write_text(json.dumps(surroundings), encoding="utf-8")
        with task.no_unpicklable_properties():
            (shipped.folder / _TASK).write_bytes(pickle.dumps(task))
        if with_code:
            with tarfile.open(shipped.folder / _CODE, "w") as archive:
                _add_code(archive, module)
        return shipped

    @property
    def command(self) -> list[str]:
        """What the batch job carries out."""
        return [sys.executable, "-m", __name__, str(self.folder)]

    def carry_out(self) -> Result:
        """On the node: makes the task again, and calls its work()."""
        try:
            self._unpacked().work()
            result = Result("")
        except BaseException as error:  # whatever user code raises is how it ended
            text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            print(text, file=sys.stderr, end="")
            result = Result(text or repr(error))
        half = self.folder / f".{_RESULT}"
        half.write_text(json.dumps({"error": result.error}), encoding="utf-8")
        half.rename(self.folder / _RESULT)
        return result

    def _unpacked(self) -> Any:
        surroundings = json.loads((self.folder / _SURROUNDINGS).read_text(encoding="utf-8"))
        luigi_finder.install()
        sys.path += [entry for entry in surroundings["path"] if entry not in sys.path]
        if os.path.isdir(surroundings["directory"]):
            os.chdir(surroundings["directory"])
        code = self.folder / _CODE
        if code.exists():
            with tarfile.open(code) as archive:
                if hasattr(tarfile, "data_filter"):
                    archive.extractall(self.folder, filter="data")
                else:  # a Python that has not been updated since 2023; we made the archive
                    archive.extractall(self.folder)
            sys.path.insert(0, str(self.folder))
        if surroundings["script"]:
            self._define(surroundings["script"])
        return pickle.loads((self.folder / _TASK).read_bytes())

    def _define(self, script: str) -> None:
        """Runs the script up to where it begins a run; its classes are found as those of the main program."""
        shipped = self.folder / os.path.basename(script)
        path = shipped if shipped.exists() else Path(script)
        # its classes were pickled as those of the main program, but a main guard must not let it run
        module = sys.modules["__main__"] = sys.modules[_MAIN] = ModuleType(_MAIN)
        module.__file__ = str(path)
        sys.path.insert(0, os.path.dirname(script))
        try:
            with definitions.only():
                exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
        except SystemExit:
            pass  # a script that ends itself has defined what it defines

    def result(self) -> Result | None:
        """How it ended; None as long as nothing is known."""
        try:
            # the listing makes a network file system look anew
            os.listdir(self.folder)
            return Result(json.loads((self.folder / _RESULT).read_text(encoding="utf-8"))["error"])
        except FileNotFoundError:
            return None

    def printed(self) -> str:
        """The end of what the job wrote to its standard error."""
        try:
            return self.errors.read_text(encoding="utf-8", errors="replace")[-2000:].strip()
        except FileNotFoundError:
            return ""

    def remove(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)  # files of a job that has just ended may come and go


def _add_code(archive: tarfile.TarFile, module: ModuleType) -> None:
    """Adds the file of a module, or the outermost package it is in."""
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    if not getattr(top, "__file__", None):
        return
    path = str(top.__file__)
    if hasattr(top, "__path__"):
        path = os.path.dirname(path)
    archive.add(path, os.path.basename(path), filter=lambda entry: None if "__pycache__" in entry.name else entry)


def main(arguments: list[str] | None = None) -> int:
    """The program of the batch job."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or not os.path.isdir(words[0]):
        print("usage: python -m martlet.luigi.contrib.shipped_task FOLDER", file=sys.stderr)
        return 2
    return 1 if ShippedTask(words[0]).carry_out().error else 0


if __name__ == "__main__":
    sys.exit(main())
