"""luigi.contrib.simulate"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import time
from multiprocessing import get_context
from typing import Any, ClassVar

from ..target import Target

_logger = logging.getLogger("luigi-interface")


class RunAnywayTarget(Target):
    """A target that makes its task run once in every run: there after done(), until the program ends.

    `output()` returns `RunAnywayTarget(self)`, and `run()` ends with `self.output().done()`.
    """

    temp_dir: ClassVar[str] = os.path.join(tempfile.gettempdir(), f"martlet-simulate-{os.getuid()}")
    """Where files say which tasks are done, a directory a program."""
    temp_time: ClassVar[float] = 24 * 3600
    """Seconds after which directories of other programs are removed."""
    # shared with workers that are forked later; 0 until the first target is made
    unique: ClassVar[Any] = get_context("fork").Value("i", 0)

    def __init__(self, task_obj: Any) -> None:
        self.task_id: str = task_obj.task_id
        if self.unique.value == 0:
            with self.unique.get_lock():
                if self.unique.value == 0:
                    self._remove_old()
                    # no process id: those come again
                    self.unique.value = int.from_bytes(os.urandom(3), "little") + 1

    def _remove_old(self) -> None:
        limit = time.time() - self.temp_time
        for entry in os.scandir(self.temp_dir) if os.path.isdir(self.temp_dir) else ():
            if entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < limit:
                shutil.rmtree(entry.path, ignore_errors=True)  # another program may be at it too
                _logger.debug("Deleted temporary directory %s", entry.path)

    def __str__(self) -> str:
        return self.task_id

    def get_path(self) -> str:
        """The file that says that the task is done."""
        name = hashlib.md5(self.task_id.encode(), usedforsecurity=False).hexdigest()
        return os.path.join(self.temp_dir, str(self.unique.value), name)

    def exists(self) -> bool:
        return os.path.isfile(self.get_path())

    def done(self) -> None:
        """Says that the task is done."""
        _logger.info("Marking %s as done", self)
        path = self.get_path()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w"):
            pass


__all__ = ["RunAnywayTarget"]
