"""The modules of luigi.contrib: a table of docs/luigi-contrib.md."""

from __future__ import annotations

from ..data import Data
from ..luigi.contrib import OF_LUIGI
from .verdict import Verdict


class Part(Data):
    """One module, or several of which the same can be said."""

    names: tuple[str, ...]
    verdict: Verdict
    needs: str = ""
    """What must be there besides; in Markdown."""
    own: str = ""
    """What it does in its own way; in Markdown."""
    difference: str = ""
    """The name of the documented difference that it shows."""


PARTS: tuple[Part, ...] = (
    Part(
        ("external_program",),
        Verdict.DIFFERS,
        "",
        "a program that fails is told of with the names of the variables its environment has of its own, never with "
        "values; Ctrl-C ends the program. [CommandTask](commands.md) does the same without a worker that waits",
        "programs that fail",
    ),
    Part(
        ("simulate",),
        Verdict.WORKS,
        "",
        "what is done is forgotten with the program, also where another one gets its process id",
    ),
    Part(("opener",), Verdict.WORKS, "as the target"),
    Part(
        ("s3",),
        Verdict.WORKS,
        "boto3",
        '"not there" is an answer of S3, everything else an error; forked workers connect anew; small files are sent '
        "without threads",
    ),
    Part(
        ("ssh",),
        Verdict.WORKS,
        "the program ssh, sh on the other side",
        "any file name will do, and `~` at its beginning is the home directory; a file is there when its size there is "
        'what was sent; "not there" is said by the other side, not by a connection that broke; directories can be '
        "sent, moved and copied",
    ),
    Part(
        ("sqla",),
        Verdict.WORKS,
        "SQLAlchemy 1.4 or 2",
        "rows and the note that they are there are one transaction; forked workers connect anew; passwords are not "
        "shown",
    ),
    Part(
        ("sge", "lsf"),
        Verdict.WORKS,
        "qsub and its kin; nodes that see the Python environment and `shared_tmp_dir`",
        "work that failed, a job that was lost or is stuck fails the task, with what it wrote; an answer that is late "
        "or fails for a while is waited for; who ends the task ends its job",
    ),
    Part(("sge_runner", "lsf_runner"), Verdict.WORKS, "", "what their jobs start"),
    Part(("mrrunner",), Verdict.WORKS, "", "there, so that `luigi.contrib.hadoop` can be imported"),
    Part(
        ("datadog_metric", "prometheus_metric"),
        Verdict.NONE,
        "",
        "not available: they measure luigi's scheduler, and there is none",
    ),
)
"""Martlet's own, and those that there is no use for."""

BORROWED: tuple[str, ...] = tuple(sorted(OF_LUIGI - {"datadog_metric", "prometheus_metric"}))
"""Loaded from an installed luigi, on Martlet's classes."""

FROM_LUIGI = "from an installed luigi, working on Martlet's classes; an ImportError says so where none is installed"
OTHERS = (
    "luigi (`pip install luigi`) and what they need themselves",
    "loaded from the installed luigi: what they import as `luigi` is Martlet's face. Without it, importing them says "
    "so",
)
