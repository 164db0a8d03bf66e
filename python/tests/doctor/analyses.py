"""Analyses to look at, as texts of their files by name."""

from __future__ import annotations

from pathlib import Path

CLEAN = """\
import luigi
from luigi.util import requires


class Raw(luigi.ExternalTask):
    dataset = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(f"{self.dataset}.raw")


@requires(Raw)
class Selection(luigi.Task):
    def output(self):
        return luigi.LocalTarget(f"{self.dataset}.sel")

    def run(self):
        print("never")
        open("ran.txt", "w").close()


print("at import")
if __name__ == "__main__":
    open("guard.txt", "w").close()
    luigi.run()
"""

DEEP = {
    "reco/__init__.py": "",
    "reco/base.py": """\
from luigi import *
import luigi.worker as at_work
from luigi.contrib import external_program as programs


class Base(Task):
    version = IntParameter(default=1)
    accepts_messages = True


def quiet(self):
    pass


at_work.TaskProcess.run = quiet


class Own(at_work.Worker):
    def _add_task(self):
        pass

    def _run_task(self, task_id):
        pass
""",
    "reco/tasks/__init__.py": "from ..base import Base as Root\n",
    "reco/tasks/plots.py": """\
from . import Root
from .. import base


class Plots(Root):
    def run(self):
        self.set_status_message("half way")
        yield Plots(version=2)


class Listed(base.programs.ExternalProgramTask):
    def program_args(self):
        return ["ls"]
""",
}

LAW = {
    "base.py": """\
import law
import luigi

law.contrib.load("htcondor", "root")


class AnalysisTask(law.Task):
    version = luigi.Parameter()


class Remote(law.htcondor.HTCondorWorkflow):
    pass
""",
    "select.py": """\
from law.decorator import safe_output
import law
from base import AnalysisTask, Remote


class Select(AnalysisTask, Remote, law.LocalWorkflow):
    sandbox = "bash::setup.sh"
    shifts = law.CSVParameter(default=("nominal",))

    def create_branch_map(self):
        return {0: "ttH"}

    @safe_output
    def run(self):
        self.publish_message("hello")


class Contained(AnalysisTask):
    sandbox = "singularity::image"

    def requires(self):
        return Select.req(self)
""",
    "law.cfg": "[modules]\nselect\n[luigi_core]\nlocal_scheduler: True\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    """Makes the files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
