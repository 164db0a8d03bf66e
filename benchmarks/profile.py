"""Where the CPU time of Martlet's tasks goes: python -m benchmarks.profile GRAPH SIZE [STATE]

The process looks at itself once a millisecond of its own CPU time, or once a tick of the kernel where that is longer:
waiting for a core counts for nothing, unlike with samplers that go by the wall clock. One worker, so that tasks run in
this process; what happens in the engine or the kernel is charged to the line of Python that called.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from types import FrameType
from typing import cast

from .job import SHAPES, Job, State
from .peers import martlet

_PERIOD = 0.001
_SHOWN = 40


class Samples:
    """Counts of functions, with all they call, and of lines."""

    def __init__(self) -> None:
        self.count = 0
        self.functions: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()

    def take(self, _number: int, frame: FrameType | None) -> None:
        """The handler of the signal."""
        self.count += 1
        if frame is not None:
            self.lines[f"{_place(frame)}:{frame.f_lineno}"] += 1
        functions = set()
        while frame is not None:
            functions.add(_place(frame))
            frame = frame.f_back
        self.functions.update(functions)


def _place(frame: FrameType) -> str:
    code = frame.f_code
    name = getattr(code, "co_qualname", code.co_name)  # Python 3.10 knows the name alone
    return f"{os.path.basename(code.co_filename)} {name}"


def main(arguments: list[str]) -> int:
    if len(arguments) not in (2, 3) or arguments[0] not in SHAPES:
        print(f"usage: python -m benchmarks.profile {'|'.join(SHAPES)} SIZE [fresh|half|complete]", file=sys.stderr)
        return 2
    graph, size, state = (*arguments, "fresh")[:3]
    base = tempfile.mkdtemp(dir="/dev/shm", prefix="martlet-profile-")
    samples = Samples()
    try:
        first = Job("martlet", "chain", 1, "fresh", "file", f"{base}/first")
        job = Job("martlet", graph, int(size), cast(State, state), "file", f"{base}/profiled")
        for one in (first, job):
            one.lay_out()
        martlet.run(first)
        signal.signal(signal.SIGPROF, samples.take)
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, _PERIOD, _PERIOD)
        martlet.run(job)
        signal.setitimer(signal.ITIMER_PROF, 0)
        a_task = (time.process_time() - started) / job.shape.count * 1e6
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(f"{a_task:.1f} µs of CPU a task, {samples.count} samples")
    for title, counts in (("functions, with all they call", samples.functions), ("lines", samples.lines)):
        print(f"\n{title}, µs a task")
        for place, count in counts.most_common(_SHOWN):
            print(f"{count / samples.count * a_task:8.2f}  {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
