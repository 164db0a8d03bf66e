"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..data import Data


class Options(Data):
    """The settings of one run, already merged from configuration, environment and command line."""

    workers: int = 1
    """Tasks at a time. One worker is the driver itself."""
    fail_fast: bool = False
    """After the first failure nothing new is started."""
    force: tuple[str, ...] = ()
    """Shell patterns of task families or task ids that run again although they are complete."""
    until: tuple[str, ...] = ()
    """Families at which the run stops; empty for the whole graph."""
    planning: str = "auto"
    """When tasks start: "first", once the plan is complete; "stream", at once; "auto", while a large plan is made."""
    dry_run: bool = False
    """Plan, say what would run and why, touch nothing."""
    state: Path | None = None
    """Directory of reports, ledger and logs; None: found as configured (`martlet.steering.state`)."""
    resources: Mapping[str, float] = {}
    """Limits of counted resources; a resource without a limit has one unit."""
    gpus: str | None = None
    """The GPUs that tasks are given, as their vendor's variable takes them; None: those that are found."""
    isolation: str = "none"
    """`fork`: every task runs in a process of its own; `none`: those whose class says so."""
    tasks_per_worker: int | None = None
    """A worker is replaced after so many tasks; None: it is not."""
    memory_per_worker: float | None = None
    """A worker is replaced when its memory has grown by more; None: see `martlet.running.wear`."""
    show_logs: bool = False
    """What tasks in other processes print is shown as they print it, with their titles."""
    batch: str | None = None
    """Name of the batch system that runs the tasks; None: workers here."""
    jobs: Mapping[str, Any] = {}
    """What jobs ask of their batch system, see `martlet.running.job_options`."""
    parallel_jobs: int | None = None
    """Jobs in the batch system at a time; None: as many as there are."""
    tasks_per_job: int = 1
    """Tasks that a job runs, beside each other as far as its cores suffice."""
    pilots: int | None = None
    """Jobs that tasks which ask for the same share, taking them one after the other; None: each job has its own."""
    heartbeat: float = 60
    """Seconds after which a job says again that it is alive."""
    poll_interval: float | None = None
    """Seconds between two questions to the batch system; None: as is usual for it."""
    no_wait: bool = False
    """What is ready is submitted, what has ended collected, and the jobs are left to the next run."""
    on_interrupt: str = "ask"
    """What Ctrl-C does about jobs in the batch system: ask, leave or cancel. Where nobody can be asked: leave."""
    retries: int | None = None
    """Further tries of tasks whose jobs are lost; None: as their classes say."""
    bundle: str = "auto"
    """Whether code travels with jobs: always, never, or auto: unless they are processes of this machine."""
    bundle_exclude: tuple[str, ...] = ()
    """Shell patterns of files that do not travel, by their paths in the folder that does."""
    bundle_packages: tuple[str, ...] = ()
    """Installed packages that travel besides Martlet."""
    bundle_store: str | None = None
    """Name of a store that has the bundle for computing elements to fetch; None: it is sent with each job."""
    leases: str = "auto"
    """How runs at work on the same state at the same time keep apart: auto, local, shared or off."""
    lease_timeout: float = 60
    """On a shared file system: seconds without a sign of life after which another run is taken for dead."""
    retry_external: bool = False
    """Tasks that are made elsewhere and are not there have their turn as others do: then they are looked at again."""
    around_cycles: bool = False
    """What does not need a cycle runs although there is one; else nothing does."""
    check_outputs: bool | None = None
    """Whether a task that did not make its outputs fails; None: each task class's own rule."""
    complete_by: Mapping[str, str] = {}
    """By shell pattern of families: what says that their tasks are complete, `targets`, `reports` or `both`."""
    complete_by_store: tuple[tuple[str, str], ...] = ()
    """The same by the store that outputs lie in: its URL or path, and what."""
    rerun_on: Mapping[str, str] = {}
    """By shell pattern of families: which changes make their tasks run again, with commas between them."""
    checksum: Mapping[str, str] = {}
    """By shell pattern of families: which checksum reports have of outputs, `adler32` or `none`."""
    differences: bool = False
    """The plan is to say what has changed since the reports of all tasks."""
    task_limit: int | None = None
    """No more tasks than so many are planned; those beyond cannot run. None: as many as there are."""
    script: Path | None = None
    """The script the tasks come from, for reports and jobs."""
    stores: tuple[str, ...] = ()
    """`NAME=URL`: where stores lie, for programs that run one task."""

    apart: bool = False
    """No task runs in the process that runs these, even with one worker: it has to outlive them."""
    prints_here: bool = False
    """Workers print where this process prints."""

    @property
    def runs_here(self) -> bool:
        """Tasks run in the driver. With a batch system it has to stay free for it."""
        return self.workers == 1 and self.batch is None and not self.apart
