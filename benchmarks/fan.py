"""CPU time a task for N tiny tasks, beside the bare Python loop that does the same work without a scheduler."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import martlet
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent

CONTENT = "twenty bytes of text"


class Tiny(martlet.Task):
    """One file."""

    folder = martlet.Parameter()
    number = martlet.IntParameter()
    shift = martlet.Parameter(default="nominal")
    scale = martlet.FloatParameter(default=1.0)

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/{self.number}")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(CONTENT)


class Fan(martlet.Task):
    """Needs them all."""

    folder = martlet.Parameter()
    count = martlet.IntParameter()

    def requires(self) -> Any:
        return [Tiny(folder=self.folder, number=number) for number in range(self.count)]

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/all")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(CONTENT)


class BareTiny:
    """The floor: a plain class with the same methods and a cache by values."""

    cache: dict[tuple[object, ...], BareTiny] = {}

    def __new__(cls, folder: str, number: int, shift: str = "nominal", scale: float = 1.0) -> BareTiny:
        key = (folder, number, shift, scale)
        known = cls.cache.get(key)
        if known is None:
            known = cls.cache[key] = object.__new__(cls)
            known.__dict__.update(folder=folder, number=number, shift=shift, scale=scale)
        return known

    folder: str
    number: int

    def requires(self) -> list[BareTiny]:
        return []

    def output(self) -> str:
        return f"{self.folder}/{self.number}"

    def run(self) -> None:
        path = self.output()
        temporary = path + ".tmp"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(descriptor, CONTENT.encode())
        os.close(descriptor)
        os.replace(temporary, path)


def bare(folder: str, count: int) -> None:
    for task in [BareTiny(folder, number) for number in range(count)]:
        if not os.path.exists(task.output()):
            task.requires()
            task.run()
            assert os.path.exists(task.output())


def engine(workers: int) -> Callable[[str, int], None]:
    def call(folder: str, count: int) -> None:
        options = Options(workers=workers, state=Path(folder + "-state"))
        assert run([Fan(folder=folder, count=count)], options, Silent())

    return call


def cpu() -> float:
    """Seconds of user and system time of this process and of all descendants that were waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(work: Callable[[str, int], None], base: str, count: int) -> float:
    """Microseconds of CPU a task, in a process of its own so that nothing is warm."""
    folder = tempfile.mkdtemp(dir=base)
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        begun = cpu()
        work(folder, count)
        os.write(writable, str((cpu() - begun) * 1e6 / count).encode())
        os._exit(0)
    os.close(writable)
    _, status = os.waitpid(pid, 0)
    with open(readable) as answer:
        text = answer.read()
    shutil.rmtree(folder)
    shutil.rmtree(folder + "-state", ignore_errors=True)
    if status != 0:
        sys.exit("the measured process failed")
    return float(text)


def main(counts: list[int]) -> None:
    base = tempfile.mkdtemp(dir="/dev/shm", prefix="martlet-fan-")
    try:
        print("CPU microseconds a task")
        print(f"{'tasks':>9} {'bare loop':>10} {'1 worker':>10} {'ratio':>6} {'2 workers':>10} {'ratio':>6}")
        for count in counts:
            floor = measure(bare, base, count)
            one, two = (measure(engine(workers), base, count) for workers in (1, 2))
            print(f"{count:9} {floor:10.1f} {one:10.1f} {one / floor:6.2f} {two:10.1f} {two / floor:6.2f}")
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1000, 10_000])
