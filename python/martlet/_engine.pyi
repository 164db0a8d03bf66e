"""The Swift engine. Imported by `martlet._bridge` alone; everything crosses in batches of bytes."""

from collections.abc import Callable
from typing import final

__version__: str

@final
class Run:
    """One run of the engine: a value, no globals; several may live side by side and nest.

    Not safe for use by two threads at once. `advance` releases the GIL while it waits.
    """

    def __new__(cls, options: str) -> Run:
        """`options`: a JSON object, see `Driver.Options` in the runtime."""

    def check(self, paths: list[str], counts: bytes, tasks: bytes, everything: int, anew: int) -> bytes:
        """Looks at local paths and URLs, all of them in one pass, and remembers which incomplete task named
        which of them. `anew`: what was seen of remote stores while planning does not count.

        `counts` has one int32 per task: how many of the next entries of `paths` are that task's outputs; `tasks` has
        their indices. `everything`: complete tasks are remembered too.
        Returns one int32 per task: -1 all there; i >= 0 `paths[i]` is absent; i <= -2 `paths[-2 - i]` could not
        be looked at (unreachable is not absent).
        """

    def look(self, paths: list[str], counts: bytes, tasks: bytes, anew: int) -> bytes:
        """The same, with one uint8 a path: 0 absent, 1 there, 2 not to be found out. All tasks are remembered."""

    def names(self, paths: list[str], counts: bytes, tasks: bytes) -> None:
        """Remembers what tasks name without a look at it, as `look` does. All three as `check` takes them."""

    def unreachable(self, place: int) -> str:
        """Why `paths[place]` could not be looked at by the last `check` or `look`, in words."""

    def shared_outputs(self) -> bytes:
        """Pairs of int32 task indices that named one path to `check`, since this was asked before. By chance (once in
        2^32) their paths differ."""

    def plan(self, columns: tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]) -> None:
        """Adds planned tasks: (index int32, kind uint8, family int32, priority float64, terms int32,
        dependency count int32, dependencies int32), one row a task but for the last column.

        Rows come in discovery order. Kinds: see `martlet.running.plan.Kind`.
        """

    def allow(self, index: int, lacking: int, failing: int) -> None:
        """A workflow is content when all but `lacking` of the tasks of its own family that it needs are made, and gives
        up those that have not begun when more than `failing` have failed (negative: never). Before it is planned, or
        before it asks for its branches."""

    def terms(self, terms: str) -> int:
        """The number, for the column above, of what a task needs to start and how its failures are treated: a JSON
        object, see `Terms` in the runtime."""

    def open_plan(self) -> None:
        """From here on tasks start, although more will be planned."""

    def refuse(self, index: int) -> None:
        """A planned task is not fit to run. Counts as long as it waits for others."""

    def is_halted(self) -> int:
        """1 when nothing new is started any more: interrupted, after a failure, or without records."""

    def planned(self, roots: bytes, until: bytes) -> bytes:
        """Ends planning. `roots` int32 task indices; `until` int32 family numbers, empty for everything.

        Returns a cycle as int32 task indices in order of dependency, empty when there is none.
        """

    def open_records(self, state: str, logs: str, head: str) -> str:
        """Where reports and the ledger go, where workers write what tasks print, and what the head of the reports
        says besides host, user and time: a JSON object. `after` in it is the moment that reports are to be later than
        (docs/reports.md); without it others' segments are looked at. Nothing is written before the first report, but
        the file that makes this run known to others at work on the same state; raises RuntimeError when that cannot be
        written. Returns that file's name."""

    def go_on_from(self, previous: Run) -> None:
        """Of a job that runs one slice after another in the same state directory, before `open_records`: reports go
        where those of the slice before went, whose run is closed, unless they are to be later than those would be."""

    def add_worker(self, worker: int, fd: int, pid: int, knows: int, alone: bool) -> None:
        """Gives a connected worker's socket to the pool, which owns it from now on. `knows`: how many
        lessons were given before its zygote was forked. `alone`: it is for one task that has a process of its own."""

    def outfit(self, index: int) -> str:
        """What a task that runs in the driver may use of the machine, as `martlet.running.equipment` takes it."""

    def to_claim(self) -> bytes:
        """Tasks (int32 indices) that are to be claimed, so that no other run starts them."""

    def claim(self, ids: list[str]) -> None:
        """Claims them: their ids, in order."""

    def to_look_at(self) -> bytes:
        """Tasks (int32 indices) that another run had to do with: they may be complete by now."""

    def looked(self, kinds: bytes) -> None:
        """What each of them is found to be, in order (uint8, see `martlet.running.plan.Kind`)."""

    def teach(self, lesson: bytes) -> None:
        """What workers that were forked earlier learn before their next task: see `martlet.running.teaching`."""

    def renew_workers(self) -> None:
        """Workers that are there finish what they hold, and get nothing new."""

    def asked(self, index: int) -> str:
        """What a running task asks for: a JSON array of descriptions."""

    def suspend(self, index: int, needs: bytes) -> None:
        """The running task waits for these (int32 indices), which are planned by now."""

    def followers(self, index: int) -> bytes:
        """The tasks (int32 indices) that run as one with the running task `index`, which leads them."""

    def add_zygote(self, fd: int, knows: int) -> None:
        """Gives the socket on which a zygote tells how workers ended; the pool owns it from now on. `knows`: how many
        lessons were given before it was forked."""

    def start_child(self, index: int, program: str) -> None:
        """Starts the program of a task: a JSON object, see `martlet.running.jobs`."""

    def start_commands(self, commands: str) -> None:
        """Starts tasks that are commands, or keeps them for their turn: a JSON array, see `CommandRequest` in the
        runtime."""

    def upcoming_children(self, most: int) -> bytes:
        """Child programs that will probably start next and were not given yet, as int32 indices."""

    def command_end(self, index: int) -> str:
        """How a command ended whose end was to be heard: `{"kind": number, "text": …, "wall": seconds}`."""

    def join_batch(self, settings: str) -> str | None:
        """Joins the batch system (`JobSettings` in the runtime), before the first job.

        Returns what is wrong, and the way out on a line of its own.
        """

    def cancel_jobs(self) -> None:
        """Cancels all jobs of this run; it goes on until their ends have arrived."""

    def hold_jobs(self, held: int) -> None:
        """1: what is ready is not submitted from now on; 0: it is again."""

    def open_jobs(self) -> int:
        """How many jobs are submitted, or being submitted, and not collected."""

    def is_submitting(self) -> int:
        """1: the system has yet to say what became of a submission."""

    def is_at_rest(self) -> int:
        """1: nothing is to be done before a job ends that the system has."""

    def start_job(self, index: int, job: str) -> None:
        """Hands the job of a task to its batch system: a JSON object, see `martlet.running.jobs`."""

    def advance(self, outcomes: bytes, timeout: float) -> bytes:
        """Takes in outcomes of tasks that ran in the driver (frames, see `running.outcome`), then decides and
        waits at most `timeout` seconds until Python is needed.

        Returns pairs of int32 (request, argument): see `martlet.running.pump.Request`.
        """

    def give_back(self, indices: bytes) -> None:
        """Tasks (int32 indices) that were to run in the driver and have not begun: they wait again."""

    def interrupt(self, level: int) -> None:
        """1: no new starts. 2: interrupt what runs; groups are killed after five seconds."""

    def snapshot(self) -> str:
        """Counts, running tasks and their logs as JSON, for the display."""

    def summary(self) -> str:
        """How each task that did not simply succeed ended, and counts per family, as JSON."""

    def left(self) -> str:
        """What nobody has taken at this moment of each counted resource: a JSON object of numbers."""

    def states(self) -> bytes:
        """One uint8 per task index: see `martlet.running.states.State`."""

    def reason(self, index: int) -> str:
        """Why the task would run, ran, waits or ended: {"code": number, "task": index or null}; with "holder", who
        holds its lease, where it waits for another run."""

    def charter(self, family: int, charter: str) -> None:
        """What the tasks of a family are made from, and which changes of that make them run again: a JSON object, see
        `Charter` in the runtime. Before they are looked up, and before their first report."""

    def look_up(self, state: str, tasks: bytes, families: bytes, ids: list[str], anew: int) -> bytes:
        """Looks up what the reports in a state directory say of tasks (int32 indices and families, ids), before they
        are placed. `anew`: what other runs have reported since the last look counts too.

        Returns one uint8 a task: 0 no success is reported; 1 one is, and a failure since; 2 the newest report is of a
        success; 3 that, and another one than at the last look. Raises RuntimeError where records cannot be read.
        """

    def know(self, index: int, origin: str) -> None:
        """In a job: what the run that had it submitted knows of a task (`JobOrigin` in the runtime), for its report."""

    def to_name(self) -> bytes:
        """Tasks (int32 indices) that are needed by what runs, and of which it is not known what their reports are
        called."""

    def name(self, ids: list[str]) -> bytes:
        """Looks their reports up: their ids, in order. Returns one uint8 a task: 1 there is one of a success."""

    def take_files(self, index: int, files: str) -> None:
        """What there is of a task that no report tells of: a JSON array of [path or URL, size, time of change in
        nanoseconds]."""

    def differences(self, tasks: bytes) -> str:
        """What is different from the reports of tasks (int32 indices) that were looked up: a JSON object, see
        `ReportStandings.differences` in the runtime."""

    def note_records(self, lines: bytes) -> None:
        """Records more than executions: the members of one JSON object a line, without its braces."""

    def close(self) -> None:
        """Ends workers and settles the records. Safe to call twice."""

def batch_systems() -> str:
    """Names of the batch systems there are, as a JSON array."""

def history(state: str, tasks: str) -> str:
    """What records and leases in a state directory tell of tasks (a JSON object of ids to the names under which runs
    claim them): an object of id to what `martlet explain --json` prints of it. Raises RuntimeError when they cannot be
    read."""

def ask_records(state: str, question: str) -> str:
    """A question about the records in a state directory, `{"ask": name, …}`: see `RecordQuestions` in the assembly.

    Returns `{"answer": …}`, what the command of that name prints with `--json`, or `{"refused": {"code": …, "line": …,
    "hint": …}}`. Raises ValueError for a question that is not understood. Releases the GIL.
    """

def vocabulary() -> str:
    """The names behind the engine's numbers, in order: {"states": […], "reasons": […], "kinds": […],
    "outcomes": […], "lanes": […]}."""

def set_parent_death_signal(signal: int) -> None:
    """PR_SET_PDEATHSIG for the calling process."""

def start_relay(log: str, numbers: bytes) -> int:
    """Forks the process that passes on and keeps what is printed in this one; see `martlet.running.relay`.

    `numbers`: int32: control, answers, page, how many channels; of each its source, its target, whether that is a
    terminal; descriptors to be closed. Returns its pid. Raises OSError.
    """

def relay_waits(ends: bytes) -> int:
    """Whether something was printed that nobody has read yet. `ends`: int32 pairs: a descriptor, whether it is a
    terminal; of that the master, of a pipe the writing end."""

def real_path(path: bytes) -> bytes | None:
    """The absolute path of what is there, without symbolic links; None where that cannot be found out."""

def stamp() -> tuple[float, float, int]:
    """(seconds of the monotonic clock, seconds of processor time of this process and of children that were waited for,
    peak resident memory in kB)"""

def done_frames(
    rows: list[tuple[int, tuple[float, float, int], int, int, str, str]], since: tuple[float, float, int], epoch: int
) -> tuple[bytes, bytes]:
    """The outcome frames of tasks that ran one after another and ended well, each with one output or none.

    `rows`: task, stamp at its end, length of the log at its begin and at its end, path of the output (empty: there is
    none), members that describe the task. `since`: the stamp at the beginning of the first; `epoch`: nanoseconds to be
    added to the monotonic clock to have those since 1970-01-01 UTC.
    Looks at all outputs in one pass. Returns the frames, and as int32 the places of rows whose output is not there, or
    cannot be looked at: those have no frame. Raises UnicodeEncodeError for text with surrogates.
    """

def complete_result(site: str, tasks: str, state: str) -> str:
    """Of a job that is begun anew: leaves what it had reported done and not left behind.

    `site`: as `Run` is told it; `tasks`: ids in a JSON array, in the order of the slice. Returns a JSON object: `done`,
    the places of those that are done by that, and `latest`, the latest moment of what the job had reported, or null.
    Raises RuntimeError when the result cannot be written.
    """

def pass_fail_point(name: str) -> str:
    """Says that the process is at this fail point. Returns the fault that the caller has to carry out:
    `error ERRNO`, `skip`, `short BYTES`, `torn BYTES`, or nothing.
    """

def ask_stores(
    request: str, content: bytes, progress: Callable[[int, int, int, int], object] | None
) -> tuple[str, bytes]:
    """Has stores answer a request (`StoreRequest` in MartletStorage): {"op", "targets", …} to {"answers": […]}, with
    the bytes that belong to it. `progress` hears how far transfers have come; what it raises, or a signal's handler,
    ends the call. Raises UnicodeEncodeError for text with surrogates."""

def launch_couriers(options: str) -> None:
    """How couriers are started: {"commands": {kind: [program, argument, …]}, "patience": seconds}, kinds "swift" and
    "python"."""

def expect_courier(location: str) -> None:
    """The store of this remote location will be asked soon: its courier is started, and not waited for."""

def set_stores(settings: str) -> None:
    """What stores are told of themselves: a JSON array of objects with `url` and options."""

def couriers_at_fork(phase: int) -> None:
    """0: this process is about to fork, 1: it has, 2: this is the child: its parent's couriers are not its own."""

def end_couriers() -> None:
    """Ends couriers that have nothing to do."""

def serve_stores(socket: int) -> None:
    """Is a courier, until the client hangs up."""

def without_credentials(location: str) -> str:
    """The location as people and records may see it."""
