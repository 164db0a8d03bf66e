"""One comparison: a script, its command line, its configuration."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """What is run in an empty folder that holds the analyses."""

    name: str
    words: tuple[str, ...]
    """A script of `analyses` with its arguments, or `-m luigi …`."""
    settings: str = ""
    """luigi.cfg"""
    environment: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """What lies there before."""
    ordered: bool = False
    """Whether tasks have one order in luigi: one worker, and no task requires two that could run next."""
    differs: tuple[str, ...] = ()
    """The differences of docs/migrate.md that it shows, apart from those of every log."""

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


CODES = """
[retcode]
already_running = 10
missing_data = 20
not_run = 25
task_failed = 30
scheduling_error = 35
unhandled_exception = 40
"""


def _program(name: str, line: str, settings: str = CODES, **more: object) -> Case:
    return Case(name, ("-m", "luigi", "--module", "tasks", *line.split(), "--local-scheduler"), settings, **more)  # type: ignore[arg-type]


def _script(name: str, line: str, settings: str = "", **more: object) -> Case:
    return Case(name, ("tasks.py", *line.split(), "--local-scheduler"), settings, **more)  # type: ignore[arg-type]


def _pipeline(name: str, line: str, **more: object) -> Case:
    words = ("-m", "luigi", "--module", "pipelines", *line.split(), "--local-scheduler")
    return Case(name, words, CODES, **more)  # type: ignore[arg-type]


_EVENTS = (
    "dynamic requirements", "dynamic requirements in the summary", "requirements found incomplete",
    "warnings of luigi's own code",
)  # fmt: skip

_ALIVE = CODES + """
[worker]
keep_alive = true
wait_interval = 0.02
wait_jitter = 0
[scheduler]
retry_delay = 0.05
"""
_ALIVE_TWICE = _ALIVE + "retry_count = 2\n"
_EXTERNAL = "[worker]\nretry_external_tasks = true\n"

CASES = (
    # what runs, its codes and its summary
    _program("one task", "Leaf --n 3", ordered=True),
    _program("a diamond", "Diamond"),
    _program("a chain", "Chain --length 9", ordered=True),
    _program("done before", "Pair", files={"out/Pair__99914b932b.txt": "x"}, ordered=True),
    _program("wrappers of wrappers", "Year"),
    _program("two workers", "Year --workers 2", differs=("log of workers",)),
    _program("priorities", "Priorities", ordered=True),
    _program("resources", "Heavies", CODES + "[resources]\ntape = 2\n"),
    _program("a failure", "Failing", ordered=True),
    _program("after a failure", "FarAfterFailing"),
    _program("codes not set", "FarAfterFailing", ""),
    _program("external data is missing", "AfterElsewhere"),
    _program("external data is there", "AfterElsewhere", files={"data.ext": "x"}),
    _program("all trouble at once", "AllTrouble"),
    _program("complete fails", "AfterBroken"),
    _program("requires fails", "AfterBrokenRequires"),
    _program("requires fails at the root", "BrokenRequires", ordered=True),
    _program("output fails", "BrokenOutput", ordered=True),
    _program("requires a word", "NotATask", differs=("requirements that are no tasks",)),
    _program("a circle", "Circle", differs=("circles",)),
    _program("beside a circle", "BesideCircle", differs=("circles",)),
    _program("more resources than there are", "BesideTooMuch", CODES + "[resources]\ntape = 2\n"),
    _program("no output is made", "Liar", ordered=True),
    _program("no output is made and needed", "AfterLiar", ordered=True, differs=("requirements found incomplete",)),
    _program(
        "check_complete_on_run",
        "AfterLiar",
        CODES + "[worker]\ncheck_complete_on_run = true\n",
        ordered=True,
        differs=("outputs that were not made",),
    ),
    _program("without an output", "NoOutput", ordered=True, differs=("warnings of luigi's own code",)),
    _program(
        "no output is made and needed elsewhere",
        "AfterLiar --workers 2",
        differs=("requirements found incomplete", "log of workers"),
    ),
    _program(
        "needed and not looked at again",
        "AfterLiar",
        CODES + "[worker]\ncheck_unfulfilled_deps = false\n",
        ordered=True,
    ),
    _program("disabled", "AfterDisabled"),
    _program("dynamic", "Dynamic", differs=("dynamic requirements",)),
    _program(
        "dynamic, one fails",
        "DynamicFailing",
        differs=(
            "dynamic requirements",
            "dynamic requirements in the summary",
        ),
    ),
    _program(
        "dynamic, one is missing",
        "DynamicElsewhere",
        differs=(
            "dynamic requirements",
            "dynamic requirements in the summary",
        ),
    ),
    _program("dynamic tree", "DynamicTree", ordered=True, differs=("dynamic requirements",)),
    _program("many families", "Many"),
    _program("many families in short", "Many", "[execution_summary]\nsummary_length = 2\n"),
    _program("namespace", "in.space.Spaced --n 4", ordered=True),
    _program("messages", "Messages", differs=("status messages",)),
    _program("on_failure", "OwnWords", ordered=True),
    _program("on_success", "Content --n 3", ordered=True),
    _program("SystemExit", "Leaving", ordered=True),
    _program("no retry", "Retried", ordered=True),
    _program("a log level", "Pair --log-level WARNING"),
    _program("a retry at once", "Retried", CODES + "[scheduler]\nretry_delay = 0\n", ordered=True),
    _program("a retry while others run", "AfterSlow", CODES + "[scheduler]\nretry_delay = 0.02\n"),
    _program("a failure again and again", "Failing", CODES + "[scheduler]\nretry_delay = 0\nretry_count = 3\n"),
    _program("kept alive, a retry", "Retried", _ALIVE, ordered=True),
    _program("kept alive, given up", "FarAfterFailing", _ALIVE_TWICE),
    _program("external data tried", "AfterElsewhere", CODES + _EXTERNAL),
    _program("external data tried again", "AfterElsewhere", _ALIVE_TWICE.replace("[worker]\n", _EXTERNAL)),
    _program("external data comes", "AfterLate", _ALIVE.replace("[worker]\n", _EXTERNAL)),
    # ranges
    _program(
        "a range of days",
        "RangeDaily --of Daily --start 2017-05-01 --stop 2017-05-05 --now 1494000000",
        differs=("warnings of luigi's own code",),
    ),
    # parameters, from wherever
    _program("parameters", "Options --text hello --number 7 --share 1e3 --on --day 2020-02-29 --kind large"),
    Case(
        "structures",
        ("tasks.py", "Options", "--items", '[3, [4, {"b": null}]]', "--table", '{"z": [1]}', "--local-scheduler"),
    ),
    _script("parameters of the family", "UsesOptions --Options-number 8 --Options-text x"),
    _script("an abbreviation", "Options --num 5"),
    _script("underscores", "Options --Options-number=6"),
    _script("configured", "UsesOptions", "[Options]\nnumber = 11\ntext = configured\n"),
    _script("command line before configuration", "Options --number 12", "[Options]\nnumber = 11\ntext = c\n"),
    _script("an empty value", "Options --text= --number 1", "[Options]\ntext = configured\n"),
    _script(
        "two configurations",
        "UsesOptions",
        "[Options]\nnumber = 11\nshare = 0.25\n",
        environment={"LUIGI_CONFIG_PATH": "other.cfg"},
        files={"other.cfg": "[Options]\nnumber = 13\n"},
    ),
    _script(
        "environment in a configuration",
        "UsesOptions",
        "[DEFAULT]\nroot = top\n[Options]\ntext = %(root)s/${MARTLET_SOME}\n",
        environment={"MARTLET_SOME": "thing"},
    ),
    _script(
        "environment that is not set",
        "UsesOptions",
        "[Options]\ntext = ${MARTLET_NOT_SET}\n",
        differs=("chained tracebacks",),
    ),
    _script(
        "toml",
        "UsesOptions",
        environment={"LUIGI_CONFIG_PARSER": "toml"},
        files={"luigi.toml": '[Options]\nnumber = 17\ntable = {b = 2}\ntext = "from toml"\n'},
    ),
    _script("an unconsumed setting", "Options", "[Options]\nnumbr = 4\n"),
    # what is wrong with a command line
    _script("a wrong configuration", "Options", "[Options]\nnumber = eleven\n"),
    _program("an unknown task", "Laef --n 3"),
    _program("a task like no other", "Qqqqqqqqqqqqqq", differs=("candidates",)),
    _program("no task", ""),
    _program("an unknown parameter", "Leaf --n 3 --depth 4"),
    _program("a missing parameter", "Leaf"),
    _program("a missing parameter of another", "Needed"),
    _program("a malformed number", "Leaf --n three"),
    _program("a malformed date", "Options --day 31.5.2017"),
    _program("no such choice", "Options --kind middle"),
    _program("an ambiguous flag", "Options --t 5"),
    Case("no such module", ("-m", "luigi", "--module", "nowhere", "Leaf", "--local-scheduler"), CODES),
    Case("an unknown task of a script", ("tasks.py", "Laef", "--local-scheduler")),
    Case("no arguments", ("tasks.py",)),
    # the shapes that published pipelines have
    _pipeline("a table of days", "Load --day 2024-03-01"),
    _pipeline("a table of days with a cut", "Load --day 2024-02-28 --least 5"),
    _pipeline("branches found while running", "Merge", differs=("dynamic requirements",)),
    _pipeline("a program", "Sorted"),
    _pipeline("a program that fails", "Broken", differs=("programs that fail",)),
    _pipeline("a sweep", "Sweep --depths (1,4)"),
    _pipeline("a report", "Report --weeks 2024-W05"),
    _pipeline("a fit and its evaluation", "Evaluate --penalty 2.5"),
    # build()
    Case(
        "results of build",
        ("building.py", "results"),
        differs=("dynamic requirements in the summary", "warnings of luigi's own code"),
    ),
    Case("events of build", ("building.py", "events"), differs=_EVENTS),
)
