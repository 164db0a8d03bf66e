"""All that is known to differ between luigi 3.8.1 and Martlet under `import luigi`, as docs/migrate.md lists it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..data import Data


class Difference(Data):
    """What the two do, and why Martlet does otherwise. In Markdown."""

    luigi: str
    martlet: str
    reason: str


DIFFERENCES: Mapping[str, Difference] = MappingProxyType(
    {
        "log of the scheduler": Difference(
            "DEBUG lines of each request to the scheduler; `Running Worker with 1 processes`; the end of the "
            "keep-alive thread",
            "not there",
            "there is no scheduler to ask and no such thread",
        ),
        "dynamic requirements": Difference(
            "run() starts from the top after each `yield`, with `new requirements` in the log and another START",
            "run() goes on where it was, one START",
            "the work before the `yield` is not done twice",
        ),
        "dynamic requirements in the summary": Difference(
            "a task that waits for what it asked for is counted twice, also as missing external data",
            "counted once",
            "luigi's count is wrong",
        ),
        "log of the plan": Difference(
            "`Done scheduling tasks` comes last",
            "comes first, and the lines about tasks in the order in which they were found",
            "run() plans, add() only takes the task",
        ),
        "log of workers": Difference(
            "with several workers the log of every process is on the terminal",
            "it is in the logs of the run: `martlet logs`, `--show-logs`",
            "lines of many processes do not mix",
        ),
        "requirements found incomplete": Difference(
            "a task whose requirements have ended and are not there is tried twice, with two failures",
            "fails once",
            "nothing changes in between",
        ),
        "outputs that were not made": Difference(
            "with `check_complete_on_run`: `Task finished running, but complete() is still returning false.`",
            "the path that is missing",
            "names the cause",
        ),
        "requirements that are no tasks": Difference(
            "`Luigi unexpected framework error`, twice with a traceback",
            "what was returned, once",
            "names the cause",
        ),
        "circles": Difference(
            "tasks that require each other stay pending without a reason",
            "they do, and the circle is named",
            "a circle is a mistake in the analysis",
        ),
        "warnings of luigi's own code": Difference(
            "`UserWarning` for its own parameter in ranges, and at each look at a task without outputs",
            "not there",
            "nothing can be done about the first; the second is told by the summary",
        ),
        "chained tracebacks": Difference(
            "a missing environment variable in luigi.cfg comes with the inner error and its traceback",
            "the error alone",
            "the inner one says nothing more",
        ),
        "status messages": Difference(
            "shown by luigid",
            "logged at the level INFO",
            "there is no luigid",
        ),
        "programs that fail": Difference(
            "the message of `ExternalProgramTask` holds the whole environment, and luigi's traceback",
            "names of variables alone",
            "values may be secrets",
        ),
        "candidates": Difference(
            "the list behind `No task X. Candidates are:` holds luigi's own classes too",
            "the tasks of the analysis",
            "those are looked for",
        ),
    }
)
