"""Carries the engine's wishes out on the Python side, until the run has ended."""

from __future__ import annotations

import json
import struct
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from .. import user_frames
from ..diagnostics import Code, Diagnostic, MartletError
from ..task import Task
from . import last_words
from .claims import Claims
from .combined import Batches
from .commands import Commands
from .description import rebuild
from .execution import Execution
from .jobs import Jobs
from .outcome import Kind, Outcome
from .parting import Parting
from .progress import Progress
from .reporter import Silent
from .series import Series
from .signals import Signals
from .sudden_exit import SuddenExit
from .title import title

if TYPE_CHECKING:
    import socket

    from .._bridge import Run
    from .log_here import LogHere
    from .options import Options
    from .plan import Planner
    from .reporter import Reporter
    from .streaming import Streaming
    from .zygote import Zygote

_REQUEST = struct.Struct("<ii")
_BATCH = 0.05
"""Seconds that tasks run one after another in this process before their ends are told."""
_SILENCE = 300.0
"""Seconds without news of jobs after which a run that does not wait leaves them."""
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between tries to start a worker."""


class Request(IntEnum):
    """The same numbers as `Driver.Request` in the runtime."""

    RUN_HERE = 1
    WANT_WORKERS = 2
    START_CHILD = 3
    START_JOB = 4
    ENDED = 5
    LOST = 6
    RESUME_HERE = 7
    FORGET_HERE = 8
    ASKED = 9
    TIMED_OUT = 10
    WANT_PROCESSES = 11
    EQUIP_HERE = 12
    CLAIM = 13
    LOOK_AGAIN = 14
    COMMAND_ENDED = 15
    NAME = 16


_RUN_HERE = int(Request.RUN_HERE)

class Pump:
    """Runs what is planned: in this process when there is one worker, else in workers forked from a zygote."""

    def __init__(
        self,
        run: Run,
        options: Options,
        reporter: Reporter,
        planner: Planner,
        logs: Path,
        jobs: Jobs,
        progress: Progress,
        here: LogHere,
    ) -> None:
        self._run = run
        self._options = options
        self._reporter = reporter
        self._planner = planner
        self._tasks: Sequence[Task] = planner.tasks
        self._dependencies = planner.dependencies
        self._logs = logs
        self._jobs = jobs
        self._has_batch = False
        self._progress = progress
        self._tells_starts = type(reporter) is not Silent
        self._log = here
        self._relay = here.relay
        self._claims = Claims(run, planner)
        self._here: Execution
        self._commands: Commands
        self._batches: Batches
        self._series: Series
        self._zygote: Zygote | None = None
        self._zygote_knows = 0
        """How many lessons were given when the zygote was forked."""
        self._teaching = planner.teaching
        self._retired: list[Zygote] = []
        self._next_worker = 1
        self._streaming: Streaming | None = None
        self._planned: Callable[[], object] | None = None
        self._trouble: BaseException | None = None
        """What ended planning before its time."""
        self._heard = 0
        """How urgent the interrupts were that the engine knows of."""
        self._parting: Parting
        self._last_change: tuple[tuple[int, int], float] = ((0, 0), time.monotonic())
        """The number of jobs and whether some are being submitted, and when that became so."""
        self.left_off = False
        """The run did not wait for its jobs, as it was asked to."""
        self._connections: list[socket.socket] = []

    def turn(self, streaming: Streaming | None = None, planned: Callable[[], object] | None = None) -> None:
        """Runs until every task has ended. Leaves no process behind.

        `streaming`: makes the rest of the plan meanwhile, and calls `planned` when it is complete. Raises what ended
        planning before its time, once nothing runs any more.
        """
        self._streaming = streaming
        self._planned = planned
        with self._log.kept() as log:
            try:
                with Signals(self._told) as signals:
                    self._parting = Parting(self._run, self._options, self._reporter, signals, self._interrupt)
                    # made under our own signal handlers: they are what it puts back after each task
                    rule, sums = self._options.check_outputs, self._planner.rules.checksum
                    self._here = Execution(self._tasks, self._dependencies, rule, log, sums=sums)
                    self._commands = Commands(self._run, self._tasks, self._here, self._options, sums)
                    self._series = Series(self._here, self._planner.absent)
                    self._batches = Batches(self._here, self._options.check_outputs, log)
                    try:
                        with SuddenExit(lambda: title(signals.running_here) if signals.running_here else ""):
                            self._turn(signals)
                        last_words.record(self._run, self._planner, self._left_tasks())
                    finally:
                        self._here.equip()
            finally:
                self._run.close()
                for zygote in [*self._retired, *([self._zygote] if self._zygote else [])]:
                    zygote.close()

    def _turn(self, signals: Signals) -> None:
        outcomes = b""
        here: deque[tuple[int, bool]] = deque()
        lost: list[int] = []
        failures: list[bytes] = []
        while True:
            self._heed(signals)
            if self._streaming is not None:
                self._plan_on(self._streaming, signals)
            if here:
                self._give_back(here)
            ended = False
            commands: list[int] = []
            for request, argument in _REQUEST.iter_unpack(self._run.advance(outcomes, self._patience(here))):
                if request == _RUN_HERE:  # by far the most
                    here.append((argument, False))
                elif request == Request.RESUME_HERE:
                    here.append((argument, True))
                elif request == Request.FORGET_HERE:
                    self._batches.of(argument).forget(argument)
                elif request == Request.ASKED:
                    failures += self._plan_more(argument)
                elif request == Request.EQUIP_HERE:
                    self._here.equip(self._run.outfit(argument))
                elif request in (Request.WANT_WORKERS, Request.WANT_PROCESSES):
                    self._start_workers(argument, alone=request == Request.WANT_PROCESSES)
                elif request == Request.START_CHILD:
                    if self._planner.traits[argument].command:
                        commands.append(argument)
                    else:
                        self._run.start_child(argument, self._jobs.child(argument, self._followers(argument)))
                elif request == Request.COMMAND_ENDED:
                    failures.append(self._commands.ended(argument))
                elif request == Request.START_JOB:
                    failures += self._start_job(argument)
                elif request == Request.LOST:
                    lost.append(argument)
                elif request == Request.TIMED_OUT:
                    failures.append(self._leading(argument).timed_out(argument).frame())
                elif request == Request.CLAIM:
                    self._claims.claim()
                elif request == Request.LOOK_AGAIN:
                    self._claims.look_again()
                elif request == Request.NAME:
                    self._planner.reports.name()
                elif request == Request.ENDED:
                    ended = True
            if ended:
                if self._has_batch:
                    self._progress.report(now=True)
                self._progress.finish()
                break
            if commands:
                failures += self._commands.start(commands)
            outcomes = b"".join([*failures, *(self._leading(index).lost(index).frame() for index in lost)])
            failures.clear()
            lost.clear()
            if here:
                outcomes += self._perform_all(here, signals)
            self._progress.report()
            if self._options.no_wait and not outcomes:
                self._leave_off()
        if self._trouble is not None:
            raise self._trouble

    def _start_job(self, index: int) -> list[bytes]:
        """Hands a task to the batch system, which is joined for the first. Raises MartletError when that cannot be.

        Returns an outcome where the task itself does not say rightly what it needs: it has failed.
        """
        if not self._has_batch:
            trouble = self._run.join_batch(self._jobs.batch())
            if trouble is not None:
                cause, _, hint = trouble.partition("\n")
                raise MartletError(Diagnostic(Code.FLAG_VALUE, f"--batch {self._options.batch}", cause, hint))
            self._has_batch = True
        try:
            job = self._jobs.job(index, self._followers(index))
        except Exception as error:  # properties of the user's
            outcome = Outcome(index, time.time_ns(), Kind.COULD_NOT_START)
            outcome.text = str(error)
            if not isinstance(error, MartletError):
                raised = f"what its job asks for raised {user_frames.one_line(error)}"
                outcome.text = f"{raised}\n\n{user_frames.text(error)}"
            outcome.fragment = self._leading(index).describe(index, ())
            return [outcome.frame()]
        self._run.start_job(index, job)
        return []

    def _heed(self, signals: Signals) -> None:
        """Tells the engine of an interrupt that it has not heard of."""
        if self._has_batch:
            self._parting.turn()
        else:
            self._interrupt(signals.level)
            self._parting.passed_over()

    def _interrupt(self, level: int) -> None:
        """Tells the engine; once for each level."""
        if level > self._heard:
            self._heard = level
            self._run.interrupt(level)

    def _leave_off(self) -> None:
        """Leaves the jobs, once all is submitted that can be, or nothing more is heard of the batch system."""
        if self._streaming is not None or self._heard:
            return
        moment = (self._run.open_jobs(), self._run.is_submitting())
        if moment != self._last_change[0] or moment[1]:
            self._last_change = (moment, time.monotonic())
        is_stuck = self._has_batch and time.monotonic() - self._last_change[1] > _SILENCE
        if self._run.is_at_rest() or is_stuck:
            if is_stuck:
                self._reporter.note("the batch system does not tell how the jobs are: they are left as they are")
            self.left_off = True
            self._interrupt(2)

    def _left_tasks(self) -> frozenset[int]:
        """Tasks whose jobs are left in the batch system."""
        return frozenset(json.loads(self._run.summary())["left"]["tasks"]) if self._has_batch else frozenset()

    def _patience(self, here: deque[tuple[int, bool]]) -> float:
        """Seconds to wait for others when there is nothing to be done here."""
        return 0.0 if here or self._streaming is not None else 0.25

    def _plan_on(self, streaming: Streaming, signals: Signals) -> None:
        """Plans a slice more, as long as anything new may start."""
        try:
            if self._run.is_halted():
                streaming.give_up()
            else:
                with signals.interrupts():
                    streaming.go_on(self._renew, lambda: self._heed(signals))
                self._planner.charters.tell()
        except BaseException as error:  # user code that says what the class is, or ends the process
            if not (isinstance(error, KeyboardInterrupt) and signals.level == 2):
                self._trouble = error
                self._reporter.note("planning has failed: nothing new is started; what runs may finish")
            self._run.interrupt(1)
            streaming.give_up()
        self._progress.is_growing = not streaming.is_over
        if streaming.is_over:
            self._streaming = None
            if self._planned is not None and not self._run.is_halted():
                self._planned()

    def _plan_more(self, index: int) -> list[bytes]:
        """Plans what a running task asks for. Returns an outcome when that cannot be done: the task has failed."""
        try:
            wanted = self._batches.of(index).asked.pop(index, None)
            if wanted is None:
                wanted = [rebuild(description) for description in json.loads(self._run.asked(index))]
            needs = self._planner.plan_more(wanted, index)
            self._planner.charters.tell()
            if self._teaching.is_holding and self._streaming is None:
                self._renew()
            self._run.suspend(index, needs.tobytes())
            return []
        except Exception as error:  # user code: a module that does not import, a class that is not found
            outcome = Outcome(index, time.time_ns(), Kind.RAISED)
            outcome.text = f"what run() yields cannot be planned: {user_frames.one_line(error)}"
            outcome.text += f"\n\n{user_frames.text(error)}"
            outcome.fragment = self._leading(index).describe(index, ())
            return [outcome.frame()]

    def _perform_all(self, here: deque[tuple[int, bool]], signals: Signals) -> bytes:
        """Runs tasks in this process: more than one only when all of them were expected to be over in no time.

        Leaves those that have not begun when it takes longer, or when somebody wants the run to stop.
        """
        if self._heard:  # these were handed over before the engine heard that nothing new is to start
            self._give_back(here)
        series, frames = self._series, []
        tasks, traits = self._tasks, self._planner.traits
        nobody_looks = self._relay is None and not self._tells_starts
        series.begin()
        until = series.now + _BATCH
        while here and signals.level == self._heard and series.now <= until:
            index, resumes = here.popleft()
            if nobody_looks and not (resumes or traits[index].combines):
                signals.running_here = tasks[index]
                try:
                    outcome = series.run(index)
                finally:
                    signals.running_here = None
            else:
                outcome = self._perform(index, resumes, signals)
            if outcome is not None:
                frames += [series.take(), outcome.frame()]
                series.begin()
                if outcome.kind == Kind.INTERRUPTED:
                    signals.level = 2
        frames.append(series.take())
        return b"".join(frames)

    def _perform(self, index: int, resumes: bool, signals: Signals) -> Outcome | None:
        """Runs a task in this process. None: the series will tell of it."""
        task = self._tasks[index]
        if self._tells_starts and self._reporter.started_here(task):
            self._series.mark()
        signals.running_here = task
        outcome: Outcome | None = None
        relay = self._relay
        shown = relay is not None and task.__class__ not in relay.brief_classes and relay.starts(task)
        try:
            if resumes:
                outcome = self._batches.of(index).resume(index)
            elif self._planner.traits[index].combines:
                outcome = self._leading(index).run(index)
            else:
                outcome = self._series.run(index)
        finally:
            signals.running_here = None
        if relay is not None:
            wall = self._series.wall if outcome is None else outcome.wall
            if shown or wall > relay.brief:
                relay.ends(task, wall)
        return outcome

    def _give_back(self, here: deque[tuple[int, bool]]) -> None:
        """Tasks that were to run here and have not begun wait again; suspended ones can go on nowhere else."""
        self._run.give_back(array("i", [index for index, resumes in here if not resumes]).tobytes())
        suspended = [entry for entry in here if entry[1]]
        here.clear()
        here.extend(suspended)

    def _leading(self, index: int) -> Execution:
        """The execution of a task, and of those that run with it."""
        return self._batches.lead(index, self._followers(index))

    def _followers(self, index: int) -> Sequence[int]:
        """Tasks that run as one with this one, which leads them."""
        return array("i", self._run.followers(index)) if self._planner.traits[index].combines else ()

    # ---- workers

    def _start_workers(self, count: int, *, alone: bool) -> None:
        """Forks workers. `alone`: each is for one task."""
        for _ in range(count):
            worker = self._next_worker
            self._next_worker += 1
            connection, pid = self._spawn_patiently(worker)
            self._run.add_worker(worker, connection.detach(), pid, self._zygote_knows, alone)

    def _spawn_patiently(self, worker: int) -> tuple[socket.socket, int]:
        """Waits a little where there is no room for a process. Raises MartletError when there stays none."""
        for pause in _PAUSES:
            try:
                return self._spawn(worker)
            except OSError as error:
                cause = error
            time.sleep(pause)
        why = cause.strerror or str(cause)
        raise MartletError(Diagnostic(Code.NO_WORKER, cause.filename or f"worker {worker}", why))

    def _spawn(self, worker: int) -> tuple[socket.socket, int]:
        if self._zygote is not None:
            try:
                return self._zygote.spawn(worker)
            except ConnectionError:
                self._retired.append(self._zygote)
                self._reporter.note("the process that starts workers was lost; starting another")
        from . import live_threads  # with one worker not needed

        if self._zygote is None and (whose := live_threads.of_concern()):
            self._reporter.note(
                f"threads live while workers are forked, who do not have them: {whose}\n  hint: start them in run(); "
                "--batch local gives each task a program of its own"
            )
        self._logs.mkdir(parents=True, exist_ok=True)
        self._fork_zygote()
        assert self._zygote is not None
        return self._zygote.spawn(worker)

    def _fork_zygote(self) -> None:
        # with one worker not needed, and 10 ms to import
        from . import worker_life
        from .zygote import Zygote

        self._teaching.fork()
        self._zygote_knows = self._teaching.lessons
        work = worker_life.of(self._planner, self._options, self._logs)
        self._zygote = Zygote(work, [z.control for z in self._retired])
        self._teaching.forked()
        self._run.add_zygote(self._zygote.notices.detach(), self._zygote_knows)

    def _renew(self) -> None:
        """Forks a zygote that knows everything so far. Workers of the one before finish what they hold."""
        if self._zygote is not None:
            self._zygote.let_go()
            self._retired = [zygote for zygote in [*self._retired, self._zygote] if not zygote.has_ended()]
            self._fork_zygote()
            self._run.renew_workers()
        self._planner.hand_over_held()

    # ---- signals

    def _told(self, level: int, running_here: Task | None) -> None:
        if self._has_batch:
            return  # `Parting` says what becomes of jobs
        if level == 1 and running_here is not None:
            self._reporter.note(
                f"stopping: nothing new is started; {title(running_here)} goes on: press Ctrl-C again to interrupt it"
            )
        elif level == 1:
            self._reporter.note(
                "stopping: nothing new is started, what runs may finish; press Ctrl-C again to interrupt it"
            )
        else:
            self._reporter.note("interrupting what runs; what has not ended in five seconds is killed")

