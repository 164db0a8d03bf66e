"""What one iteration does: a pure choice from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

DRIVER_POINTS = (
    "plan.chunk",
    "plan.end",
    "records.create",
    "reports.append",
    "reports.sync",
    "driver.before-report",
    "driver.before-release",
    "driver.after-release",
    "lease.claim",
    "lease.release",
    "command.rename",
)
ZYGOTE_POINTS = ("zygote.fork", "zygote.spawn")
TASK_POINTS = ("target.open", "target.write", "target.rename", "target.renamed")
WORKER_POINTS = ("worker.log", "worker.run", "worker.outcome")
JOB_POINTS = ("jobs.intend", "ledger.append", "ledger.sync", "jobs.submit", "jobs.record", "jobs.poll", "jobs.collect",
              "jobs.close", "jobs.extend", "jobs.claim", "jobs.claimed", "file.rename", "file.renamed")  # fmt: skip
PILOT_POINTS = ("job.claim", "job.claimed")
REFUSALS = {
    "records.create": ("enospc", "erofs"),
    "reports.append": ("enospc", "edquot", "eio", "short-5"),
    "reports.sync": ("eio",),
    "target.open": ("enospc", "erofs", "eacces"),
    "target.write": ("enospc", "edquot", "eio"),
    "target.rename": ("eio", "estale"),
    "command.rename": ("eio", "enospc"),
    "lease.claim": ("enospc", "eio"),
    "worker.log": ("enospc", "erofs"),
    "zygote.spawn": ("eagain",),
}
MUTANTS = {
    "no-fsync": "reports.sync:1+=skip;ledger.sync:1+=skip",
    "no-rename": "target.name:1+=skip",
    "no-lease-check": "lease.check:1+=skip",
}
"""Each takes one safeguard away, in every run of the iteration; the suite must notice."""


@dataclass(frozen=True)
class Node:
    """One task: which it needs, how large its output is, seconds it waits in the middle of writing."""

    needs: Sequence[int]
    size: int
    pause: float
    flushes: bool
    child: bool
    """It starts a program that outlives it."""
    command: bool = False
    """It is a command, which the engine starts."""


@dataclass(frozen=True)
class Fault:
    """What is done to one run of the driver.

    `kind`: "none"; "point": `detail` is for MARTLET_FAIL; "kill" (`detail`: driver, worker or zygote) and "signal"
    (`detail`: names, in order) when `begun` tasks have begun, `jitter` seconds later; "full" and "read-only": `detail`
    is the place, state, logs or target, and `room` the kilobytes that it has; "two": two drivers at once, the second
    `jitter` seconds after the first.
    """

    kind: str
    detail: str = ""
    begun: int = 0
    jitter: float = 0
    room: int = 0

    def __str__(self) -> str:
        words = f"{self.kind} {self.detail}".strip()
        if self.kind in ("kill", "signal"):
            return f"{words} when {self.begun} have begun and {self.jitter * 1000:.0f} ms are over"
        return f"{words}, {self.room} kB" if self.kind == "full" else words


@dataclass(frozen=True)
class Damage:
    """What is done to the records between two runs: `how` is cut, flip, delete, newer or older."""

    how: str
    place: str
    """reports or ledger."""
    where: float
    """Which byte, as a fraction of the file."""


@dataclass(frozen=True)
class Scenario:
    seed: int
    nodes: Sequence[Node]
    workers: int
    batch: bool
    faults: Sequence[Fault]
    """Of successive runs; a last one without any follows."""
    damage: Damage | None
    power: bool
    """After each run that was killed, all that was not forced to disk is lost."""
    mutant: str = ""
    pilots: int = 0
    """Jobs that take the tasks one after the other; 0: each task is a job."""

    def __str__(self) -> str:
        pilots = f", {self.pilots} pilots" if self.pilots else ""
        where = f"batch local{pilots}" if self.batch else f"{self.workers} workers"
        parts = [f"{len(self.nodes)} tasks, {where}: {'; then '.join(map(str, self.faults))}"]
        if self.damage:
            parts.append(f"then {self.damage.how} {self.damage.place}")
        if self.power:
            parts.append("power loss")
        return ", ".join(parts)

    @property
    def needs_mounts(self) -> bool:
        return any(fault.kind in ("full", "read-only") for fault in self.faults)

    def expected(self) -> list[str]:
        """The outputs of a run without faults."""
        texts: list[str] = []
        for number, node in enumerate(self.nodes):
            texts.append(content(number, [texts[needed] for needed in node.needs], node.size))
        return texts


def content(number: int, needed: Sequence[str], size: int) -> str:
    """What a task writes: it depends on every byte that it read."""
    digest = hashlib.sha256("".join(needed).encode()).hexdigest()
    line = f"task {number} of {len(needed)} inputs {digest}\n"
    return (line * (size // len(line) + 1))[:size] + "end\n"


def choose(seed: int, mutant: str = "") -> Scenario:
    """The scenario of a seed."""
    random = Random(seed)
    batch = random.random() < 0.15
    workers = 4 if batch else random.choice((1, 2, 2, 3))
    nodes = _graph(random, random.randint(3, 5) if batch else random.randint(20, 60))
    if batch:  # jobs that are under way still when the next driver plans
        nodes = [replace(node, pause=random.choice((0, 0.5)), command=False) for node in nodes]
    rounds = 1 if random.random() < 0.7 else 2
    faults = [_fault(random, len(nodes), workers, batch) for _ in range(rounds)]
    damage = None
    if random.random() < 0.25:
        how = random.choice(("cut", "cut", "flip", "flip", "delete", "newer", "older"))
        damage = Damage(how, "ledger" if batch and random.random() < 0.7 else "reports", random.random())
    power = random.random() < (0.5 if batch else 0.15)
    pilots = random.randint(1, 3) if batch and random.random() < 0.4 else 0
    if pilots and random.random() < 0.3:
        faults[0] = Fault("point", f"{random.choice(PILOT_POINTS)}:{random.randint(1, 3)}=kill")
    return Scenario(seed, nodes, workers, batch, faults, damage, power, mutant, pilots)


def piloted(fault: Fault) -> Scenario:
    """One pilot, which hears of two tasks more while it is at work on its second."""
    plain = Node(needs=(), size=300, pause=0, flushes=False, child=False)
    nodes = [replace(plain, pause=1.5), plain, replace(plain, needs=(1,)), replace(plain, needs=(1,))]
    return Scenario(0, nodes, 4, True, [fault], None, False, pilots=1)


def _graph(random: Random, count: int) -> list[Node]:
    shape = random.choice(("layers", "chain", "fan", "random"))
    width = random.randint(2, 8)
    nodes = []
    for number in range(count):
        if shape == "chain":
            needs = [number - 1] if number else []
        elif shape == "fan":
            needs = [0] if 0 < number < count - 1 else list(range(number))
        elif shape == "layers":
            layer = number // width * width
            before = range(max(0, layer - width), layer)
            needs = sorted(random.sample(before, min(len(before), random.randint(1, 3))))
        else:
            needs = sorted(random.sample(range(number), min(number, random.randint(0, 3))))
        nodes.append(
            Node(
                needs=needs,
                size=random.choice((0, 20, 300, 3000)),
                pause=random.choice((0, 0, 0, 0.002, 0.01)),
                flushes=random.random() < 0.3,
                child=random.random() < 0.08,
                command=random.random() < 0.1,
            )
        )
    return nodes


def _fault(random: Random, count: int, workers: int, batch: bool) -> Fault:
    if batch:
        return _batch_fault(random, count)
    kinds = ("point", "torn", "worker point", "refusal", "kill", "signal", "full", "read-only", "two")
    kind = random.choices(kinds, (22, 8, 15, 13, 14, 11, 7, 4, 6))[0]
    if kind == "two":
        return Fault(kind, jitter=random.random() * 0.2)
    forked = workers > 1
    passage = random.randint(1, max(1, count // 2))
    if kind == "point":
        points = DRIVER_POINTS + (ZYGOTE_POINTS if forked else TASK_POINTS)
        point = random.choice(points)
        rare = ("lease.claim", "lease.release", "command.rename", *DRIVER_POINTS[:3], "zygote.fork", "reports.sync")
        return Fault("point", f"{point}:{1 if point in rare else passage}=kill")
    if kind == "torn":
        return Fault("point", f"reports.append:{random.randint(1, count)}=torn-{random.randint(0, 300)}")
    if kind == "worker point":
        point = random.choice(TASK_POINTS + (WORKER_POINTS if forked else ()))
        # in every process from its n-th task on: no worker lives long
        passage = 1 if point == "worker.log" else random.randint(1, 12)
        how = f"torn-{random.randint(0, 40)}" if point == "target.write" else "kill"
        return Fault("point", f"{point}:{passage}{'+' if random.random() < 0.3 else ''}={how}")
    if kind == "refusal":
        known = [name for name in REFUSALS if forked or name not in ("worker.log", "zygote.spawn")]
        point = random.choice(known)
        passage = 1 if point in ("records.create", "reports.sync", "worker.log", "zygote.spawn") else passage
        goes_on = "+" if random.random() < 0.5 and point != "zygote.spawn" else ""
        return Fault("point", f"{point}:{passage}{goes_on}={random.choice(REFUSALS[point])}")
    begun = random.randint(0, count)
    if kind == "kill":
        whom = random.choice(("driver", "worker", "worker", "zygote") if forked else ("driver",))
        return Fault("kill", whom, max(begun, 0 if whom == "driver" else 1), random.random() * 0.02)
    if kind == "signal":
        names = random.choice(("SIGINT", "SIGTERM", "SIGHUP", "SIGINT SIGINT", "SIGTERM SIGINT", "SIGHUP SIGTERM"))
        return Fault("signal", names, max(1, begun), random.random() * 0.02)
    place = random.choice(("state", "logs", "target") if forked else ("state", "target"))
    return Fault(kind, place, room=random.choice((4, 8, 16, 32)) if kind == "full" else 0)


def _batch_fault(random: Random, count: int) -> Fault:
    kind = random.choices(("point", "torn", "job", "kill", "signal"), (60, 8, 8, 12, 12))[0]
    if kind == "point":
        return Fault("point", f"{random.choice(JOB_POINTS)}:{random.randint(1, 3)}=kill")
    if kind == "torn":
        return Fault("point", f"ledger.append:{random.randint(1, 2 * count)}=torn-{random.randint(0, 120)}")
    if kind == "job":
        return Fault("point", f"{random.choice(('job.result', *TASK_POINTS))}:1=kill")
    if kind == "kill":
        return Fault("kill", "driver", random.randint(0, count), random.random() * 0.3)
    return Fault("signal", random.choice(("SIGINT", "SIGINT SIGINT")), random.randint(1, count), random.random() * 0.2)
