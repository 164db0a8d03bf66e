"""doit with Python actions in its own process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from doit.cmd_base import TaskLoader2
from doit.doit_cmd import DoitMain
from doit.task import Task, dict_to_task

from ..job import Job, fail, path_of
from .writing import write


class _Loader(TaskLoader2):
    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job

    def setup(self, opt_values: Any) -> None: ...

    def load_doit_config(self) -> dict[str, Any]:
        return {"verbosity": 0, "dep_file": f"{self._job.folder}/doit.db", "reporter": "zero"}

    def load_tasks(self, cmd: Any, pos_args: Any) -> list[Task]:
        return [dict_to_task(one) for one in self._tasks()]

    def _tasks(self) -> Iterator[dict[str, Any]]:
        job = self._job
        for key in job.shape.tasks():
            path = path_of(job.files, *key)
            needed = [path_of(job.files, *one) for one in job.shape.needs(*key)]
            yield {
                "name": "-".join(map(str, key)),
                "actions": [(write, [path])],
                "targets": [path],
                "file_dep": needed,
                "uptodate": [True],
            }


def run(job: Job) -> None:
    if DoitMain(_Loader(job)).run(["run"]):
        fail("doit's run failed")
